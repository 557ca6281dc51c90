/* The device's own program on the simulator, one inference at a time. */
#include "cli/diagnose/parts.h"

#include "cli/npu_program.h"
#include "contract/crc32.h"
#include "evaluate/neural-art/software.h"
#include "neural-art/program.h"
#include "simulator/neural-art/saturations.h"

#include <string.h>

struct device {
    struct lp_arena *arena;
    struct lp_diag *diag;
    const char *folder;
    struct lp_npu_program *program;
    struct lp_npu_software *software; /* by epoch */
    struct lp_sim_ram ram;
    uint64_t *saturations, *saturated_inferences;
    struct lp_case_range *ranges; /* of the running inference */
    uint32_t range_count;
};

static void saw_epoch(void *observer, const struct lp_npu_epoch *epoch)
{
    struct device *d = observer;
    uint32_t index = (uint32_t)(epoch - d->program->epochs);
    for (uint32_t i = 0; i < d->range_count; i++) {
        struct lp_case_range *r = &d->ranges[i];
        if (r->epoch != index || r->size_bytes == 0 || r->size_bytes > UINT32_C(1) << 26)
            continue;
        uint8_t *bytes = lp_arena_alloc(d->arena, (size_t)r->size_bytes, 1);
        r->is_known = bytes != NULL && lp_sim_ram_get(&d->ram, r->address, bytes, (size_t)r->size_bytes) == LP_OK;
        if (r->is_known)
            r->crc = lp_crc32(bytes, (size_t)r->size_bytes);
    }
}

static lp_status run_software(void *observer, const struct lp_npu_epoch *epoch, const struct lp_sim_memory *memory)
{
    struct device *d = observer;
    return lp_npu_software_run_epoch(d->diag, d->folder, d->program, d->software, epoch, memory);
}

static lp_status move_ports(struct device *d, enum lp_npu_buffer_role role, uint8_t *bytes)
{
    const struct lp_npu_buffers *buffers = &d->program->buffers[role];
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < buffers->count && status == LP_OK; i++) {
        status = role == LP_NPU_INPUT ? lp_sim_ram_put(&d->ram, buffers->items[i].address, bytes, buffers->items[i].size_bytes)
                                      : lp_sim_ram_get(&d->ram, buffers->items[i].address, bytes, buffers->items[i].size_bytes);
        bytes += buffers->items[i].size_bytes;
    }
    return status == LP_OK ? status : lp_error(d->diag, LP_BAD_INPUT, "%s: an input or output lies in no memory pool", d->folder);
}

static void count_saturations(struct device *d, const struct lp_sim_report *report)
{
    for (uint32_t e = 0; e < report->epoch_count; e++) {
        uint64_t count = lp_sim_epoch_saturations(&d->program->epochs[e], &report->epochs[e]);
        d->saturations[e] += count;
        d->saturated_inferences[e] += count != 0;
    }
}

static lp_status tell_error(const struct device *d, const struct lp_sim_report *report)
{
    for (uint32_t i = 0; i < report->findings.count; i++) {
        struct lp_text line = {0};
        if (report->findings.items[i].severity != LP_SIM_ERROR)
            continue;
        lp_sim_finding_print(&report->findings.items[i], &line);
        lp_error(d->diag, LP_BAD_INPUT, "%s: %s", d->folder, lp_text_get(&line));
        lp_text_free(&line);
        break;
    }
    return d->diag->first;
}

static lp_status run(void *user, const uint8_t *input, uint8_t *output, struct lp_case_range *ranges, uint32_t range_count,
                     struct lp_diag *diag)
{
    struct device *d = user;
    struct lp_arena arena = {0};
    struct lp_sim_options options = {.observer = d, .saw_epoch = saw_epoch, .run_software = run_software};
    struct lp_sim_report report = {0};
    d->ranges = ranges;
    d->range_count = range_count;
    d->diag = diag;
    d->arena = &arena;
    lp_status status = lp_sim_ram_reset(&d->ram, d->program);
    if (status == LP_OK)
        status = move_ports(d, LP_NPU_INPUT, (uint8_t *)(uintptr_t)input);
    if (status == LP_OK)
        status = lp_sim_run(&arena, d->program, &d->ram.memory, &options, &report);
    if (status == LP_BAD_INPUT && report.findings.error_count != 0)
        status = tell_error(d, &report);
    if (status == LP_OK)
        count_saturations(d, &report);
    lp_arena_free(&arena);
    return status == LP_OK ? move_ports(d, LP_NPU_OUTPUT, output) : status;
}

static bool image(void *user, uint64_t address, uint8_t *bytes, size_t count)
{
    const struct device *d = user;
    for (uint32_t i = 0; i < d->program->image_count; i++) {
        const struct lp_npu_image *m = &d->program->images[i];
        if (m->bytes == NULL || address < m->base || address - m->base > m->size_bytes ||
            count > m->size_bytes - (size_t)(address - m->base))
            continue;
        memcpy(bytes, m->bytes + (address - m->base), count);
        return true;
    }
    return false;
}

static lp_status check_ports(struct lp_session *s, const char *folder, const struct lp_npu_program *program,
                             const struct lp_case *c)
{
    size_t bytes[2] = {0, 0};
    size_t want[2] = {c->input_bytes, lp_case_ports_bytes(c->graph, c->graph->outputs, c->graph->output_count)};
    for (int role = 0; role < 2; role++) {
        const struct lp_npu_buffers *buffers = &program->buffers[role == 0 ? LP_NPU_INPUT : LP_NPU_OUTPUT];
        for (uint32_t i = 0; i < buffers->count; i++)
            bytes[role] += buffers->items[i].size_bytes;
        if (bytes[role] != want[role])
            return lp_error(&s->diag, LP_BAD_INPUT, "%s has %zu bytes of %s, the model %zu: is it the program of this model?",
                            folder, bytes[role], role == 0 ? "inputs" : "outputs", want[role]);
    }
    return LP_OK;
}

lp_status lp_diagnose_device(struct lp_session *s, const char *folder, const struct lp_case *c, struct lp_case_device *out)
{
    if (!lp_npu_program_is(folder))
        return lp_error(&s->diag, LP_BAD_ARGUMENT, "--program %s: give a folder that holds program.json", folder);
    struct device *d = LP_NEW(&s->arena, struct device);
    if (d == NULL)
        return lp_no_memory(&s->diag);
    d->diag = &s->diag;
    d->folder = folder;
    lp_status status = lp_npu_program_load(&s->arena, &s->diag, folder, &d->program);
    if (status == LP_OK)
        status = check_ports(s, folder, d->program, c);
    if (status == LP_OK)
        status = lp_npu_software_read_all(&s->arena, &s->diag, folder, d->program, &d->software);
    if (status == LP_OK)
        status = lp_sim_ram_open(&s->arena, &s->diag, d->program, &d->ram);
    if (status != LP_OK)
        return status;
    d->saturations = LP_NEW_ARRAY(&s->arena, d->program->epoch_count, uint64_t);
    d->saturated_inferences = LP_NEW_ARRAY(&s->arena, d->program->epoch_count, uint64_t);
    if (d->saturations == NULL || d->saturated_inferences == NULL)
        return lp_no_memory(&s->diag);
    *out = (struct lp_case_device){.user = d,
                                   .run = run,
                                   .image = image,
                                   .saturations = d->saturations,
                                   .saturated_inferences = d->saturated_inferences,
                                   .epoch_count = d->program->epoch_count};
    return LP_OK;
}
