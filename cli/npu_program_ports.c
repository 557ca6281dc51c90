#include "cli/npu_program_ports.h"

#include <math.h>
#include <string.h>

static bool element_of(const struct lp_npu_buffer *b, enum lp_element *out)
{
    for (int e = LP_ELEMENT_INT8; e <= LP_ELEMENT_BOOL; e++)
        if (b->dtype != NULL && strcmp(lp_element_name((enum lp_element)e), b->dtype) == 0) {
            *out = (enum lp_element)e;
            return true;
        }
    return false;
}

/* Type and shape as stated, when they give the buffer's size. */
static bool take_shape(const struct lp_npu_buffer *b, struct lp_tensor *t)
{
    const int64_t *shape = b->mem_shape == NULL ? b->shape : b->mem_shape;
    uint32_t rank = b->mem_shape == NULL ? b->rank : b->mem_rank;
    if (rank > LP_MAX_RANK || !element_of(b, &t->element))
        return false;
    int64_t bytes = lp_element_bytes(t->element);
    for (uint32_t i = 0; i < rank; i++) {
        if (shape[i] < 1 || shape[i] > INT32_MAX / bytes)
            return false;
        bytes *= shape[i];
        t->dims[i] = (int32_t)shape[i];
    }
    t->rank = (uint8_t)rank;
    return (uint64_t)bytes == b->size_bytes;
}

static lp_status take_quant(struct lp_arena *arena, struct lp_diag *diag, const struct lp_npu_buffer *b, struct lp_tensor *t)
{
    float *scale = LP_NEW(arena, float);
    int32_t *zero_point = LP_NEW(arena, int32_t);
    if (scale == NULL || zero_point == NULL)
        return lp_no_memory(diag);
    if (b->scale_count != 1 || b->zero_point_count > 1 || t->element == LP_ELEMENT_FLOAT32)
        return LP_OK;
    *scale = (float)b->scale[0];
    *zero_point = b->zero_point_count == 1 ? b->zero_point[0] : 0;
    if (isfinite(*scale) && *scale > 0.0f)
        t->quant = (struct lp_quant){.count = 1, .scale = scale, .zero_point = zero_point};
    return LP_OK;
}

static lp_status take_buffer(struct lp_arena *arena, struct lp_diag *diag, const struct lp_npu_buffer *b, struct lp_tensor *t)
{
    *t = (struct lp_tensor){.source_index = -1};
    if (!take_shape(b, t)) {
        *t = (struct lp_tensor){.element = b->is_unsigned ? LP_ELEMENT_UINT8 : LP_ELEMENT_INT8,
                                .rank = 1,
                                .dims = {(int32_t)b->size_bytes},
                                .source_index = -1};
    }
    t->name = b->name == NULL ? "" : b->name;
    return take_quant(arena, diag, b, t);
}

lp_status lp_npu_program_ports(struct lp_arena *arena, struct lp_diag *diag, const char *label,
                               const struct lp_npu_program *program, struct lp_graph *out)
{
    static const enum lp_npu_buffer_role roles[] = {LP_NPU_INPUT, LP_NPU_OUTPUT};
    *out = (struct lp_graph){.arena = arena, .description = ""};
    size_t count = (size_t)program->buffers[LP_NPU_INPUT].count + program->buffers[LP_NPU_OUTPUT].count;
    int32_t *list = LP_NEW_ARRAY(arena, count, int32_t);
    out->tensors = LP_NEW_ARRAY(arena, count, struct lp_tensor);
    if (list == NULL || out->tensors == NULL)
        return lp_no_memory(diag);
    for (size_t k = 0; k < LP_COUNT(roles); k++)
        for (uint32_t i = 0; i < program->buffers[roles[k]].count; i++) {
            const struct lp_npu_buffer *b = &program->buffers[roles[k]].items[i];
            if (b->size_bytes == 0 || b->size_bytes > INT32_MAX)
                return lp_error(diag, LP_BAD_INPUT, "%s: %s %u has %u bytes", label, k == 0 ? "input" : "output", (unsigned)i,
                                (unsigned)b->size_bytes);
            lp_status status = take_buffer(arena, diag, b, &out->tensors[out->tensor_count]);
            if (status != LP_OK)
                return status;
            list[out->tensor_count] = (int32_t)out->tensor_count;
            out->tensor_count++;
        }
    out->inputs = list;
    out->input_count = program->buffers[LP_NPU_INPUT].count;
    out->outputs = list + out->input_count;
    out->output_count = program->buffers[LP_NPU_OUTPUT].count;
    return LP_OK;
}
