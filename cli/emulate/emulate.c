#define _POSIX_C_SOURCE 200809L
#include "cli/emulate/emulate.h"

#include "cli/emulate/build.h"
#include "cli/emulate/device/runner.h"
#include "cli/emulate/folder.h"
#include "cli/progress.h"
#include "compiler/base/file.h"
#include "runtime/epoch/network.h"

#include <string.h>
#include <sys/stat.h>

/* The program on the board; its own exit statuses stand in device/runner.c. */
static const struct lp_build_extra runner[] = {
    {"runtime/ports/cortex-m/startup.c", "startup.o", NULL},
    {"runtime/ports/cortex-m/semihosting.c", "semihosting.o", NULL},
    {"cli/emulate/device/runner.c", "runner.o", NULL},
    {"networks.c", "networks.o", NULL},
};

struct job {
    struct lp_build build;
    struct lp_emulate_network *networks;
    size_t count;
    uint32_t timeout_s;
};

/* Tells the runner which networks there are. */
static lp_status write_networks(struct job *job)
{
    struct lp_text text = {0};
    lp_text_printf(&text, "#include \"cli/emulate/device/runner.h\"\n\n");
    for (size_t i = 0; i < job->count; i++)
        lp_text_printf(&text, "extern const struct lp_network_desc %s;\n", job->networks[i].symbol);
    lp_text_printf(&text, "\nconst struct lp_network_desc *const lp_runner_networks[] = {\n");
    for (size_t i = 0; i < job->count; i++)
        lp_text_printf(&text, "    &%s,\n", job->networks[i].symbol);
    lp_text_printf(&text, "};\nconst uint32_t lp_runner_network_count = %zu;\n", job->count);
    struct lp_build *b = &job->build;
    lp_status status = text.failed ? lp_no_memory(b->diag)
                                   : lp_folder_write(b->arena, b->diag, b->folder, "networks.c", text.data, text.length);
    lp_text_free(&text);
    return status;
}

static void add_word(struct lp_text *text, uint32_t word)
{
    const char bytes[] = {(char)word, (char)(word >> 8), (char)(word >> 16), (char)(word >> 24)};
    lp_text_add(text, bytes, sizeof bytes);
}

static lp_status write_job(struct job *job)
{
    struct lp_text text = {0};
    add_word(&text, LP_RUNNER_MAGIC);
    add_word(&text, (uint32_t)job->count);
    for (size_t i = 0; i < job->count; i++) {
        const struct lp_emulate_network *n = &job->networks[i];
        add_word(&text, (uint32_t)i);
        add_word(&text, n->inference_count);
        add_word(&text, n->input_bytes);
        add_word(&text, n->output_bytes);
        add_word(&text, n->repeat_count);
        lp_text_add(&text, (const char *)n->input, (size_t)n->inference_count * n->input_bytes);
    }
    struct lp_build *b = &job->build;
    lp_status status = LP_OK;
    if (text.failed)
        status = lp_no_memory(b->diag);
    else if (text.length > INT32_MAX)
        status = lp_error(b->diag, LP_UNSUPPORTED, "the inputs have %zu bytes; at most %d are possible in one run on a board",
                          text.length, INT32_MAX);
    else
        status = lp_folder_write(b->arena, b->diag, b->folder, "job.bin", text.data, text.length);
    lp_text_free(&text);
    return status;
}

struct watching {
    struct lp_progress progress;
    const char *output_path;
};

/* The outputs grow in steps as large as the board's program writes them. */
static void show_progress(void *user, size_t done)
{
    struct watching *watching = user;
    struct stat info;
    (void)done;
    if (stat(watching->output_path, &info) == 0)
        lp_progress_step(&watching->progress, (size_t)info.st_size);
}

static const char **board_arguments(struct lp_build *b)
{
    static const char *const rest[] = {
        "-display", "none",      "-monitor", "none", "-serial", "none", "-semihosting-config", "enable=on,target=native",
        "-kernel",  "image.elf", NULL};
    const char **argv = LP_NEW_ARRAY(b->arena, 3 + LP_BOARD_OPTIONS + LP_COUNT(rest), const char *);
    if (argv == NULL)
        return NULL;
    size_t count = 0;
    argv[count++] = LP_EMULATOR;
    argv[count++] = "-M";
    argv[count++] = b->board->name;
    for (size_t i = 0; b->board->options[i] != NULL; i++)
        argv[count++] = b->board->options[i];
    memcpy(argv + count, rest, sizeof rest);
    return argv;
}

static lp_status emulate(struct job *job, struct lp_process *process)
{
    struct lp_build *b = &job->build;
    const char **argv = board_arguments(b);
    size_t total_bytes = 0;
    for (size_t i = 0; i < job->count; i++)
        total_bytes += (size_t)job->networks[i].inference_count * job->networks[i].output_bytes;
    struct watching watching = {lp_progress_start("emulating", total_bytes),
                                lp_arena_printf(b->arena, "%s/output.bin", b->folder)};
    if (argv == NULL || watching.output_path == NULL)
        return lp_no_memory(b->diag);
    struct lp_process_watch watch = {show_progress, &watching};
    *process = (struct lp_process){
        .argv = argv, .folder = b->folder, .output_path = "emulator.log", .timeout_ms = job->timeout_s * 1000};
    lp_status status = lp_process_run(b->diag, process, 1, 1, &watch);
    lp_progress_end(&watching.progress);
    return status;
}

static lp_status read_result(struct job *job, const char *name, const uint8_t **data, size_t *size_bytes)
{
    struct lp_build *b = &job->build;
    const char *path = lp_arena_printf(b->arena, "%s/%s", b->folder, name);
    return path == NULL ? lp_no_memory(b->diag) : lp_file_read(b->arena, b->diag, path, 0, data, size_bytes);
}

static uint32_t word_at(const uint8_t *bytes, size_t word)
{
    const uint8_t *at = bytes + word * 4;
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void fill_result(struct lp_emulate_network *n, const uint8_t *words)
{
    /* The members of struct lp_runner_result in order. */
    n->status = (lp_status)word_at(words, 0);
    n->epoch = word_at(words, 1);
    n->done_count = word_at(words, 2);
    n->touched_bytes = word_at(words, 4);
    n->stack_bytes = word_at(words, 5);
    if (n->status == LP_OK && word_at(words, 3) != LP_RUNNER_NONE)
        n->status = LP_INTERNAL;
}

/* Copies what the board wrote. Networks that it did not reach keep the status LP_IO. */
static lp_status read_results(struct job *job)
{
    const uint8_t *results;
    const uint8_t *outputs;
    size_t results_bytes;
    size_t outputs_bytes;
    lp_status status = read_result(job, "result.bin", &results, &results_bytes);
    if (status == LP_OK)
        status = read_result(job, "output.bin", &outputs, &outputs_bytes);
    for (size_t i = 0; i < job->count && status == LP_OK; i++) {
        struct lp_emulate_network *n = &job->networks[i];
        if (results_bytes < (i + 1) * sizeof(struct lp_runner_result))
            break;
        fill_result(n, results + i * sizeof(struct lp_runner_result));
        size_t bytes = (size_t)n->done_count * n->output_bytes;
        if (n->done_count > n->inference_count || bytes > outputs_bytes)
            return lp_error(job->build.diag, LP_INTERNAL, "the emulated board wrote fewer outputs than it says");
        if (bytes != 0)
            memcpy(n->output, outputs, bytes);
        outputs += bytes;
        outputs_bytes -= bytes;
    }
    return status;
}

/* What the runner said about network i, without its "network 3: "; null when it said nothing. */
static const char *message_of(struct job *job, const char *log, size_t i)
{
    const char *start = lp_arena_printf(job->build.arena, "network %zu: ", i);
    const char *line = start == NULL ? NULL : strstr(log, start);
    if (line == NULL)
        return NULL;
    line += strlen(start);
    return lp_arena_text(job->build.arena, line, strcspn(line, "\n"));
}

/* One error for each network that failed; the status of the first, LP_OK when none did. */
static lp_status explain_networks(struct job *job, const char *log)
{
    struct lp_build *b = &job->build;
    lp_status first = LP_OK;
    for (size_t i = 0; i < job->count; i++) {
        const struct lp_emulate_network *n = &job->networks[i];
        const char *message = n->status == LP_OK ? NULL : message_of(job, log, i);
        if (message == NULL && n->status == LP_INTERNAL)
            message = "an output depends on what the arena held before the run";
        if (message == NULL)
            continue;
        (void)lp_error(b->diag, n->status, "%s on the emulated %s: %s", n->symbol, b->board->name, message);
        if (first == LP_OK)
            first = n->status;
    }
    return first;
}

static lp_status explain(struct job *job, const struct lp_process *process)
{
    struct lp_build *b = &job->build;
    const char *log = lp_folder_read_text(b->arena, b->folder, "emulator.log", LP_LOG_BYTES);
    lp_status status = explain_networks(job, log);
    if (status != LP_OK || process->exit_status == 0)
        return status;
    return lp_error(b->diag, LP_INTERNAL, "the emulated %s stopped with exit status %d:\n%s", b->board->name,
                    process->exit_status, log);
}

static lp_status run(struct job *job)
{
    struct lp_build *b = &job->build;
    lp_status status = write_networks(job);
    if (status == LP_OK)
        status = write_job(job);
    if (status == LP_OK)
        status = lp_build_image(b, runner, LP_COUNT(runner));
    struct lp_process process;
    if (status == LP_OK)
        status = emulate(job, &process);
    if (status != LP_OK)
        return status;
    if (process.timed_out)
        return lp_error(b->diag, LP_TIMEOUT,
                        "the emulated %s was stopped after %u s, before it came to the end; run fewer inferences at once",
                        b->board->name, (unsigned)job->timeout_s);
    status = read_results(job);
    return status == LP_OK ? explain(job, &process) : status;
}

lp_status lp_emulate_run(struct lp_arena *arena, struct lp_diag *diag, const struct lp_emulate_program *program,
                         struct lp_emulate_network *networks, size_t network_count, uint32_t timeout_s)
{
    struct job job = {
        .networks = networks, .count = network_count, .timeout_s = timeout_s == 0 ? LP_EMULATE_TIMEOUT_S : timeout_s};
    for (size_t i = 0; i < network_count; i++) {
        networks[i].status = LP_IO;
        networks[i].epoch = LP_NO_EPOCH;
        networks[i].done_count = networks[i].touched_bytes = networks[i].stack_bytes = 0;
    }
    lp_status status = lp_build_open(&job.build, arena, diag, program);
    if (status != LP_OK)
        return status;
    status = run(&job);
    lp_build_close(&job.build);
    return status;
}
