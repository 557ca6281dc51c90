#define _POSIX_C_SOURCE 200809L
#include "cli/sensor/config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char model[] = "models/sensor.ini";

static void the_model_says_what_the_channels_are(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    static struct lp_machine m;
    assert_int_equal(lp_machine_read(&arena, &diag, model, &m), LP_OK);
    assert_int_equal(m.channel_count, 10);
    assert_int_equal(m.state_count, 5);
    assert_int_equal(m.sample_period_ms, 100);
    assert_int_equal(lp_machine_find_state(&m, "overload"), 4);
    assert_int_equal(lp_machine_find_state(&m, "asleep"), -1);
    assert_int_equal(lp_machine_find_channel(&m, "speed"), 6);
    assert_int_equal(m.normal, 1);
    lp_arena_free(&arena);
}

/* Long after a change every channel is near its level: gain 4 %, load, the strength of a fault, and noise on top. */
static void channels_settle_at_the_levels_of_the_state(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    static struct lp_machine m;
    assert_int_equal(lp_machine_read(&arena, &diag, model, &m), LP_OK);
    for (uint32_t to = 0; to < m.state_count; to++) {
        lp_machine_start(&m, 0, 42 + to);
        lp_machine_set_state(&m, to);
        double sum[LP_MACHINE_MAX_CHANNELS] = {0};
        for (int i = 0; i < 4000; i++) {
            lp_machine_step(&m);
            for (uint32_t c = 0; c < m.channel_count && i >= 3000; c++)
                sum[c] += m.channels[c].value / 1000.0;
        }
        for (uint32_t c = 0; c < m.channel_count; c++) {
            double low = m.channels[c].level[to], high = low;
            if ((int)to > m.normal) {
                double normal = m.channels[c].level[m.normal], full = m.channels[c].level[to];
                low = fmin(normal + 0.6 * (full - normal), normal + 1.3 * (full - normal));
                high = fmax(normal + 0.6 * (full - normal), normal + 1.3 * (full - normal));
            }
            double room = 0.20 * high + 3 * m.channels[c].noise;
            assert_true(sum[c] > low - room && sum[c] < high + room);
        }
    }
    lp_arena_free(&arena);
}

static void a_seed_gives_the_same_samples_always(void **state)
{
    (void)state;
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    static struct lp_machine a, b;
    assert_int_equal(lp_machine_read(&arena, &diag, model, &a), LP_OK);
    b = a;
    lp_machine_start(&a, 1, 7);
    lp_machine_start(&b, 1, 7);
    for (int i = 0; i < 100; i++) {
        lp_machine_step(&a);
        lp_machine_step(&b);
        assert_true(a.channels[3].value == b.channels[3].value);
    }
    lp_machine_start(&b, 1, 8);
    assert_true(a.channels[3].value != b.channels[3].value);
    lp_arena_free(&arena);
}

static void expect_refusal(const char *rest, const char *words)
{
    char path[] = "/tmp/limpid-sensor-XXXXXX", text[1024], root[512];
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    static struct lp_sensor_config config;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_non_null(getcwd(root, sizeof root));
    int length = snprintf(text, sizeof text, "[sensor]\nmachine = %.400s/models/sensor.ini\n%s", root, rest);
    assert_int_equal(write(fd, text, (size_t)length), length);
    close(fd);
    assert_int_equal(lp_sensor_config_read(&arena, &diag, path, &config), words == NULL ? LP_OK : LP_BAD_INPUT);
    unlink(path);
    if (words != NULL && strstr(lp_text_get(&diag.errors), words) == NULL)
        fail_msg("'%s' is not in: %s", words, lp_text_get(&diag.errors));
    lp_diag_free(&diag);
    lp_arena_free(&arena);
}

static void mistakes_are_named_with_their_line(void **state)
{
    (void)state;
    expect_refusal(
        "unit = 3\n[script]\n2 = state idle\n1.5 = fault exception 2 6\n[channel speed]\ntype = float32\naddress = 100\n", NULL);
    expect_refusal("transport = usb\n", ":3: transport = usb: allowed is tcp, rtu or pty");
    expect_refusal("transport = rtu\n", "lacks the key 'device'");
    expect_refusal("state = broken\n", ":3: state = broken: allowed is idle, normal, imbalance, bearing_wear or overload");
    expect_refusal("[script]\nsoon = quit\n", ":4: soon = quit: the key in [script] is a time in seconds from 0");
    expect_refusal("[script]\n1 = explode\n", ":4: 1 = explode: allowed is 'state NAME'");
    expect_refusal("[script]\n1 = fault wrong-crc\n",
                   ":4: 1 = fault wrong-crc: allowed is another fault: TCP frames have no CRC");
    expect_refusal("[channel spede]\naddress = 1\n", "unknown section [channel spede]");
    expect_refusal("[channel speed]\nadress = 1\n", "adress = 1: unknown key in [channel speed]: allowed are address, type");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_model_says_what_the_channels_are),
        cmocka_unit_test(channels_settle_at_the_levels_of_the_state),
        cmocka_unit_test(a_seed_gives_the_same_samples_always),
        cmocka_unit_test(mistakes_are_named_with_their_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
