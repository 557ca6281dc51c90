#include "compiler/lower/neural-art/curve.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum {
    INPUTS = 256,
    HALF = 1 << (LP_NPU_CURVE_SHIFT - 1), /* of a step of the result */
    MOST_OUTER_BITS = 4,
    MOST_INNER_BITS = 3,
    ROW_MASK = LP_NPU_CURVE_ROWS - 1,
    MOST_SHARED = 8,
    TRIALS = 9,    /* slopes that are tried between the steepest and the flattest */
    CURVATURES = 5 /* on either side of the one that the middle of the segment has */
};

/* Shifts of executed programs, the finest first: steeper functions need coarser ones. */
static const struct {
    int32_t b, c;
} shifts[] = {{2, 8}, {3, 9}, {4, 10}, {6, 12}};

struct fit {
    const int8_t *table;
    int32_t slack; /* how far a result may be from the table, in 2^-15 */
    int32_t shift_b, shift_c;
    int32_t most_rows;
};

struct band {
    int64_t low, high;
};

/* Where a*q*q + slope*q + offset has to be for input q, without a*q*q. Never outside what 8 bits hold. */
static struct band band_at(const struct fit *f, int32_t q, int32_t a)
{
    int64_t centre = (int64_t)f->table[q - INT8_MIN] * (2 * HALF), square = (int64_t)a * q * q;
    int64_t low = centre - f->slack, high = centre + f->slack;
    const int64_t lowest = (int64_t)INT8_MIN * 2 * HALF - (HALF - 1), highest = (int64_t)INT8_MAX * 2 * HALF + (HALF - 1);
    return (struct band){(low < lowest ? lowest : low) - square, (high > highest ? highest : high) - square};
}

static int64_t divide_down(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static int64_t divide_up(int64_t a, int64_t b)
{
    return -divide_down(-a, b);
}

/* Slopes in units of 2^shift_b that some offset could go with. */
static struct band slopes_of(const struct fit *f, int32_t first, int32_t count, int32_t a)
{
    struct band slopes = {INT16_MIN, INT16_MAX};
    struct band bands[INPUTS];
    for (int32_t i = 0; i < count; i++)
        bands[i] = band_at(f, first + i, a);
    /* Pairs far apart first: they leave the least, and most trials end at them. */
    for (int32_t distance = count - 1; distance > 0; distance--) {
        int64_t step = (int64_t)distance * (1 << f->shift_b);
        for (int32_t i = 0; i + distance < count; i++) {
            const struct band at = bands[i], to = bands[i + distance];
            int64_t least = to.low - at.high, most = to.high - at.low;
            /* Products tell whether a quotient can matter: dividing for every pair takes most of the time of a compilation. */
            if (least > slopes.low * step)
                slopes.low = divide_up(least, step);
            if (most < slopes.high * step)
                slopes.high = divide_down(most, step);
            if (slopes.low > slopes.high)
                return slopes;
        }
    }
    return slopes;
}

static bool offset_for(const struct fit *f, int32_t first, int32_t count, int32_t a, int64_t slope, int16_t *offset)
{
    struct band both = {INT64_MIN, INT64_MAX};
    for (int32_t q = first; q < first + count; q++) {
        const struct band at = band_at(f, q, a);
        int64_t line = slope * (1 << f->shift_b) * q;
        both.low = at.low - line > both.low ? at.low - line : both.low;
        both.high = at.high - line < both.high ? at.high - line : both.high;
    }
    int64_t low = divide_up(both.low, INT64_C(1) << f->shift_c), high = divide_down(both.high, INT64_C(1) << f->shift_c);
    int64_t middle = low + (high - low) / 2;
    if (low > high || middle < INT16_MIN || middle > INT16_MAX)
        return false;
    *offset = (int16_t)middle;
    return true;
}

static bool line_for(const struct fit *f, int32_t first, int32_t count, int32_t a, int16_t row[3])
{
    const struct band slopes = slopes_of(f, first, count, a);
    for (int32_t i = 0; slopes.low <= slopes.high && i < TRIALS; i++) {
        /* The middle first, then to either side of it. */
        int64_t away = (slopes.high - slopes.low) * ((i + 1) / 2) / (TRIALS - 1);
        int64_t slope = (slopes.low + slopes.high) / 2 + (i % 2 == 0 ? away : -away);
        if (offset_for(f, first, count, a, slope, &row[2])) {
            row[0] = (int16_t)a;
            row[1] = (int16_t)slope;
            return true;
        }
    }
    return false;
}

/* Inputs first .. first + count - 1: a line if one will do. */
static bool row_for(const struct fit *f, int32_t first, int32_t count, int16_t row[3])
{
    if (line_for(f, first, count, 0, row))
        return true;
    if (count < 4)
        return false;
    const int8_t *t = f->table + (first - INT8_MIN);
    double reach = (count - 1) / 2.0;
    double bend = (t[0] + t[count - 1] - t[(count - 1) / 2] - t[count / 2]) / (2.0 * reach * reach);
    int32_t a = (int32_t)rint(ldexp(bend, LP_NPU_CURVE_SHIFT));
    double spread = 2.0 * HALF * 2 / (reach * reach * CURVATURES);
    for (int32_t i = 0; i <= 2 * CURVATURES; i++) {
        int32_t away = (int32_t)rint(spread * ((i + 1) / 2)), tried = a + (i % 2 == 0 ? away : -away);
        if (tried >= INT16_MIN && tried <= INT16_MAX && line_for(f, first, count, tried, row))
            return true;
    }
    return false;
}

/* The fewest rows for one outer segment, behind those that there are; rows that stand there already are shared. */
static bool add_outer(const struct fit *f, struct lp_npu_curve *c, int32_t outer)
{
    int32_t length = INPUTS >> c->outer_bits, first = INT8_MIN + outer * length;
    for (int32_t bits = 0; bits <= MOST_INNER_BITS && length >> bits > 0; bits++) {
        int16_t rows[MOST_SHARED][3];
        int32_t count = 1 << bits, fitted = 0, inner = length >> bits, base = 0;
        while (fitted < count && row_for(f, first + fitted * inner, inner, rows[fitted]))
            fitted++;
        if (fitted < count)
            continue;
        size_t bytes = (size_t)count * sizeof rows[0];
        while (base + count <= c->row_count && memcmp(c->rows[base], rows, bytes) != 0)
            base++;
        if (base + count > c->row_count) {
            base = c->row_count;
            if (base + count > f->most_rows)
                return false;
            memcpy(c->rows[base], rows, bytes);
            c->row_count += count;
        }
        c->outer[outer] = (uint8_t)(base | bits << 6);
        return true;
    }
    return false;
}

static bool fit_with(const struct fit *f, int32_t outer_bits, struct lp_npu_curve *c)
{
    *c = (struct lp_npu_curve){.outer_bits = outer_bits, .shift_b = f->shift_b, .shift_c = f->shift_c};
    for (int32_t i = 0; i < 1 << outer_bits; i++)
        if (!add_outer(f, c, i))
            return false;
    return true;
}

int32_t lp_npu_curve_at(const struct lp_npu_curve *c, int32_t q)
{
    uint32_t u = (uint32_t)(q - INT8_MIN), entry = c->outer[u >> (8 - c->outer_bits)], bits = entry >> 6;
    uint32_t row = (entry & ROW_MASK) + (u >> (8 - (uint32_t)c->outer_bits - bits) & ((1u << bits) - 1));
    const int16_t *k = c->rows[row];
    int64_t sum = (int64_t)k[0] * q * q + (int64_t)k[1] * (1 << c->shift_b) * q + (int64_t)k[2] * (1 << c->shift_c);
    int64_t size = ((sum < 0 ? -sum : sum) + HALF) >> LP_NPU_CURVE_SHIFT;
    return (int32_t)(sum < 0 ? -size : size);
}

bool lp_npu_curve_fit(const int8_t table[256], struct lp_npu_curve *out)
{
    /* Exact, and then off by less than a step before rounding. */
    static const int32_t slacks[] = {HALF - 1, 3 * HALF - 1};
    out->row_count = 0;
    for (size_t i = 0; i < sizeof slacks / sizeof slacks[0] && out->row_count == 0; i++)
        for (size_t s = 0; s < sizeof shifts / sizeof shifts[0]; s++)
            for (int32_t bits = MOST_OUTER_BITS; bits >= 1; bits--) {
                /* Fewer rows than the best so far: most trials then end early. */
                const int32_t most_rows = out->row_count == 0 ? LP_NPU_CURVE_ROWS : out->row_count - 1;
                const struct fit f = {table, slacks[i], shifts[s].b, shifts[s].c, most_rows};
                struct lp_npu_curve c;
                if (fit_with(&f, bits, &c)) {
                    *out = c;
                    out->largest_error = i == 0 ? 0 : 1;
                }
            }
    return out->row_count != 0;
}
