/* Software epochs as program.json states them: the text gives the call that was compiled, and no call, whatever its numbers say,
 * touches anything outside of its operands (the sanitizers watch) or is taken with less memory than it needs. */
#include "cli/npu_build.h"
#include "evaluate/neural-art/software.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_PATH = 512 };

struct model {
    struct lp_session session;
    struct lp_unit unit;
    struct lp_npu_build build;
    struct lp_sim_ram ram;
    char path[MOST_PATH];
};

static bool open_model(struct model *m, const char *name)
{
    struct lp_session *s = &m->session;
    memset(m, 0, sizeof *m);
    (void)snprintf(m->path, sizeof m->path, "tests/vectors/models/%s", name);
    s->model_path = m->path;
    assert_int_equal(lp_session_targets(s, "stm32n6"), LP_OK);
    assert_int_equal(lp_session_model(s), LP_OK);
    if (lp_session_compile(s, &s->targets[0], "plan", &m->unit) != LP_OK)
        return false; /* types that are not compiled */
    assert_int_equal(lp_npu_build(s, &m->unit, &m->build), LP_OK);
    assert_int_equal(lp_sim_ram_open(&s->arena, &s->diag, m->build.linked.program, &m->ram), LP_OK);
    return true;
}

static void close_model(struct model *m)
{
    lp_diag_free(&m->session.diag);
    lp_arena_free(&m->session.arena);
}

/* Fewer would mean that the models are not found; how many there are falls with each operator that moves to the hardware. */
enum { FEWEST_CALLS = 30 };

static int each_model(void (*work)(struct model *m, const struct lp_npu_software *software, void *user), void *user)
{
    int calls = 0;
    DIR *folder = opendir("tests/vectors/models");
    assert_non_null(folder);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        static struct model m;
        if (strstr(entry->d_name, ".tflite") == NULL)
            continue;
        if (open_model(&m, entry->d_name))
            for (uint32_t i = 0; i < m.build.linked.software_count; i++, calls++)
                work(&m, &m.build.linked.software[i], user);
        close_model(&m);
    }
    closedir(folder);
    return calls;
}

/* ---- the text ---- */

static void same_call(struct model *m, const struct lp_npu_software *want, void *user)
{
    struct lp_npu_software got;
    (void)user;
    assert_int_equal(
        lp_npu_software_read(&m->session.arena, &m->session.diag, m->path, &m->build.linked.program->epochs[want->epoch], &got),
        LP_OK);
    assert_ptr_equal(got.kernel, want->kernel);
    assert_memory_equal(got.args, want->args, want->kernel->args->size_bytes);
    assert_int_equal(got.operand_count, want->operand_count);
    for (uint32_t i = 0; i < got.operand_count; i++) {
        const struct lp_npu_sw_operand *a = &got.operands[i], *b = NULL;
        for (uint32_t k = 0; k < want->operand_count; k++)
            if (want->operands[k].field_offset == a->field_offset)
                b = &want->operands[k];
        assert_non_null(b);
        assert_int_equal(a->address, b->address);
        assert_int_equal(a->size_bytes, b->size_bytes);
        assert_int_equal(a->is_written, b->is_written);
    }
}

static void text_gives_the_compiled_call(void **state)
{
    (void)state;
    assert_true(each_model(same_call, NULL) > FEWEST_CALLS);
}

static void texts_are_refused(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{\"kernel\":\"lp_copy__elsewhere\",\"args\":{}}", "no kernel of this program"},
        {"{\"kernel\":\"lp_copy__reference\"}", "args has no \"in\""},
        {"{\"kernel\":\"lp_copy__reference\",\"args\":{\"in\":7}}", "in: null or an object"},
        {"{\"kernel\":\"lp_copy__reference\",\"args\":{\"in\":{\"address\":-1,\"bytes\":4,\"written\":false}}}", "address is -1"},
        {"{\"kernel\":\"lp_copy__reference\",\"args\":{\"in\":{\"address\":1,\"bytes\":4,\"written\":true}}}", "only reads it"},
        {"{\"kernel\":\"lp_copy__reference\",\"args\":{\"in\":{\"address\":1,\"bytes\":4294967295,\"written\":false}}}",
         "at most"},
        {"{\"kernel\":\"lp_copy__reference\",\"args\":{\"in\":null,\"out\":null,\"size_bytes\":4294967296}}",
         "an integer from 0 to 4294967295"},
        {"{\"kernel\":\"lp_copy__reference\",\"args\":{\"in\":null,\"out\":null,\"size_bytes\":\"4\"}}", "an integer from 0"},
        {"{\"kernel\":\"lp_pad__reference\",\"args\":{\"in\":null,\"out\":null,\"in_dims\":[1,2]}}", "a list of 6 numbers"},
    };
    (void)state;
    for (size_t i = 0; i < LP_COUNT(cases); i++) {
        struct lp_arena arena = {0};
        struct lp_diag diag = {0};
        struct lp_npu_software out;
        const struct lp_npu_epoch epoch = {.id = 3, .kind = LP_NPU_EPOCH_SW, .sw_op = cases[i].text};
        assert_int_equal(lp_npu_software_read(&arena, &diag, "here", &epoch, &out), LP_BAD_INPUT);
        if (strstr(lp_text_get(&diag.errors), "here: epoch 3") == NULL ||
            strstr(lp_text_get(&diag.errors), cases[i].message) == NULL)
            fail_msg("%s: %s", cases[i].text, lp_text_get(&diag.errors));
        lp_diag_free(&diag);
        lp_arena_free(&arena);
    }
    for (int i = 0; i < 3; i++) {
        static const char *const foreign[] = {NULL, "{\"operator\":\"softmax\"}", "[1"};
        struct lp_arena arena = {0};
        struct lp_diag diag = {0};
        struct lp_npu_software out;
        const struct lp_npu_epoch epoch = {.sw_op = foreign[i]};
        assert_int_equal(lp_npu_software_read(&arena, &diag, "here", &epoch, &out), LP_UNSUPPORTED);
        lp_arena_free(&arena);
    }
}

/* ---- hostile calls ---- */

struct hostile {
    int taken, refused;
};

/* The outcome of a call, whose messages are dropped. */
static lp_status try_call(struct model *m, const struct lp_npu_software *software, struct hostile *h)
{
    struct lp_diag diag = {0};
    lp_status status = lp_npu_software_run(&diag, software, &m->ram.memory);
    if (status != LP_OK)
        assert_int_not_equal(diag.error_count, 0);
    h->taken += status == LP_OK;
    h->refused += status != LP_OK;
    lp_diag_free(&diag);
    return status;
}

static void fill_operands(struct model *m, const struct lp_npu_software *software)
{
    uint32_t random = 12345;
    for (uint32_t i = 0; i < software->operand_count; i++) {
        const struct lp_npu_sw_operand *o = &software->operands[i];
        for (uint32_t k = 0; k < o->size_bytes && o->address < 0x70000000u; k++) {
            random = random * 1664525u + 1013904223u;
            uint8_t byte = (uint8_t)(random >> 24);
            (void)lp_sim_ram_put(&m->ram, o->address + k, &byte, 1);
        }
    }
}

/* An element of a member becomes each of these, and what it was plus each of these. */
static void change_element(struct model *m, const struct lp_npu_software *software, uint8_t *args, uint32_t offset,
                           uint32_t bytes, struct hostile *h)
{
    static const int64_t values[] = {0, 1, -1, 2, 31, -32, 127, 255, 32767, 65535, INT32_MAX, INT32_MIN, 0x40000000};
    uint8_t kept[4];
    uint32_t was = 0;
    memcpy(kept, args + offset, bytes);
    memcpy(&was, kept, bytes);
    for (size_t i = 0; i < 2 * LP_COUNT(values); i++) {
        uint32_t value = (uint32_t)values[i / 2] + (i % 2 == 0 ? 0 : was);
        memcpy(args + offset, &value, bytes);
        (void)try_call(m, software, h);
    }
    memcpy(args + offset, kept, bytes);
}

static void change_all(struct model *m, const struct lp_npu_software *original, void *user)
{
    static const uint8_t bytes[] = {[LP_FIELD_U8] = 1,  [LP_FIELD_S8] = 1,  [LP_FIELD_U16] = 2, [LP_FIELD_S16] = 2,
                                    [LP_FIELD_S32] = 4, [LP_FIELD_U32] = 4, [LP_FIELD_F32] = 4};
    const struct lp_args_info *info = original->kernel->args;
    struct lp_npu_software software = *original;
    uint8_t *args = lp_arena_alloc(&m->session.arena, info->size_bytes, 1);
    assert_non_null(args);
    memcpy(args, original->args, info->size_bytes);
    software.args = args;
    fill_operands(m, original);
    for (uint32_t f = 0; f < info->field_count; f++)
        for (uint32_t i = 0; i < info->fields[f].count && info->fields[f].type != LP_FIELD_POINTER; i++)
            change_element(m, &software, args, info->fields[f].offset + i * bytes[info->fields[f].type],
                           bytes[info->fields[f].type], user);
}

static void no_call_leaves_its_memory(void **state)
{
    struct hostile h = {0};
    (void)state;
    (void)each_model(change_all, &h);
    assert_true(h.refused > 1000 && h.taken > 1000);
}

/* Moving kernels may leave out parts of a buffer. */
static bool needs_every_byte(const struct lp_npu_software *software)
{
    return strncmp(software->kernel->symbol, "lp_copy_rows", 12) != 0 && strncmp(software->kernel->symbol, "lp_move", 7) != 0;
}

static void shrink_operands(struct model *m, const struct lp_npu_software *original, void *user)
{
    struct lp_npu_sw_operand operands[LP_MAX_OPERANDS];
    struct lp_npu_software software = *original;
    struct hostile h = {0};
    (void)user;
    memcpy(operands, original->operands, original->operand_count * sizeof *operands);
    software.operands = operands;
    for (uint32_t i = 0; i < software.operand_count; i++) {
        operands[i].size_bytes = needs_every_byte(original) ? operands[i].size_bytes - 1 : 0;
        if (try_call(m, &software, &h) == LP_OK)
            fail_msg("%s: %s: operand %u with %u bytes of %u", m->path, original->kernel->symbol, (unsigned)i,
                     (unsigned)operands[i].size_bytes, (unsigned)original->operands[i].size_bytes);
        operands[i] = original->operands[i];
        operands[i].address = 0x10000000;
        assert_int_not_equal(try_call(m, &software, &h), LP_OK);
        operands[i] = original->operands[i];
    }
}

static void no_call_gets_along_with_less(void **state)
{
    (void)state;
    assert_true(each_model(shrink_operands, NULL) > FEWEST_CALLS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_gives_the_compiled_call),
        cmocka_unit_test(texts_are_refused),
        cmocka_unit_test(no_call_leaves_its_memory),
        cmocka_unit_test(no_call_gets_along_with_less),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
