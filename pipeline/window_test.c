#include "pipeline/window.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { MAX_PLACES = 400, F = 3, MAX_VALUES = 64 * F };

/* The oracle: the whole history as a table, evaluated afterwards. NAN is a missing value, whole rows are lost samples. */
struct history {
    float values[MAX_PLACES][F];
    int count;
};

struct found {
    float first[MAX_PLACES], last[MAX_PLACES], sum[MAX_PLACES]; /* of feature 0, of feature 2, and of all */
    uint32_t time_ms[MAX_PLACES];
    int count;
};

static bool row_complete(const struct history *h, int i)
{
    for (int f = 0; f < F; f++)
        if (!isfinite(h->values[i][f]))
            return false;
    return true;
}

static int run_before(const struct history *h, int i, int f, int begin)
{
    int run = 0;
    while (i - run >= begin && !isfinite(h->values[i - run][f]))
        run++;
    return run;
}

/* One past the last row of the window's life that begins at `begin`. */
static int life_end(const struct history *h, const struct lp_window_config *c, int begin)
{
    for (int i = begin; i < h->count; i++)
        for (int f = 0; f < F; f++) {
            int run = run_before(h, i, f, begin);
            if (run > 0 && (c->gap_rule == LP_GAP_RESTART || run > c->max_gap))
                return i;
        }
    return h->count;
}

static float filled(const struct history *h, const struct lp_window_config *c, int i, int f)
{
    int low = i, high = i;
    while (!isfinite(h->values[low][f]))
        low--;
    if (low == i || c->gap_rule == LP_GAP_HOLD)
        return h->values[low][f];
    while (!isfinite(h->values[high][f]))
        high++;
    float share = (float)(i - low) / (float)(high - low);
    return h->values[low][f] + (h->values[high][f] - h->values[low][f]) * share;
}

/* A window with a value whose gap never ends is not handed out. */
static bool known(const struct history *h, int i, int f, int end)
{
    while (i < end && !isfinite(h->values[i][f]))
        i++;
    return i < end;
}

static void evaluate_life(const struct history *h, const struct lp_window_config *c, int begin, int end, struct found *out)
{
    for (int last = begin + c->samples - 1; last < end; last += c->stride) {
        bool whole = true;
        float sum = 0;
        for (int i = last - c->samples + 1; i <= last; i++)
            for (int f = 0; f < F; f++) {
                whole = whole && known(h, i, f, end);
                sum += whole ? filled(h, c, i, f) : 0;
            }
        if (!whole)
            break;
        out->first[out->count] = filled(h, c, last - c->samples + 1, 0);
        out->last[out->count] = filled(h, c, last, 2);
        out->sum[out->count] = sum;
        out->time_ms[out->count++] = (uint32_t)last;
    }
}

static void evaluate(const struct history *h, const struct lp_window_config *c, struct found *out)
{
    out->count = 0;
    for (int begin = 0; begin < h->count;) {
        if (!row_complete(h, begin)) {
            begin++;
            continue;
        }
        int end = life_end(h, c, begin);
        evaluate_life(h, c, begin, end, out);
        begin = end;
    }
}

/* The same history through the code under test; rows that are all NAN are not pushed but left as holes in the time stamps. */
static void run(const struct history *h, const struct lp_window_config *c, uint32_t start_ms, struct found *out,
                struct lp_window_counters *counters)
{
    float values[MAX_VALUES];
    uint16_t missing_run[F];
    struct lp_window window;
    uint32_t need = lp_window_value_count(c);
    assert_true(need <= MAX_VALUES);
    assert_int_equal(lp_window_open(&window, c, values, need, missing_run), LP_OK);
    out->count = 0;
    for (int i = 0; i < h->count; i++) {
        if (isnan(h->values[i][0]) && isnan(h->values[i][1]) && isnan(h->values[i][2]))
            continue;
        lp_window_push(&window, start_ms + (uint32_t)i * c->period_ms, h->values[i]);
        uint32_t time_ms = 0;
        while (lp_window_next(&window, &time_ms)) {
            float sum = 0;
            for (uint32_t t = 0; t < c->samples; t++)
                for (int f = 0; f < F; f++)
                    sum += lp_window_sample(&window, t)[f];
            out->first[out->count] = lp_window_sample(&window, 0)[0];
            out->last[out->count] = lp_window_sample(&window, c->samples - 1u)[2];
            out->sum[out->count] = sum;
            out->time_ms[out->count++] = (time_ms - start_ms) / c->period_ms;
        }
    }
    *counters = window.counters;
}

static void expect_equal(const struct found *got, const struct found *want)
{
    assert_int_equal(got->count, want->count);
    for (int i = 0; i < got->count; i++) {
        assert_int_equal(got->time_ms[i], want->time_ms[i]);
        assert_true(fabsf(got->first[i] - want->first[i]) < 1e-3f);
        assert_true(fabsf(got->last[i] - want->last[i]) < 1e-3f);
        assert_true(fabsf(got->sum[i] - want->sum[i]) < 0.1f);
    }
}

static void fill(struct history *h, int count)
{
    h->count = count;
    for (int i = 0; i < count; i++)
        for (int f = 0; f < F; f++)
            h->values[i][f] = (float)((i * i + 7 * f) % 97) + 0.5f * (float)f;
}

static void no_gap_gives_every_window_at_its_stride(void **state)
{
    (void)state;
    static struct history h;
    struct found got, want;
    struct lp_window_counters counters;
    fill(&h, 100);
    for (uint16_t samples = 1; samples <= 9; samples += 2)
        for (uint16_t stride = 1; stride <= 12; stride++)
            for (uint16_t max_gap = 0; max_gap <= 3; max_gap++) {
                struct lp_window_config c = {samples, F, stride, max_gap, 10, LP_GAP_HOLD};
                evaluate(&h, &c, &want);
                run(&h, &c, UINT32_MAX - 400, &got, &counters);
                expect_equal(&got, &want);
                assert_int_equal(got.count, 1 + (100 - samples) / stride);
                assert_int_equal(counters.windows, got.count);
                assert_int_equal(counters.samples, 100);
                assert_int_equal(counters.filled_values + counters.lost_samples + counters.restarts + counters.repeated, 0);
            }
}

/* A gap of every length at every position, of whole samples and of one feature, for every rule. */
static void a_gap_at_every_position_follows_the_rule(void **state)
{
    (void)state;
    static struct history h;
    struct found got, want;
    struct lp_window_counters counters;
    for (int rule = LP_GAP_HOLD; rule <= LP_GAP_RESTART; rule++)
        for (int at = 0; at < 30; at++)
            for (int length = 1; length <= 5; length++)
                for (int kind = 0; kind < 2 * F; kind++) {
                    fill(&h, 40);
                    for (int i = at; i < at + length; i++)
                        for (int f = 0; f < F; f++)
                            if (kind >= F || f == kind)
                                h.values[i][f] = kind > F ? INFINITY : NAN;
                    struct lp_window_config c = {(uint16_t)(1 + kind * 2), F, (uint16_t)(1 + at % 4), 3, 7,
                                                 (enum lp_gap_rule)rule};
                    evaluate(&h, &c, &want);
                    run(&h, &c, UINT32_MAX - 100, &got, &counters);
                    expect_equal(&got, &want);
                    bool restarts = at > 0 && (rule == LP_GAP_RESTART || length > 3);
                    assert_int_equal(counters.restarts, restarts ? 1 : 0);
                    assert_int_equal(counters.lost_samples, kind == F && at > 0 ? length : 0);
                    assert_int_equal(counters.missing_values, kind < F ? length : kind == F ? 0 : length * F);
                }
}

static void many_random_gaps_agree_with_the_whole_history(void **state)
{
    (void)state;
    static struct history h;
    struct found got, want;
    struct lp_window_counters counters;
    uint32_t random = 12345;
    for (int round = 0; round < 600; round++) {
        fill(&h, 300);
        for (int i = 0; i < h.count; i++)
            for (int f = 0; f < F; f++) {
                random = random * 1664525u + 1013904223u;
                if ((random >> 16) % 100 < (uint32_t)(round % 30))
                    h.values[i][f] = (random & 0x8000u) ? NAN : -INFINITY;
            }
        struct lp_window_config c = {(uint16_t)(1 + round % 11), F,  (uint16_t)(1 + round % 5),
                                     (uint16_t)(round % 6),      10, (enum lp_gap_rule)(round % 3)};
        evaluate(&h, &c, &want);
        run(&h, &c, random, &got, &counters);
        expect_equal(&got, &want);
        assert_int_equal(counters.windows, want.count);
    }
}

static void a_gap_longer_than_the_counter_range_ends_at_once(void **state)
{
    (void)state;
    float values[8], sample[1] = {1.0f};
    uint16_t missing_run[1];
    struct lp_window window;
    struct lp_window_config c = {2, 1, 1, 6, 1, LP_GAP_HOLD};
    assert_int_equal(lp_window_open(&window, &c, values, 8, missing_run), LP_OK);
    lp_window_push(&window, 0, sample);
    lp_window_push(&window, 0x7ffffff0u, sample); /* two thousand million samples missing */
    assert_int_equal(window.counters.restarts, 1);
    assert_int_equal(window.counters.lost_samples, 0x7ffffff0u - 1u);
    assert_false(lp_window_next(&window, NULL));
    lp_window_push(&window, 0x7ffffff1u, sample);
    assert_true(lp_window_next(&window, NULL));
}

static void repeated_and_backward_time_stamps_are_counted(void **state)
{
    (void)state;
    float values[8];
    uint16_t missing_run[1];
    struct lp_window window;
    struct lp_window_config c = {3, 1, 1, 2, 100, LP_GAP_HOLD};
    assert_int_equal(lp_window_open(&window, &c, values, 8, missing_run), LP_OK);
    float sample[1] = {1};
    lp_window_push(&window, 1000, sample);
    sample[0] = 2;
    lp_window_push(&window, 1040, sample); /* again for the first moment: dropped */
    lp_window_push(&window, 1100, sample);
    assert_int_equal(window.counters.repeated, 1);
    sample[0] = 3;
    lp_window_push(&window, 500, sample); /* the clock was set back */
    assert_int_equal(window.counters.backwards, 1);
    assert_int_equal(window.counters.restarts, 1);
    lp_window_push(&window, 600, sample);
    assert_false(lp_window_next(&window, NULL));
    lp_window_push(&window, 700, sample);
    uint32_t time_ms = 0;
    assert_true(lp_window_next(&window, &time_ms));
    assert_int_equal(time_ms, 700);
    assert_true(lp_window_sample(&window, 0)[0] == 3.0f);
}

static void windows_not_fetched_are_counted(void **state)
{
    (void)state;
    float values[8], sample[1] = {1};
    uint16_t missing_run[1];
    struct lp_window window;
    struct lp_window_config c = {2, 1, 1, 2, 100, LP_GAP_INTERPOLATE};
    assert_int_equal(lp_window_open(&window, &c, values, 8, missing_run), LP_OK);
    for (uint32_t i = 0; i < 5; i++)
        lp_window_push(&window, i * 100, sample);
    assert_int_equal(window.counters.skipped_windows, 3);
    assert_int_equal(window.counters.windows, 0);
    assert_true(lp_window_next(&window, NULL));
    assert_int_equal(window.counters.windows, 1);
}

static void numbers_out_of_range_are_refused(void **state)
{
    (void)state;
    float values[64];
    uint16_t missing_run[1];
    struct lp_window window;
    static const struct lp_window_config bad[] = {
        {0, 1, 1, 0, 10, LP_GAP_HOLD}, {4, 0, 1, 0, 10, LP_GAP_HOLD},          {4, 1, 0, 0, 10, LP_GAP_HOLD},
        {4, 1, 1, 0, 0, LP_GAP_HOLD},  {4, 1, 1, 0, 0x80000000u, LP_GAP_HOLD}, {4, 1, 1, 0, 10, (enum lp_gap_rule)3},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(lp_window_open(&window, &bad[i], values, 64, missing_run), LP_BAD_ARGUMENT);
    struct lp_window_config big = {UINT16_MAX, UINT16_MAX, 1, UINT16_MAX, 10, LP_GAP_HOLD};
    assert_int_equal(lp_window_open(&window, &big, values, 64, missing_run), LP_OUT_OF_MEMORY);
    struct lp_window_config c = {5, 1, 1, 3, 10, LP_GAP_HOLD};
    assert_int_equal(lp_window_open(&window, &c, values, 7, missing_run), LP_OUT_OF_MEMORY);
    assert_int_equal(lp_window_open(&window, &c, values, 8, missing_run), LP_OK);
    assert_int_equal(lp_window_open(&window, &c, NULL, 8, missing_run), LP_BAD_ARGUMENT);
    assert_int_equal(lp_window_open(&window, &c, values, 8, NULL), LP_BAD_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_gap_gives_every_window_at_its_stride),
        cmocka_unit_test(a_gap_at_every_position_follows_the_rule),
        cmocka_unit_test(many_random_gaps_agree_with_the_whole_history),
        cmocka_unit_test(a_gap_longer_than_the_counter_range_ends_at_once),
        cmocka_unit_test(repeated_and_backward_time_stamps_are_counted),
        cmocka_unit_test(windows_not_fetched_are_counted),
        cmocka_unit_test(numbers_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
