#include "examples/run-loops/bench.h"

#include <string.h>

#include "simulator/board/cpu.h"

enum { LINE = LP_DATA_CACHE_LINE_BYTES, OWN_AT = 0x34180000 /* in cpuRAM2, which the placement leaves alone at its end */ };

const char *const bench_mistakes[RUN_LOOP_MISTAKES] = {
    [RUN_LOOP_RIGHT] = "none",
    [RUN_LOOP_FORGOTTEN_RESET] = "forgotten-reset",
    [RUN_LOOP_FORGOTTEN_CLEAN] = "forgotten-clean",
    [RUN_LOOP_CLEAN_OF_WRONG_ADDRESS] = "clean-of-wrong-address",
    [RUN_LOOP_CLEAN_OF_WRONG_LENGTH] = "clean-of-wrong-length",
    [RUN_LOOP_INVALIDATE_BEFORE_CLEAN] = "invalidate-before-clean",
    [RUN_LOOP_FORGOTTEN_INVALIDATE] = "forgotten-invalidate",
    [RUN_LOOP_SHARED_LINE] = "shared-line",
    [RUN_LOOP_RESET_BEFORE_DONE] = "reset-before-done",
    [RUN_LOOP_USER_BUFFER] = "user-buffer",
    [RUN_LOOP_OTHER_OUTPUT] = "other-output",
    [RUN_LOOP_UINT8_INPUT] = "uint8-input",
    [RUN_LOOP_FLOAT_INPUT] = "float-input",
    [RUN_LOOP_UNSCALED_INPUT] = "unscaled-input",
    [RUN_LOOP_CHANNEL_FIRST] = "channel-first",
    [RUN_LOOP_STALE_QUANTIZATION] = "stale-quantization",
    [RUN_LOOP_SOFTMAX_TWICE] = "softmax-twice",
};

enum run_loop_mistake bench_mistake(const char *name)
{
    int i = 0;
    while (i < RUN_LOOP_MISTAKES && strcmp(bench_mistakes[i], name) != 0)
        i++;
    return (enum run_loop_mistake)i;
}

bool bench_place_ports(struct lp_unit *unit, bool shares_line)
{
    enum { ELSEWHERE = 0x34350000 /* npuRAM6 */, ALIGN = 16 };
    const struct lp_graph *g = unit->graph;
    uint64_t align = shares_line ? ALIGN : LINE;
    uint64_t end = ELSEWHERE + (uint64_t)lp_tensor_bytes(&g->tensors[g->outputs[0]]), input = (end + align - 1) / align * align;
    if (shares_line && (end - 1) / LINE != input / LINE)
        return false;
    unit->placement->plan.addresses[unit->program->block_of_tensor[g->outputs[0]]] = ELSEWHERE;
    unit->placement->plan.addresses[unit->program->block_of_tensor[g->inputs[0]]] = input;
    return true;
}

static void take_line(void *ctx, const char *line)
{
    struct bench *b = ctx;
    lp_text_printf(&b->trace, "%s\n", line);
    lp_board_probe_line(&b->probe, line);
}

static void look(void *ctx, enum run_loop_moment moment, const void *buffer)
{
    struct bench *b = ctx;
    if (moment == RUN_LOOP_INPUT_IS_WRITTEN)
        lp_board_probe_input(&b->probe, lp_cpu_address(buffer));
    else if (moment == RUN_LOOP_IS_OVER)
        lp_board_probe_begin(&b->probe); /* the NPU never began: the input is what it is now */
    else
        lp_board_probe_output(&b->probe, lp_cpu_address(buffer));
}

static void seen(void *ctx, uint32_t epoch)
{
    struct bench *b = ctx;
    lp_board_probe_epoch(&b->probe, epoch);
}

static void begins(void *ctx, uint32_t epoch)
{
    struct bench *b = ctx;
    if (epoch == 0)
        lp_board_probe_begin(&b->probe);
}

lp_status bench_open(struct bench *b, struct lp_npu_on_board *on, enum run_loop_mistake mistake, uint32_t variant)
{
    const struct lp_npu_program *p = on->linked->program;
    const struct lp_npu_buffer *in = &p->buffers[LP_NPU_INPUT].items[0], *out = &p->buffers[LP_NPU_OUTPUT].items[0];
    if (p->buffers[LP_NPU_INPUT].count != 1 || p->buffers[LP_NPU_OUTPUT].count != 1 || strcmp(in->dtype, "int8") != 0 ||
        strcmp(out->dtype, "int8") != 0 || in->rank == 0)
        return lp_error(on->diag, LP_UNSUPPORTED, "%s: the loop takes a network with one input and one output, both int8",
                        p->name);
    b->on = on;
    b->loop = (struct run_loop){.instance = lp_board_network_instance(on->network),
                                .net_in = lp_cpu_pointer(&on->board, in->address),
                                .net_out = lp_cpu_pointer(&on->board, out->address),
                                .in_bytes = (int32_t)in->size_bytes,
                                .out_bytes = (int32_t)out->size_bytes,
                                .in_scale = in->scale_count == 0 ? 1.0f : (float)in->scale[0],
                                .out_scale = out->scale_count == 0 ? 1.0f : (float)out->scale[0],
                                .in_zero = in->zero_point_count == 0 ? 0 : in->zero_point[0],
                                .out_zero = out->zero_point_count == 0 ? 0 : out->zero_point[0],
                                .in_channels = (int32_t)in->shape[in->rank - 1],
                                .own = lp_cpu_pointer(&on->board, OWN_AT),
                                .blocks = p->epoch_count,
                                .mistake = mistake,
                                .variant = variant,
                                .ctx = b,
                                .trace = take_line,
                                .look = look};
    on->npu.seen_ctx = b;
    on->npu.seen = seen;
    on->npu.begins = begins;
    lp_cpu_enter(&on->board);
    lp_text_printf(&b->trace, "limpid-trace 1\nnetwork blocks=%u\n", (unsigned)p->epoch_count);
    lp_board_probe_open(&b->probe, &on->npu);
    run_loop_open(&b->loop);
    return LP_OK;
}

void bench_infer(struct bench *b, const float *window, const float *next, float *result)
{
    lp_text_printf(&b->trace, "inference n=%u\n", (unsigned)b->inferences);
    lp_text_printf(&b->probe.log, "inference n=%u\n", (unsigned)b->inferences);
    b->inferences++;
    run_loop_infer(&b->loop, window, next, result);
}

lp_status bench_end(struct bench *b)
{
    lp_text_printf(&b->trace, "end\n");
    (void)lp_board_probe_end(&b->probe);
    return b->on->npu.status != LP_OK               ? b->on->npu.status
           : b->trace.failed || b->probe.log.failed ? lp_no_memory(b->on->diag)
                                                    : LP_OK;
}

void bench_close(struct bench *b)
{
    lp_text_free(&b->trace);
    lp_text_free(&b->probe.log);
}
