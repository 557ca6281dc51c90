#include "compiler/analyze/range_rules.h"

/* One row per operator. An operator without one may give any value of its type. */
static lp_range_rule *const rules[LP_OP_KIND_COUNT] = {
    [LP_OP_ABS] = lp_range_table,
    [LP_OP_ADD] = lp_range_add,
    [LP_OP_ARG_MAX] = lp_range_arg_max,
    [LP_OP_ARG_MIN] = lp_range_arg_max,
    [LP_OP_AVERAGE_POOL_2D] = lp_range_pool,
    [LP_OP_BATCH_MATMUL] = lp_range_batch_matmul,
    [LP_OP_BATCH_TO_SPACE_ND] = lp_range_space_batch,
    [LP_OP_BROADCAST_TO] = lp_range_move,
    [LP_OP_CAST] = lp_range_cast,
    [LP_OP_CONCATENATION] = lp_range_move,
    [LP_OP_CONV_2D] = lp_range_weighted,
    [LP_OP_DEPTHWISE_CONV_2D] = lp_range_weighted,
    [LP_OP_DEPTH_TO_SPACE] = lp_range_move,
    [LP_OP_DEQUANTIZE] = lp_range_dequantize,
    [LP_OP_ELU] = lp_range_table,
    [LP_OP_EXP] = lp_range_table,
    [LP_OP_EXPAND_DIMS] = lp_range_keep,
    [LP_OP_FILL] = lp_range_move,
    [LP_OP_FULLY_CONNECTED] = lp_range_weighted,
    [LP_OP_GATHER] = lp_range_gather,
    [LP_OP_GELU] = lp_range_table,
    [LP_OP_HARD_SWISH] = lp_range_table,
    [LP_OP_L2_NORMALIZATION] = lp_range_l2_normalization,
    [LP_OP_LEAKY_RELU] = lp_range_leaky_relu,
    [LP_OP_LOG] = lp_range_table,
    [LP_OP_LOGISTIC] = lp_range_sigmoid,
    [LP_OP_LOG_SOFTMAX] = lp_range_log_softmax,
    [LP_OP_MAXIMUM] = lp_range_binary,
    [LP_OP_MAX_POOL_2D] = lp_range_pool,
    [LP_OP_MEAN] = lp_range_mean,
    [LP_OP_MINIMUM] = lp_range_binary,
    [LP_OP_MIRROR_PAD] = lp_range_mirror_pad,
    [LP_OP_MUL] = lp_range_binary,
    [LP_OP_PACK] = lp_range_move,
    [LP_OP_PAD] = lp_range_pad,
    [LP_OP_PADV2] = lp_range_pad,
    [LP_OP_PRELU] = lp_range_binary,
    [LP_OP_QUANTIZE] = lp_range_quantize,
    [LP_OP_REDUCE_MAX] = lp_range_reduce,
    [LP_OP_REDUCE_MIN] = lp_range_reduce,
    [LP_OP_RELU] = lp_range_rectify,
    [LP_OP_RELU6] = lp_range_rectify,
    [LP_OP_RELU_0_TO_1] = lp_range_rectify,
    [LP_OP_RELU_N1_TO_1] = lp_range_rectify,
    [LP_OP_RESHAPE] = lp_range_keep,
    [LP_OP_RESIZE_BILINEAR] = lp_range_blend,
    [LP_OP_RESIZE_NEAREST_NEIGHBOR] = lp_range_resize,
    [LP_OP_REVERSE_V2] = lp_range_move,
    [LP_OP_RSQRT] = lp_range_table,
    [LP_OP_SLICE] = lp_range_move,
    [LP_OP_SOFTMAX] = lp_range_softmax,
    [LP_OP_SPACE_TO_BATCH_ND] = lp_range_space_batch,
    [LP_OP_SPACE_TO_DEPTH] = lp_range_move,
    [LP_OP_SPLIT] = lp_range_move,
    [LP_OP_SPLIT_V] = lp_range_move,
    [LP_OP_SQRT] = lp_range_table,
    [LP_OP_SQUARED_DIFFERENCE] = lp_range_binary,
    [LP_OP_SQUEEZE] = lp_range_keep,
    [LP_OP_STRIDED_SLICE] = lp_range_move,
    [LP_OP_SUB] = lp_range_binary,
    [LP_OP_TANH] = lp_range_sigmoid,
    [LP_OP_TILE] = lp_range_move,
    [LP_OP_TRANSPOSE] = lp_range_move,
    [LP_OP_SVDF] = lp_range_svdf,
    [LP_OP_TRANSPOSE_CONV] = lp_range_weighted,
    [LP_OP_UNPACK] = lp_range_move,
};

bool lp_range_of_element(enum lp_element element, struct lp_interval *out)
{
    switch (element) {
    case LP_ELEMENT_INT8: *out = (struct lp_interval){INT8_MIN, INT8_MAX}; return true;
    case LP_ELEMENT_UINT8: *out = (struct lp_interval){0, UINT8_MAX}; return true;
    case LP_ELEMENT_INT16: *out = (struct lp_interval){INT16_MIN, INT16_MAX}; return true;
    case LP_ELEMENT_INT32: *out = (struct lp_interval){INT32_MIN, INT32_MAX}; return true;
    default: return false;
    }
}

uint32_t lp_range_channels(const struct lp_tensor *tensor)
{
    return tensor->rank == 0 ? 1 : (uint32_t)tensor->dims[tensor->rank - 1];
}

struct lp_interval lp_range_hull(struct lp_interval a, struct lp_interval b)
{
    return (struct lp_interval){a.low < b.low ? a.low : b.low, a.high > b.high ? a.high : b.high};
}

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
    while (b != 0) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Elements of one remainder by the new period have remainders by the old one that agree modulo the common divisor. */
void lp_range_refold(const struct lp_tensor_range *range, uint32_t period, struct lp_interval *out)
{
    uint32_t common = common_divisor(range->period, period);
    for (uint32_t i = 0; i < common; i++) {
        out[i] = range->of[i];
        for (uint32_t k = i + common; k < range->period; k += common)
            out[i] = lp_range_hull(out[i], range->of[k]);
    }
    for (uint32_t i = common; i < period; i++)
        out[i] = out[i - common];
}

struct lp_interval lp_range_at(const struct lp_ranges *ranges, int32_t tensor, int64_t element)
{
    const struct lp_tensor_range *range = &ranges->tensors[tensor];
    struct lp_interval all = {INT32_MIN, INT32_MAX};
    if (range->period != 0)
        return range->of[element % range->period];
    lp_range_of_element(ranges->graph->tensors[tensor].element, &all);
    return all;
}

const struct lp_tensor_range *lp_range_input(const struct lp_range_work *w, uint32_t i)
{
    return &w->ranges->tensors[w->op->inputs[i]];
}

struct lp_interval *lp_range_scratch(struct lp_range_work *w, uint32_t count)
{
    struct lp_interval *of = LP_NEW_ARRAY(w->arena, count, struct lp_interval);
    if (of == NULL)
        (void)lp_no_memory(w->diag);
    return of;
}

struct lp_interval *lp_range_output(struct lp_range_work *w, uint32_t period)
{
    struct lp_interval *of = lp_range_scratch(w, period);
    if (of != NULL)
        w->ranges->tensors[w->op->outputs[0]] = (struct lp_tensor_range){period, of};
    return of;
}

struct lp_interval *lp_range_input_folded(struct lp_range_work *w, uint32_t i, uint32_t period)
{
    struct lp_interval *of = lp_range_scratch(w, period);
    if (of != NULL)
        lp_range_refold(lp_range_input(w, i), period, of);
    return of;
}

static int32_t constant_at(const struct lp_tensor *t, int64_t i)
{
    switch (t->element) {
    case LP_ELEMENT_INT8: return ((const int8_t *)t->data)[i];
    case LP_ELEMENT_UINT8: return ((const uint8_t *)t->data)[i];
    case LP_ELEMENT_INT16: return ((const int16_t *)t->data)[i];
    default: return ((const int32_t *)t->data)[i];
    }
}

/* Constants that operators read like activations, element by element unless they are very large. */
static lp_status add_constant(struct lp_ranges *r, struct lp_arena *arena, struct lp_diag *diag, int32_t tensor)
{
    const struct lp_tensor *t = &r->graph->tensors[tensor];
    struct lp_interval all;
    if (!lp_range_of_element(t->element, &all))
        return LP_OK;
    int64_t elements = lp_tensor_elements(t);
    int64_t period = elements <= LP_RANGE_LONGEST_PERIOD ? elements : lp_range_channels(t);
    struct lp_interval *of = LP_NEW_ARRAY(arena, (size_t)period, struct lp_interval);
    if (of == NULL)
        return lp_no_memory(diag);
    for (int64_t i = 0; i < elements; i++) {
        struct lp_interval value = {constant_at(t, i), constant_at(t, i)};
        of[i % period] = i < period ? value : lp_range_hull(of[i % period], value);
    }
    r->tensors[tensor] = (struct lp_tensor_range){(uint32_t)period, of};
    return LP_OK;
}

static lp_status add_input(struct lp_ranges *r, struct lp_arena *arena, struct lp_diag *diag, uint32_t input,
                           const struct lp_input_range *declared)
{
    int32_t tensor = r->graph->inputs[input];
    const struct lp_tensor *t = &r->graph->tensors[tensor];
    struct lp_interval all;
    if (!lp_range_of_element(t->element, &all))
        return declared->count == 0 ? LP_OK
                                    : lp_error(diag, LP_BAD_ARGUMENT,
                                               "input %u is %s: ranges can be declared for int8, uint8, int16 and int32 inputs",
                                               (unsigned)input, lp_element_name(t->element));
    uint32_t channels = lp_range_channels(t);
    if (declared->count > 1 && declared->count != channels)
        return lp_error(diag, LP_BAD_ARGUMENT,
                        "input %u has %u channels, %u ranges are declared: give one for all, or one for each channel",
                        (unsigned)input, (unsigned)channels, (unsigned)declared->count);
    uint32_t period = declared->count > 1 ? declared->count : 1;
    struct lp_interval *of = LP_NEW_ARRAY(arena, period, struct lp_interval);
    if (of == NULL)
        return lp_no_memory(diag);
    for (uint32_t i = 0; i < period; i++) {
        of[i] = declared->count == 0 ? all : declared->of[i];
        if (of[i].low > of[i].high || of[i].low < all.low || of[i].high > all.high)
            return lp_error(diag, LP_BAD_ARGUMENT,
                            "input %u, channel %u: the range %ld,%ld is declared; %s allows %ld to %ld, the smaller number first",
                            (unsigned)input, (unsigned)i, (long)of[i].low, (long)of[i].high, lp_element_name(t->element),
                            (long)all.low, (long)all.high);
        r->is_narrowed = r->is_narrowed || of[i].low != all.low || of[i].high != all.high;
    }
    r->tensors[tensor] = (struct lp_tensor_range){period, of};
    return LP_OK;
}

static lp_status know_nothing(struct lp_ranges *r, struct lp_arena *arena, struct lp_diag *diag, const int32_t *tensors,
                              uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct lp_interval all;
        if (!lp_range_of_element(r->graph->tensors[tensors[i]].element, &all))
            continue;
        struct lp_interval *of = LP_NEW(arena, struct lp_interval);
        if (of == NULL)
            return lp_no_memory(diag);
        *of = all;
        r->tensors[tensors[i]] = (struct lp_tensor_range){1, of};
    }
    return LP_OK;
}

static uint32_t operand_count(const struct lp_op *op)
{
    switch (op->kind) {
    case LP_OP_ADD:
    case LP_OP_BATCH_MATMUL:
    case LP_OP_MAXIMUM:
    case LP_OP_MINIMUM:
    case LP_OP_MUL:
    case LP_OP_PRELU:
    case LP_OP_SQUARED_DIFFERENCE:
    case LP_OP_SUB: return 2;
    default: return lp_op_moves(op->kind) ? op->input_count : 1;
    }
}

/* Outputs of which a rule says nothing: what SVDF remembers. */
static lp_status know_rest(struct lp_ranges *r, struct lp_arena *arena, struct lp_diag *diag, const struct lp_op *op)
{
    lp_status status = LP_OK;
    for (uint32_t i = 1; i < op->output_count && status == LP_OK; i++)
        if (r->tensors[op->outputs[i]].period == 0)
            status = know_nothing(r, arena, diag, &op->outputs[i], 1);
    return status;
}

static lp_status apply_rule(struct lp_ranges *r, struct lp_arena *arena, struct lp_diag *diag, const struct lp_op *op)
{
    lp_status status = LP_OK;
    if (rules[op->kind] == NULL)
        return know_nothing(r, arena, diag, op->outputs, op->output_count);
    uint32_t operands = operand_count(op);
    for (uint32_t i = 0; i < operands && status == LP_OK; i++)
        if (!lp_op_is_instruction(op->kind, i) && r->graph->tensors[op->inputs[i]].data != NULL &&
            r->tensors[op->inputs[i]].period == 0)
            status = add_constant(r, arena, diag, op->inputs[i]);
    struct lp_range_work w = {.arena = arena, .diag = diag, .graph = r->graph, .op = op, .ranges = r};
    if (status == LP_OK)
        status = rules[op->kind](&w);
    return status == LP_OK && op->kind == LP_OP_SVDF ? know_rest(r, arena, diag, op) : status;
}

static int32_t widened(int64_t value)
{
    return value < INT8_MIN ? INT8_MIN : value > INT8_MAX ? INT8_MAX : (int32_t)value;
}

static lp_status widen_outputs(struct lp_ranges *r, struct lp_arena *arena, struct lp_diag *diag, const struct lp_op *op)
{
    for (uint32_t i = 0; i < op->output_count; i++) {
        struct lp_tensor_range *range = &r->tensors[op->outputs[i]];
        if (range->period == 0 || r->graph->tensors[op->outputs[i]].element != LP_ELEMENT_INT8)
            continue;
        struct lp_interval *of = LP_NEW_ARRAY(arena, range->period, struct lp_interval);
        if (of == NULL)
            return lp_no_memory(diag);
        for (uint32_t c = 0; c < range->period; c++)
            of[c] = (struct lp_interval){widened((int64_t)range->of[c].low - r->slack),
                                         widened((int64_t)range->of[c].high + r->slack)};
        range->of = of;
    }
    return LP_OK;
}

lp_status lp_ranges_find(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph, enum lp_rounding rounding,
                         const struct lp_input_range *inputs, struct lp_ranges **out)
{
    return lp_ranges_find_near(arena, diag, graph, rounding, inputs, 0, out);
}

lp_status lp_ranges_find_near(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph,
                              enum lp_rounding rounding, const struct lp_input_range *inputs, int32_t slack,
                              struct lp_ranges **out)
{
    struct lp_ranges *r = LP_NEW(arena, struct lp_ranges);
    if (r == NULL)
        return lp_no_memory(diag);
    *r = (struct lp_ranges){.graph = graph, .rounding = rounding, .slack = slack};
    r->tensors = LP_NEW_ARRAY(arena, graph->tensor_count, struct lp_tensor_range);
    r->ops = LP_NEW_ARRAY(arena, graph->op_count, struct lp_op_range);
    if (r->tensors == NULL || r->ops == NULL)
        return lp_no_memory(diag);
    const struct lp_input_range whole = {0};
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < graph->input_count && status == LP_OK; i++)
        status = add_input(r, arena, diag, i, inputs == NULL ? &whole : &inputs[i]);
    for (uint32_t i = 0; i < graph->state_count && status == LP_OK; i++)
        status = know_nothing(r, arena, diag, &graph->states[i].before, 1);
    for (uint32_t i = 0; i < graph->op_count && status == LP_OK; i++) {
        status = apply_rule(r, arena, diag, &graph->ops[i]);
        if (status == LP_OK && slack != 0)
            status = widen_outputs(r, arena, diag, &graph->ops[i]);
    }
    if (status == LP_OK)
        *out = r;
    return status;
}

/* The inputs of the operators with weights, from the joined tensors. */
static lp_status join_ops(struct lp_arena *arena, struct lp_diag *diag, const struct lp_ranges *a, struct lp_ranges *r)
{
    r->ops = LP_NEW_ARRAY(arena, a->graph->op_count, struct lp_op_range);
    if (r->ops == NULL)
        return lp_no_memory(diag);
    for (uint32_t i = 0; i < a->graph->op_count; i++) {
        r->ops[i] = a->ops[i];
        if (a->ops[i].view == NULL)
            continue;
        uint32_t channels = (uint32_t)a->ops[i].view->in_c;
        struct lp_interval *inputs = LP_NEW_ARRAY(arena, channels, struct lp_interval);
        if (inputs == NULL)
            return lp_no_memory(diag);
        lp_range_refold(&r->tensors[a->graph->ops[i].inputs[a->ops[i].view->input]], channels, inputs);
        r->ops[i].inputs = inputs;
    }
    return LP_OK;
}

lp_status lp_ranges_join(struct lp_arena *arena, struct lp_diag *diag, const struct lp_ranges *a, const struct lp_ranges *b,
                         struct lp_ranges **out)
{
    struct lp_ranges *r = LP_NEW(arena, struct lp_ranges);
    if (r == NULL)
        return lp_no_memory(diag);
    *r = *a;
    r->tensors = LP_NEW_ARRAY(arena, a->graph->tensor_count, struct lp_tensor_range);
    if (r->tensors == NULL)
        return lp_no_memory(diag);
    for (uint32_t t = 0; t < a->graph->tensor_count; t++) {
        /* The rules choose the period by shapes alone, so it is the same in both. */
        uint32_t period = a->tensors[t].period;
        struct lp_interval *of = LP_NEW_ARRAY(arena, period, struct lp_interval);
        if (of == NULL)
            return lp_no_memory(diag);
        for (uint32_t i = 0; i < period; i++)
            of[i] = lp_range_hull(a->tensors[t].of[i], b->tensors[t].of[i]);
        r->tensors[t] = (struct lp_tensor_range){period, of};
    }
    *out = r;
    return join_ops(arena, diag, a, r);
}

uint32_t lp_range_never_largest(const struct lp_ranges *ranges, int32_t tensor, bool *never)
{
    uint32_t channels = lp_range_channels(&ranges->graph->tensors[tensor]);
    uint32_t count = 0;
    if (ranges->tensors[tensor].period != channels) {
        for (uint32_t c = 0; c < channels; c++)
            never[c] = false;
        return 0;
    }
    int32_t most_low = INT32_MIN;
    for (uint32_t c = 0; c < channels; c++)
        if (ranges->tensors[tensor].of[c].low > most_low)
            most_low = ranges->tensors[tensor].of[c].low;
    for (uint32_t c = 0; c < channels; c++) {
        never[c] = ranges->tensors[tensor].of[c].high < most_low;
        count += never[c];
    }
    return count;
}
