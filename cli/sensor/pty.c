#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include "cli/sensor/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static bool make_raw(int fd)
{
    struct termios settings;
    if (tcgetattr(fd, &settings) != 0)
        return false;
    cfmakeraw(&settings);
    return tcsetattr(fd, TCSANOW, &settings) == 0;
}

static bool open_both(struct lp_pty *pty)
{
    pty->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (pty->master < 0 || grantpt(pty->master) != 0 || unlockpt(pty->master) != 0)
        return false;
    const char *name = ptsname(pty->master);
    if (name == NULL || strlen(name) >= sizeof pty->name)
        return false;
    snprintf(pty->name, sizeof pty->name, "%s", name);
    pty->slave = open(pty->name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    return pty->slave >= 0 && make_raw(pty->slave);
}

lp_status lp_pty_open(struct lp_pty *pty, struct lp_diag *diag)
{
    *pty = (struct lp_pty){.master = -1, .slave = -1};
    if (open_both(pty))
        return LP_OK;
    int cause = errno;
    lp_pty_close(pty);
    return lp_error(diag, LP_IO, "cannot make a pseudo terminal: %s", strerror(cause));
}

void lp_pty_close(struct lp_pty *pty)
{
    if (pty->slave >= 0)
        close(pty->slave);
    if (pty->master >= 0)
        close(pty->master);
    pty->slave = pty->master = -1;
}
