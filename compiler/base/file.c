#define _POSIX_C_SOURCE 200809L
#include "compiler/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static lp_status read_all(int fd, uint8_t *data, size_t size_bytes, size_t *read_bytes)
{
    size_t done = 0;
    while (done < size_bytes) {
        ssize_t got = read(fd, data + done, size_bytes - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return LP_IO;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    *read_bytes = done;
    return LP_OK;
}

static lp_status read_open_file(struct lp_arena *arena, struct lp_diag *diag, const char *path, int fd, size_t limit_bytes,
                                const uint8_t **data, size_t *size_bytes)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return lp_error(diag, LP_IO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return lp_error(diag, LP_BAD_INPUT, "%s is not a regular file", path);
    size_t size = (size_t)info.st_size;
    if (limit_bytes != 0 && size > limit_bytes)
        return lp_error(diag, LP_BAD_INPUT, "%s has %zu bytes; at most %zu are read", path, size, limit_bytes);
    uint8_t *bytes = lp_arena_alloc(arena, size + 1, 1);
    if (bytes == NULL)
        return lp_no_memory(diag);
    if (read_all(fd, bytes, size, size_bytes) != LP_OK)
        return lp_error(diag, LP_IO, "%s: %s", path, strerror(errno));
    *data = bytes;
    return LP_OK;
}

lp_status lp_file_read(struct lp_arena *arena, struct lp_diag *diag, const char *path, size_t limit_bytes, const uint8_t **data,
                       size_t *size_bytes)
{
    /* Not blocking, so that a named pipe without a writer is refused instead of waited for. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return lp_error(diag, LP_IO, "cannot open %s: %s", path, strerror(errno));
    lp_status status = read_open_file(arena, diag, path, fd, limit_bytes, data, size_bytes);
    close(fd);
    return status;
}

static bool write_all(int fd, const void *data, size_t size_bytes)
{
    const char *next = data;
    while (size_bytes != 0) {
        ssize_t put = write(fd, next, size_bytes);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        next += put;
        size_bytes -= (size_t)put;
    }
    return true;
}

lp_status lp_file_write(struct lp_diag *diag, const char *path, const void *data, size_t size_bytes)
{
    char temporary[PATH_MAX];
    int length = snprintf(temporary, sizeof temporary, "%s.tmp-%ld", path, (long)getpid());
    if (length < 0 || (size_t)length >= sizeof temporary)
        return lp_error(diag, LP_BAD_ARGUMENT, "the path %.60s... is too long", path);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return lp_error(diag, LP_IO, "cannot write %s: %s", path, strerror(errno));
    bool fine = write_all(fd, data, size_bytes);
    int cause = fine ? 0 : errno;
    if (close(fd) != 0 && fine) {
        fine = false;
        cause = errno;
    }
    if (fine && rename(temporary, path) != 0) {
        fine = false;
        cause = errno;
    }
    if (fine)
        return LP_OK;
    unlink(temporary);
    return lp_error(diag, LP_IO, "cannot write %s: %s", path, strerror(cause));
}

/* Whether the file holds these bytes already. */
static bool holds(const char *path, const char *data, size_t size_bytes)
{
    char piece[1 << 16];
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    bool same = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && (size_t)info.st_size == size_bytes;
    for (size_t done = 0; same && done < size_bytes;) {
        size_t got = 0, want = size_bytes - done < sizeof piece ? size_bytes - done : sizeof piece;
        same = read_all(fd, (uint8_t *)piece, want, &got) == LP_OK && got == want && memcmp(piece, data + done, got) == 0;
        done += got;
    }
    close(fd);
    return same;
}

lp_status lp_file_update(struct lp_diag *diag, const char *path, const void *data, size_t size_bytes)
{
    return holds(path, data, size_bytes) ? LP_OK : lp_file_write(diag, path, data, size_bytes);
}

lp_status lp_folder_make(struct lp_diag *diag, const char *path)
{
    char part[PATH_MAX];
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof part)
        return lp_error(diag, LP_BAD_ARGUMENT, "the folder name '%.60s' is empty or too long", path);
    memcpy(part, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (part[i] != '/' && part[i] != '\0')
            continue;
        char kept = part[i];
        part[i] = '\0';
        struct stat info;
        if (mkdir(part, 0777) != 0 && (errno != EEXIST || stat(part, &info) != 0 || !S_ISDIR(info.st_mode)))
            return lp_error(diag, LP_IO, "cannot make the folder %s: %s", part, strerror(errno == EEXIST ? ENOTDIR : errno));
        part[i] = kept;
    }
    return LP_OK;
}
