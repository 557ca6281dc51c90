#include "diagnose/device_log.h"

#include <string.h>

struct reading {
    struct lp_arena *arena;
    struct lp_record_reader reader;
    struct lp_device_log *log;
};

/* A new zeroed item at the end; null when there is no memory. */
static void *add(struct reading *g, struct lp_log_list *list, size_t item_bytes)
{
    if (list->count == list->capacity) {
        uint32_t capacity = list->capacity == 0 ? 16 : 2 * list->capacity;
        void *items = lp_arena_alloc(g->arena, capacity, item_bytes);
        if (items == NULL)
            return NULL;
        if (list->count != 0)
            memcpy(items, list->items, list->count * item_bytes);
        list->items = items;
        list->capacity = capacity;
    }
    return (char *)list->items + item_bytes * list->count++;
}

static lp_status number(struct reading *g, const char *key, uint64_t high, const uint64_t *fallback, uint64_t *out)
{
    return lp_record_number(&g->reader, key, 0, high, fallback, out);
}

static void copy_name(char *out, const char *text)
{
    strncpy(out, text == NULL ? "" : text, LP_LOG_NAME_BYTES - 1);
}

static lp_status read_pool(struct reading *g)
{
    static const char *const answers[] = {"ok", "zero", "stuck", "unknown"};
    struct lp_log_pool pool = {.base = 0};
    int cpu = 0, npu = 0;
    lp_status status = number(g, "base", UINT32_MAX, NULL, &pool.base);
    if (status == LP_OK)
        status = number(g, "bytes", UINT32_MAX, NULL, &pool.size_bytes);
    if (status == LP_OK)
        status = lp_record_choice(&g->reader, "cpu", answers, LP_COUNT(answers), LP_POOL_UNKNOWN, &cpu);
    if (status == LP_OK)
        status = lp_record_choice(&g->reader, "npu", answers, LP_COUNT(answers), LP_POOL_UNKNOWN, &npu);
    if (status != LP_OK)
        return status;
    pool.cpu = (enum lp_pool_answer)cpu;
    pool.npu = (enum lp_pool_answer)npu;
    copy_name(pool.name, lp_record_text(&g->reader, "name"));
    struct lp_log_pool *to = add(g, &g->log->pools, sizeof pool);
    if (to == NULL)
        return lp_no_memory(g->reader.diag);
    *to = pool;
    return LP_OK;
}

static lp_status read_head(struct reading *g, struct lp_log_weights *w)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *text = lp_record_text(&g->reader, "head");
    size_t length = text == NULL ? 0 : strlen(text);
    if (length % 2 != 0 || length > 2 * sizeof w->head)
        return lp_record_refuse(&g->reader, "head has %zu hex digits: allowed is an even number up to %zu", length,
                                2 * sizeof w->head);
    for (size_t i = 0; i < length; i++) {
        const char *digit = strchr(digits, text[i]);
        if (digit == NULL)
            return lp_record_refuse(&g->reader, "head has '%c': allowed are hex digits", text[i]);
        w->head[i / 2] = (uint8_t)(w->head[i / 2] << 4 | ((digit - digits) & 15));
    }
    w->head_bytes = (uint32_t)(length / 2);
    return LP_OK;
}

static lp_status read_weights(struct reading *g)
{
    struct lp_log_weights w = {.address = 0};
    uint64_t crc = 0, plan_crc = 0;
    lp_status status = number(g, "address", UINT32_MAX, NULL, &w.address);
    if (status == LP_OK)
        status = number(g, "plan", UINT32_MAX, &w.address, &w.plan);
    if (status == LP_OK)
        status = number(g, "bytes", UINT32_MAX, NULL, &w.size_bytes);
    if (status == LP_OK)
        status = number(g, "crc", UINT32_MAX, NULL, &crc);
    if (status == LP_OK)
        status = number(g, "plan_crc", UINT32_MAX, NULL, &plan_crc);
    if (status == LP_OK)
        status = read_head(g, &w);
    if (status != LP_OK)
        return status;
    w.crc = (uint32_t)crc;
    w.plan_crc = (uint32_t)plan_crc;
    copy_name(w.name, lp_record_text(&g->reader, "name"));
    struct lp_log_weights *to = add(g, &g->log->weights, sizeof w);
    if (to == NULL)
        return lp_no_memory(g->reader.diag);
    *to = w;
    return LP_OK;
}

static lp_status read_range(struct reading *g, enum lp_log_kind kind)
{
    static const char *const states[] = {"done", "timeout"};
    static const uint64_t zero = 0;
    struct lp_log_range range = {.inference = 0};
    uint64_t index = 0, crc = 0, seen = 0;
    int state = 0;
    if (g->log->trace.count == 0)
        return lp_record_refuse(&g->reader, "stands before the first inference");
    lp_status status = lp_record_choice(&g->reader, "state", states, 2, 0, &state);
    bool is_partial = kind == LP_LOG_EPOCH; /* one that moves nothing, or hangs, has no result */
    if (status == LP_OK)
        status = number(g, "index", 1000000, kind == LP_LOG_EPOCH ? NULL : &zero, &index);
    if (status == LP_OK)
        status = number(g, "address", UINT32_MAX, is_partial ? &zero : NULL, &range.address);
    if (status == LP_OK)
        status = number(g, "plan", UINT32_MAX, &range.address, &range.plan);
    if (status == LP_OK)
        status = number(g, "bytes", UINT32_MAX, is_partial ? &zero : NULL, &range.size_bytes);
    if (status == LP_OK)
        status = number(g, "crc", UINT32_MAX, is_partial && (state == 1 || range.size_bytes == 0) ? &zero : NULL, &crc);
    if (status == LP_OK)
        status = number(g, "seen_crc", UINT32_MAX, &zero, &seen);
    if (status != LP_OK)
        return status;
    range.inference = g->log->trace.count - 1;
    range.index = (uint32_t)index;
    range.crc = (uint32_t)crc;
    range.seen_crc = (uint32_t)seen;
    range.has_seen = lp_record_text(&g->reader, "seen_crc") != NULL;
    range.is_timeout = state == 1;
    copy_name(range.unit, lp_record_text(&g->reader, "unit"));
    struct lp_log_range *to = add(g, &g->log->ranges[kind], sizeof range);
    if (to == NULL)
        return lp_no_memory(g->reader.diag);
    *to = range;
    return LP_OK;
}

static lp_status read_record(struct reading *g)
{
    static const char *const kinds[LP_LOG_KINDS] = {"input", "output", "epoch"};
    const char *word = g->reader.record.word;
    bool taken = false;
    if (strcmp(word, "pool") == 0)
        return read_pool(g);
    if (strcmp(word, "weights") == 0)
        return read_weights(g);
    for (int kind = 0; kind < LP_LOG_KINDS; kind++)
        if (strcmp(word, kinds[kind]) == 0)
            return read_range(g, (enum lp_log_kind)kind);
    lp_status status = lp_trace_record(g->arena, &g->reader, &g->log->trace, &taken);
    if (status == LP_OK && !taken)
        return lp_record_refuse(&g->reader, "unknown record: known are pool, weights, network, inference, input, reset, run, "
                                            "timeout, epoch, output, end");
    return status;
}

lp_status lp_device_log_read(struct lp_arena *arena, struct lp_diag *diag, const char *path, const void *data, size_t size_bytes,
                             struct lp_device_log *out)
{
    struct reading g = {.arena = arena, .log = out};
    bool found = true;
    *out = (struct lp_device_log){.is_cut = true};
    lp_status status = lp_records_open(&g.reader, diag, path, "limpid-device-log", data, size_bytes);
    while (status == LP_OK && out->is_cut) {
        status = lp_records_next(&g.reader, &found);
        if (status != LP_OK || !found)
            break;
        if (strcmp(g.reader.record.word, "end") == 0)
            out->is_cut = false;
        else
            status = read_record(&g);
    }
    out->trace.is_cut = out->is_cut;
    if (status == LP_OK && out->trace.count == 0)
        status = lp_error(diag, LP_BAD_INPUT, "%s has no inference", path);
    return status;
}

const struct lp_log_pool *lp_log_pool_of(const struct lp_device_log *log, uint64_t address, uint64_t size_bytes)
{
    const struct lp_log_pool *pools = lp_log_pools(log);
    for (uint32_t i = 0; i < log->pools.count; i++)
        if (address >= pools[i].base && size_bytes <= pools[i].size_bytes &&
            address - pools[i].base <= pools[i].size_bytes - size_bytes)
            return &pools[i];
    return NULL;
}
