#include "compiler/report/side.h"

#include "compiler/report/table.h"

#include <string.h>

enum { NOT_KNOWN = -1 };

static int64_t weights_of(const struct lp_cost *c)
{
    return c->weights_bytes;
}
static int64_t program_of(const struct lp_cost *c)
{
    return c->program_bytes;
}
static int64_t code_of(const struct lp_cost *c)
{
    return c->code_bytes;
}
static int64_t activations_of(const struct lp_cost *c)
{
    return c->activations_bytes;
}
static int64_t hw_of(const struct lp_cost *c)
{
    return c->epochs_hw;
}
static int64_t sw_of(const struct lp_cost *c)
{
    return c->epochs_sw;
}
static int64_t macs_of(const struct lp_cost *c)
{
    return c->macs;
}

static const struct {
    const char *name;
    int64_t (*value)(const struct lp_cost *cost);
} rows[] = {
    {"weights, bytes of flash", weights_of},
    {"program tables, bytes of flash", program_of},
    {"weights and tables together", NULL},
    {"linked code with its tables, bytes of flash", code_of},
    {"activations, bytes of RAM", activations_of},
    {"epochs in hardware", hw_of},
    {"epochs in software", sw_of},
    {"multiplications", macs_of},
};

static int64_t value_of(size_t row, const struct lp_cost *cost)
{
    return rows[row].value == NULL ? cost->weights_bytes + cost->program_bytes : rows[row].value(cost);
}

void lp_side_text(const struct lp_cost *costs, const char *const *heads, size_t count, struct lp_arena *arena,
                  struct lp_text *out)
{
    char align[LP_TABLE_COLUMNS + 1] = "lrrrrrrrrr";
    bool has_difference = count == 2;
    struct lp_table table = {.arena = arena, .columns = (uint32_t)count + 1 + has_difference, .align = align};
    lp_table_cell(&table, "%s", "");
    for (size_t i = 0; i < count; i++)
        lp_table_name(&table, "", heads[i], "");
    if (has_difference)
        lp_table_cell(&table, "difference");
    for (size_t r = 0; r < LP_COUNT(rows); r++) {
        bool is_known = false, are_known = true;
        for (size_t i = 0; i < count; i++) {
            is_known = is_known || value_of(r, &costs[i]) != NOT_KNOWN;
            are_known = are_known && value_of(r, &costs[i]) != NOT_KNOWN;
        }
        if (!is_known)
            continue;
        lp_table_cell(&table, "%s", rows[r].name);
        for (size_t i = 0; i < count; i++) {
            if (value_of(r, &costs[i]) == NOT_KNOWN)
                lp_table_cell(&table, "not linked");
            else
                lp_table_number(&table, value_of(r, &costs[i]));
        }
        if (has_difference && are_known) {
            char number[32];
            int64_t change = value_of(r, &costs[1]) - value_of(r, &costs[0]);
            lp_table_cell(&table, "%s%s", change > 0 ? "+" : "", lp_number_text(change, number));
        } else if (has_difference) {
            lp_table_cell(&table, "%s", "");
        }
    }
    lp_table_print(&table, out);
}
