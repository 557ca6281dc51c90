/* NAME_npu.c and NAME_loop.c. */
#include "compiler/emit/neural-art/project.h"

#include <string.h>

#include "compiler/emit/parts.h"

enum { MOST_POOLS = 64, BLOCK_TIMEOUT_US = 1000000 };

static void widen(struct lp_npu_used *pools, uint32_t count, uint64_t start, uint64_t end)
{
    for (uint32_t i = 0; i < count; i++) {
        struct lp_npu_used *u = &pools[i];
        uint64_t base = u->pool->base, limit = base + u->pool->size_bytes;
        if (start >= limit || end <= base)
            continue;
        uint64_t from = start > base ? start : base, to = end < limit ? end : limit;
        u->start = u->start == u->end || from < u->start ? from : u->start;
        u->end = to > u->end ? to : u->end;
    }
}

uint32_t lp_npu_used_pools(const struct lp_npu_emit_input *in, struct lp_npu_used *out)
{
    const struct lp_npu_program *p = in->program;
    uint32_t count = 0, kept = 0;
    for (uint32_t i = 0; i < p->pool_count; i++)
        if (!p->pools[i].is_virtual)
            out[count++] = (struct lp_npu_used){.pool = &p->pools[i]};
    for (int role = 0; role < LP_NPU_BUFFER_ROLES; role++)
        for (uint32_t i = 0; role != LP_NPU_PARAMETER && i < p->buffers[role].count; i++) {
            const struct lp_npu_buffer *b = &p->buffers[role].items[i];
            widen(out, count, b->address, (uint64_t)b->address + b->size_bytes);
        }
    for (uint32_t i = 0; i < p->image_count; i++)
        for (uint32_t k = 0; k < count; k++)
            if (p->images[i].base >= out[k].pool->base && p->images[i].base - out[k].pool->base < out[k].pool->size_bytes)
                out[k].holds_constants = true;
    for (uint32_t k = 0; k < count; k++)
        if (out[k].start != out[k].end || out[k].holds_constants)
            out[kept++] = out[k];
    return kept;
}

/* ---- NAME_npu.c ---- */

static void put_block_number(struct lp_npu_source *s, uint32_t first, uint32_t count)
{
    (void)count;
    lp_text_printf(s->out, " %d,", s->in->program->epochs[first].id);
}

static uint32_t block_of_epoch(const struct lp_npu_source *s, uint32_t epoch)
{
    const struct lp_npu_program *p = s->in->program;
    uint32_t block = 0;
    for (uint32_t i = 1; i <= epoch; i++)
        block += !s->in->as_blobs || p->epochs[i].kind != LP_NPU_EPOCH_HW || p->epochs[i - 1].kind != LP_NPU_EPOCH_HW;
    return block;
}

/* What each epoch leaves, for the log of the device: buffers by the epoch that first writes them. Inside a program of the epoch
 * controller nobody can look; what its last epoch leaves is seen behind it. */
static uint32_t put_written(struct lp_npu_source *s)
{
    const struct lp_npu_program *p = s->in->program;
    uint32_t count = 0;
    lp_text_printf(s->out, "\n#ifdef LP_NPU_LOG\nstatic const struct lp_npu_written %s_written[] = {\n", s->in->name);
    for (int role = 0; role < LP_NPU_BUFFER_ROLES; role++)
        for (uint32_t i = 0; (role == LP_NPU_OUTPUT || role == LP_NPU_INTERMEDIATE) && i < p->buffers[role].count; i++) {
            const struct lp_npu_buffer *b = &p->buffers[role].items[i];
            if (b->first_epoch < 0 || (uint32_t)b->first_epoch >= p->epoch_count)
                continue;
            lp_text_printf(s->out, "    {%u, {(uint8_t *)0x%08xUL, %u}},\n", block_of_epoch(s, (uint32_t)b->first_epoch),
                           b->address, b->size_bytes);
            count++;
        }
    if (count == 0)
        lp_text_printf(s->out, "    {0, {NULL, 0}},\n");
    lp_text_printf(s->out, "};\n#endif\n");
    return count;
}

static void put_memories(struct lp_npu_source *s, uint32_t *pool_count, uint64_t range[2])
{
    const struct lp_npu_program *p = s->in->program;
    struct lp_npu_used pools[MOST_POOLS];
    uint32_t count = p->pool_count > MOST_POOLS ? 0 : lp_npu_used_pools(s->in, pools);
    *pool_count = 0;
    lp_text_printf(s->out, "static const struct lp_npu_range %s_pools[] = {\n", s->in->name);
    for (uint32_t i = 0; i < count; i++) {
        if (pools[i].start == pools[i].end)
            continue;
        lp_text_printf(s->out, "    {(uint8_t *)0x%08xUL, %u}, /* %s */\n", (unsigned)pools[i].start,
                       (unsigned)(pools[i].end - pools[i].start), pools[i].pool->name);
        range[0] = *pool_count == 0 || pools[i].start < range[0] ? pools[i].start : range[0];
        range[1] = *pool_count == 0 || pools[i].end > range[1] ? pools[i].end : range[1];
        (*pool_count)++;
    }
    lp_text_printf(s->out, "};\n");
    if (p->image_count == 0)
        return;
    lp_text_printf(s->out, "static const struct lp_npu_constants %s_constants[] = {\n", s->in->name);
    for (uint32_t i = 0; i < p->image_count; i++)
        lp_text_printf(s->out, "    {(const uint8_t *)0x%08xUL, %u, 0x%08xu}, /* %s */\n", p->images[i].base,
                       p->images[i].size_bytes, lp_emit_crc32(p->images[i].bytes, p->images[i].size_bytes), p->images[i].file);
    lp_text_printf(s->out, "};\n");
}

static void put_ports(struct lp_npu_source *s, const char *direction, const struct lp_npu_buffers *buffers)
{
    static const struct {
        const char *dtype, *element;
    } types[] = {{"int8", "INT8"},   {"uint8", "UINT8"}, {"int16", "INT16"},    {"int32", "INT32"},
                 {"int64", "INT64"}, {"bool", "BOOL"},   {"float32", "FLOAT32"}};
    lp_text_printf(s->out, "static const struct lp_port_desc %s_%s[] = {\n", s->in->name, direction);
    for (uint32_t i = 0; i < buffers->count; i++) {
        const struct lp_npu_buffer *b = &buffers->items[i];
        const char *element = "UINT8";
        for (size_t k = 0; k < LP_COUNT(types); k++)
            element = strcmp(types[k].dtype, b->dtype) == 0 ? types[k].element : element;
        lp_text_printf(s->out, "    {.data = (void *)0x%08xUL, .size_bytes = %u, .element = LP_ELEMENT_%s, .scale = ", b->address,
                       b->size_bytes, element);
        lp_emit_float(s->out, b->scale_count == 0 ? 0.0f : (float)b->scale[0]);
        lp_text_printf(s->out, ", .zero_point = %d},\n", b->zero_point_count == 0 ? 0 : b->zero_point[0]);
    }
    lp_text_printf(s->out, "};\n");
}

/* What the network keeps from one inference to the next, for lp_network_reset. */
static void put_states(struct lp_npu_source *s)
{
    const struct lp_npu_program *p = s->in->program;
    if (p->state_count == 0)
        return;
    lp_text_printf(s->out, "static const struct lp_state_desc %s_states[] = {\n", s->in->name);
    for (uint32_t i = 0; i < p->state_count; i++) {
        lp_text_printf(s->out, "    {.data = (uint8_t *)0x%08xUL, .size_bytes = %u, ", p->states[i].base,
                       p->states[i].size_bytes);
        if (p->states[i].same_at != 0)
            lp_text_printf(s->out, ".initial = (const uint8_t *)0x%08xUL},\n", p->states[i].same_at);
        else
            lp_text_printf(s->out, ".fill = %u},\n", p->states[i].bytes[0]);
    }
    lp_text_printf(s->out, "};\n");
}

static uint32_t blocks_of(const struct lp_npu_source *s)
{
    return s->in->program->epoch_count == 0 ? 0 : block_of_epoch(s, s->in->program->epoch_count - 1) + 1;
}

void lp_npu_put_description(struct lp_npu_source *s)
{
    const struct lp_npu_program *p = s->in->program;
    const char *n = s->in->name;
    uint32_t pools = 0;
    uint64_t range[2] = {0, 0};
    lp_text_printf(s->out,
                   "%s#include \"%s.h\"\n#include \"%s_board.h\"\n\n#include <ll_aton_runtime.h>\n#include <stddef.h>\n\n"
                   "LL_ATON_DECLARE_NAMED_NN_INSTANCE_AND_INTERFACE(%s)\n\nextern volatile uint16_t %s_failed_epoch;\n"
                   "static struct lp_npu_state %s_state;\nstatic const uint16_t %s_block_epochs[] = {",
                   s->in->banner, n, n, n, n, n, n);
    lp_npu_each_block(s, put_block_number);
    lp_text_printf(s->out, "};\n");
    put_memories(s, &pools, range);
    uint32_t written = put_written(s);
    lp_text_printf(s->out,
                   "\nconst struct lp_npu_network %s_npu = {\n    .driver = &lp_npu_driver_neural_art,\n    .instance = "
                   "&NN_Instance_%s,\n    .desc = &%s_network,\n    .state = &%s_state,\n    .failed_epoch = &%s_failed_epoch,\n"
                   "    .epochs = %s_block_epochs,\n    .pools = %s_pools,\n    .pool_count = %u,\n",
                   n, n, n, n, n, n, n, pools);
    if (p->image_count > 0)
        lp_text_printf(s->out, "    .constants = %s_constants,\n    .constants_count = %u,\n", n, p->image_count);
    lp_text_printf(s->out,
                   "#ifdef LP_NPU_LOG\n    .written = %s_written,\n    .written_count = %u,\n#endif\n    .timeout_us = %d,\n    "
                   ".block_count = %u,\n};\n\n",
                   n, written, BLOCK_TIMEOUT_US, blocks_of(s));
    put_ports(s, "inputs", &p->buffers[LP_NPU_INPUT]);
    put_ports(s, "outputs", &p->buffers[LP_NPU_OUTPUT]);
    put_states(s);
    lp_text_printf(
        s->out,
        "static const struct lp_epoch %s_epoch = {lp_npu_run, &%s_npu};\n\nconst struct lp_network_desc %s_network = {\n"
        "    .abi = LP_ABI,\n    .epoch_count = 1,\n    .input_count = %u,\n    .output_count = %u,\n    .epochs = "
        "&%s_epoch,\n    .inputs = %s_inputs,\n    .outputs = %s_outputs,\n    .arena_bytes = %u,\n    .arena = (uint8_t "
        "*)0x%08xUL,\n    .setup = lp_npu_setup,\n",
        n, n, n, p->buffers[LP_NPU_INPUT].count, p->buffers[LP_NPU_OUTPUT].count, n, n, n, (unsigned)(range[1] - range[0]),
        (unsigned)range[0]);
    if (p->state_count != 0)
        lp_text_printf(s->out, "    .state_count = %u,\n    .states = %s_states,\n", p->state_count, n);
    lp_text_printf(s->out, "};\n");
}

/* ---- NAME_loop.c ---- */

static void put_cache_calls(struct lp_npu_source *s, const char *call, const struct lp_npu_buffers *buffers)
{
    for (uint32_t i = 0; i < buffers->count; i++)
        lp_text_printf(s->out, "    %s(0x%08xUL, %u);\n", call, buffers->items[i].address, buffers->items[i].size_bytes);
}

void lp_npu_put_loop(struct lp_npu_source *s)
{
    const struct lp_npu_program *p = s->in->program;
    const char *n = s->in->name;
    lp_text_printf(
        s->out,
        "%s/* The run loop by hand, for a project that does without lp_network_run. Every line is needed, in this order:\n"
        " * without the clean the NPU sees old inputs, without the reset every inference but the first returns at once\n"
        " * and the old output stays, without the invalidate the processor reads its own stale copy. */\n"
        "#include \"%s_board.h\"\n\n#include <ll_aton_caches_interface.h>\n#include <ll_aton_runtime.h>\n\n"
        "LL_ATON_DECLARE_NAMED_NN_INSTANCE_AND_INTERFACE(%s)\n\n"
        "void %s_loop_open(void)\n{\n    LL_ATON_RT_RuntimeInit();\n    LL_ATON_RT_Init_Network(&NN_Instance_%s);\n}\n\n"
        "/* Inputs have been written, outputs can be read afterwards. */\nvoid %s_loop_run(void)\n{\n",
        s->in->banner, n, n, n, n, n);
    put_cache_calls(s, "LL_ATON_Cache_MCU_Clean_Range", &p->buffers[LP_NPU_INPUT]);
    lp_text_printf(s->out,
                   "    LL_ATON_RT_Reset_Network(&NN_Instance_%s);\n    LL_ATON_RT_RetValues_t result;\n    do {\n"
                   "        result = LL_ATON_RT_RunEpochBlock(&NN_Instance_%s);\n        if (result == LL_ATON_RT_WFE)\n"
                   "            LL_ATON_OSAL_WFE();\n    } while (result != LL_ATON_RT_DONE);\n",
                   n, n);
    put_cache_calls(s, "LL_ATON_Cache_MCU_Invalidate_Range", &p->buffers[LP_NPU_OUTPUT]);
    lp_text_printf(s->out, "}\n");
}
