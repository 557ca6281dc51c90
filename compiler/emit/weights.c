/* NAME_weights.{h,c}: one constant structure whose members are the items of the weights section, byte for byte. */
#include "compiler/emit/parts.h"

#include <math.h>
#include <stdio.h>

enum { TEXT_BYTES_OF_A_BYTE = 5 }; /* about: " -12," */

static const char *member_name(const struct lp_item *item, uint32_t index, char *buffer, size_t size)
{
    if (item->name != NULL)
        snprintf(buffer, size, "%s", item->name);
    else
        snprintf(buffer, size, "gap_%u", (unsigned)index);
    return buffer;
}

void lp_emit_weights_header(const struct lp_emit_input *in, struct lp_text *out)
{
    const struct lp_section *section = &in->program->weights;
    lp_text_printf(out, "#ifndef LP_GENERATED_%s_WEIGHTS_H\n#define LP_GENERATED_%s_WEIGHTS_H\n\n#include <stdint.h>\n\n",
                   in->name, in->name);
    lp_text_printf(out, "struct %s_weights {\n", in->name);
    char name[80];
    for (uint32_t i = 0; i < section->item_count; i++) {
        const struct lp_item *item = &section->items[i];
        lp_text_printf(out, "    %s %s[%u]; /* offset %u, %s", lp_emit_c_type(item->element),
                       member_name(item, i, name, sizeof name), (unsigned)item->count, (unsigned)item->offset_bytes,
                       lp_cause_name(item->cause));
        if (item->layer >= 0)
            lp_text_printf(out, ", operator %d", (int)item->layer);
        lp_text_printf(out, " */\n");
    }
    lp_text_printf(out, "};\n\nextern const struct %s_weights %s_weights;\n\n", in->name, in->name);
    lp_text_printf(
        out, "_Static_assert(sizeof(struct %s_weights) == %u, \"the weights have another layout than was planned\");\n\n#endif\n",
        in->name, (unsigned)section->size_bytes);
}

/* Constants are most of the text: no printf for each of them, and one piece of text with its comma. */
static void add_int(struct lp_text *out, int64_t value)
{
    char digits[24];
    char *end = digits + sizeof digits;
    char *at = end;
    *--at = ',';
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do
        *--at = (char)('0' + rest % 10);
    while ((rest /= 10) != 0);
    if (value < 0)
        *--at = '-';
    *--at = ' ';
    lp_text_add(out, at, (size_t)(end - at));
}

static int64_t element_at(const struct lp_item *item, uint32_t i)
{
    switch (item->element) {
    case LP_ELEMENT_INT8: return ((const int8_t *)item->data)[i];
    case LP_ELEMENT_INT16: return ((const int16_t *)item->data)[i];
    case LP_ELEMENT_INT32: return ((const int32_t *)item->data)[i];
    case LP_ELEMENT_INT64: return ((const int64_t *)item->data)[i];
    default: return ((const uint8_t *)item->data)[i];
    }
}

static lp_status add_value(struct lp_text *out, const struct lp_item *item, uint32_t i, struct lp_diag *diag)
{
    if (item->element == LP_ELEMENT_FLOAT32) {
        float value = ((const float *)item->data)[i];
        if (!isfinite(value))
            return lp_error(diag, LP_UNSUPPORTED, "the constant of operator %d holds a value that is not a finite number",
                            (int)item->layer);
        lp_text_add(out, " ", 1);
        lp_emit_float(out, value);
        lp_text_add(out, ",", 1);
        return LP_OK;
    }
    int64_t value = element_at(item, i);
    /* The most negative numbers have no literal in C. */
    if (value == INT32_MIN)
        lp_text_printf(out, " -2147483647 - 1,");
    else if (value == INT64_MIN)
        lp_text_printf(out, " -9223372036854775807 - 1,");
    else
        add_int(out, value);
    return LP_OK;
}

lp_status lp_emit_weights(const struct lp_emit_input *in, struct lp_text *out, struct lp_diag *diag)
{
    const struct lp_section *section = &in->program->weights;
    char name[80];
    lp_text_reserve(out, (size_t)section->size_bytes * TEXT_BYTES_OF_A_BYTE);
    lp_text_printf(out, "#include \"%s_weights.h\"\n\n", in->name);
    lp_text_printf(out, "const _Alignas(16) struct %s_weights %s_weights = {\n", in->name, in->name);
    for (uint32_t i = 0; i < section->item_count; i++) {
        const struct lp_item *item = &section->items[i];
        lp_text_printf(out, "    .%s = {", member_name(item, i, name, sizeof name));
        for (uint32_t k = 0; k < item->count; k++) {
            if (k % 24 == 0)
                lp_text_add(out, "\n       ", 8);
            lp_status status = add_value(out, item, k, diag);
            if (status != LP_OK)
                return status;
        }
        lp_text_add(out, "\n    },\n", 8);
    }
    lp_text_printf(out, "};\n");
    return LP_OK;
}
