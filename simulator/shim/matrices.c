/* Products of matrices. Dense row-major matrices are known by their numbers of elements alone: M * K, K * N and M * N. */
#include <math.h>

#include "simulator/shim/operators.h"

struct product {
    size_t rows, depth, columns; /* M, K, N */
    bool a_transposed, b_transposed;
};

/* K = sqrt(|A| |B| / |Y|). */
static bool sizes_of(struct lp_shim_session *s, const char *name, const Tensor_info *a, const Tensor_info *b,
                     const Tensor_info *y, struct product *out)
{
    size_t na = lp_shim_count(a), nb = lp_shim_count(b), ny = lp_shim_count(y);
    size_t depth = (size_t)llround(sqrt((double)na * (double)nb / (double)ny));
    out->depth = depth;
    out->rows = depth == 0 ? 0 : na / depth;
    out->columns = depth == 0 ? 0 : nb / depth;
    bool fits = out->rows * depth == na && out->columns * depth == nb && out->rows * out->columns == ny && depth > 0;
    if (!fits)
        lp_shim_fail(s, LP_BAD_INPUT, "ll_sw_forward_%s: %zu and %zu elements have no product of %zu", name, na, nb, ny);
    return fits;
}

static double dot(const struct product *p, const double *a, const double *b, size_t row, size_t column)
{
    double sum = 0;
    for (size_t k = 0; k < p->depth; k++)
        sum += (p->a_transposed ? a[k * p->rows + row] : a[row * p->depth + k]) *
               (p->b_transposed ? b[column * p->depth + k] : b[k * p->columns + column]);
    return sum;
}

/* Element of C that is added at (row, column): C is a scalar, a row, a column or whole. */
static size_t addend(const struct product *p, size_t count, bool is_column, size_t row, size_t column)
{
    if (count == 1)
        return 0;
    if (count == p->rows * p->columns)
        return row * p->columns + column;
    return is_column ? row : column;
}

void lp_shim_op_gemm(struct lp_shim_session *s, const void *info)
{
    const Gemm_sw_info *op = info;
    const Tensor_info *c = &op->operand_c, *to = &op->general.output;
    struct product p = {.a_transposed = op->tA != 0, .b_transposed = op->tB != 0};
    const double *a = lp_shim_floats(s, &op->general.input), *b = lp_shim_floats(s, &op->operand_b), *added = NULL;
    if (a == NULL || b == NULL || !sizes_of(s, "gemm", &op->general.input, &op->operand_b, to, &p))
        return;
    size_t count = c->mem.start_offset == NULL ? 0 : lp_shim_count(c);
    if (count != 0 && (added = lp_shim_floats(s, c)) == NULL)
        return;
    bool is_column = count == p.rows && count != p.columns;
    if (count > 1 && count != p.rows && count != p.columns && count != p.rows * p.columns) {
        lp_shim_fail(s, LP_BAD_INPUT, "ll_sw_forward_gemm: C has %zu elements for a result of %zu x %zu", count, p.rows,
                     p.columns);
        return;
    }
    for (size_t i = 0; i < p.rows * p.columns; i++) {
        size_t row = i / p.columns, column = i % p.columns;
        double value = (double)op->alpha * dot(&p, a, b, row, column);
        if (count != 0)
            value += (double)op->beta * added[addend(&p, count, is_column, row, column)];
        lp_shim_put_float(s, to, i, (float)value);
    }
}

/* Heights and widths are the matrices, batches and channels number them; one of two operands may have a single one. */
static void batched(struct lp_shim_session *s, const struct product *p, const Tensor_info *ta, const Tensor_info *tb,
                    const Tensor_info *to, const double *a, const double *b)
{
    size_t depth = lp_shim_extent(to->dim.tensor_c), ac = lp_shim_extent(ta->dim.tensor_c), bc = lp_shim_extent(tb->dim.tensor_c);
    size_t a_batches = lp_shim_extent(ta->dim.tensor_b), b_batches = lp_shim_extent(tb->dim.tensor_b);
    for (size_t i = 0; i < lp_shim_count(to); i++) {
        size_t c = i % depth, column = i / depth % p->columns, row = i / (depth * p->columns) % p->rows,
               batch = i / (depth * p->columns * p->rows);
        const double *x = a + batch % a_batches * p->rows * p->depth * ac + c % ac;
        const double *y = b + batch % b_batches * p->depth * p->columns * bc + c % bc;
        double sum = 0;
        for (size_t k = 0; k < p->depth; k++)
            sum += x[(row * p->depth + k) * ac] * y[(k * p->columns + column) * bc];
        lp_shim_put_float(s, to, i, (float)sum);
    }
}

/* Whether `n` matrices go with `m`. */
static bool repeats(uint32_t n, uint32_t m)
{
    return lp_shim_extent(n) == 1 || lp_shim_extent(n) == lp_shim_extent(m);
}

void lp_shim_op_matmul(struct lp_shim_session *s, const void *info)
{
    const Matmul_sw_info *op = info;
    const Tensor_info *ta = &op->general.input, *tb = &op->operand_b, *to = &op->general.output;
    struct product p = {.rows = lp_shim_extent(to->dim.tensor_h),
                        .depth = lp_shim_extent(ta->dim.tensor_w),
                        .columns = lp_shim_extent(to->dim.tensor_w)};
    const double *a = lp_shim_floats(s, ta), *b = lp_shim_floats(s, tb);
    if (a == NULL || b == NULL)
        return;
    bool is_batched = lp_shim_extent(ta->dim.tensor_h) == p.rows && lp_shim_extent(tb->dim.tensor_h) == p.depth &&
                      lp_shim_extent(tb->dim.tensor_w) == p.columns && repeats(ta->dim.tensor_c, to->dim.tensor_c) &&
                      repeats(tb->dim.tensor_c, to->dim.tensor_c) && repeats(ta->dim.tensor_b, to->dim.tensor_b) &&
                      repeats(tb->dim.tensor_b, to->dim.tensor_b);
    if (is_batched)
        batched(s, &p, ta, tb, to, a, b);
    else if (sizes_of(s, "matmul", ta, tb, to, &p))
        for (size_t i = 0; i < p.rows * p.columns; i++)
            lp_shim_put_float(s, to, i, (float)dot(&p, a, b, i / p.columns, i % p.columns));
}

/* ---- 8 bits: (alpha * sum + beta * bias) * is * ws / os + ozp ---- */

struct quantized {
    const char *name;
    const General *general;
    const Tensor_info *weights, *bias, *ws, *wzp, *is, *izp, *os, *ozp;
    double alpha, beta;
    bool a_transposed, b_transposed;
};

static void multiply_bytes(struct lp_shim_session *s, const struct quantized *q)
{
    const Tensor_info *to = &q->general->output;
    struct product p = {.a_transposed = q->a_transposed, .b_transposed = q->b_transposed};
    double *a = lp_shim_bytes(s, &q->general->input), *b = lp_shim_bytes(s, q->weights);
    if (a == NULL || b == NULL || !sizes_of(s, q->name, &q->general->input, q->weights, to, &p))
        return;
    int32_t zero = lp_shim_zero_at(s, q->izp, 0, q->izp->format.is_signed);
    double in_scale = (double)lp_shim_scale_at(s, q->is, 0);
    for (size_t i = 0; i < p.rows * p.depth; i++)
        a[i] -= zero;
    for (size_t i = 0; i < p.depth * p.columns; i++)
        b[i] -= lp_shim_zero_at(s, q->wzp, p.b_transposed ? i / p.depth : i % p.columns, q->wzp->format.is_signed);
    for (size_t i = 0; i < p.rows * p.columns; i++) {
        size_t column = i % p.columns;
        double sum = q->alpha * dot(&p, a, b, i / p.columns, column) + q->beta * lp_shim_int32_at(s, q->bias, column);
        lp_shim_put_real(s, to, i, sum * in_scale * (double)lp_shim_scale_at(s, q->ws, column), q->os, q->ozp);
    }
}

void lp_shim_op_gemm_integer(struct lp_shim_session *s, const void *info)
{
    const Gemm_integer_sw_info *op = info;
    const struct quantized q = {.name = "gemm_integer",
                                .general = &op->general,
                                .weights = &op->weights,
                                .bias = &op->bias,
                                .ws = &op->ws,
                                .wzp = &op->wzp,
                                .is = &op->is,
                                .izp = &op->izp,
                                .os = &op->os,
                                .ozp = &op->ozp,
                                .alpha = (double)op->alpha,
                                .beta = (double)op->beta,
                                .a_transposed = op->tA != 0,
                                .b_transposed = op->tB != 0};
    multiply_bytes(s, &q);
}

void lp_shim_op_qlinearmatmul(struct lp_shim_session *s, const void *info)
{
    const Qlinearmatmul_sw_info *op = info;
    const struct quantized q = {.name = "qlinearmatmul",
                                .general = &op->general,
                                .weights = &op->weights,
                                .bias = &op->bias,
                                .ws = &op->ws,
                                .wzp = &op->wzp,
                                .is = &op->is,
                                .izp = &op->izp,
                                .os = &op->os,
                                .ozp = &op->ozp,
                                .alpha = 1,
                                .beta = 1};
    multiply_bytes(s, &q);
}
