/* The first epoch that deviates, and when: always, from the second inference on, or only in some pools. */
#include "diagnose/memory_log.h"

#include "contract/crc32.h"

#include <string.h>

#define BIT(cause) ((lp_trouble_set)1 << LP_TROUBLE_##cause)

enum { MOST_INFERENCES = 64 }; /* that are run again to compare */

struct epochs {
    const struct lp_case *c;
    struct lp_findings *f;
    const struct lp_log_range *ranges;
    uint32_t count;
    bool *deviates; /* by range */
    uint32_t compared, deviating;
};

static uint32_t end_of_inference(const struct epochs *e, uint32_t from)
{
    uint32_t to = from;
    while (to < e->count && e->ranges[to].inference == e->ranges[from].inference)
        to++;
    return to;
}

/* Runs the device's own program on the row and compares every epoch. */
static lp_status compare_inference(struct epochs *e, uint32_t from, uint32_t to, uint8_t *output)
{
    const struct lp_case *c = e->c;
    size_t n = e->ranges[from].inference;
    struct lp_case_range *want = LP_NEW_ARRAY(c->arena, to - from, struct lp_case_range);
    if (want == NULL)
        return lp_no_memory(c->diag);
    for (uint32_t i = from; i < to; i++)
        want[i - from] = (struct lp_case_range){
            .epoch = e->ranges[i].index, .address = e->ranges[i].plan, .size_bytes = e->ranges[i].size_bytes};
    lp_status status = c->device->run(c->device->user, c->inputs + n * c->input_bytes, output, want, to - from, c->diag);
    for (uint32_t i = from; i < to && status == LP_OK; i++) {
        if (!want[i - from].is_known || e->ranges[i].is_timeout || e->ranges[i].size_bytes == 0)
            continue;
        e->compared++;
        e->deviates[i] = want[i - from].crc != e->ranges[i].crc;
        e->deviating += e->deviates[i];
    }
    return status;
}

static lp_status compare_all(struct epochs *e)
{
    uint8_t *output = lp_arena_alloc(e->c->arena, e->c->output_bytes, 1);
    if (output == NULL)
        return lp_no_memory(e->c->diag);
    lp_status status = LP_OK;
    for (uint32_t from = 0, to; from < e->count && status == LP_OK; from = to) {
        to = end_of_inference(e, from);
        if (e->ranges[from].inference < e->c->count && e->ranges[from].inference < MOST_INFERENCES)
            status = compare_inference(e, from, to, output);
    }
    return status;
}

/* Names of the pools whose epochs deviate, when others have none that do. */
static const char *pools_of(const struct epochs *e)
{
    struct lp_text names = {0};
    for (uint32_t p = 0; p < e->c->log->pools.count; p++) {
        const struct lp_log_pool *pool = &lp_log_pools(e->c->log)[p];
        bool found = false;
        for (uint32_t i = 0; i < e->count && !found; i++)
            found = e->deviates[i] && lp_log_pool_of(e->c->log, e->ranges[i].address, e->ranges[i].size_bytes) == pool;
        if (found)
            lp_text_printf(&names, "%s%s", names.length == 0 ? "" : ", ", pool->name);
    }
    const char *kept = lp_arena_text(e->c->arena, lp_text_get(&names), names.length);
    lp_text_free(&names);
    return kept == NULL ? "" : kept;
}

static const char *when_of(const struct epochs *e, uint32_t first)
{
    uint32_t index = e->ranges[first].index, wrong = 0, right = 0;
    bool first_is_right = false;
    for (uint32_t i = 0; i < e->count; i++) {
        if (e->ranges[i].index != index || e->ranges[i].inference >= MOST_INFERENCES || e->ranges[i].inference >= e->c->count)
            continue;
        wrong += e->deviates[i];
        right += !e->deviates[i];
        first_is_right = first_is_right || (e->ranges[i].inference == 0 && !e->deviates[i]);
    }
    return right == 0 ? "always" : first_is_right && right == 1 && wrong > 1 ? "from the second inference on" : "sometimes";
}

/* The lowest epoch that deviates, in the first inference in which it does. */
static void tell_first(struct epochs *e)
{
    uint32_t first = UINT32_MAX;
    for (uint32_t i = 0; i < e->count; i++)
        if (e->deviates[i] && (first == UINT32_MAX || e->ranges[i].index < e->ranges[first].index))
            first = i;
    if (first == UINT32_MAX)
        return;
    e->f->deviation = (struct lp_deviation){true, e->ranges[first].index, e->ranges[first].inference, when_of(e, first),
                                            pools_of(e)};
    lp_tell(e->f, "Epoch %u is the first whose result deviates (%s; inference %u)%s%s.", e->ranges[first].index,
            e->f->deviation.when, e->ranges[first].inference,
            e->f->deviation.pools[0] == '\0' ? "" : "; pools: ", e->f->deviation.pools);
}

/* Every layer of the model tells the log's inputs apart: a first epoch that does not has not seen them. */
static bool layers_tell_apart(const struct lp_layers *layers)
{
    for (uint32_t i = 0; i < layers->count; i++)
        if (layers->items[i].distinct_outputs * 2 <= layers->distinct_inputs)
            return false;
    return layers->count != 0;
}

/* Without a program to compare with: the CPU's input changes, and the first epoch's result is that of the inference before. */
static void look_for_repeats(struct epochs *e)
{
    const struct lp_device_log *log = e->c->log;
    const struct lp_log_range *inputs = lp_log_ranges(log, LP_LOG_INPUT);
    uint32_t repeats = 0, changes = 0, previous = UINT32_MAX, in = 0, first = UINT32_MAX;
    for (uint32_t i = 0; i < e->count; i++) {
        if (i != 0 && e->ranges[i].inference == e->ranges[i - 1].inference)
            continue; /* the first epoch of each inference only */
        while (in < log->ranges[LP_LOG_INPUT].count && inputs[in].inference < e->ranges[i].inference)
            in++;
        bool has_input = in > 0 && in < log->ranges[LP_LOG_INPUT].count && inputs[in].inference == e->ranges[i].inference;
        if (previous != UINT32_MAX && has_input && inputs[in].crc != inputs[in - 1].crc && e->ranges[i].size_bytes != 0) {
            changes++;
            bool same = e->ranges[i].crc == e->ranges[previous].crc;
            repeats += same;
            e->deviates[i] = same;
            first = same && first == UINT32_MAX ? i : first;
        }
        previous = i;
    }
    if (repeats != 0 && repeats == changes && changes > 1) {
        lp_find_all(e->f, LP_SOURCE_LOG, BIT(INPUT_NOT_CLEANED), LP_OPINION_POSSIBLE,
                    "the first epoch's result stays the same while the CPU's input changes");
        lp_tell(e->f, "The first epoch gives the same result in every inference, although the CPU wrote other inputs.");
    }
}

/* The first epoch sees something else than the CPU wrote, while memories, weights and addresses are right. */
static void weigh_deviation(const struct epochs *e)
{
    struct lp_findings *f = e->f;
    const lp_trouble_set elsewhere = BIT(POOL_ASLEEP) | BIT(POOL_FIREWALLED) | BIT(WEIGHTS_MISSING) | BIT(WEIGHTS_CORRUPT) |
                                     BIT(WEIGHTS_WRONG_ADDRESS) | BIT(INPUT_WRONG_ADDRESS) | BIT(INPUT_TYPE_MISMATCH) |
                                     BIT(INPUT_LAYOUT);
    if (e->deviating == 0) {
        lp_find_all(f, LP_SOURCE_LOG, elsewhere | BIT(INPUT_NOT_CLEANED), LP_OPINION_REFUTED, "every epoch gave what it should");
        return;
    }
    uint32_t lowest = UINT32_MAX;
    for (uint32_t i = 0; i < e->count; i++)
        lowest = e->ranges[i].index < lowest ? e->ranges[i].index : lowest;
    if (f->deviation.epoch != lowest || (lp_found(f, LP_SOURCE_LOG, LP_OPINION_CONFIRMED) & elsewhere) != 0)
        return;
    if ((lp_found(f, LP_SOURCE_LOG, LP_OPINION_REFUTED) & elsewhere) == elsewhere)
        lp_find(f, LP_SOURCE_LOG, lp_log_shares_line(e->c->log) ? LP_TROUBLE_CACHE_LINE_SHARED : LP_TROUBLE_INPUT_NOT_CLEANED,
                LP_OPINION_CONFIRMED, "the first epoch deviates although memories, weights and the CPU's input are right");
    else
        lp_find(f, LP_SOURCE_LOG, LP_TROUBLE_INPUT_NOT_CLEANED, LP_OPINION_POSSIBLE, "the first epoch deviates already");
}

lp_status lp_weigh_log_epochs(const struct lp_case *c, const struct lp_layers *layers, struct lp_findings *f)
{
    struct epochs e = {
        .c = c, .f = f, .ranges = lp_log_ranges(c->log, LP_LOG_EPOCH), .count = c->log->ranges[LP_LOG_EPOCH].count};
    if (e.count == 0)
        return LP_OK;
    e.deviates = LP_NEW_ARRAY(c->arena, e.count, bool);
    if (e.deviates == NULL)
        return lp_no_memory(c->diag);
    lp_status status = LP_OK;
    if (c->device != NULL)
        status = compare_all(&e);
    else if (layers_tell_apart(layers))
        look_for_repeats(&e);
    if (status == LP_OK)
        tell_first(&e);
    if (status == LP_OK && e.compared != 0)
        weigh_deviation(&e);
    return status;
}
