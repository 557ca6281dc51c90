/* From one window's probabilities to a decision that does not flicker: N of the last M windows must agree. */
#ifndef LP_PIPELINE_DECIDE_H
#define LP_PIPELINE_DECIDE_H

#include "contract/status.h"

#include <stdint.h>

enum { LP_MAX_VOTES = 32, LP_NO_CLASS = -1 };

struct lp_decide_config {
    float min_confidence; /* 0..1; a window below it votes for no class */
    uint8_t needed;       /* N: votes that a class needs, 1..of */
    uint8_t of;           /* M: the last windows that count, 1..LP_MAX_VOTES */
};

struct lp_decide {
    int16_t votes[LP_MAX_VOTES]; /* newest at `next - 1` */
    uint8_t next;
    uint8_t count;
};

struct lp_decision {
    uint32_t time_ms;      /* of the window's last sample */
    int16_t window_class;  /* most likely class of this window */
    float confidence;      /* its probability */
    int16_t decided_class; /* LP_NO_CLASS while fewer than N of the last M windows agree */
};

lp_status lp_decide_check(const struct lp_decide_config *config);

/* Forgets all votes. */
void lp_decide_reset(struct lp_decide *decide);

/* Adds a window's vote and returns the class with the most votes when it has at least `needed`, else LP_NO_CLASS. Of classes
 * with equally many votes the one that was voted for last wins. A confidence that is not a number votes for no class. */
int16_t lp_decide_vote(struct lp_decide *decide, const struct lp_decide_config *config, int16_t window_class, float confidence);

#endif
