/* Programs of the NPU as the files that the compiler emits for them, in a folder of the test's own. */
#ifndef LP_TESTS_SUPPORT_NEURAL_ART_EMIT_H
#define LP_TESTS_SUPPORT_NEURAL_ART_EMIT_H

#include "compiler/emit/neural-art/npu_emit.h"
#include "tests/support/neural_art_session.h"

struct na_emitted {
    char folder[64];
    struct lp_section tables;
    struct lp_output output;
};

/* Plans the caches of `program`, emits it as network "made" and writes all files. Fails the test on an error. */
void na_emit(struct na_session *s, struct lp_npu_program *program, const struct lp_npu_software *software,
             uint32_t software_count, bool as_blobs, struct na_emitted *out);

/* The same through an application of its own: lp_network_open and lp_network_run, or the run loop by hand. */
enum na_application { NA_NO_APPLICATION, NA_RUNTIME, NA_LOOP };
const uint8_t *na_emitted_apply(struct na_session *s, const struct na_emitted *emitted, enum na_application application,
                                const uint8_t *input, size_t input_bytes, uint32_t inferences, size_t *output_bytes);

/* The folder and everything in it. */
void na_emitted_remove(const struct na_emitted *emitted);

/* Compiles and runs it through the shim. Outputs of all inferences back to back. Fails the test on an error. */
const uint8_t *na_emitted_run(struct na_session *s, const struct na_emitted *emitted, const uint8_t *input, size_t input_bytes,
                              uint32_t inferences, size_t *output_bytes);

#endif
