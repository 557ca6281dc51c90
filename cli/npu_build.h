/* From a compiled unit to a linked program of the NPU, its files and its account. */
#ifndef LP_CLI_NPU_BUILD_H
#define LP_CLI_NPU_BUILD_H

#include "cli/session.h"
#include "compiler/lower/neural-art/link.h"

struct lp_npu_build {
    bool as_blobs, with_hex;     /* given: see struct lp_npu_emit_input */
    bool only_accounts;          /* given: nobody will write the files, so most are not made */
    struct lp_npu_linked linked; /* result */
};

/* Places a unit that was compiled to stage "plan" for a target with an NPU, by the session's options, and leaves it as it is. */
lp_status lp_npu_place(struct lp_session *session, const struct lp_unit *unit, struct lp_placement *out);

/* The same for the unit itself: every block and constant gets its address. */
lp_status lp_npu_build_place(struct lp_session *session, struct lp_unit *unit);

/* Then: links it and plans its cache operations. */
lp_status lp_npu_build_link(struct lp_session *session, struct lp_unit *unit, struct lp_npu_linked *linked);

/* Both, then emits all files into unit->output (not all when only_accounts), and replaces what the earlier stages could only estimate: the account of the
 * tables, the peak of the activations. */
lp_status lp_npu_build(struct lp_session *session, struct lp_unit *unit, struct lp_npu_build *build);

#endif
