/* The whole chain around a network, the same code on the PC and on the device:
 *
 *   sample -> window -> (value - mean) / deviation -> quantize -> [network] -> dequantize -> softmax -> argmax -> N of M
 *
 * No allocation, no libm, no I/O. Compile with -std=c11 or -ffp-contract=off: fused multiply-adds would round differently on
 * machines that have them, and PC and device would no longer decide on the same bits. */
#ifndef LP_PIPELINE_PIPELINE_H
#define LP_PIPELINE_PIPELINE_H

#include "pipeline/decide.h"
#include "pipeline/window.h"

/* Constant while the pipeline is used; it may lie in flash. */
struct lp_pipeline_config {
    struct lp_window_config window;
    const float *mean;      /* F */
    const float *deviation; /* F, finite and above 0 */
    float input_scale;      /* of the network's input, finite and above 0 */
    int32_t input_zero_point;
    float output_scale; /* of the network's output, finite and above 0 */
    int32_t output_zero_point;
    uint16_t classes; /* 1 or more */
    /* True when the network ends with SOFTMAX: its outputs already are probabilities and a second softmax would flatten them. */
    bool network_has_softmax;
    struct lp_decide_config decide;
};

struct lp_pipeline {
    const struct lp_pipeline_config *config;
    struct lp_window window;
    struct lp_decide decide;
    uint32_t window_time_ms; /* of the window handed out last */
    uint32_t restarts_seen;  /* votes from before a restart of the window do not count */
};

/* Memory as for lp_window_open. LP_BAD_ARGUMENT: a number of the configuration is out of its range. */
LP_MUST_USE lp_status lp_pipeline_open(struct lp_pipeline *pipeline, const struct lp_pipeline_config *config, float *values,
                                       uint32_t value_count, uint16_t *missing_run);

/* One sample of F real values taken at time_ms; NaN marks a value that is missing. */
void lp_pipeline_push(struct lp_pipeline *pipeline, uint32_t time_ms, const float *sample);

/* True when a window is complete; `input` (T x F) then holds what the network takes. Call until false after each push. */
bool lp_pipeline_next(struct lp_pipeline *pipeline, int8_t *input);

/* From the network's output (`classes` integers) for the window that lp_pipeline_next gave last, to the decision.
 * `probabilities` gets the confidence of every class (`classes` floats). Call once for each window. */
void lp_pipeline_decide(struct lp_pipeline *pipeline, const int8_t *output, float *probabilities, struct lp_decision *decision);

#endif
