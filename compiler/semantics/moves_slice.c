/* Operators that cut a part out of a tensor. */
#include "compiler/semantics/moves.h"

static lp_status slice_operand(const struct lp_place_of_op *at, uint32_t input, const char *what, int32_t *numbers,
                               uint32_t *count)
{
    return lp_need_numbers(at, lp_op_input(at->graph, at->op, input), what, numbers, LP_MAX_RANK, count);
}

/* Size -1: up to the end. */
lp_status lp_move_slice(const struct lp_place_of_op *at, uint32_t part, struct lp_move_part *out)
{
    const struct lp_tensor *in = lp_op_input(at->graph, at->op, 0);
    int32_t begin[LP_MAX_RANK];
    int32_t size[LP_MAX_RANK];
    uint32_t begins = 0;
    uint32_t sizes = 0;
    (void)part;
    lp_status status = slice_operand(at, 1, "begins", begin, &begins);
    if (status == LP_OK)
        status = slice_operand(at, 2, "sizes", size, &sizes);
    if (status != LP_OK)
        return status;
    if (begins != in->rank || sizes != in->rank)
        return lp_op_error(at, LP_BAD_INPUT, "it has %u begins and %u sizes for %u dimensions; one for each is needed",
                           (unsigned)begins, (unsigned)sizes, (unsigned)in->rank);
    for (uint32_t d = 0; d < in->rank; d++) {
        int64_t stride = lp_move_elements(in, d + 1, in->rank);
        int64_t left = (int64_t)in->dims[d] - begin[d];
        int64_t taken = size[d] == -1 ? left : size[d];
        if (begin[d] < 0 || left < 1 || taken < 1 || taken > left)
            return lp_op_error(at, LP_BAD_INPUT, "begin %ld and size %ld leave dimension %u, which has %ld elements",
                               (long)begin[d], (long)size[d], (unsigned)d, (long)in->dims[d]);
        out->in_offset += begin[d] * stride;
        lp_move_add_dim(out, taken);
        lp_move_add_loop(out, taken, stride, 0);
    }
    lp_move_dense_output(out);
    return LP_OK;
}

/* The operands of STRIDED_SLICE, and where the walk over them is. */
struct strided {
    const struct lp_place_of_op *at;
    const struct lp_tensor *in;
    int32_t begin[LP_MAX_RANK], end[LP_MAX_RANK], step[LP_MAX_RANK];
    uint32_t count; /* of the lists */
    uint32_t d;     /* dimension of the input that comes next */
};

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* Entry i of the lists along dimension s->d: from where, and how many. The rules are those of tf.strided_slice. */
static lp_status cut_dimension(const struct strided *s, uint32_t i, int64_t *first, int64_t *taken)
{
    const int64_t size = s->in->dims[s->d];
    const int64_t step = s->step[i];
    const int64_t lowest = step > 0 ? 0 : -1;
    const uint32_t bit = 1u << i;
    int64_t begin = s->begin[i] + (s->begin[i] < 0 ? size : 0);
    *first = begin;
    *taken = 1;
    if ((s->at->op->as.strided_slice.shrink_axis_mask & bit) != 0) {
        if ((s->at->op->as.strided_slice.begin_mask & bit) != 0)
            *first = step > 0 ? 0 : size - 1;
        if (*first < 0 || *first >= size)
            return lp_op_error(s->at, LP_BAD_INPUT, "it takes element %ld of dimension %u, which has %ld", (long)s->begin[i],
                               (unsigned)s->d, (long)size);
        return LP_OK;
    }
    begin = clamp(begin, lowest, size + lowest);
    if ((s->at->op->as.strided_slice.begin_mask & bit) != 0)
        begin = step > 0 ? 0 : size - 1;
    int64_t end = s->end[i];
    if (s->at->op->as.strided_slice.is_offset)
        end += begin;
    end = clamp(end + (end < 0 ? size : 0), lowest, size + lowest);
    if ((s->at->op->as.strided_slice.end_mask & bit) != 0)
        end = step > 0 ? size : -1;
    *first = begin;
    *taken = step > 0 ? (end - begin + step - 1) / step : (begin - end - step - 1) / -step;
    if (*taken < 1)
        return lp_op_error(s->at, LP_BAD_INPUT, "begin %ld, end %ld and stride %ld take nothing of dimension %u, which has %ld",
                           (long)s->begin[i], (long)s->end[i], (long)step, (unsigned)s->d, (long)size);
    return LP_OK;
}

static lp_status take_dimension(struct strided *s, int64_t first, int64_t taken, int64_t step, bool is_shown,
                                struct lp_move_part *out)
{
    int64_t stride = lp_move_elements(s->in, s->d + 1, s->in->rank);
    out->in_offset += first * stride;
    lp_move_add_loop(out, taken, step * stride, 0);
    s->d++;
    if (!is_shown)
        return LP_OK;
    if (out->rank == LP_MAX_RANK)
        return lp_op_error(s->at, LP_UNSUPPORTED, "its output has more than %d dimensions", LP_MAX_RANK);
    lp_move_add_dim(out, taken);
    return LP_OK;
}

static lp_status take_whole(struct strided *s, struct lp_move_part *out)
{
    return take_dimension(s, 0, s->in->dims[s->d], 1, true, out);
}

static lp_status apply_entry(struct strided *s, uint32_t i, struct lp_move_part *out)
{
    const uint32_t bit = 1u << i;
    if ((s->at->op->as.strided_slice.new_axis_mask & bit) != 0) {
        if (out->rank == LP_MAX_RANK)
            return lp_op_error(s->at, LP_UNSUPPORTED, "its output has more than %d dimensions", LP_MAX_RANK);
        lp_move_add_dim(out, 1);
        return LP_OK;
    }
    int64_t first = 0;
    int64_t taken = 0;
    if (s->d == s->in->rank)
        return lp_op_error(s->at, LP_BAD_INPUT, "it has %u begins for %u dimensions", (unsigned)s->count, (unsigned)s->in->rank);
    lp_status status = cut_dimension(s, i, &first, &taken);
    bool is_shown = (s->at->op->as.strided_slice.shrink_axis_mask & bit) == 0;
    return status == LP_OK ? take_dimension(s, first, taken, s->step[i], is_shown, out) : status;
}

static lp_status read_lists(struct strided *s)
{
    uint32_t ends = 0;
    uint32_t steps = 0;
    lp_status status = slice_operand(s->at, 1, "begins", s->begin, &s->count);
    if (status == LP_OK)
        status = slice_operand(s->at, 2, "ends", s->end, &ends);
    if (status == LP_OK)
        status = slice_operand(s->at, 3, "strides", s->step, &steps);
    if (status == LP_OK && (ends != s->count || steps != s->count))
        status = lp_op_error(s->at, LP_BAD_INPUT, "it has %u begins, %u ends and %u strides; as many of each are needed",
                             (unsigned)s->count, (unsigned)ends, (unsigned)steps);
    for (uint32_t i = 0; i < s->count && status == LP_OK; i++)
        if (s->step[i] == 0)
            status = lp_op_error(s->at, LP_BAD_INPUT, "stride %u is 0; any other number is allowed", (unsigned)i);
    return status;
}

/* The ellipsis stands for all dimensions that the entries before and behind it leave; without one it stands at the end. */
lp_status lp_move_strided_slice(const struct lp_place_of_op *at, uint32_t part, struct lp_move_part *out)
{
    struct strided s = {.at = at, .in = lp_op_input(at->graph, at->op, 0)};
    const uint32_t ellipsis = at->op->as.strided_slice.ellipsis_mask;
    (void)part;
    if ((ellipsis & (ellipsis - 1)) != 0)
        return lp_op_error(at, LP_BAD_INPUT, "its ellipsis mask is %lu; at most one bit is allowed", (unsigned long)ellipsis);
    lp_status status = read_lists(&s);
    for (uint32_t i = 0; i < s.count && status == LP_OK; i++) {
        if ((ellipsis >> i & 1) == 0) {
            status = apply_entry(&s, i, out);
            continue;
        }
        uint32_t behind = 0; /* dimensions of the input that the entries behind the ellipsis take */
        for (uint32_t k = i + 1; k < s.count; k++)
            behind += (at->op->as.strided_slice.new_axis_mask >> k & 1) == 0;
        while (status == LP_OK && s.d + behind < s.in->rank)
            status = take_whole(&s, out);
    }
    while (status == LP_OK && s.d < s.in->rank)
        status = take_whole(&s, out);
    lp_move_dense_output(out);
    return status;
}
