#include "compiler/report/choices.h"
#include "compiler/report/memory.h"
#include "compiler/report/removal.h"
#include "compiler/report/report.h"
#include "compiler/semantics/semantics.h"

#include <stdlib.h>
#include <string.h>

static json_t *shape_json(const struct lp_tensor *t)
{
    json_t *shape = json_array();
    for (uint8_t i = 0; i < t->rank; i++)
        json_array_append_new(shape, json_integer(t->dims[i]));
    return shape;
}

json_t *lp_report_name_json(const char *name)
{
    json_t *text = json_string(name);
    if (text != NULL)
        return text;
    struct lp_text safe = {0};
    for (const char *c = name; *c != '\0'; c++)
        lp_text_add(&safe, (unsigned char)*c < 0x80 ? c : "?", 1);
    text = json_string(lp_text_get(&safe));
    lp_text_free(&safe);
    return text;
}

static json_t *tensors_json(const struct lp_graph *graph, const int32_t *indices, uint32_t count)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < count; i++) {
        const struct lp_tensor *t = &graph->tensors[indices[i]];
        json_t *tensor = json_pack("{s:o, s:o, s:s}", "name", lp_report_name_json(t->name), "shape", shape_json(t), "dtype",
                                   lp_element_name(t->element));
        if (t->quant.count != 0) {
            json_object_set_new(tensor, "scale", json_real((double)t->quant.scale[0]));
            json_object_set_new(tensor, "zero_point", json_integer(t->quant.zero_point[0]));
        }
        json_array_append_new(list, tensor);
    }
    return list;
}

static json_t *model_json(const struct lp_report_model *model)
{
    const struct lp_graph *g = model->graph;
    int64_t macs = 0;
    int64_t constants = 0;
    for (uint32_t i = 0; i < g->op_count; i++) {
        macs += lp_op_macs(g, &g->ops[i]);
        constants += lp_op_constants_bytes(g, &g->ops[i]);
    }
    return json_pack("{s:o, s:s, s:s, s:I, s:I, s:I, s:o, s:o}", "file", lp_report_name_json(model->file), "sha256",
                     model->sha256, "format", "tflite", "operators", (json_int_t)g->model_op_count, "macs", (json_int_t)macs,
                     "constants_bytes", (json_int_t)constants, "inputs", tensors_json(g, g->inputs, g->input_count), "outputs",
                     tensors_json(g, g->outputs, g->output_count));
}

/* Causes without bytes are left out. */
static json_t *ledger_json(const struct lp_section *section, int32_t layer)
{
    json_t *ledger = json_array();
    for (int cause = 0; cause < LP_CAUSE_COUNT; cause++) {
        int64_t bytes = lp_section_cause_bytes(section, (enum lp_cause)cause, layer);
        if (bytes != 0)
            json_array_append_new(
                ledger, json_pack("{s:s, s:I}", "cause", lp_cause_name((enum lp_cause)cause), "bytes", (json_int_t)bytes));
    }
    return ledger;
}

static int64_t layer_bytes(const struct lp_section *section, int32_t layer)
{
    int64_t sum = 0;
    for (int cause = 0; cause < LP_CAUSE_COUNT; cause++)
        sum += lp_section_cause_bytes(section, (enum lp_cause)cause, layer);
    return sum;
}

static int64_t layer_macs(const struct lp_program *program, uint32_t op)
{
    int64_t macs = 0;
    for (uint32_t e = 0; e < program->epoch_count; e++)
        macs += lp_epoch_macs_of(&program->epochs[e], op);
    return macs;
}

/* On "npu" when all its epochs are in hardware, on "cpu" when none is; null for an operator without epochs. */
static json_t *runs_on_json(const struct lp_report_target *target, uint32_t op)
{
    uint32_t hw = lp_report_hw_epochs(target->program, (int64_t)op), all = 0;
    for (uint32_t e = 0; e < target->program->epoch_count; e++)
        all += target->program->epochs[e].op == op;
    if (target->program->refusals == NULL)
        return json_string("cpu");
    if (all == 0 && target->program->is_fused[op])
        return json_string("npu");
    return all == 0 ? json_null() : json_string(hw == all ? "npu" : hw == 0 ? "cpu" : "npu+cpu");
}

static json_t *reason_json(const struct lp_report_target *target, uint32_t op)
{
    const struct lp_refusal *no = target->program->refusals == NULL ? NULL : &target->program->refusals[op];
    if (no == NULL || no->rule == NULL)
        return json_null();
    return json_pack("{s:s, s:s, s:s, s:s}", "rule", no->rule, "found", no->found, "allowed", no->allowed, "change", no->change);
}

/* In steps of the output, before rounding; null where the reference is computed as it is. */
static json_t *deviation_json(const struct lp_report_target *target, uint32_t op)
{
    const struct lp_program *p = target->program;
    bool is_known = p->refusals != NULL && p->refusals[op].rule == NULL && p->deviation[op] > 0.0;
    return is_known ? json_real(p->deviation[op]) : json_null();
}

static json_int_t layer_cycles(const struct lp_program *program, uint32_t op)
{
    json_int_t cycles = 0;
    for (uint32_t e = 0; e < program->epoch_count; e++)
        if (program->epochs[e].op == op)
            cycles += (json_int_t)program->epochs[e].cycles;
    return cycles;
}

static json_t *layers_json(const struct lp_report_target *target)
{
    const struct lp_graph *g = target->graph;
    json_t *layers = json_array();
    for (uint32_t i = 0; i < g->op_count; i++) {
        const struct lp_op *op = &g->ops[i];
        int32_t layer = (int32_t)op->source_index;
        json_array_append_new(
            layers, json_pack("{s:I, s:s, s:o, s:o, s:o, s:I, s:I, s:I, s:o, s:I, s:I, s:s?, s:o}", "index",
                              (json_int_t)op->source_index, "op", lp_op_kind_table[op->kind].name, "name",
                              lp_report_name_json(lp_op_name(g, op)), "runs_on", runs_on_json(target, i), "reason",
                              reason_json(target, i), "constants_bytes", (json_int_t)lp_report_constants_bytes(target, op),
                              "weights_bytes", (json_int_t)layer_bytes(&target->program->weights, layer), "program_bytes",
                              (json_int_t)layer_bytes(&target->program->tables, layer), "ledger",
                              ledger_json(&target->program->weights, layer), "macs", (json_int_t)layer_macs(target->program, i),
                              "cycles", layer_cycles(target->program, i), "evidence",
                              target->program->evidence == NULL ? NULL : target->program->evidence[i], "deviation_bound",
                              deviation_json(target, i)));
    }
    return layers;
}

static json_t *memory_json(const struct lp_report_target *target)
{
    const struct lp_target *t = target->program->target;
    json_t *memory = json_array();
    for (uint32_t i = 0; i < t->pool_count; i++) {
        const struct lp_pool *pool = &t->pools[i];
        json_t *base = json_sprintf("0x%08llx", (unsigned long long)pool->base);
        json_int_t weights = (json_int_t)lp_report_pool_weights(target, i);
        json_int_t activations = (json_int_t)lp_report_pool_activations(target, i);
        json_array_append_new(memory, json_pack("{s:s, s:o, s:I, s:I, s:I}", "pool", pool->name, "base", base, "size_bytes",
                                                (json_int_t)pool->size_bytes, "weights_bytes", weights, "activations_bytes",
                                                activations));
    }
    return memory;
}

void lp_report_code(const struct lp_report_target *target, struct lp_report_code causes[LP_REPORT_CODE_CAUSES])
{
    causes[0] = (struct lp_report_code){lp_cause_name(LP_CAUSE_KERNELS), target->kernels_bytes};
    causes[1] = (struct lp_report_code){lp_cause_name(LP_CAUSE_EPOCH_PROGRAM), target->tables_bytes};
    causes[2] = (struct lp_report_code){lp_cause_name(LP_CAUSE_RUNTIME),
                                        target->code_bytes - target->kernels_bytes - target->tables_bytes};
}

static json_t *code_json(const struct lp_report_target *target)
{
    struct lp_report_code causes[LP_REPORT_CODE_CAUSES];
    json_t *list = json_array();
    lp_report_code(target, causes);
    for (size_t i = 0; i < LP_REPORT_CODE_CAUSES; i++)
        json_array_append_new(list, json_pack("{s:s, s:I}", "cause", causes[i].cause, "bytes", (json_int_t)causes[i].bytes));
    return list;
}

static json_t *target_json(const struct lp_report_target *target)
{
    const struct lp_program *p = target->program;
    uint32_t hw = lp_report_hw_epochs(p, -1);
    int64_t macs = 0;
    for (uint32_t e = 0; e < p->epoch_count; e++)
        macs += p->epochs[e].macs;
    json_t *json = json_pack("{s:s, s:I, s:I, s:o, s:I, s:I, s:I}", "target", p->target->name, "weights_bytes",
                             (json_int_t)p->weights.size_bytes, "program_bytes", (json_int_t)p->tables.size_bytes, "code_bytes",
                             target->code_bytes < 0 ? json_null() : json_integer(target->code_bytes), "activations_bytes",
                             (json_int_t)target->plan->peak_bytes, "activations_lower_bound_bytes",
                             (json_int_t)target->plan->lower_bound_bytes, "macs", (json_int_t)macs);
    json_object_set_new(json, "rounding", json_string(p->rounding == LP_ROUNDING_DOUBLE ? "double" : "single"));
    json_object_set_new(json, "epochs", json_pack("{s:I, s:I}", "hw", (json_int_t)hw, "sw", (json_int_t)(p->epoch_count - hw)));
    json_object_set_new(json, "ledger", ledger_json(&p->weights, LP_ANY_LAYER));
    json_object_set_new(json, "program_ledger", ledger_json(&p->tables, LP_ANY_LAYER));
    json_object_set_new(json, "code_ledger", target->code_bytes < 0 ? json_null() : code_json(target));
    if (p->weakest_evidence != NULL)
        json_object_set_new(json, "evidence", json_string(p->weakest_evidence));
    if (target->choice_count != 0)
        json_object_set_new(json, "choices", lp_choices_json(target));
    json_object_set_new(json, "layers", layers_json(target));
    json_object_set_new(json, "memory", memory_json(target));
    lp_report_memory_json(target, p->arena, json);
    lp_report_removal_json(target, p->arena, json);
    return json;
}

json_t *lp_report_json(const struct lp_report_model *model, const struct lp_report_target *targets, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, target_json(&targets[i]));
    return json_pack("{s:{s:s, s:i}, s:o, s:o}", "limpid", "version", model->version, "schema", LP_REPORT_SCHEMA, "model",
                     model_json(model), "targets", list);
}

void lp_report_json_text(const json_t *json, struct lp_text *out)
{
    char *text = json == NULL ? NULL : json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    if (text == NULL)
        out->failed = true;
    else {
        lp_text_add(out, text, strlen(text));
        lp_text_add(out, "\n", 1);
    }
    free(text);
}
