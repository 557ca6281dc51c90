/* Programs emitted as C in the vendor's interface, compiled against the shim and executed in a child process, in the plain
 * form and as epoch-controller programs: all stored outputs come back. */
#define _GNU_SOURCE
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "compiler/base/file.h"
#include "simulator/shim/shim.h"
#include "tests/support/neural_art_session.h"
#include "tests/support/neural_art_source.h"

static void write_text(struct na_session *s, const char *folder, const char *name, struct lp_text *text)
{
    const char *path = lp_arena_printf(&s->arena, "%s/%s", folder, name);
    assert_non_null(path);
    assert_int_equal(lp_file_write(&s->diag, path, lp_text_get(text), text->length), LP_OK);
    lp_text_free(text);
}

static void write_sources(struct na_session *s, const char *work, bool as_blobs)
{
    struct lp_text source = {0}, blobs = {0};
    if (as_blobs)
        na_source_blobs(s->program, &s->ram, &source, &blobs);
    else
        na_source_plain(s->program, &source);
    if (as_blobs)
        write_text(s, work, "network_ecblobs.h", &blobs);
    write_text(s, work, "network.c", &source);
}

static void remove_folder(const char *work)
{
    static const char *const names[] = {"network.c", "network_ecblobs.h", "network.so", "glue.c", "compiler.log"};
    for (size_t i = 0; i < LP_COUNT(names); i++) {
        char path[200];
        snprintf(path, sizeof path, "%s/%s", work, names[i]);
        (void)remove(path);
    }
    (void)rmdir(work);
}

static bool has_lut(const struct lp_npu_program *p)
{
    for (uint32_t e = 0; e < p->epoch_count; e++)
        for (uint32_t i = 0; i < p->epochs[e].unit_count[LP_NPU_ACTIV]; i++)
            if (p->epochs[e].activ[i].operation == LP_NPU_ACTIV_LUT)
                return true;
    return false;
}

static void images_of(struct na_session *s, struct lp_shim_image *images)
{
    for (uint32_t i = 0; i < s->program->image_count; i++) {
        images[i].place = lp_arena_printf(&s->arena, "0x%x", s->program->images[i].base);
        images[i].file = lp_arena_printf(&s->arena, "%s/%s", s->program->folder, s->program->images[i].file);
        assert_true(images[i].place != NULL && images[i].file != NULL);
    }
}

static size_t compare(const char *folder, bool as_blobs, size_t *compared)
{
    struct na_session s;
    struct lp_shim_image images[8];
    struct lp_shim_result result;
    char work[] = "/tmp/limpid-source-XXXXXX";
    size_t input_bytes, output_bytes, different = 0;
    na_open(&s, folder);
    const struct lp_npu_vectors *set = &s.program->vectors[0];
    if (as_blobs && has_lut(s.program)) {
        na_close(&s);
        return 0;
    }
    assert_true(s.program->image_count <= LP_COUNT(images));
    const uint8_t *input = na_file(&s, folder, set->inputs[0], &input_bytes),
                  *expected = na_file(&s, folder, set->outputs[0], &output_bytes);
    assert_non_null(mkdtemp(work));
    write_sources(&s, work, as_blobs);
    images_of(&s, images);
    const struct lp_shim_request request = {.source = lp_arena_printf(&s.arena, "%s/network.c", work),
                                            .root = ".",
                                            .work_folder = work,
                                            .images = images,
                                            .image_count = s.program->image_count,
                                            .inputs = &input,
                                            .input_bytes = &input_bytes,
                                            .input_count = 1,
                                            .inferences = set->count,
                                            .timeout_s = 200};
    if (lp_shim_run(&s.arena, &s.diag, &request, &result) != LP_OK)
        fail_msg("%s: %s%s", folder, lp_text_get(&s.diag.errors), result.report == NULL ? "" : result.report);
    assert_int_equal(result.output_count, 1);
    assert_int_equal(result.output_bytes[0], output_bytes);
    assert_int_equal(result.port_count[0], 1);
    assert_int_equal(result.ports[0][0].bytes * set->count, input_bytes);
    for (size_t i = 0; i < output_bytes; i++)
        different += result.outputs[0][i] != expected[i];
    *compared += output_bytes;
    remove_folder(work);
    na_close(&s);
    if (different > 0)
        print_message("%s%s: %zu bytes differ\n", folder, as_blobs ? " as blobs" : "", different);
    return different;
}

static size_t compare_both(const char *folder, size_t *compared)
{
    return compare(folder, false, compared) + compare(folder, true, compared);
}

static void own_programs_as_c(void **state)
{
    (void)state;
    static const char *const names[] = {"convolution_simd1", "pipe_deep", "memory_accumulation", "self_accumulation",
                                        "activ_function",    "activ_lut", "dual_affine",         "pool_max"};
    size_t compared = 0, different = 0;
    for (size_t i = 0; i < LP_COUNT(names); i++) {
        char folder[200];
        snprintf(folder, sizeof folder, "tests/vectors/neural-art/%s", names[i]);
        different += compare_both(folder, &compared);
    }
    print_message("%zu programs, %zu bytes compared\n", LP_COUNT(names), compared);
    assert_int_equal(different, 0);
}

static void captures_as_c(void **state)
{
    (void)state;
    static const char *const names[] = {"cnn_small", "dense_10x10", "dense_256", "dense_64"};
    size_t compared = 0, different = 0;
    if (access("../shared/captures/manifest.json", R_OK) != 0) {
        print_message("SKIP captures as generated C: ../shared is not present\n");
        skip();
    }
    for (size_t i = 0; i < LP_COUNT(names); i++) {
        char folder[200];
        snprintf(folder, sizeof folder, "../shared/captures/%s", names[i]);
        different += compare_both(folder, &compared);
    }
    print_message("%zu programs, %zu bytes compared\n", LP_COUNT(names), compared);
    assert_int_equal(different, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_programs_as_c),
        cmocka_unit_test(captures_as_c),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
