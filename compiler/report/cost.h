/* What a report says that one target costs, as numbers that can be compared: read back from the report's JSON, so that a
 * fresh analysis and a report of last year are the same thing. */
#ifndef LP_REPORT_COST_H
#define LP_REPORT_COST_H

#include "compiler/base/arena.h"
#include "compiler/base/diag.h"

#include <jansson.h>
#include <stdbool.h>

/* Causes by name: a report of another version may know others. */
struct lp_cost_cause {
    const char *name;
    int64_t bytes;
};

struct lp_cost_ledger {
    struct lp_cost_cause *causes;
    uint32_t count;
};

struct lp_cost_layer {
    int64_t index; /* operator of the model file */
    const char *op, *name;
    const char *runs_on; /* null: nowhere */
    int64_t constants_bytes, weights_bytes, program_bytes;
    struct lp_cost_ledger ledger; /* of weights_bytes */
};

struct lp_cost {
    const char *model, *target, *sha256;
    int64_t constants_bytes; /* weights and biases as in the model file */
    int64_t weights_bytes, program_bytes, activations_bytes;
    int64_t code_bytes; /* of a linked program, its tables included; -1: nobody linked one */
    int64_t epochs_hw, epochs_sw, macs;
    struct lp_cost_ledger weights, program;
    struct lp_cost_layer *layers;
    uint32_t layer_count;
};

/* Target number `target` of the report. LP_BAD_INPUT names what is missing, or what contradicts itself: causes that do not add
 * up to the size, layers that together exceed it. `file` names the report in messages. */
lp_status lp_cost_read(struct lp_arena *arena, struct lp_diag *diag, const char *file, const json_t *report, size_t target,
                       struct lp_cost *out);

/* What a target needs of flash: weights, and the linked code or, where nobody linked, the tables alone. */
int64_t lp_cost_flash_bytes(const struct lp_cost *cost);

int64_t lp_cost_cause_bytes(const struct lp_cost_ledger *ledger, const char *cause);

/* "vww.tflite on stm32n6" */
const char *lp_cost_title(struct lp_arena *arena, const struct lp_cost *cost);

#endif
