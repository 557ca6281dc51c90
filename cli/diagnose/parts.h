/* Parts of `limpid diagnose`. */
#ifndef LP_CLI_DIAGNOSE_PARTS_H
#define LP_CLI_DIAGNOSE_PARTS_H

#include "cli/batch.h"
#include "diagnose/diagnose.h"

enum { LP_DIAGNOSE_PATHS = 32 };

struct lp_diagnose_options {
    const char *inputs[LP_DIAGNOSE_PATHS], *observed[LP_DIAGNOSE_PATHS], *images[LP_DIAGNOSE_PATHS];
    uint32_t input_count, observed_count, image_count;
    enum lp_values_mode input_mode, observed_mode; /* inputs: AUTO means real */
    const char *trace, *log, *program, *html;
};

/* The reference kernels, operator by operator. */
extern const struct lp_case_runner lp_diagnose_runner;

/* Reads inputs, outputs, trace and log into the case; the graph is set. *all_rows: inferences of the log, of which
 * case->count are looked at. */
lp_status lp_diagnose_read(struct lp_session *session, const struct lp_diagnose_options *options, struct lp_case *c,
                           size_t *all_rows);

/* A folder with program.json, run on the simulator. */
lp_status lp_diagnose_device(struct lp_session *session, const char *folder, const struct lp_case *c, struct lp_case_device *out);

/* A network.c in the vendor's interface, compiled and executed in processes of its own. `folder` holds what is compiled and
 * must stay as long as the device. Epochs are not seen from outside. */
lp_status lp_diagnose_network(struct lp_session *session, const struct lp_diagnose_options *options, const char *folder,
                              const struct lp_case *c, struct lp_case_device *out);

struct lp_diagnose_report {
    const char *model_file;
    const struct lp_case *c;
    const struct lp_diagnosis *d;
    size_t all_rows;
    bool has_program;
};
void lp_diagnose_text(const struct lp_diagnose_report *report, struct lp_text *out);
void lp_diagnose_json(const struct lp_diagnose_report *report, struct lp_text *out);
void lp_diagnose_html(const struct lp_diagnose_report *report, struct lp_text *out);

#endif
