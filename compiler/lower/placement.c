#include "compiler/lower/placement.h"

#include <string.h>

struct placer {
    struct lp_arena *arena;
    struct lp_diag *diag;
    const struct lp_program *program;
    const struct lp_graph *graph;
    const struct lp_placement_options *options;
    struct lp_region regions[LP_MAX_POOLS]; /* as the activations see them */
    uint64_t *traffic_bytes;
    bool *whole_lines;
    struct lp_bank_pair *pairs;
    uint32_t pair_count;
};

/* Pools of one virtual pool have one number; those of none have 0. */
static uint32_t family_of(const struct lp_target *t, uint32_t pool)
{
    if (t->pools[pool].virtual_pool == NULL)
        return 0;
    uint32_t first = 0;
    while (t->pools[first].virtual_pool == NULL || strcmp(t->pools[first].virtual_pool, t->pools[pool].virtual_pool) != 0)
        first++;
    return first + 1;
}

static void make_regions(struct placer *p)
{
    const struct lp_target *t = p->program->target;
    for (uint32_t i = 0; i < t->pool_count; i++)
        p->regions[i] = (struct lp_region){.base = t->pools[i].base,
                                           .size_bytes = t->pools[i].size_bytes,
                                           .cost = lp_pool_cost(&t->pools[i]),
                                           .is_slow = t->pools[i].latency == LP_GRADE_HIGH,
                                           .is_writable = t->pools[i].writable,
                                           .prefers_constants = t->pools[i].constants_preferred,
                                           .family = family_of(t, i)};
}

/* ---- weights ---- */

/* Chunks begin where an item does that is aligned like a blob. */
static lp_status place_weights(struct placer *p, struct lp_placement *out)
{
    const struct lp_section *s = &p->program->weights;
    const struct lp_target *t = p->program->target;
    uint64_t *cuts = LP_NEW_ARRAY(p->arena, (size_t)s->item_count + 2, uint64_t), missing = 0;
    uint32_t count = 0;
    out->chunks = LP_NEW_ARRAY(p->arena, LP_MAX_POOLS, struct lp_chunk);
    if (cuts == NULL || out->chunks == NULL)
        return lp_no_memory(p->diag);
    for (uint32_t i = 0; i < s->item_count; i++)
        if (i == 0 || (s->items[i].cause != LP_CAUSE_ALIGNMENT && s->items[i].offset_bytes % t->blob_align_bytes == 0))
            cuts[count++] = s->items[i].offset_bytes;
    cuts[count++] = s->size_bytes;
    if (s->size_bytes == 0)
        return LP_OK;
    lp_status status = lp_pools_place_constants(cuts, count, p->regions, t->pool_count, out->chunks, &out->chunk_count, &missing);
    if (status != LP_OK)
        return lp_error(p->diag, status,
                        "the weights take %u bytes, and %llu of them find no place in the pools of %s: give a larger pool for "
                        "constants (--pools), or use a smaller model",
                        (unsigned)s->size_bytes, (unsigned long long)missing, t->name);
    for (uint32_t i = 0; i < out->chunk_count; i++) {
        struct lp_region *r = &p->regions[out->chunks[i].region];
        uint64_t taken = (out->chunks[i].address + out->chunks[i].size_bytes + LP_CACHE_LINE_BYTES - 1) / LP_CACHE_LINE_BYTES *
                             LP_CACHE_LINE_BYTES -
                         r->base;
        r->base += taken;
        r->size_bytes = r->size_bytes > taken ? r->size_bytes - taken : 0;
    }
    return LP_OK;
}

uint64_t lp_weights_address(const struct lp_placement *placement, uint64_t offset_bytes)
{
    for (uint32_t i = 0; i < placement->chunk_count; i++) {
        const struct lp_chunk *c = &placement->chunks[i];
        if (offset_bytes >= c->start_bytes && offset_bytes - c->start_bytes < c->size_bytes)
            return c->address + (offset_bytes - c->start_bytes);
    }
    return 0;
}

/* ---- what the epochs do with the blocks ---- */

static void add_pair(struct placer *p, uint32_t a, uint32_t b)
{
    uint64_t x = p->program->blocks[a].size_bytes, y = p->program->blocks[b].size_bytes;
    if (a != b)
        p->pairs[p->pair_count++] = (struct lp_bank_pair){a, b, x < y ? x : y};
}

static void look_at_epoch(struct placer *p, const struct lp_sw_epoch *epoch)
{
    for (uint32_t i = 0; i < epoch->operand_count; i++) {
        const struct lp_operand *o = &epoch->operands[i];
        if (o->place != LP_PLACE_ARENA)
            continue;
        p->traffic_bytes[o->index] += p->program->blocks[o->index].size_bytes;
        if (epoch->kernel != NULL)
            p->whole_lines[o->index] = true;
        for (uint32_t k = 0; k < i && epoch->kernel == NULL; k++)
            if (epoch->operands[k].place == LP_PLACE_ARENA)
                add_pair(p, o->index, epoch->operands[k].index);
    }
}

static void mark_ports(struct placer *p, const int32_t *tensors, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (p->program->block_of_tensor[tensors[i]] >= 0)
            p->whole_lines[p->program->block_of_tensor[tensors[i]]] = true;
}

static lp_status look_at_program(struct placer *p)
{
    size_t most_pairs = 0;
    for (uint32_t i = 0; i < p->program->epoch_count; i++)
        most_pairs += (size_t)p->program->epochs[i].operand_count * p->program->epochs[i].operand_count;
    p->traffic_bytes = LP_NEW_ARRAY(p->arena, (size_t)p->program->block_count + 1, uint64_t);
    p->whole_lines = LP_NEW_ARRAY(p->arena, (size_t)p->program->block_count + 1, bool);
    p->pairs = LP_NEW_ARRAY(p->arena, most_pairs + 1, struct lp_bank_pair);
    if (p->traffic_bytes == NULL || p->whole_lines == NULL || p->pairs == NULL)
        return lp_no_memory(p->diag);
    for (uint32_t i = 0; i < p->program->epoch_count; i++)
        look_at_epoch(p, &p->program->epochs[i]);
    mark_ports(p, p->graph->inputs, p->graph->input_count);
    mark_ports(p, p->graph->outputs, p->graph->output_count);
    return LP_OK;
}

/* ---- messages ---- */

static const char *name_of_block(const struct placer *p, uint32_t block)
{
    for (uint32_t i = 0; i < p->graph->tensor_count; i++)
        if (p->program->block_of_tensor[i] == (int32_t)block)
            return p->graph->tensors[i].name == NULL ? "" : p->graph->tensors[i].name;
    return "scratch memory of an epoch";
}

static bool has_unused_slow(const struct placer *p)
{
    bool any = false;
    for (uint32_t i = 0; i < p->program->target->pool_count; i++)
        any = any || (p->regions[i].is_writable && p->regions[i].is_slow && p->regions[i].size_bytes > 0);
    return any && !p->options->allow_slow;
}

static lp_status does_not_fit(struct placer *p, const struct lp_pools_result *plan)
{
    enum { MOST_NAMED = 8 };
    struct lp_text alive = {0};
    for (uint32_t i = 0; i < plan->alive_count && i < MOST_NAMED; i++)
        lp_text_printf(&alive, "%s'%s' %u bytes", i == 0 ? "" : ", ", name_of_block(p, plan->alive[i]),
                       (unsigned)p->program->blocks[plan->alive[i]].size_bytes);
    if (plan->alive_count > MOST_NAMED)
        lp_text_printf(&alive, " and %u more", (unsigned)(plan->alive_count - MOST_NAMED));
    lp_status status = lp_error(
        p->diag, LP_DOES_NOT_FIT,
        "the activations need %llu bytes at once, %llu more than the pools of %s that may hold them; alive at the peak, epoch "
        "%u: %s; what helps: %sa pool file with more writable memory (--pools), a smaller input, fewer channels",
        (unsigned long long)plan->peak_bytes, (unsigned long long)plan->missing_bytes, p->program->target->name,
        (unsigned)plan->peak_epoch, lp_text_get(&alive),
        has_unused_slow(p) ? "--allow-spill, which takes external memory too, " : "");
    lp_text_free(&alive);
    return status;
}

static void tell_what_spilled(struct placer *p, const struct lp_pools_result *plan)
{
    if (plan->spilled_bytes == 0)
        return;
    struct lp_text pools = {0};
    for (uint32_t i = 0; i < p->program->target->pool_count; i++)
        if (plan->used_bytes[i] > 0)
            lp_text_printf(&pools, "%s%s %llu bytes", pools.length == 0 ? "" : ", ", p->program->target->pools[i].name,
                           (unsigned long long)plan->used_bytes[i]);
    lp_note(p->diag,
            "%llu bytes of activations lie in slower memory than the fastest: about %llu cycles of the accelerator more in every "
            "inference (%s)",
            (unsigned long long)plan->spilled_bytes, (unsigned long long)plan->spill_cost, lp_text_get(&pools));
    lp_text_free(&pools);
}

lp_status lp_place_program(struct lp_arena *arena, struct lp_diag *diag, const struct lp_program *program,
                           const struct lp_graph *graph, const struct lp_placement_options *options, struct lp_placement *out)
{
    struct placer p = {.arena = arena, .diag = diag, .program = program, .graph = graph, .options = options};
    *out = (struct lp_placement){0};
    make_regions(&p);
    lp_status status = place_weights(&p, out);
    if (status == LP_OK)
        status = look_at_program(&p);
    if (status != LP_OK)
        return status;
    const struct lp_pools_problem problem = {
        .plan = {program->blocks, program->block_count, program->overlaps, program->overlap_count, diag},
        .traffic_bytes = p.traffic_bytes,
        .whole_lines = p.whole_lines,
        .regions = p.regions,
        .region_count = program->target->pool_count,
        .allow_slow = options->allow_slow,
        .spread = options->spread,
        .pairs = p.pairs,
        .pair_count = p.pair_count};
    status = lp_pools_plan(arena, &problem, &out->plan);
    if (status == LP_DOES_NOT_FIT && diag->error_count == 0)
        return does_not_fit(&p, &out->plan);
    if (status == LP_OK)
        tell_what_spilled(&p, &out->plan);
    return status;
}
