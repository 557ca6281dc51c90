/* One line of the monitor: a TCP connection or a serial port, by libmodbus, with every way of failing told apart and counted.
 *
 * An answer that comes after its time-out is never taken for the next one's: TCP answers carry a number; on serial lines the next
 * request waits until the line was silent for late_ms, and what came until then is thrown away. */
#ifndef LP_CLI_MONITOR_LINK_H
#define LP_CLI_MONITOR_LINK_H

#include "cli/monitor/config.h"

#include <modbus/modbus.h>

enum lp_poll_fault {
    LP_POLL_FINE,
    LP_POLL_NO_ANSWER,
    LP_POLL_SHORT_FRAME,
    LP_POLL_WRONG_CRC,
    LP_POLL_EXTRA_BYTES,
    LP_POLL_WRONG_UNIT,
    LP_POLL_WRONG_ANSWER, /* another function, length or number than asked for */
    LP_POLL_EXCEPTION,
    LP_POLL_DISCONNECTED,
    LP_POLL_CANNOT_CONNECT,
    LP_POLL_NOT_CONNECTED, /* waiting for the next attempt to connect: nothing was sent */
    LP_POLL_LATE,          /* the line was still busy with an earlier sample, or the answer came after the sample's time */
    LP_POLL_FAULTS         /* number of the above */
};

extern const char *const lp_poll_fault_names[LP_POLL_FAULTS];

struct lp_device_counters {
    uint64_t polls;                  /* one a sample, sent or not */
    uint64_t faults[LP_POLL_FAULTS]; /* [LP_POLL_FINE] counts good polls; their sum is `polls` */
    uint64_t late_answers;           /* answers thrown away because their request had timed out */
    uint64_t connects;               /* successful ones */
    int last_exception;              /* code, 0 for none yet */
};

struct lp_link {
    const struct lp_monitor_config *config;
    uint32_t line;
    int wake_fd; /* readable when waiting must end; -1 for none */
    modbus_t *modbus;
    bool connected;
    uint16_t transaction;
    int64_t retry_at_ms, silent_until_ms;
    uint32_t backoff_ms;
    struct lp_device_counters counters[LP_MONITOR_MAX_DEVICES]; /* by device; only those of this line are used */
};

/* Nothing is connected yet: the first poll does it. */
void lp_link_open(struct lp_link *link, const struct lp_monitor_config *config, uint32_t line, int wake_fd);

/* Polls every device of the line once; writes the features of this line into values[feature], NaN for what failed. */
void lp_link_poll(struct lp_link *link, float *values);

void lp_link_close(struct lp_link *link);

#endif
