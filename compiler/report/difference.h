/* What makes the difference between two costs: by cause, then by layer, largest first. */
#ifndef LP_REPORT_DIFFERENCE_H
#define LP_REPORT_DIFFERENCE_H

#include "compiler/report/cost.h"

/* One cause, or one layer, in both. */
struct lp_difference_row {
    const char *name;         /* of the cause, or of the layer; null: the network as a whole, beside its layers */
    const char *op;           /* of a layer */
    int64_t index_a, index_b; /* of a layer's operator; -1: not in this one */
    int64_t a_bytes, b_bytes;
    bool is_program; /* cause: of the program tables; else of the weights */
};

struct lp_difference {
    const struct lp_cost *a, *b;
    struct lp_difference_row *causes; /* their differences add up to that of weights and tables */
    uint32_t cause_count;
    struct lp_difference_row *layers; /* the same sum; bytes are weights and tables */
    uint32_t layer_count;
};

/* From `a` to `b`. Layers are the same where name and operator agree, else where the k-th of its operator does. */
lp_status lp_difference_find(struct lp_arena *arena, struct lp_diag *diag, const struct lp_cost *a, const struct lp_cost *b,
                             struct lp_difference *out);

void lp_difference_text(const struct lp_difference *difference, struct lp_arena *arena, struct lp_text *out);

/* {"from": {"file", "target"}, "to": {...}, "weights_bytes": {"from", "to", "difference"}, "program_bytes", "activations_bytes",
 * "code_bytes" (null where one was not linked), "ledger": [{"section", "cause", "from", "to", "difference"}], "layers": [{"from_index",
 * "to_index", "op", "name", "from", "to", "difference"}]}. A new reference. */
json_t *lp_difference_json(const struct lp_difference *difference);

#endif
