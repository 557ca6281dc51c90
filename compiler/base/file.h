/* Files in one piece: read whole, written whole or not at all (temporary name, then rename). */
#ifndef LP_BASE_FILE_H
#define LP_BASE_FILE_H

#include "compiler/base/arena.h"
#include "compiler/base/diag.h"

/* The file's bytes, 16-byte aligned. Errors name the path: not there, a folder, larger than limit_bytes (0: no limit). */
lp_status lp_file_read(struct lp_arena *arena, struct lp_diag *diag, const char *path, size_t limit_bytes, const uint8_t **data,
                       size_t *size_bytes);

/* Writes to PATH.tmp-PID and renames; after an error neither a half-written PATH nor the temporary file remains. */
lp_status lp_file_write(struct lp_diag *diag, const char *path, const void *data, size_t size_bytes);

/* The same, but a file that holds the bytes already is left alone: what is built from it need not be built again. */
lp_status lp_file_update(struct lp_diag *diag, const char *path, const void *data, size_t size_bytes);

/* Makes the folder and its parents; fine when it is there already. */
lp_status lp_folder_make(struct lp_diag *diag, const char *path);

#endif
