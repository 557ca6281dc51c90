/* network.c: what its tables say of parameters and pools, and how its convolutions are set. */
#include "explain/build.h"
#include "explain/scan.h"

#include <stdio.h>
#include <string.h>

struct shape {
    const char *name;
    size_t name_length;
    size_t rank;
    int64_t dims[LP_BUILD_RANK];
};

struct reader {
    struct lp_arena *arena;
    struct lp_diag *diag;
    const char *file;
    struct lp_build *build;
    uint32_t param_capacity, convolution_capacity, pool_capacity;
    struct shape *shapes;
    uint32_t shape_count, shape_capacity;
    bool wants_params, wants_pools;
};

/* Doubles an array in the arena when it is full. */
static bool grow(struct reader *r, void **items, uint32_t count, uint32_t *capacity, size_t item_bytes)
{
    if (count < *capacity)
        return true;
    uint32_t larger = *capacity == 0 ? 32 : *capacity * 2;
    void *copy = lp_arena_alloc(r->arena, larger, item_bytes);
    if (copy == NULL || larger > LP_BUILD_MOST_ITEMS * 2)
        return false;
    if (count != 0)
        memcpy(copy, *items, count * item_bytes);
    *items = copy;
    *capacity = larger;
    return true;
}

static lp_status read_shape(struct reader *r, struct lp_scan *scan)
{
    struct lp_token name = scan->token;
    void *items = r->shapes;
    lp_scan_next(scan);
    while (lp_scan_is(scan, "[") || lp_scan_is(scan, "]") || lp_scan_is(scan, "="))
        lp_scan_next(scan);
    if (!lp_scan_is(scan, "{"))
        return LP_OK;
    if (!grow(r, &items, r->shape_count, &r->shape_capacity, sizeof *r->shapes))
        return lp_no_memory(r->diag);
    r->shapes = items;
    struct shape *s = &r->shapes[r->shape_count];
    s->name = name.start;
    s->name_length = name.length;
    s->rank = lp_scan_numbers(scan, s->dims, LP_BUILD_RANK);
    r->shape_count += s->rank <= LP_BUILD_RANK;
    return LP_OK;
}

/* The last array of that name: each function of the file has its own. */
static void take_shape(const struct reader *r, const struct lp_member *word, struct lp_build_param *param)
{
    for (uint32_t i = r->shape_count; word != NULL && word->word != NULL && i-- > 0;) {
        const struct shape *s = &r->shapes[i];
        if (s->name_length != word->word_length || memcmp(s->name, word->word, s->name_length) != 0)
            continue;
        param->rank = (uint32_t)s->rank;
        memcpy(param->shape, s->dims, sizeof s->dims);
        return;
    }
}

static lp_status add_buffer(struct reader *r, const struct lp_members *m)
{
    const struct lp_member *name = lp_members_find(m, "name");
    int64_t base = lp_members_number(m, "addr_base", -1);
    int64_t start = lp_members_number(m, "offset_start", -1), end = lp_members_number(m, "offset_end", -1);
    if (name == NULL || name->word == NULL || lp_members_number(m, "is_param", 0) != 1)
        return LP_OK;
    if (base < 0 || start < 0 || end < start)
        return lp_error(r->diag, LP_BAD_INPUT, "%s: the buffer '%.*s' must have addr_base, offset_start and offset_end", r->file,
                        (int)(name->word_length < 80 ? name->word_length : 80), name->word);
    struct lp_build *b = r->build;
    void *items = b->params;
    if (!grow(r, &items, b->param_count, &r->param_capacity, sizeof *b->params))
        return lp_no_memory(r->diag);
    b->params = items;
    struct lp_build_param *p = &b->params[b->param_count];
    *p = (struct lp_build_param){
        .name = lp_arena_text(r->arena, name->word, name->word_length),
        .address = (uint64_t)base + (uint64_t)start,
        .size_bytes = (uint64_t)(end - start),
        .pool = -1,
    };
    if (p->name == NULL)
        return lp_no_memory(r->diag);
    take_shape(r, lp_members_find(m, "mem_shape"), p);
    b->param_count++;
    return lp_build_name(r->arena, r->diag, p);
}

/* { {.name = ...}, {...} }: the current token is the list's '{'. */
static lp_status read_buffers(struct reader *r, struct lp_scan *scan)
{
    lp_status status = LP_OK;
    struct lp_members members;
    lp_scan_next(scan);
    while (status == LP_OK && scan->token.kind != LP_TOKEN_END && !lp_scan_is(scan, "}")) {
        if (!lp_scan_is(scan, "{"))
            lp_scan_next(scan);
        else if (lp_scan_members(scan, &members) && r->wants_params)
            status = add_buffer(r, &members);
    }
    if (status == LP_OK && scan->token.kind == LP_TOKEN_END)
        status = lp_error(r->diag, LP_BAD_INPUT, "%s: the text ends within a table of buffers: is the file whole?", r->file);
    return status;
}

/* The name of a unit's structure is the node's name with "_init" and the epoch behind it. */
static const char *node_of(struct reader *r, struct lp_token name)
{
    size_t length = name.length;
    for (size_t i = 0; i + 5 < name.length; i++)
        if (memcmp(name.start + i, "_init", 5) == 0)
            length = i;
    struct lp_build_param named = {.name = lp_arena_text(r->arena, name.start, length)};
    return named.name == NULL || lp_build_name(r->arena, r->diag, &named) != LP_OK ? NULL : named.layer;
}

static lp_status add_convolution(struct reader *r, struct lp_token name, const struct lp_members *m)
{
    struct lp_build *b = r->build;
    void *items = b->convolutions;
    if (!grow(r, &items, b->convolution_count, &r->convolution_capacity, sizeof *b->convolutions))
        return lp_no_memory(r->diag);
    b->convolutions = items;
    b->convolutions[b->convolution_count++] = (struct lp_build_convolution){
        .layer = node_of(r, name),
        .shift_o = (int32_t)lp_members_number(m, "shift_o", 0),
        .outbytes_o = (int32_t)lp_members_number(m, "outbytes_o", 0),
        .nKernels = (int32_t)lp_members_number(m, "nKernels", 0),
        .batchDepth = (int32_t)lp_members_number(m, "batchDepth", 0),
        .kernelWidth = (int32_t)lp_members_number(m, "kernelWidth", 0),
        .kernelHeight = (int32_t)lp_members_number(m, "kernelHeight", 0),
        .is_deep = lp_members_number(m, "deepmode", 0) == 1,
    };
    return b->convolutions[b->convolution_count - 1].layer == NULL ? lp_no_memory(r->diag) : LP_OK;
}

/* Tables of an activation function are addressed by its unit and stand in no list of buffers. */
static lp_status add_tables(struct reader *r, struct lp_token name, const struct lp_members *m)
{
    static const char *const vectors[][2] = {{"ROM0_vector", "ROM0_nbytes"}, {"ROM1_vector", "ROM1_nbytes"}};
    struct lp_build *b = r->build;
    for (size_t i = 0; i < LP_COUNT(vectors) && r->wants_params; i++) {
        int64_t address = lp_members_number(m, vectors[i][0], 0), bytes = lp_members_number(m, vectors[i][1], 0);
        void *items = b->params;
        if (address <= 0 || bytes <= 0)
            continue;
        if (!grow(r, &items, b->param_count, &r->param_capacity, sizeof *b->params))
            return lp_no_memory(r->diag);
        b->params = items;
        struct lp_build_param *p = &b->params[b->param_count++];
        *p = (struct lp_build_param){.layer = node_of(r, name),
                                     .kind = LP_BUILD_TABLE,
                                     .pool = -1,
                                     .address = (uint64_t)address,
                                     .size_bytes = (uint64_t)bytes};
        p->name = p->layer == NULL ? NULL : lp_arena_printf(r->arena, "%s %s", p->layer, vectors[i][0]);
        if (p->name == NULL)
            return lp_no_memory(r->diag);
    }
    return LP_OK;
}

/* TYPE NAME = { or TYPE NAME[] = {: moves to the '{' and gives the name; false when it is something else. */
static bool at_initializer(struct lp_scan *scan, struct lp_token *name)
{
    lp_scan_next(scan);
    if (scan->token.kind != LP_TOKEN_WORD)
        return false;
    *name = scan->token;
    lp_scan_next(scan);
    while (lp_scan_is(scan, "[") || lp_scan_is(scan, "]") || lp_scan_is(scan, "=") || scan->token.kind == LP_TOKEN_NUMBER)
        lp_scan_next(scan);
    return lp_scan_is(scan, "{");
}

static lp_status read_declaration(struct reader *r, struct lp_scan *scan)
{
    struct lp_token name;
    struct lp_members members;
    bool is_convolution = lp_scan_is(scan, "LL_Convacc_InitTypeDef"), is_table = lp_scan_is(scan, "LL_Activacc_InitTypeDef");
    if (lp_scan_is(scan, "LL_Buffer_InfoTypeDef"))
        return at_initializer(scan, &name) ? read_buffers(r, scan) : LP_OK;
    if (is_convolution || is_table) {
        if (!at_initializer(scan, &name) || !lp_scan_members(scan, &members))
            return LP_OK;
        return is_convolution ? add_convolution(r, name, &members) : add_tables(r, name, &members);
    }
    if (lp_scan_is(scan, "uint32_t")) {
        lp_scan_next(scan);
        return scan->token.kind == LP_TOKEN_WORD ? read_shape(r, scan) : LP_OK;
    }
    lp_scan_next(scan);
    return LP_OK;
}

/* Value of "KEY=" in a line of text; null when it is not there. */
static const char *value_of(const char *line, size_t length, const char *key)
{
    size_t key_length = strlen(key);
    for (size_t i = 0; i + key_length < length; i++)
        if (memcmp(line + i, key, key_length) == 0 && (i == 0 || line[i - 1] == ' '))
            return line + i + key_length;
    return NULL;
}

static size_t value_length(const char *value, const char *end)
{
    size_t length = 0;
    while (value + length < end && value[length] != ' ' && value[length] != '\n' && value[length] != '*')
        length++;
    return length;
}

/* The comment that describes a pool: "index=3 file postfix=AXISRAM3 name=npuRAM3 offset=0x34200000 absolute_mode size=458752". */
static lp_status read_pool_comment(struct reader *r, const char *line, size_t length)
{
    const char *end = line + length;
    const char *name = value_of(line, length, "name="), *offset = value_of(line, length, "offset=");
    const char *size = value_of(line, length, "size="), *postfix = value_of(line, length, "postfix=");
    char base_text[32] = "", size_text[32] = "";
    unsigned long long base = 0, bytes = 0;
    if (name == NULL || offset == NULL || size == NULL)
        return LP_OK;
    snprintf(base_text, sizeof base_text, "%.*s", (int)(value_length(offset, end) & 31), offset);
    snprintf(size_text, sizeof size_text, "%.*s", (int)(value_length(size, end) & 31), size);
    if (sscanf(base_text, "%llx", &base) != 1 || sscanf(size_text, "%llu", &bytes) != 1)
        return LP_OK;
    struct lp_build *b = r->build;
    void *items = b->pools;
    if (!grow(r, &items, b->pool_count, &r->pool_capacity, sizeof *b->pools))
        return lp_no_memory(r->diag);
    b->pools = items;
    struct lp_build_pool *pool = &b->pools[b->pool_count++];
    *pool = (struct lp_build_pool){
        .name = lp_arena_text(r->arena, name, value_length(name, end)), .base = base, .size_bytes = bytes};
    if (postfix != NULL)
        pool->postfix = lp_arena_text(r->arena, postfix, value_length(postfix, end));
    for (size_t i = 0; i + 5 < length; i++)
        pool->is_virtual = pool->is_virtual || memcmp(line + i, "vpool", 5) == 0;
    return pool->name == NULL ? lp_no_memory(r->diag) : LP_OK;
}

/* "LL_ATON_VERSION_MAJOR != 1 || ..._DEV != 31": the versions that the file was written for. */
static void read_version(struct reader *r, const char *text, size_t length)
{
    static const char *const parts[] = {"_MAJOR != ", "_MINOR != ", "_MICRO != ", "_DEV != "};
    int values[4] = {-1, -1, -1, -1};
    for (size_t p = 0; p < LP_COUNT(parts); p++)
        for (size_t i = 0; i + strlen(parts[p]) + 1 < length && values[p] < 0; i++)
            if (memcmp(text + i, parts[p], strlen(parts[p])) == 0) {
                char digits[12];
                snprintf(digits, sizeof digits, "%.*s", 6, text + i + strlen(parts[p]));
                if (sscanf(digits, "%d", &values[p]) != 1)
                    values[p] = 0;
            }
    if (values[0] >= 0 && values[3] >= 0 && r->build->compiler_version == NULL)
        r->build->compiler_version = lp_arena_printf(r->arena, "%d.%d.%d-%d", values[0], values[1] < 0 ? 0 : values[1],
                                                     values[2] < 0 ? 0 : values[2], values[3]);
}

static lp_status read_pools(struct reader *r, const char *text, size_t length)
{
    lp_status status = LP_OK;
    for (size_t start = 0; start < length && status == LP_OK;) {
        const char *line = text + start;
        const char *newline = memchr(line, '\n', length - start);
        size_t line_length = newline == NULL ? length - start : (size_t)(newline - line);
        if (line_length > 9 && memcmp(line, "/* index=", 9) == 0)
            status = read_pool_comment(r, line, line_length);
        start += line_length + 1;
    }
    return status;
}

lp_status lp_build_read_source(struct lp_arena *arena, struct lp_diag *diag, const char *file, const char *text, size_t length,
                               struct lp_build *build)
{
    struct reader r = {.arena = arena,
                       .diag = diag,
                       .file = file,
                       .build = build,
                       .wants_params = build->param_count == 0,
                       .wants_pools = build->pool_count == 0};
    read_version(&r, text, length);
    lp_status status = r.wants_pools ? read_pools(&r, text, length) : LP_OK;
    struct lp_scan scan;
    for (lp_scan_start(&scan, text, length); status == LP_OK && scan.token.kind != LP_TOKEN_END;)
        status = read_declaration(&r, &scan);
    for (uint32_t i = 0; i < build->param_count && r.wants_params; i++)
        build->params[i].pool = lp_build_pool_of(build, build->params[i].address);
    if (r.wants_params && build->param_count != 0)
        build->params_from = file;
    return status;
}
