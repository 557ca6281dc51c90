/* What each source of evidence says about each cause, and the sentences that a person reads. */
#ifndef LP_DIAGNOSE_FINDINGS_H
#define LP_DIAGNOSE_FINDINGS_H

#include "diagnose/case.h"
#include "diagnose/troubles.h"

enum lp_opinion {
    LP_OPINION_NONE,     /* this evidence cannot tell */
    LP_OPINION_REFUTED,  /* the cause would have left other traces */
    LP_OPINION_POSSIBLE, /* it would have left exactly these */
    LP_OPINION_CONFIRMED /* seen directly */
};

enum lp_source { LP_SOURCE_MODEL, LP_SOURCE_OUTPUTS, LP_SOURCE_TRACE, LP_SOURCE_LOG, LP_SOURCES };

struct lp_finding {
    enum lp_opinion opinion;
    const char *why;
};

/* Where an epoch's result first differs from what it should be. */
struct lp_deviation {
    bool is_known;
    uint32_t epoch, inference;
    const char *when;  /* "always", "from the second inference on", "sometimes" */
    const char *pools; /* the pools in which epochs deviate; "" when the log lists none */
};

struct lp_findings {
    struct lp_arena *arena;
    struct lp_finding by[LP_SOURCES][LP_TROUBLES];
    const char *evidence[64];
    uint32_t evidence_count;
    bool outputs_match;  /* observed outputs are known and are the expected ones */
    bool outputs_differ; /* they are known and are not */
    bool log_is_clean;   /* every CRC that could be compared is right, outputs included */
    struct lp_deviation deviation;
    lp_status status; /* LP_OUT_OF_MEMORY: something could not be said */
};

void lp_find(struct lp_findings *f, enum lp_source source, enum lp_trouble cause, enum lp_opinion opinion, const char *why, ...)
    __attribute__((format(printf, 5, 6)));
void lp_find_all(struct lp_findings *f, enum lp_source source, lp_trouble_set causes, enum lp_opinion opinion, const char *why,
                 ...) __attribute__((format(printf, 5, 6)));
/* A sentence among the evidence; what does not fit any more is left out. */
void lp_tell(struct lp_findings *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Causes with that opinion of that source. */
lp_trouble_set lp_found(const struct lp_findings *f, enum lp_source source, enum lp_opinion opinion);

#endif
