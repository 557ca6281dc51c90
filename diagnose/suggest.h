/* What would help a model that does not see its input, each with its effect on the user's own log: the changed model is run. */
#ifndef LP_DIAGNOSE_SUGGEST_H
#define LP_DIAGNOSE_SUGGEST_H

#include "diagnose/troubles.h"
#include "diagnose/layers.h"

struct lp_suggestion {
    const char *what;
    uint32_t distinct_before, distinct_after;   /* outputs over the log */
    uint32_t decisions_before, decisions_after; /* different decisions */
    double change_before, change_after;         /* largest change of an output element over the log, LSB */
};

enum { LP_MOST_SUGGESTIONS = 6 };

struct lp_suggestions {
    struct lp_suggestion items[LP_MOST_SUGGESTIONS];
    uint32_t count;
};

/* For verdicts that lie in the model or its inputs; none for others. Only suggestions that help are kept. */
lp_status lp_suggest(const struct lp_case *c, enum lp_trouble verdict, const struct lp_layers *layers,
                     struct lp_suggestions *out);

#endif
