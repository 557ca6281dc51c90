#include "simulator/board/probe.h"

#include <stdlib.h>
#include <string.h>

#include "contract/crc32.h"

enum { HEAD_BYTES = 16 };

enum eyes { BY_CPU, IN_MEMORY };

/* 0 when there is no memory on the PC for it: nothing on the board is as large as that. */
static uint32_t crc_of(struct lp_board *b, uint32_t address, uint32_t size_bytes, enum eyes eyes)
{
    uint8_t *bytes = malloc(size_bytes + 1u);
    uint32_t crc = 0;
    if (bytes == NULL)
        return 0;
    lp_data_cache_settle(b);
    if (eyes == BY_CPU)
        (void)lp_board_cpu_glance(b, address, bytes, size_bytes);
    else
        lp_board_line_read(b, address, bytes, size_bytes);
    crc = lp_crc32(bytes, size_bytes);
    free(bytes);
    return crc;
}

/* ---- memories ---- */

static bool holds(const struct lp_board_memory *m, uint32_t address)
{
    return address >= m->base && address - m->base < m->size_bytes;
}

static bool is_used(const struct lp_board_probe *p, const struct lp_board_memory *m)
{
    const struct lp_npu_program *program = p->npu->program;
    bool used = false;
    for (int role = 0; role < LP_NPU_BUFFER_ROLES; role++)
        for (uint32_t i = 0; i < program->buffers[role].count; i++)
            used = used || holds(m, program->buffers[role].items[i].address);
    for (uint32_t i = 0; i < program->image_count; i++)
        used = used || holds(m, program->images[i].base);
    return used;
}

/* A pattern at the memory's last byte, by the processor or by the NPU, read back by the same; what was there is put back. */
static const char *answer(struct lp_board *b, const struct lp_board_memory *m, bool by_npu)
{
    uint64_t bad;
    uint8_t kept = 0, got = 0;
    const uint8_t pattern = 0x5a;
    const struct lp_sim_access last = {.address = (uint64_t)m->base + m->size_bytes - 1, .run_bytes = 1, .runs = 1};
    (void)lp_board_peek(b, last.address, &kept, 1);
    if (by_npu) {
        (void)b->npu.write(b->npu.ctx, &last, &pattern, &bad);
        (void)b->npu.read(b->npu.ctx, &last, &got, &bad);
    } else {
        lp_board_line_write(b, last.address, &pattern, 1);
        lp_board_line_read(b, last.address, &got, 1);
    }
    (void)lp_board_poke(b, last.address, &kept, 1);
    return got == pattern ? "ok" : "zero";
}

/* Flash takes no pattern; the NPU reads what the processor reads, or it does not. */
static const char *flash_answer(struct lp_board *b, const struct lp_npu_image *image)
{
    uint8_t seen[HEAD_BYTES] = {0}, there[HEAD_BYTES] = {0};
    uint64_t bad;
    const struct lp_sim_access head = {
        .address = image->base, .run_bytes = image->size_bytes < HEAD_BYTES ? image->size_bytes : HEAD_BYTES, .runs = 1};
    (void)b->npu.read(b->npu.ctx, &head, seen, &bad);
    lp_board_line_read(b, head.address, there, (size_t)head.run_bytes);
    return memcmp(seen, there, sizeof seen) == 0 ? "ok" : "zero";
}

static void tell_memories(struct lp_board_probe *p)
{
    struct lp_board *b = p->npu->board;
    const struct lp_npu_program *program = p->npu->program;
    for (int i = 0; i < LP_BOARD_MEMORIES; i++) {
        const struct lp_board_memory *m = &b->memories[i];
        const struct lp_npu_image *image = NULL;
        for (uint32_t k = 0; k < program->image_count; k++)
            if (holds(m, program->images[k].base))
                image = &program->images[k];
        if (!is_used(p, m))
            continue;
        lp_text_printf(&p->log, "pool name=%s base=0x%08x bytes=%u cpu=%s npu=%s\n", m->name, (unsigned)m->base,
                       (unsigned)m->size_bytes, image != NULL ? "unknown" : answer(b, m, false),
                       image != NULL ? flash_answer(b, image) : answer(b, m, true));
    }
}

static void tell_constants(struct lp_board_probe *p)
{
    struct lp_board *b = p->npu->board;
    const struct lp_npu_program *program = p->npu->program;
    for (uint32_t i = 0; i < program->image_count; i++) {
        const struct lp_npu_image *image = &program->images[i];
        uint32_t head = image->size_bytes < HEAD_BYTES ? image->size_bytes : HEAD_BYTES;
        uint8_t bytes[HEAD_BYTES];
        lp_board_line_read(b, image->base, bytes, head);
        lp_text_printf(&p->log,
                       "weights name=%s address=0x%08x plan=0x%08x bytes=%u crc=0x%08x plan_crc=0x%08x head=", image->pool,
                       (unsigned)image->base, (unsigned)(i == 0 && p->images_at != 0 ? p->images_at : image->base),
                       (unsigned)image->size_bytes, (unsigned)crc_of(b, image->base, image->size_bytes, IN_MEMORY),
                       (unsigned)lp_crc32(image->bytes, image->size_bytes));
        for (uint32_t k = 0; k < head; k++)
            lp_text_printf(&p->log, "%02x", bytes[k]);
        lp_text_printf(&p->log, "\n");
    }
}

void lp_board_probe_open(struct lp_board_probe *p, struct lp_board_npu *npu)
{
    p->npu = npu;
    p->is_filled = false;
    lp_text_printf(&p->log, "limpid-device-log 1\n");
    tell_memories(p);
    tell_constants(p);
    lp_text_printf(&p->log, "network blocks=%u\n", (unsigned)npu->program->epoch_count);
}

void lp_board_probe_line(struct lp_board_probe *p, const char *line)
{
    lp_text_printf(&p->log, "%s\n", line);
}

/* ---- inferences ---- */

void lp_board_probe_input(struct lp_board_probe *p, uint32_t address)
{
    const struct lp_npu_buffer *in = &p->npu->program->buffers[LP_NPU_INPUT].items[0];
    p->filled_at = address;
    p->filled_crc = crc_of(p->npu->board, address, in->size_bytes, BY_CPU);
    p->is_filled = true;
}

void lp_board_probe_begin(struct lp_board_probe *p)
{
    const struct lp_npu_buffer *in = &p->npu->program->buffers[LP_NPU_INPUT].items[0];
    if (!p->is_filled)
        return;
    p->is_filled = false;
    lp_text_printf(&p->log, "input index=0 address=0x%08x plan=0x%08x bytes=%u crc=0x%08x", (unsigned)p->filled_at,
                   (unsigned)in->address, (unsigned)in->size_bytes, (unsigned)p->filled_crc);
    if (p->filled_at == in->address)
        lp_text_printf(&p->log, " seen_crc=0x%08x", (unsigned)crc_of(p->npu->board, in->address, in->size_bytes, IN_MEMORY));
    lp_text_printf(&p->log, "\n");
}

void lp_board_probe_epoch(struct lp_board_probe *p, uint32_t epoch)
{
    const struct lp_npu_program *program = p->npu->program;
    /* What a software epoch wrote stays in the processor's cache unless the NPU reads it. */
    enum eyes eyes = program->epochs[epoch].kind == LP_NPU_EPOCH_HW ? IN_MEMORY : BY_CPU;
    for (int role = 0; role < LP_NPU_BUFFER_ROLES; role++)
        for (uint32_t i = 0; (role == LP_NPU_OUTPUT || role == LP_NPU_INTERMEDIATE) && i < program->buffers[role].count; i++) {
            const struct lp_npu_buffer *buffer = &program->buffers[role].items[i];
            if (buffer->first_epoch == (int32_t)epoch)
                lp_text_printf(&p->log, "epoch index=%u state=done address=0x%08x bytes=%u crc=0x%08x\n", (unsigned)epoch,
                               (unsigned)buffer->address, (unsigned)buffer->size_bytes,
                               (unsigned)crc_of(p->npu->board, buffer->address, buffer->size_bytes, eyes));
        }
}

void lp_board_probe_output(struct lp_board_probe *p, uint32_t address)
{
    const struct lp_npu_program *program = p->npu->program;
    const struct lp_npu_buffer *out = &program->buffers[LP_NPU_OUTPUT].items[0];
    lp_text_printf(&p->log, "output index=0 address=0x%08x plan=0x%08x bytes=%u crc=0x%08x", (unsigned)address,
                   (unsigned)out->address, (unsigned)out->size_bytes,
                   (unsigned)crc_of(p->npu->board, address, out->size_bytes, BY_CPU));
    if (address == out->address && program->epochs[program->epoch_count - 1].kind == LP_NPU_EPOCH_HW)
        lp_text_printf(&p->log, " seen_crc=0x%08x", (unsigned)crc_of(p->npu->board, out->address, out->size_bytes, IN_MEMORY));
    lp_text_printf(&p->log, "\n");
}

const char *lp_board_probe_end(struct lp_board_probe *p)
{
    lp_text_printf(&p->log, "end\n");
    return lp_text_get(&p->log);
}
