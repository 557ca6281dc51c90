/* Comma-separated values: a row an inference. */
#define _POSIX_C_SOURCE 200809L
#include "cli/values/element.h"
#include "cli/values/formats.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In memory a value takes at most 8 bytes, in the file at least 2. */
#define LARGEST_CSV_BYTES (LP_VALUES_LIMIT_BYTES / 8)

enum { LONGEST_NUMBER = 127 };

/* A piece of the file; not terminated. */
struct span {
    const char *at;
    size_t length;
};

struct csv {
    const struct lp_values_job *job;
    struct span rest; /* not read yet */
    size_t line;      /* number of the line taken last, from 1 */
    bool real;
    struct lp_values values; /* with room for as many rows as the file can hold */
    size_t row_count;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct span trimmed(struct span s)
{
    while (s.length != 0 && is_blank(s.at[0])) {
        s.at++;
        s.length--;
    }
    while (s.length != 0 && is_blank(s.at[s.length - 1]))
        s.length--;
    return s;
}

/* Cuts off what stands before the next `mark`; all of it when there is none. */
static struct span take_until(struct span *rest, char mark, bool *more)
{
    const char *end = rest->length == 0 ? NULL : memchr(rest->at, mark, rest->length);
    struct span piece = {rest->at, end == NULL ? rest->length : (size_t)(end - rest->at)};
    size_t used = piece.length + (end != NULL);
    rest->at += used;
    rest->length -= used;
    *more = end != NULL;
    return piece;
}

/* The next line that is not blank. */
static bool next_line(struct csv *csv, struct span *line)
{
    bool more;
    while (csv->rest.length != 0) {
        *line = trimmed(take_until(&csv->rest, '\n', &more));
        csv->line++;
        if (line->length != 0)
            return true;
    }
    return false;
}

/* A terminated copy when the span could be a number: its letters are those of numbers, and it is not too long. */
static bool copy_number(struct span field, char text[LONGEST_NUMBER + 1])
{
    if (field.length == 0 || field.length > LONGEST_NUMBER)
        return false;
    memcpy(text, field.at, field.length);
    text[field.length] = '\0';
    return strspn(text, "0123456789+-.eEinftyINFTYaA") == field.length;
}

static bool parse_real(struct span field, double *value)
{
    char text[LONGEST_NUMBER + 1], *end;
    if (!copy_number(field, text))
        return false;
    *value = strtod(text, &end); /* beyond the range of double: infinity or zero, which is what quantization needs */
    return end == text + field.length;
}

static bool parse_integer(struct span field, int64_t *value)
{
    char text[LONGEST_NUMBER + 1], *end;
    if (!copy_number(field, text))
        return false;
    errno = 0;
    *value = strtoll(text, &end, 10);
    return end == text + field.length && errno == 0;
}

static lp_status refuse(const struct csv *csv, size_t column, struct span field, const char *problem)
{
    const struct lp_values_job *job = csv->job;
    if (field.length == 0)
        return lp_error(job->diag, LP_BAD_INPUT, "%s, line %zu, column %zu: no value", job->path, csv->line, column);
    return lp_error(job->diag, LP_BAD_INPUT, "%s, line %zu, column %zu: %.*s %s", job->path, csv->line, column,
                    (int)(field.length < 40 ? field.length : 40), field.at, problem);
}

static lp_status store(const struct csv *csv, size_t column, struct span field, uint8_t *out)
{
    const struct lp_values_job *job = csv->job;
    enum lp_value_result result;
    if (csv->real) {
        double value;
        if (!parse_real(field, &value))
            return refuse(csv, column, field, "is not a number");
        result = lp_value_store_real(job->tensor, value, out);
    } else {
        int64_t value;
        if (!parse_integer(field, &value))
            return refuse(csv, column, field, "is not an integer of at most 64 bits; for real values use --real");
        result = lp_value_store_raw(job->tensor, value, out);
    }
    if (result == LP_VALUE_OK)
        return LP_OK;
    if (result == LP_VALUE_NOT_A_NUMBER)
        return refuse(csv, column, field, "has no integer: values must be numbers");
    char where[64], text[48];
    snprintf(where, sizeof where, "line %zu, column %zu", csv->line, column);
    snprintf(text, sizeof text, "%.*s", (int)(field.length < 40 ? field.length : 40), field.at);
    return lp_values_refuse_raw(job, where, text);
}

static size_t count_fields(struct span line)
{
    size_t count = 1;
    for (size_t i = 0; i < line.length; i++)
        count += line.at[i] == ',';
    return count;
}

static lp_status read_row(struct csv *csv, struct span line)
{
    const struct lp_values_job *job = csv->job;
    size_t fields = count_fields(line);
    if (fields != job->elements) {
        char shape[96];
        return lp_error(job->diag, LP_BAD_INPUT, "%s, line %zu: %zu values; one inference of \"%s\" needs %zu (%s)", job->path,
                        csv->line, fields, job->tensor->name, job->elements, lp_shape_text(job->tensor, shape, sizeof shape));
    }
    uint8_t *out = csv->values.data + csv->row_count * csv->values.inference_bytes;
    bool more;
    for (size_t column = 1; column <= fields; column++, out += job->element_bytes) {
        lp_status status = store(csv, column, trimmed(take_until(&line, ',', &more)), out);
        if (status != LP_OK)
            return status;
    }
    csv->row_count++;
    return LP_OK;
}

static bool has_a_number(struct span line)
{
    bool more = true;
    double ignored;
    while (more)
        if (parse_real(trimmed(take_until(&line, ',', &more)), &ignored))
            return true;
    return false;
}

/* Passes over the heading: a first line without a single number. */
static void skip_heading(struct csv *csv)
{
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    if (csv->rest.length >= 3 && memcmp(csv->rest.at, byte_order_mark, 3) == 0) {
        csv->rest.at += 3;
        csv->rest.length -= 3;
    }
    struct csv first = *csv;
    struct span line;
    if (next_line(&first, &line) && !has_a_number(line))
        *csv = first;
}

/* Whether the values are real; an error when only a flag could tell. */
static lp_status decide_mode(struct csv *csv)
{
    const struct lp_values_job *job = csv->job;
    csv->real = job->mode == LP_VALUES_REAL || job->tensor->element == LP_ELEMENT_FLOAT32;
    if (job->tensor->element == LP_ELEMENT_FLOAT32 && job->mode == LP_VALUES_RAW)
        return lp_error(job->diag, LP_BAD_INPUT, "%s: the tensor \"%s\" is float32, its values are real: leave out --raw",
                        job->path, job->tensor->name);
    if (job->mode != LP_VALUES_AUTO || csv->real)
        return LP_OK;
    for (size_t i = 0; i < csv->rest.length && !csv->real; i++)
        csv->real = memchr(".eE", csv->rest.at[i], 3) != NULL;
    if (csv->real)
        return LP_OK;
    return lp_error(
        job->diag, LP_BAD_INPUT,
        "%s: whole numbers without a decimal point could be real values or the tensor's integers: say --real or --raw",
        job->path);
}

lp_status lp_values_read_csv(const struct lp_values_job *job, struct lp_values *out)
{
    struct csv csv = {.job = job, .rest = {(const char *)job->data, job->size_bytes}};
    if (job->size_bytes > LARGEST_CSV_BYTES)
        return lp_error(job->diag, LP_BAD_INPUT, "%s has %zu bytes; of CSV at most %zu are read: use .npy or .bin", job->path,
                        job->size_bytes, LARGEST_CSV_BYTES);
    skip_heading(&csv);
    struct csv first = csv;
    struct span line;
    if (!next_line(&first, &line))
        return lp_error(job->diag, LP_BAD_INPUT, "%s has no row of values", job->path);
    lp_status status = decide_mode(&csv);
    if (status == LP_OK && csv.real)
        status = lp_value_takes_real(job->diag, job->path, job->tensor);
    if (status != LP_OK)
        return status;
    /* A good row takes two bytes a value at least, only the last may lack its line end; one more, because a bad row is
     * noticed while it is being stored. */
    status = lp_values_make_room(job, (job->size_bytes + 1) / (2 * job->elements) + 1, &csv.values);
    if (status != LP_OK)
        return status;
    while (status == LP_OK && next_line(&csv, &line))
        status = read_row(&csv, line);
    csv.values.inference_count = csv.row_count;
    *out = csv.values;
    return status;
}
