/* What `run` shows of the outputs that a network gave: files, text, JSON. */
#ifndef LP_CLI_RUN_OUTPUT_H
#define LP_CLI_RUN_OUTPUT_H

#include "cli/batch.h"

struct lp_run_output {
    struct lp_session *session;
    const struct lp_graph *graph; /* its output tensors */
    const struct lp_batch *batch;
    const char *path; /* PATH.csv for a single output, PATH-0.csv, PATH-1.csv ... for several */
    bool is_real;     /* values in real units */
};

/* The file of output `i` of `count`; null without memory. */
const char *lp_run_output_path(struct lp_arena *arena, const char *path, size_t i, size_t count);

lp_status lp_run_write(const struct lp_run_output *o);
/* Everything: name, shape, dtype and values of each output. */
json_t *lp_run_json(const struct lp_run_output *o);
/* A person sees the first values of each inference; files and JSON hold all of them. */
void lp_run_text(const struct lp_run_output *o, struct lp_text *out);
/* One line; consumes `json`. */
void lp_run_json_line(json_t *json, struct lp_text *out);

#endif
