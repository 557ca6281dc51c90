/* PNG and JPEG pictures, decoded by stb_image. */
#include "cli/values/element.h"
#include "cli/values/formats.h"

/* Only what is read here; sizes are compared with the tensor's before anything is decoded. */
#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_NO_STDIO
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_MAX_DIMENSIONS 8192
#include <stb/stb_image.h>

enum { MOST_TABLE_MARKS = 1000 };

static bool is_png(const struct lp_values_job *job)
{
    return job->size_bytes >= 8 && memcmp(job->data, "\x89PNG\r\n\x1a\n", 8) == 0;
}

static unsigned byte_at(const struct lp_values_job *job, size_t at)
{
    return at < job->size_bytes ? job->data[at] : 0;
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

/* stb_image 2.27 writes past its tables when a JPEG announces more than 256 codes. It takes a table only behind the bytes
 * FF C4, so every place with them is looked at, whether a decoder would come across it or not; a real picture has few. */
static bool is_safe_to_decode(const struct lp_values_job *job)
{
    int places = 0;
    for (size_t i = 1; i < job->size_bytes; i++)
        if (job->data[i - 1] == 0xff && job->data[i] == 0xc4 && (++places > MOST_TABLE_MARKS || !tables_are_sound(job, i + 1)))
            return false;
    return true;
}

struct size {
    int height, width, channels;
};

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
                        "%s: pixels are the integers of a uint8 or int8 tensor (%s here), not real values: "
                        "write the real values to a .npy file",
                        job->path, lp_element_name(t->element));
    *needed = (struct size){dims[0], dims[1], dims[2]};
    return LP_OK;
}

static lp_status check_size(const struct lp_values_job *job, const struct size *needed)
{
    struct size found;
    int length = (int)job->size_bytes; /* LP_VALUES_LIMIT_BYTES is below INT_MAX */
    if (!is_png(job) && !is_safe_to_decode(job))
        return lp_error(job->diag, LP_BAD_INPUT,
                        "%s is damaged: JPEG Huffman tables with more than 256 codes, or more than 1000 of them", job->path);
    if (!stbi_info_from_memory(job->data, length, &found.width, &found.height, &found.channels))
        return lp_error(job->diag, LP_BAD_INPUT, "%s is not a PNG or JPEG picture that can be read: %s", job->path,
                        stbi_failure_reason());
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

lp_status lp_values_read_image(const struct lp_values_job *job, struct lp_values *out)
{
    struct size needed = {0}, decoded;
    lp_status status = size_of_tensor(job, &needed);
    if (status == LP_OK)
        status = check_size(job, &needed);
    if (status == LP_OK)
        status = lp_values_make_room(job, 1, out);
    if (status != LP_OK)
        return status;
    stbi_uc *pixels = stbi_load_from_memory(job->data, (int)job->size_bytes, &decoded.width, &decoded.height, &decoded.channels,
                                            needed.channels);
    if (pixels == NULL)
        return lp_error(job->diag, LP_BAD_INPUT, "%s cannot be decoded: %s", job->path, stbi_failure_reason());
    int zero = job->tensor->element == LP_ELEMENT_INT8 ? 128 : 0;
    for (size_t i = 0; i < job->elements; i++)
        out->data[i] = (uint8_t)(pixels[i] - zero);
    stbi_image_free(pixels);
    return LP_OK;
}
