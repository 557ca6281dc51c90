#include <inttypes.h>

#include "simulator/neural-art/machine.h"

/* A table at a device address; null and the machine's status set when memory does not have it. */
static uint8_t *fetch(struct lp_sim_machine *m, struct lp_sim_node *node, struct lp_arena *arena, const char *field,
                      uint32_t address, uint64_t count)
{
    const struct lp_sim_access access = {.address = address, .run_bytes = count, .runs = 1};
    uint64_t bad = 0;
    uint8_t *bytes = lp_arena_alloc(arena, (size_t)count, 1);
    if (bytes == NULL) {
        m->status = LP_OUT_OF_MEMORY;
        return NULL;
    }
    lp_status status = m->memory->read(m->memory->ctx, &access, bytes, &bad);
    if (status == LP_MEMORY_FAULT)
        lp_sim_fail(m, node, field, "inside a memory pool", "%" PRIu32 " with %" PRIu64 " bytes", address, count);
    else if (status != LP_OK)
        m->status = status;
    return m->status == LP_OK ? bytes : NULL;
}

static lp_status load_coefficients(struct lp_sim_machine *m, struct lp_sim_node *node, struct lp_arena *arena)
{
    static const char *const names[3] = {"A_vector", "B_vector", "C_vector"};
    const struct lp_npu_arith *c = node->config;
    const uint32_t addresses[3] = {c->A_vector, c->B_vector, c->C_vector};
    const uint8_t *tables[3] = {NULL, NULL, NULL};
    node->coefficients = LP_NEW(arena, struct lp_sim_coefficients);
    if (node->coefficients == NULL)
        return LP_OUT_OF_MEMORY;
    for (int i = 0; i < 3 && m->status == LP_OK; i++)
        if (!c->scalar && addresses[i] != 0)
            tables[i] = fetch(m, node, arena, names[i], addresses[i],
                              lp_sim_arith_coefficient_count(c) * (uint64_t)c->vec_precision[i] / 8);
    if (m->status == LP_OK)
        lp_sim_arith_coefficients(c, tables, node->coefficients);
    return m->status;
}

/* Every outer segment's inner segments must have rows. */
static void check_segments(struct lp_sim_machine *m, const struct lp_sim_node *node)
{
    const struct lp_npu_activ *c = node->config;
    uint32_t rows = c->ROM1_nbytes / 6;
    for (uint32_t i = 0; i < 1u << c->bwidth && m->status == LP_OK; i++) {
        uint32_t entry = node->tables->rom0[i], last = (entry & 63) + (1u << (entry >> 6)) - 1;
        if (last >= rows)
            lp_sim_fail(m, node, "ROM0_vector", "segments within the rows of ROM1_vector", "row %u where there are %u", last,
                        rows);
    }
}

static lp_status load_functions(struct lp_sim_machine *m, struct lp_sim_node *node, struct lp_arena *arena)
{
    const struct lp_npu_activ *c = node->config;
    node->tables = LP_NEW(arena, struct lp_sim_activ_tables);
    if (node->tables == NULL)
        return LP_OUT_OF_MEMORY;
    if (c->operation == LP_NPU_ACTIV_FUNC) {
        const uint8_t *rom0 = fetch(m, node, arena, "ROM0_vector", c->ROM0_vector, c->ROM0_nbytes);
        const uint8_t *rom1 = rom0 == NULL ? NULL : fetch(m, node, arena, "ROM1_vector", c->ROM1_vector, c->ROM1_nbytes);
        if (rom1 == NULL)
            return m->status;
        for (uint32_t i = 0; i < c->ROM0_nbytes; i++)
            node->tables->rom0[i] = rom0[i];
        for (uint32_t i = 0; i < c->ROM1_nbytes / 6 * 3; i++)
            node->tables->rom1[i / 3][i % 3] = (int16_t)(rom1[2 * i] | rom1[2 * i + 1] << 8);
        check_segments(m, node);
    } else if (c->operation == LP_NPU_ACTIV_LUT) {
        const uint8_t *lut = fetch(m, node, arena, "LUT_vector", c->LUT_vector, LP_SIM_LUT_ENTRIES);
        if (lut == NULL)
            return m->status;
        for (uint32_t i = 0; i < LP_SIM_LUT_ENTRIES; i++)
            node->tables->lut[i] = (int8_t)lut[i];
    }
    return m->status;
}

lp_status lp_sim_load_tables(struct lp_sim_machine *m, struct lp_sim_node *node, struct lp_arena *arena)
{
    if (node->type == LP_NPU_ARITH)
        return load_coefficients(m, node, arena);
    if (node->type == LP_NPU_ACTIV)
        return load_functions(m, node, arena);
    return LP_OK;
}
