/* The simulated Modbus device: listens, answers by libmodbus, plays the machine, and misbehaves as ordered. */
#ifndef LP_CLI_SENSOR_DEVICE_H
#define LP_CLI_SENSOR_DEVICE_H

#include "cli/sensor/config.h"
#include "cli/sensor/pty.h"

#include <modbus/modbus.h>

enum { LP_DEVICE_MAX_CLIENTS = 8, LP_DEVICE_REGISTERS = 65536 };

struct lp_device {
    struct lp_sensor_config *config;
    struct lp_diag *diag;
    modbus_t *modbus;
    modbus_mapping_t *registers; /* input and holding registers hold the same samples; those in between read 0 */
    struct lp_pty pty;
    int listener; /* tcp; -1 otherwise */
    int clients[LP_DEVICE_MAX_CLIENTS];
    uint32_t client_count;
    char where[160];       /* "tcp 127.0.0.1:1502", "rtu /dev/ttyS0", "pty /dev/pts/3" */
    uint32_t top_register; /* one past the highest that exists */
    /* The fault at work. */
    enum lp_sensor_fault fault;
    uint32_t fault_requests;
    int64_t fault_argument;
    int64_t deaf_until_ms;
    /* What happened, for the summary. */
    uint32_t requests, faulted;
    uint32_t steps; /* samples taken by requests */
    uint32_t next_order;
    int64_t start_ms, next_sample_ms;
    bool quit;
};

/* Opens the line; `config` and `diag` must outlive the device. After an error nothing is left open. */
lp_status lp_device_open(struct lp_device *device, struct lp_sensor_config *config, struct lp_diag *diag);

/* Serves until the order to quit, or until *stop is not zero. input_fd: orders, a line each; -1 for none. Events are printed to
 * standard output. */
lp_status lp_device_serve(struct lp_device *device, int input_fd, const volatile int *stop);

void lp_device_close(struct lp_device *device);

/* Carries out an order now; a sentence for people goes to `said`. */
void lp_device_order(struct lp_device *device, const struct lp_sensor_order *order, char *said, size_t said_bytes);

/* Serves one request that lies ready on this descriptor; false when the connection is over. */
bool lp_device_answer(struct lp_device *device, int fd);

#endif
