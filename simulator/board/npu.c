#include "simulator/board/npu.h"

enum { TICK_NS = 1000000, LEAST_EPOCH_NS = 1900 /* start and drain, cycles of 1 GHz */ };

static void cache_operation(struct lp_board *b, const struct lp_npu_cache_op *op)
{
    if (op->cache == LP_NPU_CACHE_NPU)
        lp_axi_cache_invalidate(&b->npu_cache); /* it holds nothing that is not in memory */
    else if (op->op == LP_NPU_CACHE_CLEAN)
        lp_board_cache_clean(b, op->start, op->bytes);
    else if (op->op == LP_NPU_CACHE_INVALIDATE)
        lp_board_cache_invalidate(b, op->start, op->bytes);
    else
        lp_board_cache_clean_invalidate(b, op->start, op->bytes);
}

static void cache_operations(struct lp_board_npu *n, uint32_t epoch, enum lp_npu_cache_when first, enum lp_npu_cache_when last)
{
    const struct lp_npu_epoch *e = &n->program->epochs[epoch];
    for (uint32_t i = 0; i < e->cache_op_count; i++)
        if (e->cache_ops[i].when >= first && e->cache_ops[i].when <= last)
            cache_operation(n->board, &e->cache_ops[i]);
}

void lp_board_npu_start(struct lp_board_npu *n, uint32_t epoch)
{
    if (n->begins != NULL)
        n->begins(n->seen_ctx, epoch);
    cache_operations(n, epoch, LP_NPU_CACHE_START_BEFORE_ENABLE, LP_NPU_CACHE_START_AFTER_ENABLE);
    n->is_running = n->program->epochs[epoch].kind == LP_NPU_EPOCH_HW;
    n->has_stored = false;
    n->hangs = lp_board_ask(n->board, &(struct lp_board_event){.step = LP_BOARD_STEP_EPOCH, .epoch = epoch}) == LP_BOARD_HANGS;
    n->started_ns = n->board->now_ns;
    n->ends_ns = n->started_ns + LEAST_EPOCH_NS;
}

/* What it stores is lost. */
static lp_status drop(void *ctx, const struct lp_sim_access *access, const uint8_t *bytes, uint64_t *bad)
{
    (void)ctx, (void)access, (void)bytes, (void)bad;
    return LP_OK;
}

/* How long it took is known when it is done: it ends then, not before. */
static void store_results(struct lp_board_npu *n, uint32_t epoch)
{
    struct lp_arena scratch = {0};
    struct lp_sim_findings findings = {.arena = &scratch};
    struct lp_sim_epoch_report report = {0};
    const struct lp_sim_options options = {0};
    struct lp_sim_memory memory = n->board->npu;
    if (lp_board_ask(n->board, &(struct lp_board_event){.step = LP_BOARD_STEP_RESULT, .epoch = epoch}) == LP_BOARD_IS_LOST)
        memory.write = drop;
    lp_status status = lp_sim_run_epoch(n->program, &n->program->epochs[epoch], &memory, &options, &findings, &report);
    if (status != LP_OK && n->status == LP_OK) {
        struct lp_text text = {0};
        lp_sim_findings_print(&findings, &text);
        n->status = lp_error(n->diag, status, "%s, epoch %u does not run on the board: %s", n->program->name, (unsigned)epoch,
                             lp_text_get(&text));
        lp_text_free(&text);
    }
    if (report.cycles > LEAST_EPOCH_NS)
        n->ends_ns = n->started_ns + report.cycles;
    n->has_stored = true;
    lp_arena_free(&scratch);
}

bool lp_board_npu_has_ended(struct lp_board_npu *n, uint32_t epoch)
{
    const struct lp_board *b = n->board;
    if (!n->is_running || n->hangs || !b->npu_is_clocked)
        return !n->is_running;
    if (!n->has_stored && b->now_ns >= n->ends_ns)
        store_results(n, epoch);
    return n->has_stored && b->now_ns >= n->ends_ns && b->npu_interrupt_is_enabled;
}

static void run_software(struct lp_board_npu *n, uint32_t epoch)
{
    if (n->software == NULL) {
        n->status = lp_error(n->diag, LP_UNSUPPORTED, "%s, epoch %u runs on the CPU, and nothing is here to run it",
                             n->program->name, (unsigned)epoch);
        return;
    }
    const struct lp_board *b = n->board;
    struct lp_sim_memory cpu = b->cpu;
    if (lp_board_ask(n->board, &(struct lp_board_event){.step = LP_BOARD_STEP_RESULT, .epoch = epoch}) == LP_BOARD_IS_LOST)
        cpu.write = drop;
    n->status = n->software(n->software_ctx, epoch, &cpu);
}

void lp_board_npu_end(struct lp_board_npu *n, uint32_t epoch)
{
    cache_operations(n, epoch, LP_NPU_CACHE_END_BEFORE_DISABLE, LP_NPU_CACHE_END_BEFORE_DISABLE);
    if (n->program->epochs[epoch].kind != LP_NPU_EPOCH_HW && n->status == LP_OK)
        run_software(n, epoch);
    cache_operations(n, epoch, LP_NPU_CACHE_END_AFTER_DISABLE, LP_NPU_CACHE_END_AFTER_DISABLE);
    n->is_running = false;
    if (n->seen != NULL)
        n->seen(n->seen_ctx, epoch);
}

void lp_board_npu_stop(struct lp_board_npu *n)
{
    n->is_running = false;
}

void lp_board_npu_wait(struct lp_board_npu *n)
{
    struct lp_board *b = n->board;
    bool comes = n->is_running && !n->hangs && b->npu_is_clocked && b->npu_interrupt_is_enabled;
    uint64_t tick_ns = (b->now_ns / TICK_NS + 1) * TICK_NS;
    uint64_t wakes_ns = comes && n->ends_ns < tick_ns ? n->ends_ns : tick_ns;
    b->now_ns = wakes_ns > b->now_ns ? wakes_ns : b->now_ns;
}
