/* What the simulator says about a program: where, which field, what was found, what is allowed. */
#ifndef LP_SIMULATOR_NEURAL_ART_FINDINGS_H
#define LP_SIMULATOR_NEURAL_ART_FINDINGS_H

#include "compiler/base/arena.h"
#include "compiler/base/text.h"
#include "neural-art/program.h"

enum lp_sim_severity {
    LP_SIM_ERROR,  /* the hardware would not do what the program means: the epoch is not run, or stopped */
    LP_SIM_WARNING /* runs, but deserves a look */
};

struct lp_sim_finding {
    enum lp_sim_severity severity;
    int32_t epoch;     /* the epoch's id; -1: the program as a whole */
    int32_t unit_type; /* enum lp_npu_unit_type; -1: no single unit */
    int32_t unit_index;
    const char *field; /* never null */
    const char *found; /* a phrase: "300" or "no route" */
    const char *allowed;
};

enum { LP_SIM_MOST_FINDINGS = 200 };

/* Texts and list live in `arena`. Further findings are only counted once the list is full. */
struct lp_sim_findings {
    struct lp_arena *arena;
    struct lp_sim_finding *items;
    uint32_t count;
    uint32_t error_count, warning_count; /* all, listed or not */
    bool out_of_memory;
};

/* Place of the next findings, carried through a check. */
struct lp_sim_place {
    int32_t epoch, unit_type, unit_index;
};

/* `found` is a printf format for what follows it. */
void lp_sim_find(struct lp_sim_findings *findings, enum lp_sim_severity severity, struct lp_sim_place place, const char *field,
                 const char *allowed, const char *found, ...) __attribute__((format(printf, 6, 7)));

/* One line a finding: "error: epoch 4, CONVACC 2: nKernels is 300; allowed is 1 to 255". */
void lp_sim_findings_print(const struct lp_sim_findings *findings, struct lp_text *out);
void lp_sim_finding_print(const struct lp_sim_finding *finding, struct lp_text *out);

#endif
