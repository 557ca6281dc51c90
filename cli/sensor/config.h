/* The INI file of `limpid sensor`. */
#ifndef LP_CLI_SENSOR_CONFIG_H
#define LP_CLI_SENSOR_CONFIG_H

#include "cli/sensor/order.h"
#include "modbus/registers.h"

enum lp_sensor_transport { LP_SENSOR_TCP, LP_SENSOR_RTU, LP_SENSOR_PTY };
enum { LP_SENSOR_MAX_ORDERS = 256 };

struct lp_sensor_channel {
    uint16_t address;
    struct lp_register_format format;
};

struct lp_sensor_config {
    struct lp_machine machine;
    struct lp_sensor_channel channels[LP_MACHINE_MAX_CHANNELS]; /* by channel of the machine */
    enum lp_sensor_transport transport;
    const char *host;   /* tcp */
    uint16_t port;      /* tcp; 0: any free one */
    const char *device; /* rtu */
    const char *link;   /* pty: a symbolic link to make, null for none */
    uint32_t baud;
    char parity; /* 'N', 'E', 'O' */
    uint8_t stop_bits;
    uint8_t unit;
    uint64_t seed;
    uint32_t start_state;
    bool step_by_request;     /* a sample for each request to read, instead of one each sample period */
    uint16_t control_address; /* holding registers: here the fault, behind it the state */
    struct lp_sensor_order orders[LP_SENSOR_MAX_ORDERS]; /* by time */
    uint32_t order_count;
};

/* What [channel NAME] may say is the same for every channel; this documents all keys for --help. */
extern const char lp_sensor_config_help[];

lp_status lp_sensor_config_read(struct lp_arena *arena, struct lp_diag *diag, const char *path, struct lp_sensor_config *config);

#endif
