#include "compiler/write/tflite_forms.h"

#define SCALAR(size)               \
    {                              \
        LP_PART_SCALAR, size, NULL \
    }
#define VECTOR(size)               \
    {                              \
        LP_PART_VECTOR, size, NULL \
    }
#define TEXT                  \
    {                         \
        LP_PART_TEXT, 1, NULL \
    }
#define TABLES(form)            \
    {                           \
        LP_PART_TABLES, 4, form \
    }
#define ABSENT                  \
    {                           \
        LP_PART_ABSENT, 0, NULL \
    }

static const struct lp_table_form operator_code = {4, {SCALAR(1), TEXT, SCALAR(4), SCALAR(4)}};
static const struct lp_table_form metadata = {2, {TEXT, SCALAR(4)}};
static const struct lp_table_form signature_entry = {2, {TEXT, SCALAR(4)}};
/* inputs, outputs, key, a field given up, subgraph */
static const struct lp_table_form signature = {5, {TABLES(&signature_entry), TABLES(&signature_entry), TEXT, ABSENT, SCALAR(4)}};

/* version, operator codes, subgraphs (written), description, buffers (written), metadata buffers, metadata, signatures */
const struct lp_table_form lp_form_model = {
    8, {SCALAR(4), TABLES(&operator_code), ABSENT, TEXT, ABSENT, VECTOR(4), TABLES(&metadata), TABLES(&signature)}};

/* tensors (written), inputs, outputs, operators (written), name, debug metadata */
const struct lp_table_form lp_form_subgraph = {6, {ABSENT, VECTOR(4), VECTOR(4), ABSENT, TEXT, SCALAR(4)}};

/* shape, type, buffer, name, quantization (written), is variable, sparsity, shape signature, has rank */
const struct lp_table_form lp_form_tensor = {
    9, {VECTOR(4), SCALAR(1), SCALAR(4), TEXT, ABSENT, SCALAR(1), ABSENT, VECTOR(4), SCALAR(1)}};

/* min, max, scale, zero point, details, details, dimension */
const struct lp_table_form lp_form_quantization = {7, {VECTOR(4), VECTOR(4), VECTOR(4), VECTOR(8), ABSENT, ABSENT, SCALAR(4)}};

/* code, inputs, outputs, options type, options (written), custom options, their format, mutating inputs, intermediates */
const struct lp_table_form lp_form_operator = {
    9, {SCALAR(4), VECTOR(4), VECTOR(4), SCALAR(1), ABSENT, VECTOR(1), SCALAR(1), VECTOR(1), VECTOR(4)}};

/* padding, stride w, stride h, activation, dilation w, dilation h, bias type */
static const struct lp_table_form conv_2d = {7, {SCALAR(1), SCALAR(4), SCALAR(4), SCALAR(1), SCALAR(4), SCALAR(4), SCALAR(1)}};
/* padding, stride w, stride h, depth multiplier, activation, dilation w, dilation h */
static const struct lp_table_form depthwise = {7, {SCALAR(1), SCALAR(4), SCALAR(4), SCALAR(4), SCALAR(1), SCALAR(4), SCALAR(4)}};
static const struct lp_table_form list = {1, {VECTOR(4)}};

const struct lp_table_form *lp_form_of_options(uint8_t options_type)
{
    switch (options_type) {
    case OPTIONS_CONV_2D: return &conv_2d;
    case OPTIONS_DEPTHWISE: return &depthwise;
    case OPTIONS_RESHAPE:
    case OPTIONS_SQUEEZE: return &list;
    default: return NULL;
    }
}
