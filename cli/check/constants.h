/* Constants as they stand in a generated C file, read back as bytes. */
#ifndef LP_CLI_CHECK_CONSTANTS_H
#define LP_CLI_CHECK_CONSTANTS_H

#include "compiler/base/arena.h"
#include "compiler/base/diag.h"
#include "contract/network.h"

#include <stdbool.h>

struct lp_constants_text {
    const char *at, *end;
    unsigned line;
};

/* Goes to the members of NAME_weights.c's structure. False: there is none. */
bool lp_constants_start(struct lp_constants_text *text, const char *data, size_t size_bytes);

/* Reads the next member, which must have this name and so many elements, into `out`, little endian; room for them is the
 * caller's. False: it is another, or something else stands there; text->line says where. */
bool lp_constants_member(struct lp_constants_text *text, const char *name, enum lp_element element, uint32_t count, uint8_t *out);

/* True when the structure ends here and nothing but white space follows. */
bool lp_constants_end(struct lp_constants_text *text);

/* Bytes of one element. */
uint32_t lp_constants_element_bytes(enum lp_element element);

#endif
