/* What all commands share: memory, messages, targets, options with one meaning everywhere. */
#ifndef LP_CLI_SESSION_H
#define LP_CLI_SESSION_H

#include "compiler/pipeline.h"
#include "compiler/report/report.h"

#include <argp.h>

enum { LP_MAX_TARGETS = 8, LP_MAX_INPUT_RANGES = 16 };

struct lp_session {
    struct lp_arena arena;
    struct lp_diag diag;
    const char *model_path;
    const uint8_t *model;
    size_t model_bytes;
    struct lp_target targets[LP_MAX_TARGETS];
    uint32_t target_count;
    bool is_default_target; /* nobody named one */
    struct lp_lower_options options;
    const char *pools_file; /* --pools; null: those of the target */
    struct lp_placement_options placement;
    const char *name;
    const char *dump_after;
    bool json;
    bool all_outputs;                              /* see struct lp_unit */
    bool keep_dead;                                /* the same */
    bool is_checked;                               /* the removals of this model were compared with the original before */
    const char *input_ranges[LP_MAX_INPUT_RANGES]; /* texts of --input-range, in the order of the model's inputs */
    uint32_t input_range_count;
};

/* Prints notes and errors to standard error, frees everything, and gives the exit status: 2 for any error, else `exit`. */
int lp_session_close(struct lp_session *session, lp_status status, int exit);

/* Options that several commands take; include with `.children`. Their parser's input is the struct lp_session.
 * --target LIST, --rounding single|double, --keep-inputs, --keep-dead, --input-range R, --name NAME, --dump-after STAGE, --json. */
extern const struct argp lp_session_argp;

/* Runs a command's argp with the shared options as child. Usage errors have been printed; the status says go on or stop. */
lp_status lp_session_parse(struct lp_session *session, const struct argp *argp, int argc, char **argv, void *input);

/* Reads the targets of a comma-separated list from the embedded files; LP_BAD_ARGUMENT lists what exists. */
lp_status lp_session_targets(struct lp_session *session, const char *list);

/* Reads the model file, once. */
lp_status lp_session_model(struct lp_session *session);

/* Compiles the model for one target up to `last_stage` (null: all), printing what --dump-after asks for. */
lp_status lp_session_compile(struct lp_session *session, const struct lp_target *target, const char *last_stage,
                             struct lp_unit *unit);

/* "size", "balanced", "speed". */
const char *lp_session_goal_name(enum lp_goal goal);

/* Standard output in one piece; an error (closed pipe, full disk) is said once. Control characters but line ends become '?':
 * names out of a model file must not steer a terminal. */
lp_status lp_session_print(struct lp_session *session, struct lp_text *text);

struct lp_report_model lp_session_report_model(const struct lp_unit *unit);
struct lp_report_target lp_session_report_target(const struct lp_unit *unit);

#endif
