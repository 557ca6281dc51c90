/* The whole compiler: one unit of work goes through the stages of pipeline.c in order. */
#ifndef LP_COMPILER_PIPELINE_H
#define LP_COMPILER_PIPELINE_H

#include "compiler/base/sha256.h"
#include "compiler/emit/emit.h"
#include "compiler/graph/graph.h"
#include "compiler/lower/lower.h"
#include "compiler/lower/placement.h"
#include "compiler/optimize/optimize.h"
#include "compiler/plan/plan.h"
#include "compiler/target/target.h"

struct lp_unit {
    /* Given by the caller. */
    const char *model_path;
    const uint8_t *model;
    size_t model_bytes;
    const char *name;  /* C name of the network; null: from the file's name */
    const char *flags; /* for the banner: options that change the result */
    const char *version;
    const struct lp_target *target;
    struct lp_lower_options options;
    const struct lp_source_file *sources; /* of the device half, for emission */
    size_t source_count;
    const char *dump_after; /* stage whose result is printed to `dump`, null for none */
    const char *last_stage; /* null: all */
    bool keep_dead;         /* no channel is removed */
    const struct lp_input_range
        *input_ranges; /* one for each graph input, in order; inputs beyond the last have their whole range */
    uint32_t input_range_count;
    const struct lp_graph_runner *runner; /* checks each removal; null: nobody does */
    bool all_outputs; /* every computed tensor becomes an output: to see them where only outputs can be seen */
    struct lp_text dump;
    struct lp_diag *diag;
    struct lp_arena *arena;

    /* Filled in by the stages, in this order. */
    char model_sha256[LP_SHA256_TEXT_BYTES];
    struct lp_graph *model_graph; /* as in the model file */
    struct lp_graph *fused_graph; /* without the operators that others do as well */
    struct lp_graph *graph;       /* as compiled: fused, without what is dead; tensors have the same index in both */
    struct lp_ranges *ranges;     /* of removal->before; null when keep_dead is set */
    struct lp_removal *removal;   /* from the fused graph to `graph`; null when keep_dead is set */
    struct lp_graph *whole_graph; /* `graph` and `removal` before lowering kept channels for its tiling */
    struct lp_removal *whole_removal;
    const struct lp_rows_chain *rows; /* by which `program` was lowered */
    uint32_t row_count;
    struct lp_program *program;
    struct lp_plan_result plan;
    struct lp_output output;
    const struct lp_placement *placement; /* in the pools of a target with several; filled in by who links for it */
};

/* Runs the stages; stops at the first error, which `diag` explains. */
lp_status lp_compile(struct lp_unit *unit);

/* The same unit for another goal, up to stage "plan", in `unit->arena` and with `unit->diag`. Needs `from` compiled up to
 * there, which has to outlive it: stages that do not depend on the goal are not repeated. */
lp_status lp_compile_for_goal(const struct lp_unit *from, enum lp_goal goal, struct lp_unit *unit);

/* The C name of the network into unit->name: the given one, or one from the file's name. */
lp_status lp_unit_set_name(struct lp_unit *unit);

/* What emission takes of a compiled unit whose name is set. */
struct lp_emit_input lp_unit_emit_input(const struct lp_unit *unit);

/* The file's name without folders. */
const char *lp_unit_model_file(const struct lp_unit *unit);

#endif
