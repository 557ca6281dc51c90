/* Every model of the project, and networks that remember, without enough memory: compiled for the processor and for the NPU and
 * loaded, with a limit at many places between nothing and what it takes, and with each single allocation failing. Each time a clear error, and the sanitizers see that
 * nothing is lost or touched. */
#define _GNU_SOURCE
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/session.h"
#include "compiler/base/arena.h"
#include "evaluate/load.h"
#include "tests/support/streaming_model.h"

enum { LIMITS = 100 };

static size_t allocations;
static size_t fails_at; /* counted from 0; SIZE_MAX: none */

static void *counting(size_t count, size_t size_bytes)
{
    return allocations++ == fails_at ? NULL : calloc(count, size_bytes);
}

/* Reading the model is not what is limited. */
static lp_status compile_and_load(const char *path, const char *target, size_t limit_bytes, size_t *used_bytes)
{
    struct lp_session s = {.model_path = path, .options.rounding = LP_ROUNDING_SINGLE};
    struct lp_unit unit = {0};
    struct lp_loaded loaded;
    assert_int_equal(lp_session_targets(&s, target), LP_OK);
    assert_int_equal(lp_session_model(&s), LP_OK);
    const size_t before = s.arena.used_bytes;
    s.arena.limit_bytes = limit_bytes == 0 ? 0 : before + limit_bytes;
    allocations = 0;
    lp_allocate = counting;
    lp_status status = lp_session_compile(&s, &s.targets[0], NULL, &unit);
    if (status == LP_OK && strcmp(target, "host") == 0)
        status = lp_load(&s.arena, &s.diag, unit.graph, unit.program, unit.plan.peak_bytes, &loaded);
    lp_allocate = calloc;
    if (status != LP_OK) {
        assert_int_equal(s.diag.first, status);
        assert_true(s.diag.error_count > 0 && lp_text_get(&s.diag.errors)[0] != '\0');
    }
    *used_bytes = s.arena.used_bytes - before;
    lp_text_free(&unit.dump);
    lp_diag_free(&s.diag);
    lp_arena_free(&s.arena);
    return status;
}

/* Returns whether the target takes the model at all. */
static bool try_limits(const char *path, const char *target)
{
    size_t used = 0, part = 0;
    lp_status all = compile_and_load(path, target, 0, &used);
    if (all != LP_OK) {
        assert_int_equal(all, LP_UNSUPPORTED);
        return false;
    }
    for (size_t i = 0; i < LIMITS; i++) {
        const size_t limit = 1 + (used - 2) * i / LIMITS;
        lp_status status = compile_and_load(path, target, limit, &part);
        if (status != LP_OUT_OF_MEMORY)
            fail_msg("%s for %s with %zu of %zu bytes: status %d", path, target, limit, used, (int)status);
        assert_true(part <= limit);
    }
    (void)compile_and_load(path, target, 0, &used);
    const size_t total = allocations;
    for (fails_at = 0; fails_at < total; fails_at++) {
        lp_status status = compile_and_load(path, target, 0, &part);
        if (status != LP_OUT_OF_MEMORY)
            fail_msg("%s for %s without allocation %zu of %zu: status %d", path, target, fails_at, total, (int)status);
    }
    fails_at = SIZE_MAX;
    return true;
}

static void models_of_the_project(void **state)
{
    glob_t found;
    size_t taken = 0;
    (void)state;
    assert_int_equal(glob("tests/vectors/models/*.tflite", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        taken += try_limits(found.gl_pathv[i], "host") + try_limits(found.gl_pathv[i], "stm32n6");
    printf("%zu models, %zu times compiled for a target\n", found.gl_pathc, taken);
    assert_true(taken > found.gl_pathc);
    globfree(&found);
}

static void try_made(void (*make)(struct lp_tw *))
{
    static struct lp_tw w;
    char path[] = "/tmp/no_memory_XXXXXX";
    size_t size_bytes;
    make(&w);
    const uint8_t *bytes = lp_tw_finish(&w, &size_bytes);
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, size_bytes), size_bytes);
    close(file);
    lp_tw_free(&w);
    memset(&w, 0, sizeof w);
    assert_true(try_limits(path, "host"));
    (void)try_limits(path, "stm32n6");
    unlink(path);
}

static void networks_that_remember(void **state)
{
    (void)state;
    try_made(streaming_model_make);
    try_made(svdf_model_make);
}

int main(void)
{
    fails_at = SIZE_MAX;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_of_the_project),
        cmocka_unit_test(networks_that_remember),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
