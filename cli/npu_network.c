#define _POSIX_C_SOURCE 200809L
#include "cli/npu_network.h"

#include "cli/run_output.h"

#include "cli/embedded.h"
#include "cli/emulate/folder.h"
#include "cli/emulate/process.h"
#include "cli/values/values.h"
#include "compiler/base/file.h"
#include "simulator/shim/shim.h"

#include <stdio.h>
#include <string.h>

struct network {
    struct lp_session *session;
    const struct lp_npu_network_run *run;
    struct lp_shim_request request;
    struct lp_shim_result result;
    struct lp_shim_image images[LP_NPU_NETWORK_IMAGES];
    struct lp_values *inputs;
    const uint8_t **input_data;
    size_t *input_bytes;
};

bool lp_npu_network_is(const char *path)
{
    size_t length = strlen(path);
    return length > 2 && strcmp(path + length - 2, ".c") == 0;
}

lp_status lp_npu_network_images(struct lp_session *s, const char *const *texts, uint32_t count, struct lp_shim_image *images)
{
    for (uint32_t i = 0; i < count; i++) {
        const char *text = texts[i], *equals = strchr(text, '=');
        const char *file = equals == NULL ? text : equals + 1;
        size_t length = strlen(file);
        bool is_hex = length > 4 && strcmp(file + length - 4, ".hex") == 0;
        if (length == 0 || (equals == NULL && !is_hex))
            return lp_error(&s->diag, LP_BAD_ARGUMENT,
                            "--image %s: give POOL=FILE or ADDRESS=FILE; only FILE.hex says itself where it belongs", text);
        images[i].file = file;
        images[i].place = equals == NULL ? NULL : lp_arena_text(&s->arena, text, (size_t)(equals - text));
        if (equals != NULL && images[i].place == NULL)
            return lp_no_memory(&s->diag);
    }
    return LP_OK;
}

lp_status lp_npu_network_headers(struct lp_session *s, const char *folder)
{
    static const char *const needed[] = {"contract/", "compiler/base/", "neural-art/"};
    lp_status status = LP_OK;
    for (size_t i = 0; i < lp_embedded_file_count && status == LP_OK; i++) {
        const struct lp_embedded_file *file = &lp_embedded_files[i];
        for (size_t k = 0; k < LP_COUNT(needed); k++)
            if (strncmp(file->path, needed[k], strlen(needed[k])) == 0)
                status = lp_folder_write(&s->arena, &s->diag, folder, file->path, file->data, file->size_bytes);
    }
    return status;
}

/* A buffer as the tensor whose bytes are read. */
static struct lp_tensor port_tensor(const struct lp_shim_port *port)
{
    uint32_t element = port->is_float ? 4 : 1;
    return (struct lp_tensor){.name = port->name,
                              .element = port->is_float ? LP_ELEMENT_FLOAT32 : LP_ELEMENT_INT8,
                              .rank = 1,
                              .dims = {(int32_t)(port->bytes / element)},
                              .source_index = -1};
}

static lp_status read_inputs(struct network *n)
{
    struct lp_session *s = n->session;
    size_t count = n->result.port_count[0];
    if (count != n->run->input_count)
        return lp_error(&s->diag, LP_BAD_ARGUMENT,
                        "%s has %zu inputs, %u were given: repeat --input once for each, in the network's order", s->model_path,
                        count, (unsigned)n->run->input_count);
    n->inputs = LP_NEW_ARRAY(&s->arena, count, struct lp_values);
    n->input_data = LP_NEW_ARRAY(&s->arena, count, const uint8_t *);
    n->input_bytes = LP_NEW_ARRAY(&s->arena, count, size_t);
    if (n->inputs == NULL || n->input_data == NULL || n->input_bytes == NULL)
        return lp_no_memory(&s->diag);
    for (size_t i = 0; i < count; i++) {
        const struct lp_shim_port *port = &n->result.ports[0][i];
        struct lp_tensor tensor = port_tensor(port);
        if (port->bytes == 0 || port->bytes > INT32_MAX || (port->is_float && port->bytes % 4 != 0))
            return lp_error(&s->diag, LP_BAD_INPUT, "%s: input %zu has %llu bytes", s->model_path, i,
                            (unsigned long long)port->bytes);
        lp_status status = lp_values_read(&s->arena, &s->diag, n->run->inputs[i], LP_VALUES_AUTO, &tensor, &n->inputs[i]);
        if (status != LP_OK)
            return status;
        if (n->inputs[i].inference_count != n->inputs[0].inference_count)
            return lp_error(&s->diag, LP_BAD_INPUT, "%s has %zu inferences, %s has %zu: every input needs the same number",
                            n->run->inputs[i], n->inputs[i].inference_count, n->run->inputs[0], n->inputs[0].inference_count);
        n->input_data[i] = n->inputs[i].data;
        n->input_bytes[i] = n->inputs[i].inference_count * n->inputs[i].inference_bytes;
    }
    n->request.inputs = n->input_data;
    n->request.input_bytes = n->input_bytes;
    n->request.input_count = count;
    n->request.inferences = count == 0 ? 1 : (uint32_t)n->inputs[0].inference_count;
    return LP_OK;
}

static lp_status write_outputs(struct network *n)
{
    struct lp_session *s = n->session;
    lp_status status = LP_OK;
    for (size_t i = 0; i < n->result.output_count && status == LP_OK; i++) {
        const char *path = lp_run_output_path(&s->arena, n->run->output, i, n->result.output_count);
        status = path == NULL ? lp_no_memory(&s->diag)
                              : lp_file_write(&s->diag, path, n->result.outputs[i], n->result.output_bytes[i]);
    }
    return status;
}

/* Element `i` of an output; null ports were never described. */
static double element(const struct lp_shim_port *port, const uint8_t *bytes, size_t i)
{
    float real;
    int16_t wide;
    if (port->is_float) {
        memcpy(&real, bytes + 4 * i, sizeof real);
        return real;
    }
    if (port->bits == 16) {
        memcpy(&wide, bytes + 2 * i, sizeof wide);
        return port->is_unsigned ? (uint16_t)wide : wide;
    }
    return port->is_unsigned ? bytes[i] : (int8_t)bytes[i];
}

static size_t element_bytes(const struct lp_shim_port *port)
{
    return port->is_float ? 4 : port->bits == 16 ? 2 : 1;
}

static void add_values(const struct network *n, struct lp_text *out)
{
    enum { SHOWN = 16 };
    for (size_t o = 0; o < n->result.output_count && o < n->result.port_count[1]; o++) {
        const struct lp_shim_port *port = &n->result.ports[1][o];
        size_t elements = (size_t)port->bytes / element_bytes(port);
        lp_text_printf(out, "output %zu\n", o);
        for (uint32_t k = 0; k < n->request.inferences; k++) {
            const uint8_t *bytes = n->result.outputs[o] + k * (size_t)port->bytes;
            lp_text_printf(out, "  %4u:", (unsigned)k);
            for (size_t i = 0; i < elements && i < SHOWN; i++)
                lp_text_printf(out, port->is_float ? " %9.4g" : " %6.0f", element(port, bytes, i));
            lp_text_printf(out, "%s\n", elements > SHOWN ? " ..." : "");
        }
    }
    lp_text_printf(out, "%s", n->result.report);
}

static void add_json(const struct network *n, struct lp_text *out)
{
    json_t *outputs = json_array();
    for (size_t o = 0; o < n->result.output_count && o < n->result.port_count[1]; o++) {
        const struct lp_shim_port *port = &n->result.ports[1][o];
        json_t *rows = json_array();
        for (uint32_t k = 0; k < n->request.inferences; k++) {
            json_t *row = json_array();
            for (size_t i = 0; i < (size_t)port->bytes / element_bytes(port); i++) {
                double value = element(port, n->result.outputs[o] + k * (size_t)port->bytes, i);
                json_array_append_new(row, port->is_float ? json_real(value) : json_integer((json_int_t)value));
            }
            json_array_append_new(rows, row);
        }
        json_array_append_new(outputs, json_pack("{s:s?, s:o}", "name", port->name, "values", rows));
    }
    json_t *whole = json_pack("{s:{s:s, s:i}, s:s, s:I, s:s?, s:o}", "limpid", "version", LP_VERSION, "schema", LP_REPORT_SCHEMA,
                              "target", "neural-art-simulator", "saturations", (json_int_t)n->result.saturations, "report",
                              n->result.report, "outputs", outputs);
    lp_report_json_text(whole, out);
    json_decref(whole);
}

/* What the child found and counted, on standard error. */
static void note_report(struct network *n)
{
    if (n->result.report != NULL)
        lp_note_lines(&n->session->diag, n->result.report);
}

static lp_status run_in(struct network *n, const char *folder)
{
    lp_status status = lp_npu_network_headers(n->session, folder);
    n->request.root = folder;
    n->request.work_folder = folder;
    if (status == LP_OK)
        status = lp_shim_run(&n->session->arena, &n->session->diag, &n->request, &n->result);
    if (status == LP_OK)
        status = read_inputs(n);
    n->request.is_compiled = true;
    if (status == LP_OK)
        status = lp_shim_run(&n->session->arena, &n->session->diag, &n->request, &n->result);
    /* What the simulator found is the better half of the explanation; the last line only counts. */
    bool found = n->result.report != NULL && strchr(n->result.report, '\n') != strrchr(n->result.report, '\n');
    if (status != LP_OK && found)
        note_report(n);
    return status;
}

lp_status lp_npu_network_simulate(struct lp_session *s, const struct lp_npu_network_run *run, bool *found)
{
    struct network n = {.session = s, .run = run};
    struct lp_text out = {0};
    const char *folder = NULL;
    struct lp_guard guard;
    n.request = (struct lp_shim_request){
        .source = s->model_path, .compiler = run->compiler, .timeout_s = run->timeout_s, .never_reset = run->never_reset};
    lp_status status = lp_npu_network_images(s, run->images, run->image_count, n.images);
    n.request.images = n.images;
    n.request.image_count = run->image_count;
    if (status != LP_OK)
        return status;
    lp_guard_open(&guard);
    status = lp_folder_temporary(&s->arena, &s->diag, &folder);
    if (status == LP_OK) {
        status = run_in(&n, folder);
        lp_folder_remove(&s->diag, folder);
    }
    lp_guard_close(&guard);
    *found = status == LP_OK && n.result.saturations != 0;
    if (status == LP_OK && run->output != NULL)
        status = write_outputs(&n);
    if (status != LP_OK)
        return status;
    if (s->json)
        add_json(&n, &out);
    else if (run->output == NULL)
        add_values(&n, &out);
    else
        note_report(&n);
    return lp_session_print(s, &out);
}
