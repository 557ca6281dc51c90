/* What generated code states for the device (NAME_npu.c), with the addresses of the board's window. */
#include "contract/crc32.h"
#include "evaluate/neural-art/on_board.h"
#include "simulator/board/cpu.h"

enum { ASKING_NS = 200 /* what reading the clock costs the processor */ };

static uint64_t now_us(void *ctx)
{
    struct lp_board *board = ctx;
    lp_board_spend_ns(board, ASKING_NS);
    return board->now_ns / 1000;
}

static void cache_clean(void *ctx, const void *address, uint32_t size_bytes)
{
    lp_board_cache_clean(ctx, lp_cpu_address(address), size_bytes);
}

/* Lines that lie only partly in the range are written back first. */
static void cache_invalidate(void *ctx, void *address, uint32_t size_bytes)
{
    const uint32_t line = LP_DATA_CACHE_LINE_BYTES, start = lp_cpu_address(address), end = start + size_bytes;
    if (size_bytes == 0)
        return;
    uint32_t inner = (start + line - 1) / line * line, inner_end = end / line * line;
    if (start % line != 0)
        lp_board_cache_clean_invalidate(ctx, start, 1);
    if (inner < inner_end)
        lp_board_cache_invalidate(ctx, inner, inner_end - inner);
    if (end % line != 0 && inner <= inner_end)
        lp_board_cache_clean_invalidate(ctx, end - 1, 1);
}

static lp_status describe_ports(struct lp_arena *arena, const struct lp_npu_on_board *o, enum lp_npu_buffer_role role,
                                const struct lp_port_desc **out, uint16_t *count)
{
    const struct lp_npu_buffers *buffers = &o->linked->program->buffers[role];
    struct lp_port_desc *ports = LP_NEW_ARRAY(arena, buffers->count, struct lp_port_desc);
    *out = ports;
    *count = (uint16_t)buffers->count;
    for (uint32_t i = 0; ports != NULL && i < buffers->count; i++) {
        const struct lp_npu_buffer *b = &buffers->items[i];
        ports[i] = (struct lp_port_desc){.data = lp_cpu_pointer(&o->board, b->address),
                                         .size_bytes = b->size_bytes,
                                         .element = LP_ELEMENT_INT8,
                                         .scale = b->scale_count == 0 ? 0 : (float)b->scale[0],
                                         .zero_point = b->zero_point_count == 0 ? 0 : b->zero_point[0]};
    }
    return ports == NULL ? lp_no_memory(o->diag) : LP_OK;
}

/* From the first to the last byte of what the network keeps in a memory. */
static void widen(struct lp_npu_on_board *o, struct lp_npu_range *ranges, const struct lp_npu_buffer *b)
{
    struct lp_npu_range *r = &ranges[lp_board_memory_at(&o->board, b->address)];
    uint8_t *start = lp_cpu_pointer(&o->board, b->address), *end = start + b->size_bytes;
    uint8_t *old_end = r->size_bytes == 0 ? end : r->start + r->size_bytes;
    r->start = r->size_bytes == 0 || start < r->start ? start : r->start;
    r->size_bytes = (uint32_t)((end > old_end ? end : old_end) - r->start);
}

static lp_status describe_pools(struct lp_arena *arena, struct lp_npu_on_board *o)
{
    const struct lp_npu_program *p = o->linked->program;
    struct lp_npu_range *ranges = LP_NEW_ARRAY(arena, LP_BOARD_MEMORIES + 1, struct lp_npu_range);
    if (ranges == NULL)
        return lp_no_memory(o->diag);
    for (int role = 0; role < LP_NPU_BUFFER_ROLES; role++)
        for (uint32_t i = 0; role != LP_NPU_PARAMETER && i < p->buffers[role].count; i++)
            widen(o, ranges, &p->buffers[role].items[i]);
    for (uint32_t i = 0; i < LP_BOARD_MEMORIES; i++)
        if (ranges[i].size_bytes != 0)
            ranges[o->adapter.pool_count++] = ranges[i];
    o->adapter.pools = ranges;
    return LP_OK;
}

static lp_status describe_constants(struct lp_arena *arena, struct lp_npu_on_board *o)
{
    const struct lp_npu_program *p = o->linked->program;
    struct lp_npu_constants *constants = LP_NEW_ARRAY(arena, p->image_count, struct lp_npu_constants);
    for (uint32_t i = 0; constants != NULL && i < p->image_count; i++)
        constants[i] = (struct lp_npu_constants){.start = lp_cpu_pointer(&o->board, p->images[i].base),
                                                 .size_bytes = p->images[i].size_bytes,
                                                 .crc32 = lp_crc32(p->images[i].bytes, p->images[i].size_bytes)};
    o->adapter.constants = constants;
    o->adapter.constants_count = (uint8_t)p->image_count;
    return constants == NULL ? lp_no_memory(o->diag) : LP_OK;
}

/* Buffers by the epoch that first writes them. */
static lp_status describe_blocks(struct lp_arena *arena, struct lp_npu_on_board *o)
{
    const struct lp_npu_program *p = o->linked->program;
    const struct lp_npu_buffers *lists[2] = {&p->buffers[LP_NPU_OUTPUT], &p->buffers[LP_NPU_INTERMEDIATE]};
    uint16_t *epochs = LP_NEW_ARRAY(arena, p->epoch_count, uint16_t);
    struct lp_npu_written *written = LP_NEW_ARRAY(arena, lists[0]->count + lists[1]->count, struct lp_npu_written);
    if (epochs == NULL || written == NULL)
        return lp_no_memory(o->diag);
    for (uint32_t i = 0; i < p->epoch_count; i++)
        epochs[i] = (uint16_t)i;
    for (int role = 0; role < 2; role++)
        for (uint32_t i = 0; i < lists[role]->count; i++) {
            const struct lp_npu_buffer *b = &lists[role]->items[i];
            if (b->first_epoch >= 0 && (uint32_t)b->first_epoch < p->epoch_count)
                written[o->adapter.written_count++] = (struct lp_npu_written){
                    (uint16_t)b->first_epoch, {lp_cpu_pointer(&o->board, b->address), b->size_bytes}};
        }
    o->adapter.block_count = (uint16_t)p->epoch_count;
    o->adapter.epochs = epochs;
    o->adapter.written = written;
    return LP_OK;
}

static lp_status describe_states(struct lp_arena *arena, struct lp_npu_on_board *o)
{
    const struct lp_npu_program *p = o->linked->program;
    struct lp_state_desc *states = LP_NEW_ARRAY(arena, p->state_count, struct lp_state_desc);
    for (uint32_t i = 0; states != NULL && i < p->state_count; i++)
        states[i] = (struct lp_state_desc){.data = lp_cpu_pointer(&o->board, p->states[i].base),
                                           .initial = p->states[i].same_at == 0 ? NULL
                                                                                : lp_cpu_pointer(&o->board, p->states[i].same_at),
                                           .size_bytes = p->states[i].size_bytes,
                                           .fill = p->states[i].bytes[0]};
    o->desc.states = states;
    o->desc.state_count = (uint8_t)p->state_count;
    return states == NULL ? lp_no_memory(o->diag) : LP_OK;
}

/* The arena: from the lowest to the highest byte of all pools. */
static void describe_arena(struct lp_npu_on_board *o)
{
    const struct lp_npu_range *first = &o->adapter.pools[0], *last = &o->adapter.pools[o->adapter.pool_count - 1];
    if (o->adapter.pool_count == 0)
        return;
    o->desc.arena = first->start;
    o->desc.arena_bytes = (uint32_t)(last->start + last->size_bytes - first->start);
}

lp_status lp_npu_on_board_describe(struct lp_arena *arena, struct lp_npu_on_board *o, uint32_t timeout_us)
{
    o->port = (struct lp_port){&o->board, now_us, cache_clean, cache_invalidate};
    o->adapter = (struct lp_npu_network){.driver = &lp_npu_driver_neural_art,
                                         .instance = lp_board_network_instance(o->network),
                                         .desc = &o->desc,
                                         .state = &o->state,
                                         .failed_epoch = &o->failed_epoch,
                                         .timeout_us = timeout_us};
    o->epoch = (struct lp_epoch){lp_npu_run, &o->adapter};
    o->desc = (struct lp_network_desc){.abi = LP_ABI, .epoch_count = 1, .epochs = &o->epoch, .setup = lp_npu_setup};
    lp_status status = describe_ports(arena, o, LP_NPU_INPUT, &o->desc.inputs, &o->desc.input_count);
    if (status == LP_OK)
        status = describe_ports(arena, o, LP_NPU_OUTPUT, &o->desc.outputs, &o->desc.output_count);
    if (status == LP_OK)
        status = describe_pools(arena, o);
    if (status == LP_OK)
        status = describe_constants(arena, o);
    if (status == LP_OK)
        status = describe_blocks(arena, o);
    if (status == LP_OK)
        status = describe_states(arena, o);
    if (status == LP_OK)
        describe_arena(o);
    return status;
}
