#include "pipeline/softmax.h"

#include <string.h>

/* e^x = 2^n * e^r with |r| <= ln(2) / 2: ln(2) is split in two so that n * high is exact; the series of e^r to the seventh
 * power is below float32's resolution there. */
float lp_exp_negative(float x)
{
    static const float log2_of_e = 1.44269504f, ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
    static const float series[] = {1.0f / 5040, 1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f};
    if (!(x > -87.3f)) /* also NaN */
        return 0.0f;
    if (x >= 0.0f)
        return 1.0f;
    int32_t n = (int32_t)(x * log2_of_e - 0.5f);
    float r = x - (float)n * ln2_high;
    r = r - (float)n * ln2_low;
    float sum = series[0];
    for (uint32_t i = 1; i < sizeof series / sizeof series[0]; i++)
        sum = sum * r + series[i];
    float e = (sum * r) * r + r + 1.0f;
    uint32_t bits = (uint32_t)(n + 127) << 23; /* n is -126..0 here */
    float power;
    memcpy(&power, &bits, sizeof power);
    return e * power;
}

uint32_t lp_argmax(const float *values, uint32_t count)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < count; i++)
        if (values[i] > values[best])
            best = i;
    return best;
}

void lp_softmax(float *values, uint32_t count)
{
    float largest = values[lp_argmax(values, count)];
    float sum = 0.0f;
    for (uint32_t i = 0; i < count; i++) {
        values[i] = lp_exp_negative(values[i] - largest);
        sum += values[i];
    }
    for (uint32_t i = 0; i < count; i++)
        values[i] /= sum;
}
