/* The .npy format: "\x93NUMPY", version, length of the heading, a Python dictionary as text, the data.
 * Source: numpy.lib.format. */
#define _POSIX_C_SOURCE 200809L
#include "cli/values/element.h"
#include "cli/values/formats.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MOST_DIMENSIONS = LP_MAX_RANK + 1, LARGEST_HEADING_BYTES = 65535 };

struct number_type {
    char code[4];
    uint8_t bytes;
    bool is_real;
    bool is_signed;
};

static const struct number_type number_types[] = {
    {"i1", 1, false, true}, {"u1", 1, false, false}, {"b1", 1, false, false}, {"i2", 2, false, true}, {"u2", 2, false, false},
    {"i4", 4, false, true}, {"u4", 4, false, false}, {"i8", 8, false, true},  {"f4", 4, true, true},  {"f8", 8, true, true},
};

struct heading {
    const struct number_type *type;
    bool fortran_order;
    uint64_t dims[MOST_DIMENSIONS];
    size_t rank;
    size_t data_offset;
};

/* Reads the dictionary; any failure is final and leaves `fine` false. */
struct parser {
    const struct lp_values_job *job;
    const char *at, *end;
    bool fine;
};

static lp_status refuse(const struct lp_values_job *job, const char *problem)
{
    return lp_error(job->diag, LP_BAD_INPUT, "%s: %s", job->path, problem);
}

static void skip_blanks(struct parser *p)
{
    while (p->at != p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\t'))
        p->at++;
}

static bool accept(struct parser *p, char c)
{
    skip_blanks(p);
    if (p->at == p->end || *p->at != c)
        return false;
    p->at++;
    return true;
}

static void expect(struct parser *p, char c)
{
    p->fine = p->fine && accept(p, c);
}

/* A quoted word of letters, digits and marks; empty when it is none or too long. */
static void take_quoted(struct parser *p, char *word, size_t size_bytes)
{
    size_t length = 0;
    word[0] = '\0';
    skip_blanks(p);
    char quote = p->at != p->end ? *p->at : '\0';
    p->fine = p->fine && (quote == '\'' || quote == '"');
    expect(p, quote);
    while (p->fine && p->at != p->end && *p->at != quote) {
        p->fine = length + 1 < size_bytes && *p->at > ' ' && *p->at < 0x7f;
        if (p->fine)
            word[length++] = *p->at++;
    }
    expect(p, quote);
    word[p->fine ? length : 0] = '\0';
}

static uint64_t take_size(struct parser *p)
{
    uint64_t value = 0;
    skip_blanks(p);
    p->fine = p->fine && p->at != p->end && *p->at >= '0' && *p->at <= '9';
    for (; p->fine && p->at != p->end && *p->at >= '0' && *p->at <= '9'; p->at++) {
        value = value * 10 + (uint64_t)(*p->at - '0');
        p->fine = value <= LP_VALUES_LIMIT_BYTES;
    }
    return value;
}

static void take_shape(struct parser *p, struct heading *heading)
{
    expect(p, '(');
    bool more = true;
    while (p->fine && !accept(p, ')')) {
        p->fine = more && heading->rank < MOST_DIMENSIONS;
        uint64_t size = take_size(p);
        if (p->fine)
            heading->dims[heading->rank++] = size;
        more = accept(p, ',');
    }
}

static void take_boolean(struct parser *p, bool *value)
{
    skip_blanks(p);
    size_t left = (size_t)(p->end - p->at);
    *value = left >= 4 && memcmp(p->at, "True", 4) == 0;
    p->fine = p->fine && (*value || (left >= 5 && memcmp(p->at, "False", 5) == 0));
    if (p->fine)
        p->at += *value ? 4 : 5;
}

static void take_type(struct parser *p, struct heading *heading)
{
    char word[16];
    take_quoted(p, word, sizeof word);
    for (size_t i = 0; p->fine && i < LP_COUNT(number_types); i++) {
        const struct number_type *type = &number_types[i];
        bool order = word[0] == '<' || (word[0] == '|' && type->bytes == 1);
        if (order && strcmp(word + 1, type->code) == 0)
            heading->type = type;
    }
    if (p->fine && heading->type == NULL) {
        p->fine = false;
        (void)lp_error(p->job->diag, LP_UNSUPPORTED,
                       "%s: the type %s; little-endian i1, u1, b1, i2, u2, i4, u4, i8, f4 and f8 are read", p->job->path, word);
    }
}

static void parse_dictionary(struct parser *p, struct heading *heading)
{
    static const char *const keys[] = {"descr", "fortran_order", "shape"};
    unsigned seen = 0;
    expect(p, '{');
    bool more = true;
    while (p->fine && !accept(p, '}')) {
        char key[16];
        size_t which = 0;
        p->fine = more;
        take_quoted(p, key, sizeof key);
        expect(p, ':');
        while (which < LP_COUNT(keys) && strcmp(key, keys[which]) != 0)
            which++;
        p->fine = p->fine && which < LP_COUNT(keys) && (seen & 1u << which) == 0;
        seen |= 1u << which;
        if (which == 0)
            take_type(p, heading);
        else if (which == 1)
            take_boolean(p, &heading->fortran_order);
        else
            take_shape(p, heading);
        more = accept(p, ',');
    }
    skip_blanks(p);
    p->fine = p->fine && seen == 7u && p->at == p->end;
}

static lp_status parse_heading(const struct lp_values_job *job, struct heading *heading)
{
    const uint8_t *data = job->data;
    if (job->size_bytes < 10 || memcmp(data, "\x93NUMPY", 6) != 0)
        return refuse(job, "this is not a .npy file: it does not begin with its signature");
    if (data[6] != 1 && data[6] != 2)
        return lp_error(job->diag, LP_UNSUPPORTED, "%s: version %u of the .npy format; 1 and 2 are read", job->path, data[6]);
    size_t fixed = data[6] == 1 ? 10 : 12;
    if (job->size_bytes < fixed)
        return refuse(job, "the .npy file ends within its heading");
    size_t length = (size_t)data[8] | (size_t)data[9] << 8;
    if (data[6] == 2)
        length |= (size_t)data[10] << 16 | (size_t)data[11] << 24;
    if (length > LARGEST_HEADING_BYTES || length > job->size_bytes - fixed)
        return refuse(job, "the .npy file ends within its heading, or the heading is longer than 65535 bytes");
    struct parser p = {.job = job, .at = (const char *)data + fixed, .end = (const char *)data + fixed + length, .fine = true};
    int errors = job->diag->error_count;
    parse_dictionary(&p, heading);
    heading->data_offset = fixed + length;
    if (job->diag->error_count != errors)
        return LP_UNSUPPORTED;
    if (!p.fine)
        return refuse(job,
                      "the heading of the .npy file is not {'descr': ..., 'fortran_order': ..., 'shape': (...)}, or a size in it "
                      "is beyond the limit");
    return LP_OK;
}

/* Whether the shape's dimensions from `first` on are the tensor's from `skip` on. */
static bool shape_tail_matches(const struct heading *heading, size_t first, const struct lp_tensor *tensor, size_t skip)
{
    if (heading->rank - first != (size_t)tensor->rank - skip)
        return false;
    for (size_t i = 0; first + i < heading->rank; i++)
        if (heading->dims[first + i] != (uint64_t)tensor->dims[skip + i])
            return false;
    return true;
}

/* Number of inferences in an array of this shape; 0 when the shape does not suit the tensor. */
static uint64_t inferences_of_shape(const struct heading *heading, const struct lp_tensor *tensor)
{
    size_t batch = tensor->rank != 0 && tensor->dims[0] == 1; /* a leading 1 may be left out */
    for (size_t skip = 0; skip <= batch; skip++)
        if (shape_tail_matches(heading, 0, tensor, skip))
            return 1;
    for (size_t skip = 0; heading->rank != 0 && skip <= batch; skip++)
        if (shape_tail_matches(heading, 1, tensor, skip))
            return heading->dims[0];
    return 0;
}

static lp_status check_shape(const struct lp_values_job *job, const struct heading *heading, uint64_t *inferences)
{
    *inferences = inferences_of_shape(heading, job->tensor);
    if (*inferences == 0) {
        char found[160] = "", needed[96];
        for (size_t i = 0, used = 0; i < heading->rank; i++)
            used += (size_t)snprintf(found + used, sizeof found - used, "%s%" PRIu64, i == 0 ? "" : "x", heading->dims[i]);
        return lp_error(job->diag, LP_BAD_INPUT, "%s: an array of shape %s; \"%s\" needs %s, or N inferences of it in front",
                        job->path, heading->rank == 0 ? "()" : found, job->tensor->name,
                        lp_shape_text(job->tensor, needed, sizeof needed));
    }
    size_t inference_bytes = job->elements * heading->type->bytes;
    size_t data_bytes = job->size_bytes - heading->data_offset;
    if (data_bytes % inference_bytes != 0 || data_bytes / inference_bytes != *inferences)
        return lp_error(job->diag, LP_BAD_INPUT, "%s: %zu bytes of data; its heading announces %" PRIu64 " times %zu", job->path,
                        data_bytes, *inferences, inference_bytes);
    return LP_OK;
}

static lp_status check_mode(const struct lp_values_job *job, const struct heading *heading, bool *real)
{
    if (heading->fortran_order)
        return lp_error(job->diag, LP_UNSUPPORTED, "%s is in Fortran order: save numpy.ascontiguousarray(array) instead",
                        job->path);
    *real = heading->type->is_real || job->mode == LP_VALUES_REAL;
    if (heading->type->is_real && job->mode == LP_VALUES_RAW)
        return lp_error(job->diag, LP_BAD_INPUT,
                        "%s holds floating point numbers (%s), which are real values: leave out --raw, or save "
                        "integers",
                        job->path, heading->type->code);
    if (!*real && job->tensor->element == LP_ELEMENT_FLOAT32)
        return lp_error(job->diag, LP_BAD_INPUT,
                        "%s holds integers (%s), but the tensor \"%s\" is float32: save float32, or say --real", job->path,
                        heading->type->code, job->tensor->name);
    return *real ? lp_value_takes_real(job->diag, job->path, job->tensor) : LP_OK;
}

static int64_t load_integer(const struct number_type *type, const uint8_t *at)
{
    uint64_t bits = 0;
    memcpy(&bits, at, type->bytes);
    unsigned unused = 64u - 8u * type->bytes;
    if (type->is_signed && unused != 0 && (bits >> (63 - unused)) != 0)
        bits |= ~(uint64_t)0 << (64 - unused);
    return (int64_t)bits;
}

static double load_real(const struct number_type *type, const uint8_t *at)
{
    float narrow;
    double wide;
    if (!type->is_real)
        return (double)load_integer(type, at);
    if (type->bytes == 8) {
        memcpy(&wide, at, sizeof wide);
        return wide;
    }
    memcpy(&narrow, at, sizeof narrow);
    return (double)narrow;
}

static lp_status refuse_value(const struct lp_values_job *job, const struct heading *heading, size_t i, const uint8_t *at,
                              bool real)
{
    char where[80], value[40];
    snprintf(where, sizeof where, "inference %zu, value %zu", i / job->elements + 1, i % job->elements + 1);
    if (real)
        snprintf(value, sizeof value, "%g", load_real(heading->type, at));
    else
        snprintf(value, sizeof value, "%" PRId64, load_integer(heading->type, at));
    return lp_values_refuse_raw(job, where, value);
}

static lp_status copy_values(const struct lp_values_job *job, const struct heading *heading, bool real,
                             const struct lp_values *out)
{
    const uint8_t *at = job->data + heading->data_offset;
    uint8_t *to = out->data;
    for (size_t i = 0; i < job->elements * out->inference_count; i++, at += heading->type->bytes, to += job->element_bytes) {
        enum lp_value_result result = real ? lp_value_store_real(job->tensor, load_real(heading->type, at), to)
                                           : lp_value_store_raw(job->tensor, load_integer(heading->type, at), to);
        if (result == LP_VALUE_NOT_A_NUMBER)
            return lp_error(job->diag, LP_BAD_INPUT, "%s, inference %zu, value %zu: NaN has no integer: values must be numbers",
                            job->path, i / job->elements + 1, i % job->elements + 1);
        if (result == LP_VALUE_OUT_OF_RANGE)
            return refuse_value(job, heading, i, at, real);
    }
    return LP_OK;
}

lp_status lp_values_read_npy(const struct lp_values_job *job, struct lp_values *out)
{
    struct heading heading = {0};
    uint64_t inferences = 0;
    bool real = false;
    lp_status status = parse_heading(job, &heading);
    if (status == LP_OK)
        status = check_shape(job, &heading, &inferences);
    if (status == LP_OK)
        status = check_mode(job, &heading, &real);
    if (status == LP_OK)
        status = lp_values_make_room(job, (size_t)inferences, out);
    if (status == LP_OK)
        status = copy_values(job, &heading, real, out);
    return status;
}

static const char *written_type(enum lp_element element)
{
    switch (element) {
    case LP_ELEMENT_INT8: return "|i1";
    case LP_ELEMENT_UINT8: return "|u1";
    case LP_ELEMENT_BOOL: return "|b1";
    case LP_ELEMENT_INT16: return "<i2";
    case LP_ELEMENT_INT32: return "<i4";
    case LP_ELEMENT_INT64: return "<i8";
    case LP_ELEMENT_FLOAT32: break;
    }
    return "<f4";
}

bool lp_values_npy_header(struct lp_text *text, const struct lp_tensor *tensor, size_t inference_count, bool real)
{
    struct lp_text dictionary = {0};
    lp_text_printf(&dictionary, "{'descr': '%s', 'fortran_order': False, 'shape': (%zu,",
                   real ? "<f4" : written_type(tensor->element), inference_count);
    for (uint8_t i = tensor->rank != 0 && tensor->dims[0] == 1; i < tensor->rank; i++)
        lp_text_printf(&dictionary, " %" PRId32 ",", tensor->dims[i]);
    lp_text_printf(&dictionary, "), }");
    /* The data begin at a multiple of 64; the heading ends with a line feed. */
    size_t padding = 63 - (10 + dictionary.length) % 64;
    lp_text_printf(&dictionary, "%*s\n", (int)padding, "");
    const unsigned char fixed[10] = {
        0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (unsigned char)(dictionary.length & 255), (unsigned char)(dictionary.length >> 8)};
    lp_text_add(text, (const char *)fixed, sizeof fixed);
    lp_text_add(text, lp_text_get(&dictionary), dictionary.length);
    text->failed = text->failed || dictionary.failed;
    lp_text_free(&dictionary);
    return !text->failed;
}
