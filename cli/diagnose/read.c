#include "cli/diagnose/parts.h"

#include "cli/values/element.h"
#include "compiler/base/file.h"
#include "compiler/semantics/semantics.h"

#include <math.h>
#include <string.h>

/* ---- how much of a long log is looked at ---- */

static size_t rows_to_use(const struct lp_graph *g, size_t rows)
{
    const int64_t most_macs = INT64_C(4000000000), most_bytes = INT64_C(200) << 20;
    int64_t macs = 1000, bytes = 1;
    for (uint32_t i = 0; i < g->op_count; i++)
        macs += lp_op_macs(g, &g->ops[i]);
    for (uint32_t i = 0; i < g->output_count; i++)
        bytes += 8 * lp_tensor_elements(&g->tensors[g->outputs[i]]);
    bytes += (int64_t)lp_case_ports_bytes(g, g->inputs, g->input_count) + 8 * (int64_t)g->op_count;
    int64_t most = most_macs / macs;
    most = most < 64 ? 64 : most > 20000 ? 20000 : most;
    most = most * bytes > most_bytes ? most_bytes / bytes + 1 : most;
    return (int64_t)rows < most ? rows : (size_t)most;
}

/* ---- inputs ---- */

static struct lp_tensor as_float(const struct lp_tensor *t)
{
    struct lp_tensor real = *t;
    real.element = LP_ELEMENT_FLOAT32;
    real.quant = (struct lp_quant){0};
    return real;
}

static bool has_suffix(const char *path, const char *suffix)
{
    size_t length = strlen(path), n = strlen(suffix);
    return length > n && strcmp(path + length - n, suffix) == 0;
}

/* Integers as they are, or real values: those are kept before quantization, which may clip them. */
static lp_status read_input(struct lp_session *s, const struct lp_diagnose_options *o, uint32_t i, const struct lp_tensor *t,
                            struct lp_values *raw, struct lp_values *real)
{
    const char *path = o->inputs[i];
    bool is_raw = o->input_mode == LP_VALUES_RAW || has_suffix(path, ".bin") || strncmp(path, "random:", 7) == 0 ||
                  (!has_suffix(path, ".csv") && o->input_mode == LP_VALUES_AUTO);
    *real = (struct lp_values){0};
    if (is_raw || t->element == LP_ELEMENT_FLOAT32)
        return lp_values_read(&s->arena, &s->diag, path, is_raw ? o->input_mode : LP_VALUES_REAL, t, raw);
    struct lp_tensor whole = as_float(t);
    lp_status status = lp_value_takes_real(&s->diag, path, t);
    if (status == LP_OK)
        status = lp_values_read(&s->arena, &s->diag, path, LP_VALUES_REAL, &whole, real);
    if (status != LP_OK)
        return status;
    size_t elements = (size_t)lp_tensor_elements(t), bytes = lp_element_bytes(t->element);
    *raw = (struct lp_values){.inference_count = real->inference_count, .inference_bytes = elements * bytes};
    raw->data = lp_arena_alloc(&s->arena, raw->inference_count, raw->inference_bytes);
    if (raw->data == NULL)
        return lp_no_memory(&s->diag);
    const float *values = (const float *)(const void *)real->data;
    for (size_t k = 0; k < raw->inference_count * elements; k++)
        if (lp_value_store_real(t, (double)values[k], raw->data + k * bytes) != LP_VALUE_OK)
            return lp_error(&s->diag, LP_BAD_INPUT, "%s, inference %zu, value %zu: not a number; only numbers can be quantized",
                            path, k / elements, k % elements);
    return LP_OK;
}

/* "random:N" alone serves all inputs. */
static const char *spec_of(struct lp_session *s, const struct lp_diagnose_options *o, uint32_t input)
{
    if (input < o->input_count)
        return o->inputs[input];
    return lp_arena_printf(&s->arena, "%s", o->inputs[0]);
}

static lp_status read_inputs(struct lp_session *s, const struct lp_diagnose_options *options, struct lp_case *c, size_t *all_rows)
{
    const struct lp_graph *g = c->graph;
    struct lp_diagnose_options o = *options;
    struct lp_values *raw = LP_NEW_ARRAY(&s->arena, g->input_count, struct lp_values), real = {0}, ignored = {0};
    bool random_for_all = o.input_count == 1 && strncmp(o.inputs[0], "random:", 7) == 0;
    if (raw == NULL)
        return lp_no_memory(&s->diag);
    if (g->input_count > LP_DIAGNOSE_PATHS || (o.input_count != g->input_count && !random_for_all))
        return lp_error(&s->diag, LP_BAD_ARGUMENT,
                        "the model has %u inputs, %u were given: repeat --inputs once for each, in the model's order",
                        (unsigned)g->input_count, (unsigned)o.input_count);
    for (uint32_t i = 0; i < g->input_count; i++) {
        o.inputs[i] = spec_of(s, options, i);
        lp_status status = read_input(s, &o, i, &g->tensors[g->inputs[i]], &raw[i], i == 0 ? &real : &ignored);
        if (status != LP_OK)
            return status;
        if (raw[i].inference_count != raw[0].inference_count)
            return lp_error(&s->diag, LP_BAD_INPUT, "%s has %zu inferences, %s has %zu: every input needs the same number",
                            o.inputs[i], raw[i].inference_count, o.inputs[0], raw[0].inference_count);
    }
    *all_rows = raw[0].inference_count;
    c->count = rows_to_use(g, *all_rows);
    c->input_bytes = lp_case_ports_bytes(g, g->inputs, g->input_count);
    c->real_inputs = (const float *)(const void *)real.data;
    uint8_t *joined = lp_arena_alloc(&s->arena, c->count, c->input_bytes), *to = joined;
    if (joined == NULL)
        return lp_no_memory(&s->diag);
    for (size_t n = 0; n < c->count; n++)
        for (uint32_t i = 0; i < g->input_count; i++) {
            memcpy(to, raw[i].data + n * raw[i].inference_bytes, raw[i].inference_bytes);
            to += raw[i].inference_bytes;
        }
    c->inputs = joined;
    return LP_OK;
}

/* ---- observed outputs ---- */

/* A text with a decimal point or an exponent holds real values. */
static lp_status looks_real(struct lp_session *s, const char *path, bool *is_real)
{
    const uint8_t *data;
    size_t size;
    lp_status status = lp_file_read(&s->arena, &s->diag, path, LP_VALUES_LIMIT_BYTES / 8, &data, &size);
    bool in_number = false;
    *is_real = false;
    for (size_t i = 0; status == LP_OK && i < size && !*is_real; i++) {
        bool is_digit = data[i] >= '0' && data[i] <= '9';
        *is_real = data[i] == '.' ? in_number || (i + 1 < size && data[i + 1] >= '0' && data[i + 1] <= '9')
                                  : in_number && (data[i] == 'e' || data[i] == 'E');
        in_number = is_digit;
    }
    return status;
}

/* All values as numbers in the output's LSB, not clamped: 32 bits wide, so that a wrong scale or type can be seen. */
static lp_status read_output(struct lp_session *s, const struct lp_diagnose_options *o, uint32_t i, const struct lp_tensor *t,
                             struct lp_values *values, bool *is_real)
{
    const char *path = o->observed[i];
    lp_status status = LP_OK;
    *is_real = o->observed_mode == LP_VALUES_REAL;
    if (o->observed_mode == LP_VALUES_AUTO && has_suffix(path, ".csv"))
        status = looks_real(s, path, is_real);
    if (status != LP_OK)
        return status;
    bool is_text = has_suffix(path, ".csv");
    struct lp_tensor wide = as_float(t);
    if (is_text || *is_real)
        return lp_values_read(&s->arena, &s->diag, path, LP_VALUES_REAL, &wide, values);
    status = lp_values_read(&s->arena, &s->diag, path, o->observed_mode, t, values);
    if (status != LP_OK)
        return status;
    size_t elements = (size_t)lp_tensor_elements(t);
    float *numbers = LP_NEW_ARRAY(&s->arena, values->inference_count * elements, float);
    if (numbers == NULL)
        return lp_no_memory(&s->diag);
    for (size_t n = 0; n < values->inference_count; n++)
        for (size_t k = 0; k < elements; k++)
            numbers[n * elements + k] = (float)lp_case_element(t->element, values->data + n * values->inference_bytes,
                                                               (int64_t)k);
    values->data = (uint8_t *)numbers;
    return LP_OK;
}

static lp_status store_outputs(struct lp_session *s, struct lp_case *c, const struct lp_tensor *t, const struct lp_values *values,
                               bool is_real, size_t first, const char *path)
{
    size_t elements = (size_t)lp_tensor_elements(t);
    const float *from = (const float *)(const void *)values->data;
    for (size_t n = 0; n < c->count; n++)
        for (size_t k = 0; k < elements; k++) {
            double value = (double)from[n * elements + k];
            if (!isfinite(value))
                return lp_error(&s->diag, LP_BAD_INPUT, "%s, inference %zu, value %zu: not a finite number", path, n, k);
            if (is_real && t->quant.count == 1)
                value = value / (double)t->quant.scale[0] + t->quant.zero_point[0];
            c->observed_values[n * c->output_elements + first + k] = value;
        }
    return LP_OK;
}

static lp_status read_observed(struct lp_session *s, const struct lp_diagnose_options *o, struct lp_case *c, size_t all_rows)
{
    const struct lp_graph *g = c->graph;
    size_t first = 0;
    if (o->observed_count != g->output_count)
        return lp_error(&s->diag, LP_BAD_ARGUMENT,
                        "the model has %u outputs, %u were observed: repeat --observed once for each, in the model's order",
                        (unsigned)g->output_count, (unsigned)o->observed_count);
    c->output_elements = 0;
    for (uint32_t i = 0; i < g->output_count; i++)
        c->output_elements += (size_t)lp_tensor_elements(&g->tensors[g->outputs[i]]);
    c->observed_values = LP_NEW_ARRAY(&s->arena, c->count * c->output_elements, double);
    if (c->observed_values == NULL)
        return lp_no_memory(&s->diag);
    for (uint32_t i = 0; i < g->output_count; i++) {
        const struct lp_tensor *t = &g->tensors[g->outputs[i]];
        struct lp_values values = {0};
        lp_status status = read_output(s, o, i, t, &values, &c->observed_is_real);
        if (status != LP_OK)
            return status;
        if (values.inference_count != all_rows)
            return lp_error(&s->diag, LP_BAD_INPUT,
                            "%s has %zu inferences, the inputs have %zu: row n of both must belong to the same inference",
                            o->observed[i], values.inference_count, all_rows);
        status = store_outputs(s, c, t, &values, c->observed_is_real, first, o->observed[i]);
        if (status != LP_OK)
            return status;
        first += (size_t)lp_tensor_elements(t);
    }
    return LP_OK;
}

/* ---- trace and log ---- */

static lp_status read_trace(struct lp_session *s, const char *path, struct lp_case *c)
{
    const uint8_t *data;
    size_t size;
    struct lp_trace *trace = LP_NEW(&s->arena, struct lp_trace);
    if (trace == NULL)
        return lp_no_memory(&s->diag);
    lp_status status = lp_file_read(&s->arena, &s->diag, path, LP_TRACE_FILE_BYTES, &data, &size);
    c->trace = trace;
    return status == LP_OK ? lp_trace_read(&s->arena, &s->diag, path, data, size, trace) : status;
}

static lp_status read_log(struct lp_session *s, const char *path, struct lp_case *c)
{
    const uint8_t *data;
    size_t size;
    struct lp_device_log *log = LP_NEW(&s->arena, struct lp_device_log);
    if (log == NULL)
        return lp_no_memory(&s->diag);
    lp_status status = lp_file_read(&s->arena, &s->diag, path, LP_TRACE_FILE_BYTES, &data, &size);
    c->log = log;
    return status == LP_OK ? lp_device_log_read(&s->arena, &s->diag, path, data, size, log) : status;
}

lp_status lp_diagnose_read(struct lp_session *s, const struct lp_diagnose_options *o, struct lp_case *c, size_t *all_rows)
{
    lp_status status = read_inputs(s, o, c, all_rows);
    if (status == LP_OK && o->observed_count != 0)
        status = read_observed(s, o, c, *all_rows);
    if (status == LP_OK && o->trace != NULL)
        status = read_trace(s, o->trace, c);
    if (status == LP_OK && o->log != NULL)
        status = read_log(s, o->log, c);
    return status;
}
