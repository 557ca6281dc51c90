/* The check of a configuration before it runs: every field in its range, combinations that have a known meaning, every
 * port connected, no unit used twice, no stream that leaves its buffer, no link that is known to hang the silicon. */
#ifndef LP_SIMULATOR_NEURAL_ART_CHECK_H
#define LP_SIMULATOR_NEURAL_ART_CHECK_H

#include "simulator/neural-art/findings.h"

struct lp_sim_check_options {
    bool allow_reported_hangs; /* configurations reported to hang a board become warnings */
};

/* Findings about one epoch. `program` gives buffers and pools for the check of stream windows; null: without that check.
 * Software epochs have no units to check. */
void lp_sim_check_epoch(const struct lp_npu_program *program, const struct lp_npu_epoch *epoch,
                        const struct lp_sim_check_options *options, struct lp_sim_findings *findings);

/* Every epoch, and what concerns the whole program. */
void lp_sim_check_program(const struct lp_npu_program *program, const struct lp_sim_check_options *options,
                          struct lp_sim_findings *findings);

/* ---- parts, for lp_sim_check_epoch ---- */

struct lp_sim_checker {
    const struct lp_npu_program *program;
    const struct lp_npu_epoch *epoch;
    const struct lp_sim_check_options *options;
    struct lp_sim_findings *findings;
    struct lp_sim_place place;
};

/* Every field of every unit within the range of its register. False: the epoch cannot be looked at any further. */
bool lp_sim_check_fields(struct lp_sim_checker *k);
/* Values that do not go together within one unit. */
void lp_sim_check_convacc(struct lp_sim_checker *k, const struct lp_npu_convacc *c);
void lp_sim_check_arith(struct lp_sim_checker *k, const struct lp_npu_arith *c);
void lp_sim_check_pool(struct lp_sim_checker *k, const struct lp_npu_pool *c);
void lp_sim_check_activ(struct lp_sim_checker *k, const struct lp_npu_activ *c);
void lp_sim_check_streng(struct lp_sim_checker *k, const struct lp_npu_streng *s);
/* Links between units. */
void lp_sim_check_routes(struct lp_sim_checker *k);

/* An error at the checker's place. */
void lp_sim_refuse(struct lp_sim_checker *k, const char *field, int64_t found, const char *allowed);

#endif
