/* Which lines of the CPU's data cache have to go where the CPU and the NPU hand memory to each other:
 *   before the NPU writes what the CPU will read (an output, an operand of a software epoch), and before it writes where the
 *   CPU left unwritten-back lines, those lines are forgotten;
 *   before a software epoch reads what the NPU wrote, its lines are forgotten;
 *   after a software epoch what the NPU will read is written back, and so is an output: whoever fetches outputs forgets their
 *   lines first, wherever they came from.
 * From NPU to NPU there is nothing to do. Inputs are written back by whoever writes them, before the first epoch. */
#include "compiler/emit/neural-art/npu_emit.h"

struct range {
    uint64_t start, end;
};

/* What one epoch reads and writes. */
struct access {
    bool is_hw;
    struct range *reads, *writes;
    uint32_t read_count, write_count;
};

struct ranges {
    struct range *items;
    uint32_t count;
};

struct planner {
    struct lp_arena *arena;
    struct lp_diag *diag;
    struct lp_npu_program *program;
    struct access *accesses; /* by epoch */
    struct ranges dirty;     /* written by the CPU and perhaps still only in its cache */
    lp_status status;
};

static bool overlap(struct range a, struct range b)
{
    return a.start < b.end && b.start < a.end;
}

static struct range common(struct range a, struct range b)
{
    return (struct range){a.start > b.start ? a.start : b.start, a.end < b.end ? a.end : b.end};
}

/* From the first byte to one past the last of all frames. */
static struct range range_of_engine(const struct lp_npu_streng *s)
{
    uint64_t start = lp_npu_streng_frame_address(s, 0), frames = s->frame_tot_cnt == 0 ? 1 : s->frame_tot_cnt;
    uint64_t last = lp_npu_streng_frame_address(s, frames - 1);
    if (!s->continuous && s->frame_loop_cnt > 1 && frames > s->frame_loop_cnt) {
        uint64_t in_loop = lp_npu_streng_frame_address(s, (frames - 1) / s->frame_loop_cnt * s->frame_loop_cnt - 1);
        last = in_loop > last ? in_loop : last;
    }
    return (struct range){start, last + lp_npu_streng_frame_span(s)};
}

static struct range *room(struct planner *p, uint32_t count)
{
    struct range *ranges = LP_NEW_ARRAY(p->arena, count + 1, struct range);
    if (ranges == NULL)
        p->status = lp_no_memory(p->diag);
    return ranges;
}

static void find_hw_access(struct planner *p, const struct lp_npu_epoch *e, struct access *a)
{
    a->is_hw = true;
    a->reads = room(p, e->unit_count[LP_NPU_STRENG]);
    a->writes = room(p, e->unit_count[LP_NPU_STRENG]);
    for (uint32_t i = 0; p->status == LP_OK && i < e->unit_count[LP_NPU_STRENG]; i++) {
        struct range range = range_of_engine(&e->streng[i]);
        if (e->streng[i].dir == 0)
            a->reads[a->read_count++] = range;
        else
            a->writes[a->write_count++] = range;
    }
}

static void find_sw_access(struct planner *p, const struct lp_npu_software *sw, struct access *a)
{
    a->reads = room(p, sw->operand_count);
    a->writes = room(p, sw->operand_count);
    for (uint32_t i = 0; p->status == LP_OK && i < sw->operand_count; i++) {
        const struct lp_npu_sw_operand *o = &sw->operands[i];
        struct range range = {o->address, (uint64_t)o->address + o->size_bytes};
        if (o->is_written)
            a->writes[a->write_count++] = range;
        else
            a->reads[a->read_count++] = range;
    }
}

/* ---- who touches a range next ---- */

static bool touches(const struct range *ranges, uint32_t count, struct range range)
{
    for (uint32_t i = 0; i < count; i++)
        if (overlap(ranges[i], range))
            return true;
    return false;
}

/* Kept for the next inference. */
static bool is_state(const struct lp_npu_program *program, struct range range)
{
    for (uint32_t i = 0; i < program->state_count; i++)
        if (overlap(range,
                    (struct range){program->states[i].base, (uint64_t)program->states[i].base + program->states[i].size_bytes}))
            return true;
    return false;
}

/* A later epoch of the kind, of the next inference if it is kept so long, reads some of it before anybody wrote all of it anew. */
static bool is_read_later(const struct planner *p, uint32_t epoch, struct range range, bool by_hw)
{
    const uint32_t count = p->program->epoch_count, end = is_state(p->program, range) ? epoch + 1 + count : count;
    for (uint32_t n = epoch + 1; n < end; n++) {
        const struct access *a = &p->accesses[n % count];
        if (a->is_hw == by_hw && touches(a->reads, a->read_count, range))
            return true;
        for (uint32_t k = 0; k < a->write_count; k++)
            if (a->writes[k].start <= range.start && a->writes[k].end >= range.end)
                return false;
    }
    return false;
}

static bool is_output(const struct lp_npu_program *program, struct range range)
{
    const struct lp_npu_buffers *outputs = &program->buffers[LP_NPU_OUTPUT];
    for (uint32_t i = 0; i < outputs->count; i++)
        if (overlap(range, (struct range){outputs->items[i].address,
                                          (uint64_t)outputs->items[i].address + outputs->items[i].size_bytes}))
            return true;
    return false;
}

/* ---- operations ---- */

static void add_range(struct planner *p, struct ranges *list, struct range range)
{
    for (uint32_t i = 0; i < list->count; i++) {
        struct range *old = &list->items[i];
        if (range.start <= old->end && old->start <= range.end) {
            range.start = old->start < range.start ? old->start : range.start;
            range.end = old->end > range.end ? old->end : range.end;
            *old = list->items[--list->count];
            i = UINT32_MAX; /* from the beginning: it may touch others now */
        }
    }
    struct range *items = room(p, list->count + 1);
    if (p->status != LP_OK)
        return;
    for (uint32_t i = 0; i < list->count; i++)
        items[i] = list->items[i];
    items[list->count++] = range;
    list->items = items;
}

static void remove_range(struct planner *p, struct ranges *list, struct range range)
{
    struct ranges rest = {0};
    for (uint32_t i = 0; i < list->count; i++) {
        struct range old = list->items[i];
        if (!overlap(old, range)) {
            add_range(p, &rest, old);
            continue;
        }
        if (old.start < range.start)
            add_range(p, &rest, (struct range){old.start, range.start});
        if (old.end > range.end)
            add_range(p, &rest, (struct range){range.end, old.end});
    }
    *list = rest;
}

/* By rising address, so that the same program always gives the same operations. */
static void put_ops(struct planner *p, struct lp_npu_epoch *e, enum lp_npu_cache_when when, enum lp_npu_cache_action action,
                    const struct ranges *list)
{
    struct lp_npu_cache_op *ops = LP_NEW_ARRAY(p->arena, e->cache_op_count + list->count + 1, struct lp_npu_cache_op);
    if (ops == NULL) {
        p->status = lp_no_memory(p->diag);
        return;
    }
    for (uint32_t i = 0; i < e->cache_op_count; i++)
        ops[i] = e->cache_ops[i];
    uint64_t floor = 0;
    for (uint32_t n = 0; n < list->count; n++) {
        const struct range *next = NULL;
        for (uint32_t i = 0; i < list->count; i++)
            if (list->items[i].start >= floor && (next == NULL || list->items[i].start < next->start))
                next = &list->items[i];
        ops[e->cache_op_count++] = (struct lp_npu_cache_op){when, LP_NPU_CACHE_MCU, action, (uint32_t)next->start,
                                                            (uint32_t)(next->end - next->start)};
        floor = next->end;
    }
    e->cache_ops = ops;
}

static void plan_hw(struct planner *p, uint32_t index)
{
    const struct access *a = &p->accesses[index];
    struct ranges forgotten = {0};
    for (uint32_t i = 0; i < a->write_count; i++) {
        struct range w = a->writes[i];
        bool goes_out = is_output(p->program, w) && !is_read_later(p, index, w, true);
        if (goes_out || is_read_later(p, index, w, false))
            add_range(p, &forgotten, w);
        for (uint32_t k = 0; k < p->dirty.count; k++)
            if (overlap(p->dirty.items[k], w))
                add_range(p, &forgotten, common(p->dirty.items[k], w));
        remove_range(p, &p->dirty, w);
    }
    put_ops(p, &p->program->epochs[index], LP_NPU_CACHE_START_BEFORE_ENABLE, LP_NPU_CACHE_INVALIDATE, &forgotten);
}

/* Parts of `range` that the NPU wrote last. */
static void add_hw_parts(struct planner *p, uint32_t epoch, struct range range, struct ranges *out)
{
    struct ranges left = {0};
    add_range(p, &left, range);
    for (uint32_t i = epoch; i-- > 0 && left.count > 0;) {
        const struct access *a = &p->accesses[i];
        for (uint32_t k = 0; k < a->write_count; k++) {
            for (uint32_t r = 0; a->is_hw && r < left.count; r++)
                if (overlap(left.items[r], a->writes[k]))
                    add_range(p, out, common(left.items[r], a->writes[k]));
            remove_range(p, &left, a->writes[k]);
        }
    }
}

static void plan_sw(struct planner *p, uint32_t index)
{
    const struct access *a = &p->accesses[index];
    struct ranges forgotten = {0}, written = {0};
    for (uint32_t i = 0; i < a->read_count; i++)
        add_hw_parts(p, index, a->reads[i], &forgotten);
    for (uint32_t i = 0; i < a->write_count; i++) {
        if (is_read_later(p, index, a->writes[i], true) || is_output(p->program, a->writes[i])) {
            add_range(p, &written, a->writes[i]);
            remove_range(p, &p->dirty, a->writes[i]);
        } else {
            add_range(p, &p->dirty, a->writes[i]);
        }
    }
    put_ops(p, &p->program->epochs[index], LP_NPU_CACHE_END_BEFORE_DISABLE, LP_NPU_CACHE_INVALIDATE, &forgotten);
    put_ops(p, &p->program->epochs[index], LP_NPU_CACHE_END_AFTER_DISABLE, LP_NPU_CACHE_CLEAN, &written);
}

static void find_accesses(struct planner *p, const struct lp_npu_software *software, uint32_t software_count)
{
    for (uint32_t i = 0; i < p->program->epoch_count && p->status == LP_OK; i++)
        if (p->program->epochs[i].kind == LP_NPU_EPOCH_HW)
            find_hw_access(p, &p->program->epochs[i], &p->accesses[i]);
    for (uint32_t i = 0; i < software_count && p->status == LP_OK; i++)
        find_sw_access(p, &software[i], &p->accesses[software[i].epoch]);
}

lp_status lp_npu_cache_plan(struct lp_arena *arena, struct lp_diag *diag, struct lp_npu_program *program,
                            const struct lp_npu_software *software, uint32_t software_count)
{
    struct planner p = {.arena = arena,
                        .diag = diag,
                        .program = program,
                        .accesses = LP_NEW_ARRAY(arena, program->epoch_count + 1, struct access)};
    if (p.accesses == NULL)
        return lp_no_memory(diag);
    find_accesses(&p, software, software_count);
    /* Twice: what an inference leaves in the cache, the next one finds there. */
    for (int pass = 0; pass < 2 && p.status == LP_OK; pass++)
        for (uint32_t i = 0; i < program->epoch_count && p.status == LP_OK; i++) {
            program->epochs[i].cache_op_count = 0;
            if (p.accesses[i].is_hw)
                plan_hw(&p, i);
            else
                plan_sw(&p, i);
        }
    return p.status;
}
