/* host_time MODEL.tflite [epochs]: microseconds of one inference on this PC, on one pinned thread: the median of many, the smallest, and how
 * many there were; or the microseconds of each epoch. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/session.h"
#include "evaluate/load.h"

enum { MOST_SAMPLES = 50000, WARM_UP = 50, SECONDS = 1 };

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void pin(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)sched_getcpu(), &set);
    (void)sched_setaffinity(0, sizeof set, &set);
}

static lp_status measure(struct lp_session *s, struct lp_loaded *loaded)
{
    static double samples[MOST_SAMPLES];
    size_t count = 0;
    double end = now_us() + SECONDS * 1e6;
    pin();
    uint8_t *input = loaded->desc.inputs[0].data;
    for (size_t i = 0; i < loaded->desc.inputs[0].size_bytes; i++)
        input[i] = (uint8_t)(i * 2654435761u >> 13);
    for (int i = 0; count < MOST_SAMPLES && now_us() < end; i++) {
        double start = now_us();
        lp_status status = lp_network_run(&loaded->net);
        if (status != LP_OK)
            return lp_error(&s->diag, status, "epoch %u fails", (unsigned)loaded->net.failure.epoch);
        if (i >= WARM_UP)
            samples[count++] = now_us() - start;
    }
    qsort(samples, count, sizeof *samples, by_value);
    printf("%.2f %.2f %zu\n", count == 0 ? 0 : samples[count / 2], count == 0 ? 0 : samples[0], count);
    return LP_OK;
}

/* Where the time goes: of each epoch the smallest of many. */
static lp_status measure_epochs(struct lp_session *s, const struct lp_unit *unit, struct lp_loaded *loaded)
{
    for (uint32_t e = 0; e < loaded->desc.epoch_count; e++) {
        const struct lp_epoch *epoch = &loaded->desc.epochs[e];
        double least = 1e9;
        for (int i = 0; i < 2000; i++) {
            double start = now_us();
            lp_status status = epoch->run(epoch->args);
            double took = now_us() - start;
            if (status != LP_OK)
                return lp_error(&s->diag, status, "epoch %u fails", (unsigned)e);
            least = took < least ? took : least;
        }
        const struct lp_op *op = &unit->graph->ops[unit->program->epochs[e].op];
        printf("%8.2f  %-28s %10" PRId64 "  %s\n", least, unit->program->epochs[e].kernel->symbol, unit->program->epochs[e].macs,
               lp_op_name(unit->graph, op));
    }
    return LP_OK;
}

int main(int argc, char **argv)
{
    struct lp_session s = {.options.rounding = LP_ROUNDING_SINGLE};
    struct lp_unit unit = {0};
    struct lp_loaded loaded;
    if (argc != 2 && (argc != 3 || strcmp(argv[2], "epochs") != 0)) {
        fprintf(stderr, "usage: host_time MODEL.tflite [epochs]\n");
        return 2;
    }
    s.model_path = argv[1];
    lp_status status = lp_session_targets(&s, "host");
    if (status == LP_OK)
        status = lp_session_model(&s);
    if (status == LP_OK)
        status = lp_session_compile(&s, &s.targets[0], NULL, &unit);
    if (status == LP_OK)
        status = lp_load(&s.arena, &s.diag, unit.graph, unit.program, unit.plan.peak_bytes, &loaded);
    if (status == LP_OK)
        status = argc == 3 ? measure_epochs(&s, &unit, &loaded) : measure(&s, &loaded);
    return lp_session_close(&s, status, 0);
}
