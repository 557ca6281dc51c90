/* Seeded random operators: shapes agree with plain counting, and hostile options end in a sane shape or one clear error. */
#include "compiler/analyze/shapes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { COUNTED = 20000, HOSTILE = 400000, MOST_INPUTS = 4, OUT = MOST_INPUTS, MOST_OUTPUTS = 3 };
enum { TENSORS = MOST_INPUTS + MOST_OUTPUTS, MOST_NUMBERS = 16 };

struct bench {
    struct lp_graph graph;
    struct lp_tensor tensors[TENSORS]; /* inputs, then outputs */
    struct lp_op op;
    int32_t input_list[MOST_INPUTS], output_list[MOST_OUTPUTS];
    int64_t constants[MOST_INPUTS][MOST_NUMBERS];
    struct lp_arena arena;
    struct lp_diag diag;
};

static uint64_t random_state;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(((random_state >> 32) * limit) >> 32);
}

static int32_t random_between(int32_t low, int32_t high)
{
    return low + (int32_t)random_below((uint32_t)(high - low + 1));
}

static void begin(struct bench *b, enum lp_op_kind kind, uint32_t input_count)
{
    memset(b, 0, sizeof *b);
    b->op = (struct lp_op){
        .kind = kind, .inputs = b->input_list, .outputs = b->output_list, .input_count = input_count, .output_count = 1};
    for (int32_t i = 0; i < TENSORS; i++)
        b->tensors[i] = (struct lp_tensor){.name = "t", .element = LP_ELEMENT_INT8, .source_index = i};
    for (int32_t i = 0; i < MOST_INPUTS; i++)
        b->input_list[i] = i;
    for (int32_t i = 0; i < MOST_OUTPUTS; i++)
        b->output_list[i] = OUT + i;
    b->graph = (struct lp_graph){
        .arena = &b->arena, .tensors = b->tensors, .ops = &b->op, .tensor_count = TENSORS, .op_count = 1, .description = ""};
}

static void set_dims(struct lp_tensor *t, uint32_t rank, int32_t d0, int32_t d1, int32_t d2, int32_t d3)
{
    const int32_t dims[] = {d0, d1, d2, d3};
    t->rank = (uint8_t)rank;
    memcpy(t->dims, dims, sizeof dims);
}

/* Slides the window by hand. Returns how many positions there are and how far before the input the first one starts. */
static int32_t count_positions(enum lp_padding padding, int32_t in, int32_t kernel, int32_t stride, int32_t dilation,
                               int32_t *before, int32_t *after)
{
    int32_t count = 0;
    int32_t last_tap = 0; /* of the last window, when the first one starts at 0 */
    for (int32_t start = 0; start < in; start += stride) {
        int32_t tap = start;
        for (int32_t k = 1; k < kernel; k++)
            tap += dilation;
        if (padding == LP_PADDING_VALID && tap >= in)
            break;
        last_tap = tap;
        count++;
    }
    *before = *after = 0;
    for (int32_t outside = in; outside <= last_tap; outside++) /* the odd one goes behind */
        *((outside - in) % 2 == 0 ? after : before) += 1;
    return count;
}

static void windows_agree_with_counting(void **state)
{
    (void)state;
    static const enum lp_op_kind kinds[] = {LP_OP_CONV_2D, LP_OP_DEPTHWISE_CONV_2D, LP_OP_MAX_POOL_2D, LP_OP_AVERAGE_POOL_2D};
    uint32_t without_output = 0;
    random_state = 1;
    for (uint32_t n = 0; n < COUNTED; n++) {
        struct bench b;
        enum lp_op_kind kind = kinds[random_below(4)];
        bool is_pool = kind == LP_OP_MAX_POOL_2D || kind == LP_OP_AVERAGE_POOL_2D;
        begin(&b, kind, is_pool ? 1 : 2);
        int32_t size[2] = {random_between(1, 20), random_between(1, 20)};
        int32_t kernel[2] = {random_between(1, 6), random_between(1, 6)};
        int32_t channels = random_between(1, 3);
        int32_t outputs = is_pool ? channels : channels * random_between(1, 3);
        struct lp_window w = {.padding = random_below(2) == 0 ? LP_PADDING_SAME : LP_PADDING_VALID,
                              .stride_h = random_between(1, 5),
                              .stride_w = random_between(1, 5),
                              .dilation_h = is_pool ? 1 : random_between(1, 4),
                              .dilation_w = is_pool ? 1 : random_between(1, 4),
                              .kernel_h = is_pool ? kernel[0] : 0,
                              .kernel_w = is_pool ? kernel[1] : 0};
        set_dims(&b.tensors[0], 4, 2, size[0], size[1], channels);
        if (kind == LP_OP_CONV_2D)
            set_dims(&b.tensors[1], 4, outputs, kernel[0], kernel[1], channels);
        else
            set_dims(&b.tensors[1], 4, 1, kernel[0], kernel[1], outputs);
        b.op.as.window = w;
        int32_t top, bottom, left, right;
        int32_t height = count_positions(w.padding, size[0], kernel[0], w.stride_h, w.dilation_h, &top, &bottom);
        int32_t width = count_positions(w.padding, size[1], kernel[1], w.stride_w, w.dilation_w, &left, &right);
        lp_status status = lp_analyze_shapes(&b.graph, &b.diag);
        assert_int_equal(status, height == 0 || width == 0 ? LP_BAD_INPUT : LP_OK);
        lp_diag_free(&b.diag);
        without_output += status != LP_OK;
        if (status != LP_OK)
            continue;
        const int32_t expected[] = {2, height, width, outputs};
        assert_int_equal(b.tensors[OUT].rank, 4);
        assert_memory_equal(b.tensors[OUT].dims, expected, sizeof expected);
        const int32_t pads[] = {top, left, bottom, right};
        const int32_t found[] = {b.op.as.window.pad_top, b.op.as.window.pad_left, b.op.as.window.pad_bottom,
                                 b.op.as.window.pad_right};
        assert_memory_equal(found, pads, sizeof pads);
    }
    assert_in_range(without_output, COUNTED / 50, COUNTED / 2);
}

/* Walks both operands by an index that sticks at 0 where a dimension is 1, and counts the elements it sees. */
static void broadcasts_agree_with_counting(void **state)
{
    (void)state;
    random_state = 2;
    uint32_t fitting = 0;
    for (uint32_t n = 0; n < COUNTED; n++) {
        struct bench b;
        begin(&b, LP_OP_ADD, 2);
        for (uint32_t i = 0; i < 2; i++)
            set_dims(&b.tensors[i], random_below(5), random_between(1, 3), random_between(1, 3), random_between(1, 2),
                     random_between(1, 2));
        const struct lp_tensor *x = &b.tensors[0];
        const struct lp_tensor *y = &b.tensors[1];
        bool fits = true;
        int32_t expected[4];
        uint32_t rank = 0;
        for (int back = 1; back <= 4 && (back <= x->rank || back <= y->rank); back++, rank++) {
            int32_t dx = back <= x->rank ? x->dims[x->rank - back] : 1;
            int32_t dy = back <= y->rank ? y->dims[y->rank - back] : 1;
            fits = fits && (dx == 1 || dy == 1 || dx == dy);
            expected[rank] = dx > dy ? dx : dy;
        }
        assert_int_equal(lp_analyze_shapes(&b.graph, &b.diag), fits ? LP_OK : LP_BAD_INPUT);
        for (uint32_t i = 0; i < rank && fits; i++)
            assert_int_equal(b.tensors[OUT].dims[rank - 1 - i], expected[i]);
        if (fits)
            assert_int_equal(b.tensors[OUT].rank, rank);
        fitting += fits;
        lp_diag_free(&b.diag);
    }
    assert_in_range(fitting, COUNTED / 10, COUNTED - COUNTED / 10);
}

static int32_t hostile_value(void)
{
    static const int32_t edges[] = {0, 1, -1, 2, 3, 7, 8, 9, 65535, 65536, 46341, INT32_MAX, INT32_MIN, INT32_MAX - 1, -2, 128};
    uint32_t kind = random_below(20); /* mostly harmless, so that many operators pass most checks and fail a late one */
    return kind == 0 ? (int32_t)random_below(UINT32_MAX) : kind == 1 ? edges[random_below(16)] : random_between(1, 3);
}

/* How many numbers operand `input` has, and what they mostly are, so that many operators pass. */
struct numbers {
    enum lp_op_kind kind;
    uint32_t input;
    uint32_t fixed, by_rank; /* count: fixed + by_rank * rank of the input */
    int32_t low, high;
};

static const struct numbers lists[] = {
    {LP_OP_ARG_MAX, 1, 1, 0, -1, 1},
    {LP_OP_ARG_MIN, 1, 1, 0, -1, 1},
    {LP_OP_BATCH_TO_SPACE_ND, 1, 1, 0, 1, 2},
    {LP_OP_BATCH_TO_SPACE_ND, 2, 2, 0, 0, 0},
    {LP_OP_BROADCAST_TO, 1, 0, 1, 1, 3},
    {LP_OP_EXPAND_DIMS, 1, 1, 0, -1, 4},
    {LP_OP_FILL, 0, 2, 0, 1, 3},
    {LP_OP_MEAN, 1, 1, 0, -1, 3},
    {LP_OP_MIRROR_PAD, 1, 0, 2, 0, 0},
    {LP_OP_PAD, 1, 0, 2, 0, 4},
    {LP_OP_PADV2, 1, 0, 2, 0, 4},
    {LP_OP_RANGE, 0, 1, 0, -4, 4},
    {LP_OP_RANGE, 1, 1, 0, -4, 9},
    {LP_OP_RANGE, 2, 1, 0, -3, 3},
    {LP_OP_RESHAPE, 1, 1, 0, -1, 4},
    {LP_OP_REDUCE_MAX, 1, 1, 0, -1, 3},
    {LP_OP_REDUCE_MIN, 1, 1, 0, -1, 3},
    {LP_OP_RESIZE_BILINEAR, 1, 2, 0, 1, 9},
    {LP_OP_RESIZE_NEAREST_NEIGHBOR, 1, 2, 0, 1, 9},
    {LP_OP_REVERSE_V2, 1, 1, 0, -1, 3},
    {LP_OP_SLICE, 1, 0, 1, 0, 0},
    {LP_OP_SLICE, 2, 0, 1, -1, 1},
    {LP_OP_SPACE_TO_BATCH_ND, 1, 1, 0, 1, 2},
    {LP_OP_SPACE_TO_BATCH_ND, 2, 2, 0, 0, 2},
    {LP_OP_SPLIT, 0, 1, 0, 0, 3},
    {LP_OP_SPLIT_V, 1, 1, 0, -1, -1},
    {LP_OP_SPLIT_V, 2, 1, 0, 0, 3},
    {LP_OP_STRIDED_SLICE, 1, 0, 1, -1, 1},
    {LP_OP_STRIDED_SLICE, 2, 0, 1, -1, 3},
    {LP_OP_STRIDED_SLICE, 3, 0, 1, 1, 2},
    {LP_OP_TILE, 1, 0, 1, 1, 3},
    {LP_OP_TRANSPOSE, 1, 0, 1, 0, 0},
    {LP_OP_TRANSPOSE_CONV, 0, 4, 0, 1, 1},
};

static void make_numbers(struct bench *b, const struct numbers *n)
{
    struct lp_tensor *t = &b->tensors[n->input];
    uint32_t count = n->fixed + n->by_rank * b->tensors[n->kind == LP_OP_SPLIT ? 1 : 0].rank;
    bool is_wide = random_below(2) == 0 && n->kind != LP_OP_SPLIT && n->kind != LP_OP_RANGE;
    if (count == 0 || count > MOST_NUMBERS || random_below(16) == 0)
        count = 1 + random_below(MOST_NUMBERS);
    set_dims(t, n->kind == LP_OP_RANGE ? 0 : 1, (int32_t)count, 0, 0, 0);
    t->element = is_wide ? LP_ELEMENT_INT64 : LP_ELEMENT_INT32;
    t->data = b->constants[n->input];
    int32_t rotate = (int32_t)random_below(8);
    for (uint32_t i = 0; i < count; i++) {
        int64_t value = random_below(40) == 0 ? (int64_t)hostile_value() * hostile_value() : random_between(n->low, n->high);
        if (n->kind == LP_OP_TRANSPOSE && value == 0)
            value = (int32_t)(i + (uint32_t)rotate) % (int32_t)count;
        if (is_wide)
            b->constants[n->input][i] = value;
        else
            ((int32_t *)(void *)b->constants[n->input])[i] = (int32_t)value;
    }
}

static void make_options(struct bench *b, enum lp_op_kind kind)
{
    int32_t values[sizeof b->op.as / sizeof(int32_t)];
    for (size_t i = 0; i < LP_COUNT(values); i++)
        values[i] = hostile_value();
    switch (kind) {
    case LP_OP_CONV_2D:
    case LP_OP_DEPTHWISE_CONV_2D:
    case LP_OP_AVERAGE_POOL_2D:
    case LP_OP_MAX_POOL_2D:
    case LP_OP_TRANSPOSE_CONV:
        memcpy(&b->op.as.window.stride_h, values, 10 * sizeof values[0]);
        b->op.as.window.padding = (enum lp_padding)random_below(3);
        break;
    case LP_OP_RESHAPE:
        memcpy(b->op.as.reshape.dims, values, LP_MAX_RANK * sizeof values[0]);
        b->op.as.reshape.rank = (uint8_t)random_below(12);
        b->op.as.reshape.given = true;
        break;
    case LP_OP_SQUEEZE:
        memcpy(b->op.as.squeeze.axes, values, LP_MAX_RANK * sizeof values[0]);
        b->op.as.squeeze.count = (uint8_t)random_below(12);
        break;
    case LP_OP_CONCATENATION:
    case LP_OP_GATHER:
    case LP_OP_PACK:
    case LP_OP_UNPACK:
        b->op.as.along.axis = random_below(2) == 0 ? 0 : values[0];
        b->op.as.along.batch_dims = random_below(2) == 0 ? 0 : values[1];
        break;
    case LP_OP_DEPTH_TO_SPACE:
    case LP_OP_SPACE_TO_DEPTH: b->op.as.block.size = random_below(2) == 0 ? 1 : values[0]; break;
    case LP_OP_STRIDED_SLICE:
        for (uint32_t i = 0; i < 5; i++)
            ((uint32_t *)&b->op.as.strided_slice)[i] = random_below(3) == 0 ? random_below(random_below(8) == 0 ? UINT32_MAX : 16)
                                                                            : 0;
        b->op.as.strided_slice.is_offset = random_below(8) == 0;
        break;
    default: break;
    }
}

static void make_hostile(struct bench *b)
{
    enum lp_op_kind kind = (enum lp_op_kind)random_below(LP_OP_KIND_COUNT);
    const struct lp_op_kind_info *info = &lp_op_kind_table[kind];
    uint32_t most = info->max_inputs < MOST_INPUTS ? info->max_inputs : MOST_INPUTS;
    begin(b, kind,
          random_below(8) == 0 ? random_below(MOST_INPUTS) : info->min_inputs + random_below(most - info->min_inputs + 1));
    b->op.output_count = info->max_outputs == 1 ? 1 : 1 + random_below(MOST_OUTPUTS);
    enum lp_element element = (enum lp_element)random_below(LP_ELEMENT_BOOL + 1);
    for (uint32_t i = 0; i < TENSORS; i++) {
        struct lp_tensor *t = &b->tensors[i];
        t->element = random_below(8) == 0 ? (enum lp_element)random_below(LP_ELEMENT_BOOL + 1) : element;
        t->rank = (uint8_t)(random_below(2) == 0 ? (i >= OUT ? 0 : 4) : random_below(LP_MAX_RANK + 1));
        for (uint32_t d = 0; d < LP_MAX_RANK; d++)
            t->dims[d] = random_below(2) == 0 ? hostile_value() : 1;
        if (i != 0 && i < OUT && random_below(2) == 0) { /* as many operators want it */
            t->rank = b->tensors[0].rank;
            memcpy(t->dims, b->tensors[0].dims, sizeof t->dims);
        }
    }
    if (kind == LP_OP_FULLY_CONNECTED && random_below(2) == 0)
        b->tensors[1].rank = 2;
    if (kind == LP_OP_SVDF && random_below(2) == 0) {
        b->tensors[0].rank = b->tensors[1].rank = 2;
        b->op.as.svdf.rank = 1;
        b->op.output_count = 2;
    }
    if (kind == LP_OP_TRANSPOSE_CONV && random_below(2) == 0) {
        b->tensors[1].rank = b->tensors[2].rank = 4;
        b->tensors[1].dims[0] = b->tensors[2].dims[0] = 1;
        b->tensors[1].dims[3] = b->tensors[2].dims[3];
    }
    if (kind == LP_OP_FILL && random_below(4) != 0)
        b->tensors[1].rank = 0;
    for (size_t i = 0; i < LP_COUNT(lists); i++)
        if (lists[i].kind == kind && random_below(16) != 0)
            make_numbers(b, &lists[i]);
    if ((kind == LP_OP_SHAPE || kind == LP_OP_RANGE) && random_below(8) != 0)
        b->tensors[OUT].element = LP_ELEMENT_INT32;
    if (random_below(8) == 0)
        b->input_list[random_below(MOST_INPUTS)] = LP_NO_TENSOR;
    make_options(b, kind);
}

/* Needs the sanitizers to see everything it can see: no arithmetic may overflow, no index leave its array. */
static void hostile_operators_end_well(void **state)
{
    (void)state;
    random_state = 3;
    uint32_t accepted[LP_OP_KIND_COUNT] = {0};
    for (uint32_t n = 0; n < HOSTILE; n++) {
        struct bench b;
        make_hostile(&b);
        lp_status status = lp_analyze_shapes(&b.graph, &b.diag);
        assert_int_equal(b.diag.error_count, status == LP_OK ? 0 : 1);
        assert_true(status == LP_OK || status == LP_BAD_INPUT || status == LP_UNSUPPORTED);
        lp_diag_free(&b.diag);
        lp_arena_free(&b.arena);
        accepted[b.op.kind] += status == LP_OK;
        int64_t bytes = lp_element_bytes(b.tensors[OUT].element);
        for (uint32_t d = 0; d < b.tensors[OUT].rank && status == LP_OK; d++) {
            assert_in_range(b.tensors[OUT].dims[d], 1, INT32_MAX);
            bytes *= b.tensors[OUT].dims[d];
            assert_true(bytes <= INT32_MAX);
        }
    }
    for (int kind = 0; kind < LP_OP_KIND_COUNT; kind++)
        if (accepted[kind] < 100)
            fail_msg("too few %s were accepted: the test says little about it", lp_op_kind_table[kind].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_agree_with_counting),
        cmocka_unit_test(broadcasts_agree_with_counting),
        cmocka_unit_test(hostile_operators_end_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
