#define _GNU_SOURCE
#include "cli/emulate/folder.h"

#include "compiler/base/file.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { OPEN_FOLDERS = 16 };

lp_status lp_folder_temporary(struct lp_arena *arena, struct lp_diag *diag, const char **path)
{
    const char *parent = getenv("TMPDIR");
    if (parent == NULL || *parent == 0)
        parent = "/tmp";
    char *name = lp_arena_printf(arena, "%s/limpid-XXXXXX", parent);
    if (name == NULL)
        return lp_no_memory(diag);
    if (mkdtemp(name) == NULL)
        return lp_error(diag, LP_IO, "a temporary folder in %s can't be made: %s. Set TMPDIR to a folder that can be written",
                        parent, strerror(errno));
    *path = name;
    return LP_OK;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)type;
    (void)place;
    return remove(path);
}

void lp_folder_remove(struct lp_diag *diag, const char *path)
{
    if (nftw(path, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS) != 0)
        lp_note(diag, "the temporary folder %s can't be removed: %s", path, strerror(errno));
}

lp_status lp_folder_write(struct lp_arena *arena, struct lp_diag *diag, const char *folder, const char *name, const void *data,
                          size_t size_bytes)
{
    char *path = lp_arena_printf(arena, "%s/%s", folder, name);
    if (path == NULL)
        return lp_no_memory(diag);
    char *slash = strrchr(path, '/');
    *slash = 0;
    lp_status status = lp_folder_make(diag, path);
    *slash = '/';
    return status == LP_OK ? lp_file_write(diag, path, data, size_bytes) : status;
}

const char *lp_folder_read_text(struct lp_arena *arena, const char *folder, const char *name, size_t limit_bytes)
{
    const char *path = lp_arena_printf(arena, "%s/%s", folder, name);
    char *text = lp_arena_alloc(arena, limit_bytes + 1, 1);
    FILE *file = path == NULL || text == NULL ? NULL : fopen(path, "rb");
    if (file == NULL)
        return "";
    text[fread(text, 1, limit_bytes, file)] = 0;
    fclose(file);
    return text;
}
