#define _GNU_SOURCE
#include "cli/monitor/source.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

struct worker {
    struct lp_poller *poller;
    struct lp_link link;
    pthread_t thread;
    uint64_t asked, done; /* number of polls; equal when the line is at rest */
    float values[LP_MONITOR_MAX_FEATURES];
    struct lp_device_counters counters[LP_MONITOR_MAX_DEVICES]; /* copied when a poll ends */
    uint64_t overdue[LP_MONITOR_MAX_DEVICES];                   /* good polls that ended after their sample's time */
    bool too_late;                                              /* the poll at work is */
    bool started;
};

struct lp_poller {
    const struct lp_monitor_config *config;
    pthread_mutex_t mutex;
    pthread_cond_t asked, ended;
    bool stop;
    int wake_fd;
    uint64_t not_asked[LP_MONITOR_MAX_LINES]; /* samples for which the line was still busy */
    struct worker workers[LP_MONITOR_MAX_LINES];
};

static int64_t real_now_us(void *ctx)
{
    (void)ctx;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static struct timespec timespec_of(int64_t time_us)
{
    return (struct timespec){.tv_sec = (time_t)(time_us / 1000000), .tv_nsec = (long)(time_us % 1000000) * 1000};
}

static void real_sleep_until_us(void *ctx, int64_t time_us)
{
    (void)ctx;
    struct timespec until = timespec_of(time_us);
    (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL); /* a signal ends it early, as it should */
}

const struct lp_monitor_clock lp_monitor_real_clock = {NULL, real_now_us, real_sleep_until_us};

static void *work(void *argument)
{
    struct worker *w = argument;
    struct lp_poller *p = w->poller;
    float values[LP_MONITOR_MAX_FEATURES];
    pthread_mutex_lock(&p->mutex);
    while (!p->stop) {
        if (w->asked == w->done) {
            pthread_cond_wait(&p->asked, &p->mutex);
            continue;
        }
        pthread_mutex_unlock(&p->mutex);
        lp_link_poll(&w->link, values);
        pthread_mutex_lock(&p->mutex);
        memcpy(w->values, values, sizeof values);
        for (uint32_t d = 0; d < p->config->device_count && w->too_late; d++)
            w->overdue[d] += w->link.counters[d].faults[LP_POLL_FINE] - w->counters[d].faults[LP_POLL_FINE];
        memcpy(w->counters, w->link.counters, sizeof w->counters);
        w->too_late = false;
        w->done = w->asked;
        pthread_cond_broadcast(&p->ended);
    }
    pthread_mutex_unlock(&p->mutex);
    return NULL;
}

static void copy_line(const struct lp_monitor_config *config, uint32_t line, const float *from, float *values)
{
    for (uint32_t f = 0; f < config->feature_count; f++)
        if (config->devices[config->features[f].device].line == line)
            values[f] = from == NULL ? NAN : from[f];
}

/* All lines that were asked at rest have ended. */
static bool all_ended(const struct lp_poller *p, const bool *asked)
{
    for (uint32_t i = 0; i < p->config->line_count; i++)
        if (asked[i] && p->workers[i].asked != p->workers[i].done)
            return false;
    return true;
}

static void sample(void *ctx, uint64_t tick, int64_t deadline_us, float *values)
{
    (void)tick;
    struct lp_poller *p = ctx;
    bool asked[LP_MONITOR_MAX_LINES];
    struct timespec until = timespec_of(deadline_us);
    pthread_mutex_lock(&p->mutex);
    for (uint32_t i = 0; i < p->config->line_count; i++) {
        struct worker *w = &p->workers[i];
        asked[i] = w->asked == w->done; /* else it is still at an earlier sample, whose values nobody waits for any more */
        w->asked += asked[i];
    }
    pthread_cond_broadcast(&p->asked);
    while (!all_ended(p, asked) && pthread_cond_timedwait(&p->ended, &p->mutex, &until) != ETIMEDOUT)
        continue;
    for (uint32_t i = 0; i < p->config->line_count; i++) {
        struct worker *w = &p->workers[i];
        bool in_time = asked[i] && w->asked == w->done;
        p->not_asked[i] += !asked[i];
        w->too_late = !in_time;
        copy_line(p->config, i, in_time ? w->values : NULL, values);
    }
    pthread_mutex_unlock(&p->mutex);
}

static void counters(void *ctx, uint32_t device, struct lp_device_counters *out)
{
    struct lp_poller *p = ctx;
    uint32_t line = p->config->devices[device].line;
    pthread_mutex_lock(&p->mutex);
    *out = p->workers[line].counters[device];
    out->faults[LP_POLL_FINE] -= p->workers[line].overdue[device];
    out->faults[LP_POLL_LATE] += p->workers[line].overdue[device] + p->not_asked[line];
    out->polls += p->not_asked[line];
    pthread_mutex_unlock(&p->mutex);
}

struct lp_monitor_source lp_poller_source(struct lp_poller *poller)
{
    return (struct lp_monitor_source){poller, sample, counters};
}

/* The threads take no signals: those belong to the main loop. */
static bool start_threads(struct lp_poller *p)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool fine = true;
    for (uint32_t i = 0; i < p->config->line_count && fine; i++) {
        struct worker *w = &p->workers[i];
        w->poller = p;
        lp_link_open(&w->link, p->config, i, p->wake_fd);
        fine = pthread_create(&w->thread, NULL, work, w) == 0;
        w->started = fine;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return fine;
}

lp_status lp_poller_open(struct lp_arena *arena, struct lp_diag *diag, const struct lp_monitor_config *config,
                         struct lp_poller **poller)
{
    struct lp_poller *p = LP_NEW(arena, struct lp_poller);
    if (p == NULL)
        return lp_no_memory(diag);
    pthread_condattr_t attributes;
    p->config = config;
    p->wake_fd = eventfd(0, EFD_CLOEXEC);
    if (p->wake_fd < 0)
        return lp_error(diag, LP_IO, "cannot make an event descriptor: %s", strerror(errno));
    pthread_mutex_init(&p->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&p->asked, &attributes);
    pthread_cond_init(&p->ended, &attributes);
    pthread_condattr_destroy(&attributes);
    *poller = p;
    if (start_threads(p))
        return LP_OK;
    lp_poller_close(p);
    return lp_error(diag, LP_IO, "cannot start a thread for each line");
}

void lp_poller_close(struct lp_poller *p)
{
    uint64_t one = 1;
    pthread_mutex_lock(&p->mutex);
    p->stop = true;
    pthread_cond_broadcast(&p->asked);
    pthread_mutex_unlock(&p->mutex);
    bool woken = write(p->wake_fd, &one, sizeof one) == (ssize_t)sizeof one;
    (void)woken; /* a first write to an event descriptor cannot fail */
    for (uint32_t i = 0; i < p->config->line_count; i++)
        if (p->workers[i].started) {
            pthread_join(p->workers[i].thread, NULL);
            lp_link_close(&p->workers[i].link);
        }
    close(p->wake_fd);
    pthread_cond_destroy(&p->asked);
    pthread_cond_destroy(&p->ended);
    pthread_mutex_destroy(&p->mutex);
}
