#include "neural-art/hex.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { TYPE_DATA, TYPE_END, TYPE_SEGMENT, TYPE_START_SEGMENT, TYPE_LINEAR, TYPE_START_LINEAR, MOST_RECORD_BYTES = 255 + 5 };

struct record {
    uint32_t offset;
    uint8_t type, count;
    const uint8_t *data; /* in `bytes` */
    uint8_t bytes[MOST_RECORD_BYTES];
};

static int digit(uint8_t c)
{
    return isdigit(c) ? c - '0' : isxdigit(c) ? tolower(c) - 'a' + 10 : -1;
}

/* What is wrong with the line, or null. `text` begins behind the colon: count, address, type, data, sum. */
static const char *read_record(const uint8_t *text, size_t length, struct record *out)
{
    uint8_t sum = 0;
    size_t count = length / 2;
    if (length % 2 != 0 || count < 5 || count > MOST_RECORD_BYTES)
        return "it has a wrong length";
    for (size_t i = 0; i < count; i++) {
        int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return "it has a character that is no hexadecimal digit";
        out->bytes[i] = (uint8_t)(high * 16 + low);
        sum = (uint8_t)(sum + out->bytes[i]);
    }
    if (out->bytes[0] + 5u != count)
        return "it has another length than it says";
    if (sum != 0)
        return "its sum is wrong";
    out->count = out->bytes[0];
    out->offset = (uint32_t)out->bytes[1] << 8 | out->bytes[2];
    out->type = out->bytes[3];
    out->data = out->bytes + 4;
    return NULL;
}

static bool is_address(const struct record *r)
{
    return (r->type == TYPE_SEGMENT || r->type == TYPE_LINEAR) && r->count == 2;
}

static bool is_known(const struct record *r)
{
    return r->type == TYPE_DATA || is_address(r) || (r->type == TYPE_END && r->count == 0) || r->type == TYPE_START_SEGMENT ||
           r->type == TYPE_START_LINEAR;
}

lp_status lp_hex_read(struct lp_diag *diag, const char *label, const uint8_t *text, size_t size_bytes, lp_hex_put *put, void *ctx)
{
    uint64_t base = 0;
    unsigned line = 0;
    for (size_t at = 0, next; at < size_bytes; at = next) {
        const uint8_t *stop = memchr(text + at, '\n', size_bytes - at);
        size_t end = stop == NULL ? size_bytes : (size_t)(stop - text);
        next = end + 1;
        line++;
        while (end > at && isspace(text[end - 1]))
            end--;
        if (end == at)
            continue;
        struct record r = {0};
        const char *fault = text[at] != ':' ? "it does not begin with a colon" : read_record(text + at + 1, end - at - 1, &r);
        if (fault == NULL && !is_known(&r))
            fault = "its type is unknown";
        if (fault != NULL)
            return lp_error(diag, LP_BAD_INPUT, "%s: line %u is no record of Intel hex: %s", label, line, fault);
        if (r.type == TYPE_END)
            return LP_OK;
        if (is_address(&r))
            base = ((uint64_t)r.data[0] << 8 | r.data[1]) << (r.type == TYPE_LINEAR ? 16 : 4);
        if (r.type != TYPE_DATA || r.count == 0)
            continue;
        lp_status status = put(ctx, base + r.offset, r.data, r.count);
        if (status != LP_OK)
            return status;
    }
    return lp_error(diag, LP_BAD_INPUT, "%s: it ends without an end record: the file is cut off, or no Intel hex", label);
}
