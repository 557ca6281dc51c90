#include "evaluate/neural-art/on_board.h"

#include <string.h>

#include "evaluate/neural-art/software.h"

static lp_status run_software(void *ctx, uint32_t epoch, const struct lp_sim_memory *cpu)
{
    const struct lp_npu_on_board *o = ctx;
    for (uint32_t i = 0; i < o->linked->software_count; i++)
        if (o->linked->software[i].epoch == epoch)
            return lp_npu_software_run(o->diag, &o->linked->software[i], cpu);
    return lp_error(o->diag, LP_INTERNAL, "epoch %u is no epoch of the CPU", (unsigned)epoch);
}

static lp_status program_images(struct lp_npu_on_board *o, const struct lp_npu_image *images, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (lp_board_poke(&o->board, images[i].base, images[i].bytes, images[i].size_bytes) != LP_OK)
            return lp_error(o->diag, LP_BAD_INPUT, "image %s does not lie in a memory of the board", images[i].file);
    return LP_OK;
}

lp_status lp_npu_on_board_open(struct lp_arena *arena, struct lp_diag *diag, const struct lp_npu_linked *linked,
                               struct lp_npu_on_board *out)
{
    memset(out, 0, sizeof *out);
    out->linked = linked;
    out->diag = diag;
    out->npu = (struct lp_board_npu){
        .board = &out->board, .program = linked->program, .diag = diag, .software_ctx = out, .software = run_software};
    lp_status status = lp_board_open(&out->board, diag);
    if (status == LP_OK)
        status = program_images(out, linked->program->images, linked->program->image_count);
    /* What the network's own initialization does on a device. */
    if (status == LP_OK)
        status = program_images(out, linked->program->states, linked->program->state_count);
    if (status == LP_OK)
        status = lp_board_network_open(arena, &out->npu, &out->network);
    return status;
}

void lp_npu_on_board_close(struct lp_npu_on_board *o)
{
    lp_board_close(&o->board);
}
