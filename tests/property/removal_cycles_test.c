/* Removal never costs cycles of the NPU, as its model predicts them, nor sends an operator to the processor: where fewer
 * channels would, some dead ones stay. Random models, and chains of convolutions of 16 to 48 channels. */
#include "cli/session.h"
#include "tests/support/planted.h"
#include "tests/support/random_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MODELS = 600, CHAINS = 300 };

struct total {
    int64_t cycles, cycles_whole, tiling_bytes;
    int smaller, kept;
};

/* 3 x 3 or 1 x 1 convolutions; about one filter in eight is planted dead. */
static struct random_model *make_chain(uint64_t seed)
{
    struct random_model *m = calloc(1, sizeof *m);
    assert_non_null(m);
    m->state = seed * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du;
    for (int i = 0; i < 8; i++)
        random_bits(m);
    int32_t channels = 3, side = random_between(m, 6, 20);
    int32_t at = add_activation(m, 4, (int32_t[]){1, side, side, channels});
    m->file.inputs[m->file.input_count++] = at;
    for (int32_t layer = random_between(m, 2, 5); layer > 0; layer--) {
        int32_t filters = layer == 1 ? 8 : 16 * random_between(m, 1, 3), kernel = random_between(m, 0, 2) == 0 ? 1 : 3;
        int32_t out = add_activation(m, 4, (int32_t[]){1, side, side, filters});
        int32_t weights = add_weights(m, 4, (int32_t[]){filters, kernel, kernel, channels}, 0, kernel * kernel * channels, at,
                                      out);
        int8_t *data = (int8_t *)(uintptr_t)m->file.tensors[weights].data;
        for (int32_t f = 0; f < filters && layer > 1; f++)
            if (random_between(m, 0, 7) == 0)
                memset(data + f * kernel * kernel * channels, 0, (size_t)(kernel * kernel * channels));
        struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_CONV_2D, 1, 2, (int32_t[]){at, weights}, out);
        const int32_t values[6] = {0, 1, 1, 0, 1, 1}; /* padding same, strides, no activation, dilation */
        for (int i = 0; i < 6; i++)
            op->fields[i] = (struct lp_tw_field){i == 0 || i == 3 ? 1 : 4, values[i]};
        at = out;
        channels = filters;
    }
    m->file.outputs[m->file.output_count++] = at;
    return m;
}

static int64_t cycles_of(const struct lp_program *p, int *software)
{
    int64_t cycles = 0;
    for (uint32_t i = 0; i < p->epoch_count; i++) {
        cycles += p->epochs[i].cycles;
        *software += p->epochs[i].hw == NULL;
    }
    return cycles;
}

static void compile(struct lp_session *s, bool keep_dead, struct lp_unit *unit, uint64_t seed)
{
    s->keep_dead = keep_dead;
    if (lp_session_compile(s, &s->targets[0], "lower", unit) != LP_OK)
        fail_msg("seed %llu: %s", (unsigned long long)seed, lp_text_get(&s->diag.errors));
}

static void check_model(struct random_model *m, uint64_t seed, struct total *t)
{
    struct lp_session s = {.model_path = "random.tflite"};
    struct lp_unit whole, smaller;
    int software[2] = {0, 0};
    assert_int_equal(lp_session_targets(&s, "stm32n6"), LP_OK);
    s.model = lp_tw_finish(&m->file, &s.model_bytes);
    compile(&s, true, &whole, seed);
    compile(&s, false, &smaller, seed);
    int64_t before = cycles_of(whole.program, &software[0]), after = cycles_of(smaller.program, &software[1]);
    if (software[1] > software[0] || (software[1] == software[0] && after > before))
        fail_msg("seed %llu: %lld cycles and %d epochs in software, %lld and %d with the dead channels", (unsigned long long)seed,
                 (long long)after, software[1], (long long)before, software[0]);
    int64_t tiling = 0;
    for (uint32_t i = 0; i < smaller.removal->before->op_count; i++)
        tiling += smaller.removal->layers[i].tiling_bytes;
    t->cycles += after;
    t->cycles_whole += before;
    t->tiling_bytes += tiling;
    t->smaller += smaller.removal->is_changed;
    t->kept += tiling != 0;
    random_model_free(m);
    lp_session_close(&s, LP_OK, 0);
}

static void removal_never_costs_cycles(void **state)
{
    (void)state;
    struct total t = {0};
    for (uint64_t seed = 1; seed <= MODELS; seed++) {
        struct planted_counts planted = {0};
        struct random_model *m = random_model_make(seed);
        plant_dead(m, &planted);
        check_model(m, seed, &t);
    }
    for (uint64_t seed = 1; seed <= CHAINS; seed++)
        check_model(make_chain(seed), seed, &t);
    printf("%d models, %d smaller, of which %d keep dead channels of %lld bytes together; %lld cycles, %lld with all of them\n",
           MODELS + CHAINS, t.smaller, t.kept, (long long)t.tiling_bytes, (long long)t.cycles, (long long)t.cycles_whole);
    assert_true(t.smaller > 300 && t.kept > 5 && t.cycles < t.cycles_whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(removal_never_costs_cycles)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
