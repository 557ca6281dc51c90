/* Programs in the form of the epoch controller give what the same programs give in the plain form. Epochs become register
 * writes twice, by the code that generates programs and by a writer of the suite that shares none of it; both are decoded and
 * executed by the code under test. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "neural-art/ec_encode.h"
#include "neural-art/ec_run.h"
#include "tests/support/neural_art_blob.h"
#include "tests/support/neural_art_random.h"
#include "tests/support/neural_art_session.h"

static const uint32_t table_address = 0xfff00000;

/* The program's pools and one for the tables. */
static void open_memory(struct na_session *s)
{
    struct lp_npu_program *p = s->program;
    struct lp_npu_pool_memory *pools = LP_NEW_ARRAY(&s->arena, p->pool_count + 1, struct lp_npu_pool_memory);
    assert_non_null(pools);
    memcpy(pools, p->pools, p->pool_count * sizeof *pools);
    pools[p->pool_count] = (struct lp_npu_pool_memory){
        .name = "tables", .base = table_address, .size_bytes = 1 << 16, .is_writable = true};
    p->pools = pools;
    p->pool_count++;
    memset(&s->ram, 0, sizeof s->ram);
    if (lp_sim_ram_open(&s->arena, &s->diag, p, &s->ram) != LP_OK)
        fail_msg("%s", lp_text_get(&s->diag.errors));
}

static lp_status put(void *ctx, uint32_t address, const uint8_t *bytes, size_t count)
{
    struct na_session *s = ctx;
    return lp_sim_ram_put(&s->ram, address, bytes, count);
}

static lp_status run_epoch(void *ctx, const struct lp_npu_epoch *epoch)
{
    struct na_session *s = ctx;
    struct lp_sim_epoch_report report;
    return lp_sim_run_epoch(NULL, epoch, &s->ram.memory, &s->options, &s->report.findings, &report);
}

enum writer { OF_THE_SUITE, OF_THE_PRODUCT, WRITERS };

static lp_status write_by_suite(struct na_session *s, const uint32_t **words, size_t *count)
{
    struct lp_text text = {0};
    for (uint32_t i = 0; i < s->program->epoch_count; i++)
        na_blob_epoch(&s->program->epochs[i], &s->ram, &text);
    lp_text_printf(&text, "label 0\nirq 0\n");
    lp_status status = lp_ec_assemble(&s->arena, &s->diag, "blob", lp_text_get(&text), text.length, words, count);
    lp_text_free(&text);
    return status;
}

static lp_status fetch(void *ctx, uint32_t address, void *bytes, size_t count)
{
    struct na_session *s = ctx;
    return lp_sim_ram_get(&s->ram, address, bytes, count);
}

static lp_status write_by_product(struct na_session *s, const uint32_t **words, size_t *count)
{
    const struct lp_ec_memory memory = {s, fetch};
    const struct lp_npu_epoch **epochs = LP_NEW_ARRAY(&s->arena, s->program->epoch_count, const struct lp_npu_epoch *);
    assert_non_null(epochs);
    for (uint32_t i = 0; i < s->program->epoch_count; i++)
        epochs[i] = &s->program->epochs[i];
    lp_status status = lp_ec_encode(&s->arena, &s->diag, epochs, s->program->epoch_count, &memory, words, count);
    if (status == LP_OK)
        assert_int_equal(*count % 16, 0);
    return status;
}

/* All epochs in one blob. */
static void run_as_blob(struct na_session *s, enum writer writer)
{
    const struct lp_ec_host host = {s, table_address, put, run_epoch};
    const uint32_t *words, *program;
    size_t count;
    uint32_t instructions;
    s->report.findings = (struct lp_sim_findings){.arena = &s->arena};
    lp_status status = writer == OF_THE_SUITE ? write_by_suite(s, &words, &count) : write_by_product(s, &words, &count);
    if (status == LP_OK)
        status = lp_ec_program(&s->diag, "blob", words, count, &program, &instructions);
    if (status == LP_OK)
        status = lp_ec_run(&s->arena, &s->diag, "blob", program, instructions, &host);
    if (status != LP_OK) {
        na_print_findings(s);
        fail_msg("%s: %s", s->program->name, lp_text_get(&s->diag.errors));
    }
}

/* The device's activation units have no such table: there is no register for it. */
static bool has_lut(const struct lp_npu_program *p)
{
    for (uint32_t i = 0; i < p->epochs->unit_count[LP_NPU_ACTIV]; i++)
        if (p->epochs->activ[i].operation == LP_NPU_ACTIV_LUT)
            return true;
    return false;
}

/* *compared stays as it was when the program cannot be a blob. */
static size_t compare_vectors(const char *folder, size_t *compared)
{
    struct na_session s;
    size_t different = 0, in_size, out_size;
    na_open(&s, folder);
    open_memory(&s);
    const struct lp_npu_vectors *set = &s.program->vectors[0];
    if (has_lut(s.program)) {
        na_close(&s);
        return 0;
    }
    const struct lp_npu_buffer *in = s.program->buffers[LP_NPU_INPUT].items, *out = s.program->buffers[LP_NPU_OUTPUT].items;
    const uint8_t *inputs = na_file(&s, folder, set->inputs[0], &in_size);
    const uint8_t *expected = na_file(&s, folder, set->outputs[0], &out_size);
    uint8_t *outputs = lp_arena_alloc(&s.arena, out->size_bytes, 1);
    assert_non_null(outputs);
    for (uint32_t i = 0; i < WRITERS * (set->count < 4 ? set->count : 4); i++) {
        uint32_t v = i / WRITERS;
        assert_int_equal(lp_sim_ram_reset(&s.ram, s.program), LP_OK);
        assert_int_equal(lp_sim_ram_put(&s.ram, in->address, inputs + v * in->size_bytes, in->size_bytes), LP_OK);
        run_as_blob(&s, (enum writer)(i % WRITERS));
        assert_int_equal(lp_sim_ram_get(&s.ram, out->address, outputs, out->size_bytes), LP_OK);
        for (size_t k = 0; k < out->size_bytes; k++)
            different += outputs[k] != expected[v * out->size_bytes + k];
        *compared += out->size_bytes;
    }
    na_close(&s);
    return different;
}

/* Every folder below `root` with a program in it, but those whose name begins with "board". */
static size_t compare_folders(const char *root, size_t *programs, size_t *compared)
{
    DIR *list = opendir(root);
    size_t different = 0;
    for (struct dirent *entry; list != NULL && (entry = readdir(list)) != NULL;) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s/program.json", root, entry->d_name);
        FILE *file = strncmp(entry->d_name, "board", 5) == 0 ? NULL : fopen(path, "rb");
        if (file == NULL)
            continue;
        fclose(file);
        snprintf(path, sizeof path, "%s/%s", root, entry->d_name);
        size_t before = *compared, wrong = compare_vectors(path, compared);
        if (wrong > 0)
            print_message("%s: %zu bytes differ\n", path, wrong);
        different += wrong;
        *programs += *compared != before;
    }
    if (list != NULL)
        closedir(list);
    return different;
}

static void own_programs_as_blobs(void **state)
{
    (void)state;
    size_t programs = 0, compared = 0;
    assert_int_equal(compare_folders("tests/vectors/neural-art", &programs, &compared), 0);
    print_message("%zu programs, %zu bytes compared\n", programs, compared);
    assert_true(programs >= 20);
}

static void captures_as_blobs(void **state)
{
    (void)state;
    size_t programs = 0, compared = 0;
    size_t different = compare_folders("../shared/captures", &programs, &compared);
    if (programs == 0) {
        print_message("SKIP captures as blobs: ../shared is not present\n");
        skip();
    }
    print_message("%zu programs, %zu bytes compared\n", programs, compared);
    assert_int_equal(different, 0);
}

/* Random programs: memory afterwards is the same as when the structures are executed. */
static void random_programs_as_blobs(void **state)
{
    (void)state;
    size_t compared = 0, skipped = 0;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        struct na_session s;
        memset(&s, 0, sizeof s);
        struct lp_npu_program *p = na_random_program(&s.arena, seed);
        uint8_t *plain = lp_arena_alloc(&s.arena, NA_RANDOM_POOL_BYTES, 1),
                *blob = lp_arena_alloc(&s.arena, NA_RANDOM_POOL_BYTES, 1);
        size_t bytes = p->images[0].size_bytes;
        na_open_program(&s, p);
        if (has_lut(p)) {
            skipped++;
            na_close(&s);
            continue;
        }
        assert_int_equal(lp_sim_run(&s.arena, p, &s.ram.memory, &s.options, &s.report), LP_OK);
        assert_int_equal(lp_sim_ram_get(&s.ram, NA_RANDOM_RAM, plain, bytes), LP_OK);
        open_memory(&s);
        for (enum writer writer = 0; writer < WRITERS; writer++) {
            assert_int_equal(lp_sim_ram_reset(&s.ram, p), LP_OK);
            run_as_blob(&s, writer);
            assert_int_equal(lp_sim_ram_get(&s.ram, NA_RANDOM_RAM, blob, bytes), LP_OK);
            if (memcmp(plain, blob, bytes) != 0)
                fail_msg("seed %llu: the blob of writer %d stores other bytes", (unsigned long long)seed, (int)writer);
            compared += bytes;
        }
        na_close(&s);
    }
    print_message("%zu bytes compared, %zu programs with a table that registers cannot hold\n", compared, skipped);
}

/* A table that no register holds is refused with its place, not written as something else. */
static void luts_are_refused(void **state)
{
    (void)state;
    struct na_session s;
    const uint32_t *words;
    size_t count;
    na_open(&s, "tests/vectors/neural-art/activ_lut");
    assert_int_equal(write_by_product(&s, &words, &count), LP_UNSUPPORTED);
    assert_non_null(strstr(lp_text_get(&s.diag.errors), "ACTIV0: operation (found 5)"));
    na_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_programs_as_blobs),
        cmocka_unit_test(random_programs_as_blobs),
        cmocka_unit_test(captures_as_blobs),
        cmocka_unit_test(luts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
