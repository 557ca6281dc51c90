/* The log of the device, as docs/formats.md states it: what diagnosis needs to find the first epoch that deviates. Lines are put
 * together without printf. */
#include "runtime/npu/npu.h"

#include "contract/crc32.h"

#include <stddef.h>

static struct {
    void (*put)(void *ctx, const char *line);
    void *ctx;
    uint32_t inferences;
} target;

enum { LINE_BYTES = 160 };

struct line {
    char text[LINE_BYTES];
    uint32_t length;
};

static void add_text(struct line *l, const char *text)
{
    for (; *text != '\0' && l->length + 1 < LINE_BYTES; text++)
        l->text[l->length++] = *text;
    l->text[l->length] = '\0';
}

/* " key=0x1f" */
static void add(struct line *l, const char *key, uint32_t number)
{
    char digits[9] = {0};
    uint32_t count = 1;
    while (count < 8 && number >> (4 * count) != 0)
        count++;
    for (uint32_t i = 0; i < count; i++)
        digits[i] = "0123456789abcdef"[number >> (4 * (count - 1 - i)) & 15];
    add_text(l, " ");
    add_text(l, key);
    add_text(l, "=0x");
    add_text(l, digits);
}

static void put(const struct line *l)
{
    target.put(target.ctx, l->text);
}

static uint32_t low(const void *address)
{
    return (uint32_t)(uintptr_t)address;
}

void lp_npu_log_to(void (*new_put)(void *ctx, const char *line), void *ctx)
{
    if (target.put != NULL)
        target.put(target.ctx, "end");
    target.put = new_put;
    target.ctx = ctx;
    target.inferences = 0;
    if (new_put != NULL)
        new_put(ctx, "limpid-device-log 1");
}

void lp_npu_log_open(const struct lp_npu_network *n, const struct lp_failure *failure)
{
    if (target.put == NULL)
        return;
    for (uint32_t i = 0; i < n->pool_count; i++) {
        struct line l = {.length = 0};
        bool is_dead = failure->code == LP_MEMORY_FAULT && failure->epoch == i;
        add_text(&l, "pool");
        add(&l, "base", low(n->pools[i].start));
        add(&l, "bytes", n->pools[i].size_bytes);
        add_text(&l, is_dead                                                  ? " cpu=stuck"
                     : failure->code != LP_MEMORY_FAULT || i < failure->epoch ? " cpu=ok"
                                                                              : " cpu=unknown");
        put(&l);
    }
    for (uint32_t i = 0; i < n->constants_count; i++) {
        struct line l = {.length = 0};
        add_text(&l, "weights");
        add(&l, "address", low(n->constants[i].start));
        add(&l, "bytes", n->constants[i].size_bytes);
        add(&l, "crc", lp_crc32(n->constants[i].start, n->constants[i].size_bytes));
        add(&l, "plan_crc", n->constants[i].crc32);
        put(&l);
    }
}

static void put_range(const char *word, uint32_t index, const void *start, uint32_t size_bytes)
{
    struct line l = {.length = 0};
    add_text(&l, word);
    add(&l, "index", index);
    add(&l, "address", low(start));
    add(&l, "bytes", size_bytes);
    add(&l, "crc", lp_crc32(start, size_bytes));
    put(&l);
}

static void put_ports(const char *word, const struct lp_port_desc *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        put_range(word, i, list[i].data, list[i].size_bytes);
}

void lp_npu_log_start(const struct lp_npu_network *n)
{
    struct line l = {.length = 0};
    if (target.put == NULL)
        return;
    if (target.inferences == 0) {
        add_text(&l, "network");
        add(&l, "blocks", n->block_count);
        put(&l);
        l.length = 0;
    }
    add_text(&l, "inference");
    add(&l, "n", target.inferences++);
    put(&l);
    put_ports("input", n->desc->inputs, n->desc->input_count);
}

/* Of memory, not of what the cache still holds. */
void lp_npu_log_block(const struct lp_npu_network *n, uint32_t block)
{
    const struct lp_port *port = n->state->port;
    for (uint32_t i = 0; i < n->written_count && target.put != NULL; i++) {
        const struct lp_npu_written *w = &n->written[i];
        if (w->block != block)
            continue;
        port->cache_clean(port->ctx, w->range.start, w->range.size_bytes);
        port->cache_invalidate(port->ctx, w->range.start, w->range.size_bytes);
        put_range("epoch", n->epochs[block], w->range.start, w->range.size_bytes);
    }
}

/* "STRENG3" of the first engine that did not end. */
static void add_engine(struct line *l, uint32_t waiting)
{
    char digit[2] = {'0', '\0'};
    while ((waiting & 1) == 0) {
        waiting >>= 1;
        digit[0]++;
    }
    add_text(l, " unit=STRENG");
    add_text(l, digit);
}

void lp_npu_log_end(const struct lp_npu_network *n, lp_status status)
{
    struct line l = {.length = 0};
    if (target.put == NULL)
        return;
    if (status == LP_TIMEOUT) {
        add_text(&l, "epoch");
        add(&l, "index", n->state->epoch);
        add_text(&l, " state=timeout");
        if (n->state->waiting != 0)
            add_engine(&l, n->state->waiting);
        put(&l);
    }
    put_ports("output", n->desc->outputs, n->desc->output_count);
}
