/* Start reading here: the stages of the compiler, in order. */
#include "compiler/pipeline.h"

#include "compiler/analyze/ranges.h"
#include "compiler/analyze/shapes.h"
#include "compiler/import/import.h"
#include "compiler/lower/moves.h"
#include "compiler/lower/rows.h"
#include "compiler/lower/stored.h"
#include "compiler/plan/plan_check.h"

#include <string.h>

const char *lp_unit_model_file(const struct lp_unit *unit)
{
    const char *slash = strrchr(unit->model_path, '/');
    return slash == NULL ? unit->model_path : slash + 1;
}

static lp_status import(struct lp_unit *u)
{
    lp_sha256_text(u->model, u->model_bytes, u->model_sha256);
    lp_status status = lp_import(u->arena, u->diag, lp_unit_model_file(u), u->model, u->model_bytes, &u->model_graph);
    u->graph = u->model_graph;
    return status;
}

static lp_status analyze(struct lp_unit *u)
{
    return lp_analyze_shapes(u->graph, u->diag);
}

/* One entry for each graph input; those that nobody declared keep their whole range. */
static lp_status declared_ranges(struct lp_unit *u, const struct lp_input_range **out)
{
    uint32_t count = u->model_graph->input_count;
    *out = NULL;
    if (u->input_range_count == 0)
        return LP_OK;
    if (u->input_range_count > count)
        return lp_error(u->diag, LP_BAD_ARGUMENT, "%u input ranges are declared, the model has %u inputs",
                        (unsigned)u->input_range_count, (unsigned)count);
    struct lp_input_range *ranges = LP_NEW_ARRAY(u->arena, count, struct lp_input_range);
    if (ranges == NULL)
        return lp_no_memory(u->diag);
    for (uint32_t i = 0; i < u->input_range_count; i++)
        ranges[i] = u->input_ranges[i];
    *out = ranges;
    return LP_OK;
}

static lp_status remove_dead(struct lp_unit *u)
{
    const struct lp_input_range *inputs = NULL;
    lp_status status = declared_ranges(u, &inputs);
    if (status == LP_OK)
        status = lp_ranges_find(u->arena, u->diag, u->graph, u->options.rounding, inputs, &u->ranges);
    const struct lp_optimize_options options = {.ranges = u->ranges};
    if (status == LP_OK)
        status = lp_optimize(u->arena, u->diag, u->graph, &options, &u->removal);
    if (status == LP_OK && u->ranges->is_narrowed)
        lp_note(u->diag, "an input range is declared: the result holds only for inputs within it");
    if (status == LP_OK)
        u->graph = u->removal->after;
    return status;
}

/* Behind the model's own outputs, in the order of the operators. */
static lp_status expose_tensors(struct lp_unit *u)
{
    struct lp_graph *g = LP_NEW(u->arena, struct lp_graph);
    if (g == NULL)
        return lp_no_memory(u->diag);
    *g = *u->graph;
    u->graph = g;
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

static lp_status optimize(struct lp_unit *u)
{
    lp_status status = lp_fuse(u->arena, u->diag, u->model_graph, &u->fused_graph);
    u->graph = u->fused_graph;
    if (status == LP_OK && !u->keep_dead)
        status = remove_dead(u);
    if (status == LP_OK && u->runner != NULL)
        status = lp_rewrite_check(u->diag, u->model_graph, u->graph, u->ranges, u->options.rounding, u->runner);
    if (status == LP_OK && u->all_outputs)
        status = expose_tensors(u);
    u->whole_graph = u->graph;
    u->whole_removal = u->removal;
    return status;
}

/* The ledger starts from the model as it is and takes the dead channels off. */
static lp_status account_for_removal(struct lp_unit *u)
{
    lp_status status = LP_OK;
    for (uint32_t i = 0; u->removal != NULL && i < u->removal->before->op_count && status == LP_OK; i++) {
        const struct lp_removed_layer *layer = &u->removal->layers[i];
        const int32_t index = (int32_t)u->removal->before->ops[i].source_index;
        status = lp_section_claim(&u->program->weights, u->diag, LP_CAUSE_MODEL_CONSTANTS, LP_CAUSE_DEAD_CHANNELS, index,
                                  layer->constants_bytes - layer->constants_bytes_after);
        if (status == LP_OK)
            status = lp_section_claim(&u->program->weights, u->diag, LP_CAUSE_TILING_PADDING, LP_CAUSE_DEAD_CHANNELS, index,
                                      layer->tiling_bytes);
    }
    return status;
}

static lp_status lower_with(struct lp_unit *u, const struct lp_move_before *move)
{
    struct lp_lower_options options = u->options;
    options.move = move;
    options.rows = u->rows;
    options.row_count = u->row_count;
    lp_status status = declared_ranges(u, &options.inputs);
    if (status == LP_OK)
        status = lp_lower(u->arena, u->diag, u->graph, u->target, &options, &u->program);
    if (status == LP_OK)
        status = lp_stored_check(u->arena, u->diag, u->graph, u->program);
    return status == LP_OK ? account_for_removal(u) : status;
}

/* What the target's model predicts. It says nothing about epochs in software, so the fewest of them come first. */
struct prediction {
    uint32_t software_epochs;
    int64_t cycles;
    bool is_known;
};

static struct prediction predict(const struct lp_program *p)
{
    struct prediction result = {0};
    for (uint32_t i = 0; i < p->epoch_count; i++) {
        result.software_epochs += p->epochs[i].hw == NULL;
        result.cycles += p->epochs[i].cycles;
    }
    result.is_known = result.cycles != 0;
    return result;
}

static bool is_better(struct prediction a, struct prediction b)
{
    return a.is_known && (a.software_epochs != b.software_epochs ? a.software_epochs < b.software_epochs : a.cycles < b.cycles);
}

/* Lowers a graph beside the real one; what is said about it is not said to the user. */
static lp_status predict_for(const struct lp_unit *u, struct lp_graph *graph, struct prediction *out)
{
    struct lp_diag quiet = {0};
    struct lp_unit trial = *u;
    trial.diag = &quiet;
    trial.graph = graph;
    trial.removal = NULL;
    *out = (struct prediction){0};
    lp_status status = lower_with(&trial, NULL);
    if (status == LP_OK)
        *out = predict(trial.program);
    lp_diag_free(&quiet);
    return status == LP_OUT_OF_MEMORY ? lp_no_memory(u->diag) : LP_OK;
}

/* The removal that keeps more, and is predicted best; `chosen` stays null when none is better than `best`. */
static lp_status find_better(struct lp_unit *u, struct prediction best, struct lp_removal **chosen)
{
    static const struct {
        uint32_t multiple;
        bool keep_kernels;
    } tries[] = {{1, true}, {2, false}, {4, false}, {8, false}, {16, false}, {UINT32_MAX, false}, {UINT32_MAX, true}};
    lp_status status = LP_OK;
    for (size_t i = 0; i < LP_COUNT(tries) && status == LP_OK; i++) {
        const struct lp_optimize_options options = {
            .ranges = u->ranges, .multiple = tries[i].multiple, .keep_kernels = tries[i].keep_kernels};
        struct lp_removal *removal = NULL;
        struct prediction now;
        status = lp_optimize(u->arena, u->diag, u->fused_graph, &options, &removal);
        if (status == LP_OK)
            status = predict_for(u, removal->after, &now);
        if (status != LP_OK || !is_better(now, best))
            continue;
        best = now;
        *chosen = removal;
    }
    return status;
}

/* Hardware works on several channels together: where cycles would rise without the dead ones, some of them stay. */
static lp_status keep_for_tiling(struct lp_unit *u)
{
    struct prediction whole;
    struct prediction now = predict(u->program);
    const struct lp_removal *full = u->removal;
    struct lp_removal *chosen = NULL;
    if (!now.is_known || full == NULL || !full->is_changed)
        return LP_OK;
    /* The choice is the same whether all tensors become outputs or not. */
    lp_status status = u->all_outputs ? predict_for(u, full->after, &now) : LP_OK;
    if (status == LP_OK)
        status = predict_for(u, u->fused_graph, &whole);
    if (status == LP_OK && is_better(whole, now))
        status = find_better(u, now, &chosen);
    if (status != LP_OK || chosen == NULL)
        return status;
    for (uint32_t i = 0; i < full->before->op_count; i++)
        chosen->layers[i].tiling_bytes = chosen->layers[i].constants_bytes_after - full->layers[i].constants_bytes_after;
    u->removal = chosen;
    u->graph = chosen->after;
    if (u->runner != NULL)
        status = lp_rewrite_check(u->diag, u->model_graph, u->graph, u->ranges, u->options.rounding, u->runner);
    if (status == LP_OK && u->all_outputs)
        status = expose_tensors(u);
    return status == LP_OK ? lower_with(u, NULL) : status;
}

static lp_status lower(struct lp_unit *u)
{
    lp_status status = lower_with(u, NULL);
    return status == LP_OK ? keep_for_tiling(u) : status;
}

static struct lp_plan_problem problem_of(const struct lp_unit *u)
{
    return (struct lp_plan_problem){
        .blocks = u->program->blocks,
        .block_count = u->program->block_count,
        .overlaps = u->program->overlaps,
        .overlap_count = u->program->overlap_count,
        .diag = u->diag,
    };
}

/* Lowers again when moving a tensor makes the arena smaller. */
static lp_status move_a_tensor_up(struct lp_unit *u)
{
    enum { ROOM = 64 };
    struct lp_lift candidates[ROOM];
    struct lp_move_before moves[ROOM];
    const struct lp_plan_problem problem = problem_of(u);
    const uint32_t count = lp_lower_find_lifts(u->program, u->graph, u->plan.peak_bytes, candidates, moves, ROOM);
    uint32_t best = count;
    lp_status status = lp_plan_find_lift(&problem, &u->plan, candidates, count, &best);
    if (status != LP_OK || best == count)
        return status;
    status = lower_with(u, &moves[best]);
    struct lp_plan_problem again = problem_of(u);
    return status == LP_OK ? lp_plan_make(&again, &u->plan) : status;
}

/* The same program with one chain more by rows. */
static lp_status try_rows(const struct lp_unit *u, struct lp_rows_chain chain, struct lp_unit *trial)
{
    struct lp_rows_chain *rows = LP_NEW_ARRAY(u->arena, u->row_count + 1, struct lp_rows_chain);
    if (rows == NULL)
        return lp_no_memory(u->diag);
    if (u->row_count != 0)
        memcpy(rows, u->rows, u->row_count * sizeof *rows);
    rows[u->row_count] = chain;
    *trial = *u;
    trial->rows = rows;
    trial->row_count = u->row_count + 1;
    lp_status status = lower_with(trial, NULL);
    struct lp_plan_problem problem = problem_of(trial);
    return status == LP_OK ? lp_plan_make(&problem, &trial->plan) : status;
}

/* Lowers again, with what lies between operators at the peak cut to rows, as long as that saves enough to be worth the calls. */
static lp_status run_by_rows(struct lp_unit *u)
{
    enum { TRIES = 4, LEAST_GAIN = 32 /* a part of that of the arena */ };
    for (;;) {
        struct lp_rows_chain chains[TRIES];
        const uint32_t count = lp_lower_find_rows(u->arena, u->program, u->graph, chains, TRIES);
        struct lp_unit best = *u;
        for (uint32_t i = 0; i < count; i++) {
            struct lp_unit trial;
            lp_status status = try_rows(u, chains[i], &trial);
            if (status != LP_OK)
                return status;
            if (trial.plan.peak_bytes < best.plan.peak_bytes)
                best = trial;
        }
        if (u->plan.peak_bytes - best.plan.peak_bytes <= u->plan.peak_bytes / LEAST_GAIN)
            return LP_OK;
        *u = best;
    }
}

static lp_status plan(struct lp_unit *u)
{
    struct lp_plan_problem problem = problem_of(u);
    lp_status status = lp_plan_make(&problem, &u->plan);
    /* Targets with several memories place tensors themselves, and a PC has enough. */
    if (status != LP_OK || u->options.backend != NULL)
        return status;
    struct lp_unit by_rows = *u;
    status = move_a_tensor_up(u);
    if (status == LP_OK && u->target->pointer_bytes == 4 && u->options.goal != LP_GOAL_SPEED)
        status = run_by_rows(&by_rows);
    if (status == LP_OK && by_rows.row_count != 0)
        status = move_a_tensor_up(&by_rows);
    if (status == LP_OK && by_rows.plan.peak_bytes < u->plan.peak_bytes)
        *u = by_rows;
    return status;
}

lp_status lp_unit_set_name(struct lp_unit *u)
{
    const char *file = lp_unit_model_file(u);
    const char *dot = strrchr(file, '.');
    const char *stem = lp_arena_text(u->arena, file, dot == NULL || dot == file ? strlen(file) : (size_t)(dot - file));
    if (stem == NULL)
        return lp_no_memory(u->diag);
    return lp_emit_name(u->arena, u->diag, u->name == NULL ? stem : u->name, &u->name);
}

struct lp_emit_input lp_unit_emit_input(const struct lp_unit *u)
{
    return (struct lp_emit_input){
        .graph = u->graph,
        .program = u->program,
        .arena_bytes = u->plan.peak_bytes,
        .name = u->name,
        .version = u->version,
        .model_file = lp_unit_model_file(u),
        .model_sha256 = u->model_sha256,
        .flags = u->flags == NULL ? "" : u->flags,
        .sources = u->sources,
        .source_count = u->source_count,
    };
}

static lp_status emit(struct lp_unit *u)
{
    lp_status status = lp_unit_set_name(u);
    if (status != LP_OK)
        return status;
    u->output.arena = u->arena;
    const struct lp_emit_input input = lp_unit_emit_input(u);
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
    {"import", import, dump_graph},     /* model file     -> graph                   */
    {"analyze", analyze, dump_graph},   /* graph          -> shapes, padding         */
    {"optimize", optimize, dump_graph}, /* graph          -> graph, fused, without what is dead */
    {"lower", lower, dump_program},     /* graph + target -> epochs and constants    */
    {"plan", plan, dump_program},       /* lifetimes      -> addresses               */
    {"emit", emit, dump_files},         /* epochs + plan  -> C source                */
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

static lp_status run_stages(struct lp_unit *u, lp_status (*first)(struct lp_unit *))
{
    lp_status status = LP_OK;
    size_t i = 0;
    while (stages[i].run != first)
        i++;
    for (; i < LP_COUNT(stages) && status == LP_OK; i++) {
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

lp_status lp_compile(struct lp_unit *u)
{
    if (u->dump_after != NULL && !knows_stage(u->dump_after))
        return lp_error(u->diag, LP_BAD_ARGUMENT, "there is no stage '%s': import, analyze, optimize, lower, plan, emit",
                        u->dump_after);
    return run_stages(u, import);
}

lp_status lp_compile_for_goal(const struct lp_unit *from, enum lp_goal goal, struct lp_unit *unit)
{
    struct lp_unit u = *from;
    u.arena = unit->arena;
    u.diag = unit->diag;
    u.options.goal = goal;
    u.last_stage = "plan";
    u.dump_after = NULL;
    u.dump = (struct lp_text){0};
    u.runner = NULL; /* the removal was checked for `from`, goals differ in lowering only */
    u.graph = from->whole_graph;
    u.removal = from->whole_removal;
    u.program = NULL;
    u.plan = (struct lp_plan_result){0};
    u.output = (struct lp_output){0};
    u.placement = NULL;
    *unit = u;
    return run_stages(unit, lower);
}
