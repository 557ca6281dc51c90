#include "cli/monitor/watch.h"

#include "cli/monitor/lines.h"
#include "cli/monitor/writer.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum { TABLE_PERIOD_US = 200000 };

struct run {
    struct lp_watch *watch;
    enum lp_monitor_format format;
    struct lp_pipeline pipeline;
    struct lp_writer output, log;
    struct lp_text text;
    struct lp_device_counters devices[LP_MONITOR_MAX_DEVICES];
    float values[LP_MONITOR_MAX_FEATURES];
    float probabilities[LP_MONITOR_MAX_CLASSES];
    int8_t *input, *scores;
    struct lp_monitor_view view;
    uint64_t tick; /* samples on the time grid, lost ones included */
    int64_t table_due_us;
    bool table_drawn;
};

static lp_status does_not_fit(const struct lp_watch *w, const char *what, uint32_t found, uint32_t wanted)
{
    return lp_error(w->diag, LP_BAD_INPUT, "%s: %s is %u, but the input of %s wants %u", w->config->path, what, (unsigned)found,
                    w->config->model, (unsigned)wanted);
}

lp_status lp_watch_fit(const struct lp_watch *w)
{
    struct lp_monitor_config *c = w->config;
    const struct lp_monitor_network *n = &w->network;
    struct lp_window_config *window = &c->pipeline.window;
    if (n->output_count > LP_MONITOR_MAX_CLASSES)
        return lp_error(w->diag, LP_UNSUPPORTED, "%s has %u classes; at most %d are supported", c->model,
                        (unsigned)n->output_count, LP_MONITOR_MAX_CLASSES);
    if (n->input_count % c->feature_count != 0 || (n->window_samples != 1 && n->features != c->feature_count))
        return does_not_fit(w, "the number of [feature NAME] sections", c->feature_count, n->features);
    uint32_t samples = n->input_count / c->feature_count;
    if (window->samples != 0 && window->samples != samples)
        return does_not_fit(w, "window_samples", window->samples, samples);
    if (samples > UINT16_MAX)
        return lp_error(w->diag, LP_UNSUPPORTED, "%s: a window of %u samples is too long; at most 65535", c->model,
                        (unsigned)samples);
    if (c->label_count != 0 && c->label_count != n->output_count)
        return lp_error(w->diag, LP_BAD_INPUT, "%s: labels names %u classes, but %s has %u outputs", c->path,
                        (unsigned)c->label_count, c->model, (unsigned)n->output_count);
    window->samples = (uint16_t)samples;
    window->features = (uint16_t)c->feature_count;
    if (window->stride == 0)
        window->stride = window->samples;
    c->pipeline.mean = c->mean;
    c->pipeline.deviation = c->deviation;
    c->pipeline.input_scale = n->input_scale;
    c->pipeline.input_zero_point = n->input_zero_point;
    c->pipeline.output_scale = n->output_scale;
    c->pipeline.output_zero_point = n->output_zero_point;
    c->pipeline.classes = (uint16_t)n->output_count;
    c->pipeline.network_has_softmax = n->ends_with_softmax;
    return LP_OK;
}

static lp_status open_pipeline(struct run *r)
{
    struct lp_watch *w = r->watch;
    const struct lp_pipeline_config *c = &w->config->pipeline;
    uint32_t count = lp_window_value_count(&c->window);
    float *values = LP_NEW_ARRAY(w->arena, count, float);
    uint16_t *missing_run = LP_NEW_ARRAY(w->arena, c->window.features, uint16_t);
    r->input = LP_NEW_ARRAY(w->arena, w->network.input_count, int8_t);
    r->scores = LP_NEW_ARRAY(w->arena, w->network.output_count, int8_t);
    if (values == NULL || missing_run == NULL || r->input == NULL || r->scores == NULL)
        return lp_no_memory(w->diag);
    if (lp_pipeline_open(&r->pipeline, c, values, count, missing_run) != LP_OK)
        return lp_error(w->diag, LP_BAD_INPUT, "%s: scale or zero point of its input or output is out of range",
                        w->config->model);
    return LP_OK;
}

/* Puts what was collected in r->text; false when the output takes nothing more. */
static bool flush(struct run *r, struct lp_writer *writer)
{
    bool fine = lp_writer_put(writer, &r->text);
    r->text.length = 0;
    return fine;
}

static lp_status open_outputs(struct run *r)
{
    const struct lp_monitor_config *c = r->watch->config;
    r->format = c->format;
    if (r->format == LP_MONITOR_AUTO)
        r->format = r->watch->terminal && c->output == NULL ? LP_MONITOR_TABLE : LP_MONITOR_CSV;
    r->log.fd = -1;
    lp_status status = lp_writer_open(&r->output, r->watch->diag, c->output);
    if (status == LP_OK && c->log != NULL)
        status = lp_writer_open(&r->log, r->watch->diag, c->log);
    if (status != LP_OK)
        return status;
    if (r->format == LP_MONITOR_CSV)
        lp_csv_header(&r->view, &r->text);
    (void)flush(r, &r->output);
    lp_log_header(&r->view, &r->text);
    if (r->log.fd >= 0)
        (void)flush(r, &r->log);
    r->text.length = 0;
    return LP_OK;
}

static void read_counters(struct run *r)
{
    for (uint32_t d = 0; d < r->watch->config->device_count; d++)
        r->watch->source.counters(r->watch->source.ctx, d, &r->devices[d]);
}

static void draw_table(struct run *r, int64_t now_us)
{
    if (r->format != LP_MONITOR_TABLE || now_us < r->table_due_us)
        return;
    r->table_due_us = now_us + TABLE_PERIOD_US;
    read_counters(r);
    lp_table(&r->view, r->table_drawn, &r->text);
    r->table_drawn = true;
    (void)flush(r, &r->output);
}

/* The pipeline's clock has 32 bits; the window's time is at most that far behind the newest sample. */
static double window_time_s(const struct run *r)
{
    uint64_t newest_ms = r->tick * r->watch->config->pipeline.window.period_ms;
    uint32_t behind_ms = (uint32_t)newest_ms - r->view.decision.time_ms;
    return (double)(newest_ms - behind_ms) / 1000.0;
}

static lp_status run_windows(struct run *r)
{
    struct lp_watch *w = r->watch;
    while (lp_pipeline_next(&r->pipeline, r->input)) {
        lp_status status = w->network.run(w->network.ctx, r->input, r->scores, w->diag);
        if (status != LP_OK)
            return status;
        lp_pipeline_decide(&r->pipeline, r->scores, r->probabilities, &r->view.decision);
        r->view.windows++;
        r->view.window_time_s = window_time_s(r);
        if (r->format == LP_MONITOR_CSV)
            lp_csv_window(&r->view, &r->text);
        else if (r->format == LP_MONITOR_JSON)
            lp_json_window(&r->view, &r->text);
        if (r->text.length != 0)
            (void)flush(r, &r->output);
        if (w->max_windows != 0 && r->view.windows >= w->max_windows)
            break;
    }
    return LP_OK;
}

static lp_status take_sample(struct run *r)
{
    const struct lp_monitor_config *c = r->watch->config;
    uint64_t time_ms = r->tick * c->pipeline.window.period_ms;
    r->view.samples++;
    r->view.time_s = (double)time_ms / 1000.0;
    if (r->log.fd >= 0) {
        lp_log_sample(&r->view, &r->text);
        (void)flush(r, &r->log);
    }
    lp_pipeline_push(&r->pipeline, (uint32_t)time_ms, r->values);
    return run_windows(r);
}

/* Each sample has its place on one time grid that begins at the start: what comes late never shifts what follows. */
static lp_status loop(struct run *r)
{
    struct lp_watch *w = r->watch;
    int64_t period_us = (int64_t)w->config->pipeline.window.period_ms * 1000;
    int64_t start_us = w->clock.now_us(w->clock.ctx);
    lp_status status = LP_OK;
    while (status == LP_OK && !*w->stop && (r->output.fd >= 0 || r->log.fd >= 0)) {
        int64_t due_us = start_us + (int64_t)r->tick * period_us;
        int64_t now_us = w->clock.now_us(w->clock.ctx);
        if (now_us < due_us) {
            w->clock.sleep_until_us(w->clock.ctx, due_us);
            continue; /* looks at *stop, and sleeps on after a signal that was not for us */
        }
        uint64_t skipped = (uint64_t)((now_us - due_us) / period_us);
        r->view.lost_polls += skipped;
        r->tick += skipped;
        due_us += (int64_t)skipped * period_us;
        if (w->max_seconds > 0 && (double)(due_us - start_us) >= w->max_seconds * 1e6)
            break;
        w->source.sample(w->source.ctx, r->tick, due_us + period_us, r->values);
        if (*w->stop)
            break; /* the poll was cut short: its sample says nothing */
        status = take_sample(r);
        draw_table(r, now_us);
        r->tick++;
        if (w->max_windows != 0 && r->view.windows >= w->max_windows)
            break;
    }
    return status;
}

static void write_end(struct run *r)
{
    read_counters(r);
    r->table_due_us = INT64_MIN;
    if (r->table_drawn)
        draw_table(r, 0);
    if (r->format == LP_MONITOR_JSON) {
        lp_json_end(&r->view, &r->text);
        (void)flush(r, &r->output);
    }
    lp_summary(&r->view, &r->text);
    fputs(lp_text_get(&r->text), stderr);
    r->text.length = 0;
}

lp_status lp_watch_run(struct lp_watch *watch)
{
    struct run *r = LP_NEW(watch->arena, struct run);
    if (r == NULL)
        return lp_no_memory(watch->diag);
    r->watch = watch;
    r->view = (struct lp_monitor_view){.config = watch->config,
                                       .window = &r->pipeline.window.counters,
                                       .devices = r->devices,
                                       .values = r->values,
                                       .probabilities = r->probabilities};
    for (uint32_t f = 0; f < LP_MONITOR_MAX_FEATURES; f++)
        r->values[f] = NAN;
    lp_status status = open_pipeline(r);
    if (status == LP_OK)
        status = open_outputs(r);
    if (status == LP_OK) {
        status = loop(r);
        write_end(r);
    }
    bool fine = lp_writer_close(&r->output);
    fine = lp_writer_close(&r->log) && fine;
    lp_text_free(&r->text);
    return status == LP_OK && !fine ? LP_IO : status;
}
