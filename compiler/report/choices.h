/* What each choice of --optimize costs on a target where storage and speed are one. */
#ifndef LP_REPORT_CHOICES_H
#define LP_REPORT_CHOICES_H

#include "compiler/base/text.h"
#include "compiler/report/report.h"

struct lp_choice {
    const char *name; /* as --optimize takes it */
    bool is_chosen;
    bool does_not_fit; /* the target has no room for it: the rest is 0 */
    int64_t weights_bytes, program_bytes, activations_bytes;
    int64_t cycles; /* of the hardware, by the target's model */
    uint32_t hw_epochs, sw_epochs;
};

/* Fills in all but the first three members. */
void lp_choice_measure(const struct lp_report_target *target, struct lp_choice *out);

/* Nothing when the target has no choices. */
void lp_choices_text(const struct lp_report_target *target, struct lp_arena *arena, struct lp_text *out);
json_t *lp_choices_json(const struct lp_report_target *target);

#endif
