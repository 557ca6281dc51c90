#include "runtime/kernels/kernels.h"

#include <stdint.h>
#include <string.h>

/* Pieces as long as the distance do not overlap; from that side on which nothing is overwritten that is still to be moved. */
static void move_up(uint8_t *out, const uint8_t *in, size_t count, size_t distance)
{
    while (count > 0) {
        const size_t piece = count < distance ? count : distance;
        count -= piece;
        memcpy(out + count, in + count, piece);
    }
}

static void move_down(uint8_t *out, const uint8_t *in, size_t count, size_t distance)
{
    for (size_t at = 0; at < count; at += distance)
        memcpy(out + at, in + at, count - at < distance ? count - at : distance);
}

lp_status lp_copy__reference(const void *args)
{
    const struct lp_copy *p = args;
    const uintptr_t in = (uintptr_t)p->in, out = (uintptr_t)p->out;
    if (out > in)
        move_up(p->out, p->in, p->size_bytes, out - in);
    else if (out < in)
        move_down(p->out, p->in, p->size_bytes, in - out);
    return LP_OK;
}
