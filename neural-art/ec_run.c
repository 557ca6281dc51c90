#include "neural-art/ec_run.h"

#include <string.h>

#include "neural-art/fields.h"

enum { CTRL = 0, EN = 1u, CLR = 2u, CONFCLR = 1u << 30, TRANSLATE_REGISTER = 11 };
#define RUNNING (1u << 31)

struct machine {
    struct lp_diag *diag;
    const char *label;
    const struct lp_ec_host *host;
    struct lp_ec_registers *r;
    uint8_t *tables;
    struct lp_npu_epoch epoch;
    struct lp_npu_route routes[LP_EC_MOST_ROUTES];
    int32_t number;    /* of the epoch: the last label */
    bool has_started;  /* units were enabled since the last epoch ran */
    uint32_t position; /* of the instruction */
};

/* The coefficient memory is larger than what the registers show of it: a window that TRANSLATEADDR moves. */
static void write_coefficient(struct machine *m, uint32_t page, uint32_t reg, uint32_t value)
{
    uint32_t word = reg - LP_EC_COEFFICIENT_WORDS;
    bool is_low = (m->r->page[page][TRANSLATE_REGISTER] & 1) != 0;
    uint32_t row = word / 2 + (is_low ? 0 : LP_EC_COEFFICIENTS / 4);
    m->r->coefficients[page - LP_EC_ARITH_PAGE][row][word % 2] = value;
}

static void write_control(struct machine *m, uint32_t page, uint32_t value)
{
    if (value & CONFCLR) {
        lp_ec_registers_reset(m->r, page);
        return;
    }
    if ((value & EN) != 0 && (m->r->page[page][CTRL] & EN) == 0 && page != LP_EC_SWITCH_PAGE)
        m->has_started = true;
    m->r->page[page][CTRL] = value & ~(CLR | RUNNING);
}

static void write_register(struct machine *m, uint32_t page, uint32_t reg, uint32_t value)
{
    bool is_arith = page >= LP_EC_ARITH_PAGE && page < LP_EC_ARITH_PAGE + LP_NPU_ARITH_UNITS;
    if (is_arith && reg >= LP_EC_COEFFICIENT_WORDS)
        write_coefficient(m, page, reg, value);
    else if (reg == CTRL)
        write_control(m, page, value);
    else
        m->r->page[page][reg] = value;
}

static uint32_t mask_of(const struct lp_ec_instruction *in)
{
    uint32_t width = in->msb - in->lsb + 1;
    return (width == 32 ? UINT32_MAX : (1u << width) - 1) << in->lsb;
}

static void write_field(struct machine *m, const struct lp_ec_instruction *in, uint32_t value)
{
    uint32_t mask = mask_of(in), old = m->r->page[in->page][in->reg];
    write_register(m, in->page, in->reg, (old & ~mask) | (value << in->lsb & mask));
}

static lp_status wrong(struct machine *m, lp_status status, const char *what)
{
    return lp_error(m->diag, status, "%s: epoch %d, instruction word %u: %s", m->label, m->number, m->position, what);
}

/* Units of one type whose EN is set. */
static lp_status read_units(struct machine *m, enum lp_npu_unit_type type, void *list)
{
    size_t bytes = lp_npu_unit_fields[type].struct_bytes;
    for (int32_t i = 0; i < lp_npu_unit_fields[type].unit_count; i++) {
        if ((m->r->page[lp_ec_page_of(type, i)][CTRL] & EN) == 0)
            continue;
        void *unit = (char *)list + m->epoch.unit_count[type]++ * bytes;
        lp_status status = lp_ec_unit(m->diag, m->label, m->r, type, i, m->tables, m->host->table_address, unit);
        if (status != LP_OK)
            return wrong(m, status, "the epoch that starts here cannot be read from the registers");
    }
    return LP_OK;
}

static lp_status run_epoch(struct machine *m)
{
    static const uint32_t not_simulated[] = {19, 20, 29}; /* DECUN0, DECUN1, RECBUF */
    void *const lists[LP_NPU_UNIT_TYPES] = {m->epoch.streng, m->epoch.convacc, m->epoch.arith, m->epoch.pool, m->epoch.activ};
    lp_status status = LP_OK;
    m->has_started = false;
    m->epoch.id = m->number;
    m->epoch.wait_mask = 0;
    for (size_t i = 0; i < LP_COUNT(not_simulated); i++)
        if (m->r->page[not_simulated[i]][CTRL] & EN)
            return wrong(m, LP_UNSUPPORTED, "DECUN or RECBUF is started, which are not simulated");
    for (int type = 0; type < LP_NPU_UNIT_TYPES && status == LP_OK; type++) {
        m->epoch.unit_count[type] = 0;
        status = read_units(m, (enum lp_npu_unit_type)type, lists[type]);
    }
    for (uint32_t i = 0; i < m->epoch.unit_count[LP_NPU_STRENG]; i++)
        if (m->epoch.streng[i].dir == 1)
            m->epoch.wait_mask |= 1u << m->epoch.streng[i].unit;
    m->epoch.routes = m->routes;
    if (status == LP_OK)
        status = lp_ec_routes(m->diag, m->label, m->r, m->routes, &m->epoch.route_count);
    if (status == LP_OK)
        status = m->host->put(m->host->ctx, m->host->table_address, m->tables, LP_EC_TABLE_BYTES);
    return status == LP_OK ? m->host->epoch(m->host->ctx, &m->epoch) : status;
}

/* Bits that reset themselves are 0 by the time that anybody looks; an engine has stopped once its epoch has run. */
static lp_status poll(struct machine *m, const struct lp_ec_instruction *in)
{
    lp_status status = in->reg == CTRL && (mask_of(in) & RUNNING) != 0 && m->has_started ? run_epoch(m) : LP_OK;
    uint32_t found = (m->r->page[in->page][in->reg] & mask_of(in)) >> in->lsb;
    if (status == LP_OK && found != in->value)
        return wrong(m, LP_BAD_INPUT, "it waits for a value that the register never takes");
    return status;
}

static lp_status step(struct machine *m, const struct lp_ec_instruction *in)
{
    switch (in->opcode) {
    case LP_EC_WRITE: write_field(m, in, in->words[0]); return LP_OK;
    case LP_EC_SET: write_field(m, in, in->value); return LP_OK;
    case LP_EC_FEED:
    case LP_EC_FILL:
        for (uint32_t i = 0; i < in->word_count; i++) {
            uint32_t reg = in->reg + (in->opcode == LP_EC_FILL ? i : 0);
            if (reg >= LP_EC_PAGE_WORDS)
                return wrong(m, LP_BAD_INPUT, "a burst runs beyond the registers of its unit");
            write_register(m, in->page, reg, in->words[i]);
        }
        return LP_OK;
    case LP_EC_POLL: return poll(m, in);
    default: { /* a label or the interrupt */
        lp_status status = m->has_started ? run_epoch(m) : LP_OK;
        m->number = (int32_t)in->value;
        return status;
    }
    }
}

static lp_status open_machine(struct lp_arena *arena, struct machine *m)
{
    m->r = LP_NEW(arena, struct lp_ec_registers);
    m->tables = lp_arena_alloc(arena, LP_EC_TABLE_BYTES, 1);
    m->epoch.streng = LP_NEW_ARRAY(arena, LP_NPU_STRENG_UNITS, struct lp_npu_streng);
    m->epoch.convacc = LP_NEW_ARRAY(arena, LP_NPU_CONVACC_UNITS, struct lp_npu_convacc);
    m->epoch.arith = LP_NEW_ARRAY(arena, LP_NPU_ARITH_UNITS, struct lp_npu_arith);
    m->epoch.pool = LP_NEW_ARRAY(arena, LP_NPU_POOL_UNITS, struct lp_npu_pool);
    m->epoch.activ = LP_NEW_ARRAY(arena, LP_NPU_ACTIV_UNITS, struct lp_npu_activ);
    if (m->r == NULL || m->tables == NULL || m->epoch.streng == NULL || m->epoch.convacc == NULL || m->epoch.arith == NULL ||
        m->epoch.pool == NULL || m->epoch.activ == NULL)
        return lp_no_memory(m->diag);
    lp_ec_registers_reset(m->r, LP_EC_PAGES);
    return LP_OK;
}

lp_status lp_ec_run(struct lp_arena *arena, struct lp_diag *diag, const char *label, const uint32_t *words, uint32_t count,
                    const struct lp_ec_host *host)
{
    struct machine m = {.diag = diag, .label = label, .host = host};
    lp_status status = open_machine(arena, &m);
    for (uint32_t position = 0; position < count && status == LP_OK;) {
        struct lp_ec_instruction in;
        m.position = position;
        status = lp_ec_decode(diag, label, words, count, &position, &in);
        if (status == LP_OK)
            status = step(&m, &in);
        if (status == LP_OK && in.opcode == LP_EC_IRQ)
            return LP_OK;
    }
    return status == LP_OK && m.has_started ? run_epoch(&m) : status;
}
