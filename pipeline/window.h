/* The last T samples of F features, with a stated rule for values that are missing. No allocation: the caller gives the memory.
 *
 * A value is missing when its sample never came (a hole in the time stamps), when it is NaN, or when it is an infinity.
 *   hold         a missing value repeats the feature's last one.
 *   interpolate  a missing value lies on the straight line between its neighbours in time.
 *   restart      a sample with a missing value empties the window, which then fills from the start.
 * With hold and interpolate a value missing more than max_gap samples in a row also restarts the window, and a window with a
 * missing value is handed out once the gap has ended: so the result does not depend on when a loss is noticed. A window begins
 * only with a sample that has all values. Every event is counted. */
#ifndef LP_PIPELINE_WINDOW_H
#define LP_PIPELINE_WINDOW_H

#include "contract/status.h"
#include "pipeline/grid.h"

#include <stdbool.h>
#include <stdint.h>

enum lp_gap_rule { LP_GAP_HOLD, LP_GAP_INTERPOLATE, LP_GAP_RESTART };

struct lp_window_config {
    uint16_t samples;  /* T, 1 or more */
    uint16_t features; /* F, 1 or more */
    uint16_t stride;   /* samples from one window to the next, 1 or more; above T leaves samples out */
    uint16_t max_gap;  /* see above; not used by LP_GAP_RESTART */
    uint32_t period_ms;
    enum lp_gap_rule gap_rule;
};

/* Each counter wraps at 2^32. */
struct lp_window_counters {
    uint32_t samples;         /* given by the caller */
    uint32_t windows;         /* handed out */
    uint32_t lost_samples;    /* places on the time grid for which no sample came at all */
    uint32_t missing_values;  /* values of samples that came, but were NaN or infinite */
    uint32_t filled_values;   /* values held or interpolated, counted when their gap ends */
    uint32_t restarts;        /* times that a window begun was thrown away */
    uint32_t unused_samples;  /* samples dropped because they cannot begin a window */
    uint32_t repeated;        /* second samples for one place on the grid, dropped */
    uint32_t backwards;       /* times that the clock went backwards; each also restarts */
    uint32_t skipped_windows; /* windows that the caller did not fetch before the next sample */
};

struct lp_window {
    struct lp_window_config config;
    struct lp_window_counters counters;
    struct lp_grid grid;
    float *values;         /* capacity x F, a ring of samples */
    uint16_t *missing_run; /* F: how many of the feature's newest values are missing */
    uint32_t capacity;     /* samples in the ring */
    uint32_t next;         /* where the next sample goes */
    uint32_t unread;       /* newest samples not yet counted towards a window */
    uint32_t until_window; /* samples still needed for the next window */
    uint32_t first;        /* ring index of the oldest sample of the window handed out */
    bool begun;
};

/* Floats and uint16 that lp_window_open needs. */
static inline uint32_t lp_window_value_count(const struct lp_window_config *config)
{
    return ((uint32_t)config->samples + config->max_gap) * config->features;
}

/* `values` has room for lp_window_value_count() floats, `missing_run` for F; both are used until the window is given up.
 * LP_BAD_ARGUMENT when a number is out of its range; LP_OUT_OF_MEMORY when value_count is too small. */
LP_MUST_USE lp_status lp_window_open(struct lp_window *window, const struct lp_window_config *config, float *values,
                                     uint32_t value_count, uint16_t *missing_run);

/* Takes one sample of F values; fetch the windows that it completes with lp_window_next before the next call. */
void lp_window_push(struct lp_window *window, uint32_t time_ms, const float *sample);

/* True when a window is complete: lp_window_sample then gives its samples, oldest is 0, until the next call of this or of push.
 * One sample may complete several windows (after interpolation, or with stride 1 behind a gap): call until false.
 * time_ms, when not null, gets the grid time of the window's last sample. */
bool lp_window_next(struct lp_window *window, uint32_t *time_ms);

/* F values of sample i, 0..T-1, of the window that lp_window_next handed out. */
const float *lp_window_sample(const struct lp_window *window, uint32_t i);

/* Empties the window without counting a restart; the counters stay. */
void lp_window_clear(struct lp_window *window);

#endif
