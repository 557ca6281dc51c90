#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "neural-art/ec_listing.h"

struct fixture {
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_text text;
};

static int open_fixture(void **state)
{
    *state = calloc(1, sizeof(struct fixture));
    return *state == NULL;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    lp_text_free(&f->text);
    lp_arena_free(&f->arena);
    lp_diag_free(&f->diag);
    free(f);
    return 0;
}

static void says(struct fixture *f, const char *part)
{
    if (strstr(lp_text_get(&f->diag.errors), part) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", lp_text_get(&f->diag.errors), part);
}

static const uint32_t first[] = {LP_EC_MAGIC, 3, 29 | 1 << 5, 1 | 1 << 13 | 10u << 26, 12, 0};
static const uint32_t second[] = {0xECBF0050, 0, 0, 0, 24, 0, LP_EC_MAGIC, 1, 12, 9};

/* header -> blobs -> text -> blobs -> header */
static void headers_survive(void **state)
{
    struct fixture *f = *state;
    const struct lp_ec_blob blobs[] = {{"_ec_blob_net_1", first, LP_COUNT(first)}, {"_ec_blob_net_2", second, LP_COUNT(second)}};
    struct lp_text listing = {0}, again = {0};
    struct lp_ec_blob *read, *back;
    size_t read_count, back_count;
    assert_int_equal(lp_ec_header(&f->diag, blobs, 2, &f->text), LP_OK);
    assert_int_equal(
        lp_ec_blobs_of(&f->arena, &f->diag, "blobs.h", (const uint8_t *)f->text.data, f->text.length, &read, &read_count), LP_OK);
    assert_int_equal(read_count, 2);
    assert_int_equal(lp_ec_list(&f->diag, "blobs.h", read, read_count, &listing), LP_OK);
    assert_non_null(strstr(listing.data, "blob _ec_blob_net_1\nlabel 1\n  set STRENG5.CTRL.EN 0x1\nirq 0\npadding 1\n"));
    if (lp_ec_unlist(&f->arena, &f->diag, "text", listing.data, listing.length, &back, &back_count) != LP_OK)
        fail_msg("%s", lp_text_get(&f->diag.errors));
    assert_int_equal(back_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(back[i].name, blobs[i].name);
        assert_int_equal(back[i].word_count, blobs[i].word_count);
        assert_memory_equal(back[i].words, blobs[i].words, blobs[i].word_count * sizeof *back[i].words);
    }
    assert_int_equal(lp_ec_header(&f->diag, back, back_count, &again), LP_OK);
    assert_string_equal(again.data, f->text.data);
    lp_text_free(&listing);
    lp_text_free(&again);
}

static void raw_files_survive(void **state)
{
    struct fixture *f = *state;
    uint8_t bytes[sizeof first];
    struct lp_ec_blob *read, *back;
    size_t count;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(first[i / 4] >> (8 * (i % 4)));
    assert_int_equal(lp_ec_blobs_of(&f->arena, &f->diag, "a.bin", bytes, sizeof bytes, &read, &count), LP_OK);
    assert_int_equal(count, 1);
    assert_null(read->name);
    assert_int_equal(lp_ec_list(&f->diag, "a.bin", read, 1, &f->text), LP_OK);
    assert_int_equal(lp_ec_unlist(&f->arena, &f->diag, "text", f->text.data, f->text.length, &back, &count), LP_OK);
    assert_int_equal(count, 1);
    assert_int_equal(back->word_count, LP_COUNT(first));
    assert_memory_equal(back->words, first, sizeof first);
    assert_int_equal(lp_ec_blobs_of(&f->arena, &f->diag, "a.bin", bytes, 7, &read, &count), LP_BAD_INPUT);
    says(f, "7 bytes are not a whole number");
}

static void what_fits_no_header_is_refused(void **state)
{
    struct fixture *f = *state;
    const struct lp_ec_blob nameless = {NULL, first, LP_COUNT(first)}, odd = {"odd", first, 5};
    assert_int_equal(lp_ec_header(&f->diag, &nameless, 1, &f->text), LP_BAD_INPUT);
    assert_int_equal(lp_ec_header(&f->diag, &odd, 1, &f->text), LP_BAD_INPUT);
    says(f, "needs a name");
    says(f, "odd: 5 words");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(headers_survive, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(raw_files_survive, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(what_fits_no_header_is_refused, open_fixture, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
