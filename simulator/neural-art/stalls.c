#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "neural-art/fields.h"
#include "simulator/neural-art/machine.h"

static struct lp_sim_place place_of(const struct lp_sim_machine *m, const struct lp_sim_node *node)
{
    return (struct lp_sim_place){.epoch = m->epoch->id, .unit_type = node->type, .unit_index = node->index};
}

void lp_sim_fail(struct lp_sim_machine *m, const struct lp_sim_node *node, const char *field, const char *allowed,
                 const char *found, ...)
{
    char text[200];
    va_list args;
    va_start(args, found);
    vsnprintf(text, sizeof text, found, args);
    va_end(args);
    lp_sim_find(m->findings, LP_SIM_ERROR, place_of(m, node), field, allowed, "%s", text);
    m->status = LP_BAD_INPUT;
}

/* Why a unit with work in its queues does not go on. */
static void explain_node(struct lp_sim_machine *m, const struct lp_sim_node *node)
{
    struct lp_sim_place place = place_of(m, node);
    const struct lp_sim_queue *ports = node->ports;
    if (node->type == LP_NPU_CONVACC) {
        const struct lp_npu_convacc *c = node->config;
        size_t bytes = node->bytes.end - node->bytes.start, group = lp_npu_convacc_group_bytes(c);
        bool has_features = ports[0].count > 0 || node->held != NULL;
        bool needs_partial = lp_sim_convacc_accumulator(c, node->frames) != LP_SIM_ACC_UNUSED;
        if (has_features && bytes < group)
            lp_sim_find(m->findings, LP_SIM_WARNING, place, "kernel stream", "whole blocks for every output frame",
                        "at its end after output frame %" PRIu64 ": %zu bytes left, a frame takes %zu", node->frames, bytes,
                        group);
        else if (has_features && needs_partial && ports[2].count == 0)
            lp_sim_find(m->findings, LP_SIM_WARNING, place, "port 2", "a frame of partial sums for every output frame",
                        "empty at output frame %" PRIu64, node->frames);
        else if (!has_features && bytes >= group)
            lp_sim_find(m->findings, LP_SIM_WARNING, place, "port 0", "a feature frame for every block of kernels",
                        "empty after output frame %" PRIu64, node->frames);
    } else if (node->type == LP_NPU_ARITH && ports[0].count > 0) {
        lp_sim_find(m->findings, LP_SIM_WARNING, place, "port 1", "as many elements as port 0",
                    "empty: %" PRIu64 " elements wait at port 0, %" PRIu64 " at port 1", ports[0].words, ports[1].words);
    } else if (node->type == LP_NPU_ARITH && ports[1].words > 0) {
        lp_sim_find(m->findings, LP_SIM_WARNING, place, "port 0", "as many elements as port 1",
                    "empty: %" PRIu64 " elements wait at port 1", ports[1].words);
    } else if (node->type == LP_NPU_STRENG && node->waits_for != NULL && !lp_sim_engine_is_done(node)) {
        lp_sim_find(m->findings, LP_SIM_WARNING, place, "sync_dma", "an engine that stores as many frames as this one reads",
                    "waiting: frame %" PRIu64 " of STRENG %d is not stored", node->frames, node->waits_for->index);
    } else if (node->type == LP_NPU_STRENG && ((const struct lp_npu_streng *)node->config)->dir == 0 &&
               ((const struct lp_npu_streng *)node->config)->frame_tot_cnt != 0 && !lp_sim_engine_is_done(node)) {
        lp_sim_find(m->findings, LP_SIM_WARNING, place, "frame_tot_cnt", "the frames that the epoch takes",
                    "%u, of which %" PRIu64 " were taken", ((const struct lp_npu_streng *)node->config)->frame_tot_cnt,
                    node->frames);
    }
}

static bool must_end(const struct lp_sim_machine *m, const struct lp_sim_node *node)
{
    return node->type == LP_NPU_STRENG && (m->epoch->wait_mask >> node->index & 1) != 0;
}

void lp_sim_explain_stall(struct lp_sim_machine *m)
{
    for (uint32_t i = 0; i < m->node_count; i++) {
        const struct lp_sim_node *node = &m->nodes[i];
        if (!must_end(m, node))
            continue;
        const struct lp_npu_streng *s = node->config;
        if (!lp_sim_engine_is_done(node))
            lp_sim_fail(m, node, "frames stored", "frame_tot_cnt: the epoch would never end", "%" PRIu64 " of %u", node->frames,
                        s->frame_tot_cnt);
        uint64_t left = node->surplus_words + (node->bytes.end - node->bytes.start) / lp_npu_streng_element_bytes(s);
        if (lp_sim_engine_is_done(node) && left > 0)
            lp_sim_fail(m, node, "elements left over", "0 after the last frame", "%" PRIu64, left);
    }
    for (uint32_t i = 0; i < m->node_count; i++)
        explain_node(m, &m->nodes[i]);
}
