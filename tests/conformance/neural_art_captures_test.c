/* Programs of another compiler, recorded with their outputs: every byte of every output, and of everything that is stored
 * between the epochs, must come out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "compiler/base/sha256.h"
#include "tests/support/neural_art_session.h"

static const char captures[] = "../shared/captures";

/* The producer's own estimate of compute cycles counts words like the model does, but rounds packed words otherwise. */
static void cycles_are_near_the_estimates(const struct na_session *s)
{
    for (uint32_t i = 0; i < s->report.epoch_count; i++) {
        const struct lp_sim_epoch_report *e = &s->report.epochs[i];
        uint64_t busiest = 0, estimate = (uint64_t)s->program->epochs[i].compute_cycles;
        for (uint32_t u = 0; u < e->unit_count; u++)
            busiest = e->units[u].cycles > busiest ? e->units[u].cycles : busiest;
        assert_in_range(busiest * 1000, estimate * 998, estimate * 1002);
    }
}

static void outputs_are_equal(const char *name, size_t expected_bytes)
{
    char folder[200];
    struct na_session s;
    size_t compared = 0, different = 0;
    snprintf(folder, sizeof folder, "%s/%s", captures, name);
    na_open(&s, folder);
    assert_true(s.program->vectors_count > 0);
    for (uint32_t i = 0; i < s.program->vectors_count; i++)
        different += na_run_vectors(&s, &s.program->vectors[i], &compared);
    print_message("%s: %zu output bytes compared, %zu differ\n", name, compared, different);
    assert_int_equal(different, 0);
    assert_int_equal(compared, expected_bytes);
    assert_int_equal(s.report.findings.error_count, 0);
    cycles_are_near_the_estimates(&s);
    na_close(&s);
}

static void dense_programs_give_the_recorded_outputs(void **state)
{
    (void)state;
    outputs_are_equal("dense_10x10", 200);
    outputs_are_equal("dense_16", 320);
    outputs_are_equal("dense_17", 340);
    outputs_are_equal("dense_17x10", 200);
    outputs_are_equal("dense_256", 5120);
    outputs_are_equal("dense_32", 640);
    outputs_are_equal("dense_64", 1280);
    outputs_are_equal("dense_8x16", 320);
}

static void small_cnn_gives_the_recorded_outputs(void **state)
{
    (void)state;
    outputs_are_equal("cnn_small", 20);
}

/* ---- what the engines store, epoch by epoch ---- */

struct trace {
    struct na_session session;
    const json_t *writes;
    size_t vector; /* position in the recorded files */
    size_t compared, different;
    char first[200];
};

static void compare_write(struct trace *t, const json_t *write)
{
    size_t size = 0, bytes = (size_t)json_integer_value(json_object_get(write, "bytes"));
    const char *file = json_string_value(json_object_get(json_object_get(write, "file"), "file"));
    uint32_t address = (uint32_t)json_integer_value(json_object_get(write, "address"));
    const uint8_t *expected = na_file(&t->session, t->session.program->folder, file, &size);
    uint8_t *found = malloc(bytes);
    assert_non_null(found);
    assert_true(size >= (t->vector + 1) * bytes);
    assert_int_equal(lp_sim_ram_get(&t->session.ram, address, found, bytes), LP_OK);
    for (size_t i = 0; i < bytes; i++) {
        if (found[i] == expected[t->vector * bytes + i])
            continue;
        if (t->different++ == 0)
            snprintf(t->first, sizeof t->first, "%s, byte %zu: %d, expected %d", file, i, found[i],
                     expected[t->vector * bytes + i]);
    }
    t->compared += bytes;
    free(found);
}

static void compare_epoch(void *observer, const struct lp_npu_epoch *epoch)
{
    struct trace *t = observer;
    size_t i;
    json_t *write;
    json_array_foreach((json_t *)(uintptr_t)t->writes, i,
                       write) if (json_integer_value(json_object_get(write, "epoch")) == epoch->id) compare_write(t, write);
}

static void small_cnn_stores_the_recorded_bytes_in_every_epoch(void **state)
{
    (void)state;
    struct trace t = {0};
    char folder[200];
    size_t size;
    uint8_t output;
    snprintf(folder, sizeof folder, "%s/cnn_small", captures);
    na_open(&t.session, folder);
    char *path = lp_arena_printf(&t.session.arena, "%s/trace.json", folder);
    json_t *trace = json_load_file(path, 0, NULL);
    assert_non_null(trace);
    t.writes = json_object_get(trace, "writes");
    t.session.options.observer = &t;
    t.session.options.saw_epoch = compare_epoch;
    const json_t *vectors = json_object_get(trace, "vectors");
    const uint8_t *inputs = na_file(&t.session, folder, "in0.bin", &size);
    for (t.vector = 0; t.vector < json_array_size(vectors); t.vector++) {
        size_t number = (size_t)json_integer_value(json_array_get(vectors, t.vector));
        assert_int_equal(na_run(&t.session, inputs + number * 2000, &output), LP_OK);
    }
    print_message("cnn_small: %zu stored bytes compared, %zu differ%s%s\n", t.compared, t.different,
                  t.different ? ", first: " : "", t.first);
    assert_int_equal(t.different, 0);
    assert_int_equal(t.compared, 323074);
    json_decref(trace);
    na_close(&t.session);
}

/* ---- what the units give, before it is stored ---- */

enum { MOST_STREAMS = 128 };

/* Everything that one unit gave in one epoch. */
struct stream {
    const json_t *recorded;
    int32_t epoch, unit_type, index;
    size_t element_bytes, elements, frames;
    struct lp_text bytes;
};

struct streams {
    struct stream of[MOST_STREAMS];
    size_t count;
};

static int32_t unit_type_of(const char *name)
{
    static const char *const names[LP_NPU_UNIT_TYPES] = {"STRENG", "CONVACC", "ARITH", "POOL", "ACTIV"};
    for (int32_t i = 0; i < LP_NPU_UNIT_TYPES; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    fail_msg("there is no unit type %s", name);
    return -1;
}

static void begin_streams(struct streams *s, const json_t *list)
{
    s->count = json_array_size(list);
    assert_in_range(s->count, 1, MOST_STREAMS);
    for (size_t i = 0; i < s->count; i++) {
        const json_t *recorded = json_array_get(list, i);
        s->of[i] = (struct stream){
            .recorded = recorded,
            .epoch = (int32_t)json_integer_value(json_object_get(recorded, "epoch")),
            .unit_type = unit_type_of(json_string_value(json_object_get(recorded, "unit"))),
            .index = (int32_t)json_integer_value(json_object_get(recorded, "index")),
            .element_bytes = (size_t)json_integer_value(json_object_get(recorded, "element_bytes")),
        };
    }
}

static void add_frame(void *observer, const struct lp_npu_epoch *epoch, int32_t unit_type, int32_t index, const int32_t *words,
                      size_t count)
{
    struct streams *s = observer;
    for (size_t i = 0; i < s->count; i++) {
        struct stream *at = &s->of[i];
        if (at->epoch != epoch->id || at->unit_type != unit_type || at->index != index)
            continue;
        at->frames++;
        at->elements += count;
        for (size_t w = 0; w < count; w++) {
            uint8_t bytes[4];
            for (size_t b = 0; b < at->element_bytes; b++)
                bytes[b] = (uint8_t)((uint32_t)words[w] >> (8 * b));
            lp_text_add(&at->bytes, (const char *)bytes, at->element_bytes);
        }
    }
}

/* Returns how many streams differ from the recording of this vector. */
static size_t end_streams(struct streams *s, size_t vector)
{
    size_t different = 0;
    for (size_t i = 0; i < s->count; i++) {
        const json_t *recorded = s->of[i].recorded;
        char found[LP_SHA256_TEXT_BYTES];
        const char *expected = json_string_value(json_array_get(json_object_get(recorded, "sha256"), vector));
        assert_false(s->of[i].bytes.failed);
        lp_sha256_text(lp_text_get(&s->of[i].bytes), s->of[i].bytes.length, found);
        lp_text_free(&s->of[i].bytes);
        assert_int_equal(s->of[i].frames, json_integer_value(json_object_get(recorded, "frames")));
        assert_int_equal(s->of[i].elements, json_integer_value(json_object_get(recorded, "elements")));
        if (strcmp(found, expected) != 0 && different++ == 0)
            print_message("epoch %d, %s %d differs\n", (int)s->of[i].epoch, json_string_value(json_object_get(recorded, "unit")),
                          (int)s->of[i].index);
    }
    return different;
}

static void small_cnn_gives_the_recorded_streams_in_every_unit(void **state)
{
    (void)state;
    struct na_session session;
    struct streams streams;
    char folder[200];
    size_t size, compared = 0;
    uint8_t output;
    snprintf(folder, sizeof folder, "%s/cnn_small", captures);
    na_open(&session, folder);
    char *path = lp_arena_printf(&session.arena, "%s/trace.json", folder);
    json_t *trace = json_load_file(path, 0, NULL);
    assert_non_null(trace);
    const json_t *vectors = json_object_get(trace, "vectors");
    const uint8_t *inputs = na_file(&session, folder, "in0.bin", &size);
    session.options.observer = &streams;
    session.options.saw_frame = add_frame;
    for (size_t v = 0; v < json_array_size(vectors); v++) {
        begin_streams(&streams, json_object_get(trace, "streams"));
        assert_int_equal(na_run(&session, inputs + (size_t)json_integer_value(json_array_get(vectors, v)) * 2000, &output),
                         LP_OK);
        assert_int_equal(end_streams(&streams, v), 0);
        compared += streams.count;
    }
    print_message("cnn_small: %zu streams of units compared, none differs\n", compared);
    assert_int_equal(compared, 2 * 67);
    json_decref(trace);
    na_close(&session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dense_programs_give_the_recorded_outputs),
        cmocka_unit_test(small_cnn_gives_the_recorded_outputs),
        cmocka_unit_test(small_cnn_stores_the_recorded_bytes_in_every_epoch),
        cmocka_unit_test(small_cnn_gives_the_recorded_streams_in_every_unit),
    };
    FILE *present = fopen("../shared/captures/manifest.json", "rb");
    if (present == NULL) {
        printf("SKIP recorded programs of another compiler: ../shared is not present\n");
        return 77;
    }
    fclose(present);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
