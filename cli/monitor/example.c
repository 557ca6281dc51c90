#define _XOPEN_SOURCE 700
#include "cli/monitor/example.h"

#include "cli/ini/ini_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct described {
    struct lp_ini ini;
    struct lp_ini_section *model; /* null: nothing is known */
    int64_t features, stride, period_ms;
    const char *labels;
};

static const char *beside(struct lp_arena *arena, const char *model_path, const char *suffix)
{
    const char *slash = strrchr(model_path, '/');
    const char *dot = strrchr(slash == NULL ? model_path : slash, '.');
    size_t stem = dot == NULL ? strlen(model_path) : (size_t)(dot - model_path);
    return lp_arena_printf(arena, "%.*s%s", (int)stem, model_path, suffix);
}

static lp_status read_description(struct lp_arena *arena, struct lp_diag *diag, const char *model_path,
                                  const struct lp_monitor_network *network, struct described *d)
{
    const char *path = beside(arena, model_path, ".ini");
    *d = (struct described){.features = network->features, .stride = network->window_samples, .period_ms = 100};
    if (path == NULL)
        return lp_no_memory(diag);
    if (access(path, R_OK) != 0)
        return LP_OK;
    lp_status status = lp_ini_read(arena, diag, path, &d->ini);
    if (status != LP_OK)
        return status;
    d->model = lp_ini_section(&d->ini, "model");
    status = lp_ini_whole(&d->ini, d->model, "features", 1, 128, &d->features);
    if (status == LP_OK)
        status = lp_ini_whole(&d->ini, d->model, "stride_samples", 1, 65535, &d->stride);
    if (status == LP_OK)
        status = lp_ini_whole(&d->ini, d->model, "sample_period_ms", 1, 3600000, &d->period_ms);
    if (status == LP_OK)
        status = lp_ini_text(&d->ini, d->model, "labels", &d->labels);
    if (status == LP_OK && (uint32_t)d->features != network->features)
        status = lp_error(diag, LP_BAD_INPUT, "%s: features = %d, but the input of %s has %u", path, (int)d->features, model_path,
                          (unsigned)network->features);
    return status;
}

static const char *text_of(struct described *d, struct lp_ini_section *section, const char *key, const char *otherwise)
{
    const struct lp_ini_key *found = d->model == NULL ? NULL : lp_ini_key(&d->ini, section, key);
    return found == NULL || found->value[0] == '\0' ? otherwise : found->value;
}

static void add_feature(struct described *d, uint32_t i, struct lp_text *out)
{
    char section_name[32], name[32];
    snprintf(section_name, sizeof section_name, "feature.%u", (unsigned)i);
    snprintf(name, sizeof name, "channel_%u", (unsigned)i);
    struct lp_ini_section *section = d->model == NULL ? NULL : lp_ini_section(&d->ini, section_name);
    lp_text_printf(out, "\n[feature %s]\naddress = %u\n", text_of(d, section, "name", name), (unsigned)i);
    lp_text_printf(out, "scale = %s\n", text_of(d, section, "resolution", "1"));
    if (text_of(d, section, "unit", NULL) != NULL)
        lp_text_printf(out, "unit = %s\n", text_of(d, section, "unit", NULL));
    lp_text_printf(out, "mean = %s\n", text_of(d, section, "mean", "0"));
    lp_text_printf(out, "deviation = %s\n", text_of(d, section, "deviation", "1"));
}

/* The configuration may be moved elsewhere, so it names the model by its full path. */
static const char *full_path(struct lp_arena *arena, const char *path)
{
    char *real = realpath(path, NULL);
    const char *kept = real == NULL ? path : lp_arena_text(arena, real, strlen(real));
    free(real);
    return kept;
}

lp_status lp_monitor_example(struct lp_arena *arena, struct lp_diag *diag, const char *model_path,
                             const struct lp_monitor_network *network, struct lp_text *out)
{
    struct described d;
    lp_status status = read_description(arena, diag, model_path, network, &d);
    const char *model = full_path(arena, model_path);
    if (status != LP_OK)
        return status;
    if (model == NULL)
        return lp_no_memory(diag);
    lp_text_printf(
        out, "; What `limpid monitor` reads and does. limpid monitor --help explains every key.\n[monitor]\nmodel = %s\n", model);
    if (d.labels != NULL) {
        const char *labels = full_path(arena, lp_ini_path(&d.ini, d.labels));
        lp_text_printf(out, "labels = %s\n", labels == NULL ? d.labels : labels);
    }
    lp_text_printf(out, "target = host\nperiod_ms = %d\nstride_samples = %d\n", (int)d.period_ms, (int)d.stride);
    lp_text_printf(out, "gap = interpolate\nmax_gap = 5\nmin_confidence = 0.5\nvotes = 2\nof_windows = 3\nformat = auto\n\n");
    lp_text_printf(out, "; A serial line instead: transport = rtu, device = /dev/ttyUSB0, baud = 19200, parity = even\n");
    lp_text_printf(out, "[device machine]\ntransport = tcp\nhost = 127.0.0.1\nport = 1502\nunit = 1\ntimeout_ms = 500\n\n");
    lp_text_printf(out,
                   "; One section a feature, in the order of the network's input (%u samples of %u features).\n"
                   "; real value = register * scale + offset; the network gets (value - mean) / deviation.\n",
                   (unsigned)network->window_samples, (unsigned)network->features);
    for (uint32_t i = 0; i < network->features; i++)
        add_feature(&d, i, out);
    return out->failed ? lp_no_memory(diag) : LP_OK;
}
