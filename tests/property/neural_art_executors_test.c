/* Random legal programs: the simulator against the plain form, byte for byte over all of memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/neural_art_plain.h"
#include "tests/support/neural_art_random.h"
#include "tests/support/neural_art_session.h"

enum { PROGRAMS = 3000 };

struct figures {
    uint64_t stored_bytes, saturations, macs;
    unsigned modes[8]; /* simd1, simd2, deep, dss2, fstat, pipe, self accumulation, accumulation through memory */
};

static void count(struct figures *all, const struct lp_npu_epoch *e, const struct lp_sim_epoch_report *report)
{
    for (uint32_t i = 0; i < report->unit_count; i++) {
        all->saturations += report->units[i].saturations;
        all->macs += report->units[i].macs;
    }
    all->stored_bytes += report->pools[0].write_bytes;
    if (e->unit_count[LP_NPU_CONVACC] == 0)
        return;
    const struct lp_npu_convacc *c = &e->convacc[0];
    all->modes[c->deepmode ? 2 : c->dss2mode ? 3 : c->simd == 2 ? 1 : 0]++;
    all->modes[4] += (unsigned)c->fstat;
    all->modes[5] += e->unit_count[LP_NPU_CONVACC] > 1;
    all->modes[6] += (unsigned)(c->accumulate && c->accumulate_first);
    all->modes[7] += (unsigned)(c->accumulate && !c->accumulate_first);
}

static void one_program(uint64_t seed, struct figures *all)
{
    struct na_session s;
    memset(&s, 0, sizeof s);
    struct lp_npu_program *p = na_random_program(&s.arena, seed);
    na_open_program(&s, p);
    uint32_t bytes = p->images[0].size_bytes;
    uint8_t *ram = malloc(bytes), *found = malloc(bytes);
    assert_non_null(ram);
    assert_non_null(found);
    memcpy(ram, p->images[0].bytes, bytes);
    const struct na_plain_memory memories[2] = {
        {NA_RANDOM_RAM, bytes, ram},
        {NA_RANDOM_FLASH, p->images[1].size_bytes, (uint8_t *)(uintptr_t)p->images[1].bytes},
    };
    if (lp_sim_run(&s.arena, p, &s.ram.memory, &s.options, &s.report) != LP_OK) {
        na_print_findings(&s);
        fail_msg("program %llu does not run", (unsigned long long)seed);
    }
    assert_true(na_plain_run_epoch(p->epochs, memories, 2));
    assert_int_equal(lp_sim_ram_get(&s.ram, NA_RANDOM_RAM, found, bytes), LP_OK);
    for (size_t i = 0; i < bytes; i++)
        if (found[i] != ram[i])
            fail_msg("program %llu: byte %zu is %d, expected %d", (unsigned long long)seed, i, found[i], ram[i]);
    count(all, p->epochs, &s.report.epochs[0]);
    free(ram);
    free(found);
    na_close(&s);
}

static void simulator_and_plain_form_store_the_same_bytes(void **state)
{
    (void)state;
    struct figures all = {0};
    const char *wanted = getenv("LP_PROPERTY_PROGRAMS");
    uint64_t programs = wanted != NULL ? strtoull(wanted, NULL, 10) : PROGRAMS;
    for (uint64_t seed = 1; seed <= programs; seed++)
        one_program(seed, &all);
    print_message("%llu programs, %llu bytes stored, %llu values clamped, %llu products\n", (unsigned long long)programs,
                  (unsigned long long)all.stored_bytes, (unsigned long long)all.saturations, (unsigned long long)all.macs);
    /* The generator must not stop reaching a mode unnoticed. */
    for (int i = 0; i < 8 && programs >= PROGRAMS; i++)
        assert_true(all.modes[i] > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(simulator_and_plain_form_store_the_same_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
