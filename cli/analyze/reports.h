/* Reports as `analyze` compares them: made just now, or read from a file. */
#ifndef LP_CLI_ANALYZE_REPORTS_H
#define LP_CLI_ANALYZE_REPORTS_H

#include "cli/session.h"
#include "compiler/report/cost.h"

/* The path holds a report, or a folder that `generate` wrote with one in it: *out is the file to read, null for a model. */
lp_status lp_reports_find(struct lp_session *session, const char *path, const char **out);

/* Reads a report's JSON. LP_BAD_INPUT names file and line. *out is a new reference. */
lp_status lp_reports_load(struct lp_session *session, const char *path, json_t **out);

/* Costs of the session's targets in this report, in the session's order. LP_BAD_INPUT lists the report's targets when one of
 * them is not in it. */
lp_status lp_reports_costs(struct lp_session *session, const char *path, const json_t *report, struct lp_cost *costs);

/* The session's targets become those of the report. */
lp_status lp_reports_targets(struct lp_session *session, const char *path, const json_t *report);

#endif
