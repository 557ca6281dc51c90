#include "compiler/graph/op_kinds.h"

const struct lp_op_kind_info lp_op_kind_table[LP_OP_KIND_COUNT] = {
#define X(name, min_inputs, max_inputs, min_outputs, max_outputs) \
    [LP_OP_##name] = {#name, min_inputs, max_inputs, min_outputs, max_outputs},
    LP_OP_KINDS(X)
#undef X
};
