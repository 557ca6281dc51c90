/* Random models lowered to the NPU and run on its simulator: from exact inputs no layer is off by more than one step, no
 * intermediate value saturates, the causes of the parameters add up, and operators that stream into each other give the same
 * bytes as through memory. LP_MODELS=N asks for other than the usual number. */
#include "cli/simulate.h"
#include "evaluate/evaluate.h"
#include "tests/support/random_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MODELS = 400, INPUTS = 2 };

struct check {
    struct lp_session session;
    struct lp_unit unit;  /* every tensor an output, so that each operator can be seen alone */
    struct lp_unit plain; /* as users get it */
    struct lp_evaluation exact;
    uint8_t *left; /* what is left of a tensor without its dead channels */
    uint64_t seed;
    int compared, hardware, software, chained;
    int off_by_one;
};

static const void *expected(void *user, size_t inference, int32_t tensor)
{
    struct check *c = user;
    (void)inference;
    const void *whole = lp_evaluate_tensor(&c->exact, tensor);
    if (c->unit.removal->kept[tensor].period == 0)
        return whole;
    lp_removal_gather(c->unit.removal, tensor, whole, c->left);
    return c->left;
}

static bool is_in_hardware(const struct lp_program *p, int32_t tensor, const struct lp_graph *g)
{
    for (uint32_t e = 0; e < p->epoch_count; e++)
        if (g->ops[p->epochs[e].op].outputs[0] == tensor)
            return p->epochs[e].hw != NULL;
    return false;
}

static void seen(void *user, size_t inference, int32_t tensor, const void *data)
{
    struct check *c = user;
    const struct lp_tensor *t = &c->unit.graph->tensors[tensor];
    const int8_t *want = expected(user, inference, tensor), *got = data;
    int allowed = is_in_hardware(c->unit.program, tensor, c->unit.graph) ? 1 : 0;
    if (t->element != LP_ELEMENT_INT8)
        return;
    for (int64_t i = 0; i < lp_tensor_elements(t); i++) {
        if (abs(got[i] - want[i]) > allowed)
            fail_msg("seed %llu: tensor %d '%s' element %lld is %d, expected %d", (unsigned long long)c->seed, (int)tensor,
                     t->name, (long long)i, got[i], want[i]);
        c->off_by_one += got[i] != want[i];
    }
    c->compared++;
}

static uint64_t predicted_cycles(const struct lp_program *p)
{
    uint64_t cycles = 0;
    for (uint32_t e = 0; e < p->epoch_count; e++)
        cycles += p->epochs[e].hw == NULL ? 0 : (uint64_t)p->epochs[e].cycles;
    return cycles;
}

/* Outputs of both builds, free-running; adds up the saturations. */
static void compare_builds(struct check *c, struct lp_batch *batch, struct lp_batch_costs *costs)
{
    struct lp_batch_costs more[2];
    struct lp_batch plain = *batch;
    assert_int_equal(lp_batch_outputs(&c->session, c->plain.graph, &plain), LP_OK);
    assert_int_equal(lp_batch_simulate(&c->session, &c->unit, batch, NULL, NULL, &more[0]), LP_OK);
    if (lp_batch_simulate(&c->session, &c->plain, &plain, NULL, NULL, &more[1]) != LP_OK)
        fail_msg("seed %llu: %s", (unsigned long long)c->seed, lp_text_get(&c->session.diag.errors));
    for (uint32_t i = 0; i < c->plain.graph->output_count; i++)
        if (memcmp(batch->outputs[i].data, plain.outputs[i].data, plain.outputs[i].inference_bytes) != 0)
            fail_msg("seed %llu: output %u differs when operators stream into each other", (unsigned long long)c->seed,
                     (unsigned)i);
    if (more[0].cycles != predicted_cycles(c->unit.program) || more[1].cycles != predicted_cycles(c->plain.program))
        fail_msg("seed %llu: %llu and %llu cycles, %llu and %llu were predicted", (unsigned long long)c->seed,
                 (unsigned long long)more[0].cycles, (unsigned long long)more[1].cycles,
                 (unsigned long long)predicted_cycles(c->unit.program), (unsigned long long)predicted_cycles(c->plain.program));
    costs->saturations += more[0].saturations + more[1].saturations;
}

static void run(struct check *c, struct random_model *m, int n)
{
    struct lp_batch batch = {.count = 1};
    const struct lp_batch_watch watch = {seen, c};
    const struct lp_batch_force force = {expected, c};
    struct lp_batch_costs costs = {0};
    size_t bytes = tw_tensor_elements(&m->file.tensors[m->file.inputs[0]]);
    uint8_t *input = lp_arena_alloc(&c->session.arena, bytes, 1);
    assert_non_null(input);
    for (size_t i = 0; i < bytes; i++)
        input[i] = (uint8_t)(n == 1 ? random_between(m, 0, 1) * 255 - 128 : random_between(m, -128, 127));
    batch.inputs[0] = (struct lp_values){.data = input, .inference_count = 1, .inference_bytes = bytes};
    assert_int_equal(lp_batch_outputs(&c->session, c->unit.graph, &batch), LP_OK);
    assert_int_equal(lp_evaluate_set_input(&c->exact, 0, input, bytes), LP_OK);
    assert_int_equal(lp_evaluate_run(&c->exact, &c->session.diag), LP_OK);
    if (lp_batch_simulate(&c->session, &c->unit, &batch, &watch, &force, &costs) != LP_OK)
        fail_msg("seed %llu: %s", (unsigned long long)c->seed, lp_text_get(&c->session.diag.errors));
    compare_builds(c, &batch, &costs);
    if (costs.saturations != 0)
        fail_msg("seed %llu: %llu intermediate values saturate", (unsigned long long)c->seed,
                 (unsigned long long)costs.saturations);
}

static void open_unit(struct check *c, struct random_model *m)
{
    struct lp_session *s = &c->session;
    assert_int_equal(lp_session_targets(s, "stm32n6"), LP_OK);
    s->model_path = "random.tflite";
    s->model = lp_tw_finish(&m->file, &s->model_bytes);
    lp_status status = lp_session_compile(s, &s->targets[0], "plan", &c->plain);
    s->all_outputs = true;
    if (status == LP_OK)
        status = lp_session_compile(s, &s->targets[0], "plan", &c->unit);
    if (status != LP_OK)
        fail_msg("seed %llu: %s", (unsigned long long)c->seed, lp_text_get(&s->diag.errors));
    int64_t largest = 1;
    for (uint32_t t = 0; t < c->unit.model_graph->tensor_count; t++)
        if (lp_tensor_bytes(&c->unit.model_graph->tensors[t]) > largest)
            largest = lp_tensor_bytes(&c->unit.model_graph->tensors[t]);
    c->left = lp_arena_alloc(&s->arena, (size_t)largest, 1);
    assert_non_null(c->left);
    assert_int_equal(lp_evaluate_open(&c->exact, c->unit.model_graph, LP_ROUNDING_SINGLE, &s->diag), LP_OK);
}

static void check_model(uint64_t seed, struct check *totals)
{
    struct check c = {.seed = seed};
    struct random_model *m = random_model_make(seed);
    open_unit(&c, m);
    int64_t sum = 0;
    for (int cause = 0; cause < LP_CAUSE_COUNT; cause++)
        sum += lp_section_cause_bytes(&c.unit.program->weights, (enum lp_cause)cause, LP_ANY_LAYER);
    assert_int_equal(sum, c.unit.program->weights.size_bytes);
    for (uint32_t e = 0; e < c.unit.program->epoch_count; e++) {
        totals->hardware += c.unit.program->epochs[e].hw != NULL;
        totals->software += c.unit.program->epochs[e].hw == NULL;
    }
    for (uint32_t i = 0; i < c.plain.graph->op_count; i++)
        totals->chained += c.plain.program->is_fused[i];
    for (int n = 0; n < INPUTS; n++)
        run(&c, m, n);
    totals->compared += c.compared;
    totals->off_by_one += c.off_by_one;
    lp_evaluate_close(&c.exact);
    random_model_free(m);
    lp_diag_free(&c.session.diag);
    lp_arena_free(&c.session.arena);
}

static int models(void)
{
    const char *asked = getenv("LP_MODELS");
    return asked == NULL || atoi(asked) <= 0 ? MODELS : atoi(asked);
}

static void no_layer_is_off_by_more_than_one_step(void **state)
{
    (void)state;
    struct check totals = {0};
    for (uint64_t seed = 1; seed <= (uint64_t)models(); seed++)
        check_model(seed, &totals);
    printf("%d models: %d epochs in hardware, %d in software, %d operators that stream on; %d tensors compared, %d values off by "
           "one\n",
           models(), totals.hardware, totals.software, totals.chained, totals.compared, totals.off_by_one);
    assert_true(totals.hardware > totals.software);
    assert_true(totals.off_by_one > 0); /* else the NPU was not at work */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_layer_is_off_by_more_than_one_step)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
