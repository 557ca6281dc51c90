#include "simulator/faults/faults.h"

#include <string.h>

/* What a fault does to the board when it strikes; null: it only answers questions. */
struct fault {
    const char *name;
    enum lp_board_step step;             /* at which it answers */
    enum lp_board_answer answer;         /* what it then says */
    void (*strike)(struct lp_faults *f); /* once */
    void (*heal)(struct lp_board *b, const struct lp_faults *f);
};

/* Contents changed behind both caches: neither keeps what it read before. */
static void forget(struct lp_board *b, uint64_t address, uint64_t size_bytes)
{
    lp_data_cache_maintain(b, address, size_bytes, false, true);
    lp_axi_cache_invalidate(&b->npu_cache);
}

static void sleep_memory(struct lp_faults *f)
{
    f->board->memories[f->plan.memory].is_awake = false;
    if (f->board->memories[f->plan.memory].is_external)
        lp_axi_cache_invalidate(&f->board->npu_cache); /* the interface is set up anew, and its cache with it */
}

static void wake_memory(struct lp_board *b, const struct lp_faults *f)
{
    struct lp_board_memory *m = &b->memories[f->plan.memory];
    m->is_awake = true;
    forget(b, m->base, m->size_bytes);
}

static void deny_memory(struct lp_faults *f)
{
    f->board->memories[f->plan.memory].npu_is_allowed = false;
}

static void allow_memory(struct lp_board *b, const struct lp_faults *f)
{
    b->memories[f->plan.memory].npu_is_allowed = true;
}

/* Keeps the range and gives it to be changed; null: it lies in no memory, or there is none on the PC. */
static uint8_t *take_range(struct lp_faults *f)
{
    size_t count = (size_t)f->plan.size_bytes;
    uint8_t *changed = lp_arena_alloc(&f->board->arena, count, 1);
    f->kept = lp_arena_alloc(&f->board->arena, count, 1);
    if (changed == NULL || f->kept == NULL || lp_board_peek(f->board, f->plan.address, f->kept, count) != LP_OK)
        return NULL;
    memcpy(changed, f->kept, count);
    return changed;
}

static void put_range(struct lp_board *b, const struct lp_faults *f, const uint8_t *bytes)
{
    if (bytes != NULL)
        (void)lp_board_poke(b, f->plan.address, bytes, (size_t)f->plan.size_bytes); /* peek found it there */
    forget(b, f->plan.address, f->plan.size_bytes);
}

static void erase(struct lp_faults *f)
{
    uint8_t *bytes = take_range(f);
    if (bytes != NULL)
        memset(bytes, 0xff, (size_t)f->plan.size_bytes);
    put_range(f->board, f, bytes);
}

static void corrupt(struct lp_faults *f)
{
    uint8_t *bytes = take_range(f);
    for (uint64_t i = 0; bytes != NULL && i < f->plan.size_bytes; i += f->plan.amount == 0 ? 1 : f->plan.amount)
        bytes[i] ^= 0x40;
    put_range(f->board, f, bytes);
}

static void move(struct lp_faults *f)
{
    uint8_t *bytes = take_range(f);
    size_t count = (size_t)f->plan.size_bytes, by = f->plan.amount < count ? f->plan.amount : 0;
    if (bytes != NULL) {
        memcpy(bytes, f->kept + by, count - by);
        memset(bytes + count - by, 0xff, by);
    }
    put_range(f->board, f, bytes);
}

static void restore(struct lp_board *b, const struct lp_faults *f)
{
    put_range(b, f, f->kept);
}

/* The NPU looked at erased memory, and then it was programmed. */
static void hide(struct lp_faults *f)
{
    uint8_t *bytes = take_range(f), byte;
    const struct lp_board *b = f->board;
    if (bytes == NULL)
        return;
    memset(bytes, 0xff, (size_t)f->plan.size_bytes);
    put_range(f->board, f, bytes);
    for (uint64_t i = 0; i < f->plan.size_bytes; i++) {
        const struct lp_sim_access access = {.address = f->plan.address + i, .run_bytes = 1, .runs = 1};
        uint64_t bad;
        (void)b->npu.read(b->npu.ctx, &access, &byte, &bad);
    }
    (void)lp_board_poke(f->board, f->plan.address, f->kept, (size_t)f->plan.size_bytes);
}

static void show(struct lp_board *b, const struct lp_faults *f)
{
    (void)f;
    lp_axi_cache_invalidate(&b->npu_cache);
}

static void stop_clock(struct lp_faults *f)
{
    f->board->npu_is_clocked = false;
}

static void start_clock(struct lp_board *b, const struct lp_faults *f)
{
    (void)f;
    b->npu_is_clocked = true;
}

static void mask_interrupt(struct lp_faults *f)
{
    f->board->npu_interrupt_is_enabled = false;
}

static void unmask_interrupt(struct lp_board *b, const struct lp_faults *f)
{
    (void)f;
    b->npu_interrupt_is_enabled = true;
}

static const struct fault faults[LP_FAULTS] = {
    [LP_FAULT_NONE] = {"none", LP_BOARD_STEPS, LP_BOARD_GO_ON, NULL, NULL},
    [LP_FAULT_MEMORY_ASLEEP] = {"memory-asleep", LP_BOARD_STEPS, LP_BOARD_GO_ON, sleep_memory, wake_memory},
    [LP_FAULT_MEMORY_DENIED] = {"memory-denied", LP_BOARD_STEPS, LP_BOARD_GO_ON, deny_memory, allow_memory},
    [LP_FAULT_CONSTANTS_ERASED] = {"constants-erased", LP_BOARD_STEPS, LP_BOARD_GO_ON, erase, restore},
    [LP_FAULT_CONSTANTS_CORRUPT] = {"constants-corrupt", LP_BOARD_STEPS, LP_BOARD_GO_ON, corrupt, restore},
    [LP_FAULT_CONSTANTS_MOVED] = {"constants-moved", LP_BOARD_STEPS, LP_BOARD_GO_ON, move, restore},
    [LP_FAULT_CONSTANTS_UNSEEN] = {"constants-unseen", LP_BOARD_STEPS, LP_BOARD_GO_ON, hide, show},
    [LP_FAULT_CLOCK_OFF] = {"clock-off", LP_BOARD_STEPS, LP_BOARD_GO_ON, stop_clock, start_clock},
    [LP_FAULT_INTERRUPT_MASKED] = {"interrupt-masked", LP_BOARD_STEPS, LP_BOARD_GO_ON, mask_interrupt, unmask_interrupt},
    [LP_FAULT_EPOCH_HANGS] = {"epoch-hangs", LP_BOARD_STEP_EPOCH, LP_BOARD_HANGS, NULL, NULL},
    [LP_FAULT_RESULT_LOST] = {"result-lost", LP_BOARD_STEP_RESULT, LP_BOARD_IS_LOST, NULL, NULL},
    [LP_FAULT_CLEAN_LOST] = {"clean-lost", LP_BOARD_STEP_CLEAN, LP_BOARD_IS_LOST, NULL, NULL},
    [LP_FAULT_INVALIDATE_LOST] = {"invalidate-lost", LP_BOARD_STEP_INVALIDATE, LP_BOARD_IS_LOST, NULL, NULL},
};

const char *lp_fault_name(enum lp_fault fault)
{
    return faults[fault].name;
}

static bool touches(const struct lp_faults *f, const struct lp_board_event *event)
{
    return event->address < f->plan.address + f->plan.size_bytes && f->plan.address < event->address + event->size_bytes;
}

/* Inputs are cleaned before their inference begins; everything else happens after that, outputs are fetched when it is over. */
static bool is_meant(const struct lp_faults *f, const struct lp_board_event *event)
{
    bool is_input = event->step == LP_BOARD_STEP_CLEAN && !event->is_fetching && !f->board->is_inferring;
    uint32_t begun = f->inferences + is_input;
    bool is_cache = event->step == LP_BOARD_STEP_CLEAN || event->step == LP_BOARD_STEP_INVALIDATE;
    if (f->plan.inference != LP_FAULT_AT_START && begun <= f->plan.inference)
        return false;
    return is_cache ? touches(f, event) : event->epoch == f->plan.epoch;
}

static void strike(struct lp_faults *f)
{
    if (f->strikes++ == 0 && faults[f->plan.fault].strike != NULL)
        faults[f->plan.fault].strike(f);
}

static enum lp_board_answer watch(void *ctx, struct lp_board *board, const struct lp_board_event *event)
{
    struct lp_faults *f = ctx;
    const struct fault *fault = &faults[f->plan.fault];
    (void)board;
    f->inferences += event->step == LP_BOARD_STEP_INFERENCE;
    if (event->step == LP_BOARD_STEP_START && f->plan.inference == LP_FAULT_AT_START)
        strike(f);
    if (event->step == LP_BOARD_STEP_EPOCH && fault->strike != NULL && f->inferences == f->plan.inference + 1 &&
        event->epoch == f->plan.epoch)
        strike(f);
    if (event->step != fault->step || !is_meant(f, event))
        return LP_BOARD_GO_ON;
    strike(f);
    return fault->answer;
}

void lp_faults_arm(struct lp_faults *f, struct lp_board *board, const struct lp_fault_plan *plan)
{
    *f = (struct lp_faults){.plan = *plan, .board = board};
    board->watch.ctx = f;
    board->watch.step = watch;
}

void lp_faults_heal(struct lp_faults *f)
{
    if (f->strikes != 0 && faults[f->plan.fault].heal != NULL)
        faults[f->plan.fault].heal(f->board, f);
    f->board->watch.step = NULL;
}
