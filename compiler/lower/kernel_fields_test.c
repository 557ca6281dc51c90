/* No member of an argument structure may be missing from its description: it would silently be emitted as zero. */
#include "compiler/lower/kernel_fields.h"
#include "contract/kernel_args.h"
#include "contract/kernel_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Members follow each other without a hole but for the padding at the end, which is smaller than a pointer. */
static void check_structure(const char *symbol, size_t size_bytes)
{
    const struct lp_kernel_info *kernel = lp_kernel_find(symbol);
    assert_non_null(kernel);
    assert_int_equal(kernel->args->size_bytes, size_bytes);
    uint32_t end = 0;
    for (uint32_t i = 0; i < kernel->args->field_count; i++) {
        const struct lp_field *field = &kernel->args->fields[i];
        assert_int_equal(field->offset, end);
        end += lp_field_bytes(field, sizeof(void *)) * field->count;
    }
    assert_true(end <= size_bytes && size_bytes - end < sizeof(void *));
    assert_int_equal(lp_args_target_bytes(kernel->args, sizeof(void *)), size_bytes);
}

static void every_member_is_described(void **state)
{
    (void)state;
#define X(symbol, args_struct, family, source, isa) check_structure(#symbol, sizeof(struct args_struct));
    LP_KERNELS(X)
    LP_KERNELS_ROWS(X)
    LP_KERNELS_HELIUM(X)
    LP_KERNELS_DSP(X)
#undef X
}

static void an_unknown_kernel_is_not_found(void **state)
{
    (void)state;
    assert_null(lp_kernel_find("lp_conv2d_s8__abacus"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_is_described),
        cmocka_unit_test(an_unknown_kernel_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
