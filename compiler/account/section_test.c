#include "compiler/account/section.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

struct bench {
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_section section;
};

static int open_bench(void **state)
{
    static struct bench bench;
    bench = (struct bench){.section = {.name = "weights"}};
    bench.section.arena = &bench.arena;
    *state = &bench;
    return 0;
}

static int close_bench(void **state)
{
    struct bench *b = *state;
    lp_diag_free(&b->diag);
    lp_arena_free(&b->arena);
    return 0;
}

static struct lp_item item_of(enum lp_cause cause, int32_t layer, enum lp_element element, const void *data, uint32_t count,
                              uint32_t align_bytes)
{
    return (struct lp_item){.cause = cause,
                            .layer = layer,
                            .name = "x",
                            .element = element,
                            .data = data,
                            .count = count,
                            .align_bytes = align_bytes};
}

static uint32_t put(struct bench *b, struct lp_item item)
{
    uint32_t offset = UINT32_MAX;
    assert_int_equal(lp_section_put(&b->section, &b->diag, item, &offset), LP_OK);
    return offset;
}

static void gaps_belong_to_the_layer_that_needs_them(void **state)
{
    struct bench *b = *state;
    const int8_t three[3] = {1, 2, 3};
    const int32_t two[2] = {0x04030201, INT32_MIN};
    assert_int_equal(put(b, item_of(LP_CAUSE_MODEL_CONSTANTS, 0, LP_ELEMENT_INT8, three, 3, 1)), 0);
    assert_int_equal(put(b, item_of(LP_CAUSE_SCALE_VECTORS, 1, LP_ELEMENT_INT32, two, 2, 4)), 4);
    assert_int_equal(put(b, item_of(LP_CAUSE_MODEL_CONSTANTS, 2, LP_ELEMENT_INT8, three, 1, 1)), 12);
    assert_int_equal(lp_section_close(&b->section, &b->diag), LP_OK);
    assert_int_equal(b->section.size_bytes, 16);
    assert_int_equal(lp_section_cause_bytes(&b->section, LP_CAUSE_MODEL_CONSTANTS, LP_ANY_LAYER), 4);
    assert_int_equal(lp_section_cause_bytes(&b->section, LP_CAUSE_MODEL_CONSTANTS, 2), 1);
    assert_int_equal(lp_section_cause_bytes(&b->section, LP_CAUSE_SCALE_VECTORS, 1), 8);
    assert_int_equal(lp_section_cause_bytes(&b->section, LP_CAUSE_ALIGNMENT, 1), 1);
    assert_int_equal(lp_section_cause_bytes(&b->section, LP_CAUSE_ALIGNMENT, LP_NO_LAYER), 3);
    assert_int_equal(lp_section_cause_bytes(&b->section, LP_CAUSE_ALIGNMENT, LP_ANY_LAYER), 4);
    assert_int_equal(lp_section_check(&b->section, &b->diag), LP_OK);
}

static void the_bytes_are_those_of_the_items(void **state)
{
    struct bench *b = *state;
    const int8_t one = -1;
    const int16_t word = 0x1234;
    const float real = 1.0f;
    const uint8_t expected[] = {0xff, 0, 0x34, 0x12, 0, 0, 0x80, 0x3f};
    put(b, item_of(LP_CAUSE_MODEL_CONSTANTS, 0, LP_ELEMENT_INT8, &one, 1, 1));
    put(b, item_of(LP_CAUSE_MODEL_CONSTANTS, 0, LP_ELEMENT_INT16, &word, 1, 2));
    put(b, item_of(LP_CAUSE_MODEL_CONSTANTS, 0, LP_ELEMENT_FLOAT32, &real, 1, 4));
    uint8_t *bytes = lp_section_bytes(&b->section, &b->arena);
    assert_int_equal(b->section.size_bytes, sizeof expected);
    assert_memory_equal(bytes, expected, sizeof expected);
}

static void many_items_keep_their_order(void **state)
{
    struct bench *b = *state;
    static uint8_t values[1000];
    for (uint32_t i = 0; i < 1000; i++) {
        values[i] = (uint8_t)(i * 7);
        assert_int_equal(put(b, item_of(LP_CAUSE_IO, (int32_t)i, LP_ELEMENT_UINT8, &values[i], 1, 1)), i);
    }
    assert_memory_equal(lp_section_bytes(&b->section, &b->arena), values, sizeof values);
    assert_int_equal(lp_section_check(&b->section, &b->diag), LP_OK);
}

static void a_section_that_lies_is_found_out(void **state)
{
    struct bench *b = *state;
    const int8_t three[3] = {1, 2, 3};
    put(b, item_of(LP_CAUSE_IO, 0, LP_ELEMENT_INT8, three, 3, 1));
    put(b, item_of(LP_CAUSE_IO, 0, LP_ELEMENT_INT8, three, 3, 1));
    b->section.size_bytes++;
    assert_int_equal(lp_section_check(&b->section, &b->diag), LP_INTERNAL);
    b->section.size_bytes--;
    b->section.items[1].offset_bytes = 2;
    assert_int_equal(lp_section_check(&b->section, &b->diag), LP_INTERNAL);
    assert_non_null(strstr(lp_text_get(&b->diag.errors), "item 1 starts at 2, its predecessor ends at 3"));
}

static void more_than_two_gigabytes_are_refused(void **state)
{
    struct bench *b = *state;
    struct lp_item half = item_of(LP_CAUSE_EPOCH_PROGRAM, 3, LP_ELEMENT_INT32, NULL, 1u << 28, 4);
    put(b, half);
    assert_int_equal(lp_section_put(&b->section, &b->diag, half, NULL), LP_DOES_NOT_FIT);
    assert_int_equal(b->section.size_bytes, 1u << 30);
    assert_non_null(strstr(lp_text_get(&b->diag.errors), "'weights' grows beyond 2,147,483,647 bytes at layer 3"));
    assert_int_equal(lp_section_check(&b->section, &b->diag), LP_OK);
}

static void claims_change_causes_and_no_sum(void **state)
{
    struct bench *b = *state;
    const int8_t three[3] = {1, 2, 3};
    put(b, item_of(LP_CAUSE_MODEL_CONSTANTS, 5, LP_ELEMENT_INT8, three, 3, 1));
    for (int32_t i = 0; i < 100; i++)
        assert_int_equal(lp_section_claim(&b->section, &b->diag, LP_CAUSE_MODEL_CONSTANTS, LP_CAUSE_DEAD_CHANNELS, i, 10), LP_OK);
    assert_int_equal(lp_section_cause_bytes(&b->section, LP_CAUSE_MODEL_CONSTANTS, LP_ANY_LAYER), 1003);
    assert_int_equal(lp_section_cause_bytes(&b->section, LP_CAUSE_MODEL_CONSTANTS, 5), 13);
    assert_int_equal(lp_section_cause_bytes(&b->section, LP_CAUSE_DEAD_CHANNELS, LP_ANY_LAYER), -1000);
    assert_int_equal(b->section.size_bytes, 3);
    assert_int_equal(lp_section_check(&b->section, &b->diag), LP_OK);
}

static void every_cause_has_a_name_and_a_meaning(void **state)
{
    (void)state;
    for (int i = 0; i < LP_CAUSE_COUNT; i++) {
        const char *name = lp_cause_name((enum lp_cause)i);
        assert_true(strlen(lp_cause_meaning((enum lp_cause)i)) > 10);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
        for (int k = 0; k < i; k++)
            assert_string_not_equal(name, lp_cause_name((enum lp_cause)k));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gaps_belong_to_the_layer_that_needs_them, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(the_bytes_are_those_of_the_items, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(many_items_keep_their_order, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(a_section_that_lies_is_found_out, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(more_than_two_gigabytes_are_refused, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(claims_change_causes_and_no_sum, open_bench, close_bench),
        cmocka_unit_test(every_cause_has_a_name_and_a_meaning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
