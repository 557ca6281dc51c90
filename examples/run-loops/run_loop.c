#include "examples/run-loops/run_loop.h"

#include <ll_aton_runtime.h>
#include <math.h>
#include <stdio.h>
#include <stm32n6xx_hal.h>
#include <string.h>

enum { TIMEOUT_MS = 20, LINE_BYTES = 100 };

/* ---- trace ---- */

/* With the vendor's headers: exec_state.current_epoch_block - exec_state.first_epoch_block. */
static unsigned block_of(const struct run_loop *l)
{
    return l->instance->exec_state.block;
}

static void trace_run(struct run_loop *l, LL_ATON_RT_RetValues_t result, unsigned block)
{
    static const char *const names[] = {"no_wfe", "wfe", "done"};
    char line[LINE_BYTES];
    snprintf(line, sizeof line, "run result=%s block=%u", names[result], block);
    l->trace(l->ctx, line);
}

static void reset(struct run_loop *l, bool is_done)
{
    char line[LINE_BYTES];
    snprintf(line, sizeof line, "reset result=ok block=%u done=%d", block_of(l), is_done);
    l->trace(l->ctx, line);
    LL_ATON_RT_Reset_Network(l->instance);
}

/* ---- input ---- */

static int8_t quantize(const struct run_loop *l, float value)
{
    float q = rintf(value / l->in_scale) + (float)l->in_zero;
    return (int8_t)(q < -128.0f ? -128.0f : q > 127.0f ? 127.0f : q);
}

static int32_t place_of(const struct run_loop *l, int32_t i)
{
    int32_t pixels = l->in_bytes / l->in_channels;
    return l->mistake == RUN_LOOP_CHANNEL_FIRST ? i % l->in_channels * pixels + i / l->in_channels : i;
}

static void write_input(struct run_loop *l, const float *window, int8_t *to)
{
    if (l->mistake == RUN_LOOP_FLOAT_INPUT) {
        memcpy(to, window, (size_t)l->in_bytes);
        return;
    }
    for (int32_t i = 0; i < l->in_bytes; i++) {
        int8_t q = quantize(l, window[i]);
        if (l->mistake == RUN_LOOP_UINT8_INPUT)
            q = (int8_t)(uint8_t)(q + 128);
        else if (l->mistake == RUN_LOOP_UNSCALED_INPUT)
            q = (int8_t)(window[i] < -128.0f ? -128.0f : window[i] > 127.0f ? 127.0f : window[i]);
        to[place_of(l, i)] = q;
    }
}

static void clean_input(struct run_loop *l, int8_t *written)
{
    if (l->mistake == RUN_LOOP_FORGOTTEN_CLEAN)
        return;
    if (l->mistake == RUN_LOOP_INVALIDATE_BEFORE_CLEAN)
        SCB_InvalidateDCache_by_Addr(written, l->in_bytes);
    if (l->mistake == RUN_LOOP_CLEAN_OF_WRONG_ADDRESS)
        SCB_CleanDCache_by_Addr(l->own, l->in_bytes);
    else if (l->mistake == RUN_LOOP_CLEAN_OF_WRONG_LENGTH)
        SCB_CleanDCache_by_Addr(written, (int32_t)(4 << l->variant % 5)); /* elements, bytes of a pointer ... */
    else
        SCB_CleanDCache_by_Addr(written, l->in_bytes);
}

/* ---- run ---- */

/* The NPU computes; what users do in the meantime. */
static void meanwhile(struct run_loop *l, const float *next)
{
    if (l->mistake == RUN_LOOP_FORGOTTEN_INVALIDATE) {
        volatile const int8_t *shown = l->net_out;
        for (int32_t i = 0; i < l->out_bytes; i++)
            (void)shown[i];
    }
    if (l->mistake == RUN_LOOP_SHARED_LINE && next != NULL) {
        write_input(l, next, l->net_in);
        l->has_next = true;
    }
}

static bool run_until_done(struct run_loop *l, const float *next)
{
    uint32_t start_ms = HAL_GetTick();
    for (;;) {
        unsigned block = block_of(l);
        LL_ATON_RT_RetValues_t result = LL_ATON_RT_RunEpochBlock(l->instance);
        trace_run(l, result, block);
        if (result == LL_ATON_RT_DONE)
            return true;
        if (result == LL_ATON_RT_NO_WFE)
            continue;
        /* In the last block nobody reads the input any more, and the output is not yet written. */
        if (block + 1 == l->blocks)
            meanwhile(l, next);
        if (HAL_GetTick() - start_ms > TIMEOUT_MS) {
            char line[LINE_BYTES];
            snprintf(line, sizeof line, "timeout block=%u", block);
            l->trace(l->ctx, line);
            return false;
        }
        LL_ATON_OSAL_WFE();
    }
}

static void run_as_many_calls_as_blocks(struct run_loop *l)
{
    for (uint32_t i = 0; i < l->blocks; i++) {
        unsigned block = block_of(l);
        trace_run(l, LL_ATON_RT_RunEpochBlock(l->instance), block);
        LL_ATON_OSAL_WFE();
    }
    reset(l, false);
}

static void run(struct run_loop *l, const float *next)
{
    if (l->mistake == RUN_LOOP_RESET_BEFORE_DONE)
        run_as_many_calls_as_blocks(l);
    else if (run_until_done(l, next) && l->mistake != RUN_LOOP_FORGOTTEN_RESET)
        reset(l, true);
}

/* ---- output ---- */

static void softmax(float *values, int32_t count)
{
    float sum = 0;
    for (int32_t i = 0; i < count; i++)
        sum += values[i] = expf(values[i]);
    for (int32_t i = 0; i < count; i++)
        values[i] /= sum;
}

static float dequantize(const struct run_loop *l, int8_t q)
{
    if (l->mistake != RUN_LOOP_STALE_QUANTIZATION)
        return l->out_scale * (float)(q - l->out_zero);
    switch (l->variant % 3) {
    case 0: return 0.5f * l->out_scale * (float)(q - l->out_zero);
    case 1: return l->out_scale * (float)(q - l->out_zero + 9 + (int32_t)(l->variant % 50));
    default: return 1.7f * l->out_scale * (float)(q - l->out_zero + 3);
    }
}

static void fetch(struct run_loop *l, float *result)
{
    const int8_t *from = l->net_out;
    if (l->mistake == RUN_LOOP_OTHER_OUTPUT)
        from = l->variant % 2 == 0 ? l->net_out + 1 + l->variant / 2 % 3 : l->own + 128;
    if (l->mistake == RUN_LOOP_SHARED_LINE)
        SCB_CleanInvalidateDCache_by_Addr(l->net_out, l->out_bytes);
    else if (l->mistake != RUN_LOOP_FORGOTTEN_INVALIDATE)
        SCB_InvalidateDCache_by_Addr(l->net_out, l->out_bytes);
    for (int32_t i = 0; i < l->out_bytes; i++)
        result[i] = dequantize(l, from[i]);
    if (l->mistake == RUN_LOOP_SOFTMAX_TWICE)
        softmax(result, l->out_bytes);
    l->look(l->ctx, RUN_LOOP_OUTPUT_IS_READ, from);
}

/* ---- the loop ---- */

void run_loop_open(struct run_loop *l)
{
    LL_ATON_RT_RuntimeInit();
    LL_ATON_RT_Init_Network(l->instance);
    l->has_next = false;
}

void run_loop_infer(struct run_loop *l, const float *window, const float *next, float *result)
{
    int8_t *to = l->mistake == RUN_LOOP_USER_BUFFER ? l->own : l->net_in;
    if (!l->has_next)
        write_input(l, window, to);
    l->look(l->ctx, RUN_LOOP_INPUT_IS_WRITTEN, to);
    clean_input(l, to);
    run(l, next);
    l->look(l->ctx, RUN_LOOP_IS_OVER, NULL);
    fetch(l, result);
}
