/* An STM32N6 as far as a network needs it: memories at their addresses with power and bus firewall, external memory that has
 * to be mapped, the processor's data cache, the NPU's cache, clocks, the NPU's interrupt, and time that only passes when
 * somebody spends it.
 *
 * Memory has two views. The processor reads and writes through its data cache, the NPU does not see that cache; each view is
 * a set of functions here, and there is no third way in but a debugger's (lp_board_peek, lp_board_poke), which sees memory
 * behind all caches. After lp_board_open everything is as after a reset: nothing is powered, mapped, allowed or clocked. */
#ifndef LP_SIMULATOR_BOARD_BOARD_H
#define LP_SIMULATOR_BOARD_BOARD_H

#include "simulator/board/data_cache.h"
#include "simulator/board/axi_cache.h"
#include "simulator/neural-art/memory.h"

enum { LP_BOARD_MEMORIES = 9 };

struct lp_board_memory {
    const char *name;
    uint32_t base, size_bytes;
    bool is_external;      /* behind a serial interface, cached by the NPU's cache */
    bool is_awake;         /* powered and clocked, external memory mapped: otherwise it reads zero and loses writes */
    bool npu_is_allowed;   /* by the bus firewall: otherwise the NPU reads zero and its writes are dropped */
    uint32_t lost_writes;  /* bytes that were written while it was asleep */
    uint32_t denied_bytes; /* that the NPU wanted to read or write and was not allowed to */
};

/* What somebody is about to do with the board; who watches can let it happen or not. */
enum lp_board_step {
    LP_BOARD_STEP_START,      /* the board was set up: before the first inference */
    LP_BOARD_STEP_INFERENCE,  /* the run loop begins with its first block */
    LP_BOARD_STEP_EPOCH,      /* an epoch begins */
    LP_BOARD_STEP_RESULT,     /* an epoch is about to store what it computed */
    LP_BOARD_STEP_CLEAN,      /* the processor cleans a range of its data cache */
    LP_BOARD_STEP_INVALIDATE, /* it invalidates a range, cleaned or not */
    LP_BOARD_STEPS
};

enum lp_board_answer { LP_BOARD_GO_ON, LP_BOARD_IS_LOST /* it has no effect */, LP_BOARD_HANGS /* the epoch never ends */ };

struct lp_board_event {
    enum lp_board_step step;
    uint32_t epoch;               /* INFERENCE: 0; cache operations: the block that runs or comes next */
    uint64_t address, size_bytes; /* of a cache operation */
    bool is_fetching;             /* CLEAN: an invalidate of the same range comes with it */
};

struct lp_board;

struct lp_board_watch {
    void *ctx;
    enum lp_board_answer (*step)(void *ctx, struct lp_board *board, const struct lp_board_event *event); /* may be null */
};

struct lp_board {
    struct lp_arena arena;
    struct lp_sim_ram cells;  /* what memory holds, whoever may reach it */
    struct lp_sim_memory npu; /* the NPU's view: for the executor */
    struct lp_sim_memory cpu; /* the processor's, through its data cache */
    struct lp_board_memory memories[LP_BOARD_MEMORIES];
    struct lp_data_cache data_cache;
    struct lp_axi_cache npu_cache;
    struct lp_board_watch watch;
    uint64_t now_ns;   /* virtual */
    uint32_t epoch;    /* the block that runs or comes next */
    bool is_inferring; /* from the first block of an inference to DONE, or to a reset */
    bool npu_is_clocked, npu_interrupt_is_enabled;
    uint8_t *window; /* where the processor's code finds its memory: window + device address, see cpu.h */
};

lp_status lp_board_open(struct lp_board *board, struct lp_diag *diag);
void lp_board_close(struct lp_board *board);

/* What generated board code does before a network runs: power, mapping, firewall, clock, interrupt, data cache. */
void lp_board_bring_up(struct lp_board *board);

/* Index of the memory that holds the address; LP_BOARD_MEMORIES: none. */
uint32_t lp_board_memory_at(const struct lp_board *board, uint64_t address);

/* Asks who watches. LP_BOARD_GO_ON when nobody does. */
enum lp_board_answer lp_board_ask(struct lp_board *board, const struct lp_board_event *event);

/* ---- the processor's view ---- */

/* LP_MEMORY_FAULT when a byte lies in no memory: nothing was moved. */
lp_status lp_board_cpu_read(struct lp_board *board, uint64_t address, void *bytes, size_t count);
lp_status lp_board_cpu_write(struct lp_board *board, uint64_t address, const void *bytes, size_t count);

/* What lp_board_cpu_read would give, without a trace in the cache: for who looks on. */
lp_status lp_board_cpu_glance(struct lp_board *board, uint64_t address, void *bytes, size_t count);

/* Maintenance by address, rounded outwards to whole lines. Invalidate forgets: what was not written back is lost, also that
 * of neighbours in the same line. */
void lp_board_cache_clean(struct lp_board *board, uint64_t address, uint64_t size_bytes);
void lp_board_cache_invalidate(struct lp_board *board, uint64_t address, uint64_t size_bytes);
void lp_board_cache_clean_invalidate(struct lp_board *board, uint64_t address, uint64_t size_bytes);
/* Switching it off writes everything back. */
void lp_board_cache_enable(struct lp_board *board, bool enable);

/* ---- the debugger's view: memory behind all caches, power and firewall ---- */

lp_status lp_board_peek(struct lp_board *board, uint64_t address, void *bytes, size_t count);
lp_status lp_board_poke(struct lp_board *board, uint64_t address, const void *bytes, size_t count);

/* Time passes. */
void lp_board_spend_ns(struct lp_board *board, uint64_t ns);

/* Memory as the data cache's lines come from it and go to it: through power and mapping, not through the firewall, which
 * lets the processor pass. Addresses lie in a memory. */
void lp_board_line_read(struct lp_board *board, uint64_t address, uint8_t *bytes, size_t count);
void lp_board_line_write(struct lp_board *board, uint64_t address, const uint8_t *bytes, size_t count);

#endif
