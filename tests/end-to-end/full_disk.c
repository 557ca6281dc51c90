/* Loaded before the C library: of all calls that change files of a folder, number FULL_DISK_AT (from 1) fails as on a full disk. The
 * number of calls so far is kept in FULL_DISK_COUNT, a file elsewhere. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int calls;

/* Whether this call is the one that fails. */
static int fails(void)
{
    const char *at = getenv("FULL_DISK_AT"), *count = getenv("FULL_DISK_COUNT");
    char text[20];
    int number = ++calls;
    int (*real_open)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
    ssize_t (*real_write)(int, const void *, size_t) = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    int fd = count == NULL ? -1 : real_open(count, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd >= 0) {
        int length = snprintf(text, sizeof text, "%d\n", number);
        (void)!real_write(fd, text, (size_t)length);
        close(fd);
    }
    if (at == NULL || number != atoi(at))
        return 0;
    errno = ENOSPC;
    return 1;
}

int open(const char *path, int flags, ...)
{
    int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
    va_list args;
    va_start(args, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
    va_end(args);
    return (flags & O_CREAT) != 0 && fails() ? -1 : real(path, flags, mode);
}

ssize_t write(int fd, const void *bytes, size_t count)
{
    ssize_t (*real)(int, const void *, size_t) = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    struct stat status;
    int is_file = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    return is_file && fd > 2 && fails() ? -1 : real(fd, bytes, count);
}

int rename(const char *from, const char *to)
{
    int (*real)(const char *, const char *) = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
    return fails() ? -1 : real(from, to);
}

int mkdir(const char *path, mode_t mode)
{
    int (*real)(const char *, mode_t) = (int (*)(const char *, mode_t))dlsym(RTLD_NEXT, "mkdir");
    return fails() ? -1 : real(path, mode);
}
