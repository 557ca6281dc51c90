/* What the simulated device can be told, by script, on standard input, or through its control register. */
#ifndef LP_CLI_SENSOR_ORDER_H
#define LP_CLI_SENSOR_ORDER_H

#include "cli/sensor/machine.h"

/* Written to the control register, the number is the fault's and the high byte says for how many requests (0 counts as 1). */
enum lp_sensor_fault {
    LP_SENSOR_HEALTHY,
    LP_SENSOR_NO_ANSWER,
    LP_SENSOR_LATE_ANSWER, /* argument: milliseconds, default 300 */
    LP_SENSOR_WRONG_CRC,   /* serial lines only: TCP frames have none */
    LP_SENSOR_EXCEPTION,   /* argument: code, default 4 (device failure) */
    LP_SENSOR_SHORT_FRAME,
    LP_SENSOR_EXTRA_BYTES,
    LP_SENSOR_DISCONNECT, /* TCP: the connection is closed; serial: deaf and mute for the argument's milliseconds, default 500 */
    LP_SENSOR_WRONG_UNIT,
    LP_SENSOR_VALUE_JUMP,   /* argument: number of the channel, which reads ten times its value */
    LP_SENSOR_OUT_OF_RANGE, /* the registers asked for do not exist: exception 2 */
    LP_SENSOR_FAULTS        /* number of the above */
};

enum lp_sensor_order_kind { LP_ORDER_STATE, LP_ORDER_FAULT, LP_ORDER_QUIT };

struct lp_sensor_order {
    enum lp_sensor_order_kind kind;
    double at_s;    /* in a script: seconds after the start */
    uint32_t state; /* LP_ORDER_STATE */
    enum lp_sensor_fault fault;
    uint32_t requests; /* LP_ORDER_FAULT: how many requests are served so, 1.. */
    int64_t argument;  /* -1: the fault's default */
};

extern const char *const lp_sensor_fault_names[LP_SENSOR_FAULTS];

/* "state NAME", "fault NAME [REQUESTS [ARGUMENT]]", "quit". False: `allowed` gets a sentence (static or in a 512 byte buffer). */
bool lp_sensor_read_order(const struct lp_machine *machine, const char *text, struct lp_sensor_order *order, char *allowed,
                          size_t allowed_bytes);

#endif
