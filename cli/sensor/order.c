#include "cli/sensor/order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const lp_sensor_fault_names[LP_SENSOR_FAULTS] = {
    "none",        "no-answer",  "late-answer", "wrong-crc",  "exception",    "short-frame",
    "extra-bytes", "disconnect", "wrong-unit",  "value-jump", "out-of-range",
};

static void list(char *out, size_t room, const char *before, const char *const *names, size_t count)
{
    size_t used = (size_t)snprintf(out, room, "%s", before);
    for (size_t i = 0; i < count && used < room; i++)
        used += (size_t)snprintf(out + used, room - used, "%s%s", i == 0 ? "" : ", ", names[i]);
}

static bool read_whole(const char *text, long low, long high, long *out)
{
    char *end = NULL;
    long number = strtol(text, &end, 10);
    if (end == text || *end != '\0' || number < low || number > high)
        return false;
    *out = number;
    return true;
}

static bool read_fault(char *words[4], int count, const struct lp_machine *m, struct lp_sensor_order *order, char *allowed,
                       size_t room)
{
    order->kind = LP_ORDER_FAULT;
    order->requests = 1;
    order->argument = -1;
    int fault = 0;
    while (fault < LP_SENSOR_FAULTS && strcmp(words[1], lp_sensor_fault_names[fault]) != 0)
        fault++;
    order->fault = (enum lp_sensor_fault)fault;
    if (fault == LP_SENSOR_FAULTS) {
        list(allowed, room, "fault ", lp_sensor_fault_names, LP_SENSOR_FAULTS);
        return false;
    }
    long number = 0;
    if (count > 2) {
        if (!read_whole(words[2], 1, 1000000, &number)) {
            snprintf(allowed, room, "a number of requests from 1 to 1000000");
            return false;
        }
        order->requests = (uint32_t)number;
    }
    if (count > 3) {
        long high = fault == LP_SENSOR_EXCEPTION ? 255 : fault == LP_SENSOR_VALUE_JUMP ? (long)m->channel_count - 1 : 60000;
        if (!read_whole(words[3], fault == LP_SENSOR_EXCEPTION ? 1 : 0, high, &number)) {
            snprintf(allowed, room, "an argument of the fault up to %ld", high);
            return false;
        }
        order->argument = number;
    }
    return true;
}

bool lp_sensor_read_order(const struct lp_machine *machine, const char *text, struct lp_sensor_order *order, char *allowed,
                          size_t allowed_bytes)
{
    char copy[200];
    char *words[4] = {0};
    int count = 0;
    *order = (struct lp_sensor_order){0};
    snprintf(copy, sizeof copy, "%s", text);
    for (char *next = copy; count < 4;) {
        next += strspn(next, " \t\r\n");
        if (*next == '\0')
            break;
        words[count++] = next;
        next += strcspn(next, " \t\r\n");
        if (*next != '\0')
            *next++ = '\0';
    }
    if (count == 1 && strcmp(words[0], "quit") == 0) {
        order->kind = LP_ORDER_QUIT;
        return true;
    }
    if (count >= 2 && strcmp(words[0], "fault") == 0)
        return read_fault(words, count, machine, order, allowed, allowed_bytes);
    if (count == 2 && strcmp(words[0], "state") == 0) {
        int state = lp_machine_find_state(machine, words[1]);
        order->kind = LP_ORDER_STATE;
        order->state = state < 0 ? 0 : (uint32_t)state;
        if (state < 0)
            list(allowed, allowed_bytes, "state ", machine->states, machine->state_count);
        return state >= 0;
    }
    snprintf(allowed, allowed_bytes, "'state NAME', 'fault NAME [REQUESTS [ARGUMENT]]' or 'quit'");
    return false;
}
