#define _POSIX_C_SOURCE 200809L
#include "cli/monitor/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

lp_status lp_writer_open(struct lp_writer *writer, struct lp_diag *diag, const char *path)
{
    *writer = (struct lp_writer){.name = path == NULL ? "standard output" : path, .fd = STDOUT_FILENO, .whole_bytes = -1};
    if (path == NULL)
        return LP_OK;
    writer->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (writer->fd < 0)
        return lp_error(diag, LP_IO, "cannot write %s: %s", path, strerror(errno));
    struct stat info;
    writer->owned = true;
    if (fstat(writer->fd, &info) == 0 && S_ISREG(info.st_mode))
        writer->whole_bytes = 0;
    return LP_OK;
}

static void fail(struct lp_writer *writer, int cause)
{
    fprintf(stderr, "limpid: %s: %s: nothing more is written there\n", writer->name, strerror(cause));
    writer->failed = true;
    if (writer->whole_bytes >= 0 && ftruncate(writer->fd, (off_t)writer->whole_bytes) != 0)
        fprintf(stderr, "limpid: %s: the last line may be incomplete\n", writer->name);
    if (writer->owned)
        close(writer->fd);
    writer->fd = -1;
}

bool lp_writer_put(struct lp_writer *writer, const struct lp_text *text)
{
    if (writer->fd < 0)
        return false;
    if (text->failed) {
        fail(writer, ENOMEM);
        return false;
    }
    size_t done = 0;
    while (done < text->length) {
        ssize_t put = write(writer->fd, text->data + done, text->length - done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0) {
            fail(writer, errno);
            return false;
        }
        done += (size_t)put;
    }
    if (writer->whole_bytes >= 0)
        writer->whole_bytes += (int64_t)text->length;
    return true;
}

bool lp_writer_close(struct lp_writer *writer)
{
    if (writer->fd >= 0 && writer->owned && close(writer->fd) != 0) {
        fprintf(stderr, "limpid: %s: %s\n", writer->name, strerror(errno));
        writer->failed = true;
    }
    writer->fd = -1;
    return !writer->failed;
}
