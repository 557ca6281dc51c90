/* The memory that stream engines see, as an interface; and the plain form of it: pools at their device addresses. Nothing is
 * mapped at these addresses on the PC: every access is translated, and one outside of all pools is an answer, not a crash. */
#ifndef LP_SIMULATOR_NEURAL_ART_MEMORY_H
#define LP_SIMULATOR_NEURAL_ART_MEMORY_H

#include "compiler/base/arena.h"
#include "compiler/base/diag.h"
#include "neural-art/program.h"

/* `runs` runs of run_bytes bytes each, pitch_bytes from start to start. The last surplus_bytes of each run go to a unit that
 * drops them: nobody needs to have written them. */
struct lp_sim_access {
    uint64_t address;
    uint64_t run_bytes, runs, pitch_bytes;
    uint64_t surplus_bytes;
};

enum { LP_SIM_MOST_POOLS = 64 };

struct lp_sim_pool_traffic {
    const char *name;
    uint64_t read_bytes, write_bytes; /* by stream engines and coefficient loads */
};

struct lp_sim_traffic {
    uint32_t pool_count;
    struct lp_sim_pool_traffic pools[LP_SIM_MOST_POOLS];
    uint64_t unwritten_bytes; /* bytes read, but for surplus ones, that no image and nobody wrote before */
};

struct lp_sim_memory {
    void *ctx;
    /* LP_MEMORY_FAULT when a byte is outside, or is not writable: *bad is its address and nothing was moved. */
    lp_status (*read)(void *ctx, const struct lp_sim_access *access, uint8_t *bytes, uint64_t *bad);
    lp_status (*write)(void *ctx, const struct lp_sim_access *access, const uint8_t *bytes, uint64_t *bad);
    /* Running totals, kept by the implementation. */
    const struct lp_sim_traffic *traffic;
};

enum { LP_SIM_PAGE_BYTES = 1 << 16 };

/* A page that nobody touched does not exist: it reads as zero. */
struct lp_sim_page {
    uint8_t bytes[LP_SIM_PAGE_BYTES];
    uint8_t written[LP_SIM_PAGE_BYTES]; /* 1: an image or a write put this byte here */
};

/* Addresses that at least one pool covers, joined where they touch. */
struct lp_sim_range {
    uint64_t base, end;
    bool is_writable;
    struct lp_sim_page **pages;
};

struct lp_sim_ram {
    struct lp_sim_memory memory; /* hand this to the executor */
    struct lp_arena *arena;
    struct lp_sim_range *ranges; /* by rising address */
    uint32_t range_count;
    struct lp_npu_pool_memory pools[LP_SIM_MOST_POOLS]; /* those that traffic is counted for: no virtual ones */
    struct lp_sim_traffic traffic;
    bool out_of_memory; /* a page could not be had: the access failed for that reason */
};

/* What the program keeps between inferences has its first values again. */
lp_status lp_sim_ram_set_states(struct lp_sim_ram *ram, const struct lp_npu_program *program, struct lp_diag *diag);

/* Memory of a program: its pools with its images and states, everything else unwritten. Lives in `arena`. */
lp_status lp_sim_ram_open(struct lp_arena *arena, struct lp_diag *diag, const struct lp_npu_program *program,
                          struct lp_sim_ram *ram);

/* Puts bytes there, or fetches them, as the CPU or a debugger would: not counted as traffic, read-only pools included. */
lp_status lp_sim_ram_put(struct lp_sim_ram *ram, uint64_t address, const void *bytes, size_t count);
lp_status lp_sim_ram_get(struct lp_sim_ram *ram, uint64_t address, void *bytes, size_t count);

/* Forgets what was written; images are put back. */
lp_status lp_sim_ram_reset(struct lp_sim_ram *ram, const struct lp_npu_program *program);

#endif
