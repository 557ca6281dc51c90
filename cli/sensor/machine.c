#include "cli/sensor/machine.h"

#include "compiler/base/file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double knocks_per_sample = 0.12, knock_decay = 0.6;
static const double full_turn = 6.283185307179586;

/* splitmix64: one state word, any seed is good. */
static double uniform(struct lp_machine *m, double low, double high)
{
    m->random += 0x9e3779b97f4a7c15u;
    uint64_t z = m->random;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return low + (high - low) * ((double)(z >> 11) / 9007199254740992.0);
}

/* Twelve uniform numbers add up to a normal one closely enough, without functions that differ between C libraries. */
static double normal(struct lp_machine *m)
{
    double sum = -6.0;
    for (int i = 0; i < 12; i++)
        sum += uniform(m, 0.0, 1.0);
    return sum;
}

static lp_status read_labels(struct lp_arena *arena, struct lp_diag *diag, const char *path, struct lp_machine *m)
{
    const uint8_t *bytes = NULL;
    size_t length = 0;
    lp_status status = lp_file_read(arena, diag, path, 4096, &bytes, &length);
    if (status != LP_OK)
        return status;
    const char *next = (const char *)bytes, *end = next + length;
    while (next < end) {
        size_t line = strcspn(next, "\r\n");
        if (line != 0 && m->state_count == LP_MACHINE_MAX_STATES)
            return lp_error(diag, LP_BAD_INPUT, "%s names more than %d states", path, LP_MACHINE_MAX_STATES);
        if (line != 0 && (m->states[m->state_count++] = lp_arena_text(arena, next, line)) == NULL)
            return lp_no_memory(diag);
        next += line;
        while (next < end && (*next == '\r' || *next == '\n' || *next == '\0'))
            next++;
    }
    if (m->state_count == 0)
        return lp_error(diag, LP_BAD_INPUT, "%s names no state", path);
    return LP_OK;
}

static lp_status need_real(struct lp_ini *ini, struct lp_ini_section *section, const char *key, double low, double high,
                           double *out)
{
    if (lp_ini_key(ini, section, key) == NULL)
        return lp_ini_missing(ini, section, key, "the simulated machine needs it");
    return lp_ini_real(ini, section, key, low, high, out);
}

static lp_status read_channel(struct lp_ini *ini, struct lp_machine *m, struct lp_ini_section *section)
{
    struct lp_machine_channel *c = &m->channels[m->channel_count];
    *c = (struct lp_machine_channel){.unit = ""};
    lp_status status = lp_ini_text(ini, section, "name", &c->name);
    if (status == LP_OK && c->name == NULL)
        status = lp_ini_missing(ini, section, "name", "the channel's name");
    if (status == LP_OK)
        status = lp_ini_text(ini, section, "unit", &c->unit);
    if (status == LP_OK)
        status = need_real(ini, section, "resolution", 1e-9, 1e9, &c->resolution);
    if (status == LP_OK)
        status = need_real(ini, section, "lag_samples", 1, 1e6, &c->lag_samples);
    if (status == LP_OK)
        status = need_real(ini, section, "load_share", -1, 1, &c->load_share);
    if (status == LP_OK)
        status = need_real(ini, section, "noise", 0, 1e9, &c->noise);
    for (uint32_t s = 0; s < m->state_count && status == LP_OK; s++) {
        const char *key = lp_arena_printf(ini->arena, "level_%s", m->states[s]);
        status = key == NULL ? lp_no_memory(ini->diag) : need_real(ini, section, key, -1e9, 1e9, &c->level[s]);
    }
    m->channel_count += status == LP_OK;
    return status;
}

lp_status lp_machine_read(struct lp_arena *arena, struct lp_diag *diag, const char *path, struct lp_machine *m)
{
    struct lp_ini ini = {0};
    struct lp_ini_section *model = NULL;
    *m = (struct lp_machine){0};
    lp_status status = lp_ini_read(arena, diag, path, &ini);
    if (status == LP_OK)
        status = lp_ini_need_section(&ini, "model", "it says what the channels are", &model);
    const char *labels = "sensor.labels.txt";
    int64_t features = 0, period_ms = 100;
    if (status == LP_OK)
        status = lp_ini_text(&ini, model, "labels", &labels);
    if (status == LP_OK)
        status = lp_ini_whole(&ini, model, "sample_period_ms", 1, 3600000, &period_ms);
    if (status == LP_OK)
        status = lp_ini_whole(&ini, model, "features", 1, LP_MACHINE_MAX_CHANNELS, &features);
    if (status == LP_OK && features == 0)
        status = lp_ini_missing(&ini, model, "features", "the number of channels");
    const char *labels_path = status == LP_OK ? lp_ini_path(&ini, labels) : NULL;
    if (status == LP_OK)
        status = labels_path == NULL ? lp_no_memory(diag) : read_labels(arena, diag, labels_path, m);
    m->sample_period_ms = (uint32_t)period_ms;
    for (int64_t i = 0; i < features && status == LP_OK; i++) {
        char name[32];
        struct lp_ini_section *section = NULL;
        snprintf(name, sizeof name, "feature.%d", (int)i);
        status = lp_ini_need_section(&ini, name, "one section for each of the model's features", &section);
        if (status == LP_OK)
            status = read_channel(&ini, m, section);
    }
    m->normal = lp_machine_find_state(m, "normal");
    m->imbalance = lp_machine_find_state(m, "imbalance");
    m->bearing_wear = lp_machine_find_state(m, "bearing_wear");
    return status;
}

/* Where the reading would settle. A fault departs from `normal` by its strength. */
static double settled(const struct lp_machine *m, const struct lp_machine_channel *c)
{
    double level = c->level[m->state];
    if (m->normal >= 0 && (int)m->state > m->normal)
        level = c->level[m->normal] + m->strength * (level - c->level[m->normal]);
    return level * c->gain * (1.0 + c->load_share * m->load);
}

void lp_machine_start(struct lp_machine *m, uint32_t state, uint64_t seed)
{
    m->random = seed;
    m->state = state;
    m->load = uniform(m, -0.5, 0.5);
    m->phase = uniform(m, 0.0, 1.0);
    m->turns_per_sample = uniform(m, 0.10, 0.16);
    m->strength = uniform(m, 0.6, 1.3);
    m->knock = 0.0;
    for (uint32_t i = 0; i < m->channel_count; i++) {
        struct lp_machine_channel *c = &m->channels[i];
        c->gain = uniform(m, 0.96, 1.04);
        c->drift = 0.0;
        c->reading = settled(m, c);
    }
    lp_machine_step(m);
}

void lp_machine_set_state(struct lp_machine *m, uint32_t state)
{
    if (state == m->state)
        return;
    m->state = state;
    m->strength = uniform(m, 0.6, 1.3);
}

void lp_machine_step(struct lp_machine *m)
{
    m->load = 0.98 * m->load + 0.05 * normal(m);
    m->phase += m->turns_per_sample;
    m->phase -= floor(m->phase);
    bool wears = m->bearing_wear >= 0 && (int)m->state == m->bearing_wear;
    bool knocks = uniform(m, 0.0, 1.0) < knocks_per_sample;
    double height = uniform(m, 0.5, 1.5);
    m->knock = knock_decay * m->knock + (knocks && wears ? height : 0.0);
    double beat = m->imbalance >= 0 && (int)m->state == m->imbalance ? m->strength : 0.0;
    for (uint32_t i = 0; i < m->channel_count; i++) {
        struct lp_machine_channel *c = &m->channels[i];
        c->drift = 0.995 * c->drift + 0.08 * c->noise * normal(m);
        c->reading += (settled(m, c) - c->reading) / c->lag_samples;
        c->value = c->reading + c->drift + c->noise * normal(m);
        c->value += beat * c->beat * sin(full_turn * (m->phase + c->beat_shift_turns)) + m->knock * c->knock;
        if (c->value < 0.0)
            c->value = 0.0;
    }
}

int lp_machine_find_state(const struct lp_machine *m, const char *name)
{
    for (uint32_t i = 0; i < m->state_count; i++)
        if (strcmp(m->states[i], name) == 0)
            return (int)i;
    return -1;
}

int lp_machine_find_channel(const struct lp_machine *m, const char *name)
{
    for (uint32_t i = 0; i < m->channel_count; i++)
        if (strcmp(m->channels[i].name, name) == 0)
            return (int)i;
    return -1;
}
