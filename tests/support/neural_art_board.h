/* Epoch programs for the networks of the board recordings: convolution, scaling and bias in two stages, maximum pooling if
 * there is one, global average, requantization, all in one epoch, with constants by the rules of the machine's
 * description. The recordings come without a program, so this stands in for the compiler that made theirs. */
#ifndef LP_TESTS_SUPPORT_NEURAL_ART_BOARD_H
#define LP_TESTS_SUPPORT_NEURAL_ART_BOARD_H

#include "tests/support/neural_art_session.h"

/* Reads FOLDER/model.json with its weights and makes the program in s->arena; s is zeroed before. Fails the test when the
 * model is of another kind. */
struct lp_npu_program *na_board_program(struct na_session *s, const char *folder);

#endif
