/* A target is data: one .ini file in targets/, embedded in the program. */
#ifndef LP_TARGET_TARGET_H
#define LP_TARGET_TARGET_H

#include "compiler/base/arena.h"
#include "compiler/base/diag.h"
#include "contract/kernel_table.h"

#include <stdbool.h>
#include <stdint.h>

enum lp_target_kind { LP_TARGET_CPU, LP_TARGET_NPU };
enum { LP_MAX_POOLS = 16, LP_MAX_CFLAGS = 8 };

struct lp_pool {
    const char *name;
    uint64_t base; /* address; 0 when the linker decides */
    uint64_t size_bytes;
    bool writable;
};

struct lp_target {
    const char *name;  /* "cortex-m55" */
    const char *title; /* one line for people */
    enum lp_target_kind kind;
    enum lp_isa isa;
    uint32_t pointer_bytes;
    uint32_t arena_align_bytes; /* start of every tensor in the arena */
    uint32_t blob_align_bytes;  /* start of every constant in the weights */
    const char *board;          /* emulated board for validate; null when the PC runs it */
    const char *cflags[LP_MAX_CFLAGS];
    uint32_t cflag_count;
    struct lp_pool pools[LP_MAX_POOLS];
    uint32_t pool_count;
};

/* Reads the text of one .ini. Errors name file, line, key, what was found and what is allowed. */
lp_status lp_target_parse(struct lp_arena *arena, struct lp_diag *diag, const char *file_name, const char *text, size_t length,
                          struct lp_target *out);

#endif
