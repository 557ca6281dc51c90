/* Time stamps to places on a regular grid, so that a late, lost or doubled sample is seen and never shifts the window.
 *
 * The first sample sets the grid: place 0 at its time, one place every period_ms from there. Later samples belong to the nearest
 * place. Times are uint32 milliseconds that may wrap (after 49.7 days); a step of more than 24.8 days counts as backwards. */
#ifndef LP_PIPELINE_GRID_H
#define LP_PIPELINE_GRID_H

#include <stdbool.h>
#include <stdint.h>

enum lp_grid_step {
    LP_GRID_FIRST,    /* this sample starts the grid */
    LP_GRID_NEXT,     /* `places` >= 1 further than the last one; places - 1 samples are missing between */
    LP_GRID_REPEATED, /* at the last place again: a second sample for the same moment, to be dropped */
    LP_GRID_BACKWARDS /* half a period or more before the last place: the clock was set; the grid is gone */
};

struct lp_grid {
    uint32_t period_ms; /* 1 or more */
    uint32_t last_ms;   /* grid time of the last place */
    bool started;
};

/* `places` is written for LP_GRID_NEXT only. LP_GRID_BACKWARDS leaves the grid not started. */
enum lp_grid_step lp_grid_place(struct lp_grid *grid, uint32_t time_ms, uint32_t *places);

#endif
