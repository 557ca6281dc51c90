/* The board's memory: what each view sees of the other, of power, firewall and caches. The expectation is a plain model of
 * memory in the test; random sequences are compared with it. */
#include "simulator/board/board.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RAM = 0x34200000, FLASH = 0x71000000, HYPER = 0x90000000, CPU_RAM = 0x34100000, WAY_BYTES = 8192 };

static struct lp_board board;
static struct lp_diag diag;

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(lp_board_open(&board, &diag), LP_OK);
    lp_board_bring_up(&board);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lp_board_close(&board);
    return 0;
}

static uint8_t npu_byte(uint64_t address)
{
    const struct lp_sim_access access = {.address = address, .run_bytes = 1, .runs = 1};
    uint8_t byte = 0;
    uint64_t bad;
    assert_int_equal(board.npu.read(board.npu.ctx, &access, &byte, &bad), LP_OK);
    return byte;
}

static void npu_put(uint64_t address, uint8_t byte)
{
    const struct lp_sim_access access = {.address = address, .run_bytes = 1, .runs = 1};
    uint64_t bad;
    assert_int_equal(board.npu.write(board.npu.ctx, &access, &byte, &bad), LP_OK);
}

static uint8_t cpu_byte(uint64_t address)
{
    uint8_t byte = 0, glanced = 0;
    assert_int_equal(lp_board_cpu_glance(&board, address, &glanced, 1), LP_OK);
    assert_int_equal(lp_board_cpu_read(&board, address, &byte, 1), LP_OK);
    assert_int_equal(glanced, byte);
    return byte;
}

static void cpu_put(uint64_t address, uint8_t byte)
{
    assert_int_equal(lp_board_cpu_write(&board, address, &byte, 1), LP_OK);
}

static void after_a_reset_nothing_answers(void **state)
{
    struct lp_board fresh;
    uint8_t byte = 7, word[4] = {0};
    const struct lp_sim_access access = {.address = CPU_RAM, .run_bytes = 1, .runs = 1};
    uint64_t bad;
    (void)state;
    assert_int_equal(lp_board_open(&fresh, &diag), LP_OK);
    assert_int_equal(lp_board_poke(&fresh, RAM, &byte, 1), LP_OK);
    assert_int_equal(lp_board_poke(&fresh, FLASH, &byte, 1), LP_OK);
    assert_int_equal(lp_board_cpu_read(&fresh, RAM, word, 1), LP_OK);
    assert_int_equal(lp_board_cpu_read(&fresh, FLASH, word + 1, 1), LP_OK);
    assert_int_equal(word[0] + word[1], 0);
    /* The processor's own RAM answers it, and not yet the NPU. */
    assert_int_equal(lp_board_cpu_write(&fresh, CPU_RAM, &byte, 1), LP_OK);
    assert_int_equal(lp_board_cpu_read(&fresh, CPU_RAM, word, 1), LP_OK);
    assert_int_equal(word[0], 7);
    assert_int_equal(fresh.npu.read(fresh.npu.ctx, &access, word, &bad), LP_OK);
    assert_int_equal(word[0], 0);
    lp_board_close(&fresh);
}

static void a_write_reaches_the_npu_when_it_is_cleaned(void **state)
{
    (void)state;
    cpu_put(RAM + 40, 11);
    assert_int_equal(npu_byte(RAM + 40), 0);
    lp_board_cache_clean(&board, RAM + 63, 1); /* rounded outwards */
    assert_int_equal(npu_byte(RAM + 40), 11);
    cpu_put(RAM + 40, 12);
    lp_board_cache_clean(&board, RAM, 32); /* the line before */
    lp_board_cache_clean(&board, RAM + 64, 32);
    lp_board_cache_clean(&board, RAM + 40, 0);
    assert_int_equal(npu_byte(RAM + 40), 11);
    assert_int_equal(cpu_byte(RAM + 40), 12);
}

static void a_result_reaches_the_cpu_when_it_is_invalidated(void **state)
{
    (void)state;
    assert_int_equal(cpu_byte(RAM + 64), 0);
    npu_put(RAM + 64, 5);
    assert_int_equal(cpu_byte(RAM + 64), 0);
    lp_board_cache_invalidate(&board, RAM + 95, 1);
    assert_int_equal(cpu_byte(RAM + 64), 5);
}

static void an_invalidate_loses_what_was_not_cleaned(void **state)
{
    (void)state;
    cpu_put(RAM, 1);
    cpu_put(RAM + 31, 2);
    lp_board_cache_invalidate(&board, RAM, 4); /* the neighbour in the line is lost as well */
    assert_int_equal(cpu_byte(RAM), 0);
    assert_int_equal(cpu_byte(RAM + 31), 0);
    cpu_put(RAM, 3);
    lp_board_cache_clean_invalidate(&board, RAM, 1);
    assert_int_equal(cpu_byte(RAM), 3);
}

static void the_fifth_line_of_a_set_pushes_out_the_oldest(void **state)
{
    (void)state;
    for (uint32_t way = 0; way < 4; way++)
        cpu_put(RAM + way * WAY_BYTES, (uint8_t)(10 + way));
    (void)cpu_byte(RAM); /* used again: the second is the oldest now */
    cpu_put(RAM + 4 * WAY_BYTES, 14);
    assert_int_equal(npu_byte(RAM), 0);
    assert_int_equal(npu_byte(RAM + WAY_BYTES), 11);
    assert_int_equal(npu_byte(RAM + 2 * WAY_BYTES), 0);
}

static void without_the_cache_writes_go_through(void **state)
{
    (void)state;
    cpu_put(RAM, 1);
    lp_board_cache_enable(&board, false);
    assert_int_equal(npu_byte(RAM), 1);
    cpu_put(RAM + 1, 2);
    assert_int_equal(npu_byte(RAM + 1), 2);
    npu_put(RAM + 1, 3);
    assert_int_equal(cpu_byte(RAM + 1), 3);
}

static void a_sleeping_memory_reads_zero_and_loses_writes(void **state)
{
    (void)state;
    struct lp_board_memory *m = &board.memories[lp_board_memory_at(&board, RAM)];
    npu_put(RAM, 9);
    m->is_awake = false;
    assert_int_equal(npu_byte(RAM), 0);
    npu_put(RAM, 8);
    assert_int_equal(m->lost_writes, 1);
    cpu_put(RAM + 32, 7); /* stays in the cache, where it looks well */
    assert_int_equal(cpu_byte(RAM + 32), 7);
    lp_board_cache_clean_invalidate(&board, RAM + 32, 1);
    assert_int_equal(cpu_byte(RAM + 32), 0);
    m->is_awake = true;
    assert_int_equal(npu_byte(RAM), 9);
    /* The bank behind it sleeps on its own. */
    const struct lp_sim_access access = {.address = RAM + 0x70000 - 2, .run_bytes = 4, .runs = 1};
    uint8_t bytes[4] = {1, 2, 3, 4};
    uint64_t bad;
    board.memories[lp_board_memory_at(&board, RAM + 0x70000)].is_awake = false;
    assert_int_equal(board.npu.write(board.npu.ctx, &access, bytes, &bad), LP_OK);
    assert_int_equal(board.npu.read(board.npu.ctx, &access, bytes, &bad), LP_OK);
    assert_memory_equal(bytes, "\1\2\0\0", 4);
}

static void the_firewall_stops_the_npu_only(void **state)
{
    (void)state;
    npu_put(RAM, 9);
    board.memories[lp_board_memory_at(&board, RAM)].npu_is_allowed = false;
    assert_int_equal(npu_byte(RAM), 0);
    npu_put(RAM, 8);
    assert_int_equal(cpu_byte(RAM), 9);
    assert_int_equal(board.memories[lp_board_memory_at(&board, RAM)].denied_bytes, 2);
}

static void the_npus_cache_hides_new_contents(void **state)
{
    uint8_t byte = 1;
    (void)state;
    assert_int_equal(lp_board_poke(&board, HYPER + 5, &byte, 1), LP_OK);
    assert_int_equal(npu_byte(HYPER + 5), 1);
    byte = 2;
    assert_int_equal(lp_board_poke(&board, HYPER + 5, &byte, 1), LP_OK);
    assert_int_equal(npu_byte(HYPER + 5), 1);
    npu_put(HYPER + 6, 6); /* its own writes it sees, and so does memory */
    assert_int_equal(npu_byte(HYPER + 6), 6);
    lp_axi_cache_invalidate(&board.npu_cache);
    assert_int_equal(npu_byte(HYPER + 5), 2);
    assert_int_equal(npu_byte(HYPER + 6), 6);
    /* The same place of the cache for another address. */
    assert_int_equal(npu_byte(HYPER + 5 + 64 * 4096), 0);
    assert_int_equal(npu_byte(HYPER + 5), 2);
}

static void an_access_outside_is_an_answer(void **state)
{
    uint8_t byte = 1;
    uint64_t bad = 0;
    (void)state;
    const struct lp_sim_access access = {.address = 0x343bfffe, .run_bytes = 4, .runs = 1};
    uint8_t bytes[4] = {0};
    assert_int_equal(board.npu.write(board.npu.ctx, &access, bytes, &bad), LP_MEMORY_FAULT);
    assert_int_equal(bad, 0x343c0000);
    assert_int_equal(lp_board_cpu_write(&board, 0x40000000, &byte, 1), LP_MEMORY_FAULT);
    assert_int_equal(lp_board_cpu_read(&board, 0x343bffff, bytes, 2), LP_MEMORY_FAULT);
    assert_int_equal(lp_board_cpu_glance(&board, 0, bytes, 1), LP_MEMORY_FAULT);
    assert_int_equal(lp_board_peek(&board, 0, bytes, 1), LP_MEMORY_FAULT);
}

/* ---- random sequences against a model that keeps cache lines as a list ---- */

enum { LINES = 24, BYTES = LINES * 32, SPREAD = 3 };

/* 24 lines of 3 sets, 8 of each: more than the ways. */
static uint64_t address_of(uint32_t i)
{
    uint32_t line = i / 32;
    return RAM + line / SPREAD * WAY_BYTES + line % SPREAD * 32 + i % 32;
}

static struct model {
    uint8_t memory[BYTES], cached[BYTES];
    bool is_cached[LINES], is_dirty[LINES];
    uint32_t used[LINES], now;
} model;

static void model_forget(uint32_t line, bool write_back)
{
    if (write_back && model.is_dirty[line])
        memcpy(model.memory + line * 32, model.cached + line * 32, 32);
    model.is_cached[line] = model.is_dirty[line] = false;
}

static void model_fetch(uint32_t line)
{
    uint32_t oldest = UINT32_MAX, count = 0;
    for (uint32_t i = line % SPREAD; i < LINES && !model.is_cached[line]; i += SPREAD) {
        count += model.is_cached[i];
        if (model.is_cached[i] && (oldest == UINT32_MAX || model.used[i] < model.used[oldest]))
            oldest = i;
    }
    if (count == 4)
        model_forget(oldest, true);
    if (!model.is_cached[line])
        memcpy(model.cached + line * 32, model.memory + line * 32, 32);
    model.is_cached[line] = true;
    model.used[line] = ++model.now;
}

static void both_do(uint32_t roll, uint32_t i, uint8_t byte)
{
    uint32_t line = i / 32;
    switch (roll % 8) {
    case 0:
    case 1:
        model_fetch(line);
        model.cached[i] = byte;
        model.is_dirty[line] = true;
        cpu_put(address_of(i), byte);
        break;
    case 2:
        model.memory[i] = byte;
        npu_put(address_of(i), byte);
        break;
    case 3:
        if (model.is_cached[line] && model.is_dirty[line])
            memcpy(model.memory + line * 32, model.cached + line * 32, 32);
        model.is_dirty[line] = false;
        lp_board_cache_clean(&board, address_of(i), 1);
        break;
    case 4:
        model_forget(line, false);
        lp_board_cache_invalidate(&board, address_of(i), 1);
        break;
    case 5: assert_int_equal(npu_byte(address_of(i)), model.memory[i]); break;
    default: model_fetch(line); assert_int_equal(cpu_byte(address_of(i)), model.cached[i]);
    }
}

static void random_sequences_follow_the_model(void **state)
{
    uint64_t random = 88172645463325252u;
    (void)state;
    memset(&model, 0, sizeof model);
    for (int n = 0; n < 200000; n++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        both_do((uint32_t)(random >> 40), (uint32_t)(random >> 8) % BYTES, (uint8_t)random);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_a_reset_nothing_answers),
        cmocka_unit_test(a_write_reaches_the_npu_when_it_is_cleaned),
        cmocka_unit_test(a_result_reaches_the_cpu_when_it_is_invalidated),
        cmocka_unit_test(an_invalidate_loses_what_was_not_cleaned),
        cmocka_unit_test(the_fifth_line_of_a_set_pushes_out_the_oldest),
        cmocka_unit_test(without_the_cache_writes_go_through),
        cmocka_unit_test(a_sleeping_memory_reads_zero_and_loses_writes),
        cmocka_unit_test(the_firewall_stops_the_npu_only),
        cmocka_unit_test(the_npus_cache_hides_new_contents),
        cmocka_unit_test(an_access_outside_is_an_answer),
        cmocka_unit_test(random_sequences_follow_the_model),
    };
    struct CMUnitTest each[LP_COUNT(tests)];
    for (size_t i = 0; i < LP_COUNT(tests); i++) {
        each[i] = tests[i];
        each[i].setup_func = set_up;
        each[i].teardown_func = tear_down;
    }
    int failed = cmocka_run_group_tests(each, NULL, NULL);
    lp_diag_free(&diag);
    return failed;
}
