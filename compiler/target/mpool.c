/* Memory pool files (.mpool): JSON that projects of the vendor's tool chain carry. Key names occur in two spellings,
 * "read_power" and "readPower"; values as numbers, texts that hold numbers, and "true" as text. */
#include "compiler/target/target.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_POOLS_IN_FILE = 64, MOST_TEXT = 60, LONGEST_NAME = 63 };

struct reader {
    struct lp_arena *arena;
    struct lp_diag *diag;
    const char *file_name;
    char place[100]; /* "pool 3 (npuRAM4)", for messages */
    struct lp_target *target;
    struct lp_pool pool; /* the one being read */
};

/* A key of an object, and how it is read. */
struct key {
    const char *name; /* small letters without underscores */
    lp_status (*read)(struct reader *r, const char *key, const json_t *value);
};

static lp_status wrong(struct reader *r, const char *key, const char *found, const char *allowed)
{
    return lp_error(r->diag, LP_BAD_INPUT, "%s: %s: %s is %s; allowed is %s", r->file_name, r->place, key, found, allowed);
}

/* Texts of the file end up in messages. */
static void printable(char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 127)
            *text = '?';
}

/* The value as a short text for messages and for comparison. */
static const char *text_of(const json_t *value, char *buffer)
{
    if (json_is_string(value))
        snprintf(buffer, MOST_TEXT, "%s", json_string_value(value));
    else if (json_is_integer(value))
        snprintf(buffer, MOST_TEXT, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        snprintf(buffer, MOST_TEXT, "%.9g", json_real_value(value));
    else if (json_is_boolean(value))
        snprintf(buffer, MOST_TEXT, "%s", json_is_true(value) ? "true" : "false");
    else
        snprintf(buffer, MOST_TEXT, "%s", value == NULL ? "missing" : json_is_null(value) ? "null" : "no single value");
    printable(buffer);
    return buffer;
}

static void plain_name(const char *key, char *buffer, size_t size)
{
    size_t n = 0;
    for (; *key != '\0' && n + 1 < size; key++)
        if (*key != '_')
            buffer[n++] = (char)tolower((unsigned char)*key);
    buffer[n] = '\0';
}

/* Reads every member of an object by its row. Unknown ones are named and left alone. */
static lp_status read_object(struct reader *r, const char *what, const json_t *object, const struct key *keys, size_t count)
{
    const char *name;
    json_t *value;
    if (!json_is_object(object))
        return lp_error(r->diag, LP_BAD_INPUT, "%s: %s: %s is no JSON object", r->file_name, r->place, what);
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        char plain[MOST_TEXT], shown[MOST_TEXT];
        plain_name(name, plain, sizeof plain);
        size_t i = 0;
        while (i < count && strcmp(keys[i].name, plain) != 0)
            i++;
        snprintf(shown, sizeof shown, "%s", name);
        printable(shown);
        lp_status status = LP_OK;
        if (i == count)
            lp_note(r->diag, "%s: %s: the key %s is unknown and was not used", r->file_name, r->place, shown);
        else
            status = keys[i].read(r, shown, value);
        if (status != LP_OK)
            return status;
    }
    return LP_OK;
}

/* ---- values ---- */

static lp_status read_number(struct reader *r, const char *key, const json_t *value, double low, double high, double *out)
{
    char text[MOST_TEXT], allowed[80];
    char *end = NULL;
    errno = 0;
    text_of(value, text);
    *out = json_is_number(value) ? json_number_value(value) : json_is_string(value) ? strtod(text, &end) : NAN;
    snprintf(allowed, sizeof allowed, "a number from %.10g to %.10g", low, high);
    if (errno != 0 || (end != NULL && (end == text || *end != '\0')) || !(*out >= low && *out <= high))
        return wrong(r, key, text, allowed);
    return LP_OK;
}

static lp_status read_name(struct reader *r, const char *key, const json_t *value, const char *const *names, size_t count,
                           int *out)
{
    char text[MOST_TEXT], allowed[160] = "";
    text_of(value, text);
    for (size_t i = 0; i < count; i++) {
        if (json_is_string(value) && strcmp(text, names[i]) == 0) {
            *out = (int)i;
            return LP_OK;
        }
        size_t used = strlen(allowed);
        snprintf(allowed + used, sizeof allowed - used, "%s%s", i == 0 ? "" : ", ", names[i]);
    }
    return wrong(r, key, text, allowed);
}

static lp_status read_answer(struct reader *r, const char *key, const json_t *value, bool *out)
{
    char text[MOST_TEXT];
    text_of(value, text);
    bool is_true = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
    if (!is_true && strcmp(text, "false") != 0 && strcmp(text, "0") != 0)
        return wrong(r, key, text, "true or false");
    *out = is_true;
    return LP_OK;
}

/* {"value": "448", "magnitude": "KBYTES"} */
static lp_status read_bytes(struct reader *r, const char *key, const json_t *object, uint64_t *out)
{
    static const char *const names[] = {"BYTES", "KBYTES", "MBYTES", "GBYTES"};
    const json_t *value = json_object_get(object, "value"), *magnitude = json_object_get(object, "magnitude");
    char text[MOST_TEXT];
    char *end = NULL;
    int factor = 0;
    text_of(value, text);
    errno = 0;
    unsigned long long number = strtoull(text, &end, 0);
    lp_status status = magnitude == NULL ? LP_OK : read_name(r, key, magnitude, names, LP_COUNT(names), &factor);
    if (status != LP_OK)
        return status;
    bool is_number = (json_is_string(value) || json_is_integer(value)) && end != text && *end == '\0' && text[0] != '-';
    if (errno != 0 || !is_number || number > ((uint64_t)1 << 32) >> (10 * factor))
        return wrong(r, key, text, "a number of bytes or an address of at most 2^32");
    for (int i = 0; i < 2; i++) {
        static const char *const known[2] = {"value", "magnitude"};
        if (json_object_get(object, known[i]) != NULL)
            continue;
        lp_note(r->diag, "%s: %s: %s has no %s", r->file_name, r->place, key, known[i]);
    }
    *out = (uint64_t)number << (10 * factor);
    return LP_OK;
}

/* ---- keys of a pool and of its "prop" ---- */

static lp_status no_effect(struct reader *r, const char *key, const json_t *value)
{
    char text[MOST_TEXT];
    if (json_is_object(value) || json_is_array(value))
        return wrong(r, key, text_of(value, text), "a single value");
    return LP_OK;
}

static lp_status read_pool_name(struct reader *r, const char *key, const json_t *value)
{
    char text[MOST_TEXT];
    size_t length = json_string_length(value);
    bool is_good = json_is_string(value) && length > 0 && length <= LONGEST_NAME;
    /* It becomes part of file names. */
    for (size_t i = 0; is_good && i < length; i++)
        is_good = isalnum((unsigned char)json_string_value(value)[i]) || strchr("_-", json_string_value(value)[i]) != NULL;
    if (!is_good)
        return wrong(r, key, text_of(value, text), "1 to 63 letters, digits, '_' and '-'");
    r->pool.name = lp_arena_text(r->arena, json_string_value(value), length);
    return r->pool.name == NULL ? lp_no_memory(r->diag) : LP_OK;
}

static lp_status read_format(struct reader *r, const char *key, const json_t *value)
{
    static const char *const names[] = {"FORMAT_RAW", "FORMAT_IHEX", "FORMAT_INTEL_HEX", "FORMAT_SREC"};
    int choice = 0;
    lp_status status = read_name(r, key, value, names, LP_COUNT(names), &choice);
    if (status == LP_OK && choice != 0)
        lp_note(r->diag, "%s: %s: %s: images are written raw; --hex adds Intel hex", r->file_name, r->place, key);
    return status;
}

static lp_status read_offset(struct reader *r, const char *key, const json_t *value)
{
    return read_bytes(r, key, value, &r->pool.base);
}

static lp_status read_size(struct reader *r, const char *key, const json_t *value)
{
    return read_bytes(r, key, value, &r->pool.size_bytes);
}

static lp_status read_mode(struct reader *r, const char *key, const json_t *value)
{
    static const char *const names[] = {"USEMODE_ABSOLUTE", "USEMODE_RELATIVE"};
    int choice = 0;
    lp_status status = read_name(r, key, value, names, LP_COUNT(names), &choice);
    if (status == LP_OK && choice == 1)
        lp_note(r->diag, "%s: %s: %s is USEMODE_RELATIVE: the program is linked to the address in offset and cannot be moved",
                r->file_name, r->place, key);
    return status;
}

static lp_status read_virtual_pool(struct reader *r, const char *key, const json_t *value)
{
    char text[MOST_TEXT];
    if (!json_is_string(value) && !json_is_integer(value))
        return wrong(r, key, text_of(value, text), "the name of a virtual pool");
    text_of(value, text);
    r->pool.virtual_pool = lp_arena_text(r->arena, text, strlen(text));
    return r->pool.virtual_pool == NULL ? lp_no_memory(r->diag) : LP_OK;
}

static lp_status read_rights(struct reader *r, const char *key, const json_t *value)
{
    static const char *const names[] = {"ACC_READ", "ACC_WRITE", "ACC_READ_WRITE", "ACC_READWRITE"};
    int choice = 0;
    lp_status status = read_name(r, key, value, names, LP_COUNT(names), &choice);
    r->pool.writable = choice != 0;
    return status;
}

static lp_status read_grade(struct reader *r, const char *key, const json_t *value, enum lp_grade *out)
{
    static const char *const names[] = {"LOW", "MID", "HIGH"};
    int choice = 0;
    lp_status status = read_name(r, key, value, names, LP_COUNT(names), &choice);
    *out = (enum lp_grade)choice;
    return status;
}

static lp_status read_throughput(struct reader *r, const char *key, const json_t *value)
{
    return read_grade(r, key, value, &r->pool.throughput);
}

static lp_status read_latency(struct reader *r, const char *key, const json_t *value)
{
    return read_grade(r, key, value, &r->pool.latency);
}

static lp_status read_byte_width(struct reader *r, const char *key, const json_t *value)
{
    double number = 0;
    lp_status status = read_number(r, key, value, 1, 64, &number);
    r->pool.byte_width = status == LP_OK ? (uint32_t)number : 0;
    return status;
}

static lp_status read_freq_ratio(struct reader *r, const char *key, const json_t *value)
{
    double number = 0;
    lp_status status = read_number(r, key, value, 0.001, 1000, &number);
    r->pool.freq_ratio_milli = status == LP_OK ? (uint32_t)lround(number * 1000) : 0;
    return status;
}

static lp_status read_cacheable(struct reader *r, const char *key, const json_t *value)
{
    static const char *const names[] = {"CACHEABLE_OFF", "CACHEABLE_ON"};
    int choice = 0;
    lp_status status = read_name(r, key, value, names, LP_COUNT(names), &choice);
    r->pool.cacheable = choice == 1;
    return status;
}

static lp_status read_constants_preferred(struct reader *r, const char *key, const json_t *value)
{
    return read_answer(r, key, value, &r->pool.constants_preferred);
}

/* "prefer": what a pool is for. */
static lp_status read_prefer(struct reader *r, const char *key, const json_t *value)
{
    char text[MOST_TEXT];
    plain_name(text_of(value, text), text, sizeof text);
    r->pool.constants_preferred = strstr(text, "const") != NULL || strstr(text, "param") != NULL || strcmp(text, "true") == 0;
    if (!r->pool.constants_preferred && strstr(text, "act") == NULL && strcmp(text, "false") != 0)
        lp_note(r->diag, "%s: %s: %s is %s, which means nothing here: known are constants and activations", r->file_name,
                r->place, key, text);
    return LP_OK;
}

static lp_status read_use(struct reader *r, const char *key, const json_t *value)
{
    bool is_used = true;
    lp_status status = json_is_boolean(value) ? read_answer(r, key, value, &is_used) : no_effect(r, key, value);
    if (!is_used)
        r->pool.size_bytes = 0;
    return status;
}

static const struct key property_keys[] = {
    {"rights", read_rights},
    {"use", read_use},
    {"throughput", read_throughput},
    {"latency", read_latency},
    {"bytewidth", read_byte_width},
    {"freqratio", read_freq_ratio},
    {"cacheable", read_cacheable},
    {"constantspreferred", read_constants_preferred},
    {"prefer", read_prefer},
    {"vpool", read_virtual_pool},
    /* Power and bursts: nothing is chosen by them. */
    {"readpower", no_effect},
    {"writepower", no_effect},
    {"burstmaxlength", no_effect},
    {"burstpenalty", no_effect},
    {"pipelined", no_effect},
};

static lp_status read_properties(struct reader *r, const char *key, const json_t *value)
{
    return read_object(r, key, value, property_keys, LP_COUNT(property_keys));
}

static const struct key pool_keys[] = {
    {"fname", no_effect}, /* files are called after `name` */
    {"name", read_pool_name},
    {"fformat", read_format},
    {"prop", read_properties},
    {"offset", read_offset},
    {"size", read_size},
    {"mode", read_mode},
    {"vpool", read_virtual_pool},
    {"prefer", read_prefer},
    {"rights", read_rights},
    {"use", read_use},
    {"constantspreferred", read_constants_preferred},
    {"cacheable", read_cacheable},
    {"throughput", read_throughput},
    {"latency", read_latency},
    {"bytewidth", read_byte_width},
    {"freqratio", read_freq_ratio},
    {"busnode", no_effect}, /* which port: stream engines are spread over both */
};

/* ---- the file ---- */

static lp_status add_pool(struct reader *r)
{
    struct lp_target *t = r->target;
    const struct lp_pool *pool = &r->pool;
    if (pool->name == NULL)
        return lp_error(r->diag, LP_BAD_INPUT, "%s: %s: the key name is missing", r->file_name, r->place);
    if (pool->size_bytes == 0)
        return LP_OK;
    if (pool->base + pool->size_bytes > (uint64_t)1 << 32)
        return lp_error(r->diag, LP_BAD_INPUT, "%s: %s: it ends at 0x%llx; addresses end at 2^32", r->file_name, r->place,
                        (unsigned long long)(pool->base + pool->size_bytes));
    for (uint32_t i = 0; i < t->pool_count; i++) {
        const struct lp_pool *other = &t->pools[i];
        if (strcmp(other->name, pool->name) == 0)
            return lp_error(r->diag, LP_BAD_INPUT, "%s: %s: there is another pool of this name", r->file_name, r->place);
        if (other->base < pool->base + pool->size_bytes && pool->base < other->base + other->size_bytes)
            return lp_error(r->diag, LP_BAD_INPUT, "%s: %s: it overlaps the pool %s", r->file_name, r->place, other->name);
    }
    if (t->pool_count == LP_MAX_POOLS)
        return lp_error(r->diag, LP_BAD_INPUT, "%s: %s: allowed are at most %d pools that are not empty", r->file_name, r->place,
                        LP_MAX_POOLS);
    t->pools[t->pool_count++] = *pool;
    return LP_OK;
}

static lp_status read_pools(struct reader *r, const char *key, const json_t *list)
{
    char text[MOST_TEXT];
    lp_status status = LP_OK;
    if (!json_is_array(list) || json_array_size(list) > MOST_POOLS_IN_FILE)
        return wrong(r, key, json_is_array(list) ? "a longer list" : text_of(list, text), "a list of at most 64 pools");
    for (size_t i = 0; i < json_array_size(list) && status == LP_OK; i++) {
        const json_t *json = json_array_get(list, i);
        r->pool = (struct lp_pool){.throughput = LP_GRADE_MID, .latency = LP_GRADE_MID};
        snprintf(r->place, sizeof r->place, "pool %zu (%.40s)", i, text_of(json_object_get(json, "name"), text));
        status = read_object(r, "the pool", json, pool_keys, LP_COUNT(pool_keys));
        if (status == LP_OK)
            status = add_pool(r);
    }
    snprintf(r->place, sizeof r->place, "memory");
    return status;
}

static lp_status read_cache_size(struct reader *r, const char *key, const json_t *value)
{
    struct lp_target_cache *c = &r->target->cache;
    double number = 0;
    lp_status status = read_number(r, key, value, 1, 1 << 20, &number);
    char plain[MOST_TEXT];
    plain_name(key, plain, sizeof plain);
    *(plain[0] == 'n' ? &c->lines : plain[0] == 'l' ? &c->line_bytes : &c->ways) = status == LP_OK ? (uint32_t)number : 0;
    return status;
}

static lp_status read_bypass(struct reader *r, const char *key, const json_t *value)
{
    return read_answer(r, key, value, &r->target->cache.can_be_bypassed);
}

static const struct key cache_keys[] = {
    {"nlines", read_cache_size},   {"linesize", read_cache_size}, {"associativity", read_cache_size},
    {"bypassenable", read_bypass}, {"prop", read_properties},
};

static lp_status read_caches(struct reader *r, const char *key, const json_t *list)
{
    char text[MOST_TEXT];
    lp_status status = LP_OK;
    if (!json_is_array(list))
        return wrong(r, key, text_of(list, text), "a list");
    for (size_t i = 0; i < json_array_size(list) && status == LP_OK; i++) {
        snprintf(r->place, sizeof r->place, "cache %zu", i);
        status = read_object(r, "the cache", json_array_get(list, i), cache_keys, LP_COUNT(cache_keys));
    }
    snprintf(r->place, sizeof r->place, "memory");
    return status;
}

static lp_status read_parameters(struct reader *r, const char *key, const json_t *list)
{
    char text[MOST_TEXT];
    if (!json_is_array(list))
        return wrong(r, key, text_of(list, text), "a list");
    for (size_t i = 0; i < json_array_size(list); i++)
        lp_note(r->diag, "%s: params: %s has no effect here: the pools say how large they are", r->file_name,
                text_of(json_object_get(json_array_get(list, i), "paramname"), text));
    return LP_OK;
}

static lp_status read_params(struct reader *r, const char *key, const json_t *value)
{
    static const struct key keys[] = {{"param", read_parameters}};
    snprintf(r->place, sizeof r->place, "params");
    return read_object(r, key, value, keys, LP_COUNT(keys));
}

static lp_status read_memory(struct reader *r, const char *key, const json_t *value)
{
    static const struct key keys[] = {
        {"mempools", read_pools},
        {"cacheinfo", read_caches},
        {"memfileprefix", no_effect} /* files are called after the network */
    };
    snprintf(r->place, sizeof r->place, "memory");
    return read_object(r, key, value, keys, LP_COUNT(keys));
}

lp_status lp_mpool_parse(struct lp_arena *arena, struct lp_diag *diag, const char *file_name, const char *text, size_t length,
                         struct lp_target *target)
{
    static const struct key keys[] = {{"memory", read_memory}, {"params", read_params}};
    struct reader r = {.arena = arena, .diag = diag, .file_name = file_name, .target = target, .place = "the file"};
    json_error_t error;
    json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL) {
        printable(error.text);
        return lp_error(diag, LP_BAD_INPUT, "%s:%d: not JSON: %s", file_name, error.line, error.text);
    }
    target->pool_count = 0;
    target->cache = (struct lp_target_cache){0};
    lp_status status = read_object(&r, "the file", json, keys, LP_COUNT(keys));
    if (status == LP_OK && target->pool_count == 0)
        status = lp_error(diag, LP_BAD_INPUT,
                          "%s: it holds no memory pool that is not empty: memory.mempools is missing or all "
                          "sizes are 0",
                          file_name);
    json_decref(json);
    return status;
}
