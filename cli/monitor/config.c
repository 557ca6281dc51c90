#include "cli/monitor/config.h"

#include "cli/ini/register_keys.h"
#include "compiler/base/file.h"

#include <stdlib.h>
#include <string.h>

const char lp_monitor_config_help[] =
    "CONFIG.ini (limpid monitor --init MODEL writes an example):\n"
    "  [monitor]\n"
    "  model = FILE          the network (needed)\n"
    "  labels = FILE         names of the classes, a line each\n"
    "  target = host         what runs the network: host, or stm32n6, whose NPU is simulated\n"
    "  period_ms = 100       time from one poll to the next, 1..3600000\n"
    "  window_samples, stride_samples   default: as the model's input says; the window's length\n"
    "  gap = hold            a lost or broken sample: hold (repeat the last value), interpolate, or restart (the window)\n"
    "  max_gap = 3           longer gaps restart the window, 0..1000\n"
    "  min_confidence = 0.5  a window below it votes for no class\n"
    "  votes = 2             windows of the last `of_windows` that must agree, 1..32\n"
    "  of_windows = 3\n"
    "  format = auto         auto (table on a terminal, else csv), table, csv or json\n"
    "  output = FILE         CSV or JSON lines go there instead of to standard output\n"
    "  log = FILE            every sample in real units, as CSV\n"
    "  [device NAME]         one for each Modbus device\n"
    "  transport = tcp       tcp or rtu\n"
    "  host = 127.0.0.1, port = 502                                   tcp\n"
    "  device = /dev/ttyUSB0, baud = 19200, parity = even|none|odd, stop_bits = 1   rtu\n"
    "  unit = 1              1..247\n"
    "  timeout_ms = 500      for one answer\n"
    "  late_ms = timeout_ms  rtu: silence demanded after a request without an answer, so that no late answer passes for the "
    "next\n"
    "  reconnect_max_ms = 5000   back-off between attempts to connect doubles up to this\n"
    "  [feature NAME]        one for each feature, in the order of the network's input\n"
    "  device = NAME         may be left out when there is one device\n"
    "  registers = input     input or holding\n"
    "  address = N           as on the wire: 0 is the first register (needed)\n"
    "  type = int16          int16, uint16, int32, uint32, float32\n"
    "  order = ABCD          ABCD, CDAB, BADC, DCBA\n"
    "  scale = 1, offset = 0 real value = register * scale + offset\n"
    "  unit = TEXT           for people\n"
    "  mean = 0, deviation = 1   the network gets (value - mean) / deviation\n";

const char *const lp_monitor_gap_rules[3] = {"hold", "interpolate", "restart"};

static lp_status need_path(struct lp_ini *ini, struct lp_ini_section *section, const char *key, const char *purpose,
                           const char **out)
{
    const char *text = NULL;
    lp_status status = lp_ini_text(ini, section, key, &text);
    if (status != LP_OK || (text == NULL && purpose == NULL))
        return status;
    if (text == NULL)
        return lp_ini_missing(ini, section, key, purpose);
    *out = lp_ini_path(ini, text);
    return *out == NULL ? lp_no_memory(ini->diag) : LP_OK;
}

static lp_status read_labels(struct lp_ini *ini, struct lp_ini_section *section, struct lp_monitor_config *config)
{
    const char *path = NULL;
    const uint8_t *bytes = NULL;
    size_t length = 0;
    lp_status status = need_path(ini, section, "labels", NULL, &path);
    if (status != LP_OK || path == NULL)
        return status;
    status = lp_file_read(ini->arena, ini->diag, path, 1 << 16, &bytes, &length);
    const char *next = (const char *)bytes, *end = next + length;
    while (status == LP_OK && next < end) {
        size_t line = strcspn(next, "\r\n");
        if (line != 0 && config->label_count == LP_MONITOR_MAX_CLASSES)
            return lp_error(ini->diag, LP_BAD_INPUT, "%s has more than %d lines", path, LP_MONITOR_MAX_CLASSES);
        if (line != 0 && (config->labels[config->label_count++] = lp_arena_text(ini->arena, next, line)) == NULL)
            return lp_no_memory(ini->diag);
        next += line + 1;
    }
    return status;
}

static lp_status read_rules(struct lp_ini *ini, struct lp_ini_section *section, struct lp_monitor_config *config)
{
    int64_t period_ms = 100, samples = 0, stride = 0, max_gap = 3, votes = 2, of = 3;
    double min_confidence = 0.5;
    int gap = LP_GAP_HOLD;
    lp_status status = lp_ini_whole(ini, section, "period_ms", 1, 3600000, &period_ms);
    if (status == LP_OK)
        status = lp_ini_whole(ini, section, "window_samples", 1, 65535, &samples);
    if (status == LP_OK)
        status = lp_ini_whole(ini, section, "stride_samples", 1, 65535, &stride);
    if (status == LP_OK)
        status = lp_ini_choice(ini, section, "gap", lp_monitor_gap_rules, 3, &gap);
    if (status == LP_OK)
        status = lp_ini_whole(ini, section, "max_gap", 0, 1000, &max_gap);
    if (status == LP_OK)
        status = lp_ini_real(ini, section, "min_confidence", 0, 1, &min_confidence);
    if (status == LP_OK)
        status = lp_ini_whole(ini, section, "of_windows", 1, LP_MAX_VOTES, &of);
    if (status == LP_OK && of < votes)
        votes = of;
    if (status == LP_OK)
        status = lp_ini_whole(ini, section, "votes", 1, of, &votes);
    config->pipeline.window = (struct lp_window_config){.samples = (uint16_t)samples,
                                                        .stride = (uint16_t)stride,
                                                        .max_gap = (uint16_t)max_gap,
                                                        .period_ms = (uint32_t)period_ms,
                                                        .gap_rule = (enum lp_gap_rule)gap};
    config->pipeline.decide = (struct lp_decide_config){(float)min_confidence, (uint8_t)votes, (uint8_t)of};
    return status;
}

static lp_status read_monitor(struct lp_ini *ini, struct lp_monitor_config *config)
{
    static const char *const formats[] = {"auto", "table", "csv", "json"};
    struct lp_ini_section *section = NULL;
    int format = LP_MONITOR_AUTO;
    lp_status status = lp_ini_need_section(ini, "monitor", "it names the model and the rules", &section);
    if (status == LP_OK)
        status = need_path(ini, section, "model", "the network, for example ../models/sensor.tflite", &config->model);
    if (status == LP_OK)
        status = read_labels(ini, section, config);
    if (status == LP_OK)
        status = lp_ini_text(ini, section, "target", &config->target);
    if (status == LP_OK)
        status = read_rules(ini, section, config);
    if (status == LP_OK)
        status = lp_ini_choice(ini, section, "format", formats, LP_COUNT(formats), &format);
    if (status == LP_OK)
        status = need_path(ini, section, "output", NULL, &config->output);
    if (status == LP_OK)
        status = need_path(ini, section, "log", NULL, &config->log);
    config->format = (enum lp_monitor_format)format;
    if (status == LP_OK && format == LP_MONITOR_TABLE && config->output != NULL)
        status = lp_ini_bad_value(ini, lp_ini_key(ini, section, "format"), "csv or json when there is an output file");
    return status;
}

static lp_status read_line(struct lp_ini *ini, struct lp_ini_section *section, struct lp_monitor_line *line)
{
    static const char *const transports[] = {"tcp", "rtu"};
    int transport = 0;
    int64_t port = 502;
    *line = (struct lp_monitor_line){.host = "127.0.0.1", .baud = 19200, .parity = 'E', .stop_bits = 1};
    lp_status status = lp_ini_choice(ini, section, "transport", transports, 2, &transport);
    line->tcp = transport == 0;
    if (status == LP_OK)
        status = lp_ini_text(ini, section, "host", &line->host);
    if (status == LP_OK)
        status = lp_ini_whole(ini, section, "port", 1, 65535, &port);
    if (status == LP_OK)
        status = need_path(ini, section, "device", NULL, &line->device);
    if (status == LP_OK)
        status = lp_ini_serial(ini, section, &line->baud, &line->parity, &line->stop_bits);
    if (status == LP_OK && !line->tcp && line->device == NULL)
        status = lp_ini_missing(ini, section, "device", "the serial port, for example /dev/ttyUSB0");
    line->port = lp_arena_printf(ini->arena, "%d", (int)port);
    return status == LP_OK && line->port == NULL ? lp_no_memory(ini->diag) : status;
}

/* Devices on the same serial port or the same TCP address are polled one after the other over one line. */
static lp_status share_line(struct lp_ini *ini, const struct lp_ini_section *section, struct lp_monitor_config *config,
                            const struct lp_monitor_line *line, uint32_t *index)
{
    for (uint32_t i = 0; i < config->line_count; i++) {
        const struct lp_monitor_line *other = &config->lines[i];
        bool same = line->tcp ? other->tcp && strcmp(line->host, other->host) == 0 && strcmp(line->port, other->port) == 0
                              : !other->tcp && strcmp(line->device, other->device) == 0;
        if (same && !line->tcp &&
            (line->baud != other->baud || line->parity != other->parity || line->stop_bits != other->stop_bits))
            return lp_error(ini->diag, LP_BAD_INPUT,
                            "%s:%d: [%s] uses %s with other settings than the device before it: baud, parity and "
                            "stop_bits must be the same on one line",
                            ini->path, section->line, section->name, line->device);
        if (same) {
            *index = i;
            return LP_OK;
        }
    }
    if (config->line_count == LP_MONITOR_MAX_LINES)
        return lp_error(ini->diag, LP_BAD_INPUT, "%s:%d: more than %d lines", ini->path, section->line, LP_MONITOR_MAX_LINES);
    *index = config->line_count;
    config->lines[config->line_count++] = *line;
    return LP_OK;
}

static lp_status read_device(struct lp_ini *ini, struct lp_ini_section *section, struct lp_monitor_config *config)
{
    if (config->device_count == LP_MONITOR_MAX_DEVICES)
        return lp_error(ini->diag, LP_BAD_INPUT, "%s:%d: more than %d devices", ini->path, section->line, LP_MONITOR_MAX_DEVICES);
    struct lp_monitor_device *device = &config->devices[config->device_count];
    struct lp_monitor_line line;
    int64_t unit = 1, timeout_ms = 500, late_ms = -1, reconnect_ms = 5000;
    section->asked = true;
    device->name = section->name + strlen("device ");
    lp_status status = read_line(ini, section, &line);
    if (status == LP_OK)
        status = lp_ini_whole(ini, section, "unit", 1, 247, &unit);
    if (status == LP_OK)
        status = lp_ini_whole(ini, section, "timeout_ms", 1, 60000, &timeout_ms);
    if (status == LP_OK)
        status = lp_ini_whole(ini, section, "late_ms", 0, 60000, &late_ms);
    if (status == LP_OK)
        status = lp_ini_whole(ini, section, "reconnect_max_ms", 100, 3600000, &reconnect_ms);
    if (status == LP_OK)
        status = share_line(ini, section, config, &line, &device->line);
    device->unit = (uint8_t)unit;
    device->timeout_ms = (uint32_t)timeout_ms;
    device->late_ms = (uint32_t)(late_ms < 0 ? timeout_ms : late_ms);
    device->reconnect_max_ms = (uint32_t)reconnect_ms;
    config->device_count += status == LP_OK;
    return status;
}

static lp_status find_device(struct lp_ini *ini, struct lp_ini_section *section, const struct lp_monitor_config *config,
                             uint32_t *out)
{
    const char *names[LP_MONITOR_MAX_DEVICES];
    int device = 0;
    for (uint32_t i = 0; i < config->device_count; i++)
        names[i] = config->devices[i].name;
    lp_status status = lp_ini_choice(ini, section, "device", names, config->device_count, &device);
    if (status == LP_OK && config->device_count > 1 && lp_ini_key(ini, section, "device") == NULL)
        return lp_ini_missing(ini, section, "device", "there are several devices: say which one has this register");
    *out = (uint32_t)device;
    return status;
}

static lp_status read_feature(struct lp_ini *ini, struct lp_ini_section *section, struct lp_monitor_config *config)
{
    static const char *const kinds[] = {"input", "holding"};
    if (config->feature_count == LP_MONITOR_MAX_FEATURES)
        return lp_error(ini->diag, LP_BAD_INPUT, "%s:%d: more than %d features", ini->path, section->line,
                        LP_MONITOR_MAX_FEATURES);
    struct lp_monitor_feature *f = &config->features[config->feature_count];
    int64_t address = -1;
    int kind = 0;
    double mean = 0.0, deviation = 1.0;
    section->asked = true;
    *f = (struct lp_monitor_feature){.name = section->name + strlen("feature "), .unit = ""};
    f->format = (struct lp_register_format){LP_REGISTER_INT16, LP_ORDER_ABCD, 1.0, 0.0};
    lp_status status = find_device(ini, section, config, &f->device);
    if (status == LP_OK)
        status = lp_ini_choice(ini, section, "registers", kinds, 2, &kind);
    if (status == LP_OK)
        status = lp_ini_register_format(ini, section, &f->format);
    int64_t last = 65536 - lp_register_words(f->format.type);
    if (status == LP_OK)
        status = lp_ini_whole(ini, section, "address", 0, last, &address);
    if (status == LP_OK && address < 0)
        status = lp_ini_missing(ini, section, "address", "the register as on the wire, 0 is the first");
    if (status == LP_OK)
        status = lp_ini_text(ini, section, "unit", &f->unit);
    if (status == LP_OK)
        status = lp_ini_real(ini, section, "mean", -1e30, 1e30, &mean);
    if (status == LP_OK)
        status = lp_ini_real(ini, section, "deviation", 1e-30, 1e30, &deviation);
    f->function = kind == 0 ? LP_MODBUS_READ_INPUT : LP_MODBUS_READ_HOLDING;
    f->address = (uint16_t)address;
    config->mean[config->feature_count] = (float)mean;
    config->deviation[config->feature_count] = (float)deviation;
    config->feature_count += status == LP_OK;
    return status;
}

/* Sections of one kind in the order of the file. */
static lp_status read_each(struct lp_ini *ini, const char *prefix, struct lp_monitor_config *config,
                           lp_status (*read)(struct lp_ini *, struct lp_ini_section *, struct lp_monitor_config *))
{
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < ini->section_count && status == LP_OK; i++)
        if (strncmp(ini->sections[i].name, prefix, strlen(prefix)) == 0)
            status = read(ini, &ini->sections[i], config);
    return status;
}

lp_status lp_monitor_config_read(struct lp_arena *arena, struct lp_diag *diag, const char *path, struct lp_monitor_config *config)
{
    struct lp_ini ini = {0};
    *config = (struct lp_monitor_config){.path = path, .target = "host"};
    lp_status status = lp_ini_read(arena, diag, path, &ini);
    if (status == LP_OK)
        status = read_monitor(&ini, config);
    if (status == LP_OK)
        status = read_each(&ini, "device ", config, read_device);
    if (status == LP_OK && config->device_count == 0)
        status = lp_error(diag, LP_BAD_INPUT, "%s: there is no [device NAME]: say where the registers are", path);
    if (status == LP_OK)
        status = read_each(&ini, "feature ", config, read_feature);
    if (status == LP_OK && config->feature_count == 0)
        status = lp_error(diag, LP_BAD_INPUT, "%s: there is no [feature NAME]: say which registers the network gets", path);
    if (status == LP_OK)
        status = lp_ini_check_all_asked(&ini, "[monitor], [device NAME] and [feature NAME]");
    if (status == LP_OK)
        lp_monitor_plan_blocks(config);
    return status;
}
