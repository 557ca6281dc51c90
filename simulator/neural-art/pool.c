#include "simulator/neural-art/units.h"

static uint64_t kept_columns(const struct lp_npu_pool *c)
{
    return (uint64_t)(c->rightCrop - c->leftCrop + 1);
}

static uint64_t kept_lines(const struct lp_npu_pool *c)
{
    return (uint64_t)(c->bottomCrop - c->topCrop + 1);
}

static uint64_t out_columns(const struct lp_npu_pool *c)
{
    return c->operation == LP_NPU_POOL_GAVG ? 1 : (kept_columns(c) - (uint64_t)c->poolWinX) / (uint64_t)c->strideX + 1;
}

static uint64_t out_lines(const struct lp_npu_pool *c)
{
    return c->operation == LP_NPU_POOL_GAVG ? 1 : (kept_lines(c) - (uint64_t)c->poolWinY) / (uint64_t)c->strideY + 1;
}

uint64_t lp_sim_pool_in_words(const struct lp_npu_pool *c)
{
    return (uint64_t)c->inputX * (uint64_t)c->inputY * (uint64_t)c->batchSize;
}

uint64_t lp_sim_pool_out_words(const struct lp_npu_pool *c)
{
    return out_columns(c) * out_lines(c) * (uint64_t)c->batchSize;
}

static int32_t sample(const struct lp_npu_pool *c, int32_t word, uint64_t *saturations)
{
    int32_t v = lp_sim_signed(word, c->inbytes_f);
    if (c->shift_f == 0 && c->outbytes_f >= c->inbytes_f)
        return v;
    int64_t shifted = lp_sim_round_shift(v, c->shift_f, lp_sim_rounding_of(c->rounding_f, c->round_mode_f));
    if (c->saturation_f)
        shifted = lp_sim_saturate(shifted, c->outbytes_f, saturations);
    return lp_sim_signed((int32_t)(uint32_t)((uint64_t)shifted & UINT32_MAX), c->outbytes_f);
}

/* Folds the window whose first kept sample is at (line, column) into `into`, one value a channel. */
static void fold_window(const struct lp_npu_pool *c, const int32_t *in, uint64_t line, uint64_t column, uint64_t lines,
                        uint64_t columns, int64_t *into, uint64_t *saturations)
{
    size_t depth = (size_t)c->batchSize;
    bool is_first = true;
    for (uint64_t y = line; y < line + lines; y++)
        for (uint64_t x = column; x < column + columns; x++, is_first = false) {
            const int32_t *pixel = in + (y * (uint64_t)c->inputX + x) * depth;
            for (size_t k = 0; k < depth; k++) {
                int64_t v = sample(c, pixel[k], saturations);
                if (is_first)
                    into[k] = v;
                else if (c->operation == LP_NPU_POOL_MAX)
                    into[k] = v > into[k] ? v : into[k];
                else if (c->operation == LP_NPU_POOL_MIN)
                    into[k] = v < into[k] ? v : into[k];
                else
                    into[k] += v;
            }
        }
}

void lp_sim_pool_frame(const struct lp_npu_pool *c, const int32_t *in, int64_t *results, int32_t *out, uint64_t *saturations)
{
    bool is_global = c->operation == LP_NPU_POOL_GAVG;
    bool is_average = is_global || c->operation == LP_NPU_POOL_AVG;
    uint64_t lines = is_global ? kept_lines(c) : (uint64_t)c->poolWinY;
    uint64_t columns = is_global ? kept_columns(c) : (uint64_t)c->poolWinX;
    int64_t *into = results;
    for (uint64_t y = 0; y < out_lines(c); y++)
        for (uint64_t x = 0; x < out_columns(c); x++, into += c->batchSize)
            fold_window(c, in, (uint64_t)c->topCrop + y * (uint64_t)c->strideY, (uint64_t)c->leftCrop + x * (uint64_t)c->strideX,
                        lines, columns, into, saturations);
    size_t count = (size_t)lp_sim_pool_out_words(c);
    if (is_average)
        for (size_t i = 0; i < count; i++)
            results[i] *= c->mulval;
    const struct lp_sim_output stage = {.relu = c->relu_mode_o != 0,
                                        .shift = c->shift_o,
                                        .rounding = lp_sim_rounding_of(c->rounding_o, c->round_mode_o),
                                        .saturates = c->saturation_o != 0,
                                        .bytes = c->outbytes_o};
    *saturations += lp_sim_output_stage(&stage, results, count, out);
}
