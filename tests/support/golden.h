/* Models with recorded inputs and outputs: golden/index.json of a folder, and the files that it names. */
#ifndef LP_TESTS_SUPPORT_GOLDEN_H
#define LP_TESTS_SUPPORT_GOLDEN_H

#include "compiler/base/file.h"
#include "compiler/graph/graph.h"
#include "contract/requantize.h"

#include <jansson.h>

/* The project's own vectors, and the folder of further ones beside the project; both relative to the project's root. */
#define GOLDEN_OWN "tests/vectors"
#define GOLDEN_SHARED "../shared"

/* The index of a folder, null when the folder has none. json_decref it. */
json_t *golden_open(const char *root);

struct golden_model {
    const char *root;
    const json_t *json; /* the model's entry in the index */
    const char *name;
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_graph *graph; /* verified, shapes analyzed */
};

/* Reads and analyzes the index's i-th model. `status` is what the importer or the analysis said; the test fails when a
 * file is missing. Close it in any case. */
lp_status golden_model_open(struct golden_model *m, const char *root, const json_t *index, size_t i);
void golden_model_close(struct golden_model *m);

/* The model has an operator that is not in compiler/graph/op_kinds.h. */
bool golden_has_unknown_operator(const struct golden_model *m);

/* Some models were run in one rounding only. */
bool golden_has_rounding(const struct golden_model *m, enum lp_rounding rounding);

size_t golden_vector_count(const struct golden_model *m);
/* Bytes of the i-th input or output of vector v, allocated in the model's arena; the test fails when the file's size is not
 * the tensor's. Shape operands that are inputs have the declared shape: who recorded random values for them does not read them. */
const uint8_t *golden_input(struct golden_model *m, size_t v, uint32_t i);
const uint8_t *golden_output(struct golden_model *m, size_t v, uint32_t i, enum lp_rounding rounding);

/* Recorded value of a tensor of the model file for vector 0 in double rounding; null when there is none. */
const uint8_t *golden_tensor(struct golden_model *m, int32_t source_index, size_t *size_bytes);

#endif
