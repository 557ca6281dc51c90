/* The form for the epoch controller: one program for each run of hardware epochs. */
#include "compiler/emit/neural-art/source.h"

#include <string.h>

#include "neural-art/ec_encode.h"

/* Constants lie in the images. */
static lp_status get(void *ctx, uint32_t address, void *bytes, size_t count)
{
    const struct lp_npu_source *s = ctx;
    const struct lp_npu_program *p = s->in->program;
    for (uint32_t i = 0; i < p->image_count; i++) {
        const struct lp_npu_image *image = &p->images[i];
        uint64_t offset = (uint64_t)address - image->base;
        if (address < image->base || image->bytes == NULL || offset > image->size_bytes || count > image->size_bytes - offset)
            continue;
        memcpy(bytes, image->bytes + offset, count);
        return LP_OK;
    }
    return lp_error(s->diag, LP_INTERNAL, "%zu bytes of coefficients at 0x%08x are in no image of the program", count, address);
}

static void make(struct lp_npu_source *s, uint32_t first, uint32_t count)
{
    const struct lp_ec_memory memory = {s, get};
    struct lp_npu_blob *blob = &s->blobs[s->blob_count];
    const struct lp_npu_epoch **epochs = LP_NEW_ARRAY(s->tables.arena, count, const struct lp_npu_epoch *);
    if (s->status != LP_OK || s->in->program->epochs[first].kind != LP_NPU_EPOCH_HW)
        return;
    if (epochs == NULL) {
        s->status = lp_no_memory(s->diag);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        epochs[i] = &s->in->program->epochs[first + i];
    *blob = (struct lp_npu_blob){.first_epoch = first, .epochs = count};
    s->status = lp_ec_encode(s->tables.arena, s->diag, epochs, count, &memory, &blob->words, &blob->word_count);
    s->blob_count++;
}

lp_status lp_npu_blobs_make(struct lp_npu_source *s)
{
    s->blobs = LP_NEW_ARRAY(s->tables.arena, s->in->program->epoch_count + 1, struct lp_npu_blob);
    if (s->blobs == NULL)
        return lp_no_memory(s->diag);
    lp_npu_each_block(s, make);
    return s->status;
}
