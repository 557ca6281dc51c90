#include "simulator/neural-art/check.h"

#include "neural-art/fields.h"

static void check_unit(struct lp_sim_checker *k, enum lp_npu_unit_type type, const void *unit)
{
    switch (type) {
    case LP_NPU_STRENG: lp_sim_check_streng(k, unit); break;
    case LP_NPU_CONVACC: lp_sim_check_convacc(k, unit); break;
    case LP_NPU_ARITH: lp_sim_check_arith(k, unit); break;
    case LP_NPU_POOL: lp_sim_check_pool(k, unit); break;
    default: lp_sim_check_activ(k, unit); break;
    }
}

void lp_sim_check_epoch(const struct lp_npu_program *program, const struct lp_npu_epoch *epoch,
                        const struct lp_sim_check_options *options, struct lp_sim_findings *findings)
{
    struct lp_sim_checker checker = {.program = program,
                                     .epoch = epoch,
                                     .options = options,
                                     .findings = findings,
                                     .place = {.epoch = epoch->id, .unit_type = -1}};
    uint32_t unit_count = 0;
    for (int type = 0; type < LP_NPU_UNIT_TYPES; type++)
        unit_count += epoch->unit_count[type];
    if (epoch->kind != LP_NPU_EPOCH_HW && unit_count == 0)
        return;
    if (!lp_sim_check_fields(&checker))
        return;
    for (int type = 0; type < LP_NPU_UNIT_TYPES; type++)
        for (uint32_t i = 0; i < epoch->unit_count[type]; i++) {
            const void *unit = lp_npu_epoch_unit(epoch, (enum lp_npu_unit_type)type, i);
            checker.place.unit_type = type;
            checker.place.unit_index = (int32_t)lp_npu_field_get(&lp_npu_unit_fields[type].fields[0], unit, 0);
            check_unit(&checker, (enum lp_npu_unit_type)type, unit);
        }
    lp_sim_check_routes(&checker);
    checker.place.unit_type = -1;
    for (int32_t i = 0; i < 32; i++)
        if ((epoch->wait_mask >> i & 1) != 0 && lp_npu_epoch_find(epoch, LP_NPU_STRENG, i) == NULL)
            lp_sim_find(findings, LP_SIM_ERROR, checker.place, "wait_mask", "engines of this epoch",
                        "set for engine %d, which it does not use", i);
}

void lp_sim_check_program(const struct lp_npu_program *program, const struct lp_sim_check_options *options,
                          struct lp_sim_findings *findings)
{
    if (program->epoch_count == 0)
        lp_sim_find(findings, LP_SIM_ERROR, (struct lp_sim_place){.epoch = -1, .unit_type = -1}, "number of epochs", "1 or more",
                    "0");
    for (uint32_t i = 0; i < program->epoch_count; i++)
        lp_sim_check_epoch(program, &program->epochs[i], options, findings);
}
