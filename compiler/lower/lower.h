/* Graph + target -> program (epochs, blocks, constants). */
#ifndef LP_LOWER_LOWER_H
#define LP_LOWER_LOWER_H

#include "compiler/analyze/ranges.h"
#include "compiler/lower/program.h"

struct lp_lower_backend;

enum lp_goal { LP_GOAL_BALANCED, LP_GOAL_SIZE, LP_GOAL_SPEED };

/* A tensor that is moved to another place by an epoch of its own, before the operator that is the last to read it. */
struct lp_move_before {
    uint32_t op; /* index in the graph */
    int32_t tensor;
};

/* Operators that follow each other and run by rows, so that what is between them needs little memory. */
struct lp_rows_chain {
    uint32_t first, count; /* operators of the graph */
};

struct lp_lower_options {
    enum lp_rounding rounding;
    bool keep_inputs;                       /* inputs keep their values during a run: their memory is not reused */
    const struct lp_lower_backend *backend; /* hardware of the target; null: CPU kernels for everything */
    const struct lp_input_range *inputs;    /* declared for each graph input, or null */
    enum lp_goal goal;                      /* where storage and speed are a choice */
    const struct lp_move_before *move;      /* null: none */
    const struct lp_rows_chain *rows;       /* chains that share no operator, in any order */
    uint32_t row_count;
    bool allow_unproven; /* also hardware configurations that nobody has seen to work */
};

/* needs: shapes (lp_analyze_shapes). The program and its constants live in `arena`; it refers to the graph's constants. */
lp_status lp_lower(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph, const struct lp_target *target,
                   const struct lp_lower_options *options, struct lp_program **out);

/* The program as text, one epoch a line. */
void lp_program_print(const struct lp_program *program, const struct lp_graph *graph, struct lp_text *out);

#endif
