/* A model compiled for the NPU and put on a simulated board, and the same program on the plain simulator, which knows no
 * caches, power or time: the expectation. */
#ifndef LP_TESTS_SUPPORT_BOARD_SESSION_H
#define LP_TESTS_SUPPORT_BOARD_SESSION_H

#include "cli/npu_build.h"
#include "evaluate/neural-art/on_board.h"
#include "evaluate/neural-art/simulate.h"

struct board_session {
    struct lp_session session;
    struct lp_unit unit;
    struct lp_npu_linked linked;
    struct lp_npu_simulation plain;
    struct lp_npu_on_board on;
    size_t input_bytes, output_bytes; /* one input, the first output */
    uint32_t input_at, output_at;     /* device addresses */
};

/* Where inputs and outputs lie. */
enum board_ports {
    BOARD_REUSE_INPUTS, /* as planned when nothing is said */
    BOARD_KEEP_INPUTS,  /* the input's memory is not reused */
    BOARD_OWN_PORTS,    /* no other tensor uses the memory of input and output */
    BOARD_SHARED_LINE   /* likewise, and the input begins in the output's last cache line */
};

/* From a file, or from bytes that stay where they are. One input. Fails the test on an error. The board is
 * as after its reset. False: for BOARD_SHARED_LINE the output leaves no room in its line; there is nothing to close then. */
bool board_session_open(struct board_session *s, const char *path, const uint8_t *model, size_t model_bytes,
                        enum board_ports ports);
void board_session_close(struct board_session *s);

/* The right output of a network that has one. */
void board_session_expect(struct board_session *s, const uint8_t *input, uint8_t *output);

#endif
