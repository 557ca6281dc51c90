/* Between the files of simulator/shim. */
#ifndef LP_SIMULATOR_SHIM_INTERNAL_H
#define LP_SIMULATOR_SHIM_INTERNAL_H

#include "neural-art/shim/lp_shim_calls.h"
#include "simulator/neural-art/saturations.h"
#include "simulator/shim/shim.h"

/* What a generated file says about itself in its text. */
struct lp_shim_source {
    const char *network; /* behind LL_ATON_EpochBlockItems_ */
    int version[4];      /* major, minor, micro, dev; -1 not said */
    bool blocks_take_instance;
    bool has_debug_members; /* it defines LL_ATON_EB_DBG_INFO: blocks are larger */
    const char *text;       /* whole */
    const char *code;       /* blanks instead of comments and quoted text */
    size_t length;          /* of both */
};
lp_status lp_shim_read_source(struct lp_arena *arena, struct lp_diag *diag, const char *path, struct lp_shim_source *out);
/* Where a pool begins as a comment of the file says: "index=9 file postfix=xSPI2 name=octoFlash offset=0x71000000 ...", by name
 * or by postfix. */
bool lp_shim_pool_comment(const struct lp_shim_source *source, const char *pool, uint32_t *offset);
/* The smallest number from low to high - 1 that the code holds; 0 when there is none. */
uint32_t lp_shim_smallest_constant(const struct lp_shim_source *source, uint32_t low, uint32_t high);

/* Where the tables that units hold inside stand in for themselves; no memory that a CPU could read. */
#define LP_SHIM_TABLES_ADDRESS 0xe0000000u

/* The child's state: there is one network in one process. */
struct lp_shim_session {
    struct lp_arena arena;
    struct lp_arena scratch; /* of one software operator or library call */
    struct lp_diag diag;
    struct lp_sim_ram ram;
    struct lp_sim_options options;
    struct lp_sim_findings findings;
    const struct lp_shim_network *network;
    lp_shim_main_function main; /* of an application */
    uint32_t block;             /* the one that runs */
    uint32_t wait_mask;         /* of that block */
    bool is_application;        /* its own code works on the device's memory all the time */
    bool has_kernels;           /* called by the network, beside what the simulator does */
    uint64_t mapped;            /* bit by memory range: it lies at its own address in this process */
    lp_status status;           /* first failure; the run loop stops */
    struct lp_text report;
    struct lp_sim_saturations saturations;
    uint64_t macs, cycles, epochs;
    /* Configurations given so far. */
    struct lp_npu_streng streng[LP_NPU_STRENG_UNITS];
    struct lp_npu_convacc convacc[LP_NPU_CONVACC_UNITS];
    struct lp_npu_arith arith[LP_NPU_ARITH_UNITS];
    struct lp_npu_pool pool[LP_NPU_POOL_UNITS];
    struct lp_npu_activ activ[LP_NPU_ACTIV_UNITS];
    uint32_t configured[LP_NPU_UNIT_TYPES]; /* bit by unit number */
    struct lp_npu_route routes[64];
    uint32_t route_count;
};

/* The STM32N6's memories. */
lp_status lp_shim_memory_open(struct lp_shim_session *s);
#define LP_SHIM_USER_BASE 0xc0000000u /* where user buffers are put */
lp_status lp_shim_load_image(struct lp_shim_session *s, const struct lp_shim_source *source, const struct lp_shim_image *image);

void lp_shim_run_epoch(struct lp_shim_session *s, const struct lp_npu_epoch *epoch);
/* Runs the configured units that `units` lists. */
void lp_shim_run_units(struct lp_shim_session *s, const struct lp_npu_unit_id *units, uint32_t count);
/* An error of the running block; stops the run loop. */
void lp_shim_fail(struct lp_shim_session *s, lp_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Memory of a software operator: a device address, or a pointer of this process. */
void lp_shim_get(struct lp_shim_session *s, uintptr_t address, void *bytes, size_t count);
void lp_shim_put(struct lp_shim_session *s, uintptr_t address, const void *bytes, size_t count);
/* Around a block whose own code works on the device's memory. */
void lp_shim_map_memory(struct lp_shim_session *s);
/* On-chip RAM and every memory with contents, used already or not. */
void lp_shim_map_all_memory(struct lp_shim_session *s);
void lp_shim_take_memory_back(struct lp_shim_session *s);
void lp_shim_software(struct lp_shim_session *s, const char *name, void *info);
int lp_shim_copy(struct lp_shim_session *s, const struct lp_shim_copy_request *request);
/* An epoch controller program in this process. */
void lp_shim_run_blob(struct lp_shim_session *s, const uint32_t *words);

/* Everything that the child does, results written to the descriptor. Never returns to the caller's program. */
int lp_shim_child(const struct lp_shim_request *request, const struct lp_shim_source *source, const char *library,
                  int descriptor);

#endif
