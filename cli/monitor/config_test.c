#define _POSIX_C_SOURCE 200809L
#include "cli/monitor/header.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct bench {
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_monitor_config config;
};

static lp_status read_text(struct bench *b, const char *text)
{
    char path[] = "/tmp/limpid-config-XXXXXX";
    memset(b, 0, sizeof *b);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    lp_status status = lp_monitor_config_read(&b->arena, &b->diag, path, &b->config);
    unlink(path);
    return status;
}

static void drop(struct bench *b)
{
    lp_diag_free(&b->diag);
    lp_arena_free(&b->arena);
}

static const char good[] =
    "[monitor]\nmodel = m.tflite\nperiod_ms = 20\nstride_samples = 5\ngap = restart\nvotes = 3\nof_windows = 4\nformat = json\n"
    "[device a]\nhost = 10.0.0.1\nport = 1502\nunit = 7\n"
    "[device b]\nhost = 10.0.0.1\nport = 1502\nunit = 8\n"
    "[device c]\ntransport = rtu\ndevice = /dev/ttyS9\nbaud = 9600\nparity = odd\nstop_bits = 2\ntimeout_ms = 40\n"
    "[feature third]\ndevice = a\naddress = 12\ntype = float32\norder = DCBA\n"
    "[feature first]\ndevice = a\naddress = 10\nscale = 0.1\noffset = -40\nunit = degC\nmean = 5\ndeviation = 2\n"
    "[feature second]\ndevice = a\naddress = 11\n"
    "[feature far]\ndevice = a\naddress = 15\n"
    "[feature kind]\ndevice = a\naddress = 11\nregisters = holding\n"
    "[feature other]\ndevice = b\naddress = 12\n"
    "[feature serial]\ndevice = c\naddress = 0\n";

static void everything_is_where_it_was_said(void **state)
{
    (void)state;
    static struct bench b;
    assert_int_equal(read_text(&b, good), LP_OK);
    const struct lp_monitor_config *c = &b.config;
    assert_string_equal(c->model, "/tmp/m.tflite");
    assert_string_equal(c->target, "host");
    assert_int_equal(c->format, LP_MONITOR_JSON);
    assert_int_equal(c->pipeline.window.period_ms, 20);
    assert_int_equal(c->pipeline.window.stride, 5);
    assert_int_equal(c->pipeline.window.gap_rule, LP_GAP_RESTART);
    assert_int_equal(c->pipeline.decide.needed, 3);
    assert_int_equal(c->pipeline.decide.of, 4);
    assert_int_equal(c->line_count, 2); /* a and b share a connection */
    assert_int_equal(c->devices[1].line, c->devices[0].line);
    assert_int_equal(c->devices[1].unit, 8);
    assert_int_equal(c->lines[1].baud, 9600);
    assert_int_equal(c->lines[1].parity, 'O');
    assert_int_equal(c->devices[2].late_ms, 40);
    assert_int_equal(c->feature_count, 7);
    assert_string_equal(c->features[1].name, "first");
    assert_int_equal(c->features[0].format.order, LP_ORDER_DCBA);
    assert_true(c->features[1].format.offset == -40.0 && c->mean[1] == 5.0f && c->deviation[1] == 2.0f);
    drop(&b);
}

/* Neighbours of one device and kind come with one request; registers that nobody asked for are never read. */
static void neighbours_share_a_request(void **state)
{
    (void)state;
    static struct bench b;
    assert_int_equal(read_text(&b, good), LP_OK);
    const struct lp_monitor_config *c = &b.config;
    assert_int_equal(c->block_count, 5);
    const struct lp_monitor_block *first = &c->blocks[c->block_of[1]];
    assert_int_equal(first->address, 10);
    assert_int_equal(first->count, 4);
    assert_int_equal(c->block_of[0], c->block_of[1]);
    assert_int_equal(c->block_of[2], c->block_of[1]);
    for (uint32_t i = 3; i < 7; i++) {
        assert_int_not_equal(c->block_of[i], c->block_of[1]);
        assert_int_equal(c->blocks[c->block_of[i]].count, 1);
    }
    drop(&b);
    /* More neighbours than one request may have. */
    struct lp_monitor_config wide = {.device_count = 1, .feature_count = 128};
    for (uint32_t i = 0; i < 128; i++)
        wide.features[i] = (struct lp_monitor_feature){
            "f", "", 0, LP_MODBUS_READ_INPUT, (uint16_t)(1000 - 2 * i), {LP_REGISTER_UINT32, LP_ORDER_ABCD, 1, 0}};
    lp_monitor_plan_blocks(&wide);
    assert_int_equal(wide.block_count, 3);
    for (uint32_t i = 0; i < 128; i++) {
        const struct lp_monitor_block *block = &wide.blocks[wide.block_of[i]];
        assert_true(block->count <= LP_MODBUS_MAX_REGISTERS);
        assert_true(wide.features[i].address >= block->address && wide.features[i].address + 2 <= block->address + block->count);
    }
}

/* Replaces one text in the good configuration and expects a message that holds these words. */
static void expect_refusal(const char *from, const char *to, const char *words)
{
    static struct bench b;
    static char text[4096];
    const char *at = strstr(good, from);
    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
    assert_int_not_equal(read_text(&b, text), LP_OK);
    assert_int_equal(b.diag.error_count, 1);
    if (strstr(lp_text_get(&b.diag.errors), words) == NULL)
        fail_msg("'%s' is not in: %s", words, lp_text_get(&b.diag.errors));
    drop(&b);
}

static void every_mistake_is_named_with_its_line(void **state)
{
    (void)state;
    expect_refusal("model = m.tflite\n", "", ":1: [monitor] lacks the key 'model'");
    expect_refusal("period_ms = 20", "period_ms = 0", ":3: period_ms = 0: allowed is a whole number from 1 to 3600000");
    expect_refusal("gap = restart", "gap = wait", ":5: gap = wait: allowed is hold, interpolate or restart");
    expect_refusal("votes = 3", "votes = 5", ":6: votes = 5: allowed is a whole number from 1 to 4");
    expect_refusal("format = json", "format = xml", ":8: format = xml: allowed is auto, table, csv or json");
    expect_refusal("unit = 7", "unit = 248", ":12: unit = 248: allowed is a whole number from 1 to 247");
    expect_refusal("device = /dev/ttyS9\n", "", ":17: [device c] lacks the key 'device'");
    expect_refusal("parity = odd", "parity = mark", ":21: parity = mark: allowed is none, even or odd");
    expect_refusal("type = float32", "type = float64", ":27: type = float64: allowed is int16, uint16, int32, uint32 or float32");
    expect_refusal("order = DCBA", "order = dcba", ":28: order = dcba: allowed is ABCD, CDAB, BADC or DCBA");
    expect_refusal("scale = 0.1", "scale = 0", ":32: scale = 0: allowed is any number but 0");
    expect_refusal("deviation = 2", "deviation = 0", ":36: deviation = 0: allowed is a number from 1e-30 to 1e+30");
    expect_refusal("address = 12\ntype", "address = 65535\ntype",
                   ":26: address = 65535: allowed is a whole number from 0 to 65534");
    expect_refusal("[feature second]\ndevice = a\n", "[feature second]\n", "lacks the key 'device': there are several devices");
    expect_refusal("[feature second]\ndevice = a\n", "[feature second]\ndevice = z\n", "device = z: allowed is a, b or c");
    expect_refusal("offset = -40", "ofset = -40",
                   "ofset = -40: unknown key in [feature first]: allowed are device, registers, type");
    expect_refusal("[feature far]", "[faeture far]",
                   "unknown section [faeture far]: allowed are [monitor], [device NAME] and [feature NAME]");
}

/* The C compiler of the firmware is the judge elsewhere; here: the numbers come back as the same floats. */
static void the_firmware_header_holds_the_same_numbers(void **state)
{
    (void)state;
    static struct bench b;
    struct lp_text text = {0};
    assert_int_equal(read_text(&b, good), LP_OK);
    b.config.mean[0] = 0.1f;
    b.config.pipeline.window.samples = 6;
    b.config.pipeline.classes = 2;
    b.config.pipeline.input_scale = 0.032237865f;
    lp_monitor_header(&b.config, &text);
    const char *mean = strstr(lp_text_get(&text), "monitor_mean[MONITOR_FEATURES] = {");
    assert_non_null(mean);
    assert_true(strtof(strchr(mean, '{') + 1, NULL) == 0.1f);
    assert_non_null(strstr(lp_text_get(&text), "    {7, LP_MODBUS_READ_INPUT, 10, 4},\n"));
    assert_non_null(strstr(lp_text_get(&text), "{LP_REGISTER_FLOAT32, LP_ORDER_DCBA, 1.0, 0.0}}, /* third */"));
    assert_non_null(strstr(lp_text_get(&text), ".input_scale = 0.032237865f,"));
    lp_text_free(&text);
    drop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_where_it_was_said),
        cmocka_unit_test(neighbours_share_a_request),
        cmocka_unit_test(every_mistake_is_named_with_its_line),
        cmocka_unit_test(the_firmware_header_holds_the_same_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
