/* How well the meaning of a configuration is proven. The simulator computes every legal one; this says how far to trust it. */
#ifndef LP_NEURAL_ART_EVIDENCE_H
#define LP_NEURAL_ART_EVIDENCE_H

#include "neural-art/program.h"

enum lp_npu_evidence {
    LP_NPU_PROVED_ON_BOARD, /* outputs of real silicon reproduced bit by bit */
    LP_NPU_EXECUTED,        /* compiled programs executed with this rule, every layer compared with its reference */
    LP_NPU_SEEN,            /* occurs in compiled programs, or lies within the sizes that do; its result was not compared */
    LP_NPU_READ,            /* known from the vendor's public runtime sources only */
    LP_NPU_GUESSED          /* extrapolated */
};

/* "board", "executed", "seen", "read", "guessed". */
const char *lp_npu_evidence_name(enum lp_npu_evidence evidence);

/* The same as three classes, for people who choose: "exact" (seen in this very form on a board or in an executed program),
 * "envelope" (within the sizes of such forms), "unproven". */
const char *lp_npu_evidence_class(enum lp_npu_evidence evidence);
/* Whether the class is one of the first two. */
bool lp_npu_evidence_is_proven(enum lp_npu_evidence evidence);

/* Of one unit's configuration; `unit` points to the type's structure. */
enum lp_npu_evidence lp_npu_evidence_of_unit(enum lp_npu_unit_type type, const void *unit);
/* Of a link with its contexts. */
enum lp_npu_evidence lp_npu_evidence_of_route(const struct lp_npu_route *route);
/* The weakest in an epoch, and in a program's hardware epochs. */
enum lp_npu_evidence lp_npu_evidence_of_epoch(const struct lp_npu_epoch *epoch);
enum lp_npu_evidence lp_npu_evidence_of_program(const struct lp_npu_program *program);

#endif
