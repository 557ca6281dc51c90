/* What the processor's code calls on the board has the names of the vendor's library, of CMSIS and of HAL: the run loop of
 * LL_ATON (neural-art/shim has its headers), cache maintenance and the clock (hal/). A network is a program of the NPU with
 * the instance that LL_ATON_RT_RunEpochBlock takes. */
#ifndef LP_SIMULATOR_BOARD_VENDOR_H
#define LP_SIMULATOR_BOARD_VENDOR_H

#include "simulator/board/npu.h"

struct lp_board_network; /* holds an NN_Instance_TypeDef */

/* Connects `npu` (filled in by the caller but for its state) to an instance. `npu` and what it names outlive it; it lives in
 * `arena`. The board that lp_cpu_enter named last runs it. */
lp_status lp_board_network_open(struct lp_arena *arena, struct lp_board_npu *npu, struct lp_board_network **out);

/* The NN_Instance_TypeDef, as the driver takes it. */
void *lp_board_network_instance(struct lp_board_network *network);

#endif
