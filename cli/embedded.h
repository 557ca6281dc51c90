/* The files of the device half and the targets, as they were when this program was built: `limpid generate` writes the
 * sources of a network from here, so that it needs no installation. The build makes the table (cmake/Embed.cmake). */
#ifndef LP_CLI_EMBEDDED_H
#define LP_CLI_EMBEDDED_H

#include <stddef.h>

struct lp_embedded_file {
    const char *path;          /* relative to the project's root: "runtime/epoch/network.c", "targets/host.ini" */
    const unsigned char *data; /* followed by a zero byte that size_bytes does not count */
    size_t size_bytes;
};

/* Sorted by path, byte by byte; each path once. Static. */
extern const struct lp_embedded_file lp_embedded_files[];
extern const size_t lp_embedded_file_count;

#endif
