/* Files of epoch-controller programs, whole: a C header of blobs, a raw file, and the text form of either. */
#ifndef LP_NEURAL_ART_EC_LISTING_H
#define LP_NEURAL_ART_EC_LISTING_H

#include "neural-art/ec.h"

/* The blobs of a file: C text (it holds "uint64_t") gives its arrays, anything else is one blob of little-endian words
 * without a name (null). */
lp_status lp_ec_blobs_of(struct lp_arena *arena, struct lp_diag *diag, const char *label, const uint8_t *bytes, size_t size_bytes,
                         struct lp_ec_blob **blobs, size_t *blob_count);

/* All blobs as text; a line "blob NAME" begins each that has a name. */
lp_status lp_ec_list(struct lp_diag *diag, const char *label, const struct lp_ec_blob *blobs, size_t blob_count,
                     struct lp_text *out);

/* The text back to the same blobs. */
lp_status lp_ec_unlist(struct lp_arena *arena, struct lp_diag *diag, const char *label, const char *text, size_t length,
                       struct lp_ec_blob **blobs, size_t *blob_count);

/* A C header with one array of uint64_t for each blob; all need names and an even number of words. */
lp_status lp_ec_header(struct lp_diag *diag, const struct lp_ec_blob *blobs, size_t blob_count, struct lp_text *out);

#endif
