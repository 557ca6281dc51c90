/* The readers behind lp_values_read, one a format; each gets the whole file. They check every length before use. */
#ifndef LP_CLI_VALUES_FORMATS_H
#define LP_CLI_VALUES_FORMATS_H

#include "cli/values/values.h"

/* What a reader works on. */
struct lp_values_job {
    struct lp_arena *arena;
    struct lp_diag *diag;
    const char *path; /* for messages */
    const uint8_t *data;
    size_t size_bytes;
    enum lp_values_mode mode;
    const struct lp_tensor *tensor;
    size_t elements;      /* of one inference, at least 1 */
    size_t element_bytes; /* in memory */
};

lp_status lp_values_read_npy(const struct lp_values_job *job, struct lp_values *out);
lp_status lp_values_read_csv(const struct lp_values_job *job, struct lp_values *out);
lp_status lp_values_read_image(const struct lp_values_job *job, struct lp_values *out);

/* Room for `count` inferences; an error above LP_VALUES_LIMIT_BYTES. */
lp_status lp_values_make_room(const struct lp_values_job *job, size_t count, struct lp_values *out);

/* What could not be stored, at a place described by `where` ("line 3, column 7"). */
lp_status lp_values_refuse_raw(const struct lp_values_job *job, const char *where, const char *value);

/* The bytes that stand before the data of a .npy file; false when there is no memory. */
bool lp_values_npy_header(struct lp_text *text, const struct lp_tensor *tensor, size_t inference_count, bool real);

#endif
