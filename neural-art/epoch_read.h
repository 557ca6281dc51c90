/* Internal to neural-art/: the epochs of program.json. */
#ifndef LP_NEURAL_ART_EPOCH_READ_H
#define LP_NEURAL_ART_EPOCH_READ_H

#include "neural-art/json_reader.h"
#include "neural-art/program.h"

lp_status lp_npu_epoch_read(struct lp_npu_reader *r, const json_t *json, struct lp_npu_epoch *epoch);

/* Names of the file form, in the order of the enumerations. */
extern const char *const lp_npu_epoch_kind_names[3];
extern const char *const lp_npu_cache_when_names[4];
extern const char *const lp_npu_cache_names[2];
extern const char *const lp_npu_cache_action_names[3];

#endif
