#include "compiler/report/memory.h"

#include "compiler/report/table.h"

#include <string.h>

/* Blocks by tensor: the first tensor of the graph that a block holds names it. */
static void name_buffers(const struct lp_report_target *target, struct lp_report_buffer *of_block)
{
    const struct lp_program *p = target->program;
    const struct lp_graph *g = target->graph;
    for (uint32_t i = g->tensor_count; i-- > 0;) {
        if (p->block_of_tensor[i] < 0)
            continue;
        struct lp_report_buffer *b = &of_block[p->block_of_tensor[i]];
        b->name = g->tensors[i].name;
        b->kind = "activation";
    }
    for (uint32_t i = 0; i < g->state_count; i++) {
        of_block[p->states[i].block].name = g->tensors[g->states[i].before].name;
        of_block[p->states[i].block].kind = "state";
    }
    for (uint32_t i = 0; i < g->output_count; i++)
        if (p->block_of_tensor[g->outputs[i]] >= 0)
            of_block[p->block_of_tensor[g->outputs[i]]].kind = "output";
    for (uint32_t i = 0; i < g->input_count; i++)
        if (p->block_of_tensor[g->inputs[i]] >= 0)
            of_block[p->block_of_tensor[g->inputs[i]]].kind = "input";
}

/* The pool of an address, and where in it; of a target with one arena the writable pool. */
static void find_pool(const struct lp_report_target *target, uint32_t block, struct lp_report_buffer *out)
{
    const struct lp_target *t = target->program->target;
    out->pool = -1;
    out->offset_bytes = target->program->blocks[block].offset_bytes;
    for (uint32_t i = 0; i < t->pool_count; i++) {
        const struct lp_pool *pool = &t->pools[i];
        if (target->placement == NULL && pool->writable && out->pool < 0)
            out->pool = (int32_t)i;
        if (target->placement == NULL)
            continue;
        uint64_t address = target->placement->plan.addresses[block];
        if (address >= pool->base && address - pool->base < pool->size_bytes) {
            out->pool = (int32_t)i;
            out->offset_bytes = address - pool->base;
        }
    }
}

struct lp_report_buffer *lp_report_buffers(const struct lp_report_target *target, struct lp_arena *arena, uint32_t *count)
{
    const struct lp_program *p = target->program;
    struct lp_report_buffer *all = LP_NEW_ARRAY(arena, p->block_count, struct lp_report_buffer);
    *count = 0;
    if (all == NULL)
        return NULL;
    for (uint32_t i = 0; i < p->block_count; i++) {
        const struct lp_block *b = &p->blocks[i];
        all[i] = (struct lp_report_buffer){.name = "scratch",
                                           .kind = "scratch",
                                           .size_bytes = b->size_bytes,
                                           .first_epoch = b->first_epoch,
                                           .last_epoch = b->last_epoch};
        find_pool(target, i, &all[i]);
    }
    name_buffers(target, all);
    for (uint32_t i = 0; i < p->block_count; i++)
        if (all[i].size_bytes != 0)
            all[(*count)++] = all[i];
    return all;
}

static bool is_alive(const struct lp_report_buffer *b, uint32_t epoch)
{
    return b->first_epoch <= epoch && epoch <= b->last_epoch;
}

/* Walks upwards from one occupied piece of a pool to the next. */
static uint64_t live_in_pool(const struct lp_report_buffer *buffers, uint32_t count, uint32_t epoch, int32_t pool)
{
    uint64_t sum = 0, at = 0;
    for (;;) {
        const struct lp_report_buffer *next = NULL;
        for (uint32_t i = 0; i < count; i++) {
            const struct lp_report_buffer *b = &buffers[i];
            if (b->pool == pool && is_alive(b, epoch) && b->offset_bytes + b->size_bytes > at &&
                (next == NULL || b->offset_bytes < next->offset_bytes))
                next = b;
        }
        if (next == NULL)
            return sum;
        uint64_t start = next->offset_bytes > at ? next->offset_bytes : at;
        at = next->offset_bytes + next->size_bytes;
        sum += at - start;
    }
}

uint64_t lp_report_live_bytes(const struct lp_report_buffer *buffers, uint32_t count, uint32_t epoch)
{
    uint64_t sum = 0;
    for (int32_t pool = -1; pool < LP_MAX_POOLS; pool++)
        sum += live_in_pool(buffers, count, epoch, pool);
    return sum;
}

uint32_t lp_report_peak_epoch(const struct lp_report_target *target, const struct lp_report_buffer *buffers, uint32_t count)
{
    uint32_t peak = 0;
    uint64_t most = 0;
    for (uint32_t e = 0; e < target->program->epoch_count; e++) {
        uint64_t bytes = lp_report_live_bytes(buffers, count, e);
        if (bytes > most) {
            most = bytes;
            peak = e;
        }
    }
    return peak;
}

/* Operators of the model that an epoch computes by rows. */
static json_t *stages_json(const struct lp_report_target *target, const struct lp_sw_epoch *epoch)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < epoch->stage_count; i++)
        json_array_append_new(list, json_integer((json_int_t)target->graph->ops[epoch->stages[i].op].source_index));
    return list;
}

static json_t *epochs_json(const struct lp_report_target *target, const struct lp_report_buffer *buffers, uint32_t count)
{
    const struct lp_program *p = target->program;
    json_t *list = json_array();
    for (uint32_t e = 0; e < p->epoch_count; e++) {
        const struct lp_op *op = &target->graph->ops[p->epochs[e].op];
        json_array_append_new(
            list, json_pack("{s:I, s:I, s:s, s:s, s:I, s:I}", "index", (json_int_t)e, "layer", (json_int_t)op->source_index, "op",
                            lp_op_kind_table[op->kind].name, "runs_on", p->epochs[e].hw == NULL ? "cpu" : "npu", "alive_bytes",
                            (json_int_t)lp_report_live_bytes(buffers, count, e), "cycles", (json_int_t)p->epochs[e].cycles));
        if (p->epochs[e].stage_count != 0)
            json_object_set_new(json_array_get(list, e), "by_rows", stages_json(target, &p->epochs[e]));
    }
    return list;
}

static json_t *buffers_json(const struct lp_report_target *target, const struct lp_report_buffer *buffers, uint32_t count)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < count; i++) {
        const struct lp_report_buffer *b = &buffers[i];
        json_array_append_new(list,
                              json_pack("{s:o, s:s, s:s?, s:I, s:I, s:I, s:I}", "name", lp_report_name_json(b->name), "kind",
                                        b->kind, "pool", b->pool < 0 ? NULL : target->program->target->pools[b->pool].name,
                                        "offset_bytes", (json_int_t)b->offset_bytes, "size_bytes", (json_int_t)b->size_bytes,
                                        "first_epoch", (json_int_t)b->first_epoch, "last_epoch", (json_int_t)b->last_epoch));
    }
    return list;
}

void lp_report_memory_json(const struct lp_report_target *target, struct lp_arena *arena, json_t *out)
{
    uint32_t count = 0;
    struct lp_report_buffer *buffers = lp_report_buffers(target, arena, &count);
    json_t *names = json_array();
    if (buffers == NULL) {
        json_decref(names);
        return;
    }
    uint32_t peak = lp_report_peak_epoch(target, buffers, count);
    for (uint32_t i = 0; i < count; i++)
        if (is_alive(&buffers[i], peak))
            json_array_append_new(names, lp_report_name_json(buffers[i].name));
    json_object_set_new(out, "memory_map",
                        json_pack("{s:o, s:{s:I, s:I, s:o}, s:o}", "epochs", epochs_json(target, buffers, count), "peak", "epoch",
                                  (json_int_t)peak, "alive_bytes", (json_int_t)lp_report_live_bytes(buffers, count, peak),
                                  "tensors", names, "buffers", buffers_json(target, buffers, count)));
}

static void add_peak(const struct lp_report_target *target, const struct lp_report_buffer *buffers, uint32_t count,
                     struct lp_text *out)
{
    uint32_t peak = lp_report_peak_epoch(target, buffers, count);
    char number[32];
    lp_text_printf(out, "\nAlive at the peak, in epoch %u:\n", (unsigned)peak);
    for (uint32_t i = 0; i < count; i++) {
        if (!is_alive(&buffers[i], peak))
            continue;
        lp_text_printf(out, "  %10s bytes  %-10s  ", lp_number_text((int64_t)buffers[i].size_bytes, number), buffers[i].kind);
        lp_text_name(out, buffers[i].name);
        lp_text_printf(out, "\n");
    }
}

static const char *kind_name(const struct lp_report_target *target, const struct lp_sw_epoch *epoch)
{
    return lp_op_kind_table[target->graph->ops[epoch->op].kind].name;
}

/* What runs: one operator, or those whose rows pass from one to the next. */
static void add_name(struct lp_table *table, const struct lp_report_target *target, const struct lp_sw_epoch *epoch)
{
    const struct lp_sw_epoch *stages = epoch->stages;
    if (epoch->stage_count == 0)
        lp_table_cell(table, "%s", kind_name(target, epoch));
    else if (epoch->stage_count == 2)
        lp_table_cell(table, "%s > %s, by rows", kind_name(target, &stages[0]), kind_name(target, &stages[1]));
    else
        lp_table_cell(table, "%s > %s > %s, by rows", kind_name(target, &stages[0]), kind_name(target, &stages[1]),
                      kind_name(target, &stages[2]));
}

void lp_report_memory_text(const struct lp_report_target *target, struct lp_arena *arena, struct lp_text *out)
{
    const struct lp_program *p = target->program;
    struct lp_table table = {.arena = arena, .columns = 4, .align = "rlrl"};
    uint32_t count = 0;
    struct lp_report_buffer *buffers = lp_report_buffers(target, arena, &count);
    if (buffers == NULL || p->epoch_count == 0) {
        out->failed = out->failed || buffers == NULL;
        return;
    }
    uint64_t most = lp_report_live_bytes(buffers, count, lp_report_peak_epoch(target, buffers, count));
    static const char *const heads[] = {"epoch", "operator", "alive", "memory over time"};
    for (size_t i = 0; i < LP_COUNT(heads); i++)
        lp_table_cell(&table, "%s", heads[i]);
    for (uint32_t e = 0; e < p->epoch_count; e++) {
        uint64_t bytes = lp_report_live_bytes(buffers, count, e);
        int length = most == 0 ? 0 : (int)((bytes * 40 + most - 1) / most);
        lp_table_cell(&table, "%u", (unsigned)e);
        add_name(&table, target, &p->epochs[e]);
        lp_table_number(&table, (int64_t)bytes);
        lp_table_cell(&table, "%.*s%s", length, "########################################", bytes == most ? " <- peak" : "");
    }
    lp_table_print(&table, out);
    add_peak(target, buffers, count, out);
}
