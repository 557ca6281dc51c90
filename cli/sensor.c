/* limpid sensor: a simulated Modbus device to try everything without hardware. */
#define _POSIX_C_SOURCE 200809L
#include "cli/sensor/device.h"

#include "cli/commands.h"

#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile int stop_asked;

static void on_signal(int number)
{
    (void)number;
    stop_asked = 1;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    const char **path = state->input;
    if (key == ARGP_KEY_ARG) {
        if (*path != NULL)
            argp_error(state, "one configuration at a time: '%s' is too many", arg);
        *path = arg;
        return 0;
    }
    if (key == ARGP_KEY_END && *path == NULL)
        argp_error(state, "a configuration is missing: CONFIG.ini");
    return ARGP_ERR_UNKNOWN;
}

static lp_status serve(struct lp_arena *arena, struct lp_diag *diag, const char *path)
{
    struct lp_sensor_config *config = LP_NEW(arena, struct lp_sensor_config);
    struct lp_device device;
    if (config == NULL)
        return lp_no_memory(diag);
    lp_status status = lp_sensor_config_read(arena, diag, path, config);
    if (status == LP_OK)
        status = lp_device_open(&device, config, diag);
    if (status != LP_OK)
        return status;
    printf("%s\n", device.where);
    fflush(stdout);
    status = lp_device_serve(&device, STDIN_FILENO, &stop_asked);
    printf("requests %u, of which answered with a fault %u\n", (unsigned)device.requests, (unsigned)device.faulted);
    fflush(stdout);
    lp_device_close(&device);
    return status;
}

static void print_errors(const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        fprintf(stderr, "limpid: %.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

int lp_cmd_sensor(int argc, char **argv)
{
    static const struct argp argp = {
        .parser = parse,
        .args_doc = "CONFIG.ini",
        .doc = "Plays a Modbus device whose registers follow a simulated machine, with faults on request.\v",
    };
    struct argp with_help = argp;
    struct lp_text doc = {0};
    lp_text_printf(&doc, "%s%s", argp.doc, lp_sensor_config_help);
    with_help.doc = lp_text_get(&doc);
    const char *path = NULL;
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct sigaction action = {.sa_handler = on_signal};
    lp_status status = LP_BAD_ARGUMENT;
    if (argp_parse(&with_help, argc, argv, 0, NULL, &path) == 0) {
        sigaction(SIGINT, &action, NULL);
        sigaction(SIGTERM, &action, NULL);
        signal(SIGPIPE, SIG_IGN);
        status = serve(&arena, &diag, path);
    }
    print_errors(lp_text_get(&diag.errors));
    lp_text_free(&doc);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
    return status == LP_OK ? LP_EXIT_FINE : LP_EXIT_BAD;
}
