#include "pipeline/decide.h"

lp_status lp_decide_check(const struct lp_decide_config *config)
{
    if (!(config->min_confidence >= 0.0f && config->min_confidence <= 1.0f))
        return LP_BAD_ARGUMENT;
    if (config->of == 0 || config->of > LP_MAX_VOTES || config->needed == 0 || config->needed > config->of)
        return LP_BAD_ARGUMENT;
    return LP_OK;
}

void lp_decide_reset(struct lp_decide *decide)
{
    decide->next = 0;
    decide->count = 0;
}

/* The vote `age` windows ago, 0 is the newest. */
static int16_t vote_of(const struct lp_decide *decide, uint32_t age)
{
    return decide->votes[(decide->next + LP_MAX_VOTES - 1u - age) % LP_MAX_VOTES];
}

static uint32_t votes_for(const struct lp_decide *decide, uint32_t count, int16_t wanted)
{
    uint32_t votes = 0;
    for (uint32_t age = 0; age < count; age++)
        votes += vote_of(decide, age) == wanted;
    return votes;
}

int16_t lp_decide_vote(struct lp_decide *decide, const struct lp_decide_config *config, int16_t window_class, float confidence)
{
    decide->votes[decide->next] = confidence >= config->min_confidence ? window_class : (int16_t)LP_NO_CLASS;
    decide->next = (uint8_t)((decide->next + 1u) % LP_MAX_VOTES);
    if (decide->count < LP_MAX_VOTES)
        decide->count++;
    uint32_t count = decide->count < config->of ? decide->count : config->of;
    int16_t winner = LP_NO_CLASS;
    uint32_t most = 0;
    for (uint32_t age = 0; age < count; age++) { /* newest first, so that it wins a tie */
        int16_t candidate = vote_of(decide, age);
        uint32_t votes = candidate == LP_NO_CLASS ? 0 : votes_for(decide, count, candidate);
        if (votes > most) {
            most = votes;
            winner = candidate;
        }
    }
    return most >= config->needed ? winner : (int16_t)LP_NO_CLASS;
}
