/* Networks for an NPU behind the four functions of runtime/epoch/network.h. The compiler writes a struct lp_npu_network; its
 * struct lp_network_desc has one epoch, lp_npu_run, and lp_npu_setup as setup. A driver (neural-art/, null/) connects it to the
 * run loop of the vendor.
 *
 * A run cleans the inputs, resets the vendor's network, walks all blocks with a time-out each, and invalidates the outputs: in
 * this order, always. Neither allocates nor prints. */
#ifndef LP_NPU_NPU_H
#define LP_NPU_NPU_H

#include "contract/network.h"
#include "runtime/ports/port.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { LP_NPU_LINE_BYTES = 32 /* of the processor's data cache */ };

struct lp_npu_range {
    uint8_t *start;
    uint32_t size_bytes;
};

/* Constants that have to lie in memory before the network is opened. */
struct lp_npu_constants {
    const uint8_t *start;
    uint32_t size_bytes, crc32;
};

/* What the vendor's run loop did when it was called. */
enum lp_npu_step {
    LP_NPU_WAITS, /* for the block that runs */
    LP_NPU_ENDED, /* a block; the next call starts the next one */
    LP_NPU_DONE   /* all blocks have ended, the one that was waited for with this call */
};

struct lp_npu_driver {
    lp_status (*open)(void *instance); /* may be called again */
    void (*reset)(void *instance);     /* back to the first block */
    enum lp_npu_step (*step)(void *instance);
    uint32_t (*waits_for)(void *instance, uint32_t block); /* stream engines, bit by number */
};

/* In RAM. */
struct lp_npu_state {
    const struct lp_port *port; /* null: not set up */
    uint16_t block;             /* that runs or ran last */
    uint16_t epoch;             /* the compiler's number of it */
    uint32_t waiting;           /* after a time-out: the stream engines of which one or more did not end, bit by number */
};

/* What a block leaves in memory, for the log of the device. */
struct lp_npu_written {
    uint16_t block;
    struct lp_npu_range range;
};

struct lp_npu_network {
    const struct lp_npu_driver *driver;
    void *instance; /* of the vendor's runtime */
    const struct lp_network_desc *desc;
    struct lp_npu_state *state;
    volatile uint16_t *failed_epoch;  /* set by the blocks when a call failed, 0 otherwise */
    const uint16_t *epochs;           /* by block: the compiler's number */
    const struct lp_npu_range *pools; /* memory that the network writes, by pool */
    const struct lp_npu_constants *constants;
    const struct lp_npu_written *written; /* null when the log was left out */
    uint32_t timeout_us;                  /* of one block */
    uint16_t block_count, written_count;
    uint8_t pool_count, constants_count;
};

/* The setup of struct lp_network_desc: lp_selfcheck, then the driver's open. */
lp_status lp_npu_setup(const struct lp_network_desc *desc, const struct lp_port *port, struct lp_failure *failure);

/* The kernel of the only epoch; `args` is a struct lp_npu_network.
 *   LP_BAD_ARGUMENT  not set up
 *   LP_TIMEOUT       a block did not end: state->epoch and state->waiting say which and what it waits for
 *   LP_INTERNAL      a call of a block failed (state->epoch), or the run loop left blocks out */
lp_status lp_npu_run(const void *args);

/* Everything that can be known before the first inference: each pool takes and gives back a pattern at its ends and in its
 * middle (contents are restored), constants have their CRC, inputs and outputs are aligned to cache lines and share none.
 *   LP_MEMORY_FAULT a pool, LP_WEIGHTS_CORRUPT constants, LP_BAD_ARGUMENT an input or output; failure->epoch is its number. */
lp_status lp_selfcheck(const struct lp_npu_network *n, const struct lp_port *port, struct lp_failure *failure);

/* Fills all outputs with a pattern that no network gives by chance, and writes it to memory: what still stands there after a
 * run was not written by it. */
#define LP_NPU_POISON 0x5au
void lp_npu_poison(const struct lp_npu_network *n);
bool lp_npu_is_poisoned(const struct lp_npu_network *n);

/* Runs two inputs that differ in every byte. *reacts: at least one output byte differs. Inputs and outputs are lost. */
lp_status lp_npu_probe(const struct lp_npu_network *n, bool *reacts);

/* With LP_NPU_LOG defined for all files of the network, opening and every run hand their log, line by line, to `put`
 * (docs/formats.md, limpid-device-log). Null ends the log. */
void lp_npu_log_to(void (*put)(void *ctx, const char *line), void *ctx);

/* Called by lp_npu_setup and lp_npu_run. */
void lp_npu_log_open(const struct lp_npu_network *n, const struct lp_failure *failure);
void lp_npu_log_start(const struct lp_npu_network *n);
void lp_npu_log_block(const struct lp_npu_network *n, uint32_t block);
void lp_npu_log_end(const struct lp_npu_network *n, lp_status status);

extern const struct lp_npu_driver lp_npu_driver_null;       /* refuses: for programs without an NPU */
extern const struct lp_npu_driver lp_npu_driver_neural_art; /* on the vendor's LL_ATON runtime */

#ifdef __cplusplus
}
#endif

#endif
