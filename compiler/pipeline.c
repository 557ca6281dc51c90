/* Start reading here: the stages of the compiler, in order. */
#include "compiler/pipeline.h"

#include "compiler/analyze/shapes.h"
#include "compiler/import/import.h"
#include "compiler/plan/plan_check.h"

#include <sha256.h>
#include <string.h>

const char *lp_unit_model_file(const struct lp_unit *unit)
{
    const char *slash = strrchr(unit->model_path, '/');
    return slash == NULL ? unit->model_path : slash + 1;
}

static lp_status import(struct lp_unit *u)
{
    SHA256Data(u->model, u->model_bytes, u->model_sha256);
    return lp_import(u->arena, u->diag, lp_unit_model_file(u), u->model, u->model_bytes, &u->graph);
}

/* Behind the model's own outputs, in the order of the operators. */
static lp_status expose_tensors(struct lp_unit *u)
{
    struct lp_graph *g = u->graph;
    int32_t *outputs = LP_NEW_ARRAY(u->arena, (size_t)g->output_count + g->tensor_count, int32_t);
    bool *is_output = LP_NEW_ARRAY(u->arena, g->tensor_count, bool);
    if (outputs == NULL || is_output == NULL)
        return lp_no_memory(u->diag);
    for (uint32_t i = 0; i < g->output_count; i++) {
        outputs[i] = g->outputs[i];
        is_output[g->outputs[i]] = true;
    }
    for (uint32_t i = 0; i < g->op_count; i++)
        for (uint32_t k = 0; k < g->ops[i].output_count; k++)
            if (!is_output[g->ops[i].outputs[k]])
                outputs[g->output_count++] = g->ops[i].outputs[k];
    g->outputs = outputs;
    return LP_OK;
}

static lp_status analyze(struct lp_unit *u)
{
    lp_status status = lp_analyze_shapes(u->graph, u->diag);
    return status == LP_OK && u->all_outputs ? expose_tensors(u) : status;
}

static lp_status lower(struct lp_unit *u)
{
    return lp_lower(u->arena, u->diag, u->graph, u->target, &u->options, &u->program);
}

static lp_status plan(struct lp_unit *u)
{
    struct lp_plan_problem problem = {
        .blocks = u->program->blocks,
        .block_count = u->program->block_count,
        .overlaps = u->program->overlaps,
        .overlap_count = u->program->overlap_count,
        .diag = u->diag,
    };
    return lp_plan_make(&problem, &u->plan);
}

static lp_status emit(struct lp_unit *u)
{
    const char *name = NULL;
    const char *file = lp_unit_model_file(u);
    const char *dot = strrchr(file, '.');
    const char *stem = lp_arena_text(u->arena, file, dot == NULL || dot == file ? strlen(file) : (size_t)(dot - file));
    if (stem == NULL)
        return lp_no_memory(u->diag);
    lp_status status = lp_emit_name(u->arena, u->diag, u->name == NULL ? stem : u->name, &name);
    if (status != LP_OK)
        return status;
    u->name = name;
    u->output.arena = u->arena;
    struct lp_emit_input input = {
        .graph = u->graph,
        .program = u->program,
        .arena_bytes = u->plan.peak_bytes,
        .name = name,
        .version = u->version,
        .model_file = file,
        .model_sha256 = u->model_sha256,
        .flags = u->flags == NULL ? "" : u->flags,
        .sources = u->sources,
        .source_count = u->source_count,
    };
    return lp_emit(&input, &u->output, u->diag);
}

static void dump_graph(struct lp_unit *u)
{
    lp_graph_print(u->graph, &u->dump);
}

static void dump_program(struct lp_unit *u)
{
    lp_program_print(u->program, u->graph, &u->dump);
}

static void dump_files(struct lp_unit *u)
{
    for (size_t i = 0; i < u->output.count; i++)
        lp_text_printf(&u->dump, "%10zu  %s\n", u->output.files[i].size_bytes, u->output.files[i].path);
}

static const struct stage {
    const char *name;
    lp_status (*run)(struct lp_unit *);
    void (*dump)(struct lp_unit *);
} stages[] = {
    {"import", import, dump_graph},   /* model file     -> graph                   */
    {"analyze", analyze, dump_graph}, /* graph          -> shapes, padding         */
    {"lower", lower, dump_program},   /* graph + target -> epochs and constants    */
    {"plan", plan, dump_program},     /* lifetimes      -> addresses               */
    {"emit", emit, dump_files},       /* epochs + plan  -> C source                */
};

static bool knows_stage(const char *name)
{
    for (size_t i = 0; i < LP_COUNT(stages); i++)
        if (strcmp(stages[i].name, name) == 0)
            return true;
    return false;
}

/* Code that did not make the result looks at it after every stage. */
static lp_status verify(struct lp_unit *u, const struct stage *stage)
{
    lp_status status = lp_graph_verify(u->graph, stage->name, u->diag);
    const struct lp_program *p = u->program;
    if (status == LP_OK && stage->run == plan &&
        !lp_plan_is_sound(p->blocks, p->block_count, p->overlaps, p->overlap_count, u->plan.peak_bytes))
        status = lp_error(u->diag, LP_INTERNAL, "the memory plan for %s is unsound: please report this model", u->target->name);
    return status;
}

lp_status lp_compile(struct lp_unit *u)
{
    if (u->dump_after != NULL && !knows_stage(u->dump_after))
        return lp_error(u->diag, LP_BAD_ARGUMENT, "there is no stage '%s': import, analyze, lower, plan, emit", u->dump_after);
    lp_status status = LP_OK;
    for (size_t i = 0; i < LP_COUNT(stages) && status == LP_OK; i++) {
        status = stages[i].run(u);
        if (status == LP_OK)
            status = verify(u, &stages[i]);
        if (status == LP_OK && u->dump_after != NULL && strcmp(stages[i].name, u->dump_after) == 0)
            stages[i].dump(u);
        if (u->last_stage != NULL && strcmp(stages[i].name, u->last_stage) == 0)
            break;
    }
    return status;
}
