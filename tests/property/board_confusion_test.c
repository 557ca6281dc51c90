/* Every cause that a board or a run loop can have, many cases each, made by the simulated board: a model compiled for the NPU,
 * the run loop with a mistake or the board with a fault, a debugger's log. At level 3 the right verdict, at levels 1 and 2
 * the right cause among the ties, never a confident wrong one, and no alarm on healthy boards. CONFUSION=1 lists the misses. */
#include "cli/diagnose/parts.h"
#include "contract/crc32.h"
#include "evaluate/neural-art/software.h"
#include "examples/run-loops/bench.h"
#include "simulator/faults/faults.h"
#include "tests/support/board_session.h"
#include "tests/support/confusion.h"
#include "tests/support/seeing_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CASES = 50, HEALTHY = 500, ROWS = 12 };

/* ---- causes, and what of loop and board brings them about ---- */

struct origin {
    const char *cause;
    enum run_loop_mistake mistakes[4]; /* by seed */
    uint32_t mistake_count;
    enum lp_fault faults[4];
    uint32_t fault_count;
    bool in_flash; /* the fault's place: constants instead of the network's RAM */
};

static const struct origin origins[] = {
    {"network-not-reset", {RUN_LOOP_FORGOTTEN_RESET}, 1, {0}, 0, false},
    {"input-not-cleaned",
     {RUN_LOOP_FORGOTTEN_CLEAN, RUN_LOOP_CLEAN_OF_WRONG_ADDRESS, RUN_LOOP_CLEAN_OF_WRONG_LENGTH,
      RUN_LOOP_INVALIDATE_BEFORE_CLEAN},
     4,
     {0},
     0,
     false},
    {"output-not-invalidated", {RUN_LOOP_FORGOTTEN_INVALIDATE}, 1, {0}, 0, false},
    {"input-wrong-address", {RUN_LOOP_USER_BUFFER}, 1, {0}, 0, false},
    {"output-wrong-address", {RUN_LOOP_OTHER_OUTPUT}, 1, {0}, 0, false},
    {"reset-too-early", {RUN_LOOP_RESET_BEFORE_DONE}, 1, {0}, 0, false},
    {"npu-timeout", {0}, 0, {LP_FAULT_EPOCH_HANGS, LP_FAULT_CLOCK_OFF, LP_FAULT_INTERRUPT_MASKED}, 3, false},
    {"pool-asleep", {0}, 0, {LP_FAULT_MEMORY_ASLEEP}, 1, false},
    {"pool-firewalled", {0}, 0, {LP_FAULT_MEMORY_DENIED}, 1, false},
    {"pool-firewalled", {0}, 0, {LP_FAULT_MEMORY_DENIED}, 1, true},
    {"weights-missing", {0}, 0, {LP_FAULT_CONSTANTS_ERASED, LP_FAULT_MEMORY_ASLEEP}, 2, true},
    {"weights-corrupt", {0}, 0, {LP_FAULT_CONSTANTS_CORRUPT}, 1, true},
    {"weights-wrong-address", {0}, 0, {LP_FAULT_CONSTANTS_MOVED}, 1, true},
    {"cache-line-shared", {RUN_LOOP_SHARED_LINE}, 1, {0}, 0, false},
    {"input-type-mismatch", {RUN_LOOP_UINT8_INPUT, RUN_LOOP_FLOAT_INPUT, RUN_LOOP_UNSCALED_INPUT}, 3, {0}, 0, false},
    {"input-layout", {RUN_LOOP_CHANNEL_FIRST}, 1, {0}, 0, false},
    {"output-scale-wrong", {RUN_LOOP_STALE_QUANTIZATION}, 1, {0}, 0, false},
    {"softmax-twice", {RUN_LOOP_SOFTMAX_TWICE}, 1, {0}, 0, false},
};

static const struct origin healthy = {"healthy", {0}, 0, {0}, 0, false};

/* ---- the program that the board runs, known to the diagnosis or not ---- */

struct own_program {
    struct board_session *s;
    struct lp_case_range *ranges;
    uint32_t count;
};

static void saw_epoch(void *observer, const struct lp_npu_epoch *epoch)
{
    struct own_program *p = observer;
    for (uint32_t i = 0; i < p->count; i++) {
        struct lp_case_range *r = &p->ranges[i];
        if (r->epoch != (uint32_t)(epoch - p->s->linked.program->epochs))
            continue;
        uint8_t *bytes = malloc((size_t)r->size_bytes + 1);
        assert_non_null(bytes);
        r->is_known = lp_sim_ram_get(&p->s->plain.ram, r->address, bytes, (size_t)r->size_bytes) == LP_OK;
        r->crc = lp_crc32(bytes, (size_t)r->size_bytes);
        free(bytes);
    }
}

static lp_status run_software(void *observer, const struct lp_npu_epoch *epoch, const struct lp_sim_memory *memory)
{
    const struct board_session *s = ((struct own_program *)observer)->s;
    for (uint32_t i = 0; i < s->linked.software_count; i++)
        if (s->linked.software[i].epoch == (uint32_t)(epoch - s->linked.program->epochs))
            return lp_npu_software_run(s->on.diag, &s->linked.software[i], memory);
    return LP_INTERNAL;
}

static lp_status run_program(void *user, const uint8_t *input, uint8_t *output, struct lp_case_range *ranges, uint32_t count,
                             struct lp_diag *diag)
{
    struct own_program *p = user;
    struct board_session *s = p->s;
    struct lp_arena arena = {0};
    struct lp_sim_report report;
    const struct lp_sim_options options = {.observer = p, .saw_epoch = saw_epoch, .run_software = run_software};
    (void)diag;
    p->ranges = ranges;
    p->count = count;
    lp_status status = lp_sim_ram_put(&s->plain.ram, s->input_at, input, s->input_bytes);
    if (status == LP_OK)
        status = lp_sim_run(&arena, s->linked.program, &s->plain.ram.memory, &options, &report);
    if (status == LP_OK)
        status = lp_sim_ram_get(&s->plain.ram, s->output_at, output, s->output_bytes);
    lp_arena_free(&arena);
    return status;
}

static bool image(void *user, uint64_t address, uint8_t *bytes, size_t count)
{
    const struct lp_npu_program *program = ((struct own_program *)user)->s->linked.program;
    for (uint32_t i = 0; i < program->image_count; i++) {
        const struct lp_npu_image *m = &program->images[i];
        if (address < m->base || address - m->base > m->size_bytes || count > m->size_bytes - (size_t)(address - m->base))
            continue;
        memcpy(bytes, m->bytes + (address - m->base), count);
        return true;
    }
    return false;
}

/* ---- one case ---- */

struct subject {
    struct seeing_model *model;
    struct board_session s;
    struct bench bench;
    struct lp_faults faults;
    uint64_t seed;
    uint8_t *inputs, *right; /* ROWS of each */
    double *observed;        /* in LSB of the output */
    bool is_visible;
};

static struct subject subject;

static uint32_t hardware_epoch(const struct subject *c, uint64_t from)
{
    const struct lp_npu_program *p = c->s.linked.program;
    uint32_t epoch = (uint32_t)(from % p->epoch_count);
    while (p->epochs[epoch].kind != LP_NPU_EPOCH_HW)
        epoch = (epoch + 1) % p->epoch_count;
    return epoch;
}

static void arm(struct subject *c, const struct origin *o)
{
    const struct lp_npu_image *constants = &c->s.linked.program->images[0];
    uint64_t roll = c->seed / 3;
    struct lp_fault_plan plan = {.fault = o->faults[c->seed % o->fault_count],
                                 .inference = LP_FAULT_AT_START,
                                 .memory = lp_board_memory_at(&c->s.on.board, o->in_flash ? constants->base : c->s.input_at),
                                 .address = constants->base,
                                 .size_bytes = constants->size_bytes};
    if (plan.fault == LP_FAULT_CONSTANTS_CORRUPT)
        plan.amount = 3 + (uint32_t)(roll % 6);
    if (plan.fault == LP_FAULT_CONSTANTS_MOVED) {
        plan.amount = 16 * (1 + (uint32_t)(roll % 3));
        c->bench.probe.images_at = constants->base - plan.amount;
    }
    if (strcmp(o->cause, "npu-timeout") == 0) {
        plan.inference = (uint32_t)(roll % 4);
        plan.epoch = hardware_epoch(c, roll / 4);
    }
    lp_faults_arm(&c->faults, &c->s.on.board, &plan);
}

static void make_rows(struct subject *c)
{
    struct lp_arena *arena = &c->s.session.arena;
    c->inputs = lp_arena_alloc(arena, ROWS, c->s.input_bytes);
    c->right = lp_arena_alloc(arena, ROWS, c->s.output_bytes);
    c->observed = LP_NEW_ARRAY(arena, ROWS * c->s.output_bytes, double);
    for (size_t i = 0; i < ROWS * c->s.input_bytes; i++)
        c->inputs[i] = (uint8_t)(int8_t)seeing_between(c->model, -100, 100);
    for (size_t n = 0; n < ROWS; n++)
        board_session_expect(&c->s, c->inputs + n * c->s.input_bytes, c->right + n * c->s.output_bytes);
}

static void run_rows(struct subject *c)
{
    struct lp_arena *arena = &c->s.session.arena;
    const struct lp_npu_buffer *in = &c->s.linked.program->buffers[LP_NPU_INPUT].items[0],
                               *out = &c->s.linked.program->buffers[LP_NPU_OUTPUT].items[0];
    float *windows = LP_NEW_ARRAY(arena, ROWS * c->s.input_bytes, float);
    float *results = LP_NEW_ARRAY(arena, c->s.output_bytes, float);
    for (size_t i = 0; i < ROWS * c->s.input_bytes; i++)
        windows[i] = (float)in->scale[0] * (float)((int8_t)c->inputs[i] - in->zero_point[0]);
    for (size_t n = 0; n < ROWS; n++) {
        const float *window = windows + n * c->s.input_bytes;
        bench_infer(&c->bench, window, n + 1 < ROWS ? window + c->s.input_bytes : NULL, results);
        for (size_t i = 0; i < c->s.output_bytes; i++) {
            double q = (double)results[i] / out->scale[0] + out->zero_point[0];
            c->observed[n * c->s.output_bytes + i] = q;
            c->is_visible = c->is_visible || fabs(q - (int8_t)c->right[n * c->s.output_bytes + i]) > 0.25;
        }
    }
}

static void close_case(struct subject *c)
{
    bench_close(&c->bench);
    board_session_close(&c->s);
    seeing_model_free(c->model);
}

/* Takes the seeds whose fault is to be seen. False: this one is not, and is closed again. */
static bool open_case(struct subject *c, const struct origin *o, uint64_t seed)
{
    enum run_loop_mistake mistake = o->mistake_count == 0 ? RUN_LOOP_RIGHT : o->mistakes[seed % o->mistake_count];
    *c = (struct subject){.seed = seed};
    c->model = seeing_model_make(seed, SEEING_NO_FLAW, strcmp(o->cause, "input-layout") == 0,
                                 strcmp(o->cause, "softmax-twice") == 0);
    enum board_ports ports = mistake == RUN_LOOP_SHARED_LINE ? BOARD_SHARED_LINE
                             : seed % 5 == 0                 ? BOARD_KEEP_INPUTS
                                                             : BOARD_OWN_PORTS;
    if (!board_session_open(&c->s, "made.tflite", c->model->bytes, c->model->byte_count, ports)) {
        seeing_model_free(c->model);
        return false;
    }
    make_rows(c);
    if (o->fault_count != 0)
        arm(c, o);
    lp_board_bring_up(&c->s.on.board);
    if (bench_open(&c->bench, &c->s.on, mistake, (uint32_t)(seed / 2)) != LP_OK)
        fail_msg("%s", lp_text_get(&c->s.session.diag.errors));
    run_rows(c);
    if (bench_end(&c->bench) != LP_OK)
        fail_msg("%s", lp_text_get(&c->s.session.diag.errors));
    if (c->is_visible || strcmp(o->cause, "healthy") == 0)
        return true;
    close_case(c);
    return false;
}

/* ---- diagnosis ---- */

static struct lp_verdict diagnose(struct subject *c, int level, double *tolerance)
{
    struct lp_trace trace;
    struct lp_device_log log;
    struct lp_diagnosis d;
    struct own_program program = {.s = &c->s};
    struct lp_case_device device = {.user = &program, .run = run_program, .image = image};
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_case k = {.arena = &arena,
                        .diag = &diag,
                        .graph = c->s.unit.model_graph,
                        .runner = &lp_diagnose_runner,
                        .device = c->seed % 2 == 0 ? &device : NULL,
                        .is_vendor_possible = true,
                        .count = ROWS,
                        .input_bytes = c->s.input_bytes,
                        .inputs = c->inputs,
                        .observed_values = c->observed};
    const char *trace_text = lp_text_get(&c->bench.trace), *log_text = lp_text_get(&c->bench.probe.log);
    if (level >= 2 && lp_trace_read(&arena, &diag, "trace", trace_text, strlen(trace_text), &trace) == LP_OK)
        k.trace = &trace;
    if (level >= 3 && lp_device_log_read(&arena, &diag, "log", log_text, strlen(log_text), &log) == LP_OK)
        k.log = &log;
    if (diag.error_count != 0 || lp_diagnose(&k, &d) != LP_OK)
        fail_msg("%s", lp_text_get(&diag.errors));
    *tolerance = k.tolerance;
    assert_int_equal(d.verdict.level, level);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
    return d.verdict;
}

/* The fault moves no output further than the NPU's own deviation may: without the program nobody can see it in the outputs,
 * and the log knows nothing of what becomes of right bytes. */
static bool is_unseen(const struct subject *c, int level, double tolerance)
{
    bool is_in_log = c->bench.loop.mistake != RUN_LOOP_STALE_QUANTIZATION && c->bench.loop.mistake != RUN_LOOP_SOFTMAX_TWICE;
    if (level == 3 && is_in_log)
        return false;
    for (size_t i = 0; i < ROWS * c->s.output_bytes; i++)
        if (fabs(c->observed[i] - (int8_t)c->right[i]) > tolerance + 0.25)
            return false;
    return true;
}

static void judge(struct subject *c, const char *cause, int level, struct confusion_row *row)
{
    char label[60];
    double tolerance;
    struct lp_verdict v = diagnose(c, level, &tolerance);
    if (strcmp(cause, "healthy") != 0 && is_unseen(c, level, tolerance))
        return;
    snprintf(label, sizeof label, "seed %llu, %s%s", (unsigned long long)c->seed, bench_mistakes[c->bench.loop.mistake],
             c->seed % 2 == 0 ? ", program" : "");
    confusion_count(row, confusion_number(cause), level, &v, label);
}

static void every_cause_is_found(void **state)
{
    uint32_t failures = 0, all = 0, right = 0;
    (void)state;
    for (size_t f = 0; f < LP_COUNT(origins); f++) {
        struct confusion_row rows[4] = {0};
        for (uint64_t seed = 1; rows[3].cases < CASES && seed < 20 * CASES; seed++) {
            if (!open_case(&subject, &origins[f], seed))
                continue;
            for (int level = 1; level <= 3; level++)
                judge(&subject, origins[f].cause, level, &rows[level]);
            close_case(&subject);
        }
        for (int level = 1; level <= 3; level++) {
            confusion_print(origins[f].cause, level, &rows[level]);
            failures += rows[level].confident_wrong != 0 || (level < 3 && rows[level].among != rows[level].cases);
        }
        failures += rows[3].cases < CASES || rows[3].single * 100 < rows[3].cases * 98;
        all += rows[3].cases;
        right += rows[3].single;
    }
    printf("level 3: %u of %u have the single right verdict\n", right, all);
    assert_true(right * 100 >= all * 98);
    assert_int_equal(failures, 0);
}

static void healthy_boards_raise_no_alarm(void **state)
{
    struct confusion_row rows[4] = {0};
    (void)state;
    for (uint64_t seed = 1; seed <= HEALTHY; seed++) {
        assert_true(open_case(&subject, &healthy, seed));
        judge(&subject, "healthy", 1 + (int)(seed % 3), &rows[1 + seed % 3]);
        close_case(&subject);
    }
    for (int level = 1; level <= 3; level++) {
        confusion_print("healthy", level, &rows[level]);
        assert_int_equal(rows[level].single, rows[level].cases);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cause_is_found),
        cmocka_unit_test(healthy_boards_raise_no_alarm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
