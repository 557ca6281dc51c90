#include "compiler/report/difference.h"

#include "compiler/report/report.h"
#include "compiler/report/table.h"

#include <stdlib.h>
#include <string.h>

static int64_t change(const struct lp_difference_row *row)
{
    return row->b_bytes - row->a_bytes;
}

/* Largest change first, whatever its sign; equal ones as they came. */
static int by_change(const void *a, const void *b)
{
    const struct lp_difference_row *p = a, *q = b;
    int64_t x = llabs(change(p)), y = llabs(change(q));
    if (x != y)
        return x < y ? 1 : -1;
    if (p->is_program != q->is_program)
        return p->is_program ? 1 : -1;
    int64_t i = p->index_a >= 0 ? p->index_a : p->index_b, k = q->index_a >= 0 ? q->index_a : q->index_b;
    if (i != k)
        return i < k ? -1 : 1;
    return p->name == NULL || q->name == NULL ? 0 : strcmp(p->name, q->name);
}

static void add_causes(struct lp_difference *d, const struct lp_cost_ledger *a, const struct lp_cost_ledger *b, bool is_program)
{
    for (uint32_t i = 0; i < a->count; i++)
        d->causes[d->cause_count++] = (struct lp_difference_row){.name = a->causes[i].name,
                                                                 .index_a = -1,
                                                                 .index_b = -1,
                                                                 .a_bytes = a->causes[i].bytes,
                                                                 .b_bytes = lp_cost_cause_bytes(b, a->causes[i].name),
                                                                 .is_program = is_program};
    for (uint32_t i = 0; i < b->count; i++) {
        bool is_known = false;
        for (uint32_t k = 0; k < a->count; k++)
            is_known = is_known || strcmp(a->causes[k].name, b->causes[i].name) == 0;
        if (!is_known)
            d->causes[d->cause_count++] = (struct lp_difference_row){
                .name = b->causes[i].name, .index_a = -1, .index_b = -1, .b_bytes = b->causes[i].bytes, .is_program = is_program};
    }
}

static int64_t bytes_of(const struct lp_cost_layer *layer)
{
    return layer->weights_bytes + layer->program_bytes;
}

/* Layer of `b` that is layer i of `a`, among those that nobody has taken; UINT32_MAX: none. */
static uint32_t partner(const struct lp_difference *d, const struct lp_cost_layer *layer, const bool *is_taken, bool by_name)
{
    bool is_same_model = strcmp(d->a->sha256, d->b->sha256) == 0;
    for (uint32_t k = 0; k < d->b->layer_count; k++) {
        const struct lp_cost_layer *other = &d->b->layers[k];
        if (is_taken[k] || strcmp(other->op, layer->op) != 0)
            continue;
        if (is_same_model ? other->index == layer->index : !by_name || strcmp(other->name, layer->name) == 0)
            return k;
    }
    return UINT32_MAX;
}

static struct lp_difference_row row_of(const struct lp_cost_layer *a, const struct lp_cost_layer *b)
{
    const struct lp_cost_layer *shown = a == NULL ? b : a;
    return (struct lp_difference_row){.name = shown->name,
                                      .op = shown->op,
                                      .index_a = a == NULL ? -1 : a->index,
                                      .index_b = b == NULL ? -1 : b->index,
                                      .a_bytes = a == NULL ? 0 : bytes_of(a),
                                      .b_bytes = b == NULL ? 0 : bytes_of(b)};
}

/* What belongs to no layer: the sizes of the whole less those of the layers. */
static int64_t rest_of(const struct lp_cost *cost)
{
    int64_t rest = cost->weights_bytes + cost->program_bytes;
    for (uint32_t i = 0; i < cost->layer_count; i++)
        rest -= bytes_of(&cost->layers[i]);
    return rest;
}

static void add_layers(struct lp_difference *d, uint32_t *partners, bool *is_taken)
{
    for (uint32_t i = 0; i < d->a->layer_count; i++)
        partners[i] = UINT32_MAX;
    for (int by_name = 1; by_name >= 0; by_name--)
        for (uint32_t i = 0; i < d->a->layer_count; i++) {
            if (partners[i] != UINT32_MAX)
                continue;
            partners[i] = partner(d, &d->a->layers[i], is_taken, by_name == 1);
            if (partners[i] != UINT32_MAX)
                is_taken[partners[i]] = true;
        }
    for (uint32_t i = 0; i < d->a->layer_count; i++)
        d->layers[d->layer_count++] = row_of(&d->a->layers[i], partners[i] == UINT32_MAX ? NULL : &d->b->layers[partners[i]]);
    for (uint32_t k = 0; k < d->b->layer_count; k++)
        if (!is_taken[k])
            d->layers[d->layer_count++] = row_of(NULL, &d->b->layers[k]);
    d->layers[d->layer_count++] = (struct lp_difference_row){
        .index_a = -1, .index_b = -1, .a_bytes = rest_of(d->a), .b_bytes = rest_of(d->b)};
}

lp_status lp_difference_find(struct lp_arena *arena, struct lp_diag *diag, const struct lp_cost *a, const struct lp_cost *b,
                             struct lp_difference *out)
{
    *out = (struct lp_difference){.a = a, .b = b};
    size_t causes = (size_t)a->weights.count + a->program.count + b->weights.count + b->program.count;
    out->causes = LP_NEW_ARRAY(arena, causes, struct lp_difference_row);
    out->layers = LP_NEW_ARRAY(arena, (size_t)a->layer_count + b->layer_count + 1, struct lp_difference_row);
    uint32_t *partners = LP_NEW_ARRAY(arena, a->layer_count, uint32_t);
    bool *is_taken = LP_NEW_ARRAY(arena, b->layer_count, bool);
    if (out->causes == NULL || out->layers == NULL || partners == NULL || is_taken == NULL)
        return lp_no_memory(diag);
    add_causes(out, &a->weights, &b->weights, false);
    add_causes(out, &a->program, &b->program, true);
    add_layers(out, partners, is_taken);
    qsort(out->causes, out->cause_count, sizeof *out->causes, by_change);
    qsort(out->layers, out->layer_count, sizeof *out->layers, by_change);
    return LP_OK;
}

static void add_change(struct lp_table *table, int64_t from, int64_t to)
{
    char number[32];
    lp_table_number(table, from);
    lp_table_number(table, to);
    lp_table_cell(table, "%s%s", to > from ? "+" : "", lp_number_text(to - from, number));
}

static void add_headings(struct lp_table *table, const struct lp_difference *d, const char *what)
{
    bool is_same_model = strcmp(d->a->model, d->b->model) == 0;
    bool is_same_target = strcmp(d->a->target, d->b->target) == 0;
    lp_table_cell(table, "%s", what);
    lp_table_cell(table, "%s", is_same_target ? is_same_model ? "before" : d->a->model : d->a->target);
    lp_table_cell(table, "%s", is_same_target ? is_same_model ? "now" : d->b->model : d->b->target);
    lp_table_cell(table, "difference");
}

static void causes_text(const struct lp_difference *d, struct lp_arena *arena, struct lp_text *out)
{
    struct lp_table table = {.arena = arena, .columns = 4, .align = "lrrr"};
    add_headings(&table, d, "by cause");
    for (uint32_t i = 0; i < d->cause_count; i++) {
        if (change(&d->causes[i]) == 0)
            continue;
        lp_table_cell(&table, "%s, %s", d->causes[i].name, d->causes[i].is_program ? "program" : "weights");
        add_change(&table, d->causes[i].a_bytes, d->causes[i].b_bytes);
    }
    lp_table_cell(&table, "weights and program together");
    add_change(&table, d->a->weights_bytes + d->a->program_bytes, d->b->weights_bytes + d->b->program_bytes);
    lp_table_print(&table, out);
}

static void layer_cells(const struct lp_difference_row *row, struct lp_table *table)
{
    if (row->index_a < 0 && row->index_b < 0)
        lp_table_cell(table, "%s", "");
    else if (row->index_a < 0 || row->index_b < 0)
        lp_table_cell(table, row->index_a < 0 ? "new %lld" : "gone %lld",
                      (long long)(row->index_a < 0 ? row->index_b : row->index_a));
    else
        lp_table_cell(table, "%lld", (long long)row->index_b);
    lp_table_cell(table, "%s", row->op == NULL ? "" : row->op);
    lp_table_name(table, "", row->name == NULL ? "the network as a whole" : row->name, "");
    add_change(table, row->a_bytes, row->b_bytes);
}

/* The largest ones; those that are left stand in one row, so that the column still adds up. */
static void layers_text(const struct lp_difference *d, struct lp_arena *arena, struct lp_text *out)
{
    enum { SHOWN = 12 };
    struct lp_table table = {.arena = arena, .columns = 6, .align = "rllrrr"};
    struct lp_difference_row rest = {0};
    uint32_t changed = 0;
    lp_table_cell(&table, "#");
    lp_table_cell(&table, "operator");
    add_headings(&table, d, "by layer: weights and program");
    for (uint32_t i = 0; i < d->layer_count; i++) {
        if (change(&d->layers[i]) != 0 && changed++ < SHOWN) {
            layer_cells(&d->layers[i], &table);
        } else {
            rest.a_bytes += d->layers[i].a_bytes;
            rest.b_bytes += d->layers[i].b_bytes;
        }
    }
    if (rest.a_bytes != 0 || rest.b_bytes != 0) {
        lp_table_cell(&table, "%s", "");
        lp_table_cell(&table, "%s", "");
        lp_table_cell(&table, "%s", changed > SHOWN ? "all others" : "those that stay as they are");
        add_change(&table, rest.a_bytes, rest.b_bytes);
    }
    lp_text_printf(out, "\n");
    lp_table_print(&table, out);
}

void lp_difference_text(const struct lp_difference *d, struct lp_arena *arena, struct lp_text *out)
{
    bool is_any = false;
    for (uint32_t i = 0; i < d->cause_count; i++)
        is_any = is_any || change(&d->causes[i]) != 0;
    for (uint32_t i = 0; i < d->layer_count; i++)
        is_any = is_any || change(&d->layers[i]) != 0;
    lp_text_printf(out, "\nWhat makes the difference: ");
    lp_text_name(out, d->a->model);
    lp_text_printf(out, " on %s -> ", d->a->target);
    lp_text_name(out, d->b->model);
    lp_text_printf(out, " on %s, bytes of flash%s\n\n", d->b->target, is_any ? "" : ": nothing");
    if (!is_any)
        return;
    causes_text(d, arena, out);
    layers_text(d, arena, out);
}

static json_t *size_json(int64_t from, int64_t to)
{
    return json_pack("{s:I, s:I, s:I}", "from", (json_int_t)from, "to", (json_int_t)to, "difference", (json_int_t)(to - from));
}

static json_t *index_json(int64_t index)
{
    return index < 0 ? json_null() : json_integer((json_int_t)index);
}

static json_t *rows_json(const struct lp_difference_row *rows, uint32_t count, bool are_layers)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < count; i++) {
        json_t *row = size_json(rows[i].a_bytes, rows[i].b_bytes);
        if (are_layers) {
            json_object_set_new(row, "from_index", index_json(rows[i].index_a));
            json_object_set_new(row, "to_index", index_json(rows[i].index_b));
            json_object_set_new(row, "op", rows[i].op == NULL ? json_null() : json_string(rows[i].op));
            json_object_set_new(row, "name", rows[i].name == NULL ? json_null() : lp_report_name_json(rows[i].name));
        } else {
            json_object_set_new(row, "section", json_string(rows[i].is_program ? "program" : "weights"));
            json_object_set_new(row, "cause", lp_report_name_json(rows[i].name));
        }
        json_array_append_new(list, row);
    }
    return list;
}

json_t *lp_difference_json(const struct lp_difference *d)
{
    bool is_linked = d->a->code_bytes >= 0 && d->b->code_bytes >= 0;
    return json_pack("{s:{s:o, s:s}, s:{s:o, s:s}, s:o, s:o, s:o, s:o, s:o, s:o}", "from", "file",
                     lp_report_name_json(d->a->model), "target", d->a->target, "to", "file", lp_report_name_json(d->b->model),
                     "target", d->b->target, "weights_bytes", size_json(d->a->weights_bytes, d->b->weights_bytes),
                     "program_bytes", size_json(d->a->program_bytes, d->b->program_bytes), "activations_bytes",
                     size_json(d->a->activations_bytes, d->b->activations_bytes), "code_bytes",
                     is_linked ? size_json(d->a->code_bytes, d->b->code_bytes) : json_null(), "ledger",
                     rows_json(d->causes, d->cause_count, false), "layers", rows_json(d->layers, d->layer_count, true));
}
