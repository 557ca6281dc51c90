#include "diagnose/memory_log.h"

#include "contract/crc32.h"
#include "diagnose/predictions.h"

#include <stdio.h>
#include <string.h>

#define BIT(cause) ((lp_trouble_set)1 << LP_TROUBLE_##cause)

static bool lines_meet(const struct lp_log_range *a, const struct lp_log_range *b)
{
    uint64_t line = LP_CACHE_LINE_BYTES;
    return a->size_bytes != 0 && b->size_bytes != 0 && a->address / line <= (b->address + b->size_bytes - 1) / line &&
           b->address / line <= (a->address + a->size_bytes - 1) / line;
}

bool lp_log_shares_line(const struct lp_device_log *log)
{
    for (uint32_t i = 0; i < log->ranges[LP_LOG_INPUT].count; i++)
        for (uint32_t o = 0; o < log->ranges[LP_LOG_OUTPUT].count; o++) {
            const struct lp_log_range *in = &lp_log_ranges(log, LP_LOG_INPUT)[i], *out = &lp_log_ranges(log, LP_LOG_OUTPUT)[o];
            if (in->inference > 8 || out->inference > 8)
                break; /* addresses do not change later on; this keeps long logs fast */
            bool overlap = in->address < out->address + out->size_bytes && out->address < in->address + in->size_bytes;
            if (lines_meet(in, out) && !overlap)
                return true;
        }
    return false;
}

/* Input `index` within an inference's bytes. */
static const uint8_t *part_of(const struct lp_case *c, const uint8_t *input, uint32_t index, size_t *bytes)
{
    for (uint32_t i = 0; i < index && i < c->graph->input_count; i++)
        input += lp_tensor_bytes(&c->graph->tensors[c->graph->inputs[i]]);
    *bytes = index < c->graph->input_count ? (size_t)lp_tensor_bytes(&c->graph->tensors[c->graph->inputs[index]]) : 0;
    return input;
}

static bool has_crc(const struct lp_case *c, const uint8_t *input, const struct lp_log_range *r, uint32_t crc)
{
    size_t bytes;
    const uint8_t *part = part_of(c, input, r->index, &bytes);
    return bytes == r->size_bytes && lp_crc32(part, bytes) == crc;
}

/* Which mistake gives the bytes that the CPU has in the buffer. */
static const struct lp_input_mistake *mistake_of(const struct lp_case *c, const struct lp_log_range *r, uint8_t *room)
{
    for (uint32_t m = 0; m < lp_input_mistake_count; m++) {
        const struct lp_input_mistake *mistake = &lp_input_mistakes[m];
        if ((mistake->causes & (BIT(INPUT_TYPE_MISMATCH) | BIT(INPUT_LAYOUT))) == 0)
            continue;
        for (int32_t p = mistake->first; p <= mistake->last; p++)
            if (mistake->make(c, r->inference, p, room) && has_crc(c, room, r, r->crc))
                return mistake;
    }
    return NULL;
}

struct input_facts {
    uint32_t compared, other, unseen, first_unseen;
    const struct lp_input_mistake *mistake;
    bool unseen_is_whole; /* memory holds an older input, or one repeated byte, instead of a mixture */
};

/* Memory holds an older input as a whole, or never got one. */
static bool is_older(const struct lp_case *c, const struct lp_log_range *r)
{
    static const uint8_t fills[] = {0x00, 0xff, 0xa5, 0xcd};
    for (size_t n = 0; n < r->inference && n < c->count; n++)
        if (has_crc(c, c->inputs + n * c->input_bytes, r, r->seen_crc))
            return true;
    uint8_t block[256];
    for (size_t i = 0; i < sizeof fills && r->size_bytes <= sizeof block; i++) {
        memset(block, fills[i], sizeof block);
        if (lp_crc32(block, (size_t)r->size_bytes) == r->seen_crc)
            return true;
    }
    return false;
}

static struct input_facts input_facts_of(const struct lp_case *c, uint8_t *room)
{
    struct input_facts facts = {0};
    const struct lp_log_range *ranges = lp_log_ranges(c->log, LP_LOG_INPUT);
    for (uint32_t i = 0; i < c->log->ranges[LP_LOG_INPUT].count; i++) {
        const struct lp_log_range *r = &ranges[i];
        if (r->has_seen && r->seen_crc != r->crc && facts.unseen++ == 0) {
            facts.first_unseen = r->inference;
            facts.unseen_is_whole = is_older(c, r);
        }
        if (r->inference >= c->count)
            continue;
        facts.compared++;
        if (has_crc(c, c->inputs + r->inference * c->input_bytes, r, r->crc))
            continue;
        facts.other++;
        if (facts.mistake == NULL)
            facts.mistake = mistake_of(c, r, room);
    }
    return facts;
}

static void weigh_content(const struct input_facts *facts, struct lp_findings *f)
{
    if (facts->compared == 0)
        return;
    if (facts->other == 0) {
        lp_find_all(f, LP_SOURCE_LOG, BIT(INPUT_TYPE_MISMATCH) | BIT(INPUT_LAYOUT), LP_OPINION_REFUTED,
                    "the CRC of every input buffer is that of the quantized log");
        return;
    }
    if (facts->mistake == NULL) {
        lp_tell(f,
                "In %u of %u inferences the input buffer holds other bytes than the log's rows: do rows and inferences belong "
                "together?",
                facts->other, facts->compared);
        return;
    }
    lp_find_all(f, LP_SOURCE_LOG, facts->mistake->causes, LP_OPINION_CONFIRMED, "the CRC of the input buffer is that of %s",
                facts->mistake->what);
    lp_tell(f, "The input buffer holds %s (CRC, %u of %u inferences).", facts->mistake->what, facts->other, facts->compared);
}

static void weigh_seen(const struct lp_case *c, const struct input_facts *facts, struct lp_findings *f)
{
    bool all_seen = c->log->ranges[LP_LOG_INPUT].count != 0;
    for (uint32_t i = 0; i < c->log->ranges[LP_LOG_INPUT].count; i++)
        all_seen = all_seen && lp_log_ranges(c->log, LP_LOG_INPUT)[i].has_seen;
    if (facts->unseen == 0) {
        if (all_seen)
            lp_find(f, LP_SOURCE_LOG, LP_TROUBLE_INPUT_NOT_CLEANED, LP_OPINION_REFUTED,
                    "memory behind the cache holds what the CPU wrote");
        return;
    }
    enum lp_trouble cause = lp_log_shares_line(c->log) && !facts->unseen_is_whole ? LP_TROUBLE_CACHE_LINE_SHARED
                                                                                  : LP_TROUBLE_INPUT_NOT_CLEANED;
    lp_find(f, LP_SOURCE_LOG, cause, LP_OPINION_CONFIRMED,
            "in inference %u memory holds other bytes of the input than the CPU reads", facts->first_unseen);
    lp_tell(f, "Inference %u: what the CPU wrote as input is not in memory, where the NPU reads (%u inferences).",
            facts->first_unseen, facts->unseen);
}

lp_status lp_weigh_log_inputs(const struct lp_case *c, struct lp_findings *f)
{
    uint8_t *room = lp_arena_alloc(c->arena, c->input_bytes, 1);
    if (room == NULL)
        return lp_no_memory(c->diag);
    struct input_facts facts = input_facts_of(c, room);
    weigh_content(&facts, f);
    weigh_seen(c, &facts, f);
    return LP_OK;
}

/* ---- outputs ---- */

/* The last epoch of the inference that wrote all of the range. */
static const struct lp_log_range *writer_of(const struct lp_device_log *log, const struct lp_log_range *out, uint32_t *at)
{
    const struct lp_log_range *epochs = lp_log_ranges(log, LP_LOG_EPOCH), *writer = NULL;
    while (*at < log->ranges[LP_LOG_EPOCH].count && epochs[*at].inference < out->inference)
        ++*at;
    for (uint32_t i = *at; i < log->ranges[LP_LOG_EPOCH].count && epochs[i].inference == out->inference; i++)
        if (epochs[i].address == out->plan && epochs[i].size_bytes == out->size_bytes && !epochs[i].is_timeout)
            writer = &epochs[i];
    return writer;
}

void lp_weigh_log_outputs(const struct lp_case *c, struct lp_findings *f)
{
    const struct lp_device_log *log = c->log;
    uint32_t compared = 0, stale = 0, overwritten = 0, first = 0, at = 0;
    for (uint32_t i = 0; i < log->ranges[LP_LOG_OUTPUT].count; i++) {
        const struct lp_log_range *out = &lp_log_ranges(log, LP_LOG_OUTPUT)[i], *writer = writer_of(log, out, &at);
        bool behind = out->has_seen && out->seen_crc != out->crc;
        bool after = writer != NULL && out->has_seen && out->seen_crc != writer->crc;
        bool differs = writer != NULL && out->crc != writer->crc;
        compared += writer != NULL || out->has_seen;
        if ((behind || differs) && out->address == out->plan) {
            first = stale + overwritten == 0 ? out->inference : first;
            overwritten += after;
            stale += !after;
        }
    }
    if (stale + overwritten == 0) {
        if (compared != 0)
            lp_find_all(f, LP_SOURCE_LOG, BIT(OUTPUT_NOT_INVALIDATED) | BIT(CACHE_LINE_SHARED), LP_OPINION_REFUTED,
                        "the CPU reads what the last epoch wrote");
        return;
    }
    bool shares = overwritten != 0 || lp_log_shares_line(log);
    lp_find(f, LP_SOURCE_LOG, shares ? LP_TROUBLE_CACHE_LINE_SHARED : LP_TROUBLE_OUTPUT_NOT_INVALIDATED, LP_OPINION_CONFIRMED,
            "in inference %u the CPU reads another output than the last epoch wrote%s", first,
            shares ? ", and input and output share a cache line" : "");
    lp_tell(f, "Inference %u: the CPU reads another output than the NPU wrote (%u inferences).", first, stale + overwritten);
}
