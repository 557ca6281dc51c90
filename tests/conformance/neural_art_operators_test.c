/* Every software operator and library function of generated networks against its definition, computed here by loops of their own. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/base/file.h"
#include "simulator/shim/shim.h"

enum { H = 4, W = 5, C = 3, MOST = 512 };

/* As they lie in memory behind 0x71000000 (the network names the places). */
static struct parameters {
    float weights[256];
    int8_t kernels[256];
    int32_t biases[64];
    float in_scale, out_scale, kernel_scales[4], softmax_scale, unused;
    int8_t in_zero, out_zero, kernel_zeros[4], softmax_zero, end;
} p;
static float f[H][W][C];
static int8_t q[H][W][C];
static double y[MOST]; /* what is expected */

static uint32_t state = 12345;
static double random_in(double low, double high)
{
    state = state * 1664525 + 1013904223;
    return low + (high - low) * (state >> 8) / 16777216.0;
}

static void fill(void)
{
    for (int i = 0; i < H * W * C; i++) {
        (&f[0][0][0])[i] = (float)random_in(-3, 3);
        (&q[0][0][0])[i] = (int8_t)random_in(-128, 128);
    }
    for (int i = 0; i < 256; i++) {
        p.weights[i] = (float)random_in(-1, 1);
        p.kernels[i] = (int8_t)random_in(-20, 21);
    }
    for (int i = 160; i < 163; i++)
        p.weights[i] = (float)random_in(0.5, 2); /* variances */
    for (int i = 0; i < 64; i++)
        p.biases[i] = (int32_t)random_in(-200, 200);
    q[0][1][0] = q[0][3][0] = -128; /* a tie */
    p.biases[32] = 4;               /* indices */
    p.biases[33] = -2;
    p.in_scale = 0.047f;
    p.out_scale = 0.083f;
    p.softmax_scale = 1 / 256.0f;
    p.in_zero = -7;
    p.out_zero = 11;
    p.softmax_zero = -128;
    for (int i = 0; i < 4; i++) {
        p.kernel_scales[i] = 0.011f + 0.006f * (float)i;
        p.kernel_zeros[i] = (int8_t)(i % 2 == 0 ? 3 + i : -1 - i);
    }
}

/* ---- the inputs as real numbers; beyond the edges, nothing ---- */

static bool inside(int h, int w)
{
    return h >= 0 && h < H && w >= 0 && w < W;
}
static double in(int h, int w, int c)
{
    return inside(h, w) ? (double)f[h][w][c] : 0;
}
static double real(int h, int w, int c)
{
    return inside(h, w) ? (q[h][w][c] - p.in_zero) * (double)p.in_scale : 0;
}
static double out_byte(double value)
{
    double rounded = round(value / (double)p.out_scale) + p.out_zero;
    return rounded < -128 ? -128 : rounded > 127 ? 127 : rounded;
}

/* `at` is the element's place in memory. */
#define EACH(h, w, c, hs, ws, cs)          \
    for (int h = 0, at = 0; h < (hs); h++) \
        for (int w = 0; w < (ws); w++)     \
            for (int c = 0; c < (cs); c++, at++)

/* ---- expectations ---- */

static void convolutions(int n)
{
    if (n == 3)
        EACH(h, w, o, 2, 5, 2)
        {
            y[at] = (double)p.weights[128 + o];
            for (int k = 0; k < 27; k++)
                y[at] += in(h * 2 - 1 + k / 9, w - 1 + k / 3 % 3, k % 3) * (double)p.weights[o * 27 + k];
        }
    if (n == 4)
        EACH(h, w, o, 4, 3, 3)
        {
            y[at] = in(h, w, o) * (double)p.weights[o * 2] + in(h, w + 2, o) * (double)p.weights[o * 2 + 1];
        }
    if (n == 5)
        EACH(h, w, o, 4, 5, 2)
        {
            double sum = p.biases[o] * (double)p.in_scale;
            for (int k = 0; k < 12; k++)
                sum += real(h + k / 6, w + k / 3 % 2, k % 3) * (p.kernels[o * 12 + k] - p.kernel_zeros[o]);
            y[at] = out_byte(sum * (double)p.kernel_scales[o]);
        }
    if (n == 6)
        EACH(h, w, o, 4, 5, 4)
        {
            double sum = p.biases[o] * (double)p.in_scale;
            for (int c = 0; c < C; c++)
                sum += real(h, w, c) * (p.kernels[o * 3 + c] - p.kernel_zeros[o]);
            y[at] = out_byte(sum * (double)p.kernel_scales[o]);
        }
}

/* A factor of 2 in both directions: output pixels lie a quarter beside the input's. */
static double halfway(int h, int w, int c)
{
    double sum = 0;
    for (int k = 0; k < 4; k++) {
        int near_h = h / 2, near_w = w / 2, far_h = near_h + (h % 2 ? 1 : -1), far_w = near_w + (w % 2 ? 1 : -1);
        far_h = far_h < 0 ? 0 : far_h > H - 1 ? H - 1 : far_h;
        far_w = far_w < 0 ? 0 : far_w > W - 1 ? W - 1 : far_w;
        sum += in(k & 1 ? far_h : near_h, k & 2 ? far_w : near_w, c) * (k & 1 ? 0.25 : 0.75) * (k & 2 ? 0.25 : 0.75);
    }
    return sum;
}

static double function(int n, double x, int c)
{
    switch (n) {
    case 9: return x < 0 ? x * (double)p.weights[c] : x;
    case 10: return 0.25 * x + 0.5 < 0 ? 0 : 0.25 * x + 0.5 > 1 ? 1 : 0.25 * x + 0.5;
    case 11: return x * 0.5 * erfc(-x / 1.4142135623730951);
    case 12: return 1.25 * (x > 0 ? x : 1.5 * exp(x) - 1.5);
    case 13: return x < -0.5 ? -0.5 : x > 1.5 ? 1.5 : x;
    case 14: return floor(x + 0.5);
    case 44: return log(1 + exp(x));
    default: return x <= -3 ? 0 : x >= 3 ? x : x * (x + 3) / 6;
    }
}

static void elements(int n)
{
    EACH(h, w, c, H, W, C)
    {
        double x = in(h, w, c);
        switch (n) {
        case 0: y[at] = real(h, w, c); break;
        case 1: y[at] = out_byte(x); break;
        case 2: y[at] = out_byte(real(h, w, c)); break;
        case 15: y[at] = out_byte(function(15, real(h, w, c), c)); break;
        case 16: y[at] = x + (double)p.weights[c] + (double)p.weights[h]; break;
        case 17: y[at] = x - (double)p.weights[at]; break;
        case 18: y[at] = out_byte(real(h, w, c) * (p.kernels[w] - p.kernel_zeros[0]) * (double)p.kernel_scales[0]); break;
        case 19: y[at] = x > 0 ? 1 : x < 0 ? -1 : 0; break;
        case 36:
            y[at] = (x - (double)p.weights[8 + c]) / sqrt((double)p.weights[160 + c]) * (double)p.weights[4 + c] +
                    (double)p.weights[c];
            break;
        case 39: /* the channel itself and the one behind it */
            y[at] = x / pow(1 + 0.25 * (x * x + (c + 1 < C ? in(h, w, c + 1) * in(h, w, c + 1) : 0)), 0.75);
            break;
        case 45: y[at] = x > (double)p.weights[0] ? x : (double)p.weights[0]; break;
        default: y[at] = function(n, x, c); break;
        }
    }
}

static void pools(int n)
{
    int hs = n == 20 ? 3 : n >= 23 ? 1 : H, ws = n == 20 ? 3 : n >= 23 ? 1 : W;
    EACH(h, w, c, hs, ws, C)
    {
        double most = -1000, sum = 0, count = 0;
        int size = n == 20   ? 2
                   : n >= 23 ? 5
                             : 3,
            first_h = n == 20   ? 2 * h - 1
                      : n >= 23 ? 0
                                : h - 1,
            first_w = n == 20   ? 2 * w - 1
                      : n >= 23 ? 0
                                : w - 1;
        for (int k = 0; k < size * size; k++) {
            int ih = first_h + k / size, iw = first_w + k % size;
            double v = n == 22 || n == 24 ? real(ih, iw, c) : in(ih, iw, c);
            if (inside(ih, iw) && v > most)
                most = v;
            sum += v;
            count += inside(ih, iw);
        }
        y[at] = n == 20 ? most : n == 21 ? sum / 9 : n == 22 ? out_byte(sum / count) : n == 23 ? sum / 20 : out_byte(most);
    }
}

static void reductions(int n)
{
    if (n == 25)
        EACH(one, w, c, 1, W, C)
        {
            y[at] = (in(0, w, c) + in(1, w, c) + in(2, w, c) + in(3, w, c)) / 4 + one;
        }
    if (n == 26)
        EACH(h, w, one, H, W, 1)
        {
            y[at] = log(exp(in(h, w, 0)) + exp(in(h, w, 1)) + exp(in(h, w, 2))) + one;
        }
    if (n == 27 || n == 47)
        EACH(h, w, one, H, W, 1)
        {
            double sign = n == 27 ? 1 : -1, a = sign * in(h, w, 0), b = sign * in(h, w, 1), c = sign * in(h, w, 2);
            y[at] = (a >= b && a >= c ? 0 : b >= c ? 1 : 2) + one;
        }
    if (n == 28)
        EACH(h, one, c, H, 1, C)
        {
            int best = W - 1 + one;
            for (int w = W - 1; w >= 0; w--)
                best = q[h][w][c] < q[h][best][c] ? w : best;
            y[at] = best;
        }
    if (n == 46)
        EACH(one, w, c, 1, W, C)
        {
            int best = one;
            for (int h = 0; h < H; h++)
                best = q[h][w][c] > q[best][w][c] ? h : best;
            y[at] = best;
        }
}

static void products(int n)
{
    const float *a = &f[0][0][0], *b = p.weights;
    const int8_t *k = p.kernels;
    int columns = n == 31 ? 4 : 2;
    if (n == 30)
        EACH(h, w, c, H, 2, C)
        {
            y[at] = 0;
            for (int i = 0; i < 5; i++)
                y[at] += in(h, i, c) * (double)b[i * 2 + w];
        }
    if (n != 30)
        EACH(h, w, one, 4, columns, 1)
        {
            double sum = one;
            for (int i = 0; i < 15; i++)
                sum += n == 29 ? (double)a[h * 15 + i] * (double)b[w * 15 + i]
                               : ((&q[0][0][0])[h * 15 + i] - p.in_zero) *
                                     (double)(k[i * columns + w] - p.kernel_zeros[n == 31 ? w : 0]);
            if (n == 29)
                y[at] = 0.5 * sum + 2 * (double)p.weights[128 + w];
            else
                y[at] = out_byte((sum + (n == 31 ? p.biases[w] : 0)) * (double)p.in_scale *
                                 (double)p.kernel_scales[n == 31 ? w : 0]);
        }
}

static double share(int n, int h, int w, int c)
{
    double sum = 0;
    if (n == 33)
        for (int i = 0; i < C; i++)
            sum += exp(in(h, w, i) - in(h, w, c));
    if (n == 34)
        for (int i = 0; i < H; i++)
            sum += exp(in(i, w, c) - in(h, w, c));
    if (n == 35)
        for (int i = 0; i < W; i++)
            sum += exp(0.05 * (q[h][i][c] - q[h][w][c]));
    return 1 / sum;
}

static void norms(int n)
{
    EACH(h, w, c, H, W, C)
    {
        double mean = 0, squares = 0;
        for (int k = 0; k < H * W; k++)
            mean += in(k / W, k % W, c) / 20;
        for (int k = 0; k < H * W; k++)
            squares += in(k / W, k % W, c) * in(k / W, k % W, c) / 20;
        if (n == 37)
            y[at] = (in(h, w, c) - mean) / sqrt(squares - mean * mean + 0.125) * (double)p.weights[4 + c] + (double)p.weights[c];
        else if (n == 38) {
            double line = 0;
            for (int k = 0; k < W; k++)
                line += in(h, k, c) * in(h, k, c);
            y[at] = in(h, w, c) / sqrt(line);
        } else
            y[at] = n == 35 ? round(share(n, h, w, c) * 256) - 128 : share(n, h, w, c);
    }
}

static void moves(int n)
{
    if (n == 7)
        EACH(h, w, c, 8, 10, C)
        {
            y[at] = halfway(h, w, c);
        }
    if (n == 8)
        EACH(h, w, c, 8, 10, C)
        {
            y[at] = q[h / 2][w / 2][c];
        }
    if (n == 40)
        EACH(h, w, c, H, W, 5)
        {
            y[at] = c < 3 ? q[h][w][c] : p.kernels[(h * W + w) * 2 + c - 3];
        }
    if (n == 41)
        EACH(h, w, c, 6, W, C)
        {
            y[at] = h < 4 ? in(h, w, c) : (double)p.weights[(h - 4) * 15 + w * 3 + c];
        }
    if (n == 42)
        EACH(h, w, c, H, 2, C)
        {
            y[at] = in(h, w == 0 ? 4 : 3, c);
        }
    if (n == 43)
        EACH(h, w, c, 8, W, 6)
        {
            y[at] = q[h % 4][w][c % 3];
        }
}

/* ---- library functions ---- */

static int16_t kernel_word(int i)
{
    return (int16_t)((uint8_t)p.kernels[2 * i] | p.kernels[2 * i + 1] * 256);
}

static void library(int n)
{
    const int8_t *k = p.kernels;
    int hs = n == 50 || n == 51 || n == 53 ? 2
             : n == 54                     ? 3
                                           : 4,
        ws = n == 49              ? 7
             : n == 52            ? 6
             : n == 53            ? 3
             : n == 50 || n == 51 ? 2
                                  : 5;
    int cs = n == 48 ? 5 : n == 50 || n == 51 ? 6 : n == 52 ? 2 : n == 53 ? 8 : n == 54 ? 4 : 3;
    EACH(h, w, c, hs, ws, cs)
    {
        switch (n) {
        case 48: y[at] = c < 3 ? q[h][w][c] : k[(h * W + w) * 2 + c - 3]; break;
        case 49: y[at] = w < 5 ? q[h][w][c] : k[(h * 2 + w - 5) * 3 + c]; break;
        case 50: y[at] = k[at]; break; /* blocks stay blocks */
        case 51: y[at] = k[c / 2 * 8 + (h * 2 + w) * 2 + c % 2]; break;
        case 52: y[at] = k[((h / 2 * 3 + w / 2) * 4 + h % 2 * 2 + w % 2) * 2 + c]; break;
        case 53: y[at] = k[((h * 2 + c / 4) * 6 + w * 2 + c / 2 % 2) * 2 + c % 2]; break;
        case 54: y[at] = q[c][w][h]; break;
        case 55: y[at] = trunc(in(h, w, c) * 8192 + (in(h, w, c) > 0 ? 0.5 : -0.5)); break;
        case 56: y[at] = kernel_word(at) / 8.0; break;
        case 57: y[at] = (int16_t)(uint16_t)(kernel_word(at) * 4); break;
        case 58: y[at] = q[h][w][c]; break;
        default: y[at] = at < 20 ? q[at / W][at % W][2] : q[(at - 20) / 2 / W][(at - 20) / 2 % W][at % 2]; break;
        }
    }
}

/* By output: who computes it, how an element is stored ('f' float, 'b' byte, 'h' int16, 'i' int32) and how far it may be off. */
static const struct {
    void (*expect)(int n);
    char type;
    double tolerance; /* floats: float32 rounds each step, relative; softmax of integers: one step of its table arithmetic */
} outputs[60] = {
    {elements, 'f', 1e-6},   {elements, 'b', 0},      {elements, 'b', 0},    {convolutions, 'f', 1e-6}, {convolutions, 'f', 1e-6},
    {convolutions, 'b', 0},  {convolutions, 'b', 0},  {moves, 'f', 1e-6},    {moves, 'b', 0},           {elements, 'f', 1e-6},
    {elements, 'f', 1e-6},   {elements, 'f', 1e-6},   {elements, 'f', 1e-6}, {elements, 'f', 1e-6},     {elements, 'f', 1e-6},
    {elements, 'b', 0},      {elements, 'f', 1e-6},   {elements, 'f', 1e-6}, {elements, 'b', 0},        {elements, 'f', 1e-6},
    {pools, 'f', 1e-6},      {pools, 'f', 1e-6},      {pools, 'b', 0},       {pools, 'f', 1e-6},        {pools, 'b', 0},
    {reductions, 'f', 1e-6}, {reductions, 'f', 1e-6}, {reductions, 'i', 0},  {reductions, 'i', 0},      {products, 'f', 1e-6},
    {products, 'f', 1e-6},   {products, 'b', 0},      {products, 'b', 0},    {norms, 'f', 1e-6},        {norms, 'f', 1e-6},
    {norms, 'b', 1},         {elements, 'f', 1e-6},   {norms, 'f', 1e-5},    {norms, 'f', 1e-6},        {elements, 'f', 1e-6},
    {moves, 'b', 0},         {moves, 'f', 0},         {moves, 'f', 0},       {moves, 'b', 0},           {elements, 'f', 1e-6},
    {elements, 'f', 0},      {reductions, 'i', 0},    {reductions, 'i', 0},  {library, 'b', 0},         {library, 'b', 0},
    {library, 'b', 0},       {library, 'b', 0},       {library, 'b', 0},     {library, 'b', 0},         {library, 'b', 0},
    {library, 'h', 0},       {library, 'f', 0},       {library, 'h', 0},     {library, 'b', 0},         {library, 'b', 0}};

static size_t size_of(char type)
{
    return type == 'b' ? 1 : type == 'h' ? 2 : 4;
}

static double stored(char type, const uint8_t *bytes, size_t i)
{
    float number;
    int32_t integer;
    int16_t half;
    switch (type) {
    case 'b': return (int8_t)bytes[i];
    case 'h': memcpy(&half, bytes + i * 2, 2); return half;
    case 'i': memcpy(&integer, bytes + i * 4, 4); return integer;
    default: memcpy(&number, bytes + i * 4, 4); return (double)number;
    }
}

static void compare(const struct lp_shim_result *result, int n)
{
    size_t count = result->output_bytes[n] / size_of(outputs[n].type);
    assert_true(count <= MOST);
    for (size_t i = 0; i < MOST; i++)
        y[i] = NAN; /* not computed: differs from everything */
    outputs[n].expect(n);
    for (size_t i = 0; i < count; i++) {
        double got = stored(outputs[n].type, result->outputs[n], i), scale = outputs[n].type == 'f' ? fabs(y[i]) + 1 : 1;
        if (!(fabs(got - y[i]) <= outputs[n].tolerance * scale))
            fail_msg("%s: element %zu is %.9g, expected %.9g", result->names[n], i, got, y[i]);
    }
    assert_true(count == MOST || isnan(y[count]));
}

static void every_operator_computes_its_definition(void **unused)
{
    (void)unused;
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_shim_result result;
    char folder[] = "/tmp/limpid-operators-XXXXXX", image_path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(image_path, sizeof image_path, "%s/parameters.raw", folder);
    fill();
    assert_int_equal(lp_file_write(&diag, image_path, (const uint8_t *)&p, sizeof p), LP_OK);
    const struct lp_shim_image image = {.place = "0x71000000", .file = image_path};
    const uint8_t *inputs[2] = {(const uint8_t *)f, (const uint8_t *)q};
    const size_t sizes[2] = {sizeof f, sizeof q};
    const struct lp_shim_request request = {.source = "tests/vectors/neural-art/operators/network.c",
                                            .root = ".",
                                            .work_folder = folder,
                                            .images = &image,
                                            .image_count = 1,
                                            .inputs = inputs,
                                            .input_bytes = sizes,
                                            .input_count = 2,
                                            .inferences = 1,
                                            .timeout_s = 60};
    if (lp_shim_run(&arena, &diag, &request, &result) != LP_OK)
        fail_msg("%s%s", lp_text_get(&diag.errors), result.report == NULL ? "" : result.report);
    assert_int_equal(result.output_count, LP_COUNT(outputs));
    for (int n = 0; n < (int)LP_COUNT(outputs); n++)
        compare(&result, n);
    static const char *const files[] = {"glue.c", "network.so", "compiler.log", "parameters.raw"};
    for (size_t i = 0; i < LP_COUNT(files); i++)
        (void)remove(lp_arena_printf(&arena, "%s/%s", folder, files[i]));
    (void)remove(folder);
    lp_arena_free(&arena);
    lp_diag_free(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_operator_computes_its_definition)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
