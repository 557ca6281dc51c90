/* NAME_weights.{h,c}: one constant structure whose members are the items of the weights section, byte for byte. */
#include "compiler/emit/parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_BYTES_OF_A_BYTE = 5 /* about: " -12," */, MOST_TEXT_OF_A_BYTE = 8, VALUES_OF_A_LINE = 24 };

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

/* Constants are most of the text, and most constants are bytes: those are copied from a table of their texts, " -12," each. */
struct byte_texts {
    struct byte_text {
        char text[MOST_TEXT_OF_A_BYTE];
        uint8_t length;
    } of[UINT8_MAX + 1];
};

static uint8_t write_int(int64_t value, char *out)
{
    char digits[24];
    char *end = digits + sizeof digits, *at = end;
    *--at = ',';
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do
        *--at = (char)('0' + rest % 10);
    while ((rest /= 10) != 0);
    if (value < 0)
        *--at = '-';
    *--at = ' ';
    memcpy(out, at, (size_t)(end - at));
    return (uint8_t)(end - at);
}

static void add_int(struct lp_text *out, int64_t value)
{
    char text[24];
    lp_text_add(out, text, write_int(value, text));
}

static void make_texts(struct byte_texts *t)
{
    for (int value = INT8_MIN; value <= INT8_MAX; value++)
        t->of[(uint8_t)value].length = write_int(value, t->of[(uint8_t)value].text);
}

static void add_bytes(struct lp_text *out, const struct lp_item *item, const struct byte_texts *texts)
{
    const uint8_t *bytes = item->data;
    for (uint32_t k = 0; k < item->count; k += VALUES_OF_A_LINE) {
        uint32_t end = item->count - k < VALUES_OF_A_LINE ? item->count : k + VALUES_OF_A_LINE;
        char line[VALUES_OF_A_LINE * MOST_TEXT_OF_A_BYTE], *at = line;
        for (uint32_t i = k; i < end; i++) {
            const struct byte_text *t = &texts->of[bytes[i]];
            memcpy(at, t->text, MOST_TEXT_OF_A_BYTE); /* all of them, the next one lies over what is too many */
            at += t->length;
        }
        lp_text_add(out, "\n       ", 8);
        lp_text_add(out, line, (size_t)(at - line));
    }
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

static lp_status add_values(struct lp_text *out, const struct lp_item *item, struct lp_diag *diag)
{
    lp_status status = LP_OK;
    for (uint32_t k = 0; k < item->count && status == LP_OK; k++) {
        if (k % VALUES_OF_A_LINE == 0)
            lp_text_add(out, "\n       ", 8);
        status = add_value(out, item, k, diag);
    }
    return status;
}

lp_status lp_emit_weights(const struct lp_emit_input *in, struct lp_text *out, struct lp_diag *diag)
{
    const struct lp_section *section = &in->program->weights;
    struct byte_texts texts;
    char name[80];
    make_texts(&texts);
    lp_text_reserve(out, (size_t)section->size_bytes * TEXT_BYTES_OF_A_BYTE);
    lp_text_printf(out, "#include \"%s_weights.h\"\n\n", in->name);
    lp_text_printf(out, "const _Alignas(16) struct %s_weights %s_weights = {\n", in->name, in->name);
    for (uint32_t i = 0; i < section->item_count; i++) {
        const struct lp_item *item = &section->items[i];
        lp_text_printf(out, "    .%s = {", member_name(item, i, name, sizeof name));
        lp_status status = item->element == LP_ELEMENT_INT8 ? LP_OK : add_values(out, item, diag);
        if (status != LP_OK)
            return status;
        if (item->element == LP_ELEMENT_INT8)
            add_bytes(out, item, &texts);
        lp_text_add(out, "\n    },\n", 8);
    }
    lp_text_printf(out, "};\n");
    return LP_OK;
}
