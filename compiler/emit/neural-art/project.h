/* Internal to emit/neural-art: what an application needs besides the network: its description for the runtime, a run loop to
 * copy, the board's power, clocks, caches and firewall. */
#ifndef LP_EMIT_NEURAL_ART_PROJECT_H
#define LP_EMIT_NEURAL_ART_PROJECT_H

#include "compiler/emit/neural-art/source.h"

/* A pool and what of it the network writes; start == end when it writes nothing there. */
struct lp_npu_used {
    const struct lp_npu_pool_memory *pool;
    uint64_t start, end;
    bool holds_constants;
};

/* Pools with any byte in use, in the order of the program. Returns how many; `out` has room for all pools. */
uint32_t lp_npu_used_pools(const struct lp_npu_emit_input *in, struct lp_npu_used *out);

/* NAME_npu.c: struct lp_npu_network and struct lp_network_desc. */
void lp_npu_put_description(struct lp_npu_source *s);
/* NAME_loop.c: the vendor's run loop with everything around it, for who does without the runtime. */
void lp_npu_put_loop(struct lp_npu_source *s);
/* NAME_board.h, NAME_board.c: power, clocks, interrupt and firewall for the used pools; NAME_firewall.txt: what to check. */
void lp_npu_put_board_header(struct lp_npu_source *s);
void lp_npu_put_board(struct lp_npu_source *s);
void lp_npu_put_firewall(struct lp_npu_source *s);

#endif
