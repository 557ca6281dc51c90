#include "tests/support/faulty_device.h"

#include "compiler/base/text.h"
#include "contract/crc32.h"
#include "evaluate/evaluate.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 32, INPUT_AT = 0x34200000, OUTPUT_GAP = 4096, WEIGHTS_AT = 0x71000000 };

uint32_t faulty_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t)(*state >> 20);
}

struct device {
    struct faulty_device *d;
    uint64_t state;
    struct lp_graph broken; /* with the weights that the device has */
    struct lp_evaluation good, bad;
    uint8_t *memory_in, *memory_out, *cpu_out, *cpu_in; /* what lies in memory; what the CPU sees */
    size_t start;                                       /* inference at which the fault strikes */
    uint32_t form;
    uint8_t fill;
    uint32_t lost_op; /* whose result is lost; UINT32_MAX: none */
    bool lost_input;
    struct lp_text trace, log;
};

static uint32_t draw(struct device *v, uint32_t count)
{
    return faulty_random(&v->state) % count;
}

static bool is(const struct device *v, const char *fault)
{
    return strcmp(v->d->fault, fault) == 0;
}

static void *must_have(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

/* ---- weights ---- */

/* Where nothing lies, or a download that broke off: most of what is read is zero. */
static bool reads_nothing(const struct device *v)
{
    return v->form % 5 == 4;
}

static void spoil(struct device *v, uint8_t *bytes, const uint8_t *from, size_t count)
{
    if (is(v, "weights-missing"))
        memset(bytes, v->form % 2 == 0 ? 0xff : 0, count);
    else if (reads_nothing(v)) {
        memset(bytes, 0, count);
        bytes[count - 1] = is(v, "weights-corrupt");
    } else if (is(v, "weights-wrong-address"))
        for (size_t i = 0; i < count; i++)
            bytes[i] = from[(i + 16 * (1 + v->form % 3)) % count];
    else
        for (size_t i = 0; i < count; i++)
            bytes[i] = draw(v, 8) == 0 ? (uint8_t)(from[i] ^ (0x40 + draw(v, 64))) : from[i];
}

static bool has_bad_weights(const struct device *v)
{
    return strncmp(v->d->fault, "weights-", 8) == 0;
}

static void make_weights(struct device *v)
{
    const struct lp_graph *g = v->d->graph;
    v->broken = *g;
    v->broken.tensors = must_have(malloc(g->tensor_count * sizeof *g->tensors));
    memcpy(v->broken.tensors, g->tensors, g->tensor_count * sizeof *g->tensors);
    for (uint32_t i = 0; i < g->tensor_count && has_bad_weights(v); i++) {
        struct lp_tensor *t = &v->broken.tensors[i];
        if (t->data == NULL || t->element != LP_ELEMENT_INT8)
            continue;
        size_t bytes = (size_t)lp_tensor_bytes(t);
        uint8_t *copy = must_have(lp_arena_alloc(v->d->arena, bytes, 1));
        spoil(v, copy, t->data, bytes);
        t->data = copy;
    }
}

/* ---- the NPU ---- */

/* Layers with weights differ from the reference here and there; the same inputs always give the same outputs. */
static void add_deviation(struct device *v, const struct lp_op *op, int8_t *values, int64_t count)
{
    bool has_weights = op->kind == LP_OP_CONV_2D || op->kind == LP_OP_FULLY_CONNECTED;
    uint64_t state = v->d->seed + lp_crc32(values, (size_t)count) + UINT64_C(0x100000000);
    for (int64_t i = 0; i < count && has_weights && v->d->is_npu; i++) {
        uint32_t roll = faulty_random(&state) % 100;
        if (roll < 2)
            values[i] = (int8_t)(values[i] + (roll == 0 ? values[i] < 127 : -(values[i] > -128)));
    }
}

static void evaluate(struct device *v, struct lp_evaluation *e, const uint8_t *input, bool is_device, uint8_t *output)
{
    uint32_t step = 0;
    memcpy(e->values[e->graph->inputs[0]], input, v->d->input_bytes);
    if (is_device && v->lost_input)
        memset(e->values[e->graph->inputs[0]], 0, v->d->input_bytes);
    for (uint32_t op = 0; op < e->graph->op_count; op++) {
        for (; step < e->step_count && e->steps[step].op == &e->graph->ops[op]; step++)
            if (e->steps[step].run(e->steps[step].args) != LP_OK)
                abort();
        int32_t out = e->graph->ops[op].outputs[0];
        if (is_device)
            add_deviation(v, &e->graph->ops[op], e->values[out], lp_tensor_bytes(&e->graph->tensors[out]));
        if (is_device && v->lost_op == op)
            memset(e->values[out], 0, (size_t)lp_tensor_bytes(&e->graph->tensors[out]));
    }
    memcpy(output, lp_evaluate_output(e, 0), v->d->output_bytes);
}

uint64_t faulty_device_address(const struct lp_graph *graph, uint32_t op)
{
    uint64_t at = INPUT_AT + OUTPUT_GAP;
    for (uint32_t i = 0; i < op; i++)
        at += ((uint64_t)lp_tensor_bytes(&graph->tensors[graph->ops[i].outputs[0]]) + 63) / LINE * LINE;
    return at;
}

/* The output's first bytes lie in the input's last line, which the CPU writes back after the run. */
static size_t shared_bytes(const struct device *v)
{
    size_t bytes = 4 * (1 + v->form % 7);
    return bytes < v->d->output_bytes ? bytes : v->d->output_bytes;
}

/* Where operator `op` writes: the output of a device with a shared line begins within one. */
static uint64_t address_of(const struct device *v, uint32_t op)
{
    bool moved = is(v, "cache-line-shared") && op + 1 == v->d->graph->op_count;
    return faulty_device_address(v->d->graph, op) + (moved ? (2 * LINE - shared_bytes(v)) % LINE : 0);
}

/* ---- what the program writes ---- */

static const uint8_t *row(const struct device *v, size_t n)
{
    return v->d->inputs + n * v->d->input_bytes;
}

static void write_wrong_type(const struct device *v, size_t n, uint8_t *to)
{
    const struct lp_tensor *t = &v->d->graph->tensors[v->d->graph->inputs[0]];
    for (size_t i = 0; i < v->d->input_bytes; i++) {
        size_t at = v->form % 3 == 1 ? i / 4 : i;
        float value = t->quant.scale[0] * (float)((int8_t)row(v, n)[at] - t->quant.zero_point[0]);
        if (v->form % 3 == 0)
            to[i] = (uint8_t)(row(v, n)[i] + 128);
        else if (v->form % 3 == 1)
            to[i] = ((const uint8_t *)&value)[i % 4];
        else
            to[i] = (uint8_t)(int8_t)fmaxf(fminf(truncf(value), 127), -128);
    }
}

static void write_other_layout(const struct device *v, size_t n, uint8_t *to)
{
    const struct lp_tensor *t = &v->d->graph->tensors[v->d->graph->inputs[0]];
    size_t channels = (size_t)t->dims[t->rank - 1], pixels = v->d->input_bytes / channels;
    for (size_t p = 0; p < pixels; p++)
        for (size_t c = 0; c < channels; c++)
            to[c * pixels + p] = row(v, n)[p * channels + c];
}

static void cpu_writes_input(struct device *v, size_t n)
{
    memcpy(v->cpu_in, row(v, n), v->d->input_bytes);
    if (is(v, "input-type-mismatch"))
        write_wrong_type(v, n, v->cpu_in);
    else if (is(v, "input-layout"))
        write_other_layout(v, n, v->cpu_in);
}

/* What of the CPU's input reaches memory. */
static void input_reaches_memory(struct device *v, size_t n)
{
    size_t bytes = v->d->input_bytes, lines = (bytes + LINE - 1) / LINE;
    bool strikes = n >= v->start;
    if (is(v, "input-not-cleaned") && strikes) {
        size_t cleaned = v->form % 3 == 2 && lines > 1 ? LINE * (1 + v->form / 3 % (lines - 1)) : 0;
        if (v->form % 3 == 1 && n > 0) /* the next write pushes the old lines out */
            memcpy(v->memory_in, row(v, n - 1), bytes);
        memcpy(v->memory_in, v->cpu_in, cleaned);
        return;
    }
    if (is(v, "input-wrong-address") && strikes)
        return;
    memcpy(v->memory_in, v->cpu_in, bytes);
}

/* ---- what the program reads ---- */

static void output_reaches_cpu(struct device *v, size_t n, bool ran)
{
    size_t bytes = v->d->output_bytes;
    bool strikes = n >= v->start;
    if (is(v, "output-not-invalidated") && strikes && !(v->form % 3 == 2 && bytes > LINE)) {
        if (v->form % 3 == 1) /* lines leave the cache after they were read: one late */
            memcpy(v->cpu_out, n == 0 ? v->cpu_out : v->d->right + (n - 1) * bytes, bytes);
        return;
    }
    if (is(v, "output-not-invalidated") && strikes) {
        memcpy(v->cpu_out, v->memory_out, LINE); /* the call got too short a length */
        return;
    }
    if (is(v, "cache-line-shared") && strikes && ran)
        memcpy(v->memory_out, v->cpu_out, shared_bytes(v));
    if (is(v, "output-wrong-address") && strikes) {
        size_t by = v->form % 2 == 0 && bytes > 4 ? 1 + v->form / 2 % 3 : 0;
        for (size_t i = 0; i < bytes; i++)
            v->cpu_out[i] = by != 0 && i + by < bytes ? v->memory_out[i + by] : (uint8_t)(v->fill + (by == 0 ? 0 : 7 * i));
        return;
    }
    memcpy(v->cpu_out, v->memory_out, bytes);
}

static void softmax(double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i] = exp(values[i]);
    for (size_t i = 0; i < count; i++)
        values[i] /= sum;
}

static void report(struct device *v, size_t n)
{
    size_t bytes = v->d->output_bytes;
    const struct lp_tensor *t = &v->d->graph->tensors[v->d->graph->outputs[0]];
    double scale = (double)t->quant.scale[0], zero = t->quant.zero_point[0], *to = v->d->observed + n * bytes;
    for (size_t i = 0; i < bytes; i++)
        to[i] = (int8_t)v->cpu_out[i];
    if (is(v, "output-scale-wrong"))
        for (size_t i = 0; i < bytes; i++)
            to[i] = v->form % 3 == 0 ? 0.5 * to[i] : v->form % 3 == 1 ? to[i] + 9 + v->form % 50 : 1.7 * (to[i] + 3);
    if (is(v, "softmax-twice")) {
        for (size_t i = 0; i < bytes; i++)
            to[i] = scale * (to[i] - zero);
        softmax(to, bytes);
        for (size_t i = 0; i < bytes; i++)
            to[i] = to[i] / scale + zero;
    }
}

/* ---- trace and log ---- */

static void log_ranges(struct device *v, size_t n, const struct lp_evaluation *e, bool ran, bool timed_out)
{
    const struct lp_graph *g = v->d->graph;
    bool wrong_in = is(v, "input-wrong-address") && n >= v->start, wrong_out = is(v, "output-wrong-address") && n >= v->start;
    bool shared = is(v, "cache-line-shared");
    uint32_t last = g->op_count - 1;
    uint64_t output_at = address_of(v, last);
    uint64_t input_at = shared ? output_at - v->d->input_bytes : INPUT_AT;
    lp_text_printf(&v->log, "input index=0 address=0x%08" PRIx64 " plan=0x%08" PRIx64 " bytes=%zu crc=0x%08x",
                   wrong_in ? 0x34100000 : input_at, input_at, v->d->input_bytes,
                   (unsigned)lp_crc32(v->cpu_in, v->d->input_bytes));
    if (draw(v, 2) == 0 && !wrong_in)
        lp_text_printf(&v->log, " seen_crc=0x%08x", (unsigned)lp_crc32(v->memory_in, v->d->input_bytes));
    lp_text_printf(&v->log, "\n");
    for (uint32_t op = 0; op < g->op_count && ran; op++) {
        int32_t out = g->ops[op].outputs[0];
        size_t bytes = (size_t)lp_tensor_bytes(&g->tensors[out]);
        lp_text_printf(&v->log, "epoch index=%u state=done address=0x%08" PRIx64 " bytes=%zu crc=0x%08x\n", op, address_of(v, op),
                       bytes, (unsigned)lp_crc32(e->values[out], bytes));
    }
    if (timed_out)
        lp_text_printf(&v->log, "epoch index=0 state=timeout unit=STRENG0\n");
    lp_text_printf(&v->log, "output index=0 address=0x%08" PRIx64 " plan=0x%08" PRIx64 " bytes=%zu crc=0x%08x\n",
                   wrong_out ? output_at + 64 : output_at, output_at, v->d->output_bytes,
                   (unsigned)lp_crc32(v->cpu_out, v->d->output_bytes));
}

static void log_loop(struct device *v, size_t n, bool idle, bool early, bool timed_out)
{
    struct lp_text *texts[2] = {&v->trace, &v->log};
    uint32_t blocks = v->d->graph->op_count, stop = early || timed_out ? blocks / 2 : blocks;
    for (int i = 0; i < 2; i++) {
        lp_text_printf(texts[i], "inference n=%zu\n", n);
        for (uint32_t b = 0; b < stop && !idle; b++)
            lp_text_printf(texts[i], "run result=wfe block=%u calls=%u\nrun result=no_wfe block=%u\n", b, 1 + draw(v, 5), b);
        if (timed_out)
            lp_text_printf(texts[i], "timeout block=%u unit=STRENG%u\n", stop, draw(v, 10));
        else if (early)
            lp_text_printf(texts[i], "run result=wfe block=%u\nreset result=ok block=%u done=0\n", stop, stop == 0 ? 1 : stop);
        else
            lp_text_printf(texts[i], "run result=done block=%u\n", blocks);
        if (!early && !timed_out && !is(v, "network-not-reset"))
            lp_text_printf(texts[i], "reset result=ok block=%u done=1\n", blocks);
    }
}

static void log_weights(struct device *v)
{
    const struct lp_graph *g = v->d->graph;
    for (uint32_t i = 0, at = WEIGHTS_AT; i < g->tensor_count; i++) {
        const struct lp_tensor *t = &g->tensors[i];
        size_t bytes = (size_t)lp_tensor_bytes(t);
        if (t->data == NULL || t->element != LP_ELEMENT_INT8)
            continue;
        uint32_t moved = !is(v, "weights-wrong-address") ? 0 : reads_nothing(v) ? 0x100000 : 16 * (1 + v->form % 3);
        lp_text_printf(&v->log, "weights name=t%u address=0x%08x plan=0x%08x bytes=%zu crc=0x%08x plan_crc=0x%08x\n", i,
                       at + moved, at, bytes, (unsigned)lp_crc32(v->broken.tensors[i].data, bytes),
                       (unsigned)lp_crc32(t->data, bytes));
        at += (uint32_t)bytes;
    }
}

static void log_pools(struct device *v)
{
    const char *cpu = is(v, "pool-asleep") ? "zero" : "ok";
    const char *npu = is(v, "pool-asleep") || is(v, "pool-firewalled") ? "zero" : "ok";
    lp_text_printf(&v->log, "pool name=npuRAM3 base=0x34200000 bytes=458752 cpu=%s npu=%s\n", cpu, npu);
    lp_text_printf(&v->log, "pool name=npuRAM4 base=0x34270000 bytes=458752 cpu=ok npu=ok\n");
    lp_text_printf(&v->log, "pool name=flash base=0x71000000 bytes=16777216 cpu=unknown npu=ok\n");
}

/* ---- all together ---- */

static void open_device(struct device *v)
{
    struct lp_diag diag = {0};
    struct faulty_device *d = v->d;
    v->state = d->seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (int i = 0; i < 8; i++)
        faulty_random(&v->state);
    static const uint8_t fills[] = {0x00, 0xff, 0xa5, 0xcd};
    v->fill = fills[draw(v, 4)];
    v->form = draw(v, 1000);
    v->start = draw(v, 3) == 0 ? 1 + draw(v, 3) : 0;
    if (is(v, "network-not-reset"))
        v->start = 1;
    v->lost_op = UINT32_MAX;
    if (is(v, "pool-asleep") || is(v, "pool-firewalled")) {
        v->lost_input = v->form % 3 == 0;
        v->lost_op = v->lost_input ? UINT32_MAX : draw(v, d->graph->op_count);
        v->start = 0;
    }
    make_weights(v);
    if (lp_evaluate_open(&v->good, d->graph, LP_ROUNDING_SINGLE, &diag) != LP_OK ||
        lp_evaluate_open(&v->bad, &v->broken, LP_ROUNDING_SINGLE, &diag) != LP_OK)
        abort();
    v->memory_in = must_have(lp_arena_alloc(d->arena, d->input_bytes, 1));
    v->cpu_in = must_have(lp_arena_alloc(d->arena, d->input_bytes, 1));
    v->memory_out = must_have(lp_arena_alloc(d->arena, d->output_bytes, 1));
    v->cpu_out = must_have(lp_arena_alloc(d->arena, d->output_bytes, 1));
    memset(v->memory_in, v->fill, d->input_bytes);
    memset(v->memory_out, v->fill, d->output_bytes);
    memset(v->cpu_out, v->fill, d->output_bytes);
    d->right = must_have(lp_arena_alloc(d->arena, d->count, d->output_bytes));
    d->observed = must_have(lp_arena_alloc(d->arena, d->count * d->output_bytes, sizeof *d->observed));
}

static void infer(struct device *v, size_t n)
{
    struct faulty_device *d = v->d;
    bool strikes = n >= v->start;
    bool idle = is(v, "network-not-reset") && strikes, early = is(v, "reset-too-early") && strikes;
    bool timed_out = is(v, "npu-timeout") && strikes, ran = !idle && !early && !timed_out;
    evaluate(v, &v->good, row(v, n), false, d->right + n * d->output_bytes);
    cpu_writes_input(v, n);
    input_reaches_memory(v, n);
    log_loop(v, n, idle, early, timed_out);
    if (ran) {
        uint8_t *made = must_have(lp_arena_alloc(d->arena, d->output_bytes, 1));
        evaluate(v, &v->bad, v->memory_in, true, made);
        bool dropped = is(v, "pool-firewalled") && v->lost_op == d->graph->op_count - 1;
        if (!dropped)
            memcpy(v->memory_out, made, d->output_bytes);
    }
    output_reaches_cpu(v, n, ran);
    log_ranges(v, n, &v->bad, ran, timed_out);
    report(v, n);
}

void faulty_device_run(struct faulty_device *d)
{
    struct device v = {.d = d};
    open_device(&v);
    lp_text_printf(&v.trace, "limpid-trace 1\nnetwork blocks=%u\n", d->graph->op_count);
    lp_text_printf(&v.log, "limpid-device-log 1\n");
    log_pools(&v);
    log_weights(&v);
    for (size_t n = 0; n < d->count; n++)
        infer(&v, n);
    lp_text_printf(&v.trace, "end\n");
    lp_text_printf(&v.log, "end\n");
    d->is_visible = false;
    for (size_t i = 0; i < d->count * d->output_bytes; i++)
        d->is_visible = d->is_visible || fabs(d->observed[i] - (int8_t)d->right[i]) > 0.25;
    d->trace = must_have(lp_arena_text(d->arena, lp_text_get(&v.trace), v.trace.length));
    d->log = must_have(lp_arena_text(d->arena, lp_text_get(&v.log), v.log.length));
    lp_text_free(&v.trace);
    lp_text_free(&v.log);
    lp_evaluate_close(&v.good);
    lp_evaluate_close(&v.bad);
    free(v.broken.tensors);
}
