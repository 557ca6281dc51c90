/* Runs a network that the compiler wrote (contract/network.h). Neither allocates nor prints; one network is used by one
 * thread at a time; several networks are independent when their arenas are. */
#ifndef LP_EPOCH_NETWORK_H
#define LP_EPOCH_NETWORK_H

#include "contract/network.h"
#include "runtime/ports/port.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* In lp_failure.epoch: the failure lies in no epoch. */
#define LP_NO_EPOCH UINT16_MAX

/* The state of one open network; in RAM, filled by lp_network_open. A zeroed one is closed. */
struct lp_network {
    const struct lp_network_desc *desc; /* null until lp_network_open succeeded */
    const struct lp_port *port;
    struct lp_failure failure; /* the first cause since lp_network_open; read it when a function did not return LP_OK */
};

/* Checks everything that can be checked before the first run, then connects `net` to its constants and its hardware, which
 * both must outlive it. Earlier contents of `net` don't matter. Not before the memories that it uses are powered and mapped.
 *   LP_BAD_ARGUMENT     a null pointer, also inside the description; a port with a missing function
 *   LP_BAD_ABI          the description was written for another runtime
 *   LP_MEMORY_FAULT     arena or weights not aligned, an input or output outside the arena, or an end of the arena that does
 *                       not read back what was written (its contents are restored)
 *   LP_WEIGHTS_CORRUPT  the weights in memory are not those that the compiler wrote
 *   and whatever the setup of a network for an accelerator finds (runtime/npu/npu.h)
 * After an error the network is closed: lp_network_run refuses, and lp_network_input and _output give null. */
LP_MUST_USE lp_status lp_network_open(struct lp_network *net, const struct lp_network_desc *desc, const struct lp_port *port);

/* One inference: all epochs in order. Inputs are written before; they may be overwritten by the run.
 * The first kernel that fails ends the run: its status is returned, net->failure names the epoch, and every further run is
 * refused with the same status until lp_network_open succeeds again. LP_BAD_ARGUMENT for a closed network. */
LP_MUST_USE lp_status lp_network_run(struct lp_network *net);

/* Where input or output `i` lies in the arena; null when there is no such index or the network is closed. An output is
 * valid from a successful run until the next run or the next write to an input. */
void *lp_network_input(const struct lp_network *net, uint32_t i);
const void *lp_network_output(const struct lp_network *net, uint32_t i);

/* Its size; 0 when there is no such index or the network is closed. */
uint32_t lp_network_input_bytes(const struct lp_network *net, uint32_t i);
uint32_t lp_network_output_bytes(const struct lp_network *net, uint32_t i);

#ifdef __cplusplus
}
#endif

#endif
