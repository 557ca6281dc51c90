/* What a compile found, for people (text) and for programs (JSON with stable keys). */
#ifndef LP_REPORT_REPORT_H
#define LP_REPORT_REPORT_H

#include "compiler/graph/graph.h"
#include "compiler/lower/placement.h"
#include "compiler/lower/program.h"
#include "compiler/optimize/optimize.h"
#include "compiler/plan/plan.h"

#include <jansson.h>

struct lp_report_model {
    const char *version; /* of limpid */
    const char *file;
    const char *sha256;
    const struct lp_graph *graph; /* as imported */
};

struct lp_choice;

struct lp_report_target {
    const struct lp_graph *graph; /* as lowered */
    const struct lp_program *program;
    const struct lp_plan_result *plan;
    const struct lp_removal *removal;     /* to `graph`; null: nothing was removed */
    const struct lp_ranges *ranges;       /* of the graph as imported; null: unknown */
    const struct lp_placement *placement; /* in the pools of the target; null: one arena, one blob */
    int64_t code_bytes;                   /* measured on the linked program; -1 when nobody linked one */
    int64_t kernels_bytes, tables_bytes;  /* of code_bytes: from the kernels' sources, and from the network's own */
    const struct lp_choice *choices;      /* of --optimize, see choices.h; null: there are none, or nobody asked */
    uint32_t choice_count;
};

enum { LP_REPORT_SCHEMA = 1 };

/* One cause of the linked code: kernels, the network's tables, and the runtime with the C library behind it. Their bytes add up
 * to code_bytes. */
struct lp_report_code {
    const char *cause;
    int64_t bytes;
};
enum { LP_REPORT_CODE_CAUSES = 3 };
void lp_report_code(const struct lp_report_target *target, struct lp_report_code causes[LP_REPORT_CODE_CAUSES]);

/* New references; null when there is no memory. */
json_t *lp_report_json(const struct lp_report_model *model, const struct lp_report_target *targets, size_t count);

/* Epochs in hardware: of one operator, or, -1, of all. */
uint32_t lp_report_hw_epochs(const struct lp_program *program, int64_t op);

/* Bytes of a pool of the target that weights take, and that activations take. */
uint64_t lp_report_pool_weights(const struct lp_report_target *target, uint32_t pool);
uint64_t lp_report_pool_activations(const struct lp_report_target *target, uint32_t pool);

/* A name out of a model file need not be valid UTF-8, which JSON demands: the bytes of others become '?'. New reference. */
json_t *lp_report_name_json(const char *name);

/* Sorted like the keys were added, two spaces of indentation, a newline at the end. */
void lp_report_json_text(const json_t *json, struct lp_text *out);

/* Operators, multiplications and bytes of the model in one line. */
void lp_report_text_model_line(const struct lp_report_model *model, struct lp_text *out);
void lp_report_text_model(const struct lp_report_model *model, struct lp_arena *arena, struct lp_text *out);
void lp_report_text_target(const struct lp_report_model *model, const struct lp_report_target *target, struct lp_arena *arena,
                           struct lp_text *out);

/* Operators that the target's hardware does not take: a line with the rule that failed for each. */
void lp_report_text_refusals(const struct lp_report_target *target, struct lp_text *out);

#endif
