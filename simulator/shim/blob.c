/* Blocks that are programs of the epoch controller. */
#include "neural-art/ec_run.h"
#include "simulator/shim/internal.h"

static lp_status put_table(void *ctx, uint32_t address, const uint8_t *bytes, size_t count)
{
    struct lp_shim_session *s = ctx;
    lp_shim_put(s, address, bytes, count);
    return s->status;
}

static lp_status run_epoch(void *ctx, const struct lp_npu_epoch *epoch)
{
    struct lp_shim_session *s = ctx;
    lp_shim_run_epoch(s, epoch);
    return s->status;
}

void lp_shim_run_blob(struct lp_shim_session *s, const uint32_t *words)
{
    enum { MOST_WORDS = 1 << 26 };
    const struct lp_ec_host host = {.ctx = s, .table_address = LP_SHIM_TABLES_ADDRESS, .put = put_table, .epoch = run_epoch};
    if (words == NULL || words[0] != LP_EC_MAGIC || words[1] > MOST_WORDS) {
        lp_shim_fail(s, LP_BAD_INPUT, "its blob does not begin with 0x%08x", LP_EC_MAGIC);
        return;
    }
    const char *label = lp_arena_printf(&s->arena, "the blob of block %u", s->block);
    if (label == NULL) {
        s->status = lp_no_memory(&s->diag);
        return;
    }
    lp_status status = lp_ec_run(&s->arena, &s->diag, label, words + 2, words[1], &host);
    if (s->status == LP_OK)
        s->status = status;
}
