#include "evaluate/neural-art/software.h"

#include <string.h>

#include "evaluate/kernel_functions.h"

struct call {
    struct lp_diag *diag;
    struct lp_arena scratch;
    const struct lp_npu_software *software;
    const struct lp_sim_memory *memory;
    uint8_t *args;
    uint8_t *copies[LP_MAX_OPERANDS];
};

static lp_status fetch(struct call *c)
{
    const struct lp_npu_software *sw = c->software;
    c->args = lp_arena_alloc(&c->scratch, sw->kernel->args->size_bytes, 1);
    if (c->args == NULL)
        return lp_no_memory(c->diag);
    memcpy(c->args, sw->args, sw->kernel->args->size_bytes);
    for (uint32_t i = 0; i < sw->operand_count; i++) {
        const struct lp_npu_sw_operand *o = &sw->operands[i];
        const struct lp_sim_access access = {.address = o->address, .run_bytes = o->size_bytes, .runs = 1};
        uint64_t bad = 0;
        c->copies[i] = lp_arena_alloc(&c->scratch, o->size_bytes, 1);
        if (c->copies[i] == NULL)
            return lp_no_memory(c->diag);
        lp_status status = c->memory->read(c->memory->ctx, &access, c->copies[i], &bad);
        if (status != LP_OK)
            return lp_error(c->diag, status, "epoch %u: operand %u lies outside of memory at 0x%llx", (unsigned)sw->epoch,
                            (unsigned)i, (unsigned long long)bad);
        memcpy(c->args + o->field_offset, &c->copies[i], sizeof c->copies[i]);
    }
    return LP_OK;
}

static lp_status store(struct call *c)
{
    const struct lp_npu_software *sw = c->software;
    lp_status status = LP_OK;
    for (uint32_t i = 0; status == LP_OK && i < sw->operand_count; i++) {
        const struct lp_npu_sw_operand *o = &sw->operands[i];
        const struct lp_sim_access access = {.address = o->address, .run_bytes = o->size_bytes, .runs = 1};
        uint64_t bad = 0;
        if (o->is_written)
            status = c->memory->write(c->memory->ctx, &access, c->copies[i], &bad);
        if (status != LP_OK)
            return lp_error(c->diag, status, "epoch %u: operand %u cannot be written at 0x%llx", (unsigned)sw->epoch, (unsigned)i,
                            (unsigned long long)bad);
    }
    return status;
}

lp_status lp_npu_software_run(struct lp_diag *diag, const struct lp_npu_software *software, const struct lp_sim_memory *memory)
{
    struct call c = {.diag = diag, .software = software, .memory = memory};
    lp_kernel *run = lp_kernel_function(software->kernel->symbol);
    if (run == NULL)
        return lp_error(diag, LP_INTERNAL, "this program was built without the kernel %s", software->kernel->symbol);
    lp_status status = fetch(&c);
    if (status == LP_OK) {
        status = run(c.args);
        if (status != LP_OK)
            status = lp_error(diag, status, "epoch %u: %s failed", (unsigned)software->epoch, software->kernel->symbol);
    }
    if (status == LP_OK)
        status = store(&c);
    lp_arena_free(&c.scratch);
    return status;
}
