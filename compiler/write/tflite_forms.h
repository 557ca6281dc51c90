/* The tables of the public schema (tensorflow/lite/schema) that are copied, field by field. Private to the folder. */
#ifndef LP_WRITE_TFLITE_FORMS_H
#define LP_WRITE_TFLITE_FORMS_H

#include "compiler/write/copy.h"

enum { MODEL_VERSION, MODEL_CODES, MODEL_SUBGRAPHS, MODEL_DESCRIPTION, MODEL_BUFFERS };
enum { SUBGRAPH_TENSORS, SUBGRAPH_INPUTS, SUBGRAPH_OUTPUTS, SUBGRAPH_OPERATORS };
enum { TENSOR_SHAPE, TENSOR_TYPE, TENSOR_BUFFER, TENSOR_NAME, TENSOR_QUANTIZATION, TENSOR_SHAPE_SIGNATURE = 7 };
enum { QUANT_MIN, QUANT_MAX, QUANT_SCALE, QUANT_ZERO_POINT, QUANT_DIMENSION = 6 };
enum { OPERATOR_CODE, OPERATOR_INPUTS, OPERATOR_OUTPUTS, OPERATOR_OPTIONS_TYPE, OPERATOR_OPTIONS };
enum { BUFFER_DATA, BUFFER_OFFSET, BUFFER_SIZE };

extern const struct lp_table_form lp_form_model, lp_form_subgraph, lp_form_tensor, lp_form_quantization, lp_form_operator;
/* Options whose fields the writer may have to change; null for others. */
const struct lp_table_form *lp_form_of_options(uint8_t options_type);

enum { OPTIONS_CONV_2D = 1, OPTIONS_DEPTHWISE = 2, OPTIONS_RESHAPE = 17, OPTIONS_SQUEEZE = 30 };

#endif
