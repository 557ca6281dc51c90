/* A target is data: one .ini file in targets/, embedded in the program. */
#ifndef LP_TARGET_TARGET_H
#define LP_TARGET_TARGET_H

#include "compiler/base/arena.h"
#include "compiler/base/diag.h"
#include "contract/kernel_table.h"

#include <stdbool.h>
#include <stdint.h>

enum lp_target_kind { LP_TARGET_CPU, LP_TARGET_NPU };
enum { LP_MAX_POOLS = 16, LP_MAX_CFLAGS = 8 };

enum lp_grade { LP_GRADE_LOW, LP_GRADE_MID, LP_GRADE_HIGH };

struct lp_pool {
    const char *name;
    uint64_t base; /* address; 0 when the linker decides */
    uint64_t size_bytes;
    bool writable;
    /* Of targets whose pools differ; 0 elsewhere. */
    bool cacheable;           /* through the accelerator's own cache */
    bool constants_preferred; /* weights go here first */
    enum lp_grade throughput, latency;
    uint32_t byte_width;       /* bytes that it moves in a cycle of its clock */
    uint32_t freq_ratio_milli; /* cycles of the accelerator in one of its clock, times 1000 */
    const char *virtual_pool;  /* pools of one name count as one when they touch; null: any that touch and are equally fast */
};

/* Cache of the accelerator in front of external memories. */
struct lp_target_cache {
    uint32_t lines, line_bytes, ways; /* 0: not said */
    bool can_be_bypassed;
};

struct lp_target {
    const char *name;  /* "cortex-m55" */
    const char *title; /* one line for people */
    enum lp_target_kind kind;
    enum lp_isa isa;
    uint32_t pointer_bytes;
    uint32_t arena_align_bytes; /* start of every tensor in the arena */
    uint32_t blob_align_bytes;  /* start of every constant in the weights */
    const char *board;          /* emulated board for validate; null when the PC runs it */
    const char *cflags[LP_MAX_CFLAGS];
    uint32_t cflag_count;
    struct lp_pool pools[LP_MAX_POOLS];
    uint32_t pool_count;
    struct lp_target_cache cache;
};

/* Reads the text of one .ini. Errors name file, line, key, what was found and what is allowed. */
lp_status lp_target_parse(struct lp_arena *arena, struct lp_diag *diag, const char *file_name, const char *text, size_t length,
                          struct lp_target *out);

/* Reads the text of a memory pool file (.mpool) of an existing project: its pools replace those of `target`. Every key is read;
 * one that means nothing here, or is unknown, becomes a note that names it. Pools of size 0 are left out. Errors name file,
 * pool, key, what was found and what is allowed. */
lp_status lp_mpool_parse(struct lp_arena *arena, struct lp_diag *diag, const char *file_name, const char *text, size_t length,
                         struct lp_target *target);

/* Time of the accelerator for a thousand bytes of a pool: freq_ratio_milli / byte_width, 1000 when neither is said. */
uint32_t lp_pool_cost(const struct lp_pool *pool);

#endif
