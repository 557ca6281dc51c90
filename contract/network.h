/* What the compiler writes and the runtime reads: a network as a table of epochs.
 *
 * The emitted C defines one `struct lp_network_desc` in flash. Each epoch is one call of a kernel with one constant
 * argument structure (contract/kernel_args.h), whose pointers already hold the addresses that the planner chose. */
#ifndef LP_CONTRACT_NETWORK_H
#define LP_CONTRACT_NETWORK_H

#include "contract/status.h"

#include <stdint.h>

/* Rises when a structure here or in kernel_args.h changes; emitted C refuses any other value at compile time. */
#define LP_ABI 5

/* A kernel takes its own argument structure from kernel_args.h; the emitted table pairs the two. */
typedef lp_status lp_kernel(const void *args);

struct lp_epoch {
    lp_kernel *run;
    const void *args;
};

enum lp_element {
    LP_ELEMENT_INT8,
    LP_ELEMENT_UINT8,
    LP_ELEMENT_INT16,
    LP_ELEMENT_INT32,
    LP_ELEMENT_INT64,
    LP_ELEMENT_FLOAT32,
    LP_ELEMENT_BOOL
};

/* One input or output: where it lies while the network runs, and what its integers mean. */
struct lp_port_desc {
    void *data; /* inside the arena */
    uint32_t size_bytes;
    uint8_t element; /* enum lp_element */
    float scale;     /* real = scale * (integer - zero_point); 0 when not quantized */
    int32_t zero_point;
};

/* What an inference leaves for the next one. */
struct lp_state_desc {
    void *data;          /* inside the arena */
    const void *initial; /* in the weights; null: every byte is `fill` */
    uint32_t size_bytes;
    uint8_t fill;
};

struct lp_network_desc;
struct lp_port; /* runtime/ports/port.h */

/* What has to be done when a network is opened, besides the checks that all networks need: a network for an accelerator sets
 * it up here. Says with lp_fail what went wrong. */
typedef lp_status lp_network_setup(const struct lp_network_desc *desc, const struct lp_port *port, struct lp_failure *failure);

struct lp_network_desc {
    uint8_t abi; /* LP_ABI of the compiler that wrote it */
    uint8_t state_count;
    uint16_t epoch_count;
    uint16_t input_count;
    uint16_t output_count;
    const struct lp_epoch *epochs;
    const struct lp_port_desc *inputs;
    const struct lp_port_desc *outputs;
    const struct lp_state_desc *states;
    const uint8_t *weights; /* parameter blob, null when there is none */
    uint32_t weights_bytes;
    uint32_t weights_crc32; /* IEEE 802.3, as zlib's crc32() */
    uint32_t arena_bytes;
    uint8_t *arena;
    lp_network_setup *setup; /* may be null */
};

#endif
