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

/* What generate writes from a graph, which programs made here do not have. */
static const char made_header[] = "#ifndef MADE_H\n#define MADE_H\n#include \"runtime/epoch/network.h\"\n"
                                  "extern const struct lp_network_desc made_network;\n#endif\n";

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
    assert_int_equal(lp_npu_emit_project(&in, &out->output, &s->diag), LP_OK);
    assert_int_equal(lp_section_check(&out->tables, &s->diag), LP_OK);
    assert_int_equal(lp_output_add_static(&out->output, &s->diag, "made.h", made_header, sizeof made_header - 1), LP_OK);
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
    sources[count++] = "runtime/kernels/reference/dot_s16.c";
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

/* What an application would be, with the log that the runtime prints counted. */
static const char application_source[] =
    "#include \"made.h\"\n#include \"made_board.h\"\n#include <string.h>\n"
    "extern int lp_shim_main(const uint8_t *in, uint32_t in_bytes, uint8_t *out, uint32_t out_bytes);\n"
    "static unsigned epochs, lines;\n"
    "static void count(void *ctx, const char *line)\n{\n    (void)ctx;\n    lines++;\n"
    "    epochs += strncmp(line, \"epoch \", 6) == 0;\n}\n"
    "int lp_shim_main(const uint8_t *in, uint32_t in_bytes, uint8_t *out, uint32_t out_bytes)\n{\n"
    "    static struct lp_network net;\n    static int is_open;\n"
    "#if APPLICATION == 1\n"
    "    if (!is_open) {\n        lp_npu_log_to(count, 0);\n"
    "        if (lp_network_open(&net, &made_network, lp_port_default()) != LP_OK)\n            return 1;\n    }\n"
    "    if (lp_network_input_bytes(&net, 0) != in_bytes || lp_network_output_bytes(&net, 0) != out_bytes)\n        return 2;\n"
    "    memcpy(lp_network_input(&net, 0), in, in_bytes);\n"
    "    if (lp_network_run(&net) != LP_OK)\n        return 3;\n"
    "    memcpy(out, lp_network_output(&net, 0), out_bytes);\n"
    "    if (lines < 3 || lines - epochs < 3)\n        return 4;\n"
    "#else\n"
    "    (void)net, (void)count, (void)lines;\n    if (!is_open)\n        made_loop_open();\n"
    "    memcpy(made_network.inputs[0].data, in, in_bytes);\n    made_loop_run();\n"
    "    memcpy(out, made_network.outputs[0].data, out_bytes);\n"
    "#endif\n    is_open = 1;\n    return 0;\n}\n";

static void write_application(struct na_session *s, const struct na_emitted *emitted)
{
    const char *path = lp_arena_printf(&s->arena, "%s/application.c", emitted->folder);
    assert_int_equal(lp_file_write(&s->diag, path, application_source, sizeof application_source - 1), LP_OK);
}

static size_t application_sources(struct na_session *s, const struct na_emitted *emitted, const char **sources)
{
    static const char *const made[] = {"made_npu.c", "made_loop.c", "application.c"};
    static const char *const runtime[] = {"runtime/epoch/network.c",         "runtime/npu/run.c",
                                          "runtime/npu/selfcheck.c",         "runtime/npu/log.c",
                                          "runtime/npu/neural-art/driver.c", "runtime/ports/host/port.c"};
    size_t count = 0;
    for (size_t i = 0; i < LP_COUNT(made); i++)
        sources[count++] = lp_arena_printf(&s->arena, "%s/%s", emitted->folder, made[i]);
    for (size_t i = 0; i < LP_COUNT(runtime); i++)
        sources[count++] = runtime[i];
    return count;
}

const uint8_t *na_emitted_run(struct na_session *s, const struct na_emitted *emitted, const uint8_t *input, size_t input_bytes,
                              uint32_t inferences, size_t *output_bytes)
{
    return na_emitted_apply(s, emitted, NA_NO_APPLICATION, input, input_bytes, inferences, output_bytes);
}

const uint8_t *na_emitted_apply(struct na_session *s, const struct na_emitted *emitted, enum na_application application,
                                const uint8_t *input, size_t input_bytes, uint32_t inferences, size_t *output_bytes)
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
    size_t source_count = has_software ? kernel_sources(sources) : 0;
    if (application != NA_NO_APPLICATION) {
        write_application(s, emitted);
        source_count += application_sources(s, emitted, sources + source_count);
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
                                            .source_count = source_count,
                                            .flags = application == NA_RUNTIME ? "-DAPPLICATION=1 -DLP_NPU_LOG"
                                                     : application == NA_LOOP  ? "-DAPPLICATION=2"
                                                                               : NULL,
                                            .has_application = application != NA_NO_APPLICATION,
                                            .timeout_s = 200};
    if (lp_shim_run(&s->arena, &s->diag, &request, &result) != LP_OK)
        fail_msg("%s: %s%s", p->name, lp_text_get(&s->diag.errors), result.report == NULL ? "" : result.report);
    assert_int_equal(result.output_count, 1);
    assert_int_equal(result.port_count[0], 1);
    assert_int_equal(result.ports[0][0].bytes * inferences, input_bytes);
    *output_bytes = result.output_bytes[0];
    return result.outputs[0];
}
