/* `target = stm32n6`: hardware epochs on the simulated NPU, software epochs on the kernels of this program. */
#include "cli/monitor/network_compiled.h"
#include "cli/npu_build.h"
#include "evaluate/neural-art/simulate.h"

struct npu {
    struct lp_monitor_compiled compiled;
    struct lp_placement placement;
    struct lp_npu_linked linked;
    struct lp_npu_simulation simulation;
};

static lp_status run(void *ctx, const int8_t *input, int8_t *output, struct lp_diag *diag)
{
    struct npu *npu = ctx;
    const uint8_t *in = (const uint8_t *)input;
    uint8_t *out = (uint8_t *)output;
    lp_status status = lp_npu_simulation_run(&npu->simulation, &in, &out, NULL, NULL);
    return status == LP_OK ? LP_OK : lp_monitor_compiled_tell(&npu->compiled, status, diag);
}

static void close_npu(void *ctx)
{
    struct npu *npu = ctx;
    lp_monitor_compiled_free(&npu->compiled);
}

lp_status lp_monitor_open_npu(struct lp_arena *arena, struct lp_diag *diag, const char *model_path,
                              struct lp_monitor_network *network)
{
    struct npu *npu = LP_NEW(arena, struct npu);
    if (npu == NULL)
        return lp_no_memory(diag);
    struct lp_session *s = &npu->compiled.session;
    const struct lp_unit *unit = &npu->compiled.unit;
    lp_status status = lp_monitor_compile(&npu->compiled, "stm32n6", model_path, network);
    if (status == LP_OK)
        status = lp_npu_place(s, unit, &npu->placement);
    if (status == LP_OK)
        status = lp_npu_link(&s->arena, &s->diag, unit->graph, unit->program, &npu->placement, "network", &npu->linked);
    if (status == LP_OK)
        status = lp_npu_simulation_open(&s->arena, &s->diag, unit->graph, unit->program, &npu->placement, &npu->linked,
                                        &npu->simulation);
    network->ctx = npu;
    network->run = run;
    network->close = close_npu;
    if (status != LP_OK) {
        status = lp_monitor_compiled_tell(&npu->compiled, status, diag);
        close_npu(npu);
    }
    return status;
}
