/* Frames of Modbus TCP for the two functions that read registers: seven bytes in front, no check sum behind. */
#ifndef LP_MODBUS_MBAP_H
#define LP_MODBUS_MBAP_H

#include "modbus/frame.h"

enum { LP_MBAP_BYTES = 7, LP_MBAP_REQUEST_BYTES = 12 };

/* Writes the LP_MBAP_REQUEST_BYTES of the request. */
void lp_mbap_write_request(const struct lp_modbus_request *request, uint16_t transaction, uint8_t *frame);

/* The number of the request that a frame answers; 0 when it is shorter than its head. */
uint16_t lp_mbap_transaction(const uint8_t *frame, uint32_t length);

/* Judges one frame. FINE: `registers` gets request->count values. EXCEPTION: `exception` gets the code. Else WRONG_UNIT,
 * WRONG_FUNCTION, WRONG_LENGTH (also of another transaction or protocol), and nothing is written. `length` may be anything. */
enum lp_modbus_result lp_mbap_read_answer(const struct lp_modbus_request *request, uint16_t transaction, const uint8_t *frame,
                                          uint32_t length, uint16_t *registers, uint8_t *exception);

#endif
