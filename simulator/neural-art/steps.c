#include <inttypes.h>
#include <stdlib.h>

#include "simulator/neural-art/machine.h"

/* Hands a frame to every destination whose switch context lets it pass, and gives up the caller's reference. */
static void emit(struct lp_sim_machine *m, struct lp_sim_node *node, struct lp_sim_frame *frame)
{
    node->report->words_out += frame->count;
    node->report->frames_out++;
    if (node->type != LP_NPU_STRENG && m->options->saw_frame != NULL)
        m->options->saw_frame(m->options->observer, m->epoch, node->type, node->index, frame->words, frame->count);
    for (uint32_t i = 0; i < node->link_count && m->status == LP_OK; i++) {
        struct lp_sim_link *link = &node->links[i];
        if (lp_sim_route_passes(link->route, link->frames_seen++))
            (void)lp_sim_queue_add(m, &link->to->ports[link->port], frame);
    }
    lp_sim_frame_release(m, frame);
}

static struct lp_sim_frame *take(struct lp_sim_machine *m, struct lp_sim_node *node, int port)
{
    struct lp_sim_frame *frame = lp_sim_queue_take(m, &node->ports[port]);
    node->report->words_in[port] += frame->count;
    return frame;
}

static bool has_scratch(struct lp_sim_machine *m, struct lp_sim_node *node, uint64_t bytes)
{
    if (bytes <= node->scratch_bytes)
        return true;
    free(node->scratch);
    node->scratch_bytes = 0;
    node->scratch = bytes < SIZE_MAX ? lp_allocate(1, (size_t)bytes) : NULL;
    if (node->scratch == NULL) {
        m->status = LP_OUT_OF_MEMORY;
        return false;
    }
    node->scratch_bytes = bytes;
    return true;
}

/* ---- stream engines ---- */

bool lp_sim_engine_is_done(const struct lp_sim_node *node)
{
    const struct lp_npu_streng *s = node->config;
    return s->frame_tot_cnt != 0 && node->frames >= s->frame_tot_cnt;
}

/* Pixels in words of three bytes end with up to two more than the channels that a deep convolution takes; it drops them. */
static uint64_t surplus_of(const struct lp_sim_node *node, uint64_t pixel_bytes)
{
    uint64_t least = node->link_count == 0 ? 0 : pixel_bytes;
    for (uint32_t i = 0; i < node->link_count; i++) {
        const struct lp_sim_node *to = node->links[i].to;
        const struct lp_npu_convacc *c = to->config;
        bool drops = to->type == LP_NPU_CONVACC && node->links[i].port == 0 && c->deepmode && c->inbytes_f != 3 &&
                     (uint64_t)c->batchDepth < pixel_bytes;
        uint64_t surplus = drops ? pixel_bytes - (uint64_t)c->batchDepth : 0;
        least = surplus < least ? surplus : least;
    }
    return least;
}

/* Moves one frame between memory and `bytes` (elements in stream order). Raster lines are one access each. */
static bool transfer(struct lp_sim_machine *m, struct lp_sim_node *node, uint8_t *bytes)
{
    const struct lp_npu_streng *s = node->config;
    const struct lp_sim_memory *memory = m->memory;
    uint64_t element = lp_npu_streng_element_bytes(s), bad = 0;
    uint64_t line_pitch = s->line_offset != 0 ? s->line_offset : (uint64_t)s->fwidth * s->batch_offset;
    struct lp_sim_access access = {.address = lp_npu_streng_frame_address(s, node->frames), .runs = 1};
    uint64_t lines = 1;
    access.run_bytes = lp_npu_streng_frame_elements(s) * element;
    if (!s->raw) {
        lines = s->fheight;
        access.run_bytes = s->batch_depth * element;
        access.runs = s->fwidth;
        access.pitch_bytes = s->batch_offset;
        access.surplus_bytes = s->dir == 0 && element == 3 ? surplus_of(node, access.run_bytes) : 0;
        if (access.pitch_bytes == access.run_bytes) {
            access.run_bytes *= access.runs;
            access.runs = 1;
        }
    }
    for (uint64_t line = 0; line < lines; line++) {
        lp_status status = s->dir ? memory->write(memory->ctx, &access, bytes, &bad)
                                  : memory->read(memory->ctx, &access, bytes, &bad);
        if (status == LP_MEMORY_FAULT)
            lp_sim_fail(m, node, "address", s->dir ? "inside a writable memory pool" : "inside a memory pool",
                        "%" PRIu64 " in frame %" PRIu64, bad, node->frames);
        else if (status != LP_OK)
            m->status = status;
        if (m->status != LP_OK)
            return false;
        bytes += access.run_bytes * access.runs;
        access.address += line_pitch;
    }
    node->frames++;
    return true;
}

/* Ports that count words take whatever comes, so that they cannot block who feeds other units, too. */
static bool takes_all(const struct lp_sim_link *link)
{
    return link->port == 1 && (link->to->type == LP_NPU_CONVACC || link->to->type == LP_NPU_ARITH);
}

static bool may_read(const struct lp_sim_node *node)
{
    const struct lp_npu_streng *s = node->config;
    if (lp_sim_engine_is_done(node) || (node->waits_for != NULL && node->waits_for->frames <= node->frames))
        return false;
    for (uint32_t i = 0; i < node->link_count; i++) {
        const struct lp_sim_link *link = &node->links[i];
        bool is_endless = s->frame_tot_cnt == 0;
        if ((is_endless || !takes_all(link)) && link->to->ports[link->port].count >= LP_SIM_ROOM_FRAMES)
            return false;
    }
    return true;
}

static bool step_reader(struct lp_sim_machine *m, struct lp_sim_node *node)
{
    const struct lp_npu_streng *s = node->config;
    if (!may_read(node))
        return false;
    uint64_t count = lp_npu_streng_frame_elements(s);
    m->transferred_words += count;
    if (m->options->most_transfers != 0 && m->transferred_words > m->options->most_transfers) {
        lp_sim_fail(m, node, "words read in the epoch", "the limit that was set", "more than %" PRIu64,
                    m->options->most_transfers);
        return false;
    }
    if (!has_scratch(m, node, count * lp_npu_streng_element_bytes(s)))
        return false;
    struct lp_sim_frame *frame = lp_sim_frame_new(m, count);
    if (frame == NULL)
        return false;
    if (!transfer(m, node, node->scratch)) {
        lp_sim_frame_release(m, frame);
        return false;
    }
    lp_sim_streng_to_words(s, node->scratch, frame->count, frame->words);
    node->report->words_in[0] += count;
    emit(m, node, frame);
    return true;
}

static bool step_writer(struct lp_sim_machine *m, struct lp_sim_node *node)
{
    const struct lp_npu_streng *s = node->config;
    if (node->ports[0].count == 0)
        return false;
    struct lp_sim_frame *frame = take(m, node, 0);
    size_t element = lp_npu_streng_element_bytes(s), count = frame->count;
    if (lp_sim_engine_is_done(node)) {
        node->surplus_words += count;
    } else {
        uint8_t *place = lp_sim_bytes_add(m, &node->bytes, count * element);
        if (place != NULL)
            lp_sim_streng_to_bytes(s, frame->words, count, place);
    }
    lp_sim_frame_release(m, frame);
    size_t frame_bytes = (size_t)lp_npu_streng_frame_elements(s) * element;
    while (m->status == LP_OK && !lp_sim_engine_is_done(node) && node->bytes.end - node->bytes.start >= frame_bytes) {
        if (transfer(m, node, node->bytes.data + node->bytes.start)) {
            node->bytes.start += frame_bytes;
            node->report->frames_out++;
            node->report->words_out += frame_bytes / element;
        }
    }
    return true;
}

/* ---- CONVACC ---- */

static void absorb_kernels(struct lp_sim_machine *m, struct lp_sim_node *node)
{
    const struct lp_npu_convacc *c = node->config;
    struct lp_sim_frame *frame = take(m, node, 1);
    size_t lanes = c->deepmode ? 3 : 1;
    uint8_t *place = lp_sim_bytes_add(m, &node->bytes, frame->count * lanes);
    for (size_t i = 0; place != NULL && i < frame->count; i++)
        for (size_t lane = 0; lane < lanes; lane++)
            place[i * lanes + lane] = (uint8_t)((uint32_t)frame->words[i] >> (8 * lane));
    lp_sim_frame_release(m, frame);
}

/* The feature frame of this turn: a held one (fstat) or the next from port 0, of the size that the unit works with. */
static struct lp_sim_frame *features_of(struct lp_sim_machine *m, struct lp_sim_node *node)
{
    const struct lp_npu_convacc *c = node->config;
    if (node->held == NULL) {
        node->held = take(m, node, 0);
        node->held_uses = c->fstat ? (uint32_t)c->fstatcnt : 1;
    }
    uint64_t words = lp_sim_convacc_feature_words(c);
    if (node->held->count == words || (c->deepmode && c->inbytes_f == 3 && node->held->count > words))
        return node->held;
    lp_sim_fail(m, node, "words of a feature frame", "fWidth * fHeight * batchDepth in the unit's packing",
                "%zu where the unit takes %" PRIu64, node->held->count, words);
    return NULL;
}

/* *frame stays null when nothing is added. False: the frame that port 2 must deliver is of the wrong size. */
static bool partial_of(struct lp_sim_machine *m, struct lp_sim_node *node, enum lp_sim_accumulator action,
                       struct lp_sim_frame **frame)
{
    *frame = NULL;
    if (action == LP_SIM_ACC_UNUSED)
        return true;
    *frame = take(m, node, 2);
    uint64_t words = lp_sim_convacc_out_words(node->config);
    if (action == LP_SIM_ACC_TAKEN_AND_DROPPED) {
        lp_sim_frame_release(m, *frame);
        *frame = NULL;
    } else if ((*frame)->count != words) {
        lp_sim_fail(m, node, "words of a frame of partial sums", "those of an output frame", "%zu where the unit gives %" PRIu64,
                    (*frame)->count, words);
        return false;
    }
    return true;
}

static void convolve(struct lp_sim_machine *m, struct lp_sim_node *node, const struct lp_sim_frame *features,
                     const struct lp_sim_frame *partial)
{
    const struct lp_npu_convacc *c = node->config;
    uint64_t words = lp_sim_convacc_out_words(c);
    if (!has_scratch(m, node, lp_sim_convacc_scratch_bytes(c)))
        return;
    struct lp_sim_frame *out = lp_sim_frame_new(m, words);
    if (out == NULL)
        return;
    size_t first = (size_t)(c->kfilt_tot > 0 ? c->kfilt_first / c->nKernels : 0) * lp_npu_convacc_block_bytes(c);
    lp_sim_convacc_frame(c, features->words, node->bytes.data + node->bytes.start + first,
                         partial == NULL ? NULL : partial->words, node->scratch, out->words, &node->report->saturations);
    node->bytes.start += lp_npu_convacc_group_bytes(c);
    node->report->macs += words * (uint64_t)(c->kernelWidth * c->kernelHeight * c->batchDepth);
    node->frames++;
    emit(m, node, out);
}

static bool step_convacc(struct lp_sim_machine *m, struct lp_sim_node *node)
{
    const struct lp_npu_convacc *c = node->config;
    if (node->ports[1].count > 0) {
        absorb_kernels(m, node);
        return true;
    }
    enum lp_sim_accumulator action = lp_sim_convacc_accumulator(c, node->frames);
    bool has_features = node->held != NULL || node->ports[0].count > 0;
    if (!has_features || node->bytes.end - node->bytes.start < lp_npu_convacc_group_bytes(c))
        return false;
    if (action != LP_SIM_ACC_UNUSED && node->ports[2].count == 0)
        return false;
    struct lp_sim_frame *partial = NULL;
    const struct lp_sim_frame *features = features_of(m, node);
    if (features != NULL && partial_of(m, node, action, &partial))
        convolve(m, node, features, partial);
    lp_sim_frame_release(m, partial);
    if (--node->held_uses == 0) {
        lp_sim_frame_release(m, node->held);
        node->held = NULL;
    }
    return true;
}

/* ---- the other compute units ---- */

static bool step_arith(struct lp_sim_machine *m, struct lp_sim_node *node)
{
    const struct lp_npu_arith *c = node->config;
    const struct lp_sim_frame *first = lp_sim_queue_first(&node->ports[0]);
    if (first == NULL || (c->dualinput && node->ports[1].words < first->count))
        return false;
    size_t count = first->count;
    if (!has_scratch(m, node, count * (sizeof(int64_t) + sizeof(int32_t))))
        return false;
    struct lp_sim_frame *out = lp_sim_frame_new(m, count);
    if (out == NULL)
        return false;
    int64_t *results = node->scratch;
    int32_t *y = NULL;
    if (c->dualinput) {
        y = (int32_t *)(void *)(results + count);
        lp_sim_queue_take_words(m, &node->ports[1], y, count);
        node->report->words_in[1] += count;
    }
    struct lp_sim_frame *x = take(m, node, 0);
    lp_sim_arith_frame(c, node->coefficients, node->elements, x->words, y, count, results, out->words,
                       &node->report->saturations);
    node->elements += count;
    node->frames++;
    lp_sim_frame_release(m, x);
    emit(m, node, out);
    return true;
}

static bool step_pool(struct lp_sim_machine *m, struct lp_sim_node *node)
{
    const struct lp_npu_pool *c = node->config;
    const struct lp_sim_frame *first = lp_sim_queue_first(&node->ports[0]);
    if (first == NULL)
        return false;
    if (first->count != lp_sim_pool_in_words(c)) {
        lp_sim_fail(m, node, "words of a frame", "inputX * inputY * batchSize", "%zu where the unit takes %" PRIu64, first->count,
                    lp_sim_pool_in_words(c));
        return false;
    }
    uint64_t count = lp_sim_pool_out_words(c);
    if (!has_scratch(m, node, count * sizeof(int64_t)))
        return false;
    struct lp_sim_frame *out = lp_sim_frame_new(m, count);
    if (out == NULL)
        return false;
    struct lp_sim_frame *in = take(m, node, 0);
    lp_sim_pool_frame(c, in->words, node->scratch, out->words, &node->report->saturations);
    node->frames++;
    lp_sim_frame_release(m, in);
    emit(m, node, out);
    return true;
}

static bool step_activ(struct lp_sim_machine *m, struct lp_sim_node *node)
{
    const struct lp_sim_frame *first = lp_sim_queue_first(&node->ports[0]);
    if (first == NULL)
        return false;
    size_t count = first->count;
    if (!has_scratch(m, node, count * sizeof(int64_t)))
        return false;
    struct lp_sim_frame *out = lp_sim_frame_new(m, count);
    if (out == NULL)
        return false;
    struct lp_sim_frame *in = take(m, node, 0);
    lp_sim_activ_frame(node->config, node->tables, in->words, count, node->scratch, out->words, &node->report->saturations);
    node->frames++;
    lp_sim_frame_release(m, in);
    emit(m, node, out);
    return true;
}

bool lp_sim_step(struct lp_sim_machine *m, struct lp_sim_node *node)
{
    switch (node->type) {
    case LP_NPU_STRENG: return ((const struct lp_npu_streng *)node->config)->dir ? step_writer(m, node) : step_reader(m, node);
    case LP_NPU_CONVACC: return step_convacc(m, node);
    case LP_NPU_ARITH: return step_arith(m, node);
    case LP_NPU_POOL: return step_pool(m, node);
    default: return step_activ(m, node);
    }
}
