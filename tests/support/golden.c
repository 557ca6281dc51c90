#include "tests/support/golden.h"

#include "compiler/analyze/shapes.h"
#include "compiler/import/import.h"
#include "compiler/semantics/semantics.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

enum { PATH_BYTES = 512, LARGEST_MODEL_BYTES = 64 << 20 };

json_t *golden_open(const char *root)
{
    char path[PATH_BYTES];
    json_error_t error;
    snprintf(path, sizeof path, "%s/golden/index.json", root);
    return json_load_file(path, 0, &error);
}

static const char *text_of(const struct golden_model *m, const char *key)
{
    const char *text = json_string_value(json_object_get(m->json, key));
    if (text == NULL)
        fail_msg("the index of %s has a model without '%s'", m->root, key);
    return text;
}

lp_status golden_model_open(struct golden_model *m, const char *root, const json_t *index, size_t i)
{
    *m = (struct golden_model){.root = root, .json = json_array_get(json_object_get(index, "models"), i)};
    m->name = text_of(m, "name");
    char path[PATH_BYTES];
    const uint8_t *data = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/%s", root, text_of(m, "model"));
    if (lp_file_read(&m->arena, &m->diag, path, LARGEST_MODEL_BYTES, &data, &size) != LP_OK)
        fail_msg("%s", lp_text_get(&m->diag.errors));
    lp_status status = lp_import(&m->arena, &m->diag, m->name, data, size, &m->graph);
    if (status == LP_OK)
        status = lp_graph_verify(m->graph, "import", &m->diag);
    if (status == LP_OK)
        status = lp_analyze_shapes(m->graph, &m->diag);
    return status;
}

void golden_model_close(struct golden_model *m)
{
    lp_arena_free(&m->arena);
    lp_diag_free(&m->diag);
}

static bool is_known(const char *operator_name)
{
    for (int k = 0; k < LP_OP_KIND_COUNT; k++)
        if (strcmp(lp_op_kind_table[k].name, operator_name) == 0)
            return true;
    return false;
}

bool golden_has_unknown_operator(const struct golden_model *m)
{
    size_t i = 0;
    const json_t *name = NULL;
    json_array_foreach(json_object_get(m->json, "operators"), i, name) if (!is_known(json_string_value(name))) return true;
    return false;
}

bool golden_has_rounding(const struct golden_model *m, enum lp_rounding rounding)
{
    const json_t *vector = json_array_get(json_object_get(m->json, "vectors"), 0);
    return json_object_get(vector, rounding == LP_ROUNDING_SINGLE ? "single" : "double") != NULL;
}

size_t golden_vector_count(const struct golden_model *m)
{
    return json_array_size(json_object_get(m->json, "vectors"));
}

static const uint8_t *bytes_of(struct golden_model *m, size_t v, const char *list, uint32_t i, int32_t tensor)
{
    const json_t *vector = json_array_get(json_object_get(m->json, "vectors"), v);
    const char *file = json_string_value(json_array_get(json_object_get(vector, list), i));
    char path[PATH_BYTES];
    const uint8_t *data = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/%s/%s", m->root, text_of(m, "dir"), file == NULL ? "(no file named)" : file);
    if (lp_file_read(&m->arena, &m->diag, path, LARGEST_MODEL_BYTES, &data, &size) != LP_OK)
        fail_msg("%s", lp_text_get(&m->diag.errors));
    if ((int64_t)size != lp_tensor_bytes(&m->graph->tensors[tensor]))
        fail_msg("%s has %zu bytes, its tensor %lld", path, size, (long long)lp_tensor_bytes(&m->graph->tensors[tensor]));
    return data;
}

const uint8_t *golden_input(struct golden_model *m, size_t v, uint32_t i)
{
    const uint8_t *recorded = bytes_of(m, v, "inputs", i, m->graph->inputs[i]);
    size_t size = (size_t)lp_tensor_bytes(&m->graph->tensors[m->graph->inputs[i]]);
    uint8_t *values = lp_arena_alloc(&m->arena, 1, size);
    assert_non_null(values);
    memcpy(values, recorded, size);
    lp_fit_input(m->graph, m->graph->inputs[i], values);
    return values;
}

const uint8_t *golden_output(struct golden_model *m, size_t v, uint32_t i, enum lp_rounding rounding)
{
    return bytes_of(m, v, rounding == LP_ROUNDING_SINGLE ? "single" : "double", i, m->graph->outputs[i]);
}

const uint8_t *golden_tensor(struct golden_model *m, int32_t source_index, size_t *size_bytes)
{
    char path[PATH_BYTES];
    const uint8_t *data = NULL;
    snprintf(path, sizeof path, "%s/%s/tensors_v0/t%d.bin", m->root, text_of(m, "dir"), (int)source_index);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    fclose(file);
    if (lp_file_read(&m->arena, &m->diag, path, LARGEST_MODEL_BYTES, &data, size_bytes) != LP_OK)
        fail_msg("%s", lp_text_get(&m->diag.errors));
    return data;
}
