/* The INI file of `limpid monitor`. */
#ifndef LP_CLI_MONITOR_CONFIG_H
#define LP_CLI_MONITOR_CONFIG_H

#include "cli/ini/ini_file.h"
#include "modbus/frame.h"
#include "modbus/registers.h"
#include "pipeline/pipeline.h"

enum { LP_MONITOR_MAX_LINES = 16, LP_MONITOR_MAX_DEVICES = 32, LP_MONITOR_MAX_FEATURES = 128, LP_MONITOR_MAX_CLASSES = 64 };

/* One TCP connection or one serial port. Devices with the same one share it. */
struct lp_monitor_line {
    bool tcp;
    const char *host;   /* tcp */
    const char *port;   /* tcp: number or name of the service */
    const char *device; /* serial */
    uint32_t baud;
    char parity;
    uint8_t stop_bits;
};

struct lp_monitor_device {
    const char *name;
    uint32_t line;
    uint8_t unit;
    uint32_t timeout_ms;
    uint32_t late_ms; /* serial: silence demanded after a request without an answer */
    uint32_t reconnect_max_ms;
};

struct lp_monitor_feature {
    const char *name;
    const char *unit; /* for people; "" for none */
    uint32_t device;
    enum lp_modbus_function function;
    uint16_t address;
    struct lp_register_format format;
};

/* Registers that one request reads: neighbours of the same device and kind. */
struct lp_monitor_block {
    uint32_t device;
    enum lp_modbus_function function;
    uint16_t address, count;
};

enum lp_monitor_format { LP_MONITOR_AUTO, LP_MONITOR_TABLE, LP_MONITOR_CSV, LP_MONITOR_JSON };

struct lp_monitor_config {
    const char *path;
    const char *model, *target;
    enum lp_monitor_format format;
    const char *output; /* file for CSV or JSON lines; null: standard output */
    const char *log;    /* file for every sample in real units; null: none */
    struct lp_monitor_line lines[LP_MONITOR_MAX_LINES];
    struct lp_monitor_device devices[LP_MONITOR_MAX_DEVICES];
    struct lp_monitor_feature features[LP_MONITOR_MAX_FEATURES]; /* in the order of the network's input */
    struct lp_monitor_block blocks[LP_MONITOR_MAX_FEATURES];
    uint32_t block_of[LP_MONITOR_MAX_FEATURES]; /* by feature */
    float mean[LP_MONITOR_MAX_FEATURES], deviation[LP_MONITOR_MAX_FEATURES];
    const char *labels[LP_MONITOR_MAX_CLASSES];
    uint32_t line_count, device_count, feature_count, block_count, label_count;
    struct lp_pipeline_config pipeline; /* window, decision; the network's numbers come later */
};

/* All sections and keys, for --help. */
extern const char lp_monitor_config_help[];

extern const char *const lp_monitor_gap_rules[3]; /* by enum lp_gap_rule */

/* Errors name file, line, key, value and what is allowed. */
lp_status lp_monitor_config_read(struct lp_arena *arena, struct lp_diag *diag, const char *path,
                                 struct lp_monitor_config *config);

/* Groups the features into requests; done by lp_monitor_config_read. */
void lp_monitor_plan_blocks(struct lp_monitor_config *config);

#endif
