/* Any bytes as a file of values: the first ones choose the tensor that it is for, the rest is the file. */
#ifndef LP_TESTS_FUZZ_FUZZ_VALUES_H
#define LP_TESTS_FUZZ_FUZZ_VALUES_H

#include "cli/values/formats.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

typedef lp_status fuzz_reader(const struct lp_values_job *job, struct lp_values *out);

/* Keeps reads from being optimized away. */
static volatile uint32_t fuzz_sink;

/* In front of the file: type, mode, three dimensions. */
enum { FUZZ_HEAD_BYTES = 5 };

static inline struct lp_tensor fuzz_tensor(const uint8_t *head, float *scale, int32_t *zero_point)
{
    struct lp_tensor t = {.name = "fuzzed", .element = (enum lp_element)(head[0] % (LP_ELEMENT_BOOL + 1)), .rank = 3};
    for (int i = 0; i < 3; i++)
        t.dims[i] = 1 + head[2 + i] % 5;
    if (t.element != LP_ELEMENT_FLOAT32 && t.element != LP_ELEMENT_BOOL && (head[0] & 0x80) == 0) {
        t.quant.count = 1;
        t.quant.scale = scale;
        t.quant.zero_point = zero_point;
    }
    return t;
}

static inline int fuzz_values(fuzz_reader *read, const char *path, const uint8_t *data, size_t size_bytes)
{
    if (size_bytes < FUZZ_HEAD_BYTES)
        return 0;
    float scale = 0.25f;
    int32_t zero_point = 3;
    struct lp_tensor tensor = fuzz_tensor(data, &scale, &zero_point);
    struct lp_arena arena = {.limit_bytes = 64 * size_bytes + (1 << 20)};
    struct lp_diag diag = {0};
    /* Exactly as long as the file, so that one byte too far is seen. */
    size_t file_bytes = size_bytes - FUZZ_HEAD_BYTES;
    uint8_t *file = malloc(file_bytes == 0 ? 1 : file_bytes);
    must(file != NULL, "no memory");
    memcpy(file, data + FUZZ_HEAD_BYTES, file_bytes);
    struct lp_values_job job = {.arena = &arena,
                                .diag = &diag,
                                .path = path,
                                .data = file,
                                .size_bytes = file_bytes,
                                .mode = (enum lp_values_mode)(data[1] % (LP_VALUES_RAW + 1)),
                                .tensor = &tensor,
                                .elements = (size_t)lp_tensor_elements(&tensor),
                                .element_bytes = lp_element_bytes(tensor.element)};
    struct lp_values values = {0};
    lp_status status = read(&job, &values);
    must((status == LP_OK) == (diag.error_count == 0), "status and errors do not agree");
    if (status == LP_OK) {
        must(values.data != NULL && values.inference_count > 0, "no values and no error");
        must(values.inference_bytes == job.elements * job.element_bytes, "inferences of another size");
        /* Also reads every byte, which the sanitizer watches. */
        uint32_t sum = 0;
        for (size_t i = 0; i < values.inference_count * values.inference_bytes; i++) {
            must(tensor.element != LP_ELEMENT_BOOL || values.data[i] <= 1, "a bool that is neither 0 nor 1");
            sum += values.data[i];
        }
        fuzz_sink = sum;
    }
    free(file);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
    return 0;
}

#endif
