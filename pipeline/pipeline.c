#include "pipeline/pipeline.h"

#include "pipeline/quantize.h"
#include "pipeline/softmax.h"

#include <stddef.h>

static bool scale_is_fine(float scale)
{
    return lp_is_finite(scale) && scale > 0.0f;
}

static bool zero_point_is_fine(int32_t zero_point)
{
    return zero_point >= INT8_MIN && zero_point <= INT8_MAX;
}

static lp_status check(const struct lp_pipeline_config *config)
{
    if (config->mean == NULL || config->deviation == NULL || config->classes == 0 || config->classes > INT16_MAX)
        return LP_BAD_ARGUMENT;
    if (!scale_is_fine(config->input_scale) || !scale_is_fine(config->output_scale))
        return LP_BAD_ARGUMENT;
    if (!zero_point_is_fine(config->input_zero_point) || !zero_point_is_fine(config->output_zero_point))
        return LP_BAD_ARGUMENT;
    for (uint32_t f = 0; f < config->window.features; f++)
        if (!lp_is_finite(config->mean[f]) || !scale_is_fine(config->deviation[f]))
            return LP_BAD_ARGUMENT;
    return lp_decide_check(&config->decide);
}

lp_status lp_pipeline_open(struct lp_pipeline *pipeline, const struct lp_pipeline_config *config, float *values,
                           uint32_t value_count, uint16_t *missing_run)
{
    lp_status status = check(config);
    if (status != LP_OK)
        return status;
    *pipeline = (struct lp_pipeline){.config = config};
    return lp_window_open(&pipeline->window, &config->window, values, value_count, missing_run);
}

void lp_pipeline_push(struct lp_pipeline *pipeline, uint32_t time_ms, const float *sample)
{
    lp_window_push(&pipeline->window, time_ms, sample);
    uint32_t restarts = pipeline->window.counters.restarts;
    if (restarts != pipeline->restarts_seen) {
        pipeline->restarts_seen = restarts;
        lp_decide_reset(&pipeline->decide);
    }
}

bool lp_pipeline_next(struct lp_pipeline *pipeline, int8_t *input)
{
    const struct lp_pipeline_config *c = pipeline->config;
    if (!lp_window_next(&pipeline->window, &pipeline->window_time_ms))
        return false;
    for (uint32_t t = 0; t < c->window.samples; t++) {
        const float *sample = lp_window_sample(&pipeline->window, t);
        for (uint32_t f = 0; f < c->window.features; f++) {
            float normal = lp_normalize(sample[f], c->mean[f], c->deviation[f]);
            *input++ = lp_quantize_s8(normal, c->input_scale, c->input_zero_point);
        }
    }
    return true;
}

void lp_pipeline_decide(struct lp_pipeline *pipeline, const int8_t *output, float *probabilities, struct lp_decision *decision)
{
    const struct lp_pipeline_config *c = pipeline->config;
    for (uint32_t i = 0; i < c->classes; i++)
        probabilities[i] = lp_dequantize_s8(output[i], c->output_scale, c->output_zero_point);
    if (!c->network_has_softmax)
        lp_softmax(probabilities, c->classes);
    uint32_t best = lp_argmax(probabilities, c->classes);
    decision->time_ms = pipeline->window_time_ms;
    decision->window_class = (int16_t)best;
    decision->confidence = probabilities[best];
    decision->decided_class = lp_decide_vote(&pipeline->decide, &c->decide, (int16_t)best, probabilities[best]);
}
