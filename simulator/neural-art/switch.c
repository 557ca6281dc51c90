#include "simulator/neural-art/units.h"

bool lp_sim_route_passes(const struct lp_npu_route *route, uint64_t frame)
{
    const struct lp_npu_context *contexts = route->contexts;
    if (route->context_count < 2 || contexts[0].frames == 0)
        return contexts[0].enable != 0;
    uint64_t period = (uint64_t)contexts[0].frames + (uint64_t)contexts[1].frames;
    return contexts[frame % period >= (uint64_t)contexts[0].frames ? 1 : 0].enable != 0;
}
