/* Dimensions merged for the kernels of ADD, MEAN and PAD: walking the merged dimensions visits the same elements in the same
 * order as walking the tensors' own ones. */
#include "compiler/semantics/one_op_test.h"

static uint32_t random_state = 12345;

static int32_t random_in(int32_t low, int32_t high)
{
    random_state = random_state * 1664525u + 1013904223u;
    return low + (int32_t)((random_state >> 8) % (uint32_t)(high - low + 1));
}

/* Offset of flat index i of `dims` when each dimension moves by its stride. */
static int32_t offset_of(int32_t i, const int32_t *dims, const int32_t *strides, int rank)
{
    int32_t offset = 0;
    for (int d = rank - 1; d >= 0; d--) {
        offset += i % dims[d] * strides[d];
        i /= dims[d];
    }
    return offset;
}

/* Strides of `in`, aligned at the last dimension with an output of `rank`; 0 where it is repeated. */
static void broadcast_strides(const struct lp_tensor *in, const struct lp_tensor *out, int32_t *strides)
{
    int32_t dense = 1;
    for (int back = 0; back < out->rank; back++) {
        int32_t size = back < in->rank ? in->dims[in->rank - 1 - back] : 1;
        strides[out->rank - 1 - back] = size == 1 ? 0 : dense;
        dense *= size;
    }
}

static void random_pair(struct one_op *o)
{
    int32_t dims[3][LP_MAX_RANK + 1] = {{0}};
    int rank = random_in(0, 6);
    for (int d = 0; d < rank; d++) {
        int which = random_in(0, 4);
        dims[0][d] = random_in(1, 3);
        dims[1][d] = which == 1 ? 1 : dims[0][d];
        dims[2][d] = which == 2 ? 1 : dims[0][d];
    }
    int cut = rank > 0 && dims[2][0] == 1 ? random_in(0, 1) : 0; /* a leading 1 may be missing */
    one_op_open(o, LP_OP_ADD);
    one_op_shape(o, 0, LP_ELEMENT_INT8, dims[0], 0.5f, 0);
    one_op_input(o, LP_ELEMENT_INT8, dims[1], 0.5f, 1);
    one_op_input(o, LP_ELEMENT_INT8, dims[2] + cut, 0.25f, 2);
}

static void add_visits_the_same_elements(void **state)
{
    (void)state;
    for (int round = 0; round < 2000; round++) {
        struct one_op o;
        struct lp_add_s8 p;
        int32_t strides1[LP_MAX_RANK];
        int32_t strides2[LP_MAX_RANK];
        random_pair(&o);
        assert_int_equal(lp_add_params(&o.graph, &o.op, LP_ROUNDING_SINGLE, &o.diag, &p), LP_OK);
        broadcast_strides(&o.tensors[1], &o.tensors[0], strides1);
        broadcast_strides(&o.tensors[2], &o.tensors[0], strides2);
        int32_t count = 1;
        for (int d = 0; d < LP_BROADCAST_RANK; d++) {
            count *= p.dims[d];
            assert_true(d < p.rank || p.dims[d] == 1);
        }
        assert_int_equal(count, lp_tensor_elements(&o.tensors[0]));
        for (int32_t i = 0; i < count; i++) {
            assert_int_equal(offset_of(i, p.dims, p.in1_stride, p.rank),
                             offset_of(i, o.tensors[0].dims, strides1, o.tensors[0].rank));
            assert_int_equal(offset_of(i, p.dims, p.in2_stride, p.rank),
                             offset_of(i, o.tensors[0].dims, strides2, o.tensors[0].rank));
        }
        one_op_close(&o);
    }
}

static void equal_shapes_become_one_row(void **state)
{
    (void)state;
    struct one_op o;
    struct lp_add_s8 p;
    one_op_open(&o, LP_OP_ADD);
    one_op_shape(&o, 0, LP_ELEMENT_INT8, DIMS(2, 3, 4), 0.5f, 9);
    one_op_input(&o, LP_ELEMENT_INT8, DIMS(2, 3, 4), 0.25f, 1);
    one_op_input(&o, LP_ELEMENT_INT8, DIMS(2, 3, 4), 0.5f, -2);
    assert_int_equal(lp_add_params(&o.graph, &o.op, LP_ROUNDING_DOUBLE, &o.diag, &p), LP_OK);
    assert_int_equal(p.rank, 1);
    assert_int_equal(p.dims[0], 24);
    assert_int_equal(p.in1_stride[0] * 10 + p.in2_stride[0], 11);
    assert_int_equal(p.in1_offset, -1);
    assert_int_equal(p.in2_offset, 2);
    assert_int_equal(p.out_offset, 9);
    assert_int_equal(p.left_shift, 20);
    /* 0.25 / 1, 0.5 / 1 and 1 / (2^20 * 0.5) */
    assert_int_equal(p.in1_shift, -1);
    assert_int_equal(p.in2_shift, 0);
    assert_int_equal(p.out_shift, -18);
    one_op_close(&o);
}

static void add_refusals(void **state)
{
    (void)state;
    struct one_op o;
    struct lp_add_s8 p;
    one_op_open(&o, LP_OP_ADD);
    one_op_shape(&o, 0, LP_ELEMENT_INT8, DIMS(2, 3), 0.5f, 0);
    one_op_input(&o, LP_ELEMENT_INT8, DIMS(2, 3), 0.25f, 0);
    one_op_input(&o, LP_ELEMENT_INT8, DIMS(2, 2), 0.5f, 0);
    one_op_expect_error(&o, lp_add_params(&o.graph, &o.op, LP_ROUNDING_DOUBLE, &o.diag, &p), LP_BAD_INPUT, "3 and 2");
    one_op_open(&o, LP_OP_ADD);
    one_op_shape(&o, 0, LP_ELEMENT_INT8, DIMS(2), 1e-9f, 0);
    one_op_input(&o, LP_ELEMENT_INT8, DIMS(2), 1, 0);
    one_op_input(&o, LP_ELEMENT_INT8, DIMS(2), 1, 0);
    one_op_expect_error(&o, lp_add_params(&o.graph, &o.op, LP_ROUNDING_DOUBLE, &o.diag, &p), LP_UNSUPPORTED, "too small");
}

static void random_mean(struct one_op *o, int32_t *axes, bool *reduced)
{
    int32_t in[LP_MAX_RANK + 1] = {0};
    int32_t out[LP_MAX_RANK + 1] = {0};
    int rank = random_in(1, LP_MAX_RANK);
    int count = 0;
    for (int d = 0; d < rank; d++) {
        in[d] = random_in(1, 3);
        reduced[d] = random_in(0, 1) == 0;
        out[d] = reduced[d] ? 1 : in[d];
        if (reduced[d])
            axes[count++] = random_in(0, 1) == 0 ? d : d - rank;
    }
    if (count > 0 && count < LP_MAX_RANK && random_in(0, 3) == 0) {
        axes[count] = axes[0]; /* an axis given twice */
        count++;
    }
    one_op_open(o, LP_OP_MEAN);
    one_op_shape(o, 0, LP_ELEMENT_INT8, out, 0.25f, 5);
    one_op_input(o, LP_ELEMENT_INT8, in, 0.5f, 7);
    struct lp_tensor *operand = one_op_input(o, LP_ELEMENT_INT32, DIMS(1), 0, 0);
    operand->dims[0] = count;
    operand->data = axes;
}

static void mean_visits_the_same_elements(void **state)
{
    (void)state;
    for (int round = 0; round < 2000; round++) {
        struct one_op o;
        struct lp_mean_s8 p;
        int32_t axes[LP_MAX_RANK + 1];
        bool reduced[LP_MAX_RANK];
        int32_t kept_of[6561];
        random_mean(&o, axes, reduced);
        const struct lp_tensor *in = &o.tensors[1];
        const struct lp_tensor *out = &o.tensors[0];
        assert_int_equal(lp_mean_params(&o.graph, &o.op, LP_ROUNDING_SINGLE, &o.diag, &p), LP_OK);
        int32_t kept = (int32_t)lp_tensor_elements(out);
        int32_t count = (int32_t)(lp_tensor_elements(in) / kept);
        for (int32_t i = 0; i < kept; i++)
            for (int32_t j = 0; j < count; j++)
                kept_of[offset_of(i, p.keep_dims, p.keep_stride, LP_MEAN_RANK) +
                        offset_of(j, p.reduce_dims, p.reduce_stride, LP_MEAN_RANK)] = i;
        int32_t strides[LP_MAX_RANK];
        broadcast_strides(out, in, strides);
        for (int32_t i = 0; i < kept * count; i++)
            assert_int_equal(kept_of[i], offset_of(i, in->dims, strides, in->rank));
        assert_int_equal(p.sum_offset, -7 * count);
        one_op_close(&o);
    }
}

static void mean_divides_by_multiplying(void **state)
{
    (void)state;
    static const int32_t axes[2] = {1, 2};
    struct one_op o;
    struct lp_mean_s8 p;
    one_op_open(&o, LP_OP_MEAN);
    one_op_shape(&o, 0, LP_ELEMENT_INT8, DIMS(1, 1, 1, 4), 0.25f, 5);
    one_op_input(&o, LP_ELEMENT_INT8, DIMS(1, 5, 5, 4), 0.5f, 7);
    one_op_input(&o, LP_ELEMENT_INT32, DIMS(2), 0, 0)->data = axes;
    assert_int_equal(lp_mean_params(&o.graph, &o.op, LP_ROUNDING_SINGLE, &o.diag, &p), LP_OK);
    /* factor 2 is 2^30 * 2^(2 - 31); 25 has 4 bits behind its first: (2^30 << 4) / 25, shift 2 - 4 */
    assert_int_equal(p.multiplier, 687194767);
    assert_int_equal(p.shift, -2);
    /* the same scale and zero point are no special case: 1 is 2^30 * 2^(1 - 31) */
    o.scales[0] = 0.5f;
    o.zero_points[0] = 7;
    assert_int_equal(lp_mean_params(&o.graph, &o.op, LP_ROUNDING_SINGLE, &o.diag, &p), LP_OK);
    assert_int_equal(p.multiplier, 687194767);
    assert_int_equal(p.shift, -3);
    one_op_close(&o);
}

/* 20 has 4 bits behind its first; a factor of 2^-31, which is 2^30 * 2^(-30 - 31), leaves room for only one of them. */
static void mean_keeps_shifts_in_range(void **state)
{
    (void)state;
    static const int32_t axes[1] = {1};
    struct one_op o;
    struct lp_mean_s8 p;
    one_op_open(&o, LP_OP_MEAN);
    one_op_shape(&o, 0, LP_ELEMENT_INT8, DIMS(1, 4), 0.25f, 5);
    one_op_input(&o, LP_ELEMENT_INT8, DIMS(1, 20, 4), 0.5f, 7);
    one_op_input(&o, LP_ELEMENT_INT32, DIMS(1), 0, 0)->data = axes;
    assert_int_equal(lp_mean_params(&o.graph, &o.op, LP_ROUNDING_SINGLE, &o.diag, &p), LP_OK);
    assert_int_equal(p.multiplier, 858993459);
    assert_int_equal(p.shift, -2);
    o.scales[0] = 1048576.0f;
    o.scales[1] = 1.0f / 2048;
    assert_int_equal(lp_mean_params(&o.graph, &o.op, LP_ROUNDING_SINGLE, &o.diag, &p), LP_OK);
    assert_int_equal(p.multiplier, 107374182);
    assert_int_equal(p.shift, -31);
    one_op_close(&o);
}

static void mean_refusals(void **state)
{
    (void)state;
    static const int32_t axes[1] = {4};
    struct one_op o;
    struct lp_mean_s8 p;
    for (int round = 0; round < 3; round++) {
        one_op_open(&o, LP_OP_MEAN);
        one_op_shape(&o, 0, LP_ELEMENT_INT8, DIMS(1), 0.25f, 5);
        one_op_input(&o, LP_ELEMENT_INT8, DIMS(1, 5, 5, 4), 0.5f, 7);
        one_op_input(&o, LP_ELEMENT_INT32, DIMS(1), 0, 0)->data = round == 1 ? NULL : axes;
        if (round == 2)
            o.tensors[2].element = LP_ELEMENT_FLOAT32;
        lp_status status = lp_mean_params(&o.graph, &o.op, LP_ROUNDING_SINGLE, &o.diag, &p);
        one_op_expect_error(&o, status, round == 0 ? LP_BAD_INPUT : LP_UNSUPPORTED,
                            round == 0   ? "axis 4"
                            : round == 1 ? "axes is computed at run time"
                                         : "axes are float32");
    }
}

static void pad_keeps_every_element_at_its_place(void **state)
{
    (void)state;
    int merged = 0;
    for (int round = 0; round < 2000; round++) {
        struct one_op o;
        struct lp_pad p;
        int32_t in[LP_MAX_RANK + 1] = {0};
        int32_t out[LP_MAX_RANK + 1] = {0};
        int64_t pads[2 * LP_MAX_RANK];
        int rank = random_in(1, 6);
        for (int d = 0; d < rank; d++) {
            bool none = random_in(0, 1) == 0;
            in[d] = random_in(1, 3);
            pads[2 * d] = none ? 0 : random_in(0, 2);
            pads[2 * d + 1] = none ? 0 : random_in(0, 2);
            out[d] = in[d] + (int32_t)(pads[2 * d] + pads[2 * d + 1]);
        }
        one_op_open(&o, LP_OP_PAD);
        one_op_shape(&o, 0, LP_ELEMENT_INT8, out, 0.25f, -7);
        one_op_input(&o, LP_ELEMENT_INT8, in, 0.25f, -7);
        struct lp_tensor *operand = one_op_input(&o, LP_ELEMENT_INT64, DIMS(1, 2), 0, 0);
        operand->dims[0] = rank;
        operand->data = pads;
        assert_int_equal(lp_pad_params(&o.graph, &o.op, &o.diag, &p), LP_OK);
        assert_int_equal((int8_t)p.value, -7);
        merged += p.rank < rank;
        /* place of every input element in the output, by the tensors' and by the merged dimensions */
        int32_t strides[2][LP_MAX_RANK];
        int32_t corner[2] = {0, 0};
        int32_t step[2] = {1, 1};
        for (int d = rank - 1; d >= 0; d--) {
            strides[0][d] = step[0];
            corner[0] += (int32_t)pads[2 * d] * step[0];
            step[0] *= out[d];
        }
        for (int d = p.rank - 1; d >= 0; d--) {
            strides[1][d] = step[1];
            corner[1] += p.before[d] * step[1];
            step[1] *= p.before[d] + p.in_dims[d] + p.after[d];
        }
        assert_int_equal(step[0], step[1]);
        for (int32_t i = 0; i < lp_tensor_elements(&o.tensors[1]); i++)
            assert_int_equal(corner[0] + offset_of(i, in, strides[0], rank),
                             corner[1] + offset_of(i, p.in_dims, strides[1], p.rank));
        one_op_close(&o);
    }
    assert_true(merged > 500);
}

/* Height and width of an image: the single batch vanishes, the channels become part of the columns. */
static void pad_of_an_image_has_two_dimensions(void **state)
{
    (void)state;
    static const int32_t pads[8] = {0, 0, 1, 2, 3, 4, 0, 0};
    struct one_op o;
    struct lp_pad p;
    one_op_open(&o, LP_OP_PAD);
    one_op_shape(&o, 0, LP_ELEMENT_FLOAT32, DIMS(1, 8, 13, 3), 0, 0);
    one_op_input(&o, LP_ELEMENT_FLOAT32, DIMS(1, 5, 6, 3), 0, 0);
    one_op_input(&o, LP_ELEMENT_INT32, DIMS(4, 2), 0, 0)->data = pads;
    assert_int_equal(lp_pad_params(&o.graph, &o.op, &o.diag, &p), LP_OK);
    assert_int_equal(p.rank, 2);
    assert_int_equal(p.element_bytes, 4);
    assert_int_equal(p.value, 0);
    assert_int_equal(p.in_dims[0] * 100 + p.before[0] * 10 + p.after[0], 512);
    assert_int_equal(p.in_dims[1], 18);
    assert_int_equal(p.before[1], 9);
    assert_int_equal(p.after[1], 12);
    one_op_close(&o);
}

static void pad_refusals(void **state)
{
    (void)state;
    static const int32_t pads[4] = {0, 0, 1, 1};
    static const int32_t negative[4] = {0, 0, 3, -1};
    struct one_op o;
    struct lp_pad p;
    one_op_open(&o, LP_OP_PAD);
    one_op_shape(&o, 0, LP_ELEMENT_INT8, DIMS(2, 5), 0.25f, 0);
    one_op_input(&o, LP_ELEMENT_INT8, DIMS(2, 3), 0.5f, 0);
    one_op_input(&o, LP_ELEMENT_INT32, DIMS(2, 2), 0, 0)->data = pads;
    one_op_expect_error(&o, lp_pad_params(&o.graph, &o.op, &o.diag, &p), LP_UNSUPPORTED, "quantized alike");
    memset(&o.diag, 0, sizeof o.diag);
    o.scales[1] = 0.25f;
    o.tensors[2].data = negative;
    one_op_expect_error(&o, lp_pad_params(&o.graph, &o.op, &o.diag, &p), LP_BAD_INPUT, "3 and -1");
    static const int64_t wide[4] = {0, 0, (int64_t)1 << 40, 0};
    memset(&o.diag, 0, sizeof o.diag);
    o.tensors[2].element = LP_ELEMENT_INT64;
    o.tensors[2].data = wide;
    one_op_expect_error(&o, lp_pad_params(&o.graph, &o.op, &o.diag, &p), LP_BAD_INPUT, "1099511627776");
    static const int64_t many[2 * LP_MAX_RANK + 2] = {0};
    memset(&o.diag, 0, sizeof o.diag);
    o.tensors[2].dims[0] = LP_MAX_RANK + 1;
    o.tensors[2].data = many;
    one_op_expect_error(&o, lp_pad_params(&o.graph, &o.op, &o.diag, &p), LP_BAD_INPUT, "18 numbers");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(add_visits_the_same_elements),
        cmocka_unit_test(equal_shapes_become_one_row),
        cmocka_unit_test(add_refusals),
        cmocka_unit_test(mean_visits_the_same_elements),
        cmocka_unit_test(mean_divides_by_multiplying),
        cmocka_unit_test(mean_keeps_shifts_in_range),
        cmocka_unit_test(mean_refusals),
        cmocka_unit_test(pad_keeps_every_element_at_its_place),
        cmocka_unit_test(pad_of_an_image_has_two_dimensions),
        cmocka_unit_test(pad_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
