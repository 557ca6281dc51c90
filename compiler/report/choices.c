#include "compiler/report/choices.h"

#include "compiler/report/table.h"

void lp_choice_measure(const struct lp_report_target *target, struct lp_choice *out)
{
    const struct lp_program *p = target->program;
    out->weights_bytes = p->weights.size_bytes;
    out->program_bytes = p->tables.size_bytes;
    out->activations_bytes = target->plan->peak_bytes;
    out->cycles = 0;
    for (uint32_t e = 0; e < p->epoch_count; e++)
        out->cycles += p->epochs[e].cycles;
    out->hw_epochs = lp_report_hw_epochs(p, -1);
    out->sw_epochs = p->epoch_count - out->hw_epochs;
}

void lp_choices_text(const struct lp_report_target *target, struct lp_arena *arena, struct lp_text *out)
{
    static const char *const heads[] = {"--optimize",     "weights",   "program",   "activations",
                                        "cycles (model)", "HW epochs", "SW epochs", ""};
    struct lp_table table = {.arena = arena, .columns = LP_COUNT(heads), .align = "lrrrrrrl"};
    if (target->choice_count == 0)
        return;
    for (size_t i = 0; i < LP_COUNT(heads); i++)
        lp_table_cell(&table, "%s", heads[i]);
    for (uint32_t i = 0; i < target->choice_count; i++) {
        const struct lp_choice *c = &target->choices[i];
        const int64_t numbers[] = {c->weights_bytes, c->program_bytes, c->activations_bytes,
                                   c->cycles,        c->hw_epochs,     c->sw_epochs};
        lp_table_cell(&table, "%s", c->name);
        for (size_t k = 0; k < LP_COUNT(numbers) && !c->does_not_fit; k++)
            lp_table_number(&table, numbers[k]);
        for (size_t k = 0; k < LP_COUNT(numbers) && c->does_not_fit; k++)
            lp_table_cell(&table, "%s", "-");
        lp_table_cell(&table, "%s", c->does_not_fit ? "does not fit" : c->is_chosen ? "<- chosen" : "");
    }
    lp_table_print(&table, out);
    lp_text_printf(out, "\n");
}

json_t *lp_choices_json(const struct lp_report_target *target)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < target->choice_count; i++) {
        const struct lp_choice *c = &target->choices[i];
        json_array_append_new(
            list, json_pack("{s:s, s:b, s:b, s:I, s:I, s:I, s:I, s:{s:I, s:I}}", "optimize", c->name, "chosen", c->is_chosen,
                            "fits", !c->does_not_fit, "weights_bytes", (json_int_t)c->weights_bytes, "program_bytes",
                            (json_int_t)c->program_bytes, "activations_bytes", (json_int_t)c->activations_bytes, "cycles",
                            (json_int_t)c->cycles, "epochs", "hw", (json_int_t)c->hw_epochs, "sw", (json_int_t)c->sw_epochs));
    }
    return list;
}
