/* Program + addresses -> C source that compiles alone. Nothing is written here: the caller gets texts and writes them. */
#ifndef LP_EMIT_EMIT_H
#define LP_EMIT_EMIT_H

#include "compiler/lower/program.h"

/* A file of the device half, embedded in the program when it is built. */
struct lp_source_file {
    const char *path; /* relative to the project's root, "runtime/epoch/network.c" */
    const char *text;
    size_t length;
};

struct lp_emit_input {
    const struct lp_graph *graph;
    const struct lp_program *program;
    uint32_t arena_bytes;     /* from the plan, whose offsets stand in the program's blocks */
    const char *name;         /* C identifier, see lp_emit_name */
    const char *version;      /* of limpid */
    const char *model_file;   /* without folders */
    const char *model_sha256; /* hexadecimal */
    const char *flags;        /* options that changed the result, "" when none */
    const struct lp_source_file *sources;
    size_t source_count;
};

struct lp_output_file {
    const char *path; /* relative to the output folder */
    const char *data;
    size_t size_bytes;
};

struct lp_output {
    struct lp_arena *arena;
    struct lp_output_file *files;
    size_t count, capacity;
};

/* Adds NAME.c, NAME.h, NAME_weights.c, NAME_weights.h, NAME_example.c, NAME.sources and the runtime and kernel sources used. */
lp_status lp_emit(const struct lp_emit_input *input, struct lp_output *output, struct lp_diag *diag);

/* For a network whose own C files somebody else writes (`own`: what follows NAME in their names): NAME.h, NAME_example.c,
 * NAME.sources and the sources of the device half that its kernels and `more` need. */
lp_status lp_emit_around(const struct lp_emit_input *input, const char *const *own, size_t own_count, const char *const *more,
                         size_t more_count, struct lp_output *output, struct lp_diag *diag);

/* The comment that begins every emitted file. */
void lp_emit_banner(const struct lp_emit_input *input, struct lp_text *out);

/* The network's name in C and of its files, from `text` (a file name's stem or --name): other characters than letters and
 * digits become '_'; a name that starts with a digit or "lp_", or whose NAME.h would hide a header of the C library, gets
 * "net_" in front; one that ends like another network's file (x_weights) gets "_net" behind. LP_BAD_ARGUMENT when nothing is
 * left or it has over 64 characters. */
lp_status lp_emit_name(struct lp_arena *arena, struct lp_diag *diag, const char *text, const char **out);

/* Takes over the text's bytes (copied to the output's arena; the text is freed). LP_OUT_OF_MEMORY for a failed text. */
lp_status lp_output_add(struct lp_output *output, struct lp_diag *diag, const char *path, struct lp_text *text);
lp_status lp_output_add_static(struct lp_output *output, struct lp_diag *diag, const char *path, const char *data,
                               size_t size_bytes);

#endif
