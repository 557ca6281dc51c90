#include "pipeline/window.h"

#include "pipeline/quantize.h"

#include <string.h>

lp_status lp_window_open(struct lp_window *window, const struct lp_window_config *config, float *values, uint32_t value_count,
                         uint16_t *missing_run)
{
    if (values == NULL || missing_run == NULL || config->samples == 0 || config->features == 0 || config->stride == 0)
        return LP_BAD_ARGUMENT;
    if (config->period_ms == 0 || config->period_ms > INT32_MAX || (uint32_t)config->gap_rule > LP_GAP_RESTART)
        return LP_BAD_ARGUMENT;
    uint64_t need = ((uint64_t)config->samples + config->max_gap) * config->features;
    if (value_count < need)
        return LP_OUT_OF_MEMORY;
    *window = (struct lp_window){.config = *config, .values = values, .missing_run = missing_run};
    window->capacity = (uint32_t)config->samples + config->max_gap;
    lp_window_clear(window);
    return LP_OK;
}

void lp_window_clear(struct lp_window *window)
{
    memset(window->missing_run, 0, window->config.features * sizeof window->missing_run[0]);
    window->grid = (struct lp_grid){.period_ms = window->config.period_ms};
    window->next = 0;
    window->unread = 0;
    window->until_window = window->config.samples;
    window->begun = false;
}

/* Throws the samples away and keeps the time grid, on which the next sample goes on. */
static void restart(struct lp_window *window)
{
    struct lp_grid grid = window->grid;
    window->counters.restarts += window->begun;
    lp_window_clear(window);
    window->grid = grid;
}

static float *row(const struct lp_window *window, uint32_t index)
{
    return window->values + (size_t)index * window->config.features;
}

/* Ring index of the sample `age` before the newest; age 0 is the newest. */
static uint32_t index_of(const struct lp_window *window, uint32_t age)
{
    return (window->next + window->capacity - 1u - age) % window->capacity;
}

/* On halves, so that the difference of two finite values cannot overflow. */
static float between(float low, float high, uint32_t step, uint32_t steps)
{
    float half_span = high * 0.5f - low * 0.5f;
    float half_way = half_span * ((float)step / (float)steps);
    return (low * 0.5f + half_way) * 2.0f;
}

/* The missing samples hold the value before the gap until the one behind it is known. */
static void end_gap(struct lp_window *window, uint32_t feature)
{
    uint32_t missing = window->missing_run[feature];
    float high = row(window, index_of(window, 0))[feature];
    float low = row(window, index_of(window, 1))[feature];
    for (uint32_t age = 1; age <= missing && window->config.gap_rule == LP_GAP_INTERPOLATE; age++)
        row(window, index_of(window, age))[feature] = between(low, high, missing + 1 - age, missing + 1);
    window->counters.filled_values += missing;
    window->missing_run[feature] = 0;
}

/* Takes one place of the grid into the ring; `sample` is null when nothing came for it. */
static void append(struct lp_window *window, const float *sample)
{
    float *newest = row(window, window->next);
    const float *before = row(window, index_of(window, 0));
    window->next = (window->next + 1) % window->capacity;
    for (uint32_t f = 0; f < window->config.features; f++) {
        if (sample != NULL && lp_is_finite(sample[f])) {
            newest[f] = sample[f];
            if (window->missing_run[f] != 0)
                end_gap(window, f);
        } else {
            newest[f] = before[f]; /* a window begins with a complete sample, so there is one */
            window->missing_run[f]++;
        }
    }
    window->begun = true;
    window->unread++;
}

/* How many values of the sample are missing; all when it is null. */
static uint32_t missing_in(const struct lp_window *window, const float *sample)
{
    uint32_t missing = 0;
    for (uint32_t f = 0; f < window->config.features; f++)
        missing += sample == NULL || !lp_is_finite(sample[f]);
    return missing;
}

static bool gap_too_long(const struct lp_window *window, const float *sample)
{
    for (uint32_t f = 0; f < window->config.features; f++)
        if ((sample == NULL || !lp_is_finite(sample[f])) && window->missing_run[f] >= window->config.max_gap)
            return true;
    return false;
}

/* One place of the grid: into the ring, or the end of the window. */
static void take(struct lp_window *window, const float *sample)
{
    uint32_t missing = missing_in(window, sample);
    if (window->begun && missing != 0 && (window->config.gap_rule == LP_GAP_RESTART || gap_too_long(window, sample)))
        restart(window);
    if (window->begun || missing == 0)
        append(window, sample);
    else
        window->counters.unused_samples += sample != NULL;
}

void lp_window_push(struct lp_window *window, uint32_t time_ms, const float *sample)
{
    while (lp_window_next(window, NULL)) {
        window->counters.skipped_windows++;
        window->counters.windows--;
    }
    window->counters.samples++;
    uint32_t places = 1;
    enum lp_grid_step step = lp_grid_place(&window->grid, time_ms, &places);
    if (step == LP_GRID_REPEATED) {
        window->counters.repeated++;
        return;
    }
    if (step == LP_GRID_BACKWARDS) {
        window->counters.backwards++;
        restart(window);
        (void)lp_grid_place(&window->grid, time_ms, &places); /* starts the new grid */
        places = 1;
    }
    window->counters.lost_samples += places - 1;
    window->counters.missing_values += missing_in(window, sample);
    /* Once the window is given up, further lost places change nothing. */
    for (uint32_t lost = 1; lost < places && window->begun; lost++)
        take(window, NULL);
    take(window, sample);
}

/* Newest samples with a value whose gap has not ended: it may yet turn out too long. */
static uint32_t waiting(const struct lp_window *window)
{
    uint32_t longest = 0;
    for (uint32_t f = 0; f < window->config.features; f++)
        if (window->missing_run[f] > longest)
            longest = window->missing_run[f];
    return longest;
}

bool lp_window_next(struct lp_window *window, uint32_t *time_ms)
{
    uint32_t hold_back = waiting(window);
    while (window->unread > hold_back) {
        window->unread--;
        if (--window->until_window != 0)
            continue;
        window->until_window = window->config.stride;
        window->first = index_of(window, window->unread + window->config.samples - 1u);
        window->counters.windows++;
        if (time_ms != NULL)
            *time_ms = window->grid.last_ms - window->unread * window->config.period_ms;
        return true;
    }
    return false;
}

const float *lp_window_sample(const struct lp_window *window, uint32_t i)
{
    return row(window, (window->first + i) % window->capacity);
}
