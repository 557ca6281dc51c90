#include "compiler/emit/emit.h"

#include "compiler/emit/parts.h"

#include <string.h>
#include <zlib.h>

static lp_status add_file(struct lp_output *output, struct lp_diag *diag, struct lp_output_file file)
{
    if (output->count == output->capacity) {
        size_t capacity = output->capacity == 0 ? 32 : output->capacity * 2;
        struct lp_output_file *files = LP_NEW_ARRAY(output->arena, capacity, struct lp_output_file);
        if (files == NULL)
            return lp_no_memory(diag);
        if (output->count != 0)
            memcpy(files, output->files, output->count * sizeof *files);
        output->files = files;
        output->capacity = capacity;
    }
    output->files[output->count++] = file;
    return LP_OK;
}

lp_status lp_output_add_static(struct lp_output *output, struct lp_diag *diag, const char *path, const char *data,
                               size_t size_bytes)
{
    return add_file(output, diag, (struct lp_output_file){path, data, size_bytes});
}

lp_status lp_output_add(struct lp_output *output, struct lp_diag *diag, const char *path, struct lp_text *text)
{
    size_t length = text->length;
    char *copy = text->failed ? NULL : lp_arena_text(output->arena, lp_text_get(text), length);
    lp_text_free(text);
    if (copy == NULL)
        return lp_no_memory(diag);
    return add_file(output, diag, (struct lp_output_file){path, copy, length});
}

uint32_t lp_emit_crc32(const void *data, size_t size_bytes)
{
    return (uint32_t)crc32_z(0, data, size_bytes);
}

void lp_emit_banner(const struct lp_emit_input *in, struct lp_text *out)
{
    char comment[LP_COMMENT_BYTES];
    lp_text_printf(out, "/* Generated: do not edit. limpid %s, target %s.\n", in->version, in->program->target->name);
    lp_text_printf(out, " * model   %s  sha256 %s\n", lp_emit_comment(in->model_file, comment), in->model_sha256);
    lp_text_printf(out, " * flags   %s\n", in->flags[0] == '\0' ? "none" : lp_emit_comment(in->flags, comment));
    lp_text_printf(out, " * memory  arena %u bytes, weights %u bytes; the whole account is in report.json */\n",
                   (unsigned)in->arena_bytes, (unsigned)in->program->weights.size_bytes);
}

enum part { PART_NETWORK, PART_HEADER, PART_WEIGHTS, PART_WEIGHTS_HEADER, PART_EXAMPLE, PART_COUNT };

static lp_status emit_part(const struct lp_emit_input *in, struct lp_output *output, struct lp_diag *diag, enum part part)
{
    static const char *const suffixes[PART_COUNT] = {".c", ".h", "_weights.c", "_weights.h", "_example.c"};
    struct lp_text text = {0};
    lp_status status = LP_OK;
    lp_emit_banner(in, &text);
    if (part == PART_NETWORK)
        lp_emit_network(in, output->arena, &text);
    else if (part == PART_HEADER)
        lp_emit_header(in, &text);
    else if (part == PART_WEIGHTS)
        status = lp_emit_weights(in, &text, diag);
    else if (part == PART_WEIGHTS_HEADER)
        lp_emit_weights_header(in, &text);
    else
        lp_emit_example(in, &text);
    const char *path = lp_arena_printf(output->arena, "%s%s", in->name, suffixes[part]);
    if (status == LP_OK && path == NULL)
        status = lp_no_memory(diag);
    if (status == LP_OK)
        return lp_output_add(output, diag, path, &text);
    lp_text_free(&text);
    return status;
}

lp_status lp_emit(const struct lp_emit_input *in, struct lp_output *output, struct lp_diag *diag)
{
    bool has_weights = in->program->weights.size_bytes != 0;
    lp_status status = LP_OK;
    for (int part = 0; part < PART_COUNT && status == LP_OK; part++)
        if (has_weights || (part != PART_WEIGHTS && part != PART_WEIGHTS_HEADER))
            status = emit_part(in, output, diag, (enum part)part);
    static const char *const own[] = {".c", "_weights.c"};
    return status == LP_OK ? lp_emit_sources(in, own, has_weights ? 2 : 1, NULL, 0, output, diag) : status;
}

lp_status lp_emit_around(const struct lp_emit_input *in, const char *const *own, size_t own_count, const char *const *more,
                         size_t more_count, struct lp_output *output, struct lp_diag *diag)
{
    lp_status status = emit_part(in, output, diag, PART_HEADER);
    if (status == LP_OK)
        status = emit_part(in, output, diag, PART_EXAMPLE);
    return status == LP_OK ? lp_emit_sources(in, own, own_count, more, more_count, output, diag) : status;
}
