#include "compiler/emit/neural-art/placement.h"

#include "compiler/emit/parts.h"

static const char *const roles[LP_NPU_BUFFER_ROLES] = {"input", "output", "parameter", "activation"};

/* Bytes of an image from an address on; null when no image holds them all. */
static const uint8_t *bytes_at(const struct lp_npu_program *p, uint32_t address, uint32_t size_bytes)
{
    for (uint32_t i = 0; i < p->image_count; i++) {
        const struct lp_npu_image *image = &p->images[i];
        if (address >= image->base && (uint64_t)address + size_bytes <= (uint64_t)image->base + image->size_bytes)
            return image->bytes + (address - image->base);
    }
    return NULL;
}

static const char *pool_of(const struct lp_npu_program *p, uint32_t address)
{
    for (uint32_t i = 0; i < p->pool_count; i++)
        if (!p->pools[i].is_virtual && address >= p->pools[i].base && address - p->pools[i].base < p->pools[i].size_bytes)
            return p->pools[i].name;
    return "";
}

void lp_npu_placement_text(const struct lp_npu_emit_input *in, struct lp_text *out)
{
    const struct lp_npu_program *p = in->program;
    char name[LP_COMMENT_BYTES];
    lp_text_printf(out, "images: write each file to its address before the network is opened\n"
                        "  address          bytes  crc32       pool        file\n");
    for (uint32_t i = 0; i < p->image_count; i++)
        lp_text_printf(out, "  0x%08x  %10u  0x%08x  %-10s  %s\n", p->images[i].base, p->images[i].size_bytes,
                       lp_emit_crc32(p->images[i].bytes, p->images[i].size_bytes), p->images[i].pool, p->images[i].file);
    lp_text_printf(out,
                   "\nconstants inside the images\n  address          bytes  crc32       operator  cause               name\n");
    for (uint32_t i = 0; i < in->placed_count; i++) {
        const struct lp_npu_placed *c = &in->placed[i];
        const uint8_t *bytes = bytes_at(p, c->address, c->size_bytes);
        lp_text_printf(out, "  0x%08x  %10u  ", c->address, c->size_bytes);
        lp_text_printf(out, bytes == NULL ? "         -  " : "0x%08x  ", bytes == NULL ? 0 : lp_emit_crc32(bytes, c->size_bytes));
        lp_text_printf(out, c->layer < 0 ? "       -  " : "%8d  ", c->layer);
        lp_text_printf(out, "%-18s  %s\n", lp_cause_name(c->cause), lp_emit_comment(c->name == NULL ? "" : c->name, name));
    }
    lp_text_printf(out, "\nbuffers in RAM\n  address          bytes  pool        what        name\n");
    for (int role = 0; role < LP_NPU_BUFFER_ROLES; role++)
        for (uint32_t i = 0; role != LP_NPU_PARAMETER && i < p->buffers[role].count; i++) {
            const struct lp_npu_buffer *b = &p->buffers[role].items[i];
            lp_text_printf(out, "  0x%08x  %10u  %-10s  %-10s  %s\n", b->address, b->size_bytes, pool_of(p, b->address),
                           roles[role], lp_emit_comment(b->name, name));
        }
}

void lp_npu_placement_json(const struct lp_npu_emit_input *in, struct lp_text *out)
{
    const struct lp_npu_program *p = in->program;
    char name[LP_COMMENT_BYTES];
    lp_text_printf(out, "{\"images\": [");
    for (uint32_t i = 0; i < p->image_count; i++)
        lp_text_printf(out, "%s\n  {\"pool\": \"%s\", \"address\": %u, \"bytes\": %u, \"crc32\": %u, \"file\": \"%s\"}",
                       i == 0 ? "" : ",", lp_emit_comment(p->images[i].pool, name), p->images[i].base, p->images[i].size_bytes,
                       lp_emit_crc32(p->images[i].bytes, p->images[i].size_bytes), p->images[i].file);
    lp_text_printf(out, "],\n \"constants\": [");
    for (uint32_t i = 0; i < in->placed_count; i++) {
        const struct lp_npu_placed *c = &in->placed[i];
        const uint8_t *bytes = bytes_at(p, c->address, c->size_bytes);
        lp_text_printf(
            out, "%s\n  {\"name\": \"%s\", \"address\": %u, \"bytes\": %u, \"crc32\": %u, \"cause\": \"%s\", \"operator\": ",
            i == 0 ? "" : ",", lp_emit_comment(c->name == NULL ? "" : c->name, name), c->address, c->size_bytes,
            bytes == NULL ? 0 : lp_emit_crc32(bytes, c->size_bytes), lp_cause_name(c->cause));
        lp_text_printf(out, c->layer < 0 ? "null}" : "%d}", c->layer);
    }
    lp_text_printf(out, "],\n \"buffers\": [");
    bool is_first = true;
    for (int role = 0; role < LP_NPU_BUFFER_ROLES; role++)
        for (uint32_t i = 0; role != LP_NPU_PARAMETER && i < p->buffers[role].count; i++, is_first = false) {
            const struct lp_npu_buffer *b = &p->buffers[role].items[i];
            lp_text_printf(out, "%s\n  {\"name\": \"%s\", \"role\": \"%s\", \"address\": %u, \"bytes\": %u, \"pool\": \"%s\"}",
                           is_first ? "" : ",", lp_emit_comment(b->name, name), roles[role], b->address, b->size_bytes,
                           pool_of(p, b->address));
        }
    lp_text_printf(out, "]}\n");
}
