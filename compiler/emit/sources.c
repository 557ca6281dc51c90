/* Which sources of the device half a network needs: its kernels, the epoch walker, the port, and whatever they include. */
#include "compiler/emit/parts.h"

#include <string.h>

struct picker {
    const struct lp_emit_input *in;
    struct lp_diag *diag;
    bool *picked; /* by source */
};

static lp_status pick(struct picker *p, const char *path, size_t path_length);

/* Follows the lines #include "..." of one source. */
static lp_status pick_includes(struct picker *p, const struct lp_source_file *file)
{
    static const char directive[] = "#include \"";
    const char *at = file->text;
    const char *end = file->text + file->length;
    lp_status status = LP_OK;
    while (at < end && status == LP_OK) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        if (line_end == NULL)
            line_end = end;
        size_t length = (size_t)(line_end - at);
        if (length > sizeof directive && memcmp(at, directive, sizeof directive - 1) == 0) {
            const char *path = at + sizeof directive - 1;
            const char *quote = memchr(path, '"', (size_t)(line_end - path));
            if (quote != NULL)
                status = pick(p, path, (size_t)(quote - path));
        }
        at = line_end + 1;
    }
    return status;
}

static lp_status pick(struct picker *p, const char *path, size_t path_length)
{
    for (size_t i = 0; i < p->in->source_count; i++) {
        const struct lp_source_file *file = &p->in->sources[i];
        if (strlen(file->path) != path_length || memcmp(file->path, path, path_length) != 0)
            continue;
        if (p->picked[i])
            return LP_OK;
        p->picked[i] = true;
        return pick_includes(p, file);
    }
    return lp_error(p->diag, LP_INTERNAL, "the source %.*s is not embedded in this program", (int)path_length, path);
}

/* A source file beside the headers that were picked: x.h comes with x.c where one exists. */
static lp_status pick_bodies(struct picker *p)
{
    bool found = true;
    lp_status status = LP_OK;
    while (found && status == LP_OK) {
        found = false;
        for (size_t i = 0; i < p->in->source_count && status == LP_OK; i++) {
            const char *path = p->in->sources[i].path;
            size_t length = strlen(path);
            if (p->picked[i] || length < 2 || strcmp(path + length - 2, ".c") != 0)
                continue;
            for (size_t h = 0; h < p->in->source_count; h++) {
                const char *header = p->in->sources[h].path;
                if (p->picked[h] && strlen(header) == length && memcmp(header, path, length - 1) == 0 &&
                    header[length - 1] == 'h') {
                    status = pick(p, path, length);
                    found = true;
                    break;
                }
            }
        }
    }
    return status;
}

static lp_status pick_all(struct picker *p, const char *const *more, size_t more_count)
{
    static const char *const always[] = {"runtime/epoch/network.c", "contract/kernel_args.h", "runtime/kernels/kernels.h"};
    const char *port = p->in->program->target->pointer_bytes == 8 ? "runtime/ports/host/port.c" : "runtime/ports/cortex-m/port.c";
    lp_status status = pick(p, port, strlen(port));
    for (size_t i = 0; i < LP_COUNT(always) && status == LP_OK; i++)
        status = pick(p, always[i], strlen(always[i]));
    for (size_t i = 0; i < more_count && status == LP_OK; i++)
        status = pick(p, more[i], strlen(more[i]));
    static const char states[] = "runtime/epoch/states.c";
    if (status == LP_OK && p->in->graph->state_count != 0)
        status = pick(p, states, strlen(states));
    for (uint32_t e = 0; e < p->in->program->epoch_count && status == LP_OK; e++) {
        const struct lp_kernel_info *kernel = p->in->program->epochs[e].kernel;
        if (kernel != NULL)
            status = pick(p, kernel->source_file, strlen(kernel->source_file));
        for (uint32_t i = 0; i < p->in->program->epochs[e].stage_count && status == LP_OK; i++) {
            const char *source = p->in->program->epochs[e].stages[i].kernel->source_file;
            status = pick(p, source, strlen(source));
        }
    }
    return status == LP_OK ? pick_bodies(p) : status;
}

lp_status lp_emit_sources(const struct lp_emit_input *in, const char *const *own, size_t own_count, const char *const *more,
                          size_t more_count, struct lp_output *output, struct lp_diag *diag)
{
    struct picker p = {.in = in, .diag = diag, .picked = LP_NEW_ARRAY(output->arena, in->source_count + 1, bool)};
    if (p.picked == NULL)
        return lp_no_memory(diag);
    lp_status status = pick_all(&p, more, more_count);
    struct lp_text list = {0};
    for (size_t i = 0; i < own_count; i++)
        lp_text_printf(&list, "%s%s\n", in->name, own[i]);
    for (size_t i = 0; i < in->source_count && status == LP_OK; i++) {
        const struct lp_source_file *file = &in->sources[i];
        size_t length = strlen(file->path);
        if (!p.picked[i])
            continue;
        status = lp_output_add_static(output, diag, file->path, file->text, file->length);
        if (strcmp(file->path + length - 2, ".c") == 0)
            lp_text_printf(&list, "%s\n", file->path);
    }
    const char *path = lp_arena_printf(output->arena, "%s.sources", in->name);
    if (status == LP_OK && path == NULL)
        status = lp_no_memory(diag);
    if (status == LP_OK)
        return lp_output_add(output, diag, path, &list);
    lp_text_free(&list);
    return status;
}
