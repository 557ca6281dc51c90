#define _POSIX_C_SOURCE 200809L
#include "cli/values/values.h"

#include "cli/values/element.h"
#include "cli/values/formats.h"
#include "compiler/base/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool ends_with(const char *path, const char *suffix)
{
    size_t length = strlen(path), tail = strlen(suffix);
    return length > tail && strcasecmp(path + length - tail, suffix) == 0;
}

lp_status lp_values_make_room(const struct lp_values_job *job, size_t count, struct lp_values *out)
{
    size_t inference_bytes = job->elements * job->element_bytes;
    if (count > LP_VALUES_LIMIT_BYTES / inference_bytes)
        return lp_error(job->diag, LP_BAD_INPUT,
                        "%s: %zu inferences of %zu bytes are more than the %zu bytes that are read at most", job->path, count,
                        inference_bytes, LP_VALUES_LIMIT_BYTES);
    uint8_t *data = lp_arena_alloc(job->arena, count, inference_bytes);
    if (data == NULL)
        return lp_no_memory(job->diag);
    *out = (struct lp_values){.data = data, .inference_count = count, .inference_bytes = inference_bytes};
    return LP_OK;
}

lp_status lp_values_refuse_raw(const struct lp_values_job *job, const char *where, const char *value)
{
    int64_t low, high;
    if (!lp_value_range(job->tensor->element, &low, &high))
        return lp_error(job->diag, LP_BAD_INPUT, "%s, %s: %.40s does not fit float32", job->path, where, value);
    return lp_error(job->diag, LP_BAD_INPUT, "%s, %s: %.40s is outside the range of %s, %" PRId64 " to %" PRId64, job->path,
                    where, value, lp_element_name(job->tensor->element), low, high);
}

static lp_status read_bin(const struct lp_values_job *job, struct lp_values *out)
{
    size_t inference_bytes = job->elements * job->element_bytes;
    if (job->mode == LP_VALUES_REAL && job->tensor->element != LP_ELEMENT_FLOAT32)
        return lp_error(job->diag, LP_BAD_INPUT, "%s: a .bin file holds raw integers; --real needs .npy or .csv", job->path);
    if (job->size_bytes == 0 || job->size_bytes % inference_bytes != 0)
        return lp_error(job->diag, LP_BAD_INPUT,
                        "%s has %zu bytes; it must be a multiple of the %zu bytes of one inference, and not 0", job->path,
                        job->size_bytes, inference_bytes);
    if (job->tensor->element == LP_ELEMENT_BOOL)
        for (size_t i = 0; i < job->size_bytes; i++)
            if (job->data[i] > 1)
                return lp_error(job->diag, LP_BAD_INPUT, "%s: byte %zu is %u; a bool is 0 or 1", job->path, i, job->data[i]);
    lp_status status = lp_values_make_room(job, job->size_bytes / inference_bytes, out);
    if (status == LP_OK)
        memcpy(out->data, job->data, job->size_bytes);
    return status;
}

static uint64_t next_word(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static bool parse_decimal(const char **text, uint64_t *value)
{
    if (**text < '0' || **text > '9')
        return false;
    char *end;
    errno = 0;
    unsigned long long parsed = strtoull(*text, &end, 10);
    *value = parsed;
    *text = end;
    return errno == 0;
}

static void fill_random(const struct lp_values_job *job, uint64_t seed, const struct lp_values *out)
{
    uint8_t *next = out->data;
    for (size_t i = 0; i < job->elements * out->inference_count; i++, next += job->element_bytes) {
        uint64_t word = next_word(&seed);
        if (job->tensor->element == LP_ELEMENT_FLOAT32) {
            float value = (float)(word >> 40) * 0x1p-23f - 1.0f;
            memcpy(next, &value, sizeof value);
        } else if (job->tensor->element == LP_ELEMENT_BOOL) {
            *next = (uint8_t)(word >> 63);
        } else {
            /* Any pattern of bits is a value of the type, so the upper bits are uniform over its range. */
            word >>= 64 - 8 * job->element_bytes;
            memcpy(next, &word, job->element_bytes);
        }
    }
}

static lp_status read_random(const struct lp_values_job *job, struct lp_values *out)
{
    const char *text = job->path + strlen("random:");
    uint64_t count = 0, seed = 0;
    bool fine = parse_decimal(&text, &count) && count != 0;
    if (fine && *text == ':') {
        text++;
        fine = parse_decimal(&text, &seed);
    }
    if (!fine || *text != '\0')
        return lp_error(job->diag, LP_BAD_ARGUMENT, "%s is not random:N or random:N:SEED with whole numbers, N at least 1",
                        job->path);
    lp_status status = lp_values_make_room(job, (size_t)count, out);
    if (status == LP_OK)
        fill_random(job, seed, out);
    return status;
}

typedef lp_status reader(const struct lp_values_job *job, struct lp_values *out);

static reader *find_reader(const char *spec)
{
    static const struct {
        const char *suffix;
        reader *read;
    } readers[] = {
        {".npy", lp_values_read_npy},   {".csv", lp_values_read_csv},   {".bin", read_bin},
        {".png", lp_values_read_image}, {".jpg", lp_values_read_image}, {".jpeg", lp_values_read_image},
    };
    for (size_t i = 0; i < LP_COUNT(readers); i++)
        if (ends_with(spec, readers[i].suffix))
            return readers[i].read;
    return NULL;
}

lp_status lp_values_read(struct lp_arena *arena, struct lp_diag *diag, const char *spec, enum lp_values_mode mode,
                         const struct lp_tensor *tensor, struct lp_values *out)
{
    int64_t elements = lp_tensor_elements(tensor);
    struct lp_values_job job = {.arena = arena,
                                .diag = diag,
                                .path = spec,
                                .mode = mode,
                                .tensor = tensor,
                                .elements = (size_t)elements,
                                .element_bytes = lp_element_bytes(tensor->element)};
    if (elements <= 0)
        return lp_error(diag, LP_BAD_INPUT, "%s: the tensor \"%s\" has no elements, so nothing can be read for it", spec,
                        tensor->name);
    struct lp_values found = {0};
    lp_status status;
    if (strncmp(spec, "random:", 7) == 0) {
        status = read_random(&job, &found);
    } else {
        reader *read = find_reader(spec);
        if (read == NULL)
            return lp_error(diag, LP_BAD_ARGUMENT, "%s: inputs are .npy, .csv, .bin, .png, .jpg or random:N[:SEED]", spec);
        status = lp_file_read(arena, diag, spec, LP_VALUES_LIMIT_BYTES, &job.data, &job.size_bytes);
        if (status == LP_OK)
            status = read(&job, &found);
    }
    if (status == LP_OK)
        *out = found;
    return status;
}

/* The shortest text that reads back as the same float32, and that nobody takes for an integer. */
static void add_real(struct lp_text *text, float value)
{
    char number[40] = "";
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(number, sizeof number, "%.*g", digits, (double)value);
        if (strtof(number, NULL) == value)
            break;
    }
    lp_text_printf(text, strpbrk(number, ".einf") == NULL ? "%s.0" : "%s", number);
}

static void add_csv(struct lp_text *text, const struct lp_tensor *tensor, const uint8_t *data, size_t inference_count, bool real)
{
    size_t elements = (size_t)lp_tensor_elements(tensor), element_bytes = lp_element_bytes(tensor->element);
    for (size_t i = 0; i < inference_count; i++)
        for (size_t k = 0; k < elements; k++, data += element_bytes) {
            if (real)
                add_real(text, lp_value_load_real(tensor, data));
            else
                lp_text_printf(text, "%" PRId64, lp_value_load_raw(tensor, data));
            lp_text_add(text, k + 1 == elements ? "\n" : ",", 1);
        }
}

static void add_npy(struct lp_text *text, const struct lp_tensor *tensor, const uint8_t *data, size_t inference_count, bool real)
{
    size_t elements = (size_t)lp_tensor_elements(tensor) * inference_count, element_bytes = lp_element_bytes(tensor->element);
    if (!lp_values_npy_header(text, tensor, inference_count, real))
        return;
    if (!real) {
        lp_text_add(text, (const char *)data, elements * element_bytes);
        return;
    }
    for (size_t i = 0; i < elements; i++) {
        float value = lp_value_load_real(tensor, data + i * element_bytes);
        lp_text_add(text, (const char *)&value, sizeof value);
    }
}

lp_status lp_values_check_output(struct lp_diag *diag, const char *path)
{
    if (ends_with(path, ".npy") || ends_with(path, ".csv") || ends_with(path, ".bin"))
        return LP_OK;
    return lp_error(diag, LP_BAD_ARGUMENT, "%s: outputs are written as .npy, .csv or .bin", path);
}

lp_status lp_values_write(struct lp_diag *diag, const char *path, const struct lp_tensor *tensor, const void *data,
                          size_t inference_count, bool real)
{
    lp_status status = lp_values_check_output(diag, path);
    if (status != LP_OK)
        return status;
    size_t size_bytes = (size_t)lp_tensor_bytes(tensor) * inference_count;
    if (ends_with(path, ".bin"))
        return lp_file_write(diag, path, data, size_bytes);
    real = real || tensor->element == LP_ELEMENT_FLOAT32;
    if (real && (status = lp_value_takes_real(diag, path, tensor)) != LP_OK)
        return status;
    struct lp_text text = {0};
    if (ends_with(path, ".csv"))
        add_csv(&text, tensor, data, inference_count, real);
    else
        add_npy(&text, tensor, data, inference_count, real);
    status = text.failed ? lp_no_memory(diag) : lp_file_write(diag, path, lp_text_get(&text), text.length);
    lp_text_free(&text);
    return status;
}
