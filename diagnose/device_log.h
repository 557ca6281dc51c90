/* What a device printed of its memory: self-test of the pools, parameters, addresses, CRC of inputs, epochs and outputs. */
#ifndef LP_DIAGNOSE_DEVICE_LOG_H
#define LP_DIAGNOSE_DEVICE_LOG_H

#include "diagnose/trace.h"

enum { LP_LOG_NAME_BYTES = 32, LP_LOG_HEAD_BYTES = 32 };

enum lp_pool_answer { LP_POOL_OK, LP_POOL_ZERO, LP_POOL_STUCK, LP_POOL_UNKNOWN };

struct lp_log_pool {
    char name[LP_LOG_NAME_BYTES];
    uint64_t base, size_bytes;
    enum lp_pool_answer cpu, npu;
};

struct lp_log_weights {
    char name[LP_LOG_NAME_BYTES];
    uint64_t address, plan, size_bytes;
    uint32_t crc, plan_crc;
    uint8_t head[LP_LOG_HEAD_BYTES];
    uint32_t head_bytes; /* 0: not stated */
};

/* An input, an output or the range that an epoch wrote. */
struct lp_log_range {
    uint32_t inference, index;
    uint64_t address, plan, size_bytes;
    uint32_t crc, seen_crc;
    bool has_seen, is_timeout;
    char unit[LP_LOG_NAME_BYTES];
};

struct lp_log_list {
    void *items;
    uint32_t count, capacity;
};

enum lp_log_kind { LP_LOG_INPUT, LP_LOG_OUTPUT, LP_LOG_EPOCH, LP_LOG_KINDS };

struct lp_device_log {
    struct lp_log_list pools, weights;
    struct lp_log_list ranges[LP_LOG_KINDS]; /* of struct lp_log_range, in the order of the inferences */
    struct lp_trace trace;                   /* its items say how many inferences there are */
    bool is_cut;
};

lp_status lp_device_log_read(struct lp_arena *arena, struct lp_diag *diag, const char *path, const void *data, size_t size_bytes,
                             struct lp_device_log *out);

static inline const struct lp_log_pool *lp_log_pools(const struct lp_device_log *log)
{
    return (const struct lp_log_pool *)log->pools.items;
}

static inline const struct lp_log_weights *lp_log_blobs(const struct lp_device_log *log)
{
    return (const struct lp_log_weights *)log->weights.items;
}

static inline const struct lp_log_range *lp_log_ranges(const struct lp_device_log *log, enum lp_log_kind kind)
{
    return (const struct lp_log_range *)log->ranges[kind].items;
}

/* The pool that holds all of the range; null when none does. */
const struct lp_log_pool *lp_log_pool_of(const struct lp_device_log *log, uint64_t address, uint64_t size_bytes);

#endif
