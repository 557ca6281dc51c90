/* The parent: compiles the network, starts the child, collects what it sends. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "compiler/base/file.h"
#include "simulator/shim/internal.h"

enum { MOST_ARGUMENTS = 96, DEFAULT_TIMEOUT_S = 600, COMPILER_TIMEOUT_S = 600, GRACE_S = 2, POLL_MS = 100 };

static int64_t now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Who calls may hold these back until children have ended. */
static bool is_asked_to_end(void)
{
    sigset_t waiting;
    return sigpending(&waiting) == 0 &&
           (sigismember(&waiting, SIGINT) == 1 || sigismember(&waiting, SIGTERM) == 1 || sigismember(&waiting, SIGHUP) == 1);
}

static void release_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static lp_status write_glue(struct lp_arena *arena, struct lp_diag *diag, const struct lp_shim_request *r,
                            const struct lp_shim_source *source, const char **path)
{
    const char *text = lp_arena_printf(arena, "#define LP_SHIM_NETWORK %s\n#include <lp_shim_stub.h>\n", source->network);
    *path = lp_arena_printf(arena, "%s/glue.c", r->work_folder);
    return text == NULL || *path == NULL ? lp_no_memory(diag) : lp_file_write(diag, *path, text, strlen(text));
}

/* Runs the compiler with its messages in `log`. Its exit status, or -1. */
static int run_compiler(char *const *arguments, const char *log)
{
    pid_t child = fork();
    if (child == 0) {
        int descriptor = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (descriptor >= 0) {
            (void)dup2(descriptor, STDERR_FILENO);
            (void)dup2(descriptor, STDOUT_FILENO);
        }
        release_signals();
        (void)alarm(COMPILER_TIMEOUT_S); /* a source can be made that takes for ever */
        execvp(arguments[0], arguments);
        _exit(127);
    }
    int status = 0;
    pid_t ended;
    do
        ended = child < 0 ? child : waitpid(child, &status, 0);
    while (ended < 0 && child > 0 && errno == EINTR);
    return ended != child || child < 0 || !WIFEXITED(status) ? -1 : WEXITSTATUS(status);
}

static const char *folder_of(struct lp_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? "." : lp_arena_text(arena, path, (size_t)(slash - path) + 1);
}

static int generation_of(const struct lp_shim_source *s)
{
    const int *v = s->version;
    return v[0] < 0 || v[1] < 0 || v[2] < 0 ? 113 : v[0] * 100 + v[1] * 10 + v[2];
}

static lp_status add_flags(struct lp_arena *arena, struct lp_diag *diag, const struct lp_shim_request *r, const char **arguments,
                           size_t *count)
{
    enum { MOST_FLAGS = 16 };
    size_t most = *count + MOST_FLAGS;
    for (const char *at = r->flags; at != NULL && *at != '\0';) {
        size_t length = strcspn(at, " ");
        if (length > 0 && *count == most)
            return lp_error(diag, LP_BAD_ARGUMENT, "%s: more than %d compiler flags", r->source, MOST_FLAGS);
        if (length > 0)
            arguments[(*count)++] = lp_arena_text(arena, at, length);
        at += length + (at[length] == ' ');
    }
    return LP_OK;
}

static lp_status compile(struct lp_arena *arena, struct lp_diag *diag, const struct lp_shim_request *r,
                         const struct lp_shim_source *source, const char *library)
{
    static const char *const parts[4] = {"MAJOR", "MINOR", "MICRO", "DEV"};
    const char *glue = NULL, *arguments[MOST_ARGUMENTS];
    const char *log = lp_arena_printf(arena, "%s/compiler.log", r->work_folder);
    lp_status status = write_glue(arena, diag, r, source, &glue);
    if (status != LP_OK)
        return status;
    size_t n = 0;
    arguments[n++] = r->compiler != NULL ? r->compiler : "cc";
    static const char *const fixed[] = {"-std=gnu11", "-O1", "-w", "-fPIC", "-shared"};
    for (size_t i = 0; i < LP_COUNT(fixed); i++)
        arguments[n++] = fixed[i];
    arguments[n++] = lp_arena_printf(arena, "-DLP_SHIM_GENERATION=%d", generation_of(source));
    arguments[n++] = lp_arena_printf(arena, "-DLP_SHIM_BLOCKS_TAKE_INSTANCE=%d", source->blocks_take_instance);
    if (source->has_debug_members) /* in every file, so that all agree on a block's size */
        arguments[n++] = "-DLL_ATON_EB_DBG_INFO=";
    for (int i = 0; i < 4; i++)
        if (source->version[i] >= 0)
            arguments[n++] = lp_arena_printf(arena, "-DLL_ATON_VERSION_%s=%d", parts[i], source->version[i]);
    arguments[n++] = lp_arena_printf(arena, "-I%s/neural-art/shim", r->root);
    arguments[n++] = lp_arena_printf(arena, "-I%s", r->root);
    arguments[n++] = lp_arena_printf(arena, "-I%s", folder_of(arena, r->source));
    arguments[n++] = glue;
    arguments[n++] = r->source;
    lp_status flags = add_flags(arena, diag, r, arguments, &n);
    if (flags != LP_OK)
        return flags;
    if (r->source_count > MOST_ARGUMENTS - n - 3)
        return lp_error(diag, LP_BAD_ARGUMENT, "%s: %zu further C files; allowed are %zu", r->source, r->source_count,
                        MOST_ARGUMENTS - n - 3);
    for (size_t i = 0; i < r->source_count; i++)
        arguments[n++] = r->sources[i];
    arguments[n++] = "-o";
    arguments[n++] = library;
    for (size_t i = 0; i < n; i++)
        if (arguments[i] == NULL)
            return lp_no_memory(diag);
    arguments[n] = NULL;
    int result = run_compiler((char *const *)(uintptr_t)arguments, log);
    if (result == 0)
        return LP_OK;
    const uint8_t *text = (const uint8_t *)"";
    size_t size = 0;
    if (result == 127 || lp_file_read(arena, diag, log, 1 << 20, &text, &size) != LP_OK)
        return lp_error(diag, LP_IO, "%s: the C compiler %s cannot be run", r->source, arguments[0]);
    return lp_error(diag, LP_BAD_INPUT, "%s does not compile against the shim:\n%.*s", r->source,
                    (int)(size < 2000 ? size : 2000), text);
}

/* ---- what the child sends ---- */

struct received {
    struct lp_arena *arena;
    struct lp_shim_result *result;
    struct lp_diag *diag;
    const char *name; /* of the output that follows */
    size_t *capacity;
    struct lp_shim_port *ports[2];
    int32_t status;
    int64_t deadline_ms;
    bool is_late, is_interrupted;
};

enum { MOST_OUTPUTS = 256, MOST_BLOCK_BYTES = 1 << 30 };

/* False when the child has to be given up: it is late whatever it did to its own alarm, or this program is to end. */
static bool wait_for_bytes(struct received *r, int descriptor)
{
    struct pollfd end = {.fd = descriptor, .events = POLLIN};
    while (poll(&end, 1, POLL_MS) <= 0) {
        r->is_late = now_ms() > r->deadline_ms;
        r->is_interrupted = is_asked_to_end();
        if (r->is_late || r->is_interrupted)
            return false;
    }
    return true;
}

static bool read_all(struct received *r, int descriptor, void *bytes, size_t count)
{
    char *at = bytes;
    while (count > 0) {
        if (!wait_for_bytes(r, descriptor))
            return false;
        ssize_t n = read(descriptor, at, count);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        count -= (size_t)n;
    }
    return true;
}

static bool add_output(struct received *r, const char *bytes, size_t count)
{
    struct lp_shim_result *out = r->result;
    size_t i = 0;
    while (i < out->output_count && strcmp(out->names[i], r->name) != 0)
        i++;
    if (i == MOST_OUTPUTS)
        return false;
    if (i == out->output_count) {
        out->names[i] = r->name;
        out->output_count++;
    }
    if (out->output_bytes[i] + count > r->capacity[i]) {
        size_t capacity = (out->output_bytes[i] + count) * 2;
        uint8_t *grown = lp_arena_alloc(r->arena, capacity, 1);
        if (grown == NULL)
            return false;
        if (out->output_bytes[i] > 0)
            memcpy(grown, out->outputs[i], out->output_bytes[i]);
        out->outputs[i] = grown;
        r->capacity[i] = capacity;
    }
    memcpy((uint8_t *)(uintptr_t)out->outputs[i] + out->output_bytes[i], bytes, count);
    out->output_bytes[i] += count;
    return true;
}

static bool add_port(struct received *r, int role, const char *bytes, size_t count)
{
    struct lp_shim_port *port = &r->ports[role][r->result->port_count[role]];
    if (r->name == NULL || count != sizeof *port || r->result->port_count[role] == MOST_OUTPUTS)
        return false;
    memcpy(port, bytes, sizeof *port);
    port->name = r->name;
    r->result->port_count[role]++;
    return true;
}

static bool take_block(struct received *r, char kind, const char *bytes, size_t count)
{
    switch (kind) {
    case 'n': r->name = bytes; return true;
    case 'i': return add_port(r, 0, bytes, count);
    case 'd': return add_port(r, 1, bytes, count);
    case 'o': return r->name != NULL && add_output(r, bytes, count);
    case 'c':
        if (count == sizeof r->result->saturations)
            memcpy(&r->result->saturations, bytes, count);
        return true;
    case 'r': r->result->report = bytes; return true;
    case 'e':
        if (count > 0)
            (void)lp_error(r->diag, LP_BAD_INPUT, "%.*s", (int)(bytes[count - 1] == '\n' ? count - 1 : count), bytes);
        return true;
    case 's':
        if (count == sizeof r->status)
            memcpy(&r->status, bytes, count);
        return true;
    default: return false;
    }
}

static bool receive(struct received *r, int descriptor)
{
    char kind;
    uint64_t length;
    while (read_all(r, descriptor, &kind, 1)) {
        if (!read_all(r, descriptor, &length, sizeof length) || length > MOST_BLOCK_BYTES)
            return false;
        char *bytes = lp_arena_alloc(r->arena, (size_t)length + 1, 1);
        if (bytes == NULL || !read_all(r, descriptor, bytes, (size_t)length) || !take_block(r, kind, bytes, (size_t)length))
            return false;
    }
    return !r->is_late && !r->is_interrupted;
}

static uint32_t timeout_of(const struct lp_shim_request *r)
{
    return r->timeout_s != 0 ? r->timeout_s : DEFAULT_TIMEOUT_S;
}

static lp_status judge(struct lp_diag *diag, const struct lp_shim_request *r, const struct received *received, int wait_status)
{
    if (received->is_interrupted)
        return lp_error(diag, LP_IO, "interrupted");
    if (received->is_late || (WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGALRM))
        return lp_error(diag, LP_TIMEOUT, "%s: the network did not end within %u s", r->source, timeout_of(r));
    if (!WIFEXITED(wait_status) || WEXITSTATUS(wait_status) != 0 || received->status < 0)
        return lp_error(diag, LP_BAD_INPUT,
                        "%s: the process that ran the network ended by itself (%s %d); does it read memory that no image fills?",
                        r->source, WIFSIGNALED(wait_status) ? "signal" : "status",
                        WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : WEXITSTATUS(wait_status));
    return (lp_status)received->status;
}

static lp_status run_child(struct lp_arena *arena, struct lp_diag *diag, const struct lp_shim_request *r,
                           const struct lp_shim_source *source, const char *library, struct lp_shim_result *result)
{
    int ends[2], wait_status = 0;
    struct received received = {.arena = arena, .result = result, .diag = diag, .status = -1};
    received.capacity = LP_NEW_ARRAY(arena, MOST_OUTPUTS, size_t);
    received.deadline_ms = now_ms() + (int64_t)(timeout_of(r) + GRACE_S) * 1000;
    for (int role = 0; role < 2; role++)
        result->ports[role] = received.ports[role] = LP_NEW_ARRAY(arena, MOST_OUTPUTS, struct lp_shim_port);
    result->names = LP_NEW_ARRAY(arena, MOST_OUTPUTS, const char *);
    result->outputs = LP_NEW_ARRAY(arena, MOST_OUTPUTS, const uint8_t *);
    result->output_bytes = LP_NEW_ARRAY(arena, MOST_OUTPUTS, size_t);
    result->report = "";
    if (!received.capacity || !received.ports[0] || !received.ports[1] || !result->names || !result->outputs ||
        !result->output_bytes)
        return lp_no_memory(diag);
    if (pipe(ends) != 0)
        return lp_error(diag, LP_IO, "no pipe to a child process: %s", strerror(errno));
    pid_t child = fork();
    if (child == 0) {
        static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGALRM};
        for (size_t i = 0; i < LP_COUNT(faults); i++)
            (void)signal(faults[i], SIG_DFL); /* a handler of the parent would hide how the child ended */
        (void)close(ends[0]);
        release_signals();
        (void)alarm(timeout_of(r));
        _exit(lp_shim_child(r, source, library, ends[1]));
    }
    (void)close(ends[1]);
    bool complete = child > 0 && receive(&received, ends[0]);
    (void)close(ends[0]);
    if (child > 0 && !complete)
        (void)kill(child, SIGKILL);
    if (child < 0 || waitpid(child, &wait_status, 0) != child)
        return lp_error(diag, LP_IO, "no child process: %s", strerror(errno));
    if (!complete && !received.is_late && !received.is_interrupted)
        return lp_error(diag, LP_BAD_INPUT,
                        "%s: the process that ran the network answered what is no answer, or more than memory holds", r->source);
    return judge(diag, r, &received, wait_status);
}

lp_status lp_shim_run(struct lp_arena *arena, struct lp_diag *diag, const struct lp_shim_request *request,
                      struct lp_shim_result *result)
{
    struct lp_shim_source source;
    *result = (struct lp_shim_result){0};
    const char *library = lp_arena_printf(arena, "%s%s/network.so", request->work_folder[0] == '/' ? "" : "./",
                                          request->work_folder);
    if (library == NULL)
        return lp_no_memory(diag);
    lp_status status = lp_shim_read_source(arena, diag, request->source, &source);
    if (status == LP_OK && !request->is_compiled)
        status = compile(arena, diag, request, &source, library);
    return status == LP_OK ? run_child(arena, diag, request, &source, library, result) : status;
}
