#define _GNU_SOURCE
#include "cli/emulate/build.h"

#include "cli/embedded.h"
#include "cli/emulate/folder.h"
#include "cli/progress.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEVICE_FOLDER "runtime/ports/cortex-m"

enum { COMPILE_TIMEOUT_MS = 120000, LINK_TIMEOUT_MS = 120000 };

static const struct lp_board boards[] = {
    {"mps3-an547", "Cortex-M55", {NULL}},
    {"mps2-an386", "Cortex-M4", {NULL}},
    /* More memory than the real part has; microbit.ld says the same. */
    {"microbit", "Cortex-M0", {"-global", "nrf51-soc.flash-size=16777216", "-global", "nrf51-soc.sram-size=16777216", NULL}},
};

static const char *const common_flags[] = {
    "-std=c11",     "-Os",      "-ffunction-sections", "-fdata-sections", "-ffp-contract=off", "-Wall", "-Wextra",
    "-Wconversion", "-Wshadow", "-Wstrict-prototypes", "-Werror",
};

lp_status lp_emulate_available(struct lp_diag *diag)
{
    bool compiler = lp_process_exists(LP_COMPILER);
    bool emulator = lp_process_exists(LP_EMULATOR);
    if (compiler && emulator)
        return LP_OK;
    return lp_error(diag, LP_UNSUPPORTED,
                    "%s%s%s not found: install with `apt install gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm`",
                    compiler ? "" : LP_COMPILER, compiler || emulator ? "" : " and ", emulator ? "" : LP_EMULATOR);
}

static lp_status find_board(struct lp_build *build)
{
    const char *name = build->program->board;
    for (size_t i = 0; i < LP_COUNT(boards); i++)
        if (name != NULL && strcmp(boards[i].name, name) == 0) {
            build->board = &boards[i];
            return LP_OK;
        }
    return lp_error(build->diag, LP_UNSUPPORTED,
                    "there is no emulated board '%s'; those that exist: mps3-an547, mps2-an386, microbit",
                    name == NULL ? "" : name);
}

static bool is_for_boards(const char *path)
{
    size_t length = strlen(path);
    return strncmp(path, DEVICE_FOLDER "/", strlen(DEVICE_FOLDER "/")) == 0 || strncmp(path, "cli/emulate/device/", 19) == 0 ||
           (length > 2 && strcmp(path + length - 2, ".h") == 0);
}

static lp_status write_device_files(struct lp_build *build)
{
    lp_status status = LP_OK;
    for (size_t i = 0; i < lp_embedded_file_count && status == LP_OK; i++) {
        const struct lp_embedded_file *file = &lp_embedded_files[i];
        if (is_for_boards(file->path))
            status = lp_folder_write(build->arena, build->diag, build->folder, file->path, file->data, file->size_bytes);
    }
    return status;
}

static lp_status absolute_folder(struct lp_build *build)
{
    char *absolute = realpath(build->program->folder, NULL);
    if (absolute == NULL)
        return lp_error(build->diag, LP_IO, "%s: %s", build->program->folder, strerror(errno));
    build->source_folder = lp_arena_text(build->arena, absolute, strlen(absolute));
    free(absolute);
    return build->source_folder == NULL ? lp_no_memory(build->diag) : LP_OK;
}

lp_status lp_build_open(struct lp_build *build, struct lp_arena *arena, struct lp_diag *diag,
                        const struct lp_emulate_program *program)
{
    *build = (struct lp_build){.arena = arena, .diag = diag, .program = program};
    lp_status status = find_board(build);
    if (status == LP_OK)
        status = lp_emulate_available(diag);
    if (status == LP_OK)
        status = absolute_folder(build);
    if (status != LP_OK)
        return status;
    lp_guard_open(&build->guard);
    status = lp_folder_temporary(arena, diag, &build->folder);
    if (status == LP_OK)
        status = write_device_files(build);
    if (status != LP_OK)
        lp_build_close(build);
    return status;
}

void lp_build_close(struct lp_build *build)
{
    if (build->folder != NULL)
        lp_folder_remove(build->diag, build->folder);
    lp_guard_close(&build->guard);
}

/* One argument list; adding to it is checked once, at the end. */
struct arguments {
    const char **list;
    size_t count, capacity;
    bool failed;
};

static struct arguments new_arguments(struct lp_build *build, size_t capacity)
{
    const char **list = LP_NEW_ARRAY(build->arena, capacity + 1, const char *);
    return (struct arguments){.list = list, .capacity = capacity, .failed = list == NULL};
}

static void add(struct arguments *arguments, const char *text)
{
    if (text == NULL || arguments->count == arguments->capacity)
        arguments->failed = true;
    if (!arguments->failed)
        arguments->list[arguments->count++] = text;
}

static void add_cflags(struct lp_build *build, struct arguments *arguments)
{
    for (size_t i = 0; i < build->program->cflag_count; i++)
        add(arguments, build->program->cflags[i]);
}

static lp_status prepare_compile(struct lp_build *build, const struct lp_build_extra *file, struct lp_process *process)
{
    struct arguments a = new_arguments(build, LP_COUNT(common_flags) + build->program->cflag_count + 10);
    add(&a, LP_COMPILER);
    add_cflags(build, &a);
    for (size_t i = 0; i < LP_COUNT(common_flags); i++)
        add(&a, common_flags[i]);
    add(&a, lp_arena_printf(build->arena, "-I%s", build->source_folder));
    add(&a, "-I.");
    if (file->define != NULL)
        add(&a, file->define);
    add(&a, "-c");
    add(&a, file->source);
    add(&a, "-o");
    add(&a, file->object);
    *process = (struct lp_process){
        .argv = a.list,
        .folder = build->folder,
        .output_path = lp_arena_printf(build->arena, "%s.log", file->object),
        .timeout_ms = COMPILE_TIMEOUT_MS,
    };
    return a.failed || process->output_path == NULL ? lp_no_memory(build->diag) : LP_OK;
}

static const char *advice_for(const char *log)
{
    bool no_libc = strstr(log, "nano.specs") != NULL || strstr(log, "string.h: No such file") != NULL;
    return no_libc ? "\nThe C library is missing: `apt install libnewlib-arm-none-eabi`" : "";
}

/* What a compiler or linker said when it failed. */
static lp_status tool_failed(struct lp_build *build, const struct lp_process *process, const char *what)
{
    const char *log = lp_folder_read_text(build->arena, build->folder, process->output_path, LP_LOG_BYTES);
    if (process->timed_out)
        return lp_error(build->diag, LP_TIMEOUT, "%s took longer than %u s and was stopped", what,
                        (unsigned)(process->timeout_ms / 1000));
    lp_status status = strstr(log, "overflowed by") != NULL ? LP_DOES_NOT_FIT : LP_INTERNAL;
    return lp_error(build->diag, status, "%s for the emulated %s (%s) failed with exit status %d:\n%s%s", what,
                    build->board->name, build->board->processor, process->exit_status, log, advice_for(log));
}

static void show_progress(void *user, size_t done)
{
    lp_progress_step(user, done);
}

static lp_status compile_all(struct lp_build *build, const struct lp_build_extra *files, size_t count)
{
    struct lp_process *processes = LP_NEW_ARRAY(build->arena, count, struct lp_process);
    if (processes == NULL)
        return lp_no_memory(build->diag);
    lp_status status = LP_OK;
    for (size_t i = 0; i < count && status == LP_OK; i++)
        status = prepare_compile(build, &files[i], &processes[i]);
    struct lp_progress progress = lp_progress_start("compiling", count);
    struct lp_process_watch watch = {show_progress, &progress};
    if (status == LP_OK)
        status = lp_process_run(build->diag, processes, count, lp_process_parallel(), &watch);
    lp_progress_end(&progress);
    for (size_t i = 0; i < count && status == LP_OK; i++)
        if (processes[i].timed_out || processes[i].exit_status != 0) {
            const char *what = lp_arena_printf(build->arena, "compiling %s", files[i].source);
            status = tool_failed(build, &processes[i], what == NULL ? "compiling" : what);
        }
    return status;
}

static lp_status link_all(struct lp_build *build, const struct lp_build_extra *files, size_t count)
{
    struct arguments a = new_arguments(build, build->program->cflag_count + count + 16);
    add(&a, LP_COMPILER);
    add_cflags(build, &a);
    add(&a, "-nostartfiles");
    add(&a, "--specs=nano.specs");
    add(&a, "-Wl,--gc-sections");
    add(&a, "-Wl,-Map=image.map");
    add(&a, "-L" DEVICE_FOLDER);
    add(&a, "-T");
    add(&a, lp_arena_printf(build->arena, "%s.ld", build->board->name));
    for (size_t i = 0; i < count; i++)
        add(&a, files[i].object);
    add(&a, "-lm");
    add(&a, "-o");
    add(&a, "image.elf");
    if (a.failed)
        return lp_no_memory(build->diag);
    struct lp_process process = {
        .argv = a.list, .folder = build->folder, .output_path = "link.log", .timeout_ms = LINK_TIMEOUT_MS};
    lp_status status = lp_process_run(build->diag, &process, 1, 1, NULL);
    if (status == LP_OK && (process.timed_out || process.exit_status != 0))
        status = tool_failed(build, &process, "linking");
    return status;
}

/* The program's sources, each once. Their objects are numbered: a source may have any name. */
static lp_status list_sources(struct lp_build *build, struct lp_build_extra *files, size_t *count)
{
    const struct lp_emulate_program *p = build->program;
    for (size_t i = 0; i < p->source_count; i++) {
        size_t earlier = 0;
        while (earlier < i && strcmp(p->sources[earlier], p->sources[i]) != 0)
            earlier++;
        if (earlier < i)
            continue;
        const char *source = p->sources[i];
        if (source[0] != '/')
            source = lp_arena_printf(build->arena, "%s/%s", build->source_folder, source);
        const char *object = lp_arena_printf(build->arena, "n%zu.o", i);
        if (source == NULL || object == NULL)
            return lp_no_memory(build->diag);
        files[(*count)++] = (struct lp_build_extra){.source = source, .object = object};
    }
    return LP_OK;
}

lp_status lp_build_image(struct lp_build *build, const struct lp_build_extra *extras, size_t extra_count)
{
    size_t count = 0;
    struct lp_build_extra *files = LP_NEW_ARRAY(build->arena, build->program->source_count + extra_count, struct lp_build_extra);
    if (files == NULL)
        return lp_no_memory(build->diag);
    lp_status status = list_sources(build, files, &count);
    if (status != LP_OK)
        return status;
    memcpy(files + count, extras, extra_count * sizeof *extras);
    count += extra_count;
    status = compile_all(build, files, count);
    return status == LP_OK ? link_all(build, files, count) : status;
}
