#include "tests/support/confusion.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

uint32_t confusion_number(const char *cause)
{
    for (uint32_t i = 0; i < LP_VERDICTS; i++)
        if (strcmp(lp_trouble_texts[i].name, cause) == 0)
            return i;
    fail_msg("no cause %s", cause);
    return 0;
}

void confusion_count(struct confusion_row *r, uint32_t truth, int level, const struct lp_verdict *v, const char *label)
{
    uint32_t ties = lp_trouble_count(v->ties);
    bool is_right = (uint32_t)v->cause == truth;
    bool among = is_right || (truth < LP_TROUBLES && lp_trouble_has(v->ties, (enum lp_trouble)truth));
    r->cases++;
    r->among += among;
    r->single += is_right && ties <= 1;
    r->confident_wrong += !is_right && v->confidence > 0.5;
    r->verdicts[v->cause]++;
    for (uint32_t i = 0; i < LP_TROUBLES; i++)
        r->ties[i] += lp_trouble_has(v->ties, (enum lp_trouble)i);
    r->most_ties = ties > r->most_ties ? ties : r->most_ties;
    if (getenv("CONFUSION") != NULL && (!among || (level == 3 && !(is_right && ties <= 1))))
        printf("    level %d, %s: %s, %u ties, confidence %.2f\n", level, label, lp_trouble_texts[v->cause].name, ties,
               v->confidence);
}

uint32_t confusion_one_sided(const struct confusion_row rows[LP_TROUBLES], int level)
{
    /* Fewer are coincidences of values: that a cause's one output is also what another one would give. */
    enum { FEW_PERCENT = 10 };
    uint32_t found = 0;
    for (uint32_t truth = 0; truth < LP_TROUBLES; truth++)
        for (uint32_t other = 0; other < LP_TROUBLES; other++) {
            const struct confusion_row *r = &rows[truth];
            if (r->ties[other] * 100 <= r->cases * FEW_PERCENT || rows[other].ties[truth] != 0 || other == truth)
                continue;
            printf("  level %d: in %u of %u cases of %s %s ties, in none of %u the other way round\n", level, r->ties[other],
                   r->cases, lp_trouble_texts[truth].name, lp_trouble_texts[other].name, rows[other].cases);
            found++;
        }
    return found;
}

void confusion_print(const char *cause, int level, const struct confusion_row *r)
{
    printf("  %-22s level %d: %2u cases, %2u single right, %2u among ties (at most %2u)%s", cause, level, r->cases, r->single,
           r->among, r->most_ties, r->confident_wrong != 0 ? " CONFIDENT AND WRONG:" : "");
    for (uint32_t i = 0; i < LP_VERDICTS; i++)
        if (r->verdicts[i] != 0 && r->verdicts[i] != r->cases)
            printf(" %s %u", lp_trouble_texts[i].name, r->verdicts[i]);
    printf("\n");
}
