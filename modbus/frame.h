/* RTU frames of the two functions that read registers, and what can be wrong with an answer. */
#ifndef LP_MODBUS_FRAME_H
#define LP_MODBUS_FRAME_H

#include <stdint.h>

enum {
    LP_MODBUS_MAX_REGISTERS = 125, /* of one request */
    LP_MODBUS_MAX_FRAME_BYTES = 256,
    LP_MODBUS_REQUEST_BYTES = 8,
    LP_MODBUS_EXCEPTION_BYTES = 5
};

enum lp_modbus_function { LP_MODBUS_READ_HOLDING = 3, LP_MODBUS_READ_INPUT = 4 };

enum lp_modbus_result {
    LP_MODBUS_FINE,
    LP_MODBUS_NO_ANSWER,      /* not a byte before the time-out */
    LP_MODBUS_SHORT_FRAME,    /* the line went silent before the frame was complete */
    LP_MODBUS_BAD_CRC,        /* complete, but the check sum is wrong */
    LP_MODBUS_EXTRA_BYTES,    /* bytes behind a frame that is right, or more than any frame has */
    LP_MODBUS_WRONG_UNIT,     /* somebody else's answer */
    LP_MODBUS_WRONG_FUNCTION, /* an answer to another function */
    LP_MODBUS_WRONG_LENGTH,   /* a sound frame with another number of registers than asked for */
    LP_MODBUS_EXCEPTION,      /* the device refuses, with a code */
    LP_MODBUS_LINE_BUSY,      /* the line never fell silent, so the request was not sent */
    LP_MODBUS_SEND_FAILED,    /* the port did not take the request before the time-out */
    LP_MODBUS_RESULTS,        /* number of the above */
    LP_MODBUS_BUSY            /* still at work */
};

struct lp_modbus_request {
    uint8_t unit; /* 1..247 */
    enum lp_modbus_function function;
    uint16_t address; /* as on the wire: 0 is the first register */
    uint16_t count;   /* 1..LP_MODBUS_MAX_REGISTERS, address + count <= 65536 */
};

/* "no answer", "short frame", ... */
const char *lp_modbus_result_name(enum lp_modbus_result result);

/* Writes the LP_MODBUS_REQUEST_BYTES of the request. */
void lp_modbus_write_request(const struct lp_modbus_request *request, uint8_t *frame);

/* Bytes of a right answer to the request. */
uint32_t lp_modbus_answer_bytes(const struct lp_modbus_request *request);

/* Bytes that an answer which begins like this should have in the end: of registers, or of a refusal. 0 when its function is
 * neither. */
uint32_t lp_modbus_expected_bytes(const struct lp_modbus_request *request, const uint8_t *frame, uint32_t length);

/* Judges what came between two silences. FINE: `registers` gets request->count values. EXCEPTION: `exception` gets the code.
 * Any other result writes nothing. `length` may be anything. */
enum lp_modbus_result lp_modbus_read_answer(const struct lp_modbus_request *request, const uint8_t *frame, uint32_t length,
                                            uint16_t *registers, uint8_t *exception);

#endif
