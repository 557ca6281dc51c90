/* A run loop as users write it by hand: quantize the window, copy it to the network's input, clean it out of the cache, run
 * epochs until DONE, reset, invalidate, dequantize. Each mistake that is known from such loops is a switch. This file and
 * run_loop.c are code of the device; on the simulated board they run unchanged.
 *
 * A project that uses lp_network_run needs none of this. */
#ifndef LP_EXAMPLES_RUN_LOOP_H
#define LP_EXAMPLES_RUN_LOOP_H

#include <stdbool.h>
#include <stdint.h>

enum run_loop_mistake {
    RUN_LOOP_RIGHT,
    RUN_LOOP_FORGOTTEN_RESET,         /* the second run returns DONE at once */
    RUN_LOOP_FORGOTTEN_CLEAN,         /* the input stays in the cache */
    RUN_LOOP_CLEAN_OF_WRONG_ADDRESS,  /* of the program's own copy of the window */
    RUN_LOOP_CLEAN_OF_WRONG_LENGTH,   /* sizeof a pointer */
    RUN_LOOP_INVALIDATE_BEFORE_CLEAN, /* what was written is forgotten */
    RUN_LOOP_FORGOTTEN_INVALIDATE,    /* the last result is shown while the next is computed */
    RUN_LOOP_SHARED_LINE,             /* right but for where the buffers lie: input and output in one line of the cache */
    RUN_LOOP_RESET_BEFORE_DONE,       /* as many calls as blocks, then reset */
    RUN_LOOP_USER_BUFFER,             /* the window goes to a buffer of the program's own */
    RUN_LOOP_OTHER_OUTPUT,            /* the result is read where an earlier build had it */
    RUN_LOOP_UINT8_INPUT,
    RUN_LOOP_FLOAT_INPUT,
    RUN_LOOP_UNSCALED_INPUT, /* whole parts of the real values */
    RUN_LOOP_CHANNEL_FIRST,
    RUN_LOOP_STALE_QUANTIZATION, /* of the output, from an earlier model */
    RUN_LOOP_SOFTMAX_TWICE,
    RUN_LOOP_MISTAKES
};

/* What somebody who looks on may want to know. */
enum run_loop_moment {
    RUN_LOOP_INPUT_IS_WRITTEN, /* to `buffer`, nothing cleaned yet */
    RUN_LOOP_IS_OVER,          /* DONE, or given up */
    RUN_LOOP_OUTPUT_IS_READ    /* from `buffer` */
};

struct NN_Instance;

struct run_loop {
    struct NN_Instance *instance;
    int8_t *net_in, *net_out; /* the network's own buffers */
    int32_t in_bytes, out_bytes;
    float in_scale, out_scale;
    int32_t in_zero, out_zero;
    int32_t in_channels; /* last dimension of the input */
    int8_t *own;         /* RAM of the program, at least in_bytes and out_bytes + 256 */
    uint32_t blocks;     /* epoch blocks of the network */
    enum run_loop_mistake mistake;
    uint32_t variant;                           /* of the mistake: how far, how much */
    bool has_next;                              /* RUN_LOOP_SHARED_LINE: the next window is in net_in already */
    void *ctx;                                  /* first argument of the two below */
    void (*trace)(void *ctx, const char *line); /* records of limpid-trace, see docs/formats.md */
    void (*look)(void *ctx, enum run_loop_moment moment, const void *buffer);
};

/* Once, when memories and NPU are set up. */
void run_loop_open(struct run_loop *loop);

/* One inference: a window of in_bytes real values to out_bytes real values. `next`: the window after that, which a loop may
 * write to the input while the NPU computes; null: there is none yet. */
void run_loop_infer(struct run_loop *loop, const float *window, const float *next, float *result);

#endif
