/* Compiles emitted C for a microcontroller and runs it on an emulated board: arm-none-eabi-gcc and qemu-system-arm. */
#ifndef LP_EMULATE_EMULATE_H
#define LP_EMULATE_EMULATE_H

#include "compiler/base/arena.h"
#include "compiler/base/diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* C sources of one or more networks and of the runtime that they share, as `generate` leaves them. */
struct lp_emulate_program {
    const char *board;         /* "mps3-an547", "mps2-an386" or "microbit" */
    const char *const *cflags; /* of the target: processor and ABI; also -D options */
    size_t cflag_count;
    const char *folder;         /* with the sources; searched for headers */
    const char *const *sources; /* relative to the folder, or absolute; what stands here twice is compiled once */
    size_t source_count;
};

/* Inferences of one network. */
struct lp_emulate_network {
    const char *symbol;    /* of its struct lp_network_desc */
    const uint8_t *input;  /* inference_count times the bytes of all inputs in order */
    uint8_t *output;       /* room for inference_count times the bytes of all outputs in order */
    uint32_t input_bytes;  /* of one inference */
    uint32_t output_bytes; /* of one inference */
    uint32_t inference_count;
    uint32_t repeat_count; /* so many first inferences run twice on differently filled arenas, to see what they depend on */
    /* Results. */
    lp_status status;       /* of the network; LP_INTERNAL when an output depends on what the arena held before */
    uint32_t epoch;         /* where it failed, LP_NO_EPOCH when in none */
    uint32_t done_count;    /* inferences whose outputs are valid */
    uint32_t touched_bytes; /* end of the last byte of the arena that any run wrote; exact when repeat_count is not 0 */
    uint32_t stack_bytes;   /* peak of lp_network_run */
};

/* Bytes of the linked sections of a program that uses one network, start-up and main() left out, libc and libgcc included. */
struct lp_emulate_flash {
    uint32_t text_bytes;
    uint32_t rodata_bytes;
    uint32_t data_bytes;      /* initialized variables: in flash and in RAM */
    uint32_t bss_bytes;       /* zeroed variables: in RAM only */
    uint32_t constants_bytes; /* of the symbols that were named as model constants; part of rodata_bytes */
    uint32_t code_bytes;      /* text + rodata + data - constants */
    uint32_t kernels_bytes;   /* of code_bytes: from the sources in runtime/kernels */
    uint32_t tables_bytes;    /* of code_bytes: from the network's own sources, constants excluded */
    uint32_t startup_bytes;   /* left out of the others */
};

enum { LP_EMULATE_TIMEOUT_S = 120 };

/* LP_UNSUPPORTED, and what to install, when a tool is missing. */
lp_status lp_emulate_available(struct lp_diag *diag);

/* Compiles, links and runs everything in one image; network_count is at least 1. LP_OK when every inference of every network
 * ended well. Otherwise errors name board and network; the results that exist are filled in. LP_UNSUPPORTED: tools or board
 * missing; LP_DOES_NOT_FIT: the board's memory is too small; LP_TIMEOUT: not at the end after timeout_s (0:
 * LP_EMULATE_TIMEOUT_S). A progress bar on a terminal. */
lp_status lp_emulate_run(struct lp_arena *arena, struct lp_diag *diag, const struct lp_emulate_program *program,
                         struct lp_emulate_network *networks, size_t network_count, uint32_t timeout_s);

/* Links the program with the smallest main() that opens and runs the network `symbol`, and measures it. `constants` are the
 * symbols that hold parameters of the model. */
lp_status lp_emulate_flash(struct lp_arena *arena, struct lp_diag *diag, const struct lp_emulate_program *program,
                           const char *symbol, const char *const *constants, size_t constant_count,
                           struct lp_emulate_flash *flash);

#endif
