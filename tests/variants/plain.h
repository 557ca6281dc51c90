/* Cases that are run by device.c. */
#ifndef LP_TESTS_VARIANTS_PLAIN_H
#define LP_TESTS_VARIANTS_PLAIN_H

#include "tests/variants/device.h"

bool device_add(void);
bool device_average_pool(void);
bool device_max_pool(void);
bool device_mean(void);
bool device_softmax(void);
bool device_requantize_s8(void);
bool device_mul(void);
bool device_table(void);

#endif
