/* Many networks in one program on an emulated board: compiled by the code behind `limpid validate`, run at once, and every
 * output byte compared. Compiling and starting the board dominate, so a test puts all it has into one batch. */
#ifndef LP_TESTS_SUPPORT_BOARD_BATCH_H
#define LP_TESTS_SUPPORT_BOARD_BATCH_H

#include "cli/emulate/emulate.h"
#include "cli/session.h"

enum { BOARD_BATCH_MODELS = 256 };

/* What the emulated run of one network has to give. */
struct board_expectation {
    const char *what;      /* for messages: the model and the rounding */
    const uint8_t *output; /* all inferences back to back */
    uint32_t arena_bytes;  /* of the plan: what the run must touch to the last byte */
};

struct board_batch {
    struct lp_session session;
    const char *folder; /* the emitted sources; null when nothing is open */
    const char **sources;
    size_t source_count, source_capacity;
    struct lp_emulate_network networks[BOARD_BATCH_MODELS];
    struct board_expectation expected[BOARD_BATCH_MODELS];
    size_t count;
    size_t output_bytes; /* compared by board_batch_run */
};

/* Empty, for the target of that name. The test fails when it can't be opened, as it does for every error below. */
void board_batch_open(struct board_batch *b, const char *target);

/* Compiles a model as the network net_0, net_1 ... Its error stays in b->session.diag when it is refused. `unit` has the
 * graph, for whoever gathers inputs, and lives as long as the batch. */
lp_status board_batch_compile(struct board_batch *b, const char *what, const uint8_t *model, size_t model_bytes,
                              enum lp_rounding rounding, struct lp_unit *unit);

/* Adds the unit. `input` and `output` hold inference_count inferences back to back and are copied; each inference is all
 * inputs, or all outputs, in the model's order. */
void board_batch_add(struct board_batch *b, const char *what, const struct lp_unit *unit, const uint8_t *input,
                     const uint8_t *output, uint32_t inference_count);

/* Runs all in one program, then compares every output byte, and the bytes of the arena that were touched with those planned. */
void board_batch_run(struct board_batch *b, uint32_t timeout_s);

/* Removes everything; may be called twice, and without board_batch_open. */
void board_batch_close(struct board_batch *b);

/* Bytes of all inputs or outputs of one inference. */
size_t board_input_bytes(const struct lp_graph *graph);
size_t board_output_bytes(const struct lp_graph *graph);

#endif
