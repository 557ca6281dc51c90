/* A pseudo terminal that stands in for a serial line. */
#ifndef LP_CLI_SENSOR_PTY_H
#define LP_CLI_SENSOR_PTY_H

#include "compiler/base/diag.h"

struct lp_pty {
    int master;     /* our end */
    int slave;      /* kept open, so that the line stays when the other side comes and goes */
    char name[128]; /* the other side opens this */
};

/* In raw mode. The name is made by the system. */
lp_status lp_pty_open(struct lp_pty *pty, struct lp_diag *diag);
void lp_pty_close(struct lp_pty *pty);

#endif
