#include "evaluate/neural-art/software.h"

#include "neural-art/json_reader.h"

#include <string.h>

enum { MOST_OPERAND_BYTES = 1 << 28 };

/* Ends of the integer types, by enum lp_field_type. */
static const struct {
    int64_t least, most;
} ranges[] = {
    [LP_FIELD_U8] = {0, UINT8_MAX},          [LP_FIELD_S8] = {INT8_MIN, INT8_MAX},    [LP_FIELD_U16] = {0, UINT16_MAX},
    [LP_FIELD_S16] = {INT16_MIN, INT16_MAX}, [LP_FIELD_S32] = {INT32_MIN, INT32_MAX}, [LP_FIELD_U32] = {0, UINT32_MAX},
};

static lp_status put_number(struct lp_npu_reader *r, const struct lp_field *field, const json_t *value, uint8_t *at)
{
    if (field->type == LP_FIELD_F32) {
        float real = (float)json_number_value(value);
        if (!json_is_number(value))
            return lp_npu_reader_error(r, "%s: a number is needed", field->name);
        memcpy(at, &real, sizeof real);
        return LP_OK;
    }
    int64_t whole = json_integer_value(value);
    if (!json_is_integer(value) || whole < ranges[field->type].least || whole > ranges[field->type].most)
        return lp_npu_reader_error(r, "%s: an integer from %lld to %lld is needed", field->name,
                                   (long long)ranges[field->type].least, (long long)ranges[field->type].most);
    switch (field->type) {
    case LP_FIELD_U8:
    case LP_FIELD_S8: *at = (uint8_t)whole; break;
    case LP_FIELD_U16:
    case LP_FIELD_S16: memcpy(at, &(uint16_t){(uint16_t)whole}, 2); break;
    default: memcpy(at, &(uint32_t){(uint32_t)whole}, 4); break;
    }
    return LP_OK;
}

static lp_status read_numbers(struct lp_npu_reader *r, const struct lp_field *field, const json_t *value, uint8_t *args)
{
    if (field->count == 1)
        return put_number(r, field, value, args + field->offset);
    if (json_array_size(value) != field->count)
        return lp_npu_reader_error(r, "%s: a list of %u numbers is needed", field->name, (unsigned)field->count);
    static const uint8_t bytes[] = {[LP_FIELD_U8] = 1,  [LP_FIELD_S8] = 1,  [LP_FIELD_U16] = 2, [LP_FIELD_S16] = 2,
                                    [LP_FIELD_S32] = 4, [LP_FIELD_U32] = 4, [LP_FIELD_F32] = 4};
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < field->count && status == LP_OK; i++)
        status = put_number(r, field, json_array_get(value, i), args + field->offset + (size_t)i * bytes[field->type]);
    return status;
}

static lp_status read_pointer(struct lp_npu_reader *r, const struct lp_field *field, const json_t *value,
                              struct lp_npu_software *out, struct lp_npu_sw_operand *operands)
{
    bool is_const = strncmp(field->c_type, "const ", 6) == 0;
    if (json_is_null(value))
        return LP_OK;
    if (!json_is_object(value))
        return lp_npu_reader_error(r, "%s: null or an object with address, bytes and written is needed", field->name);
    if (out->operand_count == LP_MAX_OPERANDS)
        return lp_npu_reader_error(r, "more than %d operands", LP_MAX_OPERANDS);
    struct lp_npu_sw_operand *o = &operands[out->operand_count++];
    *o = (struct lp_npu_sw_operand){.field_offset = field->offset};
    lp_status status = lp_npu_read_u32(r, value, "address", LP_NPU_REQUIRED, &o->address);
    if (status == LP_OK)
        status = lp_npu_read_u32(r, value, "bytes", LP_NPU_REQUIRED, &o->size_bytes);
    if (status == LP_OK)
        status = lp_npu_read_flag(r, value, "written", &o->is_written);
    if (status == LP_OK && o->size_bytes > MOST_OPERAND_BYTES)
        return lp_npu_reader_error(r, "%s has %u bytes; at most %d can be", field->name, (unsigned)o->size_bytes,
                                   MOST_OPERAND_BYTES);
    if (status == LP_OK && o->is_written == is_const)
        return lp_npu_reader_error(r, "%s: written is %s, and the kernel %s it", field->name, o->is_written ? "true" : "false",
                                   is_const ? "only reads" : "writes");
    return status;
}

static lp_status read_args(struct lp_npu_reader *r, const json_t *args, struct lp_npu_software *out)
{
    const struct lp_args_info *info = out->kernel->args;
    uint8_t *bytes = lp_arena_alloc(r->arena, info->size_bytes, 1);
    struct lp_npu_sw_operand *operands = LP_NEW_ARRAY(r->arena, LP_MAX_OPERANDS, struct lp_npu_sw_operand);
    if (bytes == NULL || operands == NULL)
        return lp_no_memory(r->diag);
    out->args = bytes;
    out->operands = operands;
    lp_status status = LP_OK;
    for (uint32_t f = 0; f < info->field_count && status == LP_OK; f++) {
        const struct lp_field *field = &info->fields[f];
        const json_t *value = json_object_get(args, field->name);
        if (value == NULL)
            return lp_npu_reader_error(r, "args has no \"%s\", which %s needs", field->name, out->kernel->symbol);
        status = field->type == LP_FIELD_POINTER ? read_pointer(r, field, value, out, operands)
                                                 : read_numbers(r, field, value, bytes);
    }
    return status;
}

lp_status lp_npu_software_read(struct lp_arena *arena, struct lp_diag *diag, const char *label, const struct lp_npu_epoch *epoch,
                               struct lp_npu_software *out)
{
    struct lp_npu_reader r = {.arena = arena, .diag = diag, .label = label};
    *out = (struct lp_npu_software){.epoch = (uint32_t)epoch->id};
    json_t *json = epoch->sw_op == NULL ? NULL : json_loads(epoch->sw_op, JSON_REJECT_DUPLICATES, NULL);
    const char *kernel = json_string_value(json_object_get(json, "kernel"));
    lp_npu_reader_at(&r, "epoch %d, sw_op", epoch->id);
    lp_status status = LP_UNSUPPORTED;
    if (kernel != NULL) {
        out->kernel = lp_kernel_find(kernel);
        status = out->kernel != NULL ? read_args(&r, json_object_get(json, "args"), out)
                                     : lp_npu_reader_error(&r, "no kernel of this program has the name it gives");
    }
    json_decref(json);
    return status;
}
