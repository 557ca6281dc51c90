/* Frames of Modbus TCP from both sides: as an answer to a request, and as a request to the simulated device. First bytes: unit,
 * function, address, count, transaction. */
#include "cli/sensor/answer.h"
#include "modbus/mbap.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

enum { HEAD_BYTES = 8 };

static void judge(const struct lp_modbus_request *request, uint16_t transaction, const uint8_t *frame, uint32_t length)
{
    uint16_t registers[LP_MODBUS_MAX_REGISTERS];
    uint8_t exception = 0;
    enum lp_modbus_result result = lp_mbap_read_answer(request, transaction, frame, length, registers, &exception);
    must(result < LP_MODBUS_RESULTS, "an unknown result");
    if (result != LP_MODBUS_FINE && result != LP_MODBUS_EXCEPTION)
        return;
    must(lp_mbap_transaction(frame, length) == transaction, "an answer to another request passed");
    must(frame[6] == request->unit, "an answer of somebody else passed");
    must(length == (result == LP_MODBUS_FINE ? LP_MBAP_BYTES + 2u + 2u * request->count : LP_MBAP_BYTES + 2u),
         "a wrong length passed");
}

/* The device answers what it takes for a request; every way to damage the answer stays within the frame. */
static void serve(const uint8_t *frame, uint32_t length, uint32_t count, bool tcp)
{
    uint16_t registers[LP_MODBUS_MAX_REGISTERS] = {0};
    for (int fault = 0; fault < LP_SENSOR_FAULTS; fault++) {
        uint8_t answer[LP_ANSWER_MAX_BYTES];
        uint32_t bytes = lp_answer_build(frame, length, tcp, registers, count, answer);
        must(bytes <= LP_ANSWER_MAX_BYTES - 3, "an answer that is too long");
        if (bytes != 0)
            must(lp_answer_damage((enum lp_sensor_fault)fault, tcp, answer, bytes) <= LP_ANSWER_MAX_BYTES, "a fault too long");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    if (size_bytes < HEAD_BYTES)
        return 0;
    const struct lp_modbus_request request = {.unit = (uint8_t)(1 + data[0] % 247),
                                              .function = (data[1] & 1) != 0 ? LP_MODBUS_READ_HOLDING : LP_MODBUS_READ_INPUT,
                                              .address = (uint16_t)(data[2] << 7 | data[3]),
                                              .count = (uint16_t)(1 + data[4] % LP_MODBUS_MAX_REGISTERS)};
    const uint16_t transaction = (uint16_t)(data[5] << 8 | data[6]);
    const uint8_t *frame = data + HEAD_BYTES;
    const uint32_t length = (uint32_t)(size_bytes - HEAD_BYTES);
    judge(&request, transaction, frame, length);
    serve(frame, length, data[7], true);
    serve(frame, length, data[7], false);
    return 0;
}
