#define _POSIX_C_SOURCE 200809L
#include "cli/values/test_support.h"

#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb/stb_image_write.h>

struct file {
    uint8_t bytes[8192];
    size_t length;
};

static void append(void *context, void *data, int size)
{
    struct file *file = context;
    assert_true(file->length + (size_t)size <= sizeof file->bytes);
    memcpy(file->bytes + file->length, data, (size_t)size);
    file->length += (size_t)size;
}

static struct file make_png(int width, int height, int channels)
{
    struct file file = {.length = 0};
    uint8_t pixels[256];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 37 + 11);
    assert_true(stbi_write_png_to_func(append, &file, width, height, channels, pixels, width * channels) != 0);
    return file;
}

static void pixels_become_integers(void **state)
{
    struct fixture *f = *state;
    for (int channels = 1; channels <= 3; channels += 2) {
        struct file png = make_png(5, 4, channels);
        struct lp_tensor tensor = test_tensor(LP_ELEMENT_UINT8, 4, 1, 4, 5, channels);
        assert_int_equal(read_bytes(f, "t.png", png.bytes, png.length, &tensor, LP_VALUES_AUTO), LP_OK);
        assert_int_equal(f->values.inference_count, 1);
        for (size_t i = 0; i < f->values.inference_bytes; i++)
            assert_int_equal(f->values.data[i], (uint8_t)(i * 37 + 11));
        tensor = test_tensor(LP_ELEMENT_INT8, 3, 4, 5, channels, 0);
        assert_int_equal(read_again(f, &tensor, LP_VALUES_RAW), LP_OK);
        for (size_t i = 0; i < f->values.inference_bytes; i++)
            assert_int_equal((int8_t)f->values.data[i], (uint8_t)(i * 37 + 11) - 128);
    }
}

/* The smallest gray JPEG: 8 x 8 pixels, all 200. Quantizer all 1; one Huffman code each, of one bit: "ten bits of difference
 * follow" and "no more coefficients". The difference is (200 - 128) * 8 = 576: bits 0 1001000000 0, filled up with ones. */
static struct file make_jpeg(void)
{
    static const uint8_t quantizer[] = {0xff, 0xd8, 0xff, 0xdb, 0, 67, 0};
    static const uint8_t frame[] = {0xff, 0xc0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0};
    static const uint8_t scan[] = {0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x48, 0x0f, 0xff, 0xd9};
    struct file file = {.length = sizeof quantizer};
    memcpy(file.bytes, quantizer, sizeof quantizer);
    memset(file.bytes + file.length, 1, 64);
    file.length += 64;
    memcpy(file.bytes + file.length, frame, sizeof frame);
    file.length += sizeof frame;
    for (uint8_t is_ac = 0; is_ac <= 1; is_ac++) {
        const uint8_t table[22] = {0xff, 0xc4, 0, 20, (uint8_t)(is_ac << 4), 1, [21] = is_ac ? 0 : 10};
        memcpy(file.bytes + file.length, table, sizeof table);
        file.length += sizeof table;
    }
    memcpy(file.bytes + file.length, scan, sizeof scan);
    file.length += sizeof scan;
    return file;
}

static void jpeg_is_read(void **state)
{
    struct fixture *f = *state;
    struct file jpeg = make_jpeg();
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 4, 1, 8, 8, 1);
    assert_int_equal(read_bytes(f, "t.jpg", jpeg.bytes, jpeg.length, &tensor, LP_VALUES_AUTO), LP_OK);
    for (size_t i = 0; i < 64; i++)
        assert_int_equal((int8_t)f->values.data[i], 200 - 128);
}

static void tables_that_overflow_the_decoder_are_refused(void **state)
{
    struct fixture *f = *state;
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 4, 1, 8, 8, 1);
    struct file jpeg = make_jpeg();
    size_t first_table = 7 + 64 + 13;
    assert_int_equal(jpeg.bytes[first_table + 1], 0xc4);
    jpeg.bytes[first_table + 19] = 255; /* 1 + 255 codes: as many as there may be, but no such code exists */
    /* Some versions of the decoder refuse that, others read on: either is fine, but our own limit is not the reason. */
    lp_status status = read_bytes(f, "t.jpg", jpeg.bytes, jpeg.length, &tensor, LP_VALUES_AUTO);
    assert_true(status == LP_OK || f->diag.error_count > 0);
    assert_null(strstr(lp_text_get(&f->diag.errors), "256 codes"));
    lp_diag_free(&f->diag);
    jpeg.bytes[first_table + 20] = 1;
    assert_message(f, read_bytes(f, "t.jpg", jpeg.bytes, jpeg.length, &tensor, LP_VALUES_AUTO), "damaged", "256 codes");
    struct file many = make_jpeg();
    for (size_t i = many.length; i < sizeof many.bytes; i++)
        many.bytes[i] = i % 2 == 0 ? 0xff : 0xc4;
    assert_message(f, read_bytes(f, "t.jpg", many.bytes, sizeof many.bytes, &tensor, LP_VALUES_AUTO), "damaged", "256 codes");
}

static void wrong_sizes_and_tensors_are_refused(void **state)
{
    struct fixture *f = *state;
    struct file png = make_png(5, 4, 3);
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 4, 1, 5, 4, 3);
    assert_message(f, read_bytes(f, "t.png", png.bytes, png.length, &tensor, LP_VALUES_AUTO), "4 x 5 pixels",
                   "needs 5 x 4 with 3");
    tensor = test_tensor(LP_ELEMENT_INT8, 4, 1, 4, 5, 1);
    assert_message(f, read_again(f, &tensor, LP_VALUES_AUTO), "with 3 channels", "4 x 5 with 1");
    tensor = test_tensor(LP_ELEMENT_INT8, 3, 1, 50, 10, 0);
    assert_message(f, read_again(f, &tensor, LP_VALUES_AUTO), "1x50x10", "C 1 or 3");
    tensor = test_tensor(LP_ELEMENT_FLOAT32, 4, 1, 4, 5, 3);
    assert_message(f, read_again(f, &tensor, LP_VALUES_AUTO), "float32", ".npy");
    tensor = test_tensor(LP_ELEMENT_INT8, 4, 1, 4, 5, 3);
    assert_message(f, read_again(f, &tensor, LP_VALUES_REAL), "not real values", ".npy");
    png = make_png(5, 4, 4);
    assert_message(f, read_bytes(f, "t.png", png.bytes, png.length, &tensor, LP_VALUES_AUTO), "4 channels", "with 3");
    assert_message(f, read_bytes(f, "t.png", "GIF89a", 6, &tensor, LP_VALUES_AUTO), "not a PNG or JPEG", "t.png");
    assert_message(f, read_bytes(f, "t.png", "", 0, &tensor, LP_VALUES_AUTO), "not a PNG or JPEG", "t.png");
}

static void an_empty_data_chunk_is_refused(void **state)
{
    struct fixture *f = *state;
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 4, 1, 4, 5, 3);
    struct file png = make_png(5, 4, 3);
    enum { AFTER_HEADER = 8 + 25 };
    memmove(png.bytes + AFTER_HEADER + 12, png.bytes + AFTER_HEADER, png.length - AFTER_HEADER);
    memcpy(png.bytes + AFTER_HEADER, "\0\0\0\0IDAT\x35\xaf\x06\x1e", 12);
    assert_message(f, read_bytes(f, "t.png", png.bytes, png.length + 12, &tensor, LP_VALUES_AUTO), "empty IDAT", "t.png");
}

static void damage(struct fixture *f, const char *name, struct file *file, const struct lp_tensor *tensor)
{
    for (size_t length = 0; length < file->length; length++) {
        lp_status status = read_bytes(f, name, file->bytes, length, tensor, LP_VALUES_AUTO);
        assert_int_equal(f->values.data != NULL, status == LP_OK);
    }
    for (size_t at = 0; at < file->length; at++)
        for (unsigned change = 1; change < 256; change += 31) {
            file->bytes[at] = (uint8_t)(file->bytes[at] ^ change);
            lp_status status = read_bytes(f, name, file->bytes, file->length, tensor, LP_VALUES_AUTO);
            assert_int_equal(f->values.data != NULL, status == LP_OK);
            file->bytes[at] = (uint8_t)(file->bytes[at] ^ change);
        }
}

static void damaged_files_are_refused_or_read(void **state)
{
    struct fixture *f = *state;
    struct file file = make_png(5, 4, 3);
    struct lp_tensor tensor = test_tensor(LP_ELEMENT_INT8, 4, 1, 4, 5, 3);
    damage(f, "t.png", &file, &tensor);
    file = make_jpeg();
    tensor = test_tensor(LP_ELEMENT_INT8, 4, 1, 8, 8, 1);
    damage(f, "t.jpg", &file, &tensor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pixels_become_integers),
        cmocka_unit_test(jpeg_is_read),
        cmocka_unit_test(tables_that_overflow_the_decoder_are_refused),
        cmocka_unit_test(an_empty_data_chunk_is_refused),
        cmocka_unit_test(wrong_sizes_and_tensors_are_refused),
        cmocka_unit_test(damaged_files_are_refused_or_read),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
