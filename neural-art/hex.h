/* Intel hex files: bytes with the addresses where they belong. */
#ifndef LP_NEURAL_ART_HEX_H
#define LP_NEURAL_ART_HEX_H

#include "compiler/base/diag.h"

#include <stddef.h>
#include <stdint.h>

/* Receives the data of one record, 1 to 255 bytes. What it returns besides LP_OK ends the reading. */
typedef lp_status lp_hex_put(void *ctx, uint64_t address, const uint8_t *bytes, size_t count);

/* Reads records up to the end record. Data records, segment and linear address records count, start addresses do not. A line
 * that is no record, a wrong sum, an unknown type and a missing end are errors that name the line. */
lp_status lp_hex_read(struct lp_diag *diag, const char *label, const uint8_t *text, size_t size_bytes, lp_hex_put *put,
                      void *ctx);

/* Appends `count` bytes for `address` and the end record; address + count is at most 2^32. Upper-case, 32 bytes a record. */
void lp_hex_write(struct lp_text *out, uint32_t address, const uint8_t *bytes, size_t count);

#endif
