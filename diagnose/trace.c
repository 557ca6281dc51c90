#include "diagnose/trace.h"

#include <string.h>

static const uint64_t zero = 0, one = 1;

static struct lp_trace_inference *current(struct lp_trace *t)
{
    return t->count == 0 ? NULL : &t->items[t->count - 1];
}

static lp_status read_network(struct lp_arena *arena, struct lp_record_reader *r, struct lp_trace *t)
{
    uint64_t blocks;
    (void)arena;
    lp_status status = lp_record_number(r, "blocks", 0, 1000000, &zero, &blocks);
    t->blocks = (uint32_t)blocks;
    return status;
}

static lp_status read_inference(struct lp_arena *arena, struct lp_record_reader *r, struct lp_trace *t)
{
    uint64_t n;
    lp_status status = lp_record_number(r, "n", 0, LP_TRACE_INFERENCES - 1, NULL, &n);
    if (status != LP_OK)
        return status;
    if (n != t->count)
        return lp_record_refuse(r, "n=%llu: allowed is %u, they count from 0 by one", (unsigned long long)n, (unsigned)t->count);
    if (t->count == t->capacity) {
        uint32_t capacity = t->capacity == 0 ? 64 : 2 * t->capacity;
        struct lp_trace_inference *items = LP_NEW_ARRAY(arena, capacity, struct lp_trace_inference);
        if (items == NULL)
            return lp_no_memory(r->diag);
        if (t->count != 0)
            memcpy(items, t->items, t->count * sizeof *items);
        t->items = items;
        t->capacity = capacity;
    }
    t->items[t->count++] = (struct lp_trace_inference){.highest_block = UINT32_MAX};
    return LP_OK;
}

static lp_status read_reset(struct lp_arena *arena, struct lp_record_reader *r, struct lp_trace *t)
{
    static const char *const results[] = {"ok", "refused"};
    struct lp_trace_inference *i = current(t);
    int result = 0;
    uint64_t block = 0, done = 0;
    (void)arena;
    lp_status status = lp_record_choice(r, "result", results, 2, 0, &result);
    if (status == LP_OK)
        status = lp_record_number(r, "block", 0, 1000000, &zero, &block);
    if (status == LP_OK)
        status = lp_record_number(r, "done", 0, 1, &one, &done);
    if (status != LP_OK || i == NULL)
        return status; /* a reset before the first inference is part of the start */
    i->resets += result == 0;
    i->resets_refused += result == 1;
    if (done == 0 && block > 0 && i->resets_early++ == 0)
        i->early_block = (uint32_t)block;
    return LP_OK;
}

static lp_status read_run(struct lp_arena *arena, struct lp_record_reader *r, struct lp_trace *t)
{
    enum { DONE, WFE, NO_WFE, ERROR };
    static const char *const results[] = {"done", "wfe", "no_wfe", "error"};
    struct lp_trace_inference *i = current(t);
    int result = 0;
    uint64_t block = 0, calls = 1;
    (void)arena;
    lp_status status = lp_record_choice(r, "result", results, LP_COUNT(results), -1, &result);
    if (status == LP_OK)
        status = lp_record_number(r, "block", 0, 1000000, NULL, &block);
    if (status == LP_OK)
        status = lp_record_number(r, "calls", 1, UINT32_MAX, &one, &calls);
    if (status != LP_OK)
        return status;
    if (i == NULL)
        return lp_record_refuse(r, "stands before the first inference");
    t->has_runs = true;
    i->run_calls += calls;
    i->waits += result == WFE ? calls : 0;
    i->is_done = i->is_done || result == DONE;
    i->has_error = i->has_error || result == ERROR;
    if (result != DONE && i->highest_block != block) {
        i->blocks_run++;
        i->highest_block = (uint32_t)block;
    }
    return LP_OK;
}

static lp_status read_timeout(struct lp_arena *arena, struct lp_record_reader *r, struct lp_trace *t)
{
    struct lp_trace_inference *i = current(t);
    uint64_t block;
    (void)arena;
    lp_status status = lp_record_number(r, "block", 0, 1000000, &zero, &block);
    if (status != LP_OK)
        return status;
    if (i == NULL)
        return lp_record_refuse(r, "stands before the first inference");
    const char *unit = lp_record_text(r, "unit");
    if (i->timeouts++ == 0) {
        i->timeout_block = (uint32_t)block;
        strncpy(i->timeout_unit, unit == NULL ? "" : unit, sizeof i->timeout_unit - 1);
    }
    return LP_OK;
}

lp_status lp_trace_record(struct lp_arena *arena, struct lp_record_reader *r, struct lp_trace *t, bool *taken)
{
    static const struct {
        const char *word;
        lp_status (*read)(struct lp_arena *arena, struct lp_record_reader *r, struct lp_trace *t);
    } records[] = {{"network", read_network},
                   {"inference", read_inference},
                   {"reset", read_reset},
                   {"run", read_run},
                   {"timeout", read_timeout}};
    for (size_t i = 0; i < LP_COUNT(records); i++)
        if (strcmp(r->record.word, records[i].word) == 0) {
            *taken = true;
            return records[i].read(arena, r, t);
        }
    *taken = false;
    return LP_OK;
}

lp_status lp_trace_read(struct lp_arena *arena, struct lp_diag *diag, const char *path, const void *data, size_t size_bytes,
                        struct lp_trace *out)
{
    struct lp_record_reader r;
    bool found = true, taken = false;
    *out = (struct lp_trace){.is_cut = true};
    lp_status status = lp_records_open(&r, diag, path, "limpid-trace", data, size_bytes);
    while (status == LP_OK && out->is_cut) {
        status = lp_records_next(&r, &found);
        if (status != LP_OK || !found)
            break;
        if (strcmp(r.record.word, "end") == 0)
            out->is_cut = false;
        else
            status = lp_trace_record(arena, &r, out, &taken);
        if (status == LP_OK && out->is_cut && !taken)
            status = lp_record_refuse(&r, "unknown record: known are network, inference, reset, run, timeout, end");
    }
    if (status == LP_OK && out->count == 0)
        status = lp_error(diag, LP_BAD_INPUT, "%s has no inference", path);
    return status;
}
