/* The machine behind the simulated device: what its sensors would read, one sample after the other, in real units.
 *
 * The same model of a machine as models/making/machine.py, whose numbers it reads from the model's INI file: every channel
 * follows
 * the level of the state with a first-order lag; the load wanders; channels have gain, noise and drift; faults come in 0.6 to 1.3
 * of their full strength; `imbalance` makes channels beat, `bearing_wear` makes them knock. A seed gives the same samples
 * always. */
#ifndef LP_CLI_SENSOR_MACHINE_H
#define LP_CLI_SENSOR_MACHINE_H

#include "cli/ini/ini_file.h"

enum { LP_MACHINE_MAX_CHANNELS = 64, LP_MACHINE_MAX_STATES = 16 };

struct lp_machine_channel {
    const char *name;
    const char *unit;
    double resolution; /* one count of the register, in the unit */
    double lag_samples, load_share, noise;
    double level[LP_MACHINE_MAX_STATES];
    double beat, beat_shift_turns, knock; /* amplitudes in the unit; 0 unless the sensor's own configuration says otherwise */
    double gain, drift, reading;          /* state of the simulation */
    double value;                         /* the sample now */
};

struct lp_machine {
    struct lp_machine_channel channels[LP_MACHINE_MAX_CHANNELS];
    const char *states[LP_MACHINE_MAX_STATES];
    uint32_t channel_count, state_count;
    uint32_t sample_period_ms;
    int normal, imbalance, bearing_wear; /* indices of the states with these names, -1 when there is none */
    uint32_t state;
    uint64_t random;
    double load, phase, turns_per_sample, strength, knock;
};

/* Reads [model] and [feature.N] of the model's INI file and the labels file that it names. */
lp_status lp_machine_read(struct lp_arena *arena, struct lp_diag *diag, const char *path, struct lp_machine *machine);

/* Starts the simulation settled in `state`; the first sample is there after it. */
void lp_machine_start(struct lp_machine *machine, uint32_t state, uint64_t seed);

/* Another state from the next sample on. */
void lp_machine_set_state(struct lp_machine *machine, uint32_t state);

/* One sample period on. */
void lp_machine_step(struct lp_machine *machine);

/* Index of a state's or channel's name, -1 when there is none. */
int lp_machine_find_state(const struct lp_machine *machine, const char *name);
int lp_machine_find_channel(const struct lp_machine *machine, const char *name);

#endif
