/* Damaged models: cut at every length, every bit flipped, every word replaced. Each must give a clean error or a graph that
 * the whole compiler can work with; run under AddressSanitizer this finds every read outside the file. */
#include "compiler/base/file.h"
#include "compiler/pipeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct lp_target target = {
    .name = "test", .title = "test", .pointer_bytes = 4, .arena_align_bytes = 4, .blob_align_bytes = 4};

struct tally {
    int accepted, refused;
};

/* A copy of exactly the right size, so that one byte too many is seen. */
static void try_model(const uint8_t *bytes, size_t size_bytes, struct tally *tally)
{
    struct lp_arena arena = {.limit_bytes = 64 * size_bytes + (1 << 20)};
    struct lp_diag diag = {0};
    uint8_t *copy = malloc(size_bytes == 0 ? 1 : size_bytes);
    assert_non_null(copy);
    if (size_bytes != 0)
        memcpy(copy, bytes, size_bytes);
    struct lp_unit unit = {.model_path = "damaged.tflite",
                           .model = copy,
                           .model_bytes = size_bytes,
                           .target = &target,
                           .last_stage = "plan",
                           .arena = &arena,
                           .diag = &diag};
    lp_status status = lp_compile(&unit);
    if (status == LP_OK) {
        tally->accepted++;
        assert_int_equal(diag.error_count, 0);
    } else {
        tally->refused++;
        assert_true(diag.error_count > 0);
        assert_int_not_equal(status, LP_INTERNAL);
        assert_true(strlen(lp_text_get(&diag.errors)) > 20);
    }
    free(copy);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
}

struct model {
    struct lp_arena arena;
    const uint8_t *bytes;
    size_t size_bytes;
    uint8_t *work;
};

static struct model open_model(const char *path)
{
    struct model m = {0};
    struct lp_diag diag = {0};
    assert_int_equal(lp_file_read(&m.arena, &diag, path, 0, &m.bytes, &m.size_bytes), LP_OK);
    m.work = LP_NEW_ARRAY(&m.arena, m.size_bytes, uint8_t);
    assert_non_null(m.work);
    memcpy(m.work, m.bytes, m.size_bytes);
    return m;
}

static const char *const models[] = {"models/sensor.tflite",
                                     "tests/vectors/models/net_inverted_residual.tflite",
                                     "tests/vectors/models/op_pad_hw.tflite",
                                     "tests/vectors/models/net_conv1d_dilated_s2b.tflite",
                                     "tests/vectors/models/op_concat_2.tflite",
                                     "tests/vectors/models/op_gather.tflite",
                                     "tests/vectors/models/op_mirror_pad_reflect.tflite",
                                     "tests/vectors/models/op_pack_axis0.tflite",
                                     "tests/vectors/models/op_resize_nn_half.tflite",
                                     "tests/vectors/models/op_splitv.tflite",
                                     "tests/vectors/models/op_strided_slice_reverse.tflite",
                                     "tests/vectors/models/op_transpose_nhwc_nchw.tflite"};

static void the_undamaged_models_are_accepted(void **state)
{
    (void)state;
    struct tally tally = {0};
    for (size_t i = 0; i < LP_COUNT(models); i++) {
        struct model m = open_model(models[i]);
        try_model(m.bytes, m.size_bytes, &tally);
        lp_arena_free(&m.arena);
    }
    assert_int_equal(tally.accepted, (int)LP_COUNT(models));
}

static void every_truncation_is_survived(void **state)
{
    (void)state;
    for (size_t i = 0; i < LP_COUNT(models); i++) {
        struct model m = open_model(models[i]);
        struct tally tally = {0};
        for (size_t length = 0; length < m.size_bytes; length++)
            try_model(m.bytes, length, &tally);
        /* The last bytes of a file may be padding, what lies before is needed. */
        assert_true(tally.refused > (int)m.size_bytes - 64);
        lp_arena_free(&m.arena);
    }
}

static void every_flipped_bit_is_survived(void **state)
{
    (void)state;
    for (size_t i = 0; i < LP_COUNT(models); i++) {
        struct model m = open_model(models[i]);
        struct tally tally = {0};
        for (size_t at = 0; at < m.size_bytes; at++)
            for (int bit = 0; bit <= 8; bit++) {
                m.work[at] = (uint8_t)(m.bytes[at] ^ (bit == 8 ? 0xff : 1 << bit));
                try_model(m.work, m.size_bytes, &tally);
                m.work[at] = m.bytes[at];
            }
        assert_true(tally.accepted > 0 && tally.refused > 0);
        lp_arena_free(&m.arena);
    }
}

static void every_replaced_word_is_survived(void **state)
{
    (void)state;
    static const uint32_t words[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x00010000, 0x7fc00000 /* a NaN */};
    for (size_t i = 0; i < LP_COUNT(models); i++) {
        struct model m = open_model(models[i]);
        struct tally tally = {0};
        for (size_t at = 0; at + 4 <= m.size_bytes; at += 4)
            for (size_t w = 0; w < LP_COUNT(words); w++) {
                memcpy(m.work + at, &words[w], 4);
                try_model(m.work, m.size_bytes, &tally);
                memcpy(m.work + at, m.bytes + at, 4);
            }
        assert_true(tally.refused > 0);
        lp_arena_free(&m.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_undamaged_models_are_accepted),
        cmocka_unit_test(every_truncation_is_survived),
        cmocka_unit_test(every_flipped_bit_is_survived),
        cmocka_unit_test(every_replaced_word_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
