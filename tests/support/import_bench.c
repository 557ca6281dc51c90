#include "tests/support/import_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct lp_tw_op *import_bench_begin(struct import_bench *b, int32_t code, uint8_t options_type, uint32_t input_count)
{
    static const float half = 0.5f;
    static const int32_t minus_three = -3;
    static const int32_t dims[] = {1, 4, 4, 2};
    memset(b, 0, sizeof *b);
    for (uint32_t i = 0; i < input_count; i++)
        b->file.inputs[i] = lp_tw_add_tensor(&b->file, "input", LP_ELEMENT_INT8, 4, dims, &half, &minus_three);
    b->file.input_count = input_count;
    b->file.outputs[0] = lp_tw_add_tensor(&b->file, "result", LP_ELEMENT_INT8, 4, dims, &half, &minus_three);
    b->file.output_count = 1;
    return lp_tw_add_op(&b->file, code, options_type, input_count, b->file.inputs, b->file.outputs[0]);
}

void import_bench_write(struct import_bench *b)
{
    const uint8_t *bytes = lp_tw_finish(&b->file, &b->size_bytes);
    b->bytes = malloc(b->size_bytes);
    assert_non_null(b->bytes);
    memcpy(b->bytes, bytes, b->size_bytes);
}

lp_status import_bench_read(struct import_bench *b)
{
    lp_status status = lp_import(&b->arena, &b->diag, "test.tflite", b->bytes, b->size_bytes, &b->graph);
    return status == LP_OK ? lp_graph_verify(b->graph, "import", &b->diag) : status;
}

const struct lp_op *import_bench_take(struct import_bench *b, enum lp_op_kind kind)
{
    import_bench_write(b);
    if (import_bench_read(b) != LP_OK)
        fail_msg("%s", lp_text_get(&b->diag.errors));
    assert_int_equal(b->graph->op_count, 1);
    assert_int_equal(b->graph->ops[0].kind, kind);
    assert_string_equal(lp_op_name(b->graph, &b->graph->ops[0]), "result");
    return &b->graph->ops[0];
}

void import_bench_end(struct import_bench *b)
{
    lp_tw_free(&b->file);
    lp_arena_free(&b->arena);
    lp_diag_free(&b->diag);
    free(b->bytes);
}

void import_bench_option(struct lp_tw_op *op, uint32_t field, uint8_t size_bytes, int64_t value)
{
    op->fields[field] = (struct lp_tw_field){size_bytes, value};
}
