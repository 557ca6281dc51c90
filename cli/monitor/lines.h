/* What the monitor writes for each window and each sample: CSV, JSON lines, a table for people. Pure formatting. */
#ifndef LP_CLI_MONITOR_LINES_H
#define LP_CLI_MONITOR_LINES_H

#include "cli/monitor/link.h"
#include "compiler/base/text.h"

/* Everything that can be shown at one moment. */
struct lp_monitor_view {
    const struct lp_monitor_config *config;
    const struct lp_window_counters *window;  /* of the pipeline */
    const struct lp_device_counters *devices; /* by device */
    uint64_t samples, windows;                /* so far */
    uint64_t lost_polls;                      /* samples for which this program came too late itself */
    double time_s;                            /* since the start */
    const float *values;                      /* the newest sample, NaN where something is missing */
    const float *probabilities;               /* of the last window, when windows > 0 */
    struct lp_decision decision;              /* of the last window */
    double window_time_s;                     /* of its last sample */
};

/* The name of a class: its label, or its number. Returns `buffer` or the label. */
const char *lp_class_name(const struct lp_monitor_config *config, int32_t class_index, char *buffer, size_t room);

void lp_csv_header(const struct lp_monitor_view *view, struct lp_text *out);
void lp_csv_window(const struct lp_monitor_view *view, struct lp_text *out);
void lp_json_window(const struct lp_monitor_view *view, struct lp_text *out);
/* The last JSON line: all counters. */
void lp_json_end(const struct lp_monitor_view *view, struct lp_text *out);

/* The log of samples: a missing value is an empty field. */
void lp_log_header(const struct lp_monitor_view *view, struct lp_text *out);
void lp_log_sample(const struct lp_monitor_view *view, struct lp_text *out);

/* The live table; `redraw` puts the cursor back to its beginning first. */
void lp_table(const struct lp_monitor_view *view, bool redraw, struct lp_text *out);

/* All counters as sentences, for the end. */
void lp_summary(const struct lp_monitor_view *view, struct lp_text *out);

#endif
