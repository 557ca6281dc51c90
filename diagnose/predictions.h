/* What each mistake would have given: the input bytes that the NPU would have seen, and the outputs that follow from them. */
#ifndef LP_DIAGNOSE_PREDICTIONS_H
#define LP_DIAGNOSE_PREDICTIONS_H

#include "diagnose/case.h"
#include "diagnose/troubles.h"

enum { LP_CACHE_LINE_BYTES = 32 };

/* A mistake that changes what the NPU reads as its input. */
struct lp_input_mistake {
    lp_trouble_set causes;
    const char *what; /* "uint8 instead of int8" */
    /* The bytes of inference n; false: the mistake is not possible here. `parameter` chooses among its forms. */
    bool (*make)(const struct lp_case *c, size_t n, int32_t parameter, uint8_t *bytes);
    int32_t first, last; /* values of `parameter` */
    bool per_line;       /* `last` is the number of cache lines of the input */
};

extern const struct lp_input_mistake lp_input_mistakes[];
extern const uint32_t lp_input_mistake_count;

#endif
