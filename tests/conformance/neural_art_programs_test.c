/* The project's own small programs: each mode of each unit, with what the plain form of the simulator stored. They are kept
 * as files so that program.json, images and results of earlier versions stay readable and equal.
 * `neural_art_programs_test write` makes the files again from the plain form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/base/file.h"
#include "tests/support/neural_art_plain.h"
#include "tests/support/neural_art_random.h"
#include "tests/support/neural_art_session.h"

static const char root[] = "tests/vectors/neural-art";

/* Names by what the program of that seed does. */
static const struct own_program {
    const char *name;
    uint64_t seed;
} programs[] = {
    {"convolution_simd1", 11},
    {"convolution_simd2", 55},
    {"convolution_deep_raw", 25},
    {"convolution_deep_raster", 94},
    {"convolution_dss2", 20},
    {"convolution_fstat", 18},
    {"pipe_simd1", 39},
    {"pipe_deep", 10},
    {"pipe_simd2", 5},
    {"self_accumulation", 46},
    {"memory_accumulation", 7},
    {"pool_max", 3},
    {"pool_min", 35},
    {"pool_average", 9},
    {"pool_global_average", 6},
    {"activ_relu", 12},
    {"activ_prelu", 88},
    {"activ_trelu", 30},
    {"activ_function", 45},
    {"activ_lut", 23},
    {"dual_affine", 26},
    {"dual_min", 70},
    {"dual_max", 15},
    {"dual_multiply", 2},
};

static void own_programs_give_the_stored_outputs(void **state)
{
    (void)state;
    size_t compared = 0, different = 0;
    for (size_t i = 0; i < LP_COUNT(programs); i++) {
        char folder[200];
        struct na_session s;
        snprintf(folder, sizeof folder, "%s/%s", root, programs[i].name);
        na_open(&s, folder);
        assert_int_equal(s.program->vectors_count, 1);
        size_t wrong = na_run_vectors(&s, &s.program->vectors[0], &compared);
        if (wrong > 0)
            print_message("%s: %zu bytes differ\n", programs[i].name, wrong);
        different += wrong;
        na_close(&s);
    }
    print_message("%zu programs, %zu bytes compared, %zu differ\n", LP_COUNT(programs), compared, different);
    assert_int_equal(different, 0);
    assert_true(compared > 10000);
}

/* The RAM image becomes the input, the RAM afterwards the output. */
static void write_program(const struct own_program *own)
{
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    static const char *in_file = "in0.bin", *out_file = "out0.bin";
    char folder[200], path[300];
    struct lp_npu_program *p = na_random_program(&arena, own->seed);
    struct lp_npu_image ram = p->images[0];
    uint8_t *after = lp_arena_alloc(&arena, ram.size_bytes, 1);
    assert_non_null(after);
    memcpy(after, ram.bytes, ram.size_bytes);
    const struct na_plain_memory memories[2] = {
        {NA_RANDOM_RAM, ram.size_bytes, after},
        {NA_RANDOM_FLASH, p->images[1].size_bytes, (uint8_t *)(uintptr_t)p->images[1].bytes},
    };
    assert_true(na_plain_run_epoch(p->epochs, memories, 2));
    struct lp_npu_buffer buffer = {
        .name = "ram", .dtype = "int8", .address = NA_RANDOM_RAM, .size_bytes = ram.size_bytes, .bits = 8};
    struct lp_npu_buffer parameters = {
        .name = "flash", .dtype = "int8", .address = NA_RANDOM_FLASH, .size_bytes = p->images[1].size_bytes, .bits = 8};
    struct lp_npu_vectors vectors = {"random", 1, &in_file, &out_file, 1, 1};
    p->name = own->name;
    p->images++;
    p->image_count = 1;
    p->buffers[LP_NPU_INPUT] = p->buffers[LP_NPU_OUTPUT] = (struct lp_npu_buffers){&buffer, 1};
    p->buffers[LP_NPU_PARAMETER] = (struct lp_npu_buffers){&parameters, 1};
    p->vectors = &vectors;
    p->vectors_count = 1;
    snprintf(folder, sizeof folder, "%s/%s", root, own->name);
    assert_int_equal(lp_npu_program_save(&diag, folder, p), LP_OK);
    snprintf(path, sizeof path, "%s/%s", folder, in_file);
    assert_int_equal(lp_file_write(&diag, path, ram.bytes, ram.size_bytes), LP_OK);
    snprintf(path, sizeof path, "%s/%s", folder, out_file);
    assert_int_equal(lp_file_write(&diag, path, after, ram.size_bytes), LP_OK);
    lp_arena_free(&arena);
    lp_diag_free(&diag);
}

static void write_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < LP_COUNT(programs); i++)
        write_program(&programs[i]);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(own_programs_give_the_stored_outputs)};
    const struct CMUnitTest writing[] = {cmocka_unit_test(write_all)};
    if (argc == 2 && strcmp(argv[1], "write") == 0)
        return cmocka_run_group_tests(writing, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
