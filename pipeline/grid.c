#include "pipeline/grid.h"

enum lp_grid_step lp_grid_place(struct lp_grid *grid, uint32_t time_ms, uint32_t *places)
{
    if (!grid->started) {
        grid->started = true;
        grid->last_ms = time_ms;
        return LP_GRID_FIRST;
    }
    uint32_t ahead_ms = time_ms - grid->last_ms;
    uint32_t behind_ms = grid->last_ms - time_ms;
    if (ahead_ms > INT32_MAX) {
        if (behind_ms <= grid->period_ms / 2)
            return LP_GRID_REPEATED;
        grid->started = false;
        return LP_GRID_BACKWARDS;
    }
    /* No sum of ahead_ms and half a period: it could wrap. */
    uint32_t whole = ahead_ms / grid->period_ms;
    uint32_t rest_ms = ahead_ms % grid->period_ms;
    if (rest_ms >= grid->period_ms - grid->period_ms / 2)
        whole++;
    if (whole == 0)
        return LP_GRID_REPEATED;
    *places = whole;
    grid->last_ms += whole * grid->period_ms;
    return LP_GRID_NEXT;
}
