/* What a model adds to the account of a build: which of its layers saturate by the shift rule of the compiler that built it,
 * and what limpid would store instead. */
#ifndef LP_CLI_EXPLAIN_WITH_MODEL_H
#define LP_CLI_EXPLAIN_WITH_MODEL_H

#include "cli/session.h"
#include "compiler/report/cost.h"
#include "diagnose/vendor_study.h"
#include "explain/match.h"

enum { LP_SATURATION_INPUTS = 16 };

struct lp_saturation {
    struct lp_vendor_study study; /* on random inputs */
    size_t inputs;                /* how many; 0: the model is too large to be tried */
    bool is_two_stage;            /* the build is of a version whose values between two stages are clamped as well */
};

/* Runs the graph (as in the model file) as such a build would, on a few random inputs. */
lp_status lp_saturation_find(struct lp_session *session, const struct lp_graph *graph, const char *compiler_version,
                             struct lp_saturation *out);

/* The layer of the study that is this operator; null: it was not modelled. */
const struct lp_vendor_finding *lp_saturation_of(const struct lp_saturation *saturation, uint32_t op);

/* A share of the log's inputs for which something in the layer saturates. */
double lp_saturation_share(const struct lp_saturation *saturation, const struct lp_vendor_finding *finding);

/* What limpid would store for the same model on the NPU. *is_known is false, with a note, where it does not take the model. */
lp_status lp_instead_find(struct lp_session *session, const char *model_path, struct lp_cost *out, bool *is_known);

#endif
