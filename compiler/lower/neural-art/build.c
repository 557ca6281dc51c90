#include "compiler/lower/neural-art/build.h"

#include <stddef.h>
#include <string.h>

#include "neural-art/fields.h"

enum {
    SLACK_BYTES = 64, /* that an engine may read behind its buffer */
    PARAMETER_ALIGN_BYTES = 16,
    EPOCH_FIXED_CYCLES = 1900, /* start and drain, see docs/simulator.md */
    MOST_ROUTES = 41
};

static bool fail(struct lp_npu_build *b, lp_status status)
{
    if (b->status == LP_OK)
        b->status = status;
    return false;
}

static void *array_of(struct lp_npu_build *b, size_t count, size_t size_bytes)
{
    void *array = lp_arena_alloc(b->l->arena, count, size_bytes);
    if (array == NULL)
        (void)fail(b, lp_no_memory(b->l->diag));
    return array;
}

/* Room for all units and links of an epoch. */
static void make_room(struct lp_npu_build *b, struct lp_npu_epoch *epoch)
{
    epoch->streng = array_of(b, LP_NPU_STRENG_UNITS, sizeof *epoch->streng);
    epoch->convacc = array_of(b, LP_NPU_CONVACC_UNITS, sizeof *epoch->convacc);
    epoch->arith = array_of(b, LP_NPU_ARITH_UNITS, sizeof *epoch->arith);
    epoch->pool = array_of(b, LP_NPU_POOL_UNITS, sizeof *epoch->pool);
    epoch->activ = array_of(b, LP_NPU_ACTIV_UNITS, sizeof *epoch->activ);
    epoch->routes = array_of(b, MOST_ROUTES, sizeof *epoch->routes);
}

lp_status lp_npu_begin(struct lp_lowering *l, const struct lp_op *op, struct lp_npu_build **out)
{
    struct lp_npu_build *b = LP_NEW(l->arena, struct lp_npu_build);
    struct lp_hw_epoch *hw = LP_NEW(l->arena, struct lp_hw_epoch);
    if (b == NULL || hw == NULL)
        return lp_no_memory(l->diag);
    b->l = l;
    b->hw = hw;
    b->step = (struct lp_sw_epoch){.hw = hw, .op = (uint32_t)(op - l->graph->ops)};
    hw->epoch.kind = LP_NPU_EPOCH_HW;
    make_room(b, &hw->epoch);
    *out = b;
    return b->status;
}

struct lp_npu_build *lp_npu_build_copy(const struct lp_npu_build *b)
{
    struct lp_npu_build *copy = LP_NEW(b->l->arena, struct lp_npu_build);
    struct lp_hw_epoch *hw = LP_NEW(b->l->arena, struct lp_hw_epoch);
    if (copy == NULL || hw == NULL)
        return NULL;
    *copy = *b;
    *hw = *b->hw;
    copy->hw = hw;
    copy->step.hw = hw;
    make_room(copy, &hw->epoch);
    /* The list may grow on; what stands in it stays. */
    copy->relocation_capacity = copy->hw->relocation_count;
    if (copy->status != LP_OK)
        return NULL;
    const struct lp_npu_epoch *from = &b->hw->epoch;
    for (int type = 0; type < LP_NPU_UNIT_TYPES; type++)
        if (from->unit_count[type] != 0)
            memcpy(lp_npu_epoch_unit(&hw->epoch, (enum lp_npu_unit_type)type, 0),
                   lp_npu_epoch_unit(from, (enum lp_npu_unit_type)type, 0),
                   from->unit_count[type] * lp_npu_unit_fields[type].struct_bytes);
    memcpy(hw->epoch.routes, from->routes, from->route_count * sizeof *from->routes);
    return copy;
}

lp_status lp_npu_end(struct lp_npu_build *b, const struct lp_op *op, int64_t macs)
{
    struct lp_sw_epoch *step = NULL;
    if (b->status != LP_OK)
        return b->status;
    b->hw->relocations = b->relocations;
    lp_status status = lp_lower_hw_epoch(b->l, op, b->hw, b->macs + macs, &step);
    if (status != LP_OK)
        return status;
    memcpy(step->operands, b->step.operands, sizeof step->operands);
    step->operand_count = b->step.operand_count;
    step->cycles = b->busiest_words + EPOCH_FIXED_CYCLES;
    b->hw->epoch.estimated_npu_cycles = step->cycles;
    return LP_OK;
}

/* ---- memory ---- */

static struct lp_npu_memory operand_of(struct lp_npu_build *b, struct lp_operand operand, uint32_t size_bytes)
{
    struct lp_npu_memory memory = {0, size_bytes};
    if (b->status == LP_OK)
        b->status = lp_lower_operand(b->l, &b->step, operand, &memory.operand);
    return memory;
}

static struct lp_npu_memory tensor_memory(struct lp_npu_build *b, int32_t tensor, bool is_written)
{
    struct lp_operand operand = {.tensor = tensor};
    if (b->status == LP_OK)
        b->status = lp_lower_place(b->l, &b->step, tensor, &operand);
    operand.is_written = is_written;
    return operand_of(b, operand, (uint32_t)lp_tensor_bytes(&b->l->graph->tensors[tensor]));
}

struct lp_npu_memory lp_npu_read_tensor(struct lp_npu_build *b, int32_t tensor)
{
    return tensor_memory(b, tensor, false);
}

struct lp_npu_memory lp_npu_write_tensor(struct lp_npu_build *b, int32_t tensor)
{
    return tensor_memory(b, tensor, true);
}

struct lp_npu_memory lp_npu_block(struct lp_npu_build *b, uint32_t block, bool is_written)
{
    struct lp_operand operand = {.place = LP_PLACE_ARENA, .is_written = is_written, .index = block, .tensor = LP_NO_TENSOR};
    return operand_of(b, operand, b->l->program->blocks[block].size_bytes);
}

/* The operator's own items stand at the end of the section. */
static const struct lp_item *find_item(const struct lp_section *section, const struct lp_item *item, size_t size_bytes)
{
    for (uint32_t i = section->item_count; i-- > 0;) {
        const struct lp_item *other = &section->items[i];
        if (other->layer != item->layer)
            return NULL;
        if (other->data != NULL && other->element == item->element && other->count == item->count &&
            memcmp(other->data, item->data, size_bytes) == 0)
            return other;
    }
    return NULL;
}

struct lp_npu_memory lp_npu_parameters(struct lp_npu_build *b, struct lp_item item)
{
    struct lp_operand operand = {.place = LP_PLACE_WEIGHTS, .tensor = LP_NO_TENSOR};
    uint32_t size_bytes = item.count * lp_element_bytes(item.element);
    if (b->status != LP_OK)
        return (struct lp_npu_memory){0, size_bytes};
    const struct lp_item *same = find_item(&b->l->program->weights, &item, size_bytes);
    item.align_bytes = PARAMETER_ALIGN_BYTES;
    if (same != NULL) {
        operand.index = same->offset_bytes;
        b->l->program->shared_bytes += size_bytes;
    } else {
        b->status = lp_section_put(&b->l->program->weights, b->l->diag, item, &operand.index);
    }
    return operand_of(b, operand, size_bytes);
}

/* ---- units ---- */

int32_t lp_npu_units_left(const struct lp_npu_build *b, enum lp_npu_unit_type type)
{
    return lp_npu_unit_fields[type].unit_count - (int32_t)b->hw->epoch.unit_count[type];
}

static void *take(struct lp_npu_build *b, enum lp_npu_unit_type type)
{
    if (b->status == LP_OK && lp_npu_units_left(b, type) == 0)
        (void)fail(b, lp_error(b->l->diag, LP_INTERNAL, "operator %u needs more than %d units of type %s in one epoch",
                               (unsigned)b->l->graph->ops[b->step.op].source_index, (int)lp_npu_unit_fields[type].unit_count,
                               lp_npu_unit_fields[type].type));
    if (b->status != LP_OK) {
        memset(&b->spare, 0, sizeof b->spare);
        return &b->spare;
    }
    uint32_t number = b->hw->epoch.unit_count[type]++;
    void *unit = lp_npu_epoch_unit(&b->hw->epoch, type, number);
    lp_npu_field_set(&lp_npu_unit_fields[type].fields[0], unit, 0, number);
    return unit;
}

struct lp_npu_convacc *lp_npu_convacc(struct lp_npu_build *b)
{
    return take(b, LP_NPU_CONVACC);
}

struct lp_npu_arith *lp_npu_arith(struct lp_npu_build *b)
{
    return take(b, LP_NPU_ARITH);
}

struct lp_npu_pool *lp_npu_pool(struct lp_npu_build *b)
{
    return take(b, LP_NPU_POOL);
}

struct lp_npu_activ *lp_npu_activ(struct lp_npu_build *b)
{
    return take(b, LP_NPU_ACTIV);
}

static int64_t unit_number(enum lp_npu_unit_type type, const void *unit)
{
    return lp_npu_field_get(&lp_npu_unit_fields[type].fields[0], unit, 0);
}

void lp_npu_point(struct lp_npu_build *b, enum lp_npu_unit_type type, const void *unit, size_t member_offset,
                  struct lp_npu_memory memory)
{
    if (b->status != LP_OK)
        return;
    if (b->hw->relocation_count == b->relocation_capacity) {
        uint32_t capacity = 2 * b->relocation_capacity + 8;
        struct lp_npu_relocation *list = array_of(b, capacity, sizeof *list);
        if (list == NULL)
            return;
        if (b->hw->relocation_count != 0)
            memcpy(list, b->relocations, b->hw->relocation_count * sizeof *list);
        b->relocations = list;
        b->relocation_capacity = capacity;
    }
    b->relocations[b->hw->relocation_count++] = (struct lp_npu_relocation){.type = (uint8_t)type,
                                                                           .position = (uint8_t)unit_number(type, unit),
                                                                           .member_offset = (uint16_t)member_offset,
                                                                           .operand = memory.operand};
}

/* ---- stream engines ---- */

struct lp_npu_streng *lp_npu_engine(struct lp_npu_build *b, int32_t dir, struct lp_npu_memory memory, uint32_t addend_bytes)
{
    struct lp_npu_streng *s = take(b, LP_NPU_STRENG);
    s->dir = dir;
    s->nbits_in = s->nbits_out = 8;
    s->offset_start = addend_bytes;
    s->offset_limit = (memory.size_bytes + SLACK_BYTES + 7) / 8 * 8;
    lp_npu_point(b, LP_NPU_STRENG, s, offsetof(struct lp_npu_streng, addr_base), memory);
    if (b->status == LP_OK && dir == 1)
        b->hw->epoch.wait_mask |= 1u << s->unit;
    if (b->status == LP_OK && b->step.operands[memory.operand].place == LP_PLACE_WEIGHTS)
        s->cacheable = 1;
    return s;
}

void lp_npu_engine_raw(struct lp_npu_streng *s, uint32_t frame_elements, uint32_t element_bytes, uint32_t frames)
{
    uint32_t frame_bytes = frame_elements * element_bytes;
    s->raw = 1;
    s->offset_end = s->offset_start + frame_bytes;
    s->frame_offset = frame_bytes;
    s->frame_tot_cnt = frames;
    s->nbits_in = s->nbits_out = (int32_t)(8 * element_bytes);
}

/* ---- links ---- */

struct lp_npu_port lp_npu_port(enum lp_npu_unit_type type, const void *unit, int32_t port)
{
    return (struct lp_npu_port){(int32_t)type, (int32_t)unit_number(type, unit), port};
}

static void add_route(struct lp_npu_build *b, struct lp_npu_route route)
{
    if (b->status == LP_OK && b->hw->epoch.route_count == MOST_ROUTES)
        (void)fail(b, lp_error(b->l->diag, LP_INTERNAL, "an epoch needs more than %d links", MOST_ROUTES));
    if (b->status == LP_OK)
        b->hw->epoch.routes[b->hw->epoch.route_count++] = route;
}

void lp_npu_route(struct lp_npu_build *b, struct lp_npu_port from, struct lp_npu_port to)
{
    add_route(b, (struct lp_npu_route){.destination = to, .contexts = {{.enable = 1, .source = from}}, .context_count = 1});
}

void lp_npu_route_last(struct lp_npu_build *b, struct lp_npu_port from, struct lp_npu_port to, int32_t run)
{
    if (run <= 1) {
        lp_npu_route(b, from, to);
        return;
    }
    add_route(b, (struct lp_npu_route){
                     .destination = to,
                     .contexts = {{.enable = 0, .frames = run - 1, .source = from}, {.enable = 1, .frames = 1, .source = from}},
                     .context_count = 2});
}

void lp_npu_route_counted(struct lp_npu_build *b, struct lp_npu_port from, struct lp_npu_port to, int32_t frames)
{
    add_route(b, (struct lp_npu_route){
                     .destination = to,
                     .contexts = {{.enable = 1, .frames = frames, .source = from}, {.enable = 0, .frames = 255, .source = from}},
                     .context_count = 2});
}

void lp_npu_busy(struct lp_npu_build *b, int64_t words)
{
    if (words > b->busiest_words)
        b->busiest_words = words;
}
