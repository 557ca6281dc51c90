#include "compiler/emit/neural-art/npu_emit.h"

#include "compiler/emit/neural-art/placement.h"
#include "compiler/emit/neural-art/project.h"
#include "compiler/emit/neural-art/source.h"
#include "neural-art/ec_listing.h"
#include "neural-art/hex.h"

#include <string.h>

/* Generations differ in the type of a block, in what a block's functions receive, and in the functions that newer runtimes
 * ask for; the vendor's own version macros tell them apart. */
static void put_head(struct lp_npu_source *s)
{
    const char *n = s->in->name;
    lp_text_printf(
        s->out,
        "%s#include \"ll_aton_NN_interface.h\"\n#include \"ll_aton.h\"\n#include \"ll_aton_lib.h\"\n#include "
        "\"ll_aton_version.h\"\n"
        "\n#if LL_ATON_VERSION_MAJOR != 1 || LL_ATON_VERSION_MINOR != 1 || LL_ATON_VERSION_MICRO > 3\n"
        "#error \"this network is for LL_ATON 1.1.0 to 1.1.3\"\n#endif\n"
        "#if LL_ATON_VERSION_MICRO >= 3\n#include \"ll_aton_cipher.h\"\n#endif\n\n"
        "#if LL_ATON_VERSION_MICRO >= 1\n#define LP_BLOCK_ITEM LL_ATON_RT_EpochBlockItem_t\n#else\n"
        "#define LP_BLOCK_ITEM EpochBlock_ItemTypeDef\n#endif\n"
        "/* The functions of a block have a second parameter in 1.1.3-262. If yours is another version between 1.1.3-8 and that\n"
        " * one and the compiler finds other types here, define LP_BLOCKS_TAKE_INSTANCE as 0 or 1. */\n"
        "#ifndef LP_BLOCKS_TAKE_INSTANCE\n"
        "#define LP_BLOCKS_TAKE_INSTANCE (LL_ATON_VERSION_MICRO >= 3 && LL_ATON_VERSION_DEV >= 262)\n#endif\n"
        "#if LP_BLOCKS_TAKE_INSTANCE\n"
        "#define LP_BLOCK_PARAMETERS const LP_BLOCK_ITEM *epoch_block, const NN_Instance_TypeDef *nn_instance\n"
        "#define LP_BLOCK_UNUSED() ((void)epoch_block, (void)nn_instance)\n#else\n"
        "#define LP_BLOCK_PARAMETERS const void *epoch_block\n#define LP_BLOCK_UNUSED() ((void)epoch_block)\n#endif\n"
        "/* 0 adds descriptions of the buffers between input and output, for debuggers. */\n"
        "#ifndef LL_ATON_DBG_BUFFER_INFO_EXCLUDED\n#define LL_ATON_DBG_BUFFER_INFO_EXCLUDED 1\n#endif\n",
        s->in->banner);
    if (s->in->program->state_count > 0)
        lp_text_printf(s->out, "\n#include <string.h>\n");
    if (s->in->software_count > 0)
        lp_text_printf(s->out, "\n#include \"contract/kernel_args.h\"\n#include \"runtime/kernels/kernels.h\"\n");
    if (s->blob_count > 0)
        lp_text_printf(s->out, "\n#include \"%s_ecblobs.h\"\n", n);
}

/* First values, by the CPU: written back, as the NPU may read them first. */
static void put_states(struct lp_npu_source *s)
{
    const struct lp_npu_program *p = s->in->program;
    for (uint32_t i = 0; i < p->state_count; i++) {
        const struct lp_npu_image *state = &p->states[i];
        if (state->same_at != 0)
            lp_text_printf(s->out, "    memcpy((void *)0x%08xUL, (const void *)0x%08xUL, %u);\n", state->base, state->same_at,
                           state->size_bytes);
        else
            lp_text_printf(s->out, "    memset((void *)0x%08xUL, %u, %u);\n", state->base, state->bytes[0], state->size_bytes);
        lp_text_printf(s->out, "    LL_ATON_Cache_MCU_Clean_Range(0x%08xUL, %u);\n", state->base, state->size_bytes);
    }
}

static void put_rest(struct lp_npu_source *s)
{
    const char *n = s->in->name;
    lp_text_printf(s->out, "\n%sbool LL_ATON_EC_Network_Init_%s(void)\n{\n",
                   s->in->program->state_count == 0
                       ? ""
                       : "/* Called by LL_ATON_RT_Init_Network: the next inference is the first one of a sequence. */\n",
                   n);
    put_states(s);
    lp_text_printf(
        s->out,
        "    return true;\n}\n\n"
        "bool LL_ATON_EC_Inference_Init_%s(void)\n{\n    return true;\n}\n\n"
        "#if LL_ATON_VERSION_MICRO >= 3\n"
        "static const LL_Streng_EncryptionTypedef %s_encryption = {.enable = 0};\n\n"
        "const LL_Streng_EncryptionTypedef *LL_ATON_WeightEncryption_Info_%s(void)\n{\n    return &%s_encryption;\n}\n\n"
        "const LL_Streng_EncryptionTypedef *LL_ATON_BlobEncryption_Info_%s(void)\n{\n    return &%s_encryption;\n}\n"
        "#endif\n",
        n, n, n, n, n, n);
    /* unsigned, uint64_t, three unsigned: as the structure lies in memory. */
    enum { ENCRYPTION_BYTES = 32 };
    lp_npu_account(s, LP_CAUSE_IO, LP_NO_LAYER, 1, ENCRYPTION_BYTES);
}

static lp_status add_text(struct lp_npu_source *s, struct lp_output *output, const char *suffix, struct lp_text *text)
{
    const char *path = lp_arena_printf(output->arena, "%s%s", s->in->name, suffix);
    if (path != NULL)
        return lp_output_add(output, s->diag, path, text);
    lp_text_free(text);
    return lp_no_memory(s->diag);
}

static lp_status emit_source(struct lp_npu_source *s, struct lp_output *output)
{
    struct lp_text text = {.is_discarded = s->in->only_accounts};
    s->out = &text;
    put_head(s);
    lp_npu_put_tables(s);
    lp_npu_put_arguments(s);
    lp_npu_put_walkers(s);
    lp_npu_put_blocks(s);
    lp_npu_put_buffers(s);
    put_rest(s);
    if (s->status == LP_OK)
        return add_text(s, output, ".c", &text);
    lp_text_free(&text);
    return s->status;
}

/* NAME_ecblobs.h, and each program alone as a file for `limpid disasm` and for loaders. */
static lp_status emit_blobs(struct lp_npu_source *s, struct lp_output *output)
{
    struct lp_text text = {.is_discarded = s->in->only_accounts};
    struct lp_ec_blob *list = LP_NEW_ARRAY(output->arena, s->blob_count, struct lp_ec_blob);
    if (list == NULL)
        return lp_no_memory(s->diag);
    lp_text_printf(&text, "%s", s->in->banner);
    for (uint32_t i = 0; i < s->blob_count && s->status == LP_OK; i++) {
        const struct lp_npu_blob *blob = &s->blobs[i];
        int id = s->in->program->epochs[blob->first_epoch].id;
        list[i] = (struct lp_ec_blob){lp_arena_printf(output->arena, "_ec_blob_%s_%d", s->in->name, id), blob->words,
                                      blob->word_count};
        const char *path = lp_arena_printf(output->arena, "%s_ecblob_%d.bin", s->in->name, id);
        s->status = list[i].name == NULL || path == NULL
                        ? lp_no_memory(s->diag)
                        : lp_output_add_static(output, s->diag, path, (const char *)blob->words, blob->word_count * 4);
        lp_npu_account(s, LP_CAUSE_EPOCH_PROGRAM, LP_NO_LAYER, blob->word_count, 4);
    }
    if (s->status == LP_OK)
        s->status = lp_ec_header(s->diag, list, s->blob_count, &text);
    if (s->status == LP_OK)
        return add_text(s, output, "_ecblobs.h", &text);
    lp_text_free(&text);
    return s->status;
}

static lp_status emit_images(struct lp_npu_source *s, struct lp_output *output)
{
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < s->in->program->image_count && status == LP_OK; i++) {
        const struct lp_npu_image *image = &s->in->program->images[i];
        if (image->bytes == NULL)
            return lp_error(s->diag, LP_INTERNAL, "the image of pool %s has no bytes", image->pool);
        status = lp_output_add_static(output, s->diag, image->file, (const char *)image->bytes, image->size_bytes);
        if (status != LP_OK || !s->in->with_hex)
            continue;
        struct lp_text text = {0};
        lp_hex_write(&text, image->base, image->bytes, image->size_bytes);
        const char *suffix = lp_arena_printf(output->arena, ".%s.hex", image->pool);
        if (suffix != NULL)
            status = add_text(s, output, suffix, &text);
        else
            status = lp_no_memory(s->diag);
    }
    return status;
}

static lp_status emit_states(struct lp_npu_source *s, struct lp_output *output)
{
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < s->in->program->state_count && status == LP_OK; i++) {
        const struct lp_npu_image *state = &s->in->program->states[i];
        status = lp_output_add_static(output, s->diag, state->file, (const char *)state->bytes, state->size_bytes);
    }
    return status;
}

static lp_status emit_placement(struct lp_npu_source *s, struct lp_output *output)
{
    struct lp_text text = {0}, json = {0};
    lp_npu_placement_text(s->in, &text);
    lp_npu_placement_json(s->in, &json);
    lp_status status = add_text(s, output, "_placement.txt", &text);
    if (status == LP_OK)
        return add_text(s, output, "_placement.json", &json);
    lp_text_free(&json);
    return status;
}

lp_status lp_npu_emit(const struct lp_npu_emit_input *input, struct lp_section *tables, struct lp_output *output,
                      struct lp_diag *diag)
{
    struct lp_npu_source s = {.in = input, .diag = diag, .account = tables};
    s.status = lp_npu_tables_make(output->arena, diag, input->program, !input->as_blobs, &s.tables);
    if (s.status == LP_OK && input->as_blobs)
        s.status = lp_npu_blobs_make(&s);
    if (s.status == LP_OK)
        s.status = emit_source(&s, output);
    if (s.status == LP_OK && s.blob_count > 0)
        s.status = emit_blobs(&s, output);
    if (s.status == LP_OK && !input->only_accounts)
        s.status = emit_images(&s, output);
    if (s.status == LP_OK && !input->only_accounts)
        s.status = emit_states(&s, output);
    if (s.status == LP_OK && !input->only_accounts)
        s.status = emit_placement(&s, output);
    return s.status;
}

lp_status lp_npu_emit_project(const struct lp_npu_emit_input *input, struct lp_output *output, struct lp_diag *diag)
{
    static const struct {
        const char *suffix;
        void (*put)(struct lp_npu_source *s);
    } files[] = {{"_npu.c", lp_npu_put_description},
                 {"_loop.c", lp_npu_put_loop},
                 {"_board.h", lp_npu_put_board_header},
                 {"_board.c", lp_npu_put_board},
                 {"_firewall.txt", lp_npu_put_firewall}};
    for (size_t i = 0; i < LP_COUNT(files); i++) {
        struct lp_text text = {0};
        struct lp_npu_source s = {.in = input, .diag = diag, .out = &text};
        files[i].put(&s);
        lp_status status = add_text(&s, output, files[i].suffix, &text);
        if (status != LP_OK)
            return status;
    }
    return LP_OK;
}
