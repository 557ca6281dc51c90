/* Programs of the epoch controller, from text to epochs. What whole programs compute is compared in tests/conformance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "neural-art/ec_run.h"
#include "neural-art/fields.h"

struct fixture {
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_npu_epoch last; /* counts and routes only */
    struct lp_npu_streng streng[LP_NPU_STRENG_UNITS];
    struct lp_npu_convacc convacc;
    struct lp_npu_arith arith;
    struct lp_npu_route routes[LP_EC_MOST_ROUTES];
    uint8_t tables[LP_EC_TABLE_BYTES];
    uint32_t epochs;
};

static int open_fixture(void **state)
{
    *state = calloc(1, sizeof(struct fixture));
    return *state == NULL;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    lp_arena_free(&f->arena);
    lp_diag_free(&f->diag);
    free(f);
    return 0;
}

static lp_status put(void *ctx, uint32_t address, const uint8_t *bytes, size_t count)
{
    struct fixture *f = ctx;
    assert_int_equal(address, 0x5000);
    assert_int_equal(count, sizeof f->tables);
    memcpy(f->tables, bytes, count);
    return LP_OK;
}

static lp_status keep(void *ctx, const struct lp_npu_epoch *epoch)
{
    struct fixture *f = ctx;
    f->last = *epoch;
    f->epochs++;
    memcpy(f->streng, epoch->streng, epoch->unit_count[LP_NPU_STRENG] * sizeof f->streng[0]);
    memcpy(f->routes, epoch->routes, epoch->route_count * sizeof f->routes[0]);
    if (epoch->unit_count[LP_NPU_CONVACC] > 0)
        f->convacc = epoch->convacc[0];
    if (epoch->unit_count[LP_NPU_ARITH] > 0)
        f->arith = epoch->arith[0];
    return LP_OK;
}

static lp_status run(struct fixture *f, const char *text)
{
    const struct lp_ec_host host = {f, 0x5000, put, keep};
    const uint32_t *words, *program;
    size_t count;
    uint32_t instructions;
    if (lp_ec_assemble(&f->arena, &f->diag, "text", text, strlen(text), &words, &count) != LP_OK)
        fail_msg("%s", lp_text_get(&f->diag.errors));
    assert_int_equal(lp_ec_program(&f->diag, "text", words, count, &program, &instructions), LP_OK);
    return lp_ec_run(&f->arena, &f->diag, "blob", program, instructions, &host);
}

static void runs(struct fixture *f, const char *text)
{
    if (run(f, text) != LP_OK)
        fail_msg("%s", lp_text_get(&f->diag.errors));
}

static void refuses(const char *text, const char *message)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    assert_int_not_equal(run(f, text), LP_OK);
    if (strstr(lp_text_get(&f->diag.errors), message) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", lp_text_get(&f->diag.errors), message);
    lp_arena_free(&f->arena);
    lp_diag_free(&f->diag);
    free(f);
}

/* The epoch runs once, when the first engine is waited for; clearing a unit forgets it. */
static void an_epoch_runs_when_it_is_waited_for(void **state)
{
    struct fixture *f = *state;
    runs(f, "label 7\nset STRENG2.CTRL.EN 1\nset STRENG9.CTRL.DIR 1\nset STRENG9.CTRL.EN 1\nset STRENG8.CTRL.DIR 1\nset "
            "STRENG8.CTRL.EN 1\n"
            "poll STRENG8.CTRL.RUNNING 0 timeout 9\npoll STRENG9.CTRL.RUNNING 0 timeout 9\n"
            "set STRENG2.CTRL.CONFCLR 1\npoll STRENG2.CTRL.CONFCLR 0 timeout 9\nset STRENG9.CTRL.EN 0\nirq 0\n");
    assert_int_equal(f->epochs, 1);
    assert_int_equal(f->last.id, 7);
    assert_int_equal(f->last.wait_mask, 0x300);
    assert_int_equal(f->last.unit_count[LP_NPU_STRENG], 3);
    runs(f, "label 8\nset STRENG2.CTRL.EN 1\nlabel 9\nset STRENG2.CTRL.CONFCLR 1\nset STRENG3.CTRL.EN 1\nirq 0\nset "
            "STRENG4.CTRL.EN 1\n");
    assert_int_equal(f->epochs, 3);
    assert_int_equal(f->last.id, 9);
    assert_int_equal(f->last.unit_count[LP_NPU_STRENG], 1);
    assert_int_equal(f->streng[0].unit, 3);
}

static void an_engine_says_its_widths_by_lanes(void **state)
{
    struct fixture *f = *state;
    runs(f, "write STRENG0.CTRL 0x00080101\n"                            /* 8 bits */
            "write STRENG1.CTRL 0x00800101\n"                            /* 8 bits, left-justified in 16 */
            "write STRENG2.CTRL 0x0008c101\n"                            /* 8 bits, sign-extended */
            "write STRENG3.CTRL 0x08880101\n"                            /* 24 bits */
            "write STRENG4.CTRL 0x00884101\nwrite STRENG4.STRD.BGAP 8\n" /* the low 16 of 24 in memory */
            "write STRENG0.FSIZE 100\nwrite STRENG0.ADDR 0x1000\nwrite STRENG0.LIMITEN 7\nwrite STRENG0.LIMITADDR 0x10ff\nwrite "
            "STRENG0.LIMIT 3\n"
            "irq 0\n");
    const struct lp_npu_streng *s = f->streng;
    assert_int_equal(s[0].nbits_in, 8);
    assert_int_equal(s[0].nbits_out, 8);
    assert_int_equal(s[0].frame_count, 100);
    assert_int_equal(s[0].offset_limit, 0x100);
    assert_int_equal(s[0].frame_tot_cnt, 3);
    assert_int_equal(s[1].nbits_in, 8);
    assert_int_equal(s[1].nbits_out, 16);
    assert_true(s[2].align_right && !s[2].nbits_unsigned);
    assert_int_equal(s[3].nbits_in, 24);
    assert_int_equal(s[4].nbits_in, 24);
    assert_int_equal(s[4].nbits_out, 16);
    assert_true(s[4].align_right && s[4].nbits_unsigned && !s[4].mem_lsb);
    runs(f, "write STRENG0.CTRL 0x00080101\nwrite STRENG0.STRD.FGAP 8\nirq 0\n"); /* the other 8 of 16 in memory */
    assert_int_equal(s[0].nbits_in, 16);
    assert_int_equal(s[0].nbits_out, 8);
    assert_true(s[0].mem_lsb);
}

static void samples_become_pixels(void **state)
{
    struct fixture *f = *state;
    runs(f, "write CONVACC2.FFORMAT 0x00050018\nwrite CONVACC2.KFORMAT 0x02060303\nwrite CONVACC2.SAMPLE 0x1151\n"
            "write CONVACC2.ZFRAME 0x0201120c\nwrite CONVACC2.FHCROP 0x0017000c\nwrite CONVACC2.FVCROP 0x00040001\n"
            "write CONVACC2.FSUB 0xffff80\nwrite CONVACC2.CTRL 0x5\nirq 0\n");
    const struct lp_npu_convacc *c = &f->convacc;
    assert_int_equal(c->unit, 2);
    assert_int_equal(c->fWidth, 4);
    assert_int_equal(c->fHeight, 5);
    assert_int_equal(c->left_padding, 1 + 2);
    assert_int_equal(c->right_padding, 0 + 3);
    assert_int_equal(c->top_padding, 1 + 1);
    assert_int_equal(c->bot_padding, 1 + 2);
    assert_int_equal(c->left_crop, 2);
    assert_int_equal(c->right_crop, 3);
    assert_int_equal(c->fsub, -128);
    assert_int_equal(c->accumulate, 0);
    assert_int_equal(c->kfilt_tot, 0);
}

/* Row 0, and rows on both sides of the window's end. */
static void coefficients_are_found_in_tables(void **state)
{
    struct fixture *f = *state;
    runs(f, "write ARITH1.CTRL 0x6000bd\nwrite ARITH1.TRANSLATEADDR 1\n"
            "fill ARITH1.+0x400 0x00020001 0x3\nfill ARITH1.+0xff8 0x00050004 0x6\n"
            "write ARITH1.TRANSLATEADDR 0\nfill ARITH1.+0xc00 0x00080007 0x9\n"
            "write ARITH1.INCOFFSET 1\nwrite ARITH1.RSTCNT1 3\nwrite ARITH1.RSTCNT2 23\nwrite ARITH1.RSTCNT3 47\n"
            "write ARITH1.ADDROFFSET.OFFSET1 0x1fd\nwrite ARITH1.ADDROFFSET.OFFSET2 1\nwrite ARITH1.ADDROFFSET.OFFSET3 "
            "0x1f9\nirq 0\n");
    const struct lp_npu_arith *c = &f->arith;
    const uint8_t *a = f->tables + LP_EC_ARITH_TABLE_BYTES, *b = a + 2 * LP_EC_COEFFICIENTS,
                  *constants = b + 2 * LP_EC_COEFFICIENTS;
    assert_int_equal(c->operation, LP_NPU_ARITH_AFFINE);
    assert_int_equal(c->bcast, LP_NPU_BCAST_CHAN);
    assert_int_equal(c->batchDepth, 4);
    assert_int_equal(c->fWidth * c->fHeight, 6);
    assert_int_equal(c->fChannels, 8);
    assert_int_equal(c->A_vector, 0x5000 + LP_EC_ARITH_TABLE_BYTES);
    static const int rows[3] = {0, 383, 384};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(a[2 * rows[i]], 1 + 3 * i);
        assert_int_equal(b[2 * rows[i]], 2 + 3 * i);
        assert_int_equal(constants[2 * rows[i]], 3 + 3 * i);
    }
}

static void links_have_two_contexts(void **state)
{
    struct fixture *f = *state;
    runs(f, "write STRSWITCH.DSTCONVACC12 0x01150200\nwrite STRSWITCH.DSTPOOL1 0x25\nset STRENG0.CTRL.EN 1\nirq 0\n");
    assert_int_equal(f->last.route_count, 2);
    const struct lp_npu_route *r = &f->routes[0];
    assert_int_equal(r->destination.type, LP_NPU_CONVACC);
    assert_int_equal(r->destination.index, 1);
    assert_int_equal(r->destination.port, 2);
    assert_int_equal(r->context_count, 2);
    assert_int_equal(r->contexts[0].enable, 0);
    assert_int_equal(r->contexts[0].frames, 2);
    assert_int_equal(r->contexts[1].enable, 1);
    assert_int_equal(r->contexts[1].frames, 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(r->contexts[i].source.type, LP_NPU_CONVACC);
        assert_int_equal(r->contexts[i].source.index, 0);
    }
    assert_int_equal(f->routes[1].context_count, 1);
    assert_int_equal(f->routes[1].contexts[0].source.type, LP_NPU_ARITH);
}

static void what_cannot_be_meant_is_refused(void **state)
{
    (void)state;
    refuses("label 3\npoll ARITH0.CTRL.DUALIN 1 timeout 9", "epoch 3, instruction word 1: it waits for a value");
    refuses("fill STRENG0.+0xffc 1 2", "a burst runs beyond the registers");
    refuses("write DECUN0.+0x0 1\nirq 0", "DECUN or RECBUF is started");
    refuses("set CONVACC0.CTRL.EN 1\nirq 0", "FFORMAT.WIDTH has to be a multiple");
    refuses("set POOL0.CTRL.TYPE 5\nset POOL0.CTRL.EN 1\nirq 0", "POOL0: CTRL.TYPE is no known operation (found 5)");
    refuses("set ARITH0.CTRL.OP 3\nset ARITH0.CTRL.EN 1\nirq 0", "ARITH0: CTRL.OP is no known operation (found 3)");
    refuses("write ARITH0.INCOFFSET 3\nwrite ARITH0.CTRL 0x81\nirq 0", "describe no known broadcast");
    refuses("write STRSWITCH.DSTSTRENG1 0x1d\nset STRENG1.CTRL.EN 1\nirq 0", "comes from DECUN or RECBUF");
    refuses("set STRENG1.EXTSYNC.EN 1\nset STRENG1.CTRL.EN 1\nirq 0", "EXTSYNC.EN has to be 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_epoch_runs_when_it_is_waited_for, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(an_engine_says_its_widths_by_lanes, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(samples_become_pixels, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(coefficients_are_found_in_tables, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(links_have_two_contexts, open_fixture, close_fixture),
        cmocka_unit_test(what_cannot_be_meant_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
