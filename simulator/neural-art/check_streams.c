#include <inttypes.h>

#include "simulator/neural-art/check.h"

/* More than any stream of the device; smaller than what would exhaust the PC. */
#define MOST_FRAME_ELEMENTS (UINT64_C(1) << 28)
#define FAR_AWAY (UINT64_C(1) << 60)

/* a * b, or FAR_AWAY: offsets of a hostile program must not wrap around into a buffer. */
static uint64_t product(uint64_t a, uint64_t b)
{
    return b != 0 && a > FAR_AWAY / b ? FAR_AWAY : a * b;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Largest offset of a frame's start from the first frame's. */
static uint64_t last_frame_offset(const struct lp_npu_streng *s)
{
    uint64_t frames = s->frame_tot_cnt, loop = s->frame_loop_cnt;
    if (frames == 0)
        frames = loop != 0 ? loop : 1;
    if (s->raw && s->continuous)
        return product(frames - 1, product(lp_npu_streng_frame_elements(s), lp_npu_streng_element_bytes(s)));
    if (loop == 0)
        return product(frames - 1, s->frame_offset);
    uint64_t turns = (frames - 1) / loop;
    uint64_t last = product((frames - 1) % loop, s->frame_offset) + product(turns, s->loop_offset);
    if (turns == 0)
        return last;
    return larger(last, product(loop - 1, s->frame_offset) + product(turns - 1, s->loop_offset));
}

static bool inside(uint64_t first, uint64_t end, uint64_t low, uint64_t high)
{
    return first >= low && end <= high;
}

static bool in_some_buffer(const struct lp_npu_program *p, uint64_t first, uint64_t end, uint64_t slack)
{
    for (int role = 0; role < LP_NPU_BUFFER_ROLES; role++)
        for (uint32_t i = 0; i < p->buffers[role].count; i++) {
            const struct lp_npu_buffer *b = &p->buffers[role].items[i];
            if (inside(first, end, b->address, (uint64_t)b->address + b->size_bytes + slack))
                return true;
        }
    return false;
}

static void check_window(struct lp_sim_checker *k, const struct lp_npu_streng *s)
{
    uint64_t first = (uint64_t)s->addr_base + s->offset_start;
    uint64_t end = first + last_frame_offset(s) + lp_npu_streng_frame_span(s);
    uint64_t limit = (uint64_t)s->addr_base + s->offset_limit;
    /* The last word of a window of packed words may reach past the data. */
    uint64_t slack = lp_npu_streng_element_bytes(s) > 1 ? 2 : 0;
    if (s->offset_limit != 0 && end > limit)
        lp_sim_find(k->findings, LP_SIM_ERROR, k->place, "window", "below addr_base + offset_limit",
                    "%" PRIu64 " to %" PRIu64 ", the limit %" PRIu64, first, end, limit);
    if (k->program == NULL)
        return;
    bool has_buffers = false;
    for (int role = 0; role < LP_NPU_BUFFER_ROLES; role++)
        has_buffers = has_buffers || k->program->buffers[role].count > 0;
    if (has_buffers && !in_some_buffer(k->program, first, end, slack))
        lp_sim_find(k->findings, LP_SIM_ERROR, k->place, "window", "inside one buffer of the program", "%" PRIu64 " to %" PRIu64,
                    first, end);
}

static void check_frame_size(struct lp_sim_checker *k, const struct lp_npu_streng *s)
{
    uint64_t elements = lp_npu_streng_frame_elements(s);
    if (elements == 0)
        lp_sim_refuse(k, s->raw ? "offset_end - offset_start" : "fwidth * fheight * batch_depth", 0, "at least one element");
    if (elements > MOST_FRAME_ELEMENTS)
        lp_sim_refuse(k, "elements of a frame", (int64_t)(elements < FAR_AWAY ? elements : FAR_AWAY), "up to 268435456");
    else if (elements != 0)
        check_window(k, s);
}

static void check_sync(struct lp_sim_checker *k, const struct lp_npu_streng *s)
{
    const struct lp_npu_streng *other = lp_npu_epoch_find(k->epoch, LP_NPU_STRENG, s->sync_dma);
    if (s->dir == 1)
        lp_sim_refuse(k, "sync_with_other", 1, "0 for an engine that writes memory");
    else if (other == NULL || other->dir != 1)
        lp_sim_refuse(k, "sync_dma", s->sync_dma, "an engine of this epoch that writes memory");
}

void lp_sim_check_streng(struct lp_sim_checker *k, const struct lp_npu_streng *s)
{
    if (s->nbits_in % 8 != 0)
        lp_sim_refuse(k, "nbits_in", s->nbits_in, "8, 16 or 24");
    if (s->nbits_out % 8 != 0)
        lp_sim_refuse(k, "nbits_out", s->nbits_out, "8, 16 or 24");
    if (s->nbits_in % 8 != 0 || s->nbits_out % 8 != 0)
        return;
    if (s->cipher_en)
        lp_sim_refuse(k, "cipher_en", 1, "0 (the cipher is not simulated)");
    if (s->noinc)
        lp_sim_refuse(k, "noinc", 1, "0 (an engine that does not advance has no proven meaning)");
    if (s->frame_tot_cnt == 0 && s->dir == 1)
        lp_sim_refuse(k, "frame_tot_cnt", 0, "1 or more for an engine that writes memory");
    bool moves = s->raw && s->continuous ? true : s->frame_loop_cnt != 0 ? s->loop_offset != 0 : s->frame_offset != 0;
    if (s->frame_tot_cnt == 0 && s->dir == 0 && moves)
        lp_sim_refuse(k, "frame_tot_cnt", 0, "1 or more unless the same frames are read again and again");
    check_frame_size(k, s);
    if (s->sync_with_other)
        check_sync(k, s);
    if ((k->epoch->wait_mask >> s->unit & 1) != 0 && s->dir == 0)
        lp_sim_find(k->findings, LP_SIM_ERROR, k->place, "wait_mask", "engines that write memory",
                    "set for an engine that reads");
    if ((k->epoch->wait_mask >> s->unit & 1) == 0 && s->dir == 1)
        lp_sim_find(k->findings, LP_SIM_WARNING, k->place, "wait_mask", "every engine that writes memory",
                    "not set: the epoch may end before it has stored everything");
}
