/* A temporary folder, and what lies in it. */
#ifndef LP_EMULATE_FOLDER_H
#define LP_EMULATE_FOLDER_H

#include "compiler/base/arena.h"
#include "compiler/base/diag.h"

/* Makes an empty folder of a new name in $TMPDIR or /tmp; the error names it. */
lp_status lp_folder_temporary(struct lp_arena *arena, struct lp_diag *diag, const char **path);

/* Removes the folder with all its contents; follows no link. An error is a note: nothing depends on it any more. */
void lp_folder_remove(struct lp_diag *diag, const char *path);

/* Writes data to FOLDER/NAME, making folders that NAME contains. */
lp_status lp_folder_write(struct lp_arena *arena, struct lp_diag *diag, const char *folder, const char *name, const void *data,
                          size_t size_bytes);

/* At most limit_bytes from the start of FOLDER/NAME as text; "" when there is no such file. */
const char *lp_folder_read_text(struct lp_arena *arena, const char *folder, const char *name, size_t limit_bytes);

#endif
