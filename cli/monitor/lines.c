#include "cli/monitor/lines.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

const char *lp_class_name(const struct lp_monitor_config *config, int32_t class_index, char *buffer, size_t room)
{
    if (class_index < 0)
        return "undecided";
    if ((uint32_t)class_index < config->label_count)
        return config->labels[class_index];
    snprintf(buffer, room, "class %d", (int)class_index);
    return buffer;
}

/* Quoted when it must be. */
static void csv_field(struct lp_text *out, const char *text)
{
    if (strpbrk(text, ",\"\n\r") == NULL) {
        lp_text_printf(out, "%s", text);
        return;
    }
    lp_text_add(out, "\"", 1);
    for (; *text != '\0'; text++)
        lp_text_printf(out, *text == '"' ? "\"\"" : "%c", *text);
    lp_text_add(out, "\"", 1);
}

static void json_string(struct lp_text *out, const char *text)
{
    lp_text_add(out, "\"", 1);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            lp_text_printf(out, "\\%c", c);
        else if (c < 0x20)
            lp_text_printf(out, "\\u%04x", c);
        else
            lp_text_add(out, text, 1);
    }
    lp_text_add(out, "\"", 1);
}

void lp_csv_header(const struct lp_monitor_view *view, struct lp_text *out)
{
    char name[32];
    lp_text_printf(out, "time_s,window,class,confidence,decision");
    for (uint32_t i = 0; i < view->config->pipeline.classes; i++) {
        lp_text_add(out, ",", 1);
        csv_field(out, lp_class_name(view->config, (int32_t)i, name, sizeof name));
    }
    lp_text_printf(out, ",lost_samples,missing_values,filled_values,restarts\n");
}

void lp_csv_window(const struct lp_monitor_view *view, struct lp_text *out)
{
    char name[32];
    lp_text_printf(out, "%.3f,%" PRIu64 ",", view->window_time_s, view->windows - 1);
    csv_field(out, lp_class_name(view->config, view->decision.window_class, name, sizeof name));
    lp_text_printf(out, ",%.6f,", (double)view->decision.confidence);
    csv_field(out, lp_class_name(view->config, view->decision.decided_class, name, sizeof name));
    for (uint32_t i = 0; i < view->config->pipeline.classes; i++)
        lp_text_printf(out, ",%.6f", (double)view->probabilities[i]);
    lp_text_printf(out, ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 "\n", view->window->lost_samples,
                   view->window->missing_values, view->window->filled_values, view->window->restarts);
}

static void json_window_counters(const struct lp_window_counters *w, struct lp_text *out)
{
    lp_text_printf(
        out, "\"lost_samples\":%" PRIu32 ",\"missing_values\":%" PRIu32 ",\"filled_values\":%" PRIu32 ",\"restarts\":%" PRIu32,
        w->lost_samples, w->missing_values, w->filled_values, w->restarts);
}

void lp_json_window(const struct lp_monitor_view *view, struct lp_text *out)
{
    char name[32];
    lp_text_printf(out, "{\"type\":\"window\",\"time_s\":%.3f,\"window\":%" PRIu64 ",\"class\":", view->window_time_s,
                   view->windows - 1);
    json_string(out, lp_class_name(view->config, view->decision.window_class, name, sizeof name));
    lp_text_printf(out, ",\"confidence\":%.6f,\"decision\":", (double)view->decision.confidence);
    if (view->decision.decided_class < 0)
        lp_text_printf(out, "null");
    else
        json_string(out, lp_class_name(view->config, view->decision.decided_class, name, sizeof name));
    lp_text_printf(out, ",\"probabilities\":[");
    for (uint32_t i = 0; i < view->config->pipeline.classes; i++)
        lp_text_printf(out, "%s%.6f", i == 0 ? "" : ",", (double)view->probabilities[i]);
    lp_text_printf(out, "],");
    json_window_counters(view->window, out);
    lp_text_printf(out, "}\n");
}

void lp_json_end(const struct lp_monitor_view *view, struct lp_text *out)
{
    lp_text_printf(
        out, "{\"type\":\"end\",\"time_s\":%.3f,\"samples\":%" PRIu64 ",\"windows\":%" PRIu64 ",\"lost_polls\":%" PRIu64 ",",
        view->time_s, view->samples, view->windows, view->lost_polls);
    json_window_counters(view->window, out);
    lp_text_printf(out, ",\"devices\":[");
    for (uint32_t d = 0; d < view->config->device_count; d++) {
        const struct lp_device_counters *c = &view->devices[d];
        lp_text_printf(out, "%s{\"name\":", d == 0 ? "" : ",");
        json_string(out, view->config->devices[d].name);
        lp_text_printf(out, ",\"polls\":%" PRIu64 ",\"connects\":%" PRIu64 ",\"late_answers\":%" PRIu64 ",\"last_exception\":%d",
                       c->polls, c->connects, c->late_answers, c->last_exception);
        for (uint32_t f = 0; f < LP_POLL_FAULTS; f++) {
            lp_text_printf(out, ",\"");
            for (const char *name = lp_poll_fault_names[f]; *name != '\0'; name++)
                lp_text_printf(out, "%c", *name == ' ' ? '_' : *name);
            lp_text_printf(out, "\":%" PRIu64, c->faults[f]);
        }
        lp_text_printf(out, "}");
    }
    lp_text_printf(out, "]}\n");
}

void lp_log_header(const struct lp_monitor_view *view, struct lp_text *out)
{
    lp_text_printf(out, "time_s");
    for (uint32_t f = 0; f < view->config->feature_count; f++) {
        lp_text_add(out, ",", 1);
        csv_field(out, view->config->features[f].name);
    }
    lp_text_add(out, "\n", 1);
}

void lp_log_sample(const struct lp_monitor_view *view, struct lp_text *out)
{
    lp_text_printf(out, "%.3f", view->time_s);
    for (uint32_t f = 0; f < view->config->feature_count; f++)
        if (isfinite(view->values[f]))
            lp_text_printf(out, ",%.9g", (double)view->values[f]);
        else
            lp_text_add(out, ",", 1);
    lp_text_add(out, "\n", 1);
}

static void device_faults(const struct lp_monitor_view *view, uint32_t device, struct lp_text *out)
{
    const struct lp_device_counters *c = &view->devices[device];
    lp_text_printf(out, "%-12s %8" PRIu64 " polls, %" PRIu64 " fine", view->config->devices[device].name, c->polls,
                   c->faults[LP_POLL_FINE]);
    for (uint32_t f = LP_POLL_FINE + 1; f < LP_POLL_FAULTS; f++)
        if (c->faults[f] != 0)
            lp_text_printf(out, ", %s %" PRIu64, lp_poll_fault_names[f], c->faults[f]);
    if (c->last_exception != 0)
        lp_text_printf(out, " (last code %d)", c->last_exception);
    if (c->late_answers != 0)
        lp_text_printf(out, ", late answers thrown away %" PRIu64, c->late_answers);
}

static void sample_counters(const struct lp_monitor_view *view, struct lp_text *out)
{
    lp_text_printf(out,
                   "%" PRIu64 " samples, %" PRIu64 " windows; gap rule %s: %" PRIu32 " samples lost, %" PRIu32
                   " values missing, %" PRIu32 " filled, %" PRIu32 " restarts",
                   view->samples, view->windows, lp_monitor_gap_rules[view->config->pipeline.window.gap_rule],
                   view->window->lost_samples, view->window->missing_values, view->window->filled_values, view->window->restarts);
}

/* A bar of at most 40 signs. */
static void bar(struct lp_text *out, float share)
{
    int length = share > 0.0f ? (int)(share * 40.0f + 0.5f) : 0;
    for (int i = 0; i < length && i < 40; i++)
        lp_text_add(out, "#", 1);
}

void lp_table(const struct lp_monitor_view *view, bool redraw, struct lp_text *out)
{
    static const char *const line_end = "\x1b[K\n"; /* and clears what an earlier, longer line left */
    const struct lp_monitor_config *c = view->config;
    char name[32];
    lp_text_printf(out, redraw ? "\x1b[H" : "\x1b[H\x1b[2J");
    lp_text_printf(out, "limpid monitor: %s on %s, %.1f s%s%s", c->model, c->target, view->time_s, line_end, line_end);
    for (uint32_t f = 0; f < c->feature_count; f++) {
        lp_text_printf(out, "%-24s ", c->features[f].name);
        if (isfinite(view->values[f]))
            lp_text_printf(out, "%12.3f %s%s", (double)view->values[f], c->features[f].unit, line_end);
        else
            lp_text_printf(out, "%12s%s", "missing", line_end);
    }
    lp_text_printf(out, "%s", line_end);
    for (uint32_t i = 0; i < c->pipeline.classes; i++) {
        float p = view->windows == 0 ? 0.0f : view->probabilities[i];
        lp_text_printf(out, "%-24s %5.1f %% ", lp_class_name(c, (int32_t)i, name, sizeof name), (double)(p * 100.0f));
        bar(out, p);
        lp_text_printf(out, "%s", line_end);
    }
    int32_t decided = view->windows == 0 ? LP_NO_CLASS : view->decision.decided_class;
    lp_text_printf(out, "%sdecision: %s%s%s", line_end, lp_class_name(c, decided, name, sizeof name), line_end, line_end);
    for (uint32_t d = 0; d < c->device_count; d++) {
        device_faults(view, d, out);
        lp_text_printf(out, "%s", line_end);
    }
    sample_counters(view, out);
    lp_text_printf(out, "%s\x1b[J", line_end);
}

void lp_summary(const struct lp_monitor_view *view, struct lp_text *out)
{
    sample_counters(view, out);
    if (view->lost_polls != 0)
        lp_text_printf(out, "; %" PRIu64 " samples were skipped because this PC was late", view->lost_polls);
    lp_text_add(out, "\n", 1);
    for (uint32_t d = 0; d < view->config->device_count; d++) {
        device_faults(view, d, out);
        lp_text_add(out, "\n", 1);
    }
}
