/* Modbus RTU client for devices: one request at a time, never blocks, never allocates. The caller polls it from its main loop;
 * it moves by the bytes and the clock that the port gives. Retries are the caller's: every request ends with one result.
 *
 * A frame ends with silence (3.5 characters), also one that already has all its bytes: so bytes that follow are seen. RTU answers
 * carry no number, so an answer that comes after its time-out would pass for the next one's. Therefore, after a request without
 * an answer, the next one is sent only when the line stayed silent for late_us; what comes until then is thrown away and
 * counted. */
#ifndef LP_MODBUS_CLIENT_H
#define LP_MODBUS_CLIENT_H

#include "contract/status.h"
#include "modbus/frame.h"

#include <stdbool.h>

/* The serial line and the clock; all four members are mandatory, none of the functions may wait. */
struct lp_serial {
    void *ctx;
    uint32_t (*now_us)(void *ctx); /* microseconds; may wrap */
    /* Takes up to `count` bytes for sending and returns how many it took. */
    uint32_t (*send)(void *ctx, const uint8_t *bytes, uint32_t count);
    /* Gives up to `room` bytes that have arrived and returns how many. */
    uint32_t (*receive)(void *ctx, uint8_t *bytes, uint32_t room);
};

struct lp_modbus_config {
    struct lp_serial serial;
    uint32_t baud;   /* 300..; 11 bits a character give the 3.5 characters, above 19200 they are 1750 us */
    uint32_t gap_us; /* silence that ends a frame; 0: 3.5 characters */
    /* Silence allowed inside an answer that lacks bytes; 0: gap_us. More where bytes come in bursts (USB, emulators). */
    uint32_t pause_us;
    uint32_t timeout_us; /* from the request's last byte to the answer's first; 1..2^29 */
    uint32_t late_us;    /* silence demanded after a request without an answer; 0: gap_us */
};

struct lp_modbus_counters {
    uint32_t requests;
    uint32_t results[LP_MODBUS_RESULTS]; /* how many requests ended so; their sum is `requests` when none is at work */
    uint32_t stray_bytes;                /* came while nothing was asked for: late answers, noise */
};

enum lp_modbus_state { LP_MODBUS_AT_REST, LP_MODBUS_WAIT_SILENCE, LP_MODBUS_SENDING, LP_MODBUS_WAIT_ANSWER, LP_MODBUS_RECEIVING };

struct lp_modbus {
    struct lp_modbus_config config;
    struct lp_modbus_counters counters;
    struct lp_modbus_request request;
    enum lp_modbus_state state;
    uint32_t since_us;     /* when the state began */
    uint32_t last_byte_us; /* when the line was last seen active */
    uint32_t silence_us;   /* demanded before the next request */
    uint32_t length;       /* bytes of the answer, counted beyond the buffer too */
    uint32_t sent;
    uint8_t exception; /* code of the last LP_MODBUS_EXCEPTION */
    uint8_t frame[LP_MODBUS_MAX_FRAME_BYTES];
    uint16_t registers[LP_MODBUS_MAX_REGISTERS]; /* of the last LP_MODBUS_FINE */
};

/* LP_BAD_ARGUMENT when a member of the configuration is missing or out of range. */
LP_MUST_USE lp_status lp_modbus_open(struct lp_modbus *client, const struct lp_modbus_config *config);

/* Begins a request. LP_BUSY while one is at work; LP_BAD_ARGUMENT when the request is out of range. */
LP_MUST_USE lp_status lp_modbus_begin(struct lp_modbus *client, const struct lp_modbus_request *request);

/* Moves on; call it at least every gap_us / 2 for sharp silences (later calls only make it more patient: bytes that have arrived
 * are taken before silence is judged). LP_MODBUS_BUSY until the request ends, then its result, once; LP_MODBUS_BUSY at rest
 * too. */
enum lp_modbus_result lp_modbus_poll(struct lp_modbus *client);

#endif
