/* What the harnesses share. libFuzzer calls LLVMFuzzerTestOneInput with files that it makes up. */
#ifndef LP_TESTS_FUZZ_FUZZ_H
#define LP_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

/* A finding: says what does not hold, and stops like a sanitizer does. */
static inline void must(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "finding: %s\n", what);
    abort();
}

#endif
