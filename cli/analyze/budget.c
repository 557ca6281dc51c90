#include "cli/analyze/budget.h"

#include "compiler/report/table.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[LP_BUDGET_KINDS] = {
    [LP_BUDGET_WEIGHTS] = "weights", [LP_BUDGET_RAM] = "ram", [LP_BUDGET_FLASH] = "flash"};

/* Bytes of "64K": false for anything else, or more than a terabyte. */
static bool parse_bytes(const char *text, size_t length, int64_t *out)
{
    const int64_t most = (int64_t)1 << 40;
    char *end = NULL;
    int64_t unit = 1;
    if (length == 0 || !isdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end < text + length && (*end == 'K' || *end == 'k'))
        unit = 1 << 10;
    else if (end < text + length && (*end == 'M' || *end == 'm'))
        unit = 1 << 20;
    if (errno != 0 || end + (unit != 1) != text + length || value > most / unit)
        return false;
    *out = value * unit;
    return true;
}

static lp_status parse_one(struct lp_diag *diag, const char *text, size_t length, struct lp_budget *out)
{
    const char *equals = memchr(text, '=', length);
    size_t name_length = equals == NULL ? length : (size_t)(equals - text);
    for (int kind = 0; kind < LP_BUDGET_KINDS; kind++) {
        if (strlen(names[kind]) != name_length || strncmp(names[kind], text, name_length) != 0 || equals == NULL)
            continue;
        if (!parse_bytes(equals + 1, length - name_length - 1, &out->limit_bytes[kind]))
            return lp_error(diag, LP_BAD_ARGUMENT, "--budget %.*s: bytes are a whole number, with K or M behind it if you like",
                            (int)length, text);
        out->is_given[kind] = true;
        return LP_OK;
    }
    return lp_error(diag, LP_BAD_ARGUMENT,
                    "--budget %.*s: allowed are weights=BYTES, ram=BYTES and flash=BYTES, with commas between", (int)length,
                    text);
}

lp_status lp_budget_parse(struct lp_diag *diag, const char *text, struct lp_budget *out)
{
    lp_status status = LP_OK;
    for (bool is_last = false; status == LP_OK && !is_last;) {
        size_t length = strcspn(text, ",");
        status = parse_one(diag, text, length, out);
        is_last = text[length] == '\0';
        text += length + !is_last;
    }
    return status;
}

static int64_t bytes_of(const struct lp_cost *cost, enum lp_budget_kind kind)
{
    switch (kind) {
    case LP_BUDGET_WEIGHTS: return cost->weights_bytes;
    case LP_BUDGET_RAM: return cost->activations_bytes;
    default: return lp_cost_flash_bytes(cost);
    }
}

static void say(const struct lp_cost *cost, int kind, int64_t limit, int64_t bytes, struct lp_text *out)
{
    char a[32], b[32], c[32];
    lp_text_printf(out, "budget: %s on %s: %s of %s bytes, %s %s%s\n", names[kind], cost->target, lp_number_text(bytes, a),
                   lp_number_text(limit, b), lp_number_text(llabs(bytes - limit), c), bytes > limit ? "TOO MANY" : "to spare",
                   kind == LP_BUDGET_FLASH && cost->code_bytes < 0 ? " (without code, which was not linked)" : "");
}

uint32_t lp_budget_check(const struct lp_budget *budget, const struct lp_cost *costs, size_t count, struct lp_text *out,
                         json_t *json)
{
    uint32_t exceeded = 0;
    for (size_t i = 0; i < count; i++)
        for (int kind = 0; kind < LP_BUDGET_KINDS; kind++) {
            int64_t limit = budget->limit_bytes[kind], bytes = bytes_of(&costs[i], (enum lp_budget_kind)kind);
            if (!budget->is_given[kind])
                continue;
            exceeded += bytes > limit;
            if (out != NULL)
                say(&costs[i], kind, limit, bytes, out);
            if (json != NULL)
                json_array_append_new(json, json_pack("{s:s, s:s, s:I, s:I, s:I}", "target", costs[i].target, "what", names[kind],
                                                      "limit_bytes", (json_int_t)limit, "bytes", (json_int_t)bytes,
                                                      "exceeded_bytes", (json_int_t)(bytes > limit ? bytes - limit : 0)));
        }
    return exceeded;
}
