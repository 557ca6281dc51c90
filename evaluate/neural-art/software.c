#include "evaluate/neural-art/software.h"

#include <string.h>

#include "evaluate/check/kernel_check.h"
#include "evaluate/kernel_functions.h"

struct call {
    struct lp_diag *diag;
    struct lp_arena scratch;
    const struct lp_npu_software *software;
    const struct lp_sim_memory *memory;
    uint8_t *args;
    uint8_t *copies[LP_MAX_OPERANDS];
    struct lp_kernel_memory extents[LP_MAX_OPERANDS]; /* the copies once more */
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
        /* What the kernel writes need not have been there before. */
        const struct lp_sim_access access = {
            .address = o->address, .run_bytes = o->size_bytes, .runs = 1, .surplus_bytes = o->is_written ? o->size_bytes : 0};
        uint64_t bad = 0;
        c->copies[i] = lp_arena_alloc(&c->scratch, o->size_bytes, 1);
        if (c->copies[i] == NULL)
            return lp_no_memory(c->diag);
        lp_status status = c->memory->read(c->memory->ctx, &access, c->copies[i], &bad);
        if (status != LP_OK)
            return lp_error(c->diag, status, "epoch %u: operand %u of %s lies outside of memory at 0x%llx", (unsigned)sw->epoch,
                            (unsigned)i, sw->kernel->symbol, (unsigned long long)bad);
        c->extents[i] = (struct lp_kernel_memory){c->copies[i], o->size_bytes};
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

static lp_status call(struct call *c)
{
    const char *symbol = c->software->kernel->symbol;
    unsigned epoch = (unsigned)c->software->epoch;
    char why[LP_KERNEL_WHY_BYTES];
    lp_kernel *run = lp_kernel_function(symbol);
    if (run == NULL)
        return lp_error(c->diag, LP_UNSUPPORTED, "epoch %u: the kernel %s is for another processor", epoch, symbol);
    lp_status status = lp_kernel_check(symbol, c->args, c->extents, c->software->operand_count, why);
    if (status != LP_OK)
        return lp_error(c->diag, status, "epoch %u: the arguments of %s: %s", epoch, symbol, why);
    status = run(c->args);
    if (status == LP_BAD_INPUT)
        return lp_error(
            c->diag, status,
            "epoch %u: %s: an input has a value that the model is not compiled for (an index out of range, or another "
            "shape than the declared one)",
            epoch, symbol);
    return status == LP_OK ? LP_OK : lp_error(c->diag, status, "epoch %u: %s failed with status %d", epoch, symbol, (int)status);
}

lp_status lp_npu_software_run(struct lp_diag *diag, const struct lp_npu_software *software, const struct lp_sim_memory *memory)
{
    struct call c = {.diag = diag, .software = software, .memory = memory};
    lp_status status = fetch(&c);
    if (status == LP_OK)
        status = call(&c);
    if (status == LP_OK)
        status = store(&c);
    lp_arena_free(&c.scratch);
    return status;
}

lp_status lp_npu_software_read_all(struct lp_arena *arena, struct lp_diag *diag, const char *label,
                                   const struct lp_npu_program *program, struct lp_npu_software **out)
{
    lp_status status = LP_OK;
    *out = LP_NEW_ARRAY(arena, (size_t)program->epoch_count + 1, struct lp_npu_software);
    if (*out == NULL)
        return lp_no_memory(diag);
    for (uint32_t e = 0; e < program->epoch_count && status == LP_OK; e++) {
        const struct lp_npu_epoch *epoch = &program->epochs[e];
        if (epoch->kind == LP_NPU_EPOCH_SW)
            status = lp_npu_software_read(arena, diag, label, epoch, &(*out)[e]);
        if (status == LP_UNSUPPORTED)
            status = lp_error(diag, status, "%s: epoch %d runs on the processor and sw_op names no kernel of limpid: %s", label,
                              (int)epoch->id, epoch->sw_op == NULL ? "null" : epoch->sw_op);
    }
    return status;
}

lp_status lp_npu_software_run_epoch(struct lp_diag *diag, const char *label, const struct lp_npu_program *program,
                                    const struct lp_npu_software *software, const struct lp_npu_epoch *epoch,
                                    const struct lp_sim_memory *memory)
{
    if (epoch->kind != LP_NPU_EPOCH_SW)
        return lp_error(diag, LP_UNSUPPORTED, "%s: epoch %d is hybrid: what it does nobody here knows", label, (int)epoch->id);
    return lp_npu_software_run(diag, &software[epoch - program->epochs], memory);
}
