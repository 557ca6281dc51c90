/* What the other values of --optimize would cost: compiled as well, to be looked at. */
#ifndef LP_CLI_CHOICES_H
#define LP_CLI_CHOICES_H

#include "cli/session.h"

/* `target` describes `unit`, which lp_npu_build went over: gives it its choices, which live in the session's arena. */
lp_status lp_choices_find(struct lp_session *session, const struct lp_unit *unit, struct lp_report_target *target);

#endif
