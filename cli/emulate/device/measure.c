/* The smallest program that uses one network: linked only to measure the flash of a product, in which it counts as start-up.
 * LP_MEASURED_NETWORK is the symbol of its description. */
#include "runtime/epoch/network.h"
#include "runtime/ports/cortex-m/startup.h"
#include "runtime/ports/port.h"

extern const struct lp_network_desc LP_MEASURED_NETWORK;

int main(void)
{
    static struct lp_network net;
    lp_status status = lp_network_open(&net, &LP_MEASURED_NETWORK, lp_port_default());
    if (status == LP_OK)
        status = lp_network_run(&net);
    return (int)status;
}

_Noreturn void lp_board_fault(const struct lp_fault *fault)
{
    (void)fault;
    for (;;)
        continue;
}

_Noreturn void lp_board_exit(int status)
{
    (void)status;
    for (;;)
        continue;
}
