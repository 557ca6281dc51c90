/* Every cause, many devices: the right verdict at level 3, the right cause among the ties at levels 1 and 2, never a
 * confident wrong one, and no alarm for healthy devices. The devices come from tests/support/faulty_device.c. */
#include "cli/diagnose/parts.h"
#include "contract/crc32.h"
#include "tests/support/confusion.h"
#include "tests/support/faulty_device.h"
#include "tests/support/seeing_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CASES = 50, HEALTHY = 500, ROWS = 12 };

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
    struct seeing_model *model;
    struct faulty_device device;
    bool knows_program; /* --program: bit for bit, and CRC of every epoch */
    float *real_inputs; /* null: the integers are all there is */
};

static void make_inputs(struct subject *s, size_t bytes)
{
    uint8_t *inputs = lp_arena_alloc(&s->model->arena, ROWS, bytes);
    for (size_t i = 0; i < ROWS * bytes; i++)
        inputs[i] = (uint8_t)(int8_t)seeing_between(s->model, -100, 100);
    s->device.inputs = inputs;
}

/* Takes the first seeds whose fault is to be seen. False: this one is not. */
static bool make_subject(struct subject *s, const char *fault, uint64_t seed)
{
    *s = (struct subject){.model = seeing_model_make(seed, SEEING_NO_FLAW, strcmp(fault, "input-layout") == 0,
                                                     strcmp(fault, "softmax-twice") == 0)};
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

/* ---- the matrix ---- */

/* The fault moves no output further than the NPU's own deviation may: nobody can see it without the program. */
static bool is_within(const struct subject *s, double tolerance)
{
    for (size_t i = 0; i < ROWS * s->device.output_bytes; i++)
        if (fabs(s->device.observed[i] - (int8_t)s->device.right[i]) > tolerance + 0.25)
            return false;
    return true;
}

static void judge_one(struct subject *s, uint32_t truth, int level, struct confusion_row *r)
{
    double tolerance;
    struct lp_verdict v = diagnose(s, level, &tolerance);
    if (level < 3 && truth != LP_TROUBLE_HEALTHY && is_within(s, tolerance)) {
        r->below_deviation++;
        return;
    }
    char label[60];
    snprintf(label, sizeof label, "seed %llu%s", (unsigned long long)s->device.seed, s->knows_program ? " (program)" : "");
    confusion_count(r, truth, level, &v, label);
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
    static struct confusion_row by_cause[4][LP_TROUBLES];
    (void)state;
    for (size_t f = 0; f < LP_COUNT(faults); f++) {
        struct confusion_row rows[4] = {0};
        uint32_t truth = confusion_number(faults[f]);
        for (uint64_t seed = 1; rows[3].cases < CASES && seed < 20 * CASES; seed++) {
            struct subject s;
            if (make_subject(&s, faults[f], seed))
                for (int level = 1; level <= 3; level++)
                    judge_one(&s, truth, level, &rows[level]);
            seeing_model_free(s.model);
        }
        for (int level = 1; level <= 3; level++) {
            confusion_print(faults[f], level, &rows[level]);
            failures += rows[level].confident_wrong != 0 || (level < 3 && rows[level].among != rows[level].cases);
            by_cause[level][truth] = rows[level];
        }
        failures += rows[3].cases < CASES;
        all += rows[3].cases;
        right += rows[3].single;
    }
    printf("level 3: %u of %u have the single right verdict\n", right, all);
    assert_true(right * 100 >= all * 98);
    assert_int_equal(failures, 0);
    assert_int_equal(confusion_one_sided(by_cause[1], 1) + confusion_one_sided(by_cause[2], 2), 0);
}

/* ---- faults of the model ---- */

/* Inputs that go along with the signs of balanced weights, by a strength of their own. */
static void make_correlated(struct subject *s)
{
    uint8_t *inputs = (uint8_t *)(uintptr_t)s->device.inputs;
    for (size_t n = 0; n < ROWS; n++) {
        int32_t strength = seeing_between(s->model, -120, 120);
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
        double step = seeing_between(s->model, -1000, 1000);
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
    enum seeing_flaw flaw = truth == LP_TROUBLE_MODEL_INSENSITIVE       ? SEEING_INSENSITIVE
                            : truth == LP_TROUBLE_OUTPUT_SATURATED      ? SEEING_SATURATED
                            : truth == LP_TROUBLE_ACCUMULATOR_SATURATES ? SEEING_BALANCED
                                                                        : SEEING_NO_FLAW;
    *s = (struct subject){.model = seeing_model_make(seed, flaw, false, false)};
    const struct lp_graph *g = s->model->graph;
    s->device = (struct faulty_device){.arena = &s->model->arena,
                                       .graph = g,
                                       .fault = "healthy",
                                       .seed = seed,
                                       .count = ROWS,
                                       .input_bytes = (size_t)lp_tensor_bytes(&g->tensors[g->inputs[0]]),
                                       .output_bytes = (size_t)lp_tensor_bytes(&g->tensors[g->outputs[0]])};
    s->knows_program = seed % 2 == 0 && flaw != SEEING_BALANCED;
    make_inputs(s, s->device.input_bytes);
    if (flaw == SEEING_BALANCED)
        make_correlated(s);
    if (truth == LP_TROUBLE_INPUT_RANGE_MISMATCH)
        make_out_of_range(s, seed);
    faulty_device_run(&s->device);
    if (flaw == SEEING_BALANCED)
        observe_vendor(s, seed);
}

static void faults_of_the_model_are_found(void **state)
{
    static const char *const faults[] = {"model-insensitive", "output-saturated", "input-range-mismatch",
                                         "accumulator-saturates"};
    (void)state;
    for (size_t f = 0; f < LP_COUNT(faults); f++) {
        struct confusion_row rows[4] = {0};
        uint32_t truth = confusion_number(faults[f]);
        for (uint64_t seed = 1; seed <= CASES; seed++) {
            struct subject s;
            make_flawed(&s, truth, seed);
            for (int level = 1; level <= 3; level++) {
                double tolerance;
                struct lp_verdict v = diagnose(&s, level, &tolerance);
                confusion_count(&rows[level], truth, level, &v, "");
            }
            seeing_model_free(s.model);
        }
        for (int level = 1; level <= 3; level++) {
            confusion_print(faults[f], level, &rows[level]);
            assert_int_equal(rows[level].confident_wrong, 0);
            assert_true(rows[level].single * 100 >= rows[level].cases * 98);
        }
    }
}

static void healthy_devices_raise_no_alarm(void **state)
{
    struct confusion_row rows[4] = {0};
    (void)state;
    for (uint64_t seed = 1; seed <= HEALTHY; seed++) {
        struct subject s;
        assert_true(make_subject(&s, "healthy", seed));
        judge_one(&s, LP_TROUBLE_HEALTHY, 1 + (int)(seed % 3), &rows[1 + seed % 3]);
        seeing_model_free(s.model);
    }
    for (int level = 1; level <= 3; level++) {
        confusion_print("healthy", level, &rows[level]);
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
