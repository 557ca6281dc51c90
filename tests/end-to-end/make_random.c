/* Random models for a runtime that is not this project's: make_random COUNT FOLDER. Even numbers are chains of int8 operators,
 * odd ones single operators of all kinds; FOLDER/N.tflite gives as many tensors as a model may, FOLDER/N.I.bin holds values for
 * its input I, and FOLDER/N.json says which operator computes which tensor. */
#include "tests/support/single_op.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static void need(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "make_random: %s\n", what);
    exit(EXIT_FAILURE);
}

static FILE *create(const char *folder, unsigned number, const char *ending)
{
    char path[512];
    const int length = snprintf(path, sizeof path, "%s/%u%s", folder, number, ending);
    need(length > 0 && (size_t)length < sizeof path, "the folder's name is too long");
    FILE *file = fopen(path, "wb");
    need(file != NULL, "a file can't be written");
    return file;
}

static void finish(FILE *file)
{
    need(fclose(file) == 0, "a file can't be written");
}

static const char *type_name(enum lp_element element)
{
    static const char *const names[] = {"int8", "uint8", "int16", "int32", "int64", "float32", "bool"};
    return names[element];
}

enum values { ANY_VALUES, ONLY_ENDS, FEW_VALUES, VALUE_KINDS };

/* Within the smallest type where it is cast, beyond which C has no answer for floats. */
static int32_t random_number(struct random_model *m, enum lp_element element, enum values values, bool is_cast)
{
    const bool is_short = element == LP_ELEMENT_INT16;
    if (is_cast)
        return random_between(m, 0, INT8_MAX);
    if (values == ONLY_ENDS)
        return random_between(m, 0, 1) ? (is_short ? INT16_MAX : INT8_MAX) : (is_short ? INT16_MIN : INT8_MIN);
    return values == FEW_VALUES ? random_between(m, -2, 2) : random_between(m, -30000, 30000);
}

static void write_value(FILE *file, enum lp_element element, int32_t number)
{
    const float real = (float)number / 100.0f;
    const int64_t wide = number;
    const int16_t half = (int16_t)number;
    const int8_t byte = (int8_t)number;
    switch (element) {
    case LP_ELEMENT_FLOAT32: fwrite(&real, sizeof real, 1, file); break;
    case LP_ELEMENT_INT64: fwrite(&wide, sizeof wide, 1, file); break;
    case LP_ELEMENT_INT32: fwrite(&number, sizeof number, 1, file); break;
    case LP_ELEMENT_INT16: fwrite(&half, sizeof half, 1, file); break;
    default: fwrite(&byte, sizeof byte, 1, file); break;
    }
}

static void write_inputs(struct random_model *m, const char *folder, unsigned number)
{
    for (uint32_t i = 0; i < m->file.input_count; i++) {
        char ending[24];
        snprintf(ending, sizeof ending, ".%" PRIu32 ".bin", i);
        FILE *file = create(folder, number, ending);
        const struct lp_tw_tensor *t = &m->file.tensors[m->file.inputs[i]];
        const enum values values = (enum values)random_between(m, 0, VALUE_KINDS - 1);
        for (size_t k = 0; k < tw_tensor_elements(t); k++)
            write_value(file, t->element, random_number(m, t->element, values, m->file.ops[0].builtin_code == TW_CAST));
        finish(file);
    }
}

static void write_tensors(FILE *file, const struct lp_tw *w, const char *name, const int32_t *tensors, uint32_t count)
{
    const char *comma = "";
    fprintf(file, "\"%s\": [", name);
    for (uint32_t i = 0; i < count; i++) {
        if (tensors[i] < 0 || w->tensors[tensors[i]].data != NULL)
            continue;
        fprintf(file, "%s{\"tensor\": %" PRId32 ", \"type\": \"%s\"}", comma, tensors[i],
                type_name(w->tensors[tensors[i]].element));
        comma = ", ";
    }
    fprintf(file, "]");
}

static void write_description(const struct lp_tw *w, FILE *file)
{
    fprintf(file, "{");
    write_tensors(file, w, "inputs", w->inputs, w->input_count);
    fprintf(file, ", ");
    write_tensors(file, w, "outputs", w->outputs, w->output_count);
    fprintf(file, ", \"ops\": [");
    for (uint32_t i = 0; i < w->op_count; i++) {
        const struct lp_tw_op *op = &w->ops[i];
        fprintf(file, "%s{\"code\": %" PRId32 ", ", i == 0 ? "" : ", ", op->builtin_code);
        write_tensors(file, w, "inputs", op->inputs, op->input_count);
        fprintf(file, ", ");
        write_tensors(file, w, "outputs", op->outputs, op->output_count);
        fprintf(file, "}");
    }
    fprintf(file, "]}\n");
}

/* What lies between two operators can be compared, too. */
static void show_all(struct lp_tw *w)
{
    w->output_count = 0;
    for (uint32_t i = 0; i < w->op_count; i++)
        for (uint32_t k = 0; k < w->ops[i].output_count && w->output_count < LP_TW_MAX_LIST; k++)
            w->outputs[w->output_count++] = w->ops[i].outputs[k];
}

static void write_model(const char *folder, unsigned number)
{
    struct random_model *m = number % 2 == 0 ? random_model_make(number / 2) : single_op_make(number / 2);
    show_all(&m->file);
    size_t size_bytes = 0;
    const uint8_t *bytes = lp_tw_finish(&m->file, &size_bytes);
    FILE *file = create(folder, number, ".tflite");
    need(fwrite(bytes, 1, size_bytes, file) == size_bytes, "a file can't be written");
    finish(file);
    file = create(folder, number, ".json");
    write_description(&m->file, file);
    finish(file);
    write_inputs(m, folder, number);
    random_model_free(m);
}

int main(int argc, char **argv)
{
    need(argc == 3, "give a count and a folder");
    const long count = strtol(argv[1], NULL, 10);
    need(count > 0 && count < 1000000, "the count is not between 1 and 999999");
    for (long i = 0; i < count; i++)
        write_model(argv[2], (unsigned)i);
    return EXIT_SUCCESS;
}
