#include "cli/sensor/config.h"

#include "cli/ini/register_keys.h"

#include <stdlib.h>
#include <string.h>

const char lp_sensor_config_help[] =
    "CONFIG.ini:\n"
    "  [sensor]\n"
    "  machine = FILE        the model's INI file with the channels and their levels in each state (needed)\n"
    "  transport = tcp       tcp, rtu (a serial port), or pty (makes a pseudo terminal and prints its name)\n"
    "  host = 127.0.0.1      tcp: address to listen on\n"
    "  port = 1502           tcp: 0 takes any free port; the line printed at the start says which\n"
    "  device = /dev/ttyS0   rtu: the serial port\n"
    "  link = PATH           pty: a symbolic link to the pseudo terminal\n"
    "  baud = 19200, parity = even|none|odd, stop_bits = 1   rtu\n"
    "  unit = 1              1..247\n"
    "  state = NAME          to start with; default is the first one\n"
    "  seed = 1              the same seed gives the same samples\n"
    "  step = time           time: a sample each period of the model; request: one for each request to read\n"
    "  control_address = 1000  holding registers to write: fault (high byte: requests), and behind it the state's number\n"
    "  [channel NAME]        one for each channel that is not an int16 at the address of its number with the model's "
    "resolution:\n"
    "  address, type = int16|uint16|int32|uint32|float32, order = ABCD|CDAB|BADC|DCBA, scale, offset\n"
    "  beat, beat_shift, knock   height of the beat under imbalance, its phase in turns, height of a knock of a worn bearing\n"
    "  [script]\n"
    "  SECONDS = state NAME\n"
    "  SECONDS = fault NAME [REQUESTS [ARGUMENT]]\n"
    "  SECONDS = quit\n"
    "With step = request the script's seconds are the machine's: a sample period for each request.\n"
    "The same orders are taken as lines on standard input. Faults: no-answer, late-answer (ms), wrong-crc, exception (code),\n"
    "short-frame, extra-bytes, disconnect (ms on serial lines), wrong-unit, value-jump (channel), out-of-range.\n";

static lp_status read_machine(struct lp_ini *ini, struct lp_ini_section *sensor, struct lp_sensor_config *config)
{
    const char *file = NULL;
    lp_status status = lp_ini_text(ini, sensor, "machine", &file);
    if (status == LP_OK && file == NULL)
        return lp_ini_missing(ini, sensor, "machine", "the INI file of the model, for example ../models/sensor.ini");
    const char *path = status == LP_OK ? lp_ini_path(ini, file) : NULL;
    if (status == LP_OK && path == NULL)
        return lp_no_memory(ini->diag);
    return status == LP_OK ? lp_machine_read(ini->arena, ini->diag, path, &config->machine) : status;
}

static lp_status read_line_keys(struct lp_ini *ini, struct lp_ini_section *sensor, struct lp_sensor_config *config)
{
    static const char *const transports[] = {"tcp", "rtu", "pty"};
    int64_t port = 1502;
    int transport = LP_SENSOR_TCP;
    lp_status status = lp_ini_choice(ini, sensor, "transport", transports, 3, &transport);
    config->transport = (enum lp_sensor_transport)transport;
    if (status == LP_OK)
        status = lp_ini_text(ini, sensor, "host", &config->host);
    if (status == LP_OK)
        status = lp_ini_whole(ini, sensor, "port", 0, 65535, &port);
    config->port = (uint16_t)port;
    if (status == LP_OK)
        status = lp_ini_text(ini, sensor, "device", &config->device);
    if (status == LP_OK)
        status = lp_ini_text(ini, sensor, "link", &config->link);
    if (status == LP_OK)
        status = lp_ini_serial(ini, sensor, &config->baud, &config->parity, &config->stop_bits);
    if (status == LP_OK && config->transport == LP_SENSOR_RTU && config->device == NULL)
        status = lp_ini_missing(ini, sensor, "device", "the serial port, for example /dev/ttyUSB0");
    return status;
}

static lp_status read_sensor_keys(struct lp_ini *ini, struct lp_ini_section *sensor, struct lp_sensor_config *config)
{
    static const char *const steps[] = {"time", "request"};
    int64_t unit = 1, seed = 1, control = 1000;
    int step = 0, state = 0;
    lp_status status = lp_ini_whole(ini, sensor, "unit", 1, 247, &unit);
    if (status == LP_OK)
        status = lp_ini_whole(ini, sensor, "seed", 0, INT64_MAX, &seed);
    if (status == LP_OK)
        status = lp_ini_whole(ini, sensor, "control_address", 0, 65534, &control);
    if (status == LP_OK)
        status = lp_ini_choice(ini, sensor, "step", steps, 2, &step);
    if (status == LP_OK)
        status = lp_ini_choice(ini, sensor, "state", config->machine.states, config->machine.state_count, &state);
    config->unit = (uint8_t)unit;
    config->seed = (uint64_t)seed;
    config->control_address = (uint16_t)control;
    config->step_by_request = step == 1;
    config->start_state = (uint32_t)state;
    return status;
}

static lp_status read_channel(struct lp_ini *ini, struct lp_sensor_config *config, uint32_t i)
{
    struct lp_machine_channel *channel = &config->machine.channels[i];
    struct lp_sensor_channel *c = &config->channels[i];
    c->format = (struct lp_register_format){LP_REGISTER_INT16, LP_ORDER_ABCD, channel->resolution, 0.0};
    const char *name = lp_arena_printf(ini->arena, "channel %s", channel->name);
    if (name == NULL)
        return lp_no_memory(ini->diag);
    struct lp_ini_section *section = lp_ini_section(ini, name);
    int64_t address = i;
    lp_status status = lp_ini_whole(ini, section, "address", 0, 65534, &address);
    c->address = (uint16_t)address;
    if (status == LP_OK)
        status = lp_ini_register_format(ini, section, &c->format);
    if (status == LP_OK)
        status = lp_ini_real(ini, section, "beat", -1e9, 1e9, &channel->beat);
    if (status == LP_OK)
        status = lp_ini_real(ini, section, "beat_shift", -1, 1, &channel->beat_shift_turns);
    if (status == LP_OK)
        status = lp_ini_real(ini, section, "knock", -1e9, 1e9, &channel->knock);
    return status;
}

static lp_status read_order(struct lp_ini *ini, struct lp_sensor_config *config, struct lp_ini_key *key)
{
    key->asked = true;
    char *end = NULL;
    char allowed[512];
    double at_s = strtod(key->name, &end);
    if (end == key->name || *end != '\0' || !(at_s >= 0 && at_s < 1e9))
        return lp_error(ini->diag, LP_BAD_INPUT, "%s:%d: %s = %s: the key in [script] is a time in seconds from 0", ini->path,
                        key->line, key->name, key->value);
    if (config->order_count == LP_SENSOR_MAX_ORDERS)
        return lp_error(ini->diag, LP_BAD_INPUT, "%s:%d: more than %d orders", ini->path, key->line, LP_SENSOR_MAX_ORDERS);
    struct lp_sensor_order order;
    if (!lp_sensor_read_order(&config->machine, key->value, &order, allowed, sizeof allowed))
        return lp_ini_bad_value(ini, key, allowed);
    if (order.kind == LP_ORDER_FAULT && order.fault == LP_SENSOR_WRONG_CRC && config->transport == LP_SENSOR_TCP)
        return lp_ini_bad_value(ini, key, "another fault: TCP frames have no CRC");
    order.at_s = at_s;
    uint32_t place = config->order_count++;
    for (; place > 0 && config->orders[place - 1].at_s > at_s; place--)
        config->orders[place] = config->orders[place - 1];
    config->orders[place] = order;
    return LP_OK;
}

lp_status lp_sensor_config_read(struct lp_arena *arena, struct lp_diag *diag, const char *path, struct lp_sensor_config *config)
{
    struct lp_ini ini = {0};
    struct lp_ini_section *sensor = NULL;
    *config = (struct lp_sensor_config){.host = "127.0.0.1", .baud = 19200, .parity = 'E', .stop_bits = 1};
    lp_status status = lp_ini_read(arena, diag, path, &ini);
    if (status == LP_OK)
        status = lp_ini_need_section(&ini, "sensor", "it says what to simulate and where to listen", &sensor);
    if (status == LP_OK)
        status = read_machine(&ini, sensor, config);
    if (status == LP_OK)
        status = read_line_keys(&ini, sensor, config);
    if (status == LP_OK)
        status = read_sensor_keys(&ini, sensor, config);
    for (uint32_t i = 0; i < config->machine.channel_count && status == LP_OK; i++)
        status = read_channel(&ini, config, i);
    struct lp_ini_section *script = lp_ini_section(&ini, "script");
    for (uint32_t i = 0; script != NULL && i < script->key_count && status == LP_OK; i++)
        status = read_order(&ini, config, &script->keys[i]);
    return status == LP_OK ? lp_ini_check_all_asked(&ini, "[sensor], [script] and [channel NAME] with a NAME of the machine")
                           : status;
}
