#include "cli/simulate.h"

#include "cli/npu_build.h"
#include "cli/progress.h"
#include "evaluate/neural-art/simulate.h"

struct running {
    const struct lp_batch_watch *watch;
    const struct lp_batch_force *force;
    size_t inference;
};

static void pass_on(void *user, int32_t tensor, const void *data)
{
    const struct running *r = user;
    r->watch->seen(r->watch->user, r->inference, tensor, data);
}

static const void *forced(void *user, int32_t tensor)
{
    const struct running *r = user;
    return r->force->value(r->force->user, r->inference, tensor);
}

static lp_status run_all(struct lp_session *s, const struct lp_unit *unit, struct lp_batch *batch, struct running *r,
                         struct lp_npu_simulation *simulation)
{
    const struct lp_tensor_watch watch = {pass_on, r};
    const struct lp_npu_force force = {forced, r};
    struct lp_progress progress = lp_progress_start("simulating", batch->count);
    lp_status status = LP_OK;
    (void)s;
    for (size_t n = 0; n < batch->count && status == LP_OK; n++) {
        const uint8_t *inputs[LP_MAX_PORTS];
        uint8_t *outputs[LP_MAX_PORTS];
        r->inference = n;
        for (uint32_t i = 0; i < unit->graph->input_count; i++)
            inputs[i] = batch->inputs[i].data + n * batch->inputs[i].inference_bytes;
        for (uint32_t i = 0; i < unit->graph->output_count; i++)
            outputs[i] = batch->outputs[i].data + n * batch->outputs[i].inference_bytes;
        status = lp_npu_simulation_run(simulation, inputs, outputs, r->watch == NULL ? NULL : &watch,
                                       r->force == NULL ? NULL : &force);
        lp_progress_step(&progress, n + 1);
    }
    lp_progress_end(&progress);
    return status;
}

lp_status lp_batch_simulate(struct lp_session *s, const struct lp_unit *unit, struct lp_batch *batch,
                            const struct lp_batch_watch *watch, const struct lp_batch_force *force, struct lp_batch_costs *costs)
{
    struct lp_placement placement;
    struct lp_npu_linked linked;
    struct lp_npu_simulation simulation;
    struct running running = {watch, force, 0};
    lp_status status = lp_npu_place(s, unit, &placement);
    if (status == LP_OK)
        status = lp_npu_link(&s->arena, &s->diag, unit->graph, unit->program, &placement, "network", &linked);
    if (status == LP_OK)
        status = lp_npu_simulation_open(&s->arena, &s->diag, unit->graph, unit->program, &placement, &linked, &simulation);
    if (status == LP_OK)
        status = run_all(s, unit, batch, &running, &simulation);
    *costs = (struct lp_batch_costs){0};
    for (uint32_t e = 0; status == LP_OK && e < unit->program->epoch_count; e++) {
        costs->saturations += simulation.saturations[e];
        costs->cycles += simulation.cycles[e];
    }
    return status;
}
