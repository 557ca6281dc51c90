#include "cli/npu_build.h"

#include "compiler/emit/neural-art/npu_emit.h"

lp_status lp_npu_place(struct lp_session *s, const struct lp_unit *unit, struct lp_placement *out)
{
    struct lp_placement_options options = s->placement;
    options.spread = unit->options.goal == LP_GOAL_SPEED;
    return lp_place_program(&s->arena, &s->diag, unit->program, unit->graph, &options, out);
}

lp_status lp_npu_build_place(struct lp_session *s, struct lp_unit *unit)
{
    struct lp_placement *placement = LP_NEW(&s->arena, struct lp_placement);
    if (placement == NULL)
        return lp_no_memory(&s->diag);
    unit->placement = placement;
    return lp_npu_place(s, unit, placement);
}

static lp_status emit(struct lp_session *s, struct lp_unit *unit, struct lp_npu_build *build)
{
    static const char *const own[] = {".c", "_npu.c", "_board.c"};
    static const char *const runtime[] = {"runtime/npu/run.c", "runtime/npu/selfcheck.c", "runtime/npu/log.c",
                                          "runtime/npu/neural-art/driver.c"};
    struct lp_text banner = {0};
    struct lp_section tables = {.name = "program", .arena = &s->arena};
    unit->plan.peak_bytes = (uint32_t)unit->placement->plan.peak_bytes;
    unit->plan.is_optimal = unit->plan.peak_bytes == unit->plan.lower_bound_bytes;
    const struct lp_emit_input around = lp_unit_emit_input(unit);
    lp_emit_banner(&around, &banner);
    const struct lp_npu_emit_input in = {.program = build->linked.program,
                                         .software = build->linked.software,
                                         .software_count = build->linked.software_count,
                                         .epoch_layers = build->linked.epoch_layers,
                                         .placed = build->linked.placed,
                                         .placed_count = build->linked.placed_count,
                                         .name = unit->name,
                                         .banner = lp_arena_text(&s->arena, lp_text_get(&banner), banner.length),
                                         .as_blobs = build->as_blobs,
                                         .with_hex = build->with_hex,
                                         .only_accounts = build->only_accounts};
    lp_status status = banner.failed || in.banner == NULL ? lp_no_memory(&s->diag) : LP_OK;
    lp_text_free(&banner);
    unit->output = (struct lp_output){.arena = &s->arena};
    if (status == LP_OK)
        status = lp_npu_emit(&in, &tables, &unit->output, &s->diag);
    if (status == LP_OK)
        status = lp_section_check(&tables, &s->diag);
    unit->program->tables = tables;
    if (status != LP_OK || build->only_accounts)
        return status;
    status = lp_npu_emit_project(&in, &unit->output, &s->diag);
    return status == LP_OK ? lp_emit_around(&around, own, LP_COUNT(own), runtime, LP_COUNT(runtime), &unit->output, &s->diag)
                           : status;
}

lp_status lp_npu_build_link(struct lp_session *s, struct lp_unit *unit, struct lp_npu_linked *linked)
{
    lp_status status = lp_unit_set_name(unit);
    if (status == LP_OK)
        status = lp_npu_link(&s->arena, &s->diag, unit->graph, unit->program, unit->placement, unit->name, linked);
    if (status == LP_OK)
        status = lp_npu_cache_plan(&s->arena, &s->diag, linked->program, linked->software, linked->software_count);
    return status;
}

lp_status lp_npu_build(struct lp_session *s, struct lp_unit *unit, struct lp_npu_build *build)
{
    lp_status status = lp_npu_build_place(s, unit);
    if (status == LP_OK)
        status = lp_npu_build_link(s, unit, &build->linked);
    return status == LP_OK ? emit(s, unit, build) : status;
}
