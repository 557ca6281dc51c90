/* What the emulator's side and the program on the emulated board agree on. All numbers are little-endian 32-bit words.
 *
 * job.bin      LP_RUNNER_MAGIC, number of entries; then each entry: its words (struct lp_runner_entry) and
 *              inference_count times the bytes of all the network's inputs in order.
 * output.bin   for each inference that ended well, in order: the bytes of all the network's outputs.
 * result.bin   per entry one struct lp_runner_result. */
#ifndef LP_EMULATE_RUNNER_H
#define LP_EMULATE_RUNNER_H

#include "contract/network.h"

#include <stdint.h>

#define LP_RUNNER_MAGIC 0x314a504cu /* "LPJ1" */
#define LP_RUNNER_NONE UINT32_MAX

struct lp_runner_entry {
    uint32_t network; /* index into lp_runner_networks */
    uint32_t inference_count;
    uint32_t input_bytes;  /* of one inference; must be what the network says */
    uint32_t output_bytes; /* likewise */
    uint32_t repeat_count; /* so many first inferences run twice, on arenas filled with two patterns */
};

struct lp_runner_result {
    uint32_t status;        /* enum lp_status */
    uint32_t epoch;         /* where it failed, LP_NO_EPOCH when in none */
    uint32_t done_count;    /* inferences whose outputs stand in output.bin */
    uint32_t different;     /* first inference whose outputs depend on what the arena held before; LP_RUNNER_NONE */
    uint32_t touched_bytes; /* end of the last byte of the arena that differed from the pattern after a run */
    uint32_t stack_bytes;   /* most that lp_network_run used, itself included */
};

/* Written by the emulator's side for one image. */
extern const struct lp_network_desc *const lp_runner_networks[];
extern const uint32_t lp_runner_network_count;

#endif
