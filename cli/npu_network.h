/* `run network.c`: a network in generated C for the NPU, compiled on this PC and executed on the simulator in a process of
 * its own. */
#ifndef LP_CLI_NPU_NETWORK_H
#define LP_CLI_NPU_NETWORK_H

#include "cli/session.h"
#include "simulator/shim/shim.h"

enum { LP_NPU_NETWORK_IMAGES = 32 };

/* The path ends in ".c". */
bool lp_npu_network_is(const char *path);

struct lp_npu_network_run {
    const char *const *inputs; /* one spec per input: .bin or random:N[:SEED] */
    uint32_t input_count;
    const char *output;        /* null: text or JSON on standard output; several outputs become PATH-0, PATH-1, ... */
    const char *const *images; /* "POOL=FILE", "0xADDRESS=FILE" or "FILE.hex" */
    uint32_t image_count;
    const char *compiler; /* null: cc */
    uint32_t timeout_s;   /* 0: the default */
    bool never_reset;
};

/* Reads texts of --image: "POOL=FILE", "0xADDRESS=FILE" or "FILE.hex". */
lp_status lp_npu_network_images(struct lp_session *session, const char *const *texts, uint32_t count,
                                struct lp_shim_image *images);
/* Writes the headers that a network.c is compiled against below `folder`. */
lp_status lp_npu_network_headers(struct lp_session *session, const char *folder);

/* *found: an intermediate value saturated. */
lp_status lp_npu_network_simulate(struct lp_session *session, const struct lp_npu_network_run *run, bool *found);

#endif
