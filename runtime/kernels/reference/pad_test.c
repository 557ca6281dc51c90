#include <stdbool.h>

#include "runtime/kernels/reference/naive_test.h"

#include <string.h>

enum { ROUNDS = 3000, MAX_OUT = 5 * 5 * 5 * 5 * 5 * 5 };

static uint8_t in[3 * 3 * 3 * 3 * 3 * 3 * 4];
static uint8_t found[MAX_OUT * 4 + 1];
static uint8_t expected[MAX_OUT * 4];

/* Fills everything with the border's element, then puts every input element where it belongs. */
static size_t naive(const struct lp_pad *p)
{
    int32_t inside = 1;
    int32_t total = 1;
    for (int d = 0; d < p->rank; d++) {
        inside *= p->in_dims[d];
        total *= p->before[d] + p->in_dims[d] + p->after[d];
    }
    for (int32_t i = 0; i < total; i++)
        memcpy(expected + (size_t)i * p->element_bytes, &p->value, p->element_bytes);
    for (int32_t i = 0; i < inside; i++) {
        int32_t rest = i;
        int32_t at = 0;
        int32_t step = 1;
        for (int d = p->rank - 1; d >= 0; d--) {
            at += (rest % p->in_dims[d] + p->before[d]) * step;
            step *= p->before[d] + p->in_dims[d] + p->after[d];
            rest /= p->in_dims[d];
        }
        memcpy(expected + (size_t)at * p->element_bytes, in + (size_t)i * p->element_bytes, p->element_bytes);
    }
    return (size_t)total * p->element_bytes;
}

static void every_border_as_naively(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct lp_pad p = {.in = in, .out = found, .value = random_bits()};
        p.rank = (uint8_t)random_in(1, LP_PAD_RANK);
        p.element_bytes = (uint8_t)(1 << random_in(0, 2));
        for (int d = 0; d < p.rank; d++) {
            p.in_dims[d] = random_in(1, 3);
            p.before[d] = random_in(0, 1);
            p.after[d] = random_in(0, 1);
        }
        for (size_t i = 0; i < sizeof in; i++)
            in[i] = (uint8_t)random_bits();
        size_t bytes = naive(&p);
        found[bytes] = 0xa5;
        assert_int_equal(lp_pad__reference(&p), LP_OK);
        assert_memory_equal(found, expected, bytes);
        assert_int_equal(found[bytes], 0xa5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_border_as_naively),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
