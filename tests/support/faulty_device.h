/* Devices with one fault each, at the level of bytes: what the NPU sees, what the CPU reads back, what run loop and memory
 * would log. Made without the simulated board and without any code of diagnose/: the other opinion on what a fault does. */
#ifndef LP_TESTS_SUPPORT_FAULTY_DEVICE_H
#define LP_TESTS_SUPPORT_FAULTY_DEVICE_H

#include "compiler/graph/graph.h"
#include "contract/requantize.h"

#include <stdbool.h>

/* The names of the diagnosis, which are those of the documentation. */
struct faulty_device {
    /* Given. */
    struct lp_arena *arena;
    const struct lp_graph *graph;
    const char *fault; /* "network-not-reset", ..., "healthy" */
    uint64_t seed;
    size_t count;
    size_t input_bytes, output_bytes;
    const uint8_t *inputs; /* count * input_bytes, as they should be */
    bool is_npu;           /* two of a hundred values of every layer are one LSB off, as on the NPU */

    /* Made. */
    uint8_t *right;    /* count * output_bytes: without the fault */
    double *observed;  /* count * output_bytes: what the program reports, LSB of the output */
    bool is_visible;   /* some observed value is not the right one */
    char *trace, *log; /* texts in the formats of docs/formats.md */
};

/* int8 models with one input and one output. */
void faulty_device_run(struct faulty_device *d);

/* The range that operator `op` writes, as the log states it. */
uint64_t faulty_device_address(const struct lp_graph *graph, uint32_t op);

uint32_t faulty_random(uint64_t *state);

#endif
