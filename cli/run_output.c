#include "cli/run_output.h"

#include "cli/compare.h"
#include "compiler/report/table.h"

#include <stdlib.h>
#include <string.h>

const char *lp_run_output_path(struct lp_arena *arena, const char *path, size_t i, size_t count)
{
    if (count == 1)
        return path;
    const char *dot = strrchr(path, '.');
    size_t stem = dot == NULL ? strlen(path) : (size_t)(dot - path);
    return lp_arena_printf(arena, "%.*s-%zu%s", (int)stem, path, i, dot == NULL ? "" : dot);
}

lp_status lp_run_write(const struct lp_run_output *o)
{
    const struct lp_graph *g = o->graph;
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < g->output_count && status == LP_OK; i++) {
        const char *path = lp_run_output_path(&o->session->arena, o->path, i, g->output_count);
        status = path == NULL ? lp_no_memory(&o->session->diag)
                              : lp_values_write(&o->session->diag, path, &g->tensors[g->outputs[i]], o->batch->outputs[i].data,
                                                o->batch->count, o->is_real);
    }
    return status;
}

static double value_at(const struct lp_run_output *o, const struct lp_tensor *t, const uint8_t *data, int64_t i)
{
    double value = lp_element_value(t->element, data, i);
    return o->is_real && t->quant.count != 0 ? (double)t->quant.scale[0] * (value - t->quant.zero_point[0]) : value;
}

json_t *lp_run_json(const struct lp_run_output *o)
{
    const struct lp_graph *g = o->graph;
    json_t *outputs = json_array();
    for (uint32_t k = 0; k < g->output_count; k++) {
        const struct lp_tensor *t = &g->tensors[g->outputs[k]];
        json_t *shape = json_array();
        json_t *rows = json_array();
        for (uint8_t d = 0; d < t->rank; d++)
            json_array_append_new(shape, json_integer(t->dims[d]));
        for (size_t n = 0; n < o->batch->count; n++) {
            json_t *row = json_array();
            for (int64_t i = 0; i < lp_tensor_elements(t); i++) {
                double value = value_at(o, t, o->batch->outputs[k].data + n * o->batch->outputs[k].inference_bytes, i);
                bool whole = t->element != LP_ELEMENT_FLOAT32 && !o->is_real;
                json_array_append_new(row, whole ? json_integer((json_int_t)value) : json_real(value));
            }
            json_array_append_new(rows, row);
        }
        json_array_append_new(outputs, json_pack("{s:o, s:o, s:s, s:o}", "name", lp_report_name_json(t->name), "shape", shape,
                                                 "dtype", lp_element_name(t->element), "values", rows));
    }
    return outputs;
}

void lp_run_json_line(json_t *json, struct lp_text *out)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(9));
    if (text == NULL)
        out->failed = true;
    else
        lp_text_printf(out, "%s\n", text);
    free(text);
    json_decref(json);
}

void lp_run_text(const struct lp_run_output *o, struct lp_text *out)
{
    const struct lp_graph *g = o->graph;
    enum { SHOWN = 10 };
    for (uint32_t k = 0; k < g->output_count; k++) {
        const struct lp_tensor *t = &g->tensors[g->outputs[k]];
        int64_t elements = lp_tensor_elements(t);
        lp_text_printf(out, "output %u '", (unsigned)k);
        lp_text_name(out, t->name);
        lp_text_printf(out, "', %s%s\n", lp_element_name(t->element), o->is_real ? ", real values" : "");
        for (size_t n = 0; n < o->batch->count; n++) {
            const uint8_t *data = o->batch->outputs[k].data + n * o->batch->outputs[k].inference_bytes;
            lp_text_printf(out, "  %4zu:", n);
            for (int64_t i = 0; i < elements && i < SHOWN; i++)
                lp_text_printf(out, o->is_real || t->element == LP_ELEMENT_FLOAT32 ? " %9.4g" : " %6.0f",
                               value_at(o, t, data, i));
            lp_text_printf(out, "%s\n", elements > SHOWN ? " ..." : "");
        }
    }
}
