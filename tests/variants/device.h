/* What the tests of kernel variants on the emulated board share. */
#ifndef LP_TESTS_VARIANTS_DEVICE_H
#define LP_TESTS_VARIANTS_DEVICE_H

#include "contract/kernel_args.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DEVICE_OUTPUT_BYTES = 100 << 10, DEVICE_GUARD_BYTES = 64 };

uint32_t device_random(void);
int32_t device_between(int32_t low, int32_t high);

/* So many bytes at the end of a memory; null when they don't fit. */
int8_t *device_input(uint32_t bytes);
int8_t *device_constants(uint32_t bytes);
int8_t *device_constants_unaligned(uint32_t bytes);
/* kind 0: any values; 1: the ends of the range; 2: all the same. */
void device_fill(int8_t *data, uint32_t bytes, int32_t kind);

void device_activation(int8_t *act_min, int8_t *act_max);

/* Where the reference and the variant write. */
int8_t *device_expected(void);
int8_t *device_found(void);
/* The output, and the bytes around it. */
void device_compare(uint32_t bytes);
void device_compare_output(uint32_t bytes);
_Noreturn void device_fail(const char *what, int32_t number);

#endif
