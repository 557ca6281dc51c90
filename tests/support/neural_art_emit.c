#define _GNU_SOURCE
#include "tests/support/neural_art_emit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/base/file.h"
#include "simulator/shim/shim.h"

enum { MOST_IMAGES = 8, MOST_SOURCES = 32 };

void na_emit(struct na_session *s, struct lp_npu_program *program, const struct lp_npu_software *software,
             uint32_t software_count, bool as_blobs, struct na_emitted *out)
{
    *out = (struct na_emitted){
        .folder = "/tmp/limpid-emit-XXXXXX", .tables = {.name = "program", .arena = &s->arena}, .output = {.arena = &s->arena}};
    assert_non_null(mkdtemp(out->folder));
    assert_int_equal(lp_npu_cache_plan(&s->arena, &s->diag, program, software, software_count), LP_OK);
    const struct lp_npu_emit_input in = {.program = program,
                                         .software = software,
                                         .software_count = software_count,
                                         .name = "made",
                                         .banner = "/* made by a test */\n",
                                         .as_blobs = as_blobs};
    if (lp_npu_emit(&in, &out->tables, &out->output, &s->diag) != LP_OK)
        fail_msg("%s: %s", program->name, lp_text_get(&s->diag.errors));
    assert_int_equal(lp_section_check(&out->tables, &s->diag), LP_OK);
    for (size_t i = 0; i < out->output.count; i++) {
        const struct lp_output_file *file = &out->output.files[i];
        const char *path = lp_arena_printf(&s->arena, "%s/%s", out->folder, file->path);
        assert_non_null(path);
        assert_int_equal(lp_file_write(&s->diag, path, file->data, file->size_bytes), LP_OK);
    }
}

void na_emitted_remove(const struct na_emitted *emitted)
{
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", emitted->folder);
    assert_int_equal(system(command), 0);
}

/* Kernel sources of the reference family: what a folder that generate leaves would list. */
static size_t kernel_sources(const char **sources)
{
    size_t count = 0;
#define X(symbol, args_struct, family, source, isa) sources[count++] = source;
    LP_KERNELS(X)
#undef X
    sources[count++] = "runtime/kernels/reference/binary.c";
    sources[count++] = "runtime/kernels/reference/output_s8.c";
    sources[count++] = "runtime/kernels/reference/pool_s8.c";
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        /* One file may hold several kernels. */
        bool is_known = strstr(sources[i], "/reference/") == NULL;
        for (size_t k = 0; k < kept; k++)
            is_known = is_known || strcmp(sources[k], sources[i]) == 0;
        if (!is_known)
            sources[kept++] = sources[i];
    }
    return kept;
}

const uint8_t *na_emitted_run(struct na_session *s, const struct na_emitted *emitted, const uint8_t *input, size_t input_bytes,
                              uint32_t inferences, size_t *output_bytes)
{
    struct lp_shim_image images[MOST_IMAGES];
    const char *sources[4 * MOST_SOURCES];
    struct lp_shim_result result;
    const struct lp_npu_program *p = s->program;
    bool has_software = false;
    assert_true(p->image_count <= MOST_IMAGES);
    for (uint32_t i = 0; i < p->epoch_count; i++)
        has_software = has_software || p->epochs[i].kind == LP_NPU_EPOCH_SW;
    for (uint32_t i = 0; i < p->image_count; i++) {
        images[i].place = lp_arena_printf(&s->arena, "0x%x", p->images[i].base);
        images[i].file = lp_arena_printf(&s->arena, "%s/%s", emitted->folder, p->images[i].file);
        assert_true(images[i].place != NULL && images[i].file != NULL);
    }
    const struct lp_shim_request request = {.source = lp_arena_printf(&s->arena, "%s/made.c", emitted->folder),
                                            .root = ".",
                                            .work_folder = emitted->folder,
                                            .images = images,
                                            .image_count = p->image_count,
                                            .inputs = &input,
                                            .input_bytes = &input_bytes,
                                            .input_count = 1,
                                            .inferences = inferences,
                                            .sources = sources,
                                            .source_count = has_software ? kernel_sources(sources) : 0,
                                            .timeout_s = 200};
    if (lp_shim_run(&s->arena, &s->diag, &request, &result) != LP_OK)
        fail_msg("%s: %s%s", p->name, lp_text_get(&s->diag.errors), result.report == NULL ? "" : result.report);
    assert_int_equal(result.output_count, 1);
    assert_int_equal(result.port_count[0], 1);
    assert_int_equal(result.ports[0][0].bytes * inferences, input_bytes);
    *output_bytes = result.output_bytes[0];
    return result.outputs[0];
}
