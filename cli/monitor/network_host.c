/* `target = host`: the network compiled in memory and run by the kernels of this program. */
#include "cli/monitor/network_compiled.h"
#include "evaluate/load.h"

struct host {
    struct lp_monitor_compiled compiled;
    struct lp_loaded loaded;
};

static lp_status run(void *ctx, const int8_t *input, int8_t *output, struct lp_diag *diag)
{
    struct host *host = ctx;
    const uint8_t *in = (const uint8_t *)input;
    uint8_t *out = (uint8_t *)output;
    return lp_loaded_run(&host->loaded, diag, &in, &out);
}

static void close_host(void *ctx)
{
    struct host *host = ctx;
    lp_monitor_compiled_free(&host->compiled);
}

lp_status lp_monitor_open_host(struct lp_arena *arena, struct lp_diag *diag, const char *model_path,
                               struct lp_monitor_network *network)
{
    struct host *host = LP_NEW(arena, struct host);
    if (host == NULL)
        return lp_no_memory(diag);
    struct lp_session *s = &host->compiled.session;
    const struct lp_unit *unit = &host->compiled.unit;
    lp_status status = lp_monitor_compile(&host->compiled, "host", model_path, network);
    if (status == LP_OK)
        status = lp_load(&s->arena, &s->diag, unit->graph, unit->program, unit->plan.peak_bytes, &host->loaded);
    network->ctx = host;
    network->run = run;
    network->close = close_host;
    if (status != LP_OK) {
        status = lp_monitor_compiled_tell(&host->compiled, status, diag);
        close_host(host);
    }
    return status;
}
