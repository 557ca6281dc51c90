/* The members of the unit structures as data: name, place, range, names of an enumeration. One table serves the reader and
 * the writer of program.json, the range check and every printout, so that they cannot disagree. */
#ifndef LP_NEURAL_ART_FIELDS_H
#define LP_NEURAL_ART_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "neural-art/units.h"

enum lp_npu_field_kind {
    LP_NPU_FIELD_INT,     /* int32_t */
    LP_NPU_FIELD_ADDRESS, /* uint32_t: address, offset, count */
    LP_NPU_FIELD_NAME,    /* int32_t that holds an index into `names` */
    LP_NPU_FIELD_INT3     /* int32_t[3] */
};

struct lp_npu_field {
    const char *name;
    enum lp_npu_field_kind kind;
    size_t offset; /* of the member in its structure */
    int64_t min, max;
    const char *const *names; /* LP_NPU_FIELD_NAME: max + 1 entries */
};

struct lp_npu_unit_fields {
    const char *type; /* "STRENG": in routes and orders */
    const char *key;  /* "streng": member of an epoch's `units` */
    size_t struct_bytes;
    int32_t unit_count; /* on the device */
    int32_t in_ports;
    const struct lp_npu_field *fields;
    size_t field_count;
};

extern const struct lp_npu_unit_fields lp_npu_unit_fields[LP_NPU_UNIT_TYPES];

/* The type whose name in routes is `text`, -1 when there is none. */
int lp_npu_unit_type_of(const char *text);

/* The field by name; null when the unit has none of that name. */
const struct lp_npu_field *lp_npu_field_find(enum lp_npu_unit_type type, const char *name);

/* Value of element `index` (0 but for LP_NPU_FIELD_INT3) of a field of `unit`, which points to the type's structure. */
int64_t lp_npu_field_get(const struct lp_npu_field *field, const void *unit, int index);
void lp_npu_field_set(const struct lp_npu_field *field, void *unit, int index, int64_t value);

#endif
