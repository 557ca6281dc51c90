/* A network that keeps state, as converters write streaming models: CALL_ONCE gives a first value to one variable of three. */
#ifndef LP_TESTS_SUPPORT_STREAMING_MODEL_H
#define LP_TESTS_SUPPORT_STREAMING_MODEL_H

#include "tests/support/tflite_writer.h"

enum { STREAM_CHANNELS = 8, STREAM_WINDOW = 4, STREAM_CLASSES = 5 };

/* Input: 8 channels of one moment. Outputs: 5 sums over the last 4 moments; the sum of this moment and the one two before; the
 * moment two before. */
void streaming_model_make(struct lp_tw *w);

/* Two layers of SVDF and a dense one, as keyword spotters for microcontrollers have. Input: 10 numbers of one moment. */
void svdf_model_make(struct lp_tw *w);

/* What the first gives, by plain arithmetic; `naive` is all zeros in front of the first moment. */
struct streaming_naive {
    int8_t past[STREAM_WINDOW - 1][STREAM_CHANNELS], one_before[STREAM_CHANNELS], two_before[STREAM_CHANNELS];
    int is_going;
};
void streaming_naive_run(struct streaming_naive *naive, const int8_t *input, int8_t *classes, int8_t *sum, int8_t *old);

#endif
