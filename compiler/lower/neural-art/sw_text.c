#include "compiler/lower/neural-art/sw_text.h"

#include <string.h>

static double element_of(const struct lp_field *field, const uint8_t *at, uint32_t i)
{
    float real;
    int16_t half;
    int32_t whole;
    switch (field->type) {
    case LP_FIELD_U8: return at[i];
    case LP_FIELD_S8: return (int8_t)at[i];
    case LP_FIELD_S16: memcpy(&half, at + 2 * i, sizeof half); return half;
    case LP_FIELD_U16: memcpy(&half, at + 2 * i, sizeof half); return (uint16_t)half;
    case LP_FIELD_S32: memcpy(&whole, at + 4 * i, sizeof whole); return whole;
    case LP_FIELD_U32: memcpy(&whole, at + 4 * i, sizeof whole); return (uint32_t)whole;
    default: memcpy(&real, at + 4 * i, sizeof real); return (double)real;
    }
}

static void print_number(const struct lp_field *field, const uint8_t *args, struct lp_text *out)
{
    const char *format = field->type == LP_FIELD_F32 ? "%s%.9g" : "%s%.0f";
    lp_text_printf(out, "%s", field->count > 1 ? "[" : "");
    for (uint32_t i = 0; i < field->count; i++)
        lp_text_printf(out, format, i == 0 ? "" : ",", element_of(field, args + field->offset, i));
    lp_text_printf(out, "%s", field->count > 1 ? "]" : "");
}

static void print_pointer(const struct lp_field *field, const struct lp_npu_software *software, struct lp_text *out)
{
    for (uint32_t i = 0; i < software->operand_count; i++) {
        const struct lp_npu_sw_operand *o = &software->operands[i];
        if (o->field_offset != field->offset)
            continue;
        lp_text_printf(out, "{\"address\":%u,\"bytes\":%u,\"written\":%s}", (unsigned)o->address, (unsigned)o->size_bytes,
                       o->is_written ? "true" : "false");
        return;
    }
    lp_text_printf(out, "null");
}

const char *lp_npu_sw_text(struct lp_arena *arena, const char *op, const struct lp_npu_software *software)
{
    const struct lp_args_info *info = software->kernel->args;
    struct lp_text text = {0};
    lp_text_printf(&text, "{\"op\":\"%s\",\"kernel\":\"%s\",\"args\":{", op, software->kernel->symbol);
    for (uint32_t f = 0; f < info->field_count; f++) {
        const struct lp_field *field = &info->fields[f];
        lp_text_printf(&text, "%s\"%s\":", f == 0 ? "" : ",", field->name);
        if (field->type == LP_FIELD_POINTER)
            print_pointer(field, software, &text);
        else
            print_number(field, software->args, &text);
    }
    lp_text_printf(&text, "}}");
    const char *copy = text.failed ? NULL : lp_arena_text(arena, lp_text_get(&text), text.length);
    lp_text_free(&text);
    return copy;
}
