/* Every cause, many devices: the right verdict at level 3, the right cause among the ties at levels 1 and 2, never a
 * confident wrong one, and no alarm for healthy devices. The devices come from tests/support/faulty_device.c. */
#include "cli/diagnose/parts.h"
#include "compiler/analyze/shapes.h"
#include "compiler/import/import.h"
#include "contract/crc32.h"
#include "tests/support/faulty_device.h"
#include "tests/support/random_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CASES = 50, HEALTHY = 500, ROWS = 12, TW_SOFTMAX = 25 };

/* ---- models that see their input ---- */

enum flaw { NO_FLAW, INSENSITIVE, SATURATED, BALANCED }; /* of the model itself */

struct model {
    struct lp_tw file;
    uint64_t state;
    enum flaw flaw;
    int dense_count; /* so far */
    void *blocks[32];
    size_t block_count;
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_graph *graph;
};

static int32_t between(struct model *m, int32_t low, int32_t high)
{
    return low + (int32_t)(faulty_random(&m->state) % (uint32_t)(high - low + 1));
}

static void *block(struct model *m, size_t count, size_t size)
{
    assert_true(m->block_count < LP_COUNT(m->blocks));
    return m->blocks[m->block_count++] = calloc(count, size);
}

static int32_t activation(struct model *m, int32_t rank, const int32_t *dims, double scale, int32_t zero)
{
    float *s = block(m, 1, sizeof *s);
    int32_t *z = block(m, 1, sizeof *z);
    *s = (float)scale;
    *z = zero;
    return lp_tw_add_tensor(&m->file, "t", LP_ELEMENT_INT8, rank, dims, s, z);
}

static int32_t weights(struct model *m, int32_t rank, const int32_t *dims, size_t count)
{
    static const float scale = 0.01f;
    static const int32_t zero = 0;
    int8_t *data = block(m, count, 1);
    for (size_t i = 0; i < count; i++)
        data[i] = (int8_t)(m->flaw == BALANCED ? (i % 2 == 0 ? 1 : -1) * between(m, 40, 127) : between(m, -60, 60));
    int32_t t = lp_tw_add_tensor(&m->file, "w", LP_ELEMENT_INT8, rank, dims, &scale, &zero);
    lp_tw_set_data(&m->file, t, data, count);
    return t;
}

static double scale_of(const struct model *m, int32_t t)
{
    return (double)m->file.tensors[t].scales[0];
}

/* The output's scale is such that sums of `terms` random products fill its range. */
static double output_scale(const struct model *m, int32_t in, int terms)
{
    return scale_of(m, in) * 0.01 * 35 * 60 * sqrt(terms) / 40;
}

/* Sums so large that every output stands at a limit. */
static int32_t large_biases(struct model *m, int32_t count)
{
    int32_t *data = block(m, (size_t)count, sizeof *data);
    for (int32_t i = 0; i < count; i++)
        data[i] = between(m, 0, 1) == 0 ? 1 << 26 : -(1 << 26);
    int32_t t = lp_tw_add_tensor(&m->file, "b", LP_ELEMENT_INT32, 1, &count, NULL, NULL);
    lp_tw_set_data(&m->file, t, data, sizeof *data * (size_t)count);
    return t;
}

static int32_t dense(struct model *m, int32_t in, int32_t in_count, int32_t out_count, int relu)
{
    int32_t w = weights(m, 2, (int32_t[]){out_count, in_count}, (size_t)in_count * (size_t)out_count);
    /* The layer that loses the change: a scale so coarse that all of it is less than half an LSB. */
    bool is_coarse = m->flaw == INSENSITIVE && m->dense_count++ == 0;
    double scale = output_scale(m, in, in_count) * (is_coarse ? 500 : m->flaw == BALANCED ? 20 : relu ? 0.5 : 1);
    int32_t out = activation(m, 2, (int32_t[]){1, out_count}, scale, relu ? -128 : 3);
    bool is_saturated = m->flaw == SATURATED && !relu;
    int32_t b = is_saturated ? large_biases(m, out_count) : -1;
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_FULLY_CONNECTED, 8, is_saturated ? 3 : 2, (int32_t[]){in, w, b}, out);
    op->fields[0] = (struct lp_tw_field){1, relu};
    return out;
}

static int32_t convolution(struct model *m, int32_t in, int32_t size, int32_t in_c, int32_t out_c)
{
    int32_t w = weights(m, 4, (int32_t[]){out_c, 3, 3, in_c}, (size_t)(9 * in_c * out_c));
    int32_t out = activation(m, 4, (int32_t[]){1, size - 2, size - 2, out_c}, output_scale(m, in, 9 * in_c) * 0.5, -128);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_CONV_2D, 1, 2, (int32_t[]){in, w}, out);
    const int32_t values[6] = {1, 1, 1, 1, 1, 1}; /* valid, strides, ReLU, dilations */
    for (int i = 0; i < 6; i++)
        op->fields[i] = (struct lp_tw_field){i == 0 || i == 3 ? 1 : 4, values[i]};
    return out;
}

static int32_t reshape(struct model *m, int32_t in, int32_t count)
{
    int32_t *dims = block(m, 2, sizeof *dims);
    dims[0] = 1;
    dims[1] = count;
    int32_t shape = lp_tw_add_tensor(&m->file, "shape", LP_ELEMENT_INT32, 1, (int32_t[]){2}, NULL, NULL);
    lp_tw_set_data(&m->file, shape, dims, 2 * sizeof *dims);
    int32_t out = activation(m, 2, dims, scale_of(m, in), m->file.tensors[in].zero_points[0]);
    lp_tw_add_op(&m->file, TW_RESHAPE, 0, 2, (int32_t[]){in, shape}, out);
    return out;
}

static int32_t softmax(struct model *m, int32_t in, int32_t count)
{
    int32_t out = activation(m, 2, (int32_t[]){1, count}, 1.0 / 256, -128);
    struct lp_tw_op *op = lp_tw_add_op(&m->file, TW_SOFTMAX, 9, 1, &in, out);
    op->fields[0] = (struct lp_tw_field){4, lp_tw_float_bits(1.0f)};
    return out;
}

/* 0: two dense layers. 1: a convolution and a dense layer over it. 2: many outputs. Odd seeds of 0 and 1 end in softmax. */
static struct model *make_model(uint64_t seed, enum flaw flaw, bool needs_channels, bool needs_softmax)
{
    struct model *m = calloc(1, sizeof *m);
    m->flaw = flaw;
    m->state = seed * UINT64_C(0x2545f4914f6cdd1d) + 77;
    for (int i = 0; i < 8; i++)
        faulty_random(&m->state);
    int kind = flaw == BALANCED ? 0 : needs_channels ? 1 : needs_softmax ? (int)(seed % 2) : (int)(seed % 3);
    int32_t outputs = kind == 2 ? between(m, 66, 120) : between(m, 4, 10), in, out;
    double scale = 0.02 + 0.001 * between(m, 0, 40);
    if (kind == 1) {
        int32_t size = between(m, 6, 8), channels = between(m, 2, 4), hidden = between(m, 2, 4), left = size - 2;
        in = activation(m, 4, (int32_t[]){1, size, size, channels}, scale, between(m, -40, 40));
        out = reshape(m, convolution(m, in, size, channels, hidden), left * left * hidden);
        out = dense(m, out, left * left * hidden, outputs, 0);
    } else {
        int32_t inputs = between(m, 70, 130), hidden = between(m, 12, 20);
        in = activation(m, 2, (int32_t[]){1, inputs}, scale, between(m, -40, 40));
        out = flaw == BALANCED ? dense(m, in, inputs, outputs, 0) : dense(m, dense(m, in, inputs, hidden, 1), hidden, outputs, 0);
    }
    if (needs_softmax || (kind != 2 && flaw == NO_FLAW && seed % 4 == 1)) {
        /* logits of a few units, so that probabilities are neither flat nor all or nothing */
        *(float *)(uintptr_t)m->file.tensors[out].scales = 0.02f;
        out = softmax(m, out, outputs);
    }
    m->file.inputs[m->file.input_count++] = in;
    m->file.outputs[m->file.output_count++] = out;
    size_t bytes;
    const uint8_t *file = lp_tw_finish(&m->file, &bytes);
    lp_status status = lp_import(&m->arena, &m->diag, "made.tflite", file, bytes, &m->graph);
    if (status == LP_OK)
        status = lp_analyze_shapes(m->graph, &m->diag);
    if (status != LP_OK)
        fail_msg("%s", lp_text_get(&m->diag.errors));
    return m;
}

static void free_model(struct model *m)
{
    lp_diag_free(&m->diag);
    lp_arena_free(&m->arena);
    lp_tw_free(&m->file);
    for (size_t i = 0; i < m->block_count; i++)
        free(m->blocks[i]);
    free(m);
}

/* ---- the program that the device should run: the reference, epoch by epoch ---- */

struct stand_in {
    const struct lp_graph *graph;
    void *run;
    struct lp_case_range *ranges;
    uint32_t count;
};

static void note_epoch(void *user, uint32_t op)
{
    struct stand_in *s = user;
    int32_t tensor = s->graph->ops[op].outputs[0];
    for (uint32_t i = 0; i < s->count; i++)
        if (s->ranges[i].epoch == op) {
            s->ranges[i].is_known = true;
            s->ranges[i].crc = lp_crc32(lp_diagnose_runner.tensor(s->run, tensor), (size_t)s->ranges[i].size_bytes);
        }
}

static lp_status run_stand_in(void *user, const uint8_t *input, uint8_t *output, struct lp_case_range *ranges, uint32_t count,
                              struct lp_diag *diag)
{
    struct stand_in *s = user;
    s->ranges = ranges;
    s->count = count;
    lp_status status = lp_diagnose_runner.run(s->run, &input, note_epoch, s, diag);
    memcpy(output, lp_diagnose_runner.tensor(s->run, s->graph->outputs[0]),
           (size_t)lp_tensor_bytes(&s->graph->tensors[s->graph->outputs[0]]));
    return status;
}

static bool no_image(void *user, uint64_t address, uint8_t *bytes, size_t count)
{
    (void)user, (void)address, (void)bytes, (void)count;
    return false;
}

/* ---- one device, one level ---- */

struct subject {
    struct model *model;
    struct faulty_device device;
    bool knows_program; /* --program: bit for bit, and CRC of every epoch */
    float *real_inputs; /* null: the integers are all there is */
};

static void make_inputs(struct subject *s, size_t bytes)
{
    uint8_t *inputs = lp_arena_alloc(&s->model->arena, ROWS, bytes);
    for (size_t i = 0; i < ROWS * bytes; i++)
        inputs[i] = (uint8_t)(int8_t)between(s->model, -100, 100);
    s->device.inputs = inputs;
}

/* Takes the first seeds whose fault is to be seen. False: this one is not. */
static bool make_subject(struct subject *s, const char *fault, uint64_t seed)
{
    *s = (struct subject){
        .model = make_model(seed, NO_FLAW, strcmp(fault, "input-layout") == 0, strcmp(fault, "softmax-twice") == 0)};
    const struct lp_graph *g = s->model->graph;
    s->device = (struct faulty_device){.arena = &s->model->arena,
                                       .graph = g,
                                       .fault = fault,
                                       .seed = seed,
                                       .count = ROWS,
                                       .input_bytes = (size_t)lp_tensor_bytes(&g->tensors[g->inputs[0]]),
                                       .output_bytes = (size_t)lp_tensor_bytes(&g->tensors[g->outputs[0]])};
    s->knows_program = seed % 2 == 0;
    s->device.is_npu = !s->knows_program;
    make_inputs(s, s->device.input_bytes);
    faulty_device_run(&s->device);
    return strcmp(fault, "healthy") == 0 || s->device.is_visible;
}

static struct lp_verdict diagnose(struct subject *s, int level, double *tolerance)
{
    struct lp_trace trace;
    struct lp_device_log log;
    struct lp_diagnosis d;
    const struct lp_graph *g = s->model->graph;
    struct stand_in program = {.graph = g};
    struct lp_case_device device = {.user = &program, .run = run_stand_in, .image = no_image};
    struct lp_case c = {.arena = &s->model->arena,
                        .diag = &s->model->diag,
                        .graph = g,
                        .runner = &lp_diagnose_runner,
                        .is_vendor_possible = true,
                        .count = ROWS,
                        .input_bytes = s->device.input_bytes,
                        .inputs = s->device.inputs,
                        .real_inputs = s->real_inputs,
                        .observed_values = s->device.observed};
    assert_int_equal(lp_diagnose_runner.open(g, LP_ROUNDING_SINGLE, c.diag, &program.run), LP_OK);
    if (s->knows_program)
        c.device = &device;
    if (level >= 2) {
        assert_int_equal(lp_trace_read(c.arena, c.diag, "trace", s->device.trace, strlen(s->device.trace), &trace), LP_OK);
        c.trace = &trace;
    }
    if (level >= 3) {
        if (lp_device_log_read(c.arena, c.diag, "log", s->device.log, strlen(s->device.log), &log) != LP_OK)
            fail_msg("%s", lp_text_get(&c.diag->errors));
        c.log = &log;
    }
    if (lp_diagnose(&c, &d) != LP_OK)
        fail_msg("%s", lp_text_get(&c.diag->errors));
    lp_diagnose_runner.close(program.run);
    *tolerance = c.tolerance;
    assert_int_equal(d.verdict.level, level);
    return d.verdict;
}

static uint32_t number_of(const char *name)
{
    for (uint32_t i = 0; i < LP_VERDICTS; i++)
        if (strcmp(lp_trouble_texts[i].name, name) == 0)
            return i;
    fail_msg("no cause %s", name);
    return 0;
}

/* ---- the matrix ---- */

struct row {
    uint32_t cases, single, among, confident_wrong, most_ties, below_deviation;
    uint32_t verdicts[LP_VERDICTS];
};

/* The fault moves no output further than the NPU's own deviation may: nobody can see it without the program. */
static bool is_within(const struct subject *s, double tolerance)
{
    for (size_t i = 0; i < ROWS * s->device.output_bytes; i++)
        if (fabs(s->device.observed[i] - (int8_t)s->device.right[i]) > tolerance + 0.25)
            return false;
    return true;
}

static void judge_one(struct subject *s, uint32_t truth, int level, struct row *r)
{
    double tolerance;
    struct lp_verdict v = diagnose(s, level, &tolerance);
    if (level < 3 && truth != LP_TROUBLE_HEALTHY && is_within(s, tolerance)) {
        r->below_deviation++;
        return;
    }
    bool among = (uint32_t)v.cause == truth || (truth < LP_TROUBLES && lp_trouble_has(v.ties, (enum lp_trouble)truth));
    r->cases++;
    r->among += among;
    r->single += (uint32_t)v.cause == truth && lp_trouble_count(v.ties) <= 1;
    r->confident_wrong += (uint32_t)v.cause != truth && v.confidence > 0.5;
    r->verdicts[v.cause]++;
    uint32_t ties = lp_trouble_count(v.ties);
    r->most_ties = ties > r->most_ties ? ties : r->most_ties;
    if (getenv("CONFUSION") != NULL && (!among || (level == 3 && (uint32_t)v.cause != truth)))
        printf("    seed %llu%s: %s, %u ties, confidence %.2f\n", (unsigned long long)s->device.seed,
               s->knows_program ? " (program)" : "", lp_trouble_texts[v.cause].name, ties, v.confidence);
}

static void print_row(const char *fault, int level, const struct row *r)
{
    printf("  %-22s level %d: %2u cases, %2u single right, %2u among ties (at most %2u)%s", fault, level, r->cases, r->single,
           r->among, r->most_ties, r->confident_wrong != 0 ? " CONFIDENT AND WRONG:" : "");
    for (uint32_t i = 0; i < LP_VERDICTS; i++)
        if (r->verdicts[i] != 0 && r->verdicts[i] != r->cases)
            printf(" %s %u", lp_trouble_texts[i].name, r->verdicts[i]);
    printf("\n");
}

static void every_fault_is_found(void **state)
{
    static const char *const faults[] = {"network-not-reset",   "input-not-cleaned",    "output-not-invalidated",
                                         "input-wrong-address", "output-wrong-address", "reset-too-early",
                                         "npu-timeout",         "pool-asleep",          "pool-firewalled",
                                         "weights-missing",     "weights-corrupt",      "weights-wrong-address",
                                         "cache-line-shared",   "input-type-mismatch",  "input-layout",
                                         "output-scale-wrong",  "softmax-twice"};
    uint32_t failures = 0, all = 0, right = 0;
    (void)state;
    for (size_t f = 0; f < LP_COUNT(faults); f++) {
        struct row rows[4] = {0};
        uint32_t truth = number_of(faults[f]);
        for (uint64_t seed = 1; rows[3].cases < CASES && seed < 20 * CASES; seed++) {
            struct subject s;
            if (make_subject(&s, faults[f], seed))
                for (int level = 1; level <= 3; level++)
                    judge_one(&s, truth, level, &rows[level]);
            free_model(s.model);
        }
        for (int level = 1; level <= 3; level++) {
            print_row(faults[f], level, &rows[level]);
            failures += rows[level].confident_wrong != 0 || (level < 3 && rows[level].among != rows[level].cases);
        }
        failures += rows[3].cases < CASES;
        all += rows[3].cases;
        right += rows[3].single;
    }
    printf("level 3: %u of %u have the single right verdict\n", right, all);
    assert_true(right * 100 >= all * 98);
    assert_int_equal(failures, 0);
}

/* ---- faults of the model ---- */

/* Inputs that go along with the signs of balanced weights, by a strength of their own. */
static void make_correlated(struct subject *s)
{
    uint8_t *inputs = (uint8_t *)(uintptr_t)s->device.inputs;
    for (size_t n = 0; n < ROWS; n++) {
        int32_t strength = between(s->model, -120, 120);
        for (size_t i = 0; i < s->device.input_bytes; i++)
            inputs[n * s->device.input_bytes + i] = (uint8_t)(int8_t)((i % 2 == 0 ? 1 : -1) * strength);
    }
}

/* Real values that the input cannot represent, or cannot tell apart. */
static void make_out_of_range(struct subject *s, uint64_t seed)
{
    const struct lp_tensor *t = &s->model->graph->tensors[s->model->graph->inputs[0]];
    uint8_t *inputs = (uint8_t *)(uintptr_t)s->device.inputs;
    size_t count = ROWS * s->device.input_bytes;
    float scale = t->quant.scale[0];
    s->real_inputs = lp_arena_alloc(&s->model->arena, count, sizeof *s->real_inputs);
    for (size_t i = 0; i < count; i++) {
        double step = between(s->model, -1000, 1000);
        double value = seed % 2 == 0 ? step * (double)scale : 0.0003 * step * (double)scale;
        double q = nearbyint(value / (double)scale) + t->quant.zero_point[0];
        s->real_inputs[i] = (float)value;
        inputs[i] = (uint8_t)(int8_t)fmax(fmin(q, 127), -128);
    }
}

struct replaced {
    const struct lp_graph *graph;
    void *run;
    struct lp_vendor_layer layer;
};

static void replace_layer(void *user, uint32_t op)
{
    struct replaced *r = user;
    struct lp_vendor_counts counts = {0};
    const struct lp_op *o = &r->graph->ops[op];
    lp_vendor_layer_run(&r->layer, (const int8_t *)lp_diagnose_runner.tensor(r->run, o->inputs[0]),
                        (int8_t *)lp_diagnose_runner.tensor(r->run, o->outputs[0]), &counts);
}

/* What a device gives whose single layer the vendor's compiler made: proved elsewhere against the simulator. */
static void observe_vendor(struct subject *s, uint64_t seed)
{
    const struct lp_graph *g = s->model->graph;
    struct replaced r = {.graph = g};
    assert_int_equal(lp_diagnose_runner.open(g, LP_ROUNDING_SINGLE, &s->model->diag, &r.run), LP_OK);
    assert_int_equal(lp_vendor_layer_make(&s->model->arena, &s->model->diag, g, &g->ops[0],
                                          seed % 2 == 0 ? LP_VENDOR_TWO_STAGE : LP_VENDOR_FUSED, LP_VENDOR_NET_SUM, -1, &r.layer),
                     LP_OK);
    for (size_t n = 0; n < ROWS; n++) {
        const uint8_t *input = s->device.inputs + n * s->device.input_bytes;
        assert_int_equal(lp_diagnose_runner.run(r.run, &input, replace_layer, &r, &s->model->diag), LP_OK);
        for (size_t i = 0; i < s->device.output_bytes; i++)
            s->device.observed[n * s->device.output_bytes + i] = (int8_t)lp_diagnose_runner.tensor(r.run, g->outputs[0])[i];
    }
    lp_diagnose_runner.close(r.run);
}

static void make_flawed(struct subject *s, uint32_t truth, uint64_t seed)
{
    enum flaw flaw = truth == LP_TROUBLE_MODEL_INSENSITIVE       ? INSENSITIVE
                     : truth == LP_TROUBLE_OUTPUT_SATURATED      ? SATURATED
                     : truth == LP_TROUBLE_ACCUMULATOR_SATURATES ? BALANCED
                                                                 : NO_FLAW;
    *s = (struct subject){.model = make_model(seed, flaw, false, false)};
    const struct lp_graph *g = s->model->graph;
    s->device = (struct faulty_device){.arena = &s->model->arena,
                                       .graph = g,
                                       .fault = "healthy",
                                       .seed = seed,
                                       .count = ROWS,
                                       .input_bytes = (size_t)lp_tensor_bytes(&g->tensors[g->inputs[0]]),
                                       .output_bytes = (size_t)lp_tensor_bytes(&g->tensors[g->outputs[0]])};
    s->knows_program = seed % 2 == 0 && flaw != BALANCED;
    make_inputs(s, s->device.input_bytes);
    if (flaw == BALANCED)
        make_correlated(s);
    if (truth == LP_TROUBLE_INPUT_RANGE_MISMATCH)
        make_out_of_range(s, seed);
    faulty_device_run(&s->device);
    if (flaw == BALANCED)
        observe_vendor(s, seed);
}

static void faults_of_the_model_are_found(void **state)
{
    static const char *const faults[] = {"model-insensitive", "output-saturated", "input-range-mismatch",
                                         "accumulator-saturates"};
    (void)state;
    for (size_t f = 0; f < LP_COUNT(faults); f++) {
        struct row rows[4] = {0};
        uint32_t truth = number_of(faults[f]);
        for (uint64_t seed = 1; seed <= CASES; seed++) {
            struct subject s;
            make_flawed(&s, truth, seed);
            for (int level = 1; level <= 3; level++) {
                double tolerance;
                struct lp_verdict v = diagnose(&s, level, &tolerance);
                rows[level].cases++;
                rows[level].single += (uint32_t)v.cause == truth && lp_trouble_count(v.ties) == 1;
                rows[level].among += lp_trouble_has(v.ties, (enum lp_trouble)truth);
                rows[level].confident_wrong += (uint32_t)v.cause != truth && v.confidence > 0.5;
                rows[level].verdicts[v.cause]++;
            }
            free_model(s.model);
        }
        for (int level = 1; level <= 3; level++) {
            print_row(faults[f], level, &rows[level]);
            assert_int_equal(rows[level].confident_wrong, 0);
            assert_true(rows[level].single * 100 >= rows[level].cases * 98);
        }
    }
}

static void healthy_devices_raise_no_alarm(void **state)
{
    struct row rows[4] = {0};
    (void)state;
    for (uint64_t seed = 1; seed <= HEALTHY; seed++) {
        struct subject s;
        assert_true(make_subject(&s, "healthy", seed));
        judge_one(&s, LP_TROUBLE_HEALTHY, 1 + (int)(seed % 3), &rows[1 + seed % 3]);
        free_model(s.model);
    }
    for (int level = 1; level <= 3; level++) {
        print_row("healthy", level, &rows[level]);
        assert_int_equal(rows[level].single, rows[level].cases);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_is_found),
        cmocka_unit_test(faults_of_the_model_are_found),
        cmocka_unit_test(healthy_devices_raise_no_alarm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
