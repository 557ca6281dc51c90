/* Between a compiled network file and the simulator that loads it: a table of calls each way, in the project's own types.
 * Pointers to memory of the device are device addresses in a uintptr_t. */
#ifndef LP_SHIM_CALLS_H
#define LP_SHIM_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "neural-art/program.h"

/* A tensor as the library's descriptors state it. */
struct lp_shim_buffer {
    const char *name;
    uintptr_t address; /* first byte */
    uint32_t bytes;
    bool is_user_allocated, is_parameter, is_float, is_fixed_point;
    uint32_t bits; /* of an element */
    uint32_t batch;
    int32_t q_integer, q_fraction;
    bool is_unsigned;
    uint32_t rank, mem_rank;
    uint32_t shape[8], mem_shape[8];
    bool has_scale;
    float scale;
    int32_t zero_point;
};

enum lp_shim_copy {
    LP_SHIM_CONCAT,
    LP_SHIM_DEPTH_TO_SPACE,
    LP_SHIM_SPACE_TO_DEPTH,
    LP_SHIM_TRANSPOSE,
    LP_SHIM_CAST,
    LP_SHIM_SPLIT
};

/* One call of a library function that moves data. */
struct lp_shim_copy_request {
    enum lp_shim_copy kind;
    const struct lp_shim_buffer *inputs, *outputs;
    uint32_t input_count, output_count;
    uint32_t axis; /* CONCAT, SPLIT: 0..3 = N, C, H, W */
    uint32_t block_height, block_width;
    uint32_t out_offsets[8]; /* TRANSPOSE: bytes between elements along each output axis */
    uint8_t target[8];       /* TRANSPOSE: output axis of each input axis */
    uint32_t split_case;
};

/* What the network calls. */
struct lp_shim_calls {
    void (*unit)(int32_t type, const void *config); /* the structure of enum lp_npu_unit_type */
    void (*routes)(const struct lp_npu_route *routes, uint32_t count);
    void (*enable)(const struct lp_npu_unit_id *units, uint32_t count);
    void (*disable)(const struct lp_npu_unit_id *units, uint32_t count);
    void (*software)(const char *name, void *info); /* ll_sw_forward_<name> */
    int (*copy)(const struct lp_shim_copy_request *request);
    void (*refuse)(const char *text); /* a value that the simulator does not have */
    /* For an application with its own run loop: a block begins; a program of the epoch controller runs. */
    void (*begin)(uint32_t block, uint32_t wait_mask);
    void (*blob)(uintptr_t words);
};

struct lp_shim_block {
    uint32_t flags, wait_mask;
    uintptr_t blob; /* address in this process */
    bool has_start, has_end;
};

/* What the simulator calls. */
struct lp_shim_network {
    const char *name;
    bool (*init)(void);
    bool (*inference_init)(void);
    void (*block)(uint32_t index, struct lp_shim_block *out);
    void (*start)(uint32_t index);
    void (*end)(uint32_t index);
    /* Descriptor `index` of inputs (0) or outputs (1), parameters left out; false behind the last. */
    bool (*buffer)(int role, uint32_t index, struct lp_shim_buffer *out);
    int (*set_buffer)(int role, uint32_t index, uintptr_t address, uint32_t bytes);
};

typedef const struct lp_shim_network *(*lp_shim_open_function)(const struct lp_shim_calls *calls);
/* An application: one inference through its own run loop. 0 when all went well. */
typedef int (*lp_shim_main_function)(const uint8_t *input, uint32_t input_bytes, uint8_t *output, uint32_t output_bytes);

#endif
