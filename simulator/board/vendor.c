#include "simulator/board/vendor.h"

#include <ll_aton_caches_interface.h>
#include <ll_aton_runtime.h>
#include <stm32n6xx_hal.h>

#include "simulator/board/cpu.h"

enum { CALL_NS = 1000 /* what a call of the run loop costs the processor */ };

struct lp_board_network {
    NN_Instance_TypeDef instance;
    NN_Interface_TypeDef interface;
    struct lp_board_npu *npu;
    EpochBlock_ItemTypeDef *items; /* one an epoch, then the terminator */
    LL_Buffer_InfoTypeDef *buffers[2];
};

static struct lp_board_network *current; /* of the processor's code */

static const EpochBlock_ItemTypeDef *items(void)
{
    return current->items;
}

static const LL_Buffer_InfoTypeDef *inputs(void)
{
    return current->buffers[0];
}

static const LL_Buffer_InfoTypeDef *outputs(void)
{
    return current->buffers[1];
}

static void start_block(const void *item)
{
    lp_board_npu_start(current->npu, (uint32_t)((const EpochBlock_ItemTypeDef *)item - current->items));
}

static void end_block(const void *item)
{
    lp_board_npu_end(current->npu, (uint32_t)((const EpochBlock_ItemTypeDef *)item - current->items));
}

static bool describe(struct lp_arena *arena, const struct lp_board *board, const struct lp_npu_buffers *from,
                     LL_Buffer_InfoTypeDef **to)
{
    *to = LP_NEW_ARRAY(arena, from->count + 1, LL_Buffer_InfoTypeDef);
    for (uint32_t i = 0; *to != NULL && i < from->count; i++)
        (*to)[i] = (LL_Buffer_InfoTypeDef){.name = from->items[i].name,
                                           .addr_base = {.p = lp_cpu_pointer(board, from->items[i].address)},
                                           .offset_end = from->items[i].size_bytes,
                                           .offset_limit = from->items[i].size_bytes,
                                           .type = DataType_INT8,
                                           .nbits = 8};
    return *to != NULL;
}

lp_status lp_board_network_open(struct lp_arena *arena, struct lp_board_npu *npu, struct lp_board_network **out)
{
    const struct lp_npu_program *p = npu->program;
    struct lp_board_network *n = LP_NEW(arena, struct lp_board_network);
    EpochBlock_ItemTypeDef *blocks = LP_NEW_ARRAY(arena, p->epoch_count + 1, EpochBlock_ItemTypeDef);
    *out = n;
    if (n == NULL || blocks == NULL || !describe(arena, npu->board, &p->buffers[LP_NPU_INPUT], &n->buffers[0]) ||
        !describe(arena, npu->board, &p->buffers[LP_NPU_OUTPUT], &n->buffers[1]))
        return lp_no_memory(npu->diag);
    for (uint32_t i = 0; i < p->epoch_count; i++) {
        bool is_hw = p->epochs[i].kind == LP_NPU_EPOCH_HW;
        blocks[i] = (EpochBlock_ItemTypeDef){.start_epoch_block = start_block,
                                             .end_epoch_block = end_block,
                                             .wait_mask = p->epochs[i].wait_mask,
                                             .flags = (uint16_t)(EpochBlock_Flags_epoch_start | EpochBlock_Flags_epoch_end |
                                                                 (is_hw ? EpochBlock_Flags_pure_hw : EpochBlock_Flags_pure_sw))};
    }
    blocks[p->epoch_count].flags = EpochBlock_Flags_last_eb;
    n->items = blocks;
    n->npu = npu;
    n->interface = (NN_Interface_TypeDef){
        .network_name = p->name, .epoch_block_items = items, .input_buffers_info = inputs, .output_buffers_info = outputs};
    n->instance.network = &n->interface;
    current = n;
    return LP_OK;
}

void *lp_board_network_instance(struct lp_board_network *n)
{
    return &n->instance;
}

/* ---- the run loop ---- */

void LL_ATON_RT_RuntimeInit(void)
{
}

void LL_ATON_RT_RuntimeDeInit(void)
{
}

void LL_ATON_RT_Init_Network(NN_Instance_TypeDef *instance)
{
    LL_ATON_RT_Reset_Network(instance);
}

void LL_ATON_RT_DeInit_Network(NN_Instance_TypeDef *instance)
{
    LL_ATON_RT_Reset_Network(instance);
}

void LL_ATON_RT_Reset_Network(NN_Instance_TypeDef *instance)
{
    lp_board_npu_stop(current->npu);
    instance->exec_state = (NN_Execution_State_TypeDef){0};
    current->npu->board->epoch = 0;
    current->npu->board->is_inferring = false;
}

static void next_block(NN_Execution_State_TypeDef *s)
{
    s->block_started = false;
    s->block++;
    current->npu->board->epoch = s->block;
}

/* The order of the vendor's asynchronous mode: what runs is looked at first, the end of the list next; a call that ended a
 * block starts no other. */
LL_ATON_RT_RetValues_t LL_ATON_RT_RunEpochBlock(NN_Instance_TypeDef *instance)
{
    NN_Execution_State_TypeDef *s = &instance->exec_state;
    const EpochBlock_ItemTypeDef *list = instance->network->epoch_block_items();
    struct lp_board *board = current->npu->board;
    bool has_ended = false;
    lp_board_spend_ns(board, CALL_NS);
    if (!s->inference_started && (list[s->block].flags & EpochBlock_Flags_last_eb) == 0) {
        s->inference_started = true;
        (void)lp_board_ask(board, &(struct lp_board_event){.step = LP_BOARD_STEP_INFERENCE});
        board->is_inferring = true;
    }
    if (s->block_started) {
        if (!lp_board_npu_has_ended(current->npu, s->block))
            return LL_ATON_RT_WFE;
        list[s->block].end_epoch_block(&list[s->block]);
        next_block(s);
        has_ended = true;
    }
    if ((list[s->block].flags & EpochBlock_Flags_last_eb) != 0) {
        board->is_inferring = false;
        return LL_ATON_RT_DONE;
    }
    if (has_ended)
        return LL_ATON_RT_NO_WFE;
    list[s->block].start_epoch_block(&list[s->block]);
    s->block_started = list[s->block].wait_mask != 0;
    if (s->block_started)
        return LL_ATON_RT_WFE;
    list[s->block].end_epoch_block(&list[s->block]);
    next_block(s);
    return LL_ATON_RT_NO_WFE;
}

void lp_board_wfe(void)
{
    lp_board_npu_wait(current->npu);
}

/* ---- cache and clock ---- */

static uint64_t size_of(int32_t size_bytes)
{
    return size_bytes > 0 ? (uint64_t)size_bytes : 0;
}

void SCB_CleanDCache_by_Addr(volatile void *address, int32_t size_bytes)
{
    lp_board_cache_clean(lp_cpu_board(), lp_cpu_address((const void *)address), size_of(size_bytes));
}

void SCB_InvalidateDCache_by_Addr(volatile void *address, int32_t size_bytes)
{
    lp_board_cache_invalidate(lp_cpu_board(), lp_cpu_address((const void *)address), size_of(size_bytes));
}

void SCB_CleanInvalidateDCache_by_Addr(volatile void *address, int32_t size_bytes)
{
    lp_board_cache_clean_invalidate(lp_cpu_board(), lp_cpu_address((const void *)address), size_of(size_bytes));
}

void LL_ATON_Cache_MCU_Clean_Range(uintptr_t start, uint32_t bytes)
{
    lp_board_cache_clean(lp_cpu_board(), (uint32_t)start, bytes);
}

void LL_ATON_Cache_MCU_Invalidate_Range(uintptr_t start, uint32_t bytes)
{
    lp_board_cache_invalidate(lp_cpu_board(), (uint32_t)start, bytes);
}

void LL_ATON_Cache_MCU_Clean_Invalidate_Range(uintptr_t start, uint32_t bytes)
{
    lp_board_cache_clean_invalidate(lp_cpu_board(), (uint32_t)start, bytes);
}

void LL_ATON_Cache_NPU_Invalidate(void)
{
    lp_axi_cache_invalidate(&lp_cpu_board()->npu_cache);
}

uint32_t HAL_GetTick(void)
{
    return (uint32_t)(lp_cpu_board()->now_ns / 1000000);
}
