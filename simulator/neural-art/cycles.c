#include "simulator/neural-art/executor.h"

/* Configuration by the CPU is not in here; this is what an epoch takes from its first to its last word beyond the words
 * themselves, measured on boards (docs/simulator.md has the calibration). */
enum { EPOCH_START_AND_DRAIN_CYCLES = 1900 };

/* A port moves one word a cycle, and a unit is as slow as its busiest port. */
uint64_t lp_sim_unit_cycles(const struct lp_sim_unit_report *unit)
{
    uint64_t cycles = unit->words_out;
    for (int port = 0; port < LP_NPU_MOST_PORTS; port++)
        cycles = unit->words_in[port] > cycles ? unit->words_in[port] : cycles;
    return cycles;
}

/* Units work at the same time: the slowest decides. */
uint64_t lp_sim_epoch_cycles(const struct lp_sim_epoch_report *epoch)
{
    uint64_t cycles = 0;
    for (uint32_t i = 0; i < epoch->unit_count; i++)
        cycles = epoch->units[i].cycles > cycles ? epoch->units[i].cycles : cycles;
    return epoch->unit_count == 0 ? 0 : cycles + EPOCH_START_AND_DRAIN_CYCLES;
}
