/* The argument structures of contract/kernel_args.h, member by member, so that they can be written as C, sized for a
 * target with other pointers, and filled in on the PC. A unit test proves that no member is missing. */
#ifndef LP_LOWER_KERNEL_FIELDS_H
#define LP_LOWER_KERNEL_FIELDS_H

#include <stdint.h>

enum lp_field_type {
    LP_FIELD_U8,
    LP_FIELD_S8,
    LP_FIELD_U16,
    LP_FIELD_S16,
    LP_FIELD_S32,
    LP_FIELD_U32,
    LP_FIELD_F32,
    LP_FIELD_POINTER, /* to what `c_type` says */
    LP_FIELD_EPOCH    /* struct lp_epoch: two pointers, of a stage */
};

struct lp_field {
    const char *name;
    const char *c_type; /* of a pointer's target, qualifiers included: "const int8_t" */
    uint16_t offset;    /* in the structure of the PC */
    uint8_t type;       /* enum lp_field_type */
    uint8_t count;      /* elements of an array, 1 otherwise */
};

struct lp_args_info {
    const char *c_name;  /* "struct lp_conv2d_s8" */
    uint32_t size_bytes; /* on the PC */
    const struct lp_field *fields;
    uint32_t field_count;
};

/* One kernel variant, from contract/kernel_table.h. */
struct lp_kernel_info {
    const char *symbol;      /* "lp_conv2d_s8__reference" */
    const char *source_file; /* "runtime/kernels/reference/conv2d_s8.c" */
    const struct lp_args_info *args;
};

/* Of one element, and what its address is a multiple of. */
uint32_t lp_field_bytes(const struct lp_field *field, uint32_t pointer_bytes);
uint32_t lp_field_align(const struct lp_field *field, uint32_t pointer_bytes);

/* Size of the structure where pointers have pointer_bytes. */
uint32_t lp_args_target_bytes(const struct lp_args_info *info, uint32_t pointer_bytes);

/* Null when the program has no kernel of that symbol. */
const struct lp_kernel_info *lp_kernel_find(const char *symbol);

#endif
