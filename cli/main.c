#define _POSIX_C_SOURCE 200809L
/* limpid: finds the command and hands over. */
#include "cli/commands.h"
#include "cli/heap.h"

#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"analyze", lp_cmd_analyze, "what a model would cost on a target, and why"},
    {"generate", lp_cmd_generate, "C source, weights and a report"},
    {"run", lp_cmd_run, "run a model here on given inputs"},
    {"validate", lp_cmd_validate, "compare targets with the reference, bit by bit"},
    {"diagnose", lp_cmd_diagnose, "why an output is constant, stale or wrong, and what to do"},
    {"optimize", lp_cmd_optimize, "the same model without its dead channels, for any other tool"},
    {"explain", lp_cmd_explain, "why a build of ST Edge AI Core for the NPU has its bytes"},
    {"disasm", lp_cmd_disasm, "programs of the NPU's epoch controller as text, and back"},
    {"monitor", lp_cmd_monitor, "live: Modbus registers to windows to decisions"},
    {"sensor", lp_cmd_sensor, "a simulated Modbus device to try all this without hardware"},
    {"rules", lp_cmd_rules, "what the NPU of a target takes, and its limits"},
    {"targets", lp_cmd_targets, "the targets that exist"},
};

static void print_help(FILE *out)
{
    fprintf(out,
            "limpid compiles int8 neural networks for microcontrollers with an NPU, and shows why every byte and every output\n"
            "is what it is.\n\nUsage: limpid COMMAND [OPTION...]\n\nCommands:\n");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
    fprintf(out, "\nStart with:  limpid analyze MODEL.tflite --target cortex-m55\n"
                 "Each command explains itself:  limpid COMMAND --help\n"
                 "Exit status: 0 fine; 1 it worked and found something; 2 bad usage or bad input.\n");
}

/* What is still buffered when the program ends (help texts) may fail to be written; an error of before has been said. */
static void flush_output(void)
{
    bool was_said = ferror(stdout) != 0;
    if (fflush(stdout) == 0)
        return;
    if (!was_said)
        fprintf(stderr, "limpid: cannot write to standard output: %s\n", strerror(errno));
    _exit(LP_EXIT_BAD);
}

int main(int argc, char **argv)
{
    lp_heap_prepare();
    if (atexit(flush_output) != 0)
        return LP_EXIT_BAD;
    argp_err_exit_status = LP_EXIT_BAD;
    argp_program_version = "limpid " LP_VERSION;
    /* Help without the sentence about arguments of short options; who has set the variable keeps it. */
    if (setenv("ARGP_HELP_FMT", "no-dup-args-note", 0) != 0)
        return LP_EXIT_BAD;
    /* A closed pipe is an error of the write, said in a sentence, not a sudden end. */
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        print_help(stderr);
        return LP_EXIT_BAD;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return LP_EXIT_FINE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        printf("limpid %s\n", LP_VERSION);
        return LP_EXIT_FINE;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(argv[1], commands[i].name) != 0)
            continue;
        char full_name[40];
        snprintf(full_name, sizeof full_name, "limpid %s", commands[i].name);
        argv[1] = full_name;
        return commands[i].run(argc - 1, argv + 1);
    }
    fprintf(stderr, "limpid: there is no command '%s'; limpid --help lists them\n", argv[1]);
    return LP_EXIT_BAD;
}
