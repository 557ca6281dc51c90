/* What the tests of this folder share: a temporary folder, tensors, reading with the messages at hand. */
#ifndef LP_CLI_VALUES_TEST_SUPPORT_H
#define LP_CLI_VALUES_TEST_SUPPORT_H

#include "cli/values/values.h"
#include "compiler/base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

struct fixture {
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_values values;
    char folder[64];
    char path[128];
};

static const float test_scale = 0.5f;
static const int32_t test_zero_point = -3;

/* A tensor with scale 0.5 and zero point -3, or float32. */
static inline struct lp_tensor test_tensor(enum lp_element element, uint8_t rank, int32_t d0, int32_t d1, int32_t d2, int32_t d3)
{
    struct lp_tensor tensor = {.name = "window", .element = element, .rank = rank, .dims = {d0, d1, d2, d3}};
    if (element != LP_ELEMENT_FLOAT32)
        tensor.quant = (struct lp_quant){.count = 1, .scale = &test_scale, .zero_point = &test_zero_point};
    return tensor;
}

static inline int make_folder(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    *state = f;
    if (f == NULL)
        return 1;
    snprintf(f->folder, sizeof f->folder, "/tmp/limpid-values-XXXXXX");
    return mkdtemp(f->folder) == NULL;
}

/* Before another read or write. */
static inline void forget(struct fixture *f)
{
    f->values = (struct lp_values){0};
    lp_arena_free(&f->arena);
    lp_diag_free(&f->diag);
}

/* Tests write few files with these names. */
static inline int remove_folder(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"t.npy", "t.csv", "t.bin", "t.png", "t.jpg", "t.txt", "t.py"};
    for (size_t i = 0; i < LP_COUNT(names); i++) {
        snprintf(f->path, sizeof f->path, "%s/%s", f->folder, names[i]);
        unlink(f->path);
    }
    int left = rmdir(f->folder);
    forget(f);
    free(f);
    return left;
}

static inline void write_bytes(struct fixture *f, const char *name, const void *bytes, size_t length)
{
    snprintf(f->path, sizeof f->path, "%s/%s", f->folder, name);
    FILE *file = fopen(f->path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static inline lp_status read_again(struct fixture *f, const struct lp_tensor *tensor, enum lp_values_mode mode)
{
    forget(f);
    return lp_values_read(&f->arena, &f->diag, f->path, mode, tensor, &f->values);
}

static inline lp_status read_bytes(struct fixture *f, const char *name, const void *bytes, size_t length,
                                   const struct lp_tensor *tensor, enum lp_values_mode mode)
{
    write_bytes(f, name, bytes, length);
    return read_again(f, tensor, mode);
}

static inline lp_status read_text(struct fixture *f, const char *text, const struct lp_tensor *tensor, enum lp_values_mode mode)
{
    return read_bytes(f, "t.csv", text, strlen(text), tensor, mode);
}

/* The one message contains each of two pieces; an error never leaves values behind. */
static inline void assert_message(struct fixture *f, lp_status status, const char *piece, const char *other)
{
    assert_int_not_equal(status, LP_OK);
    assert_int_equal(f->diag.error_count, 1);
    assert_int_equal(f->diag.first, status);
    assert_null(f->values.data);
    if (strstr(lp_text_get(&f->diag.errors), piece) == NULL || strstr(lp_text_get(&f->diag.errors), other) == NULL)
        fail_msg("expected '%s' and '%s' in: %s", piece, other, lp_text_get(&f->diag.errors));
}

#endif
