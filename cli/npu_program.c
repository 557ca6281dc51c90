#include "cli/npu_program.h"

#include "cli/progress.h"
#include "cli/values/values.h"
#include "compiler/base/file.h"
#include "neural-art/analyze.h"
#include "simulator/neural-art/executor.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_BUFFERS = 64 };

struct simulation {
    struct lp_session *session;
    struct lp_npu_program *program;
    struct lp_sim_ram ram;
    struct lp_values inputs[MOST_BUFFERS];
    size_t count;
    size_t output_bytes; /* of one inference, all outputs */
    uint8_t *outputs;
    uint64_t saturations, cycles, unwritten_bytes;
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
    lp_npu_analyze(program, false, &out);
    return lp_session_print(s, &out);
}

/* A buffer as the tensor whose bytes are read: what its integers mean does not matter here. */
static struct lp_tensor buffer_tensor(const struct lp_npu_buffer *b)
{
    return (struct lp_tensor){
        .name = b->name, .element = LP_ELEMENT_INT8, .rank = 1, .dims = {(int32_t)b->size_bytes}, .source_index = -1};
}

static lp_status read_inputs(struct simulation *sim, const struct lp_npu_program_run *run)
{
    struct lp_session *s = sim->session;
    const struct lp_npu_buffers *buffers = &sim->program->buffers[LP_NPU_INPUT];
    if (buffers->count != run->input_count || buffers->count > MOST_BUFFERS)
        return lp_error(&s->diag, LP_BAD_ARGUMENT,
                        "%s has %u inputs, %u were given: repeat --input once for each, in the program's order", s->model_path,
                        (unsigned)buffers->count, (unsigned)run->input_count);
    sim->count = 1;
    for (uint32_t i = 0; i < buffers->count; i++) {
        struct lp_tensor tensor = buffer_tensor(&buffers->items[i]);
        if (buffers->items[i].size_bytes == 0 || buffers->items[i].size_bytes > INT32_MAX)
            return lp_error(&s->diag, LP_BAD_INPUT, "%s: input %u has %u bytes", s->model_path, (unsigned)i,
                            (unsigned)buffers->items[i].size_bytes);
        lp_status status = lp_values_read(&s->arena, &s->diag, run->inputs[i], LP_VALUES_RAW, &tensor, &sim->inputs[i]);
        if (status != LP_OK)
            return status;
        if (i != 0 && sim->inputs[i].inference_count != sim->count)
            return lp_error(&s->diag, LP_BAD_INPUT, "%s has %zu inferences, %s has %zu: every input needs the same number",
                            run->inputs[i], sim->inputs[i].inference_count, run->inputs[0], sim->count);
        sim->count = sim->inputs[i].inference_count;
    }
    return LP_OK;
}

static lp_status fetch_outputs(struct simulation *sim, size_t n)
{
    const struct lp_npu_buffers *buffers = &sim->program->buffers[LP_NPU_OUTPUT];
    uint8_t *to = sim->outputs + n * sim->output_bytes;
    for (uint32_t i = 0; i < buffers->count; i++) {
        if (lp_sim_ram_get(&sim->ram, buffers->items[i].address, to, buffers->items[i].size_bytes) != LP_OK)
            return lp_error(&sim->session->diag, LP_BAD_INPUT, "%s: output %u lies in no memory pool", sim->session->model_path,
                            (unsigned)i);
        to += buffers->items[i].size_bytes;
    }
    return LP_OK;
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

/* Clamping a result to one byte is what a quantized layer means; clamping a wider, intermediate value loses something. */
static bool is_intermediate(const struct lp_npu_program *program, uint32_t epoch, const struct lp_sim_unit_report *unit)
{
    const void *config = lp_npu_epoch_find(&program->epochs[epoch], (enum lp_npu_unit_type)unit->unit_type, unit->index);
    if (config == NULL)
        return false;
    switch (unit->unit_type) {
    case LP_NPU_CONVACC: return ((const struct lp_npu_convacc *)config)->outbytes_o > 1;
    case LP_NPU_ARITH: return ((const struct lp_npu_arith *)config)->outbytes_o > 1;
    case LP_NPU_POOL: return ((const struct lp_npu_pool *)config)->outbytes_o > 1;
    case LP_NPU_ACTIV: return ((const struct lp_npu_activ *)config)->outbytes_o > 1;
    default: return false;
    }
}

uint64_t lp_npu_program_saturations(const struct lp_npu_program *program, const struct lp_sim_report *report, uint32_t epoch)
{
    uint64_t count = 0;
    for (uint32_t u = 0; u < report->epochs[epoch].unit_count; u++)
        if (is_intermediate(program, epoch, &report->epochs[epoch].units[u]))
            count += report->epochs[epoch].units[u].saturations;
    return count;
}

static void add_up(struct simulation *sim, const struct lp_sim_report *report)
{
    for (uint32_t e = 0; e < report->epoch_count; e++) {
        sim->cycles += report->epochs[e].cycles;
        sim->unwritten_bytes += report->epochs[e].unwritten_bytes;
        sim->saturations += lp_npu_program_saturations(sim->program, report, e);
    }
}

static lp_status run_one(struct simulation *sim, size_t n)
{
    struct lp_session *s = sim->session;
    const struct lp_npu_buffers *buffers = &sim->program->buffers[LP_NPU_INPUT];
    struct lp_arena arena = {0};
    struct lp_sim_options options = {0};
    struct lp_sim_report report = {0};
    lp_status status = lp_sim_ram_reset(&sim->ram, sim->program);
    for (uint32_t i = 0; i < buffers->count && status == LP_OK; i++)
        status = lp_sim_ram_put(&sim->ram, buffers->items[i].address, sim->inputs[i].data + n * sim->inputs[i].inference_bytes,
                                buffers->items[i].size_bytes);
    if (status != LP_OK)
        return lp_error(&s->diag, status, "%s: an input lies in no memory pool", s->model_path);
    status = lp_sim_run(&arena, sim->program, &sim->ram.memory, &options, &report);
    lp_status told = tell_findings(sim, &report, n);
    if (status == LP_OK)
        status = told;
    if (status == LP_OK)
        add_up(sim, &report);
    lp_arena_free(&arena);
    if (status == LP_OUT_OF_MEMORY)
        return lp_no_memory(&s->diag);
    return status == LP_OK ? fetch_outputs(sim, n) : status;
}

static void add_values(const struct simulation *sim, struct lp_text *out)
{
    enum { SHOWN = 16 };
    for (size_t n = 0; n < sim->count; n++) {
        lp_text_printf(out, "  %4zu:", n);
        for (size_t i = 0; i < sim->output_bytes && i < SHOWN; i++)
            lp_text_printf(out, " %4d", (int8_t)sim->outputs[n * sim->output_bytes + i]);
        lp_text_printf(out, "%s\n", sim->output_bytes > SHOWN ? " ..." : "");
    }
    lp_text_printf(out,
                   "%zu inferences: %llu saturated intermediate values, %llu bytes read that nobody wrote, %llu cycles each by "
                   "the model of docs/simulator.md\n",
                   sim->count, (unsigned long long)sim->saturations, (unsigned long long)sim->unwritten_bytes,
                   (unsigned long long)(sim->cycles / sim->count));
}

static json_t *buffer_json(const struct simulation *sim, uint32_t index, size_t offset)
{
    const struct lp_npu_buffer *b = &sim->program->buffers[LP_NPU_OUTPUT].items[index];
    json_t *shape = json_array();
    json_t *rows = json_array();
    for (uint32_t d = 0; d < (b->mem_shape == NULL ? b->rank : b->mem_rank); d++)
        json_array_append_new(shape, json_integer(b->mem_shape == NULL ? b->shape[d] : b->mem_shape[d]));
    for (size_t n = 0; n < sim->count; n++) {
        json_t *row = json_array();
        const uint8_t *bytes = sim->outputs + n * sim->output_bytes + offset;
        for (uint32_t i = 0; i < b->size_bytes; i++)
            json_array_append_new(row, json_integer(b->is_unsigned ? bytes[i] : (int8_t)bytes[i]));
        json_array_append_new(rows, row);
    }
    return json_pack("{s:s?, s:o, s:o}", "name", b->name, "shape", shape, "values", rows);
}

static void add_json(const struct simulation *sim, struct lp_text *out)
{
    json_t *outputs = json_array();
    size_t offset = 0;
    for (uint32_t i = 0; i < sim->program->buffers[LP_NPU_OUTPUT].count; i++) {
        json_array_append_new(outputs, buffer_json(sim, i, offset));
        offset += sim->program->buffers[LP_NPU_OUTPUT].items[i].size_bytes;
    }
    json_t *whole = json_pack("{s:{s:s, s:i}, s:s, s:I, s:I, s:I, s:o}", "limpid", "version", LP_VERSION, "schema",
                              LP_REPORT_SCHEMA, "target", "neural-art-simulator", "saturations", (json_int_t)sim->saturations,
                              "unwritten_bytes", (json_int_t)sim->unwritten_bytes, "cycles",
                              (json_int_t)(sim->cycles / sim->count), "outputs", outputs);
    lp_report_json_text(whole, out);
    json_decref(whole);
}

lp_status lp_npu_program_simulate(struct lp_session *s, const struct lp_npu_program_run *run, bool *found)
{
    struct simulation sim = {.session = s};
    struct lp_text out = {0};
    lp_status status = lp_npu_program_load(&s->arena, &s->diag, s->model_path, &sim.program);
    if (status == LP_OK)
        status = lp_sim_ram_open(&s->arena, &s->diag, sim.program, &sim.ram);
    if (status == LP_OK)
        status = read_inputs(&sim, run);
    if (status != LP_OK)
        return status;
    for (uint32_t i = 0; i < sim.program->buffers[LP_NPU_OUTPUT].count; i++)
        sim.output_bytes += sim.program->buffers[LP_NPU_OUTPUT].items[i].size_bytes;
    sim.outputs = lp_arena_alloc(&s->arena, sim.count, sim.output_bytes);
    if (sim.outputs == NULL)
        return lp_no_memory(&s->diag);
    struct lp_progress progress = lp_progress_start("simulating", sim.count);
    for (size_t n = 0; n < sim.count && status == LP_OK; n++) {
        status = run_one(&sim, n);
        lp_progress_step(&progress, n + 1);
    }
    lp_progress_end(&progress);
    if (status != LP_OK)
        return status;
    *found = sim.saturations != 0;
    if (run->output != NULL)
        status = lp_file_write(&s->diag, run->output, sim.outputs, sim.count * sim.output_bytes);
    if (status == LP_OK && s->json)
        add_json(&sim, &out);
    else if (status == LP_OK && run->output == NULL)
        add_values(&sim, &out);
    return status == LP_OK ? lp_session_print(s, &out) : status;
}
