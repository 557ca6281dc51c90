/* Modbus registers to decisions on a bare Cortex-M55: polls the device over one serial port, prints the decisions on another.
 * monitor_config.h comes from `limpid monitor --header`, sensor.h from `limpid generate`. */
#include "board.h"
#include "monitor_config.h"
#include "sensor.h"

#include "modbus/client.h"
#include "runtime/ports/port.h"

#include <math.h>
#include <stddef.h>

/* An emulator delivers bytes in bursts. On a real line 0 is right for both: 3.5 characters of silence end a frame. */
#ifndef FIRMWARE_GAP_US
#define FIRMWARE_GAP_US 10000
#endif
#ifndef FIRMWARE_PAUSE_US
#define FIRMWARE_PAUSE_US 50000
#endif

/* 1: a sample after the other as fast as they come, each one period behind the last, whatever the clock says. For comparisons on
 * a busy PC, where the emulator stands still at times. */
#ifndef FIRMWARE_LOCKSTEP
#define FIRMWARE_LOCKSTEP 0
#endif

_Static_assert(MONITOR_SAMPLES *MONITOR_FEATURES == SENSOR_INPUT_0_ELEMENTS,
               "the configuration does not fit the network's input");
_Static_assert(MONITOR_CLASSES == SENSOR_OUTPUT_0_ELEMENTS, "the configuration does not fit the network's output");

static struct lp_network network;
static struct lp_modbus modbus;
static struct lp_pipeline pipeline;
static float window_values[(MONITOR_SAMPLES + MONITOR_MAX_GAP) * MONITOR_FEATURES];
static uint16_t missing_run[MONITOR_FEATURES];

static uint64_t now_us(void)
{
    const struct lp_port *port = lp_port_default();
    return port->now_us(port->ctx);
}

static uint32_t serial_now_us(void *ctx)
{
    (void)ctx;
    return (uint32_t)now_us();
}

static uint32_t serial_send(void *ctx, const uint8_t *bytes, uint32_t count)
{
    (void)ctx;
    return board_uart_send(BOARD_UART_MODBUS, bytes, count);
}

static uint32_t serial_receive(void *ctx, uint8_t *bytes, uint32_t room)
{
    (void)ctx;
    return board_uart_receive(BOARD_UART_MODBUS, bytes, room);
}

static void print_counters(void)
{
    board_print("# requests ");
    board_print_number(modbus.counters.requests);
    for (uint32_t i = 0; i < LP_MODBUS_RESULTS; i++) {
        if (modbus.counters.results[i] == 0)
            continue;
        board_print(", ");
        board_print(lp_modbus_result_name((enum lp_modbus_result)i));
        board_print(" ");
        board_print_number(modbus.counters.results[i]);
    }
    board_print(", stray bytes ");
    board_print_number(modbus.counters.stray_bytes);
    board_print("; samples lost ");
    board_print_number(pipeline.window.counters.lost_samples);
    board_print(", values missing ");
    board_print_number(pipeline.window.counters.missing_values);
    board_print(", filled ");
    board_print_number(pipeline.window.counters.filled_values);
    board_print(", restarts ");
    board_print_number(pipeline.window.counters.restarts);
    board_print("\n");
}

/* All requests of one sample; what fails leaves NaN, which the window's gap rule takes care of. */
static bool read_sample(float *sample)
{
    bool fine = true;
    for (uint32_t f = 0; f < MONITOR_FEATURES; f++)
        sample[f] = NAN;
    for (uint32_t r = 0; r < MONITOR_REQUESTS && fine; r++) {
        fine = lp_modbus_begin(&modbus, &monitor_requests[r]) == LP_OK;
        enum lp_modbus_result result = LP_MODBUS_BUSY;
        while (fine && result == LP_MODBUS_BUSY)
            result = lp_modbus_poll(&modbus);
        fine = fine && result == LP_MODBUS_FINE;
        for (uint32_t f = 0; f < MONITOR_FEATURES && fine; f++)
            if (monitor_features[f].request == r)
                sample[f] = lp_register_decode(&monitor_features[f].format, modbus.registers + monitor_features[f].word);
    }
    return fine;
}

/* Millionths, halves to even, as printf("%.6f") of the same number. */
static uint32_t millionths(float probability)
{
    double scaled = (double)probability * 1e6;
    uint32_t whole = (uint32_t)scaled;
    double rest = scaled - (double)whole;
    return rest > 0.5 || (rest == 0.5 && (whole & 1u) != 0) ? whole + 1 : whole;
}

static void print_decision(uint32_t window, const struct lp_decision *decision)
{
    board_print_number(decision->time_ms);
    board_print(",");
    board_print_number(window);
    board_print(",");
    board_print(monitor_labels[decision->window_class]);
    board_print(",");
    board_print_number(millionths(decision->confidence));
    board_print(",");
    board_print(decision->decided_class < 0 ? "undecided" : monitor_labels[decision->decided_class]);
    board_print("\n");
}

static lp_status run_windows(uint32_t *windows)
{
    float probabilities[MONITOR_CLASSES];
    while (lp_pipeline_next(&pipeline, sensor_input_0(&network))) {
        struct lp_decision decision;
        lp_status status = lp_network_run(&network);
        if (status != LP_OK)
            return status;
        lp_pipeline_decide(&pipeline, sensor_output_0(&network), probabilities, &decision);
        print_decision((*windows)++, &decision);
    }
    return LP_OK;
}

static lp_status open_all(void)
{
    const struct lp_modbus_config config = {
        .serial = {NULL, serial_now_us, serial_send, serial_receive},
        .baud = MONITOR_BAUD,
        .gap_us = FIRMWARE_GAP_US,
        .pause_us = FIRMWARE_PAUSE_US,
        .timeout_us = MONITOR_TIMEOUT_MS * 1000u,
        .late_us = MONITOR_LATE_MS * 1000u,
    };
    lp_port_set_clock_hz(BOARD_CLOCK_HZ);
    board_uart_open(BOARD_UART_CONSOLE, 115200);
    board_uart_open(BOARD_UART_MODBUS, MONITOR_BAUD);
    lp_status status = lp_network_open(&network, &sensor_network, lp_port_default());
    if (status == LP_OK)
        status = lp_modbus_open(&modbus, &config);
    if (status == LP_OK)
        status = lp_pipeline_open(&pipeline, &monitor_pipeline, window_values, sizeof window_values / sizeof window_values[0],
                                  missing_run);
    return status;
}

/* Waits until the sample's time and returns its number; a later one when an answer that never came took longer than a period. */
static uint64_t wait_for_tick(uint64_t start_us, uint64_t tick, uint64_t period_us)
{
    uint64_t due_us = start_us + tick * period_us;
    while (now_us() < due_us)
        (void)lp_modbus_poll(&modbus); /* at rest: takes late bytes off the line */
    return tick + (now_us() - due_us) / period_us;
}

int main(void)
{
    const uint64_t period_us = monitor_pipeline.window.period_ms * (uint64_t)1000;
    float sample[MONITOR_FEATURES];
    uint32_t windows = 0;
    lp_status status = open_all();
    board_print("# time_ms,window,class,confidence in millionths,decision\n");
    uint64_t start_us = now_us();
    for (uint64_t tick = 0; status == LP_OK; tick++) {
        tick = FIRMWARE_LOCKSTEP ? tick : wait_for_tick(start_us, tick, period_us);
        bool fine = read_sample(sample);
        lp_pipeline_push(&pipeline, (uint32_t)(tick * monitor_pipeline.window.period_ms), sample);
        status = run_windows(&windows);
        if (!fine)
            print_counters();
    }
    return (int)status;
}
