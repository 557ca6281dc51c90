#include "compiler/target/target.h"

#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

struct parser {
    struct lp_arena *arena;
    struct lp_diag *diag;
    struct lp_target *target;
    const char *file_name;
    const char *rest; /* of the text */
    int line;         /* read last: the library does not tell it to on_key */
    lp_status status;
};

static lp_status bad_value(struct parser *p, int line, const char *key, const char *value, const char *allowed)
{
    return lp_error(p->diag, LP_BAD_INPUT, "%s:%d: %s = %s: allowed is %s", p->file_name, line, key, value, allowed);
}

static lp_status read_number(struct parser *p, int line, const char *key, const char *value, uint64_t low, uint64_t high,
                             uint64_t *out)
{
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(value, &end, 0);
    if (errno != 0 || end == value || *end != '\0' || value[0] == '-' || number < low || number > high)
        return lp_error(p->diag, LP_BAD_INPUT, "%s:%d: %s = %s: allowed is a number from %llu to %llu", p->file_name, line, key,
                        value, (unsigned long long)low, (unsigned long long)high);
    *out = number;
    return LP_OK;
}

static lp_status read_u32(struct parser *p, int line, const char *key, const char *value, uint64_t low, uint64_t high,
                          uint32_t *out)
{
    uint64_t number = 0;
    lp_status status = read_number(p, line, key, value, low, high, &number);
    if (status == LP_OK)
        *out = (uint32_t)number;
    return status;
}

static lp_status read_text(struct parser *p, const char *value, const char **out)
{
    *out = lp_arena_text(p->arena, value, strlen(value));
    return *out == NULL ? lp_no_memory(p->diag) : LP_OK;
}

static lp_status read_choice(struct parser *p, int line, const char *key, const char *value, const char *const *names, int count,
                             const char *allowed, int *out)
{
    for (int i = 0; i < count; i++)
        if (strcmp(value, names[i]) == 0) {
            *out = i;
            return LP_OK;
        }
    return bad_value(p, line, key, value, allowed);
}

static lp_status read_cflags(struct parser *p, int line, const char *words)
{
    struct lp_target *t = p->target;
    const char *value = words;
    while (*value != '\0') {
        size_t length = strcspn(value, " ");
        if (length != 0) {
            if (t->cflag_count == LP_MAX_CFLAGS)
                return bad_value(p, line, "cflags", words, "at most 8 words");
            t->cflags[t->cflag_count] = lp_arena_text(p->arena, value, length);
            if (t->cflags[t->cflag_count++] == NULL)
                return lp_no_memory(p->diag);
        }
        value += length + (value[length] == ' ');
    }
    return LP_OK;
}

static lp_status read_target_key(struct parser *p, int line, const char *key, const char *value)
{
    static const char *const kinds[] = {"cpu", "npu"};
    static const char *const isas[] = {"portable", "dsp", "helium", "x86"};
    struct lp_target *t = p->target;
    int choice = 0;
    lp_status status;
    if (strcmp(key, "title") == 0)
        return read_text(p, value, &t->title);
    if (strcmp(key, "board") == 0)
        return read_text(p, value, &t->board);
    if (strcmp(key, "cflags") == 0)
        return read_cflags(p, line, value);
    if (strcmp(key, "kind") == 0) {
        status = read_choice(p, line, key, value, kinds, LP_COUNT(kinds), "cpu or npu", &choice);
        t->kind = (enum lp_target_kind)choice;
        return status;
    }
    if (strcmp(key, "isa") == 0) {
        status = read_choice(p, line, key, value, isas, LP_COUNT(isas), "portable, dsp, helium or x86", &choice);
        t->isa = (enum lp_isa)choice;
        return status;
    }
    if (strcmp(key, "pointer_bytes") == 0)
        return read_u32(p, line, key, value, 4, 8, &t->pointer_bytes);
    if (strcmp(key, "arena_align_bytes") == 0)
        return read_u32(p, line, key, value, 1, 64, &t->arena_align_bytes);
    if (strcmp(key, "blob_align_bytes") == 0)
        return read_u32(p, line, key, value, 1, 64, &t->blob_align_bytes);
    return lp_error(p->diag, LP_BAD_INPUT, "%s:%d: unknown key '%s' in [target]", p->file_name, line, key);
}

static lp_status read_answer(struct parser *p, int line, const char *key, const char *value, bool *out)
{
    static const char *const answers[] = {"no", "yes"};
    int choice = 0;
    lp_status status = read_choice(p, line, key, value, answers, LP_COUNT(answers), "yes or no", &choice);
    *out = choice == 1;
    return status;
}

static lp_status read_grade(struct parser *p, int line, const char *key, const char *value, enum lp_grade *out)
{
    static const char *const grades[] = {"low", "mid", "high"};
    int choice = 0;
    lp_status status = read_choice(p, line, key, value, grades, LP_COUNT(grades), "low, mid or high", &choice);
    *out = (enum lp_grade)choice;
    return status;
}

static lp_status read_pool_key(struct parser *p, int line, const char *name, const char *key, const char *value)
{
    struct lp_target *t = p->target;
    uint32_t i = 0;
    while (i < t->pool_count && strcmp(t->pools[i].name, name) != 0)
        i++;
    if (i == LP_MAX_POOLS)
        return bad_value(p, line, "pool", name, "at most 16 pools");
    if (i == t->pool_count) {
        lp_status status = read_text(p, name, &t->pools[i].name);
        if (status != LP_OK)
            return status;
        t->pool_count++;
    }
    struct lp_pool *pool = &t->pools[i];
    if (strcmp(key, "base") == 0)
        return read_number(p, line, key, value, 0, UINT32_MAX, &pool->base);
    if (strcmp(key, "size_bytes") == 0)
        return read_number(p, line, key, value, 1, (uint64_t)1 << 32, &pool->size_bytes);
    if (strcmp(key, "writable") == 0)
        return read_answer(p, line, key, value, &pool->writable);
    if (strcmp(key, "cacheable") == 0)
        return read_answer(p, line, key, value, &pool->cacheable);
    if (strcmp(key, "constants_preferred") == 0)
        return read_answer(p, line, key, value, &pool->constants_preferred);
    if (strcmp(key, "throughput") == 0)
        return read_grade(p, line, key, value, &pool->throughput);
    if (strcmp(key, "latency") == 0)
        return read_grade(p, line, key, value, &pool->latency);
    if (strcmp(key, "byte_width") == 0)
        return read_u32(p, line, key, value, 1, 64, &pool->byte_width);
    if (strcmp(key, "freq_ratio_milli") == 0)
        return read_u32(p, line, key, value, 1, 1000000, &pool->freq_ratio_milli);
    return lp_error(p->diag, LP_BAD_INPUT, "%s:%d: unknown key '%s' in [pool %s]", p->file_name, line, key, name);
}

/* inih calls this for every key; 0 stops nothing, so the first error is kept in the parser. */
static int on_key(void *user, const char *section, const char *key, const char *value)
{
    struct parser *p = user;
    int line = p->line;
    if (p->status != LP_OK)
        return 1;
    if (strcmp(section, "target") == 0)
        p->status = read_target_key(p, line, key, value);
    else if (strncmp(section, "pool ", 5) == 0)
        p->status = read_pool_key(p, line, section + 5, key, value);
    else
        p->status = lp_error(p->diag, LP_BAD_INPUT, "%s:%d: unknown section [%s]: allowed are [target] and [pool NAME]",
                             p->file_name, line, section);
    return 1;
}

/* Hands out the text line by line, as fgets does, and counts. */
static char *next_line(char *buffer, int size, void *stream)
{
    struct parser *p = stream;
    size_t length = strcspn(p->rest, "\n");
    if (p->rest[0] == '\0')
        return NULL;
    length += p->rest[length] == '\n';
    p->line++;
    bool fits = length < (size_t)size;
    if (!fits && p->status == LP_OK)
        p->status = lp_error(p->diag, LP_BAD_INPUT, "%s:%d: a line has at most %d characters", p->file_name, p->line, size - 2);
    memcpy(buffer, fits ? p->rest : "", fits ? length : 0);
    buffer[fits ? length : 0] = '\0';
    p->rest += length;
    return buffer;
}

static lp_status check(struct parser *p)
{
    const struct lp_target *t = p->target;
    uint32_t aligns[] = {t->pointer_bytes, t->arena_align_bytes, t->blob_align_bytes};
    for (size_t i = 0; i < LP_COUNT(aligns); i++)
        if (aligns[i] == 0 || (aligns[i] & (aligns[i] - 1)) != 0)
            return lp_error(p->diag, LP_BAD_INPUT,
                            "%s: pointer_bytes, arena_align_bytes and blob_align_bytes must all be given as powers of two",
                            p->file_name);
    if (t->title == NULL)
        return lp_error(p->diag, LP_BAD_INPUT, "%s: the key title is missing in [target]", p->file_name);
    for (uint32_t i = 0; i < t->pool_count; i++)
        if (t->pools[i].size_bytes == 0)
            return lp_error(p->diag, LP_BAD_INPUT, "%s: the key size_bytes is missing in [pool %s]", p->file_name,
                            t->pools[i].name);
    return LP_OK;
}

lp_status lp_target_parse(struct lp_arena *arena, struct lp_diag *diag, const char *file_name, const char *text, size_t length,
                          struct lp_target *out)
{
    *out = (struct lp_target){0};
    struct parser p = {.arena = arena, .diag = diag, .target = out, .file_name = file_name};
    char *copy = lp_arena_text(arena, text, length);
    if (copy == NULL)
        return lp_no_memory(diag);
    const char *slash = strrchr(file_name, '/');
    const char *stem = slash == NULL ? file_name : slash + 1;
    out->name = lp_arena_text(arena, stem, strcspn(stem, "."));
    if (out->name == NULL)
        return lp_no_memory(diag);
    p.rest = copy;
    int line = ini_parse_stream(next_line, &p, on_key, &p);
    if (p.status == LP_OK && line != 0)
        p.status = lp_error(diag, LP_BAD_INPUT, "%s:%d: not a line of the form key = value", file_name, line);
    return p.status == LP_OK ? check(&p) : p.status;
}

uint32_t lp_pool_cost(const struct lp_pool *pool)
{
    if (pool->byte_width == 0 || pool->freq_ratio_milli == 0)
        return 1000;
    return pool->freq_ratio_milli / pool->byte_width;
}
