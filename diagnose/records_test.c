/* Traces and device logs: what is read, and what is refused with line, found and allowed. */
#include "diagnose/device_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct lp_arena arena;

static void refuse_log(const char *text, const char *where, const char *what)
{
    struct lp_diag diag = {0};
    struct lp_device_log log;
    lp_status status = lp_device_log_read(&arena, &diag, "x.log", text, strlen(text), &log);
    if (status == LP_OK || strstr(lp_text_get(&diag.errors), where) == NULL || strstr(lp_text_get(&diag.errors), what) == NULL)
        fail_msg("%s\ngave: %s", text, lp_text_get(&diag.errors));
    assert_int_equal(status, LP_BAD_INPUT);
    lp_diag_free(&diag);
}

static void a_trace_counts_blocks_and_sees_resets(void **state)
{
    (void)state;
    static const char text[] =
        "boot: hello\r\n\nlimpid-trace 1\r\nnetwork blocks=3 later=1\ninference n=0 # first\nrun result=no_wfe block=0\n"
        "run result=wfe block=1 calls=40\nrun result=no_wfe block=1\nrun result=no_wfe block=2\n"
        "run result=done block=3\nreset result=ok block=3 done=1\ninference n=1\nrun result=wfe block=0\n"
        "reset block=1 done=0\ntimeout block=0x1 unit=STRENG3\nend\nrubbish";
    struct lp_diag diag = {0};
    struct lp_trace t;
    assert_int_equal(lp_trace_read(&arena, &diag, "t", text, strlen(text), &t), LP_OK);
    assert_int_equal(t.count, 2);
    assert_int_equal(t.blocks, 3);
    assert_false(t.is_cut);
    assert_int_equal(t.items[0].blocks_run, 3);
    assert_int_equal(t.items[0].waits, 40);
    assert_true(t.items[0].is_done);
    assert_int_equal(t.items[0].resets, 1);
    assert_int_equal(t.items[0].resets_early, 0);
    assert_int_equal(t.items[1].resets_early, 1);
    assert_int_equal(t.items[1].timeouts, 1);
    assert_string_equal(t.items[1].timeout_unit, "STRENG3");
    assert_false(t.items[1].is_done);
}

static void a_log_keeps_every_range(void **state)
{
    (void)state;
    static const char text[] =
        "limpid-device-log 1\npool name=npuRAM3 base=0x34200000 bytes=458752 cpu=ok npu=zero\n"
        "weights name=flash address=0x71000000 bytes=100 crc=1 plan_crc=0x2 head=00ffA0\ninference n=0\n"
        "input address=0x34200020 plan=0x34200000 bytes=40 crc=7 seen_crc=8\nepoch index=0 state=timeout unit=CONVACC1\n"
        "output address=0x34200040 bytes=4 crc=9\n";
    struct lp_diag diag = {0};
    struct lp_device_log log;
    assert_int_equal(lp_device_log_read(&arena, &diag, "t", text, strlen(text), &log), LP_OK);
    assert_true(log.is_cut);
    assert_int_equal(lp_log_pools(&log)[0].npu, LP_POOL_ZERO);
    assert_int_equal(lp_log_blobs(&log)[0].plan, 0x71000000);
    assert_int_equal(lp_log_blobs(&log)[0].head_bytes, 3);
    assert_int_equal(lp_log_blobs(&log)[0].head[2], 0xa0);
    const struct lp_log_range *in = lp_log_ranges(&log, LP_LOG_INPUT);
    assert_int_equal(in->plan, 0x34200000);
    assert_true(in->has_seen);
    assert_true(lp_log_ranges(&log, LP_LOG_EPOCH)->is_timeout);
    assert_false(lp_log_ranges(&log, LP_LOG_OUTPUT)->has_seen);
    assert_ptr_equal(lp_log_pool_of(&log, 0x34200000, 458752), lp_log_pools(&log));
    assert_null(lp_log_pool_of(&log, 0x34200001, 458752));
}

static void damage_is_named(void **state)
{
    (void)state;
#define HEAD "limpid-device-log 1\n"
    refuse_log("", "x.log", "limpid-device-log 1");
    refuse_log("limpid-device-log 2\n", "line 1", "known is 1");
    refuse_log(HEAD, "x.log", "no inference");
    refuse_log(HEAD "inference n=1\n", "line 2", "n=1: allowed is 0");
    refuse_log(HEAD "inference n=-1\n", "line 2", "allowed is a number");
    refuse_log(HEAD "inference n=0 n=0\n", "line 2", "given twice");
    refuse_log(HEAD "inference 0\n", "line 2", "no key=value");
    refuse_log(HEAD "epoch index=0\n", "line 2", "before the first inference");
    refuse_log(HEAD "inference n=0\nepoch index=0 bytes=4\n", "line 3", "crc is missing");
    refuse_log(HEAD "inference n=0\noutput address=0 bytes=99999999999 crc=0\n", "line 3",
               "allowed is a number of 0 to 4294967295");
    refuse_log(HEAD "inference n=0\nrun block=0 result=maybe\n", "line 3", "allowed are done, wfe, no_wfe, error");
    refuse_log(HEAD "pool name=x base=0 bytes=1 cpu=bad\n", "line 2", "ok, zero, stuck, unknown");
    refuse_log(HEAD "weights address=0 bytes=1 crc=0 plan_crc=0 head=0\n", "line 2", "head");
    refuse_log(HEAD "weights address=0 bytes=1 crc=0 plan_crc=0 head=xy\n", "line 2", "hex digits");
    refuse_log(HEAD "explode\n", "line 2", "unknown record");
    refuse_log(HEAD "inference n=0\n\x01\x02\n", "line 3", "byte 0x01");
    char *line = test_malloc(5000);
    memset(line, 'x', 4999);
    memcpy(line, HEAD, sizeof HEAD - 1);
    line[4999] = '\0';
    refuse_log(line, "line 2", "at most 2000");
    test_free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_counts_blocks_and_sees_resets),
        cmocka_unit_test(a_log_keeps_every_range),
        cmocka_unit_test(damage_is_named),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    lp_arena_free(&arena);
    return failures;
}
