/* PNG and JPEG pictures, decoded by stb_image 2.27, fenced in against damaged files: its memory comes from an arena with a
 * limit, and what it asserts becomes an error here instead of the end of the program. */
#include "cli/values/element.h"
#include "cli/values/formats.h"

#include <setjmp.h>
#include <string.h>

enum { MOST_TABLE_MARKS = 1000, LARGEST_PICTURE_BYTES = 1 << 26, DECODER_LIMIT_BYTES = 1 << 28 };

/* One decoding at a time: the decoder's hooks have no argument of ours. */
static struct {
    struct lp_arena arena;
    jmp_buf failed;
} decoder;

static void *grow_block(void *old, size_t old_bytes, size_t new_bytes)
{
    void *block = lp_arena_alloc(&decoder.arena, new_bytes, 1);
    if (block != NULL && old != NULL)
        memcpy(block, old, old_bytes < new_bytes ? old_bytes : new_bytes);
    return block;
}

#define STBI_MALLOC(size) lp_arena_alloc(&decoder.arena, (size), 1)
#define STBI_REALLOC_SIZED(old, old_size, new_size) grow_block((old), (old_size), (new_size))
#define STBI_FREE(block) ((void)(block))
#define STBI_ASSERT(condition) ((condition) ? (void)0 : longjmp(decoder.failed, 1))
#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_NO_STDIO
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_NO_FAILURE_STRINGS
#define STBI_MAX_DIMENSIONS 8192
#include <stb/stb_image.h>

struct size {
    int height, width, channels;
};

static unsigned byte_at(const struct lp_values_job *job, size_t at)
{
    return at < job->size_bytes ? job->data[at] : 0;
}

static bool is_png(const struct lp_values_job *job)
{
    return job->size_bytes >= 8 && memcmp(job->data, "\x89PNG\r\n\x1a\n", 8) == 0;
}

/* An empty data chunk, legal and useless, makes the decoder copy nothing to a null pointer. */
static bool has_empty_data_chunk(const struct lp_values_job *job)
{
    for (size_t i = 4; i + 4 <= job->size_bytes; i++)
        if (memcmp(job->data + i - 4, "\0\0\0\0IDAT", 8) == 0)
            return true;
    return false;
}

/* Whether the Huffman tables of a JPEG segment that begins at `at` with its length have at most 256 codes each. */
static bool tables_are_sound(const struct lp_values_job *job, size_t at)
{
    long left = (long)(byte_at(job, at) << 8 | byte_at(job, at + 1)) - 2;
    at += 2;
    while (left > 0) {
        unsigned codes = 0;
        for (size_t i = 1; i <= 16; i++)
            codes += byte_at(job, at + i);
        if (codes > 256)
            return false;
        at += 17 + codes;
        left -= 17 + (long)codes;
    }
    return true;
}

/* The decoder writes past its tables when a JPEG announces more than 256 codes. It takes a table only behind the bytes FF C4,
 * so every place with them is looked at, whether it would come across it or not; a real picture has few. */
static bool has_too_many_codes(const struct lp_values_job *job)
{
    int places = 0;
    for (size_t i = 1; i < job->size_bytes; i++)
        if (job->data[i - 1] == 0xff && job->data[i] == 0xc4 && (++places > MOST_TABLE_MARKS || !tables_are_sound(job, i + 1)))
            return true;
    return false;
}

static lp_status size_of_tensor(const struct lp_values_job *job, struct size *needed)
{
    const struct lp_tensor *t = job->tensor;
    const int32_t *dims = t->dims + (t->rank == 4);
    bool is_picture = (t->rank == 3 || (t->rank == 4 && t->dims[0] == 1)) && (dims[2] == 1 || dims[2] == 3);
    if (!is_picture) {
        char shape[96];
        return lp_error(job->diag, LP_BAD_INPUT,
                        "%s is a picture, but \"%s\" is %s: pictures suit 1xHxWxC or HxWxC with C 1 or 3", job->path, t->name,
                        lp_shape_text(t, shape, sizeof shape));
    }
    if ((t->element != LP_ELEMENT_INT8 && t->element != LP_ELEMENT_UINT8) || job->mode == LP_VALUES_REAL)
        return lp_error(job->diag, LP_BAD_INPUT,
                        "%s: pixels are the integers of a uint8 or int8 tensor (%s here), not real values: write the real values "
                        "to a .npy file",
                        job->path, lp_element_name(t->element));
    *needed = (struct size){dims[0], dims[1], dims[2]};
    return LP_OK;
}

static lp_status check_file(const struct lp_values_job *job)
{
    if (job->size_bytes > LARGEST_PICTURE_BYTES)
        return lp_error(job->diag, LP_BAD_INPUT, "%s has %zu bytes; of pictures at most %d are read", job->path, job->size_bytes,
                        LARGEST_PICTURE_BYTES);
    if (is_png(job) && has_empty_data_chunk(job))
        return lp_error(job->diag, LP_BAD_INPUT, "%s has an empty IDAT chunk: write it again with another program", job->path);
    if (!is_png(job) && has_too_many_codes(job))
        return lp_error(job->diag, LP_BAD_INPUT,
                        "%s is damaged: JPEG Huffman tables with more than 256 codes, or more than %d of them", job->path,
                        MOST_TABLE_MARKS);
    return LP_OK;
}

static lp_status check_size(const struct lp_values_job *job, const struct size *needed)
{
    struct size found;
    int length = (int)job->size_bytes;
    if (!stbi_info_from_memory(job->data, length, &found.width, &found.height, &found.channels))
        return lp_error(job->diag, LP_BAD_INPUT, "%s is not a PNG or JPEG picture that can be read", job->path);
    if (found.height != needed->height || found.width != needed->width || found.channels != needed->channels)
        return lp_error(
            job->diag, LP_BAD_INPUT,
            "%s: a picture of %d x %d pixels (height x width) with %d channels; \"%s\" needs %d x %d with %d: scale and "
            "convert it first",
            job->path, found.height, found.width, found.channels, job->tensor->name, needed->height, needed->width,
            needed->channels);
    if (stbi_is_16_bit_from_memory(job->data, length))
        return lp_error(job->diag, LP_BAD_INPUT, "%s has 16 bits a channel; 8 are read: convert it first", job->path);
    return LP_OK;
}

static lp_status decode(const struct lp_values_job *job, const struct size *needed, struct lp_values *out)
{
    struct size found;
    lp_status status = check_size(job, needed);
    if (status != LP_OK)
        return status;
    const stbi_uc *pixels = stbi_load_from_memory(job->data, (int)job->size_bytes, &found.width, &found.height, &found.channels,
                                                  needed->channels);
    if (pixels == NULL)
        return lp_error(job->diag, LP_BAD_INPUT, "%s cannot be decoded: it is damaged or uses what is not supported", job->path);
    status = lp_values_make_room(job, 1, out);
    if (status != LP_OK)
        return status;
    int zero = job->tensor->element == LP_ELEMENT_INT8 ? 128 : 0;
    for (size_t i = 0; i < job->elements; i++)
        out->data[i] = (uint8_t)(pixels[i] - zero);
    return LP_OK;
}

/* Where the decoder comes back to when it asserts something that does not hold. */
static lp_status decode_or_fail(const struct lp_values_job *job, const struct size *needed, struct lp_values *out)
{
    if (setjmp(decoder.failed) != 0)
        return lp_error(job->diag, LP_BAD_INPUT, "%s cannot be decoded: it is damaged", job->path);
    return decode(job, needed, out);
}

lp_status lp_values_read_image(const struct lp_values_job *job, struct lp_values *out)
{
    struct size needed = {0};
    lp_status status = size_of_tensor(job, &needed);
    if (status == LP_OK)
        status = check_file(job);
    if (status != LP_OK)
        return status;
    decoder.arena = (struct lp_arena){.limit_bytes = DECODER_LIMIT_BYTES};
    status = decode_or_fail(job, &needed, out);
    lp_arena_free(&decoder.arena);
    return status;
}
