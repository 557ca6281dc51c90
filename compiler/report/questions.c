#include "compiler/report/side.h"
#include "compiler/report/table.h"
#include "compiler/semantics/semantics.h"

#include <stdlib.h>
#include <string.h>

/* Channels that share one block in the widest storage of depthwise kernels that is known of this kind of hardware. */
enum { WIDEST_BLOCK = 8 };

struct view {
    const struct lp_report_model *model;
    const struct lp_report_target *targets;
    const struct lp_cost *costs;
    size_t count;
};

struct answer {
    const char *question;
    void (*write)(const struct view *v, size_t npu, struct lp_text *out);
};

struct depthwise {
    int64_t layers, kernel_bytes;      /* of the model */
    int64_t in_blocks, block_bytes;    /* layers stored in blocks on this target, and the bytes this adds */
    int64_t split_layers, split_bytes; /* layers whose kernels are cut into parts */
};

static struct depthwise depthwise_of(const struct view *v, size_t npu)
{
    struct depthwise d = {0};
    const struct lp_graph *g = v->model->graph;
    const struct lp_section *weights = &v->targets[npu].program->weights;
    for (uint32_t i = 0; i < g->op_count; i++) {
        const struct lp_op *op = &g->ops[i];
        if (op->kind != LP_OP_DEPTHWISE_CONV_2D)
            continue;
        const struct lp_tensor *kernel = lp_op_input(g, op, 1);
        int32_t layer = (int32_t)op->source_index;
        int64_t block = lp_section_cause_bytes(weights, LP_CAUSE_DEPTHWISE_BLOCK_DIAGONAL, layer);
        int64_t split = lp_section_cause_bytes(weights, LP_CAUSE_SPLIT_KERNELS, layer);
        d.layers++;
        d.kernel_bytes += kernel->data == NULL ? 0 : lp_tensor_bytes(kernel);
        d.in_blocks += block != 0;
        d.block_bytes += block;
        d.split_layers += split != 0;
        d.split_bytes += split;
    }
    return d;
}

static void write_depthwise(const struct view *v, size_t npu, struct lp_text *out)
{
    struct depthwise d = depthwise_of(v, npu);
    char a[32], b[32];
    if (d.layers == 0) {
        lp_text_printf(out, "This model has no depthwise convolution, so nothing of this kind can happen.");
        return;
    }
    if (d.in_blocks == 0)
        lp_text_printf(out, "No. The kernels of its %lld depthwise layers lie in flash once, a plain one for each channel.",
                       (long long)d.layers);
    else
        lp_text_printf(out,
                       "Yes, %lld of %lld depthwise layers: their kernels are stored as blocks of several channels, zeros beside "
                       "the diagonal, which adds %s bytes.",
                       (long long)d.in_blocks, (long long)d.layers, lp_number_text(d.block_bytes, a));
    if (d.split_layers != 0)
        lp_text_printf(out, " In %lld of them a kernel is cut into parts, which takes %s bytes.", (long long)d.split_layers,
                       lp_number_text(d.split_bytes, b));
    lp_text_printf(out,
                   " A tool that stores all of the model's %s bytes of depthwise kernels in blocks of %d channels takes %s bytes "
                   "more for it.",
                   lp_number_text(d.kernel_bytes, a), WIDEST_BLOCK, lp_number_text(d.kernel_bytes * (WIDEST_BLOCK - 1), b));
}

/* The first target without such hardware; `npu` itself when there is none. */
static size_t other_target(const struct view *v, size_t npu)
{
    for (size_t i = 0; i < v->count; i++)
        if (v->targets[i].program->refusals == NULL)
            return i;
    return npu;
}

static void write_change(int64_t change, const char *what, struct lp_text *out)
{
    char number[32];
    if (change == 0)
        lp_text_printf(out, "%s as many bytes", what);
    else
        lp_text_printf(out, "%s %s bytes %s", what, lp_number_text(llabs(change), number), change > 0 ? "more" : "less");
}

/* The cause whose bytes differ most between two ledgers. */
static void write_largest(const struct lp_cost_ledger *from, const struct lp_cost_ledger *to, struct lp_text *out)
{
    char number[32];
    int64_t most = 0;
    const char *name = NULL;
    for (int k = 0; k < LP_CAUSE_COUNT; k++) {
        const char *cause = lp_cause_name((enum lp_cause)k);
        int64_t change = lp_cost_cause_bytes(to, cause) - lp_cost_cause_bytes(from, cause);
        if (llabs(change) > llabs(most)) {
            most = change;
            name = cause;
        }
    }
    if (name != NULL)
        lp_text_printf(out, " (most by %s, %s%s)", name, most > 0 ? "+" : "", lp_number_text(most, number));
}

static void write_rom(const struct view *v, size_t npu, struct lp_text *out)
{
    size_t cpu = other_target(v, npu);
    const struct lp_cost *a = &v->costs[cpu], *b = &v->costs[npu];
    int64_t weights = b->weights_bytes - a->weights_bytes, tables = b->program_bytes - a->program_bytes;
    int64_t dead = -lp_cost_cause_bytes(&b->weights, lp_cause_name(LP_CAUSE_DEAD_CHANNELS));
    char n[32];
    if (cpu != npu) {
        lp_text_printf(out, "%s. Compared with %s,", weights + tables > 0 ? "Yes" : "No", a->target);
        write_change(weights, " the weights take", out);
        write_largest(&a->weights, &b->weights, out);
        write_change(tables, " and the program tables", out);
        write_largest(&a->program, &b->program, out);
        lp_text_printf(out, ";");
        write_change(weights + tables, " together", out);
        lp_text_printf(out, ".%s ",
                       a->code_bytes < 0 ? " The code of kernels is not in this sum: see --link."
                                         : " The code of kernels stands apart in the table.");
    }
    if (dead > 0)
        lp_text_printf(out,
                       "What is dead weighs more than the target: %s bytes of the model belong to channels that no input can "
                       "change. They are removed here on every target; a tool that removes them on one target only shows "
                       "that difference as if the target made it.",
                       lp_number_text(dead, n));
    else
        lp_text_printf(out, "No channel of this model is dead, so no tool can save weights by removing any.");
}

static void write_scales(const struct view *v, size_t npu, struct lp_text *out)
{
    const struct lp_graph *g = v->model->graph;
    const char *vectors = lp_cause_name(LP_CAUSE_SCALE_VECTORS);
    int64_t layers = 0, scales = 0;
    char a[32], b[32];
    for (uint32_t i = 0; i < g->op_count; i++) {
        if (!lp_is_weighted(g->ops[i].kind))
            continue;
        uint32_t count = lp_op_input(g, &g->ops[i], 1)->quant.count;
        layers += count > 1;
        scales += count > 1 ? count : 0;
    }
    if (layers == 0)
        lp_text_printf(out, "This model has one scale for each layer, none for each channel. ");
    else
        lp_text_printf(out,
                       "Nothing is re-quantized: the weights keep the model's bits. The scales of %s channels in %lld layers "
                       "become numbers. ",
                       lp_number_text(scales, a), (long long)layers);
    size_t cpu = other_target(v, npu);
    lp_text_printf(out, "What is left of them takes %s bytes on %s, as vectors of 16-bit factors",
                   lp_number_text(lp_cost_cause_bytes(&v->costs[npu].weights, vectors), a), v->costs[npu].target);
    if (cpu != npu)
        lp_text_printf(out, ", and %s on %s, as 32-bit multipliers with 8-bit shifts",
                       lp_number_text(lp_cost_cause_bytes(&v->costs[cpu].weights, vectors), b), v->costs[cpu].target);
    lp_text_printf(out, ".");
}

static const struct answer answers[] = {
    {"Does the NPU repack or duplicate depthwise weights here?", write_depthwise},
    {"Does this architecture need more ROM on the NPU?", write_rom},
    {"What does the format with a scale for each channel cost?", write_scales},
};

void lp_questions_text(const struct lp_report_model *model, const struct lp_report_target *targets, const struct lp_cost *costs,
                       size_t count, struct lp_text *out)
{
    enum { WIDTH = 116 };
    const struct view v = {model, targets, costs, count};
    for (size_t i = 0; i < count; i++) {
        if (targets[i].program->refusals == NULL)
            continue;
        for (size_t q = 0; q < LP_COUNT(answers); q++) {
            struct lp_text answer = {0};
            answers[q].write(&v, i, &answer);
            lp_text_printf(out, "\n%s (%s)\n", answers[q].question, costs[i].target);
            lp_text_wrapped(out, lp_text_get(&answer), "  ", WIDTH);
            out->failed = out->failed || answer.failed;
            lp_text_free(&answer);
        }
    }
}

json_t *lp_questions_json(const struct lp_report_model *model, const struct lp_report_target *targets,
                          const struct lp_cost *costs, size_t count)
{
    const struct view v = {model, targets, costs, count};
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        for (size_t q = 0; targets[i].program->refusals != NULL && q < LP_COUNT(answers); q++) {
            struct lp_text answer = {0};
            answers[q].write(&v, i, &answer);
            json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "question", answers[q].question, "target", costs[i].target,
                                                  "answer", lp_text_get(&answer)));
            lp_text_free(&answer);
        }
    }
    return list;
}
