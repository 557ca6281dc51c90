#include "cli/check/check.h"

#include "cli/check/constants.h"
#include "cli/check/seal.h"
#include "compiler/report/cost.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

__attribute__((format(printf, 2, 3))) static void find(struct lp_check *c, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    lp_text_printf(&c->findings, "%s\n", text);
    c->finding_count++;
}

static const char *string(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

static json_int_t integer(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static unsigned line_of(const uint8_t *data, size_t size_bytes, size_t byte)
{
    unsigned line = 1;
    for (size_t i = 0; i < byte && i < size_bytes; i++)
        line += data[i] == '\n';
    return line;
}

static bool is_text(const char *file)
{
    size_t length = strlen(file);
    return length < 4 || strcmp(file + length - 4, ".bin") != 0;
}

/* A report's names stay below its folder. */
static bool is_inside(const char *file)
{
    if (file[0] == '/' || file[0] == '\0')
        return false;
    for (const char *at = file; at != NULL; at = strchr(at, '/')) {
        at += *at == '/';
        if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || at[2] == '\0'))
            return false;
    }
    return true;
}

/* No data for a name that leads elsewhere: whoever wrote the report does not decide what is read. */
static lp_status read_inside(const struct lp_check_source *source, const char *file, const uint8_t **data, size_t *size_bytes)
{
    *data = NULL;
    *size_bytes = 0;
    return is_inside(file) ? source->read(source->user, file, data, size_bytes) : LP_OK;
}

/* One sentence for a file whose bytes are not those that were sealed. */
static void find_difference(struct lp_check *c, const char *file, const struct lp_seal_difference *d, const uint8_t *data,
                            size_t size_bytes)
{
    char length[80] = "", lines[80] = "";
    if (d->is_damaged) {
        find(c, "%s: the report does not say what it held: report.json was changed", file);
        return;
    }
    if (d->added_bytes != 0)
        snprintf(length, sizeof length, ", %lld bytes %s than written",
                 (long long)(d->added_bytes < 0 ? -d->added_bytes : d->added_bytes), d->added_bytes < 0 ? "shorter" : "longer");
    if (is_text(file))
        snprintf(lines, sizeof lines, " (lines %u to %u)", line_of(data, size_bytes, d->first_byte),
                 line_of(data, size_bytes, d->last_byte));
    if (d->first_byte >= size_bytes)
        find(c, "%s%s: it ends at byte %zu", file, length, size_bytes);
    else
        find(c, "%s%s: the first difference lies in bytes %zu to %zu%s", file, length, d->first_byte, d->last_byte, lines);
}

static lp_status check_seals(struct lp_check *c, const json_t *report, const struct lp_check_source *source)
{
    size_t i;
    const json_t *entry;
    json_array_foreach(json_object_get(report, "files"), i, entry)
    {
        const char *file = string(entry, "file");
        const uint8_t *data = NULL;
        size_t size_bytes = 0;
        struct lp_seal_difference difference;
        lp_status status = read_inside(source, file, &data, &size_bytes);
        if (status != LP_OK)
            return status;
        c->file_count++;
        if (!is_inside(file))
            find(c, "report.json: it names a file outside of the folder: '%s'", file);
        else if (data == NULL)
            find(c, "%s is not there: %lld bytes were written", file, (long long)integer(entry, "bytes"));
        else if (lp_seal_differs(entry, data, size_bytes, &difference))
            find_difference(c, file, &difference, data, size_bytes);
    }
    return LP_OK;
}

static bool find_element(const char *name, enum lp_element *out)
{
    static const enum lp_element all[] = {LP_ELEMENT_INT8,  LP_ELEMENT_UINT8,   LP_ELEMENT_INT16, LP_ELEMENT_INT32,
                                          LP_ELEMENT_INT64, LP_ELEMENT_FLOAT32, LP_ELEMENT_BOOL};
    for (size_t i = 0; i < LP_COUNT(all); i++)
        if (strcmp(lp_element_name(all[i]), name) == 0) {
            *out = all[i];
            return true;
        }
    return false;
}

/* The file that the items being checked lie in. */
struct reading {
    const char *file;
    const uint8_t *data;
    size_t size_bytes;
    struct lp_constants_text text; /* of C source */
    bool is_lost;                  /* the text cannot be followed any more: said once */
};

static lp_status open_file(const struct lp_check_source *source, const char *file, struct reading *r)
{
    if (r->file != NULL && strcmp(r->file, file) == 0)
        return LP_OK;
    *r = (struct reading){.file = file};
    lp_status status = read_inside(source, file, &r->data, &r->size_bytes);
    if (status == LP_OK &&
        (r->data == NULL || (is_text(file) && !lp_constants_start(&r->text, (const char *)r->data, r->size_bytes))))
        r->is_lost = true;
    return status;
}

/* The item's bytes as its file has them now; null when they cannot be found. */
static const uint8_t *bytes_of(struct lp_check *c, struct reading *r, const json_t *item, enum lp_element element, uint32_t count)
{
    const json_t *place = json_object_get(item, "place");
    size_t size = (size_t)count * lp_constants_element_bytes(element);
    if (json_is_integer(place)) {
        json_int_t at = json_integer_value(place);
        return r->data != NULL && at >= 0 && (size_t)at <= r->size_bytes && size <= r->size_bytes - (size_t)at ? r->data + at
                                                                                                               : NULL;
    }
    uint8_t *bytes = r->is_lost || size > r->size_bytes ? NULL : LP_NEW_ARRAY(c->arena, size, uint8_t);
    if (bytes == NULL || !lp_constants_member(&r->text, string(item, "name"), element, count, bytes)) {
        if (!r->is_lost)
            find(c, "%s, line %u: no member '%s' with %u constants stands here", r->file, r->text.line, string(item, "name"),
                 (unsigned)count);
        r->is_lost = true;
        return NULL;
    }
    return bytes;
}

static lp_status check_item(struct lp_check *c, const json_t *item, const struct lp_check_source *source, struct reading *r)
{
    enum lp_element element = LP_ELEMENT_INT8;
    json_int_t count = integer(item, "count");
    if (!find_element(string(item, "element"), &element) || count <= 0 || count > INT32_MAX ||
        integer(item, "offset_bytes") != c->constants_bytes) {
        find(c, "report.json: the constant '%s' at byte %lld does not follow the one before it, which ends at %lld",
             string(item, "name"), (long long)integer(item, "offset_bytes"), (long long)c->constants_bytes);
        return LP_OK;
    }
    lp_status status = open_file(source, string(item, "file"), r);
    const uint8_t *bytes = status == LP_OK ? bytes_of(c, r, item, element, (uint32_t)count) : NULL;
    size_t size = (size_t)count * lp_constants_element_bytes(element);
    const json_t *layer = json_object_get(item, "layer");
    char owner[48] = "";
    if (json_is_integer(layer))
        snprintf(owner, sizeof owner, " of operator %lld", (long long)json_integer_value(layer));
    if (bytes != NULL && (uint32_t)crc32_z(0, bytes, size) != (uint32_t)integer(item, "crc32"))
        find(c, "%s: '%s' (%s%s), %zu bytes from byte %lld of the weights on, is not what was written", r->file,
             string(item, "name"), string(item, "cause"), owner, size, (long long)integer(item, "offset_bytes"));
    else if (bytes == NULL && json_is_integer(json_object_get(item, "place")))
        find(c, "%s: '%s' (%s%s) is not in the file any more", r->file, string(item, "name"), string(item, "cause"), owner);
    c->constants_bytes += (int64_t)size;
    c->constant_count++;
    return status;
}

/* Bytes of a cause, of one layer or (null) of all, by what lies in the files and what is claimed beyond. */
static int64_t recomputed(const json_t *report, const char *cause, const json_t *layer)
{
    int64_t sum = 0;
    size_t i;
    const json_t *row;
    json_array_foreach(json_object_get(report, "constants"), i, row)
    {
        enum lp_element element = LP_ELEMENT_INT8;
        bool is_here = layer == NULL || json_equal(layer, json_object_get(row, "layer"));
        if (is_here && strcmp(string(row, "cause"), cause) == 0 && find_element(string(row, "element"), &element))
            sum += (int64_t)integer(row, "count") * lp_constants_element_bytes(element);
    }
    json_array_foreach(json_object_get(report, "claims"), i, row)
    {
        bool is_here = layer == NULL || json_equal(layer, json_object_get(row, "layer"));
        if (is_here && strcmp(string(row, "cause"), cause) == 0)
            sum += (int64_t)integer(row, "bytes");
    }
    return sum;
}

static void check_ledger(struct lp_check *c, const json_t *report, const json_t *ledger, const json_t *layer)
{
    size_t i;
    const json_t *row;
    json_array_foreach(ledger, i, row)
    {
        int64_t sum = recomputed(report, string(row, "cause"), layer);
        char owner[48] = "";
        if (layer != NULL)
            snprintf(owner, sizeof owner, ", operator %lld", (long long)json_integer_value(layer));
        if (sum != (int64_t)integer(row, "bytes"))
            find(c, "report.json%s: it says %lld bytes of %s, the files hold %lld", owner, (long long)integer(row, "bytes"),
                 string(row, "cause"), (long long)sum);
    }
}

static void check_sums(struct lp_check *c, const json_t *report)
{
    const json_t *target = json_array_get(json_object_get(report, "targets"), 0), *layer;
    size_t i;
    if (c->constants_bytes != (int64_t)integer(target, "weights_bytes"))
        find(c, "report.json: it says %lld bytes of weights, the constants in the files are %lld",
             (long long)integer(target, "weights_bytes"), (long long)c->constants_bytes);
    check_ledger(c, report, json_object_get(target, "ledger"), NULL);
    json_array_foreach(json_object_get(target, "layers"), i, layer)
    {
        check_ledger(c, report, json_object_get(layer, "ledger"), json_object_get(layer, "index"));
    }
}

/* An image holds constants and nothing else: what is longer has bytes without a cause. */
static lp_status check_images(struct lp_check *c, const json_t *report, const struct lp_check_source *source)
{
    size_t i, k;
    const json_t *item, *other;
    json_array_foreach(json_object_get(report, "constants"), i, item)
    {
        const char *file = string(item, "file");
        const uint8_t *data = NULL;
        size_t size_bytes = 0;
        int64_t held = 0;
        bool is_first = json_is_integer(json_object_get(item, "place"));
        json_array_foreach(json_object_get(report, "constants"), k, other)
        {
            enum lp_element element = LP_ELEMENT_INT8;
            if (strcmp(string(other, "file"), file) != 0)
                continue;
            is_first = is_first && k >= i;
            if (!is_first)
                break;
            held += find_element(string(other, "element"), &element)
                        ? (int64_t)integer(other, "count") * lp_constants_element_bytes(element)
                        : 0;
        }
        lp_status status = is_first ? read_inside(source, file, &data, &size_bytes) : LP_OK;
        if (status != LP_OK)
            return status;
        if (is_first && data != NULL && (int64_t)size_bytes != held)
            find(c, "%s has %zu bytes, the causes of its constants explain %lld", file, size_bytes, (long long)held);
    }
    return LP_OK;
}

lp_status lp_check_contents(struct lp_check *c, const json_t *report, const struct lp_check_source *source)
{
    struct reading r = {0};
    size_t i;
    const json_t *item;
    lp_status status = LP_OK;
    json_array_foreach(json_object_get(report, "constants"), i, item)
    {
        if (status == LP_OK)
            status = check_item(c, item, source, &r);
    }
    if (r.file != NULL && is_text(r.file) && !r.is_lost && !lp_constants_end(&r.text))
        find(c, "%s, line %u: the weights should end here", r.file, r.text.line);
    check_sums(c, report);
    return status == LP_OK ? check_images(c, report, source) : status;
}

lp_status lp_check_files(struct lp_check *c, const json_t *report, const struct lp_check_source *source)
{
    lp_status status = check_seals(c, report, source);
    return status == LP_OK ? lp_check_contents(c, report, source) : status;
}

/* The file is byte for byte what limpid writes of these values. */
static void check_form(struct lp_check *c, const char *file, const json_t *report, const uint8_t *text, size_t length)
{
    struct lp_text again = {0};
    lp_report_json_text(report, &again);
    size_t same = 0;
    while (same < length && same < again.length && text[same] == (uint8_t)again.data[same])
        same++;
    if (!again.failed && (same < length || same < again.length))
        find(c, "%s, line %u: byte %zu is not what limpid writes here", file, line_of(text, length, same), same);
    lp_text_free(&again);
}

lp_status lp_check_report(struct lp_check *c, const char *file, const uint8_t *text, size_t length, json_t **out)
{
    json_error_t error;
    struct lp_cost cost;
    struct lp_text unsealed = {0};
    struct lp_seal_difference difference;
    json_t *report = json_loadb((const char *)text, length, JSON_REJECT_DUPLICATES, &error);
    *out = NULL;
    if (report == NULL) {
        find(c, "%s, line %d: %s", file, error.line, error.text);
        return LP_OK;
    }
    check_form(c, file, report, text, length);
    json_t *seal = json_incref(json_object_get(report, "seal"));
    json_object_del(report, "seal");
    lp_report_json_text(report, &unsealed);
    if (unsealed.failed)
        return lp_no_memory(c->diag);
    if (seal == NULL)
        find(c, "%s has no seal: it was not written by generate, or it was changed", file);
    else if (lp_seal_differs(seal, unsealed.data, unsealed.length, &difference))
        find_difference(c, file, &difference, (const uint8_t *)unsealed.data, unsealed.length);
    lp_text_free(&unsealed);
    json_decref(seal);
    struct lp_diag diag = {0};
    if (lp_cost_read(c->arena, &diag, file, report, 0, &cost) != LP_OK)
        find(c, "%.*s", (int)strcspn(lp_text_get(&diag.errors), "\n"), lp_text_get(&diag.errors));
    lp_diag_free(&diag);
    *out = report;
    return LP_OK;
}
