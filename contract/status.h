/* What can go wrong, on the device and on the PC, as a small closed list. */
#ifndef LP_CONTRACT_STATUS_H
#define LP_CONTRACT_STATUS_H

#include <stdint.h>

/* C11 has no attribute for it; both compilers that build this project have this one. */
#if defined(__GNUC__)
#define LP_MUST_USE __attribute__((warn_unused_result))
#else
#define LP_MUST_USE
#endif

typedef enum lp_status {
    LP_OK = 0,
    LP_BAD_ARGUMENT,      /* the caller broke the contract: null pointer, index out of range */
    LP_BAD_INPUT,         /* a file or a message from outside is damaged or contradicts itself */
    LP_UNSUPPORTED,       /* understood, but not built */
    LP_OUT_OF_MEMORY,     /* the PC has no memory left, or a stated limit is exceeded */
    LP_IO,                /* a file or a device did not do as asked */
    LP_SCRATCH_TOO_SMALL, /* a kernel needs more scratch memory than the plan gave it */
    LP_BAD_ABI,           /* compiled code and runtime are of different versions */
    LP_WEIGHTS_CORRUPT,   /* CRC of the parameters is not the one that the compiler wrote */
    LP_MEMORY_FAULT,      /* memory that the plan uses does not answer, or is not aligned as planned */
    LP_BUSY,              /* the device runs something else */
    LP_TIMEOUT,           /* the device did not end in time */
    LP_NOT_IMPLEMENTED,   /* this port or variant lacks the function */
    LP_DOES_NOT_FIT,      /* the memory of the target is too small */
    LP_DIFFERENT,         /* the work was done, and it found a difference */
    LP_INTERNAL           /* a check of our own failed: an error in limpid */
} lp_status;

#ifdef LP_NO_TEXT
#define LP_TEXT(text) ((const char *)0)
#else
#define LP_TEXT(text) (text)
#endif

/* On the device: the first cause, and the epoch where it struck. */
struct lp_failure {
    lp_status code;
    uint16_t epoch;
    const char *why; /* static text; null when compiled with LP_NO_TEXT */
};

static inline lp_status lp_fail(struct lp_failure *failure, lp_status code, uint16_t epoch, const char *why)
{
    if (failure->code == LP_OK) {
        failure->code = code;
        failure->epoch = epoch;
        failure->why = why;
    }
    return code;
}

#endif
