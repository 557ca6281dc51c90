/* Answers that libmodbus cannot give: built by hand, and damaged on purpose. */
#ifndef LP_CLI_SENSOR_ANSWER_H
#define LP_CLI_SENSOR_ANSWER_H

#include "cli/sensor/order.h"

enum { LP_ANSWER_MAX_BYTES = 300 };

/* `request` is the whole request as received: with the 7-byte MBAP header when `tcp`, else the RTU frame. `registers` are the
 * values asked for. Writes the right answer of the request to read and returns its length; 0 when it is no request to read. */
uint32_t lp_answer_build(const uint8_t *request, uint32_t request_bytes, bool tcp, const uint16_t *registers,
                         uint32_t register_count, uint8_t *answer);

/* Damages a right answer: WRONG_CRC, SHORT_FRAME (the last three bytes stay away), EXTRA_BYTES (three more), WRONG_UNIT (sound,
 * but from the next unit). Returns the new length. */
uint32_t lp_answer_damage(enum lp_sensor_fault fault, bool tcp, uint8_t *answer, uint32_t length);

#endif
