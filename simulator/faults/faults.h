/* What goes wrong with a board, one thing at a time: at a step (an inference and an epoch, or before all of them) and a place
 * (a memory, a range of addresses). The board knows nothing of it: the faults watch its steps. */
#ifndef LP_SIMULATOR_FAULTS_FAULTS_H
#define LP_SIMULATOR_FAULTS_FAULTS_H

#include "simulator/board/board.h"

enum lp_fault {
    LP_FAULT_NONE,
    LP_FAULT_MEMORY_ASLEEP,     /* `memory` loses its power or clock; external memory is not mapped any more */
    LP_FAULT_MEMORY_DENIED,     /* the firewall refuses the NPU in `memory` */
    LP_FAULT_CONSTANTS_ERASED,  /* the range holds 0xff */
    LP_FAULT_CONSTANTS_CORRUPT, /* every `amount`th byte of the range has a flipped bit */
    LP_FAULT_CONSTANTS_MOVED,   /* what belongs `amount` bytes further on stands in the range */
    LP_FAULT_CONSTANTS_UNSEEN,  /* the NPU's cache holds what was in the range before it was programmed */
    LP_FAULT_CLOCK_OFF,         /* of the NPU */
    LP_FAULT_INTERRUPT_MASKED,  /* of the NPU */
    LP_FAULT_EPOCH_HANGS,
    LP_FAULT_RESULT_LOST,     /* the epoch ends without having stored anything */
    LP_FAULT_CLEAN_LOST,      /* cleaning the range has no effect */
    LP_FAULT_INVALIDATE_LOST, /* invalidating the range has no effect */
    LP_FAULTS                 /* number of them */
};

enum { LP_FAULT_AT_START = UINT32_MAX /* before the first inference, whatever `epoch` says */ };

struct lp_fault_plan {
    enum lp_fault fault;
    uint32_t inference; /* the first in which it strikes, counted from 0; or LP_FAULT_AT_START */
    uint32_t epoch;     /* in that inference; what can come back strikes in every later inference as well */
    uint32_t memory;    /* index of the board's memories */
    uint32_t amount;
    uint64_t address, size_bytes;
};

struct lp_faults {
    struct lp_fault_plan plan;
    uint32_t inferences; /* that have begun */
    uint32_t strikes;
    struct lp_board *board;
    uint8_t *kept; /* what the range held */
};

/* "epoch-hangs" ... */
const char *lp_fault_name(enum lp_fault fault);

/* From now on the board's steps are watched: before lp_board_bring_up for a fault at the start. `faults` stays where it is
 * until the board is closed. */
void lp_faults_arm(struct lp_faults *faults, struct lp_board *board, const struct lp_fault_plan *plan);

/* The fault is repaired and the board no longer watched. What it spoiled in RAM stays. */
void lp_faults_heal(struct lp_faults *faults);

#endif
