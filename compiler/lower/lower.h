/* Graph + target -> program (epochs, blocks, constants). */
#ifndef LP_LOWER_LOWER_H
#define LP_LOWER_LOWER_H

#include "compiler/lower/program.h"

struct lp_lower_options {
    enum lp_rounding rounding;
    bool keep_inputs; /* inputs keep their values during a run: their memory is not reused */
};

/* needs: shapes (lp_analyze_shapes). The program and its constants live in `arena`; it refers to the graph's constants. */
lp_status lp_lower(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph, const struct lp_target *target,
                   const struct lp_lower_options *options, struct lp_program **out);

/* The program as text, one epoch a line. */
void lp_program_print(const struct lp_program *program, const struct lp_graph *graph, struct lp_text *out);

#endif
