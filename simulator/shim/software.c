/* Software operators of generated networks by name. */
#include <string.h>

#include "simulator/shim/operators.h"

#define ENTRY(name) {#name, lp_shim_op_##name},
static const struct {
    const char *name;
    lp_shim_operator *run;
} operators[] = {LP_SHIM_OPERATORS(ENTRY)};

void lp_shim_software(struct lp_shim_session *s, const char *name, void *info)
{
    for (size_t i = 0; i < LP_COUNT(operators); i++)
        if (strcmp(operators[i].name, name) == 0)
            operators[i].run(s, info);
    lp_arena_free(&s->scratch);
}
