#include "compiler/lower/placement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { FAST = 0x1000, EXTERNAL = 0x10000, ROM = 0x40000, OTHER_ROM = 0x50000 };

/* Two tensors: the input is read by a hardware epoch, whose output a kernel turns into the output. */
struct model {
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_target target;
    struct lp_tensor tensors[3];
    int32_t input, output;
    struct lp_graph graph;
    struct lp_block blocks[3];
    int32_t block_of_tensor[3];
    struct lp_sw_epoch epochs[2];
    struct lp_kernel_info kernel;
    struct lp_program program;
    struct lp_placement_options options;
    struct lp_placement placement;
};

static void open(struct model *m, uint32_t bytes)
{
    *m = (struct model){.input = 0, .output = 2};
    m->target = (struct lp_target){.name = "chip", .arena_align_bytes = 16, .blob_align_bytes = 16, .pool_count = 4};
    m->target.pools[0] = (struct lp_pool){.name = "fast",
                                          .base = FAST,
                                          .size_bytes = 0x1000,
                                          .writable = true,
                                          .latency = LP_GRADE_LOW,
                                          .byte_width = 8,
                                          .freq_ratio_milli = 1250};
    m->target.pools[1] = (struct lp_pool){.name = "external",
                                          .base = EXTERNAL,
                                          .size_bytes = 0x8000,
                                          .writable = true,
                                          .latency = LP_GRADE_HIGH,
                                          .byte_width = 2,
                                          .freq_ratio_milli = 5000};
    m->target.pools[2] = (struct lp_pool){
        .name = "rom", .base = ROM, .size_bytes = 0x200, .constants_preferred = true, .latency = LP_GRADE_HIGH};
    m->target.pools[3] = (struct lp_pool){.name = "rom2", .base = OTHER_ROM, .size_bytes = 0x1000, .latency = LP_GRADE_HIGH};
    static const char *const names[] = {"in", "middle", "out"};
    for (int i = 0; i < 3; i++) {
        m->tensors[i].name = names[i];
        m->block_of_tensor[i] = i;
        m->blocks[i] = (struct lp_block){bytes, 16, (uint32_t)(i > 0 ? i - 1 : 0), (uint32_t)(i < 2 ? i : 1), 0};
    }
    m->graph = (struct lp_graph){.tensors = m->tensors,
                                 .tensor_count = 3,
                                 .inputs = &m->input,
                                 .input_count = 1,
                                 .outputs = &m->output,
                                 .output_count = 1};
    for (uint32_t e = 0; e < 2; e++)
        for (uint32_t k = 0; k < 2; k++)
            m->epochs[e].operands[m->epochs[e].operand_count++] = (struct lp_operand){
                .place = LP_PLACE_ARENA, .is_written = k == 1, .index = e + k};
    m->epochs[1].kernel = &m->kernel;
    m->program = (struct lp_program){.target = &m->target,
                                     .epochs = m->epochs,
                                     .epoch_count = 2,
                                     .blocks = m->blocks,
                                     .block_count = 3,
                                     .block_of_tensor = m->block_of_tensor,
                                     .weights = {.name = "weights", .arena = &m->arena}};
}

static lp_status place(struct model *m)
{
    return lp_place_program(&m->arena, &m->diag, &m->program, &m->graph, &m->options, &m->placement);
}

static void close(struct model *m)
{
    lp_arena_free(&m->arena);
    lp_diag_free(&m->diag);
}

static void weights_are_split_over_pools(void **state)
{
    (void)state;
    struct model m;
    static const uint8_t bytes[300];
    uint32_t offsets[3];
    open(&m, 100);
    for (int i = 0; i < 3; i++)
        assert_int_equal(lp_section_put(&m.program.weights, &m.diag,
                                        (struct lp_item){.cause = LP_CAUSE_MODEL_CONSTANTS,
                                                         .layer = i,
                                                         .name = "w",
                                                         .element = LP_ELEMENT_UINT8,
                                                         .data = bytes,
                                                         .count = 200,
                                                         .align_bytes = 16},
                                        &offsets[i]),
                         LP_OK);
    assert_int_equal(place(&m), LP_OK);
    assert_int_equal(m.placement.chunk_count, 2);
    /* 512 bytes without what is read ahead of hold two items of 200. */
    assert_int_equal(lp_weights_address(&m.placement, 0), ROM);
    assert_int_equal(lp_weights_address(&m.placement, offsets[1] + 5), ROM + 208 + 5);
    assert_int_equal(lp_weights_address(&m.placement, offsets[2]), OTHER_ROM);
    assert_int_equal(lp_weights_address(&m.placement, m.program.weights.size_bytes), 0);
    m.target.pools[3].size_bytes = 0x80;
    m.target.pools[0].writable = m.target.pools[1].writable = false;
    m.target.pools[0].size_bytes = m.target.pools[1].size_bytes = 0x80;
    assert_int_equal(place(&m), LP_DOES_NOT_FIT);
    assert_non_null(strstr(lp_text_get(&m.diag.errors), "the weights take 616 bytes, and 200 of them find no place in the pools "
                                                        "of chip: give a larger pool"));
    close(&m);
}

static void what_the_processor_touches_owns_lines(void **state)
{
    (void)state;
    struct model m;
    open(&m, 100);
    assert_int_equal(place(&m), LP_OK);
    for (int i = 0; i < 3; i++) {
        assert_in_range(m.placement.plan.addresses[i], FAST, FAST + 0xfff);
        assert_int_equal(m.placement.plan.addresses[i] % LP_CACHE_LINE_BYTES, 0);
    }
    assert_string_equal(lp_text_get(&m.diag.notes), "");
    close(&m);
}

static void what_does_not_fit_is_named(void **state)
{
    (void)state;
    struct model m;
    open(&m, 2100);
    assert_int_equal(place(&m), LP_DOES_NOT_FIT);
    const char *said = lp_text_get(&m.diag.errors);
    assert_non_null(strstr(said, "the activations need 4224 bytes at once, 192 more than the pools of chip that may hold them"));
    assert_non_null(strstr(said, "epoch 0: 'in' 2100 bytes, 'middle' 2100 bytes"));
    assert_non_null(strstr(said, "--allow-spill"));
    m.options.allow_slow = true;
    assert_int_equal(place(&m), LP_OK);
    assert_non_null(strstr(lp_text_get(&m.diag.notes), "bytes of activations lie in slower memory"));
    assert_non_null(strstr(lp_text_get(&m.diag.notes), "external 2112 bytes"));
    close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_split_over_pools),
        cmocka_unit_test(what_the_processor_touches_owns_lines),
        cmocka_unit_test(what_does_not_fit_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
