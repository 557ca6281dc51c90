#include "simulator/neural-art/executor.h"

#include <string.h>

#include "neural-art/fields.h"
#include "simulator/neural-art/machine.h"

static struct lp_sim_node *node_of(struct lp_sim_machine *m, int32_t type, int32_t index)
{
    for (uint32_t i = 0; i < m->node_count; i++)
        if (m->nodes[i].type == type && m->nodes[i].index == index)
            return &m->nodes[i];
    return NULL;
}

/* Writers first, readers last: what is on its way is stored before anything new is fetched. */
static int rank(const struct lp_npu_epoch *epoch, int32_t type, uint32_t position)
{
    if (type != LP_NPU_STRENG)
        return 1;
    return epoch->streng[position].dir ? 0 : 2;
}

static void add_nodes(struct lp_sim_machine *m, struct lp_sim_epoch_report *report)
{
    for (int turn = 0; turn < 3; turn++)
        for (int32_t type = 0; type < LP_NPU_UNIT_TYPES; type++)
            for (uint32_t i = 0; i < m->epoch->unit_count[type]; i++) {
                if (rank(m->epoch, type, i) != turn)
                    continue;
                struct lp_sim_node *node = &m->nodes[m->node_count++];
                node->type = type;
                node->config = lp_npu_epoch_unit(m->epoch, (enum lp_npu_unit_type)type, i);
                node->index = (int32_t)lp_npu_field_get(&lp_npu_unit_fields[type].fields[0], node->config, 0);
                node->report = &report->units[report->unit_count++];
                node->report->unit_type = node->type;
                node->report->index = node->index;
            }
}

static void add_links(struct lp_sim_machine *m)
{
    for (uint32_t i = 0; i < m->epoch->route_count; i++) {
        const struct lp_npu_route *route = &m->epoch->routes[i];
        const struct lp_npu_port *from = &route->contexts[0].source, *to = &route->destination;
        struct lp_sim_node *source = node_of(m, from->type, from->index);
        source->links[source->link_count++] = (struct lp_sim_link){
            .route = route, .to = node_of(m, to->type, to->index), .port = to->port};
    }
}

/* Partial sums that come back through memory are read frame by frame behind their writer. Programs with large frames leave
 * the trigger out and still need that order, so it is assumed for them. */
static const struct lp_sim_node *assumed_writer(struct lp_sim_machine *m, const struct lp_sim_node *reader)
{
    const struct lp_npu_streng *s = reader->config;
    bool feeds_partial_sums = false;
    for (uint32_t i = 0; i < reader->link_count; i++)
        feeds_partial_sums = feeds_partial_sums || (reader->links[i].to->type == LP_NPU_CONVACC && reader->links[i].port == 2);
    if (!feeds_partial_sums)
        return NULL;
    for (uint32_t i = 0; i < m->node_count; i++) {
        const struct lp_sim_node *node = &m->nodes[i];
        const struct lp_npu_streng *writer = node->config;
        if (node->type == LP_NPU_STRENG && writer->dir == 1 &&
            lp_npu_streng_frame_address(writer, 0) == lp_npu_streng_frame_address(s, 0))
            return node;
    }
    return NULL;
}

static void add_triggers(struct lp_sim_machine *m)
{
    for (uint32_t i = 0; i < m->node_count; i++) {
        struct lp_sim_node *node = &m->nodes[i];
        const struct lp_npu_streng *s = node->config;
        if (node->type != LP_NPU_STRENG || s->dir != 0)
            continue;
        if (s->sync_with_other) {
            node->waits_for = node_of(m, LP_NPU_STRENG, s->sync_dma);
            continue;
        }
        node->waits_for = assumed_writer(m, node);
        if (node->waits_for != NULL)
            lp_sim_find(m->findings, LP_SIM_WARNING,
                        (struct lp_sim_place){.epoch = m->epoch->id, .unit_type = node->type, .unit_index = node->index},
                        "sync_with_other", "1 for an engine that reads what another writes in the same epoch",
                        "0: reading behind STRENG %d is assumed", node->waits_for->index);
    }
}

static bool all_stored(const struct lp_sim_machine *m)
{
    for (uint32_t i = 0; i < m->node_count; i++) {
        const struct lp_sim_node *node = &m->nodes[i];
        if (node->type == LP_NPU_STRENG && (m->epoch->wait_mask >> node->index & 1) != 0 && !lp_sim_engine_is_done(node))
            return false;
    }
    return true;
}

static bool has_endless_reader(const struct lp_sim_machine *m)
{
    for (uint32_t i = 0; i < m->epoch->unit_count[LP_NPU_STRENG]; i++)
        if (m->epoch->streng[i].frame_tot_cnt == 0)
            return true;
    return false;
}

static void move_until_still(struct lp_sim_machine *m)
{
    bool endless = has_endless_reader(m), moved = true;
    while (moved && m->status == LP_OK) {
        moved = false;
        for (uint32_t i = 0; i < m->node_count && m->status == LP_OK; i++)
            moved = lp_sim_step(m, &m->nodes[i]) || moved;
        if (endless && all_stored(m))
            break;
    }
    if (m->status == LP_OK)
        lp_sim_explain_stall(m);
}

static lp_status run_machine(struct lp_sim_machine *m, struct lp_arena *arena, struct lp_sim_epoch_report *report)
{
    m->nodes = LP_NEW_ARRAY(arena, LP_SIM_MOST_UNITS_OF_EPOCH, struct lp_sim_node);
    if (m->nodes == NULL)
        return LP_OUT_OF_MEMORY;
    add_nodes(m, report);
    add_links(m);
    add_triggers(m);
    for (uint32_t i = 0; i < m->node_count && m->status == LP_OK; i++) {
        lp_status status = lp_sim_load_tables(m, &m->nodes[i], arena);
        if (m->status == LP_OK)
            m->status = status;
    }
    if (m->status == LP_OK)
        move_until_still(m);
    for (uint32_t i = 0; i < report->unit_count; i++)
        report->units[i].cycles = lp_sim_unit_cycles(&report->units[i]);
    report->cycles = lp_sim_epoch_cycles(report);
    return m->status;
}

static lp_status count_traffic(struct lp_arena *arena, const struct lp_sim_memory *memory, struct lp_sim_epoch_report *report,
                               const struct lp_sim_traffic *before)
{
    report->pool_count = before->pool_count;
    report->pools = LP_NEW_ARRAY(arena, before->pool_count, struct lp_sim_pool_traffic);
    if (report->pools == NULL)
        return LP_OUT_OF_MEMORY;
    for (uint32_t i = 0; i < before->pool_count; i++) {
        report->pools[i] = memory->traffic->pools[i];
        report->pools[i].read_bytes -= before->pools[i].read_bytes;
        report->pools[i].write_bytes -= before->pools[i].write_bytes;
    }
    report->unwritten_bytes = memory->traffic->unwritten_bytes - before->unwritten_bytes;
    return LP_OK;
}

lp_status lp_sim_run_epoch(const struct lp_npu_program *program, const struct lp_npu_epoch *epoch,
                           const struct lp_sim_memory *memory, const struct lp_sim_options *options,
                           struct lp_sim_findings *findings, struct lp_sim_epoch_report *report)
{
    uint32_t errors = findings->error_count;
    memset(report, 0, sizeof *report);
    report->id = epoch->id;
    report->kind = epoch->kind;
    lp_sim_check_epoch(program, epoch, &options->check, findings);
    if (findings->out_of_memory)
        return LP_OUT_OF_MEMORY;
    if (findings->error_count != errors)
        return LP_BAD_INPUT;
    const struct lp_sim_traffic before = *memory->traffic;
    struct lp_arena arena = {0};
    struct lp_sim_machine machine = {.epoch = epoch, .memory = memory, .options = options, .findings = findings};
    lp_status status = run_machine(&machine, &arena, report);
    lp_sim_machine_free(&machine);
    lp_arena_free(&arena);
    if (status == LP_OK)
        status = count_traffic(findings->arena, memory, report, &before);
    if (status == LP_OK && options->saw_epoch != NULL)
        options->saw_epoch(options->observer, epoch);
    return status;
}

static lp_status run_software(const struct lp_npu_epoch *epoch, const struct lp_sim_memory *memory,
                              const struct lp_sim_options *options, struct lp_sim_report *report)
{
    struct lp_sim_epoch_report *entry = &report->epochs[report->epoch_count];
    *entry = (struct lp_sim_epoch_report){.id = epoch->id, .kind = epoch->kind};
    if (options->run_software == NULL) {
        lp_sim_find(&report->findings, LP_SIM_ERROR, (struct lp_sim_place){.epoch = epoch->id, .unit_type = -1}, "kind",
                    "hw: nothing is here to run software epochs", "%s (%s)", epoch->kind == LP_NPU_EPOCH_SW ? "sw" : "hybrid",
                    epoch->sw_op != NULL ? epoch->sw_op : "no sw_op");
        return LP_BAD_INPUT;
    }
    lp_status status = options->run_software(options->observer, epoch, memory);
    if (status == LP_OK && options->saw_epoch != NULL)
        options->saw_epoch(options->observer, epoch);
    return status;
}

lp_status lp_sim_run(struct lp_arena *arena, const struct lp_npu_program *program, const struct lp_sim_memory *memory,
                     const struct lp_sim_options *options, struct lp_sim_report *report)
{
    *report = (struct lp_sim_report){.findings = {.arena = arena}};
    report->epochs = LP_NEW_ARRAY(arena, program->epoch_count, struct lp_sim_epoch_report);
    if (report->epochs == NULL)
        return LP_OUT_OF_MEMORY;
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < program->epoch_count && status == LP_OK; i++) {
        const struct lp_npu_epoch *epoch = &program->epochs[i];
        if (epoch->kind == LP_NPU_EPOCH_HW)
            status = lp_sim_run_epoch(program, epoch, memory, options, &report->findings, &report->epochs[report->epoch_count]);
        else
            status = run_software(epoch, memory, options, report);
        if (status == LP_OK)
            report->epoch_count++;
    }
    return status;
}
