/* Runs a network in the vendor's generated C, unchanged: compiled here against the project's headers of the same names
 * (neural-art/shim), loaded and executed in a child process. It is code: whatever the file does, it does on this PC, with
 * the rights of who calls. */
#ifndef LP_SIMULATOR_SHIM_SHIM_H
#define LP_SIMULATOR_SHIM_SHIM_H

#include "compiler/base/arena.h"
#include "compiler/base/diag.h"

/* Initial memory: `place` is a pool's name ("octoFlash") or an address ("0x71000000", optional for .hex files, which carry
 * addresses of their own: null then). */
struct lp_shim_image {
    const char *place;
    const char *file;
};

struct lp_shim_request {
    const char *source;         /* network.c */
    const char *root;           /* folder that holds neural-art/shim/ and what it includes */
    const char *work_folder;    /* exists; receives the compiled network */
    const char *compiler;       /* null: "cc" */
    const char *const *sources; /* C files that belong to it: the CPU kernels of its software epochs */
    size_t source_count;
    const char *flags;    /* further arguments of the compiler, parted by blanks; null: none */
    bool has_application; /* one of the sources defines lp_shim_main, which runs the network by itself */
    const struct lp_shim_image *images;
    size_t image_count;
    const uint8_t *const *inputs; /* by input buffer: all inferences back to back */
    const size_t *input_bytes;
    size_t input_count;
    uint32_t inferences; /* 0: only compile, load and describe */
    bool is_compiled;    /* work_folder holds what an earlier call compiled */
    bool never_reset;    /* leave out the reset between inferences: the machine then keeps its first outputs */
    bool allow_hangs;    /* forms reported to hang the silicon become warnings */
    uint32_t timeout_s;  /* 0: 600 */
};

/* An input or output as the network describes it. */
struct lp_shim_port {
    const char *name;
    uint64_t bytes; /* of one inference */
    bool is_float, is_unsigned;
    uint32_t bits; /* of an element */
};

struct lp_shim_result {
    const struct lp_shim_port *ports[2]; /* inputs, outputs */
    size_t port_count[2];
    size_t output_count;
    const char **names;
    const uint8_t **outputs; /* all inferences back to back */
    size_t *output_bytes;
    uint64_t saturations; /* intermediate values, wider than a byte, that units had to clamp */
    const char *report;   /* findings, saturations by epoch and unit, counts; one a line */
};

lp_status lp_shim_run(struct lp_arena *arena, struct lp_diag *diag, const struct lp_shim_request *request,
                      struct lp_shim_result *result);

#endif
