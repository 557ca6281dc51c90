#include "neural-art/json_reader.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

lp_status lp_npu_reader_error(struct lp_npu_reader *r, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return lp_error(r->diag, LP_BAD_INPUT, "%s: %s%s%s", r->label, r->place, r->place[0] ? ": " : "", text);
}

void lp_npu_reader_at(struct lp_npu_reader *r, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(r->place, sizeof r->place, format, args);
    va_end(args);
}

/* Null for an absent or null member; an absent required one gives an error and false. */
static bool member(struct lp_npu_reader *r, const json_t *object, const char *key, enum lp_npu_presence presence,
                   const json_t **out)
{
    *out = json_object_get(object, key);
    if (json_is_null(*out))
        *out = NULL;
    if (*out != NULL || presence == LP_NPU_OPTIONAL)
        return true;
    (void)lp_npu_reader_error(r, "the member %s is missing", key);
    return false;
}

lp_status lp_npu_read_int(struct lp_npu_reader *r, const json_t *object, const char *key, enum lp_npu_presence presence,
                          int64_t min, int64_t max, int64_t *out)
{
    const json_t *value;
    if (!member(r, object, key, presence, &value))
        return LP_BAD_INPUT;
    if (value == NULL)
        return LP_OK;
    if (!json_is_integer(value))
        return lp_npu_reader_error(r, "%s is not an integer; allowed is %" PRId64 " to %" PRId64, key, min, max);
    int64_t number = json_integer_value(value);
    if (number < min || number > max)
        return lp_npu_reader_error(r, "%s is %" PRId64 "; allowed is %" PRId64 " to %" PRId64, key, number, min, max);
    *out = number;
    return LP_OK;
}

lp_status lp_npu_read_u32(struct lp_npu_reader *r, const json_t *object, const char *key, enum lp_npu_presence presence,
                          uint32_t *out)
{
    int64_t value = *out;
    lp_status status = lp_npu_read_int(r, object, key, presence, 0, UINT32_MAX, &value);
    *out = (uint32_t)value;
    return status;
}

lp_status lp_npu_read_i32(struct lp_npu_reader *r, const json_t *object, const char *key, enum lp_npu_presence presence,
                          int64_t min, int64_t max, int32_t *out)
{
    int64_t value = *out;
    lp_status status = lp_npu_read_int(r, object, key, presence, min, max, &value);
    *out = (int32_t)value;
    return status;
}

lp_status lp_npu_read_flag(struct lp_npu_reader *r, const json_t *object, const char *key, bool *out)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_boolean(value)) {
        *out = json_is_true(value);
        return LP_OK;
    }
    int64_t number = *out;
    lp_status status = lp_npu_read_int(r, object, key, LP_NPU_OPTIONAL, 0, 1, &number);
    *out = number != 0;
    return status;
}

lp_status lp_npu_read_text(struct lp_npu_reader *r, const json_t *object, const char *key, enum lp_npu_presence presence,
                           const char **out)
{
    const json_t *value;
    if (!member(r, object, key, presence, &value))
        return LP_BAD_INPUT;
    if (value == NULL)
        return LP_OK;
    if (!json_is_string(value))
        return lp_npu_reader_error(r, "%s is not a text", key);
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);
    if (length > 1000)
        return lp_npu_reader_error(r, "%s has %zu characters; allowed is 1000", key, length);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 127)
            return lp_npu_reader_error(r, "%s holds a control character", key);
    *out = lp_arena_text(r->arena, text, length);
    return *out == NULL ? lp_no_memory(r->diag) : LP_OK;
}

lp_status lp_npu_read_array(struct lp_npu_reader *r, const json_t *object, const char *key, enum lp_npu_presence presence,
                            size_t most, const json_t **out, uint32_t *count)
{
    *count = 0;
    if (!member(r, object, key, presence, out))
        return LP_BAD_INPUT;
    if (*out == NULL)
        return LP_OK;
    if (!json_is_array(*out))
        return lp_npu_reader_error(r, "%s is not an array", key);
    if (json_array_size(*out) > most)
        return lp_npu_reader_error(r, "%s has %zu entries; allowed is %zu", key, json_array_size(*out), most);
    *count = (uint32_t)json_array_size(*out);
    return LP_OK;
}

lp_status lp_npu_read_name(struct lp_npu_reader *r, const json_t *object, const char *key, const char *const *names, size_t count,
                           int32_t *out)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value))
        return lp_npu_reader_error(r, "%s is not a text", key);
    for (size_t i = 0; i < count; i++)
        if (strcmp(json_string_value(value), names[i]) == 0) {
            *out = (int32_t)i;
            return LP_OK;
        }
    char allowed[260] = "";
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(allowed);
        snprintf(allowed + used, sizeof allowed - used, "%s%s", i ? ", " : "", names[i]);
    }
    return lp_npu_reader_error(r, "%s is \"%.40s\"; allowed is one of %s", key, json_string_value(value), allowed);
}

lp_status lp_npu_read_ints(struct lp_npu_reader *r, const json_t *object, const char *key, size_t most, const int64_t **out,
                           uint32_t *count)
{
    const json_t *array;
    *out = NULL;
    lp_status status = lp_npu_read_array(r, object, key, LP_NPU_OPTIONAL, most, &array, count);
    if (status != LP_OK || array == NULL)
        return status;
    int64_t *values = LP_NEW_ARRAY(r->arena, *count, int64_t);
    if (values == NULL)
        return lp_no_memory(r->diag);
    for (uint32_t i = 0; i < *count; i++) {
        const json_t *value = json_array_get(array, i);
        if (!json_is_integer(value))
            return lp_npu_reader_error(r, "entry %u of %s is not an integer", i, key);
        values[i] = json_integer_value(value);
    }
    *out = values;
    return LP_OK;
}
