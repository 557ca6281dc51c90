/* Compiling and linking for the emulated boards, in a temporary folder. Used by emulate.c and flash.c. */
#ifndef LP_EMULATE_BUILD_H
#define LP_EMULATE_BUILD_H

#include "cli/emulate/emulate.h"
#include "cli/emulate/process.h"

#define LP_COMPILER "arm-none-eabi-gcc"
#define LP_EMULATOR "qemu-system-arm"

enum { LP_BOARD_OPTIONS = 4, LP_LOG_BYTES = 4000 };

struct lp_board {
    const char *name;                          /* also of its linker script: NAME.ld */
    const char *processor;                     /* for people */
    const char *options[LP_BOARD_OPTIONS + 1]; /* of qemu-system-arm besides -M; null behind the last */
};

struct lp_build {
    struct lp_arena *arena;
    struct lp_diag *diag;
    const struct lp_emulate_program *program;
    const struct lp_board *board;
    const char *source_folder; /* absolute */
    const char *folder;        /* temporary */
    struct lp_guard guard;
};

/* A file of the device's side that goes with the program. */
struct lp_build_extra {
    const char *source; /* relative to the temporary folder */
    const char *object; /* its name is what the linker script tells start-up by */
    const char *define; /* -D option, or null */
};

/* Makes the temporary folder with headers, start-up and linker scripts in it. When it fails, nothing is left to close. */
lp_status lp_build_open(struct lp_build *build, struct lp_arena *arena, struct lp_diag *diag,
                        const struct lp_emulate_program *program);
/* Removes the folder. A signal that came meanwhile strikes now. */
void lp_build_close(struct lp_build *build);

/* Compiles the program's sources and the extras, links all to FOLDER/image.elf. */
lp_status lp_build_image(struct lp_build *build, const struct lp_build_extra *extras, size_t extra_count);

#endif
