#include "cli/npu_program_costs.h"

#include "neural-art/epoch_read.h"
#include "neural-art/fields.h"

static json_t *unit_json(const struct lp_sim_unit_report *u)
{
    json_t *in = json_array();
    for (int port = 0; port < LP_NPU_MOST_PORTS; port++)
        json_array_append_new(in, json_integer((json_int_t)u->words_in[port]));
    return json_pack("{s:s, s:i, s:I, s:I, s:I, s:o, s:I, s:I}", "type", lp_npu_unit_fields[u->unit_type].type, "unit", u->index,
                     "cycles", (json_int_t)u->cycles, "macs", (json_int_t)u->macs, "clamped", (json_int_t)u->saturations,
                     "words_in", in, "words_out", (json_int_t)u->words_out, "frames_out", (json_int_t)u->frames_out);
}

static json_t *epoch_json(const struct lp_sim_epoch_report *e)
{
    json_t *units = json_array(), *pools = json_array();
    for (uint32_t i = 0; i < e->unit_count; i++)
        json_array_append_new(units, unit_json(&e->units[i]));
    for (uint32_t i = 0; i < e->pool_count; i++)
        if (e->pools[i].read_bytes + e->pools[i].write_bytes > 0)
            json_array_append_new(pools,
                                  json_pack("{s:s?, s:I, s:I}", "pool", e->pools[i].name, "read",
                                            (json_int_t)e->pools[i].read_bytes, "written", (json_int_t)e->pools[i].write_bytes));
    return json_pack("{s:i, s:s, s:I, s:o, s:o}", "id", e->id, "kind", lp_npu_epoch_kind_names[e->kind], "cycles",
                     (json_int_t)e->cycles, "bytes", pools, "units", units);
}

json_t *lp_npu_program_costs(const struct lp_sim_report *report)
{
    json_t *epochs = json_array();
    for (uint32_t i = 0; i < report->epoch_count; i++)
        json_array_append_new(epochs, epoch_json(&report->epochs[i]));
    return epochs;
}
