/* Cases that are run by device.c. */
#ifndef LP_TESTS_VARIANTS_WEIGHTED_H
#define LP_TESTS_VARIANTS_WEIGHTED_H

#include "tests/variants/device.h"

bool device_fully_connected(void);
bool device_requantize(void);
bool device_conv(void);
bool device_conv_1x1(void);
bool device_depthwise(void);

#endif
