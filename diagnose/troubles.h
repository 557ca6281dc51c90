/* The causes that a diagnosis can name, and what to tell about each. */
#ifndef LP_DIAGNOSE_TROUBLES_H
#define LP_DIAGNOSE_TROUBLES_H

#include <stdbool.h>
#include <stdint.h>

/* In the order in which one of several that look alike is named first: what happens most often stands first. */
enum lp_trouble {
    LP_TROUBLE_NETWORK_NOT_RESET,
    LP_TROUBLE_INPUT_NOT_CLEANED,
    LP_TROUBLE_OUTPUT_NOT_INVALIDATED,
    LP_TROUBLE_INPUT_WRONG_ADDRESS,
    LP_TROUBLE_OUTPUT_WRONG_ADDRESS,
    LP_TROUBLE_RESET_TOO_EARLY,
    LP_TROUBLE_NPU_TIMEOUT,
    LP_TROUBLE_POOL_ASLEEP,
    LP_TROUBLE_POOL_FIREWALLED,
    LP_TROUBLE_WEIGHTS_MISSING,
    LP_TROUBLE_WEIGHTS_WRONG_ADDRESS,
    LP_TROUBLE_WEIGHTS_CORRUPT,
    LP_TROUBLE_CACHE_LINE_SHARED,
    LP_TROUBLE_INPUT_TYPE_MISMATCH,
    LP_TROUBLE_INPUT_LAYOUT,
    LP_TROUBLE_SOFTMAX_TWICE, /* before the next: a line can be laid through many outputs, a second softmax has nothing to fit */
    LP_TROUBLE_OUTPUT_SCALE_WRONG,
    LP_TROUBLE_ACCUMULATOR_SATURATES,
    LP_TROUBLE_MODEL_INSENSITIVE,
    LP_TROUBLE_OUTPUT_SATURATED,
    LP_TROUBLE_INPUT_RANGE_MISMATCH,
    LP_TROUBLES,                      /* how many real causes there are */
    LP_TROUBLE_HEALTHY = LP_TROUBLES, /* nothing is wrong */
    LP_TROUBLE_UNEXPLAINED,           /* something is, and no cause fits */
    LP_VERDICTS
};

struct lp_trouble_text {
    const char *name; /* as in reports: "network-not-reset" */
    const char *what; /* the mechanism, one sentence without a full stop */
    const char *remedy;
    const char *experiment; /* what would prove or refute it */
};

extern const struct lp_trouble_text lp_trouble_texts[LP_VERDICTS];

/* A set of causes: bit i is cause i. */
typedef uint32_t lp_trouble_set;

static inline lp_trouble_set lp_trouble_bit(enum lp_trouble cause)
{
    return (lp_trouble_set)1 << cause;
}

static inline bool lp_trouble_has(lp_trouble_set set, enum lp_trouble cause)
{
    return (set >> cause & 1) != 0;
}

static inline uint32_t lp_trouble_count(lp_trouble_set set)
{
    uint32_t count = 0;
    for (; set != 0; set &= set - 1)
        count++;
    return count;
}

#endif
