#include "cli/npu_program.h"

#include "cli/batch.h"
#include "cli/npu_program_costs.h"
#include "cli/npu_program_ports.h"
#include "cli/progress.h"
#include "cli/run_output.h"
#include "contract/kernel_args.h"
#include "evaluate/neural-art/software.h"
#include "neural-art/analyze.h"
#include "neural-art/evidence.h"
#include "simulator/neural-art/saturations.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct simulation {
    struct lp_session *session;
    struct lp_npu_program *program;
    struct lp_npu_software *software; /* by epoch; without a kernel where hardware runs, or nobody knows what */
    struct lp_graph graph;            /* its inputs and outputs */
    struct lp_batch batch;
    struct lp_sim_ram ram;
    uint64_t cycles, unwritten_bytes;
    struct lp_sim_saturations saturations;
    json_t *costs; /* of the first inference; --json */
};

bool lp_npu_program_is(const char *path)
{
    char file[4096];
    struct stat info;
    int length = snprintf(file, sizeof file, "%s/program.json", path);
    return length > 0 && (size_t)length < sizeof file && stat(file, &info) == 0 && S_ISREG(info.st_mode);
}

lp_status lp_npu_program_analyze(struct lp_session *s)
{
    struct lp_npu_program *program = NULL;
    struct lp_text out = {0};
    lp_status status = lp_npu_program_load(&s->arena, &s->diag, s->model_path, &program);
    if (status != LP_OK)
        return status;
    if (s->json) {
        json_t *whole = json_pack("{s:{s:s, s:i}, s:o?}", "limpid", "version", LP_VERSION, "schema", LP_REPORT_SCHEMA, "program",
                                  lp_npu_analyze_json(program));
        lp_report_json_text(whole, &out);
        json_decref(whole);
    } else
        lp_npu_analyze(program, false, &out);
    return lp_session_print(s, &out);
}

static lp_status tell_findings(struct simulation *sim, const struct lp_sim_report *report, size_t n)
{
    struct lp_session *s = sim->session;
    for (uint32_t i = 0; i < report->findings.count; i++) {
        struct lp_text line = {0};
        lp_sim_finding_print(&report->findings.items[i], &line);
        if (report->findings.items[i].severity == LP_SIM_ERROR)
            lp_error(&s->diag, LP_BAD_INPUT, "%s", lp_text_get(&line));
        else if (n == 0)
            lp_note(&s->diag, "%s", lp_text_get(&line));
        lp_text_free(&line);
    }
    return report->findings.error_count == 0 ? LP_OK : LP_BAD_INPUT;
}

static lp_status add_up(struct simulation *sim, const struct lp_sim_report *report)
{
    struct lp_session *s = sim->session;
    lp_status status = LP_OK;
    for (uint32_t e = 0; e < report->epoch_count && status == LP_OK; e++) {
        sim->cycles += report->epochs[e].cycles;
        sim->unwritten_bytes += report->epochs[e].unwritten_bytes;
        status = lp_sim_saturations_add(&s->arena, &sim->saturations, &sim->program->epochs[e], &report->epochs[e]);
    }
    return status;
}

/* ---- software epochs ---- */

static lp_status run_software(void *user, const struct lp_npu_epoch *epoch, const struct lp_sim_memory *memory)
{
    struct simulation *sim = user;
    return lp_npu_software_run_epoch(&sim->session->diag, sim->session->model_path, sim->program, sim->software, epoch, memory);
}

/* ---- inferences ---- */

static const struct lp_npu_sw_operand *operand_at(const struct lp_npu_software *software, size_t offset)
{
    for (uint32_t i = 0; i < software->operand_count; i++)
        if (software->operands[i].field_offset == offset)
            return &software->operands[i];
    return NULL;
}

/* A program that is compiled for one value of an input runs with no other: made-up values give way to it. */
static void fit_made_up(struct simulation *sim, uint32_t input)
{
    const struct lp_npu_buffer *b = &sim->program->buffers[LP_NPU_INPUT].items[input];
    const struct lp_values *values = &sim->batch.inputs[input];
    for (uint32_t e = 0; e < sim->program->epoch_count; e++) {
        const struct lp_npu_software *software = &sim->software[e];
        if (software->kernel == NULL || strncmp(software->kernel->symbol, "lp_expect__", 11) != 0)
            continue;
        const struct lp_npu_sw_operand *in = operand_at(software, offsetof(struct lp_expect, in));
        const struct lp_npu_sw_operand *expected = operand_at(software, offsetof(struct lp_expect, expected));
        if (in == NULL || expected == NULL || in->address != b->address || expected->size_bytes != values->inference_bytes)
            continue;
        for (size_t n = 0; n < sim->batch.count; n++)
            (void)lp_sim_ram_get(&sim->ram, expected->address, values->data + n * values->inference_bytes,
                                 values->inference_bytes);
    }
}

static lp_status read_inputs(struct simulation *sim, const struct lp_npu_program_run *run)
{
    lp_status status = lp_batch_read(sim->session, &sim->graph, run->inputs, run->input_count, run->mode, &sim->batch);
    for (uint32_t i = 0; i < sim->graph.input_count && status == LP_OK; i++)
        if (strncmp(run->inputs[i < run->input_count ? i : 0], "random:", 7) == 0)
            fit_made_up(sim, i);
    return status;
}

static lp_status copy_ports(struct simulation *sim, enum lp_npu_buffer_role role, struct lp_values *values, size_t n)
{
    const struct lp_npu_buffers *buffers = &sim->program->buffers[role];
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < buffers->count && status == LP_OK; i++) {
        uint8_t *bytes = values[i].data + n * values[i].inference_bytes;
        status = role == LP_NPU_INPUT ? lp_sim_ram_put(&sim->ram, buffers->items[i].address, bytes, values[i].inference_bytes)
                                      : lp_sim_ram_get(&sim->ram, buffers->items[i].address, bytes, values[i].inference_bytes);
        if (status != LP_OK)
            return lp_error(&sim->session->diag, status, "%s: %s %u lies in no memory pool", sim->session->model_path,
                            role == LP_NPU_INPUT ? "input" : "output", (unsigned)i);
    }
    return status;
}

static lp_status run_one(struct simulation *sim, size_t n)
{
    struct lp_session *s = sim->session;
    struct lp_arena arena = {0};
    struct lp_sim_options options = {.observer = sim, .run_software = run_software};
    struct lp_sim_report report = {0};
    /* One inference knows nothing of the one before, unless the network keeps something. */
    if ((n == 0 || sim->program->state_count == 0) && lp_sim_ram_reset(&sim->ram, sim->program) != LP_OK)
        return lp_no_memory(&s->diag);
    lp_status status = copy_ports(sim, LP_NPU_INPUT, sim->batch.inputs, n);
    if (status != LP_OK)
        return status;
    status = lp_sim_run(&arena, sim->program, &sim->ram.memory, &options, &report);
    lp_status told = tell_findings(sim, &report, n);
    if (status == LP_OK)
        status = told;
    if (status == LP_OK)
        status = add_up(sim, &report);
    if (status == LP_OK && s->json && n == 0)
        sim->costs = lp_npu_program_costs(&report);
    lp_arena_free(&arena);
    if (status == LP_OUT_OF_MEMORY && s->diag.error_count == 0)
        return lp_no_memory(&s->diag);
    return status == LP_OK ? copy_ports(sim, LP_NPU_OUTPUT, sim->batch.outputs, n) : status;
}

static lp_status run_all(struct simulation *sim)
{
    lp_status status = LP_OK;
    struct lp_progress progress = lp_progress_start("simulating", sim->batch.count);
    for (size_t n = 0; n < sim->batch.count && status == LP_OK; n++) {
        status = run_one(sim, n);
        lp_progress_step(&progress, n + 1);
    }
    lp_progress_end(&progress);
    return status;
}

static void note_saturations(struct simulation *sim)
{
    struct lp_text lines = {0};
    lp_sim_saturations_print(&sim->saturations, &lines);
    lp_note_lines(&sim->session->diag, lp_text_get(&lines));
    lp_text_free(&lines);
}

static void add_counts(const struct simulation *sim, struct lp_text *out)
{
    lp_text_printf(out,
                   "%zu inferences: %llu saturated intermediate values, %llu bytes read that nobody wrote, %llu cycles each by "
                   "the model of docs/simulator.md\nweakest evidence of the program: %s\n",
                   sim->batch.count, (unsigned long long)sim->saturations.total, (unsigned long long)sim->unwritten_bytes,
                   (unsigned long long)(sim->cycles / sim->batch.count),
                   lp_npu_evidence_class(lp_npu_evidence_of_program(sim->program)));
}

static lp_status show(struct simulation *sim, const struct lp_run_output *output)
{
    struct lp_text out = {0};
    lp_status status = output->path == NULL ? LP_OK : lp_run_write(output);
    if (status == LP_OK && sim->session->json) {
        lp_run_json_line(json_pack("{s:{s:s, s:i}, s:s, s:I, s:I, s:I, s:O?, s:o}", "limpid", "version", LP_VERSION, "schema",
                                   LP_REPORT_SCHEMA, "target", "neural-art-simulator", "saturations",
                                   (json_int_t)sim->saturations.total, "unwritten_bytes", (json_int_t)sim->unwritten_bytes,
                                   "cycles", (json_int_t)(sim->cycles / sim->batch.count), "epochs", sim->costs, "outputs",
                                   lp_run_json(output)),
                         &out);
    } else if (status == LP_OK && output->path == NULL) {
        lp_run_text(output, &out);
        add_counts(sim, &out);
    }
    return status == LP_OK ? lp_session_print(sim->session, &out) : status;
}

static lp_status simulate(struct simulation *sim, const struct lp_npu_program_run *run)
{
    struct lp_session *s = sim->session;
    lp_status status = run->output == NULL ? LP_OK : lp_values_check_output(&s->diag, run->output);
    if (status == LP_OK)
        status = lp_npu_program_load(&s->arena, &s->diag, s->model_path, &sim->program);
    if (status == LP_OK)
        status = lp_sim_ram_open(&s->arena, &s->diag, sim->program, &sim->ram);
    if (status == LP_OK)
        status = lp_npu_software_read_all(&s->arena, &s->diag, s->model_path, sim->program, &sim->software);
    if (status == LP_OK)
        status = lp_npu_program_ports(&s->arena, &s->diag, s->model_path, sim->program, &sim->graph);
    if (status == LP_OK)
        status = read_inputs(sim, run);
    if (status == LP_OK)
        status = lp_batch_outputs(s, &sim->graph, &sim->batch);
    return status == LP_OK ? run_all(sim) : status;
}

lp_status lp_npu_program_simulate(struct lp_session *s, const struct lp_npu_program_run *run, bool *found)
{
    struct simulation *sim = LP_NEW(&s->arena, struct simulation);
    if (sim == NULL)
        return lp_no_memory(&s->diag);
    sim->session = s;
    lp_status status = simulate(sim, run);
    if (status == LP_OK) {
        const struct lp_run_output output = {s, &sim->graph, &sim->batch, run->output, run->mode == LP_VALUES_REAL};
        *found = sim->saturations.total != 0;
        note_saturations(sim);
        status = show(sim, &output);
    }
    json_decref(sim->costs);
    return status;
}
