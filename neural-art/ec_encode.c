#include "neural-art/ec_encode.h"

#include <stdio.h>
#include <string.h>

#include "neural-art/ec_rules.h"
#include "neural-art/ec_units.h"
#include "neural-art/fields.h"

/* First the registers of all units of an epoch are filled in as if they had been written; then what differs from their
 * values after reset becomes instructions. */
struct encoder {
    struct lp_arena *arena;
    struct lp_diag *diag;
    const struct lp_ec_memory *memory;
    const struct lp_npu_epoch *epoch;
    struct lp_ec_registers *r, *reset;
    uint32_t page; /* of the unit at work */
    lp_status status;
    uint32_t *words;
    size_t count, capacity;
};

enum {
    POLL_TIMEOUT = 100,
    BLOB_WORDS = 16, /* a program fills whole 64 bytes */
    CTRL = 0,
    EN_BIT = 0,
    CLR_BIT = 1,
    CONFCLR_BIT = 30,
    RUNNING_BIT = 31,
    GATES_PAGE = 0,
    GATES_REGISTER = 4,
    ARITH_LOW_ROWS = 384,    /* that the window shows while TRANSLATEADDR is 1 */
    ARITH_WINDOW_STEP = 128, /* rows that it moves by */
    TRANSLATE_REGISTER = 11
};

/* ---- registers ---- */

static void refuse(struct encoder *e, const char *what, int64_t value)
{
    if (e->status == LP_OK)
        e->status = lp_error(e->diag, LP_UNSUPPORTED, "epoch %d, %s: %s (found %lld): it has no form for the epoch controller",
                             e->epoch->id, lp_ec_pages[e->page].name, what, (long long)value);
}

/* Any value whose bits above the field are its sign or zero. */
static void set(struct encoder *e, const char *reg_name, const char *field_name, int64_t value)
{
    const struct lp_ec_register *reg = lp_ec_register_find(e->page, reg_name);
    const struct lp_ec_field *field = reg == NULL || field_name == NULL ? NULL : lp_ec_field_find(reg, field_name);
    uint32_t lsb = field == NULL ? 0 : field->lsb, width = field == NULL ? 32 : field->msb - field->lsb + 1;
    int64_t low = -((int64_t)1 << (width - 1)), high = ((int64_t)1 << width) - 1;
    if (reg == NULL || (field_name != NULL && field == NULL) || value < low || value > high) {
        refuse(e, field_name == NULL ? reg_name : field_name, value);
        return;
    }
    uint32_t mask = (uint32_t)high << lsb, *word = &e->r->page[e->page][reg->offset / 4];
    *word = (*word & ~mask) | ((uint32_t)value << lsb & mask);
}

static int64_t registered(int64_t value, enum lp_ec_way way, uint32_t present)
{
    switch (way) {
    case LP_EC_INVERTED: return value == 0;
    case LP_EC_BIASED: return value + 16;
    case LP_EC_BIT_0: return (int64_t)(present & 2) | value;
    case LP_EC_BIT_1: return (int64_t)(present & 1) | value << 1;
    default: return value;
    }
}

static void apply_rules(struct encoder *e, enum lp_npu_unit_type type, const void *unit)
{
    for (size_t i = 0; i < lp_ec_rules_of[type].count; i++) {
        const struct lp_ec_rule *rule = &lp_ec_rules_of[type].rules[i];
        const struct lp_npu_field *member = lp_npu_field_find(type, rule->member);
        if (member == NULL) {
            refuse(e, rule->member, 0);
            return;
        }
        uint32_t present = lp_ec_field_value(e->r, e->page, rule->reg, rule->field);
        set(e, rule->reg, rule->field, registered(lp_npu_field_get(member, unit, 0), rule->way, present));
    }
}

/* ---- members that several fields make ---- */

/* A lane is a byte of the stream word; data that is narrower than the word lies in the low lanes, or in the high ones. */
static void streng_lanes(struct encoder *e, const struct lp_npu_streng *s)
{
    static const char *const sizes[3] = {"SIZE0", "SIZE1", "SIZE2"};
    int32_t memory = s->dir ? s->nbits_out : s->nbits_in, stream = s->dir ? s->nbits_in : s->nbits_out;
    int32_t carried = memory < stream ? memory : stream, lanes = carried / 8;
    int32_t first = !s->align_right && stream > memory ? (stream - memory) / 8 : 0;
    for (int32_t i = 0; i < lanes; i++)
        set(e, "CTRL", sizes[first + i], 8);
    if (memory > stream)
        set(e, "STRD", s->mem_lsb ? "FGAP" : "BGAP", memory - stream);
}

static void fill_streng(struct encoder *e, const struct lp_npu_streng *s)
{
    streng_lanes(e, s);
    set(e, "CTRL", "SINGLE", s->frame_tot_cnt == 1);
    set(e, "CTRL", "SIGNEXT", s->align_right && !s->nbits_unsigned);
    set(e, "ADDR", NULL, (int64_t)s->addr_base + s->offset_start);
    set(e, "LIMITEN", "FRAMELIMIT", s->frame_tot_cnt != 0);
    set(e, "LIMIT", "CNT", s->frame_tot_cnt);
    set(e, "EVENT", "EN_ILLCFG", 1);
    set(e, "EVENT", "FRMTRG_SRC", s->sync_with_other ? s->sync_dma : 0);
    if (s->offset_limit != 0) {
        set(e, "LIMITEN", "ADDRLIMIT", 1);
        set(e, "LIMITADDR", NULL, (int64_t)s->addr_base + s->offset_limit - 1);
    }
    if (s->raw) {
        set(e, "FSIZE", NULL, (int64_t)lp_npu_streng_frame_elements(s));
        return;
    }
    uint64_t line = s->line_offset != 0 ? s->line_offset : (uint64_t)s->fwidth * s->batch_offset;
    if (line > UINT32_MAX)
        refuse(e, "line_offset", (int64_t)line);
    set(e, "FSIZE", "WIDTH", s->fwidth);
    set(e, "FSIZE", "HEIGHT", s->fheight);
    set(e, "DEPTH", "SIZE", s->batch_depth);
    set(e, "DEPTH", "OFFSET", s->batch_offset & 0xffff);
    set(e, "LIMITEN", "DOFF_MSB", s->batch_offset >> 16);
    set(e, "STRD", "LOFF", (int64_t)(line & 0xffff));
    set(e, "CID_CACHE", "LOFF_MSB", (int64_t)(line >> 16 & 0xffff));
}

/* What a window reaches into the padding stays with the sampler, the rest are lines of zeros around the frame. */
static void convacc_padding(struct encoder *e, const struct lp_npu_convacc *c)
{
    static const struct {
        const char *sample, *frame;
    } sides[4] = {{"LPAD", "LEFT"}, {"RPAD", "RIGHT"}, {"TPAD", "TOP"}, {"BPAD", "BOTTOM"}};
    const int32_t paddings[4] = {c->left_padding, c->right_padding, c->top_padding, c->bot_padding};
    bool outside_only = c->deepmode || c->dss2mode || c->zfbias != 0;
    for (int i = 0; i < 4; i++) {
        int32_t reach = (i < 2 ? c->kernelWidth : c->kernelHeight) - 1, inside = paddings[i];
        inside = inside > reach ? reach : inside;
        inside = outside_only ? 0 : inside > 2 ? 2 : inside;
        set(e, "SAMPLE", sides[i].sample, inside);
        set(e, "ZFRAME", sides[i].frame, (int64_t)(paddings[i] - inside) * (i < 2 ? c->batchDepth : 1));
    }
}

static void fill_convacc(struct encoder *e, const struct lp_npu_convacc *c)
{
    int64_t depth = c->batchDepth;
    convacc_padding(e, c);
    if (c->vshift != 0)
        refuse(e, "vshift", c->vshift);
    set(e, "FFORMAT", "WIDTH", c->fWidth * depth);
    set(e, "FHCROP", "LEFT", c->left_crop * depth);
    set(e, "FHCROP", "RIGHT", c->right_crop > 0 ? c->right_crop * depth + depth - 1 : 0);
    if (c->kfilt_tot > 0) {
        set(e, "KFILT", "TOT", c->kfilt_tot);
        set(e, "KFILT", "FIRST", c->kfilt_first);
        set(e, "KFILT", "LAST", c->kfilt_last);
    }
}

static uint32_t fetch(struct encoder *e, uint32_t address, uint32_t index, uint32_t bytes)
{
    uint8_t data[4] = {0};
    lp_status status = e->memory->get(e->memory->ctx, address + index * bytes, data, bytes);
    if (e->status == LP_OK)
        e->status = status;
    uint32_t value = data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
    return bytes == 1 ? (uint32_t)(int32_t)(int8_t)value : value;
}

/* How the counters walk through the coefficients. Returns how many of them there are. */
static int64_t arith_walk(struct encoder *e, const struct lp_npu_arith *c)
{
    int64_t depth = c->batchDepth, width = c->fWidth, map = width * c->fHeight;
    if (c->bcast == LP_NPU_BCAST_NONE || c->bcast == LP_NPU_BCAST_SCALAR)
        return 1;
    set(e, "CTRL", "CNT1", 1);
    set(e, "INCOFFSET", "VAL", 1);
    if (c->bcast == LP_NPU_BCAST_CHAN) {
        set(e, "CTRL", "CNT2", 1);
        set(e, "CTRL", "CNT3", 1);
        set(e, "RSTCNT1", "RSTCNT", depth - 1);
        set(e, "RSTCNT2", "RSTCNT", map * depth - 1);
        set(e, "RSTCNT3", "RSTCNT", map * c->fChannels - 1);
        set(e, "ADDROFFSET", "OFFSET1", (1 - depth) & 511);
        set(e, "ADDROFFSET", "OFFSET2", 1);
        set(e, "ADDROFFSET", "OFFSET3", (1 - c->fChannels) & 511);
        return c->fChannels;
    }
    int64_t run = c->bcast == LP_NPU_BCAST_HEIGHT ? width * depth : depth;
    int64_t entries = c->bcast == LP_NPU_BCAST_HEIGHT ? c->fHeight : c->bcast == LP_NPU_BCAST_WIDTH ? width : map;
    set(e, "INCCNT", "INCVAL", run - 1);
    set(e, "RSTCNT1", "RSTCNT", run * entries - 1);
    set(e, "ADDROFFSET", "OFFSET1", (1 - entries) & 511);
    return entries;
}

static void arith_row(struct encoder *e, const struct lp_npu_arith *c, uint32_t row)
{
    const uint32_t vectors[3] = {c->A_vector, c->B_vector, c->C_vector};
    const int32_t scalars[3] = {c->A_scalar, c->B_scalar, c->C_scalar};
    uint32_t value[3];
    for (int i = 0; i < 3; i++)
        value[i] = vectors[i] == 0 ? (uint32_t)scalars[i] : fetch(e, vectors[i], row, (uint32_t)c->vec_precision[i] / 8);
    if (vectors[2] != 0 && c->C_scalar == -1)
        value[2] = 0u - value[2];
    if (c->combinebc && vectors[2] != 0)
        value[1] = value[2] >> 16;
    uint32_t *out = e->r->coefficients[c->unit][row];
    out[0] = (value[0] & 0xffff) | value[1] << 16;
    out[1] = value[2] & 0xffff;
}

static void fill_arith(struct encoder *e, const struct lp_npu_arith *c)
{
    set(e, "CTRL", "OP", c->operation == LP_NPU_ARITH_NONE ? INT64_MAX : lp_ec_arith_codes[c->operation]);
    set(e, "CTRL", "COEFFB", !c->scalar);
    set(e, "CTRL", "COEFFC", !c->scalar);
    if (c->scalar)
        return;
    int64_t rows = arith_walk(e, c);
    if (rows < 1 || rows > LP_EC_COEFFICIENTS) {
        refuse(e, "entries of the coefficient vectors", rows);
        return;
    }
    for (uint32_t row = 0; row < (uint32_t)rows && e->status == LP_OK; row++)
        arith_row(e, c, row);
}

static void fill_pool(struct encoder *e, const struct lp_npu_pool *c)
{
    int64_t depth = c->batchSize;
    set(e, "CTRL", "TYPE", c->operation == LP_NPU_POOL_NONE ? INT64_MAX : lp_ec_pool_codes[c->operation]);
    set(e, "CTRL", "CROPEN", 1);
    set(e, "FDIMS", "FEATX", c->inputX * depth);
    set(e, "XCROP", "LCROP", c->leftCrop * depth);
    set(e, "XCROP", "RCROP", c->rightCrop * depth + depth - 1);
    if (c->pad_val_en)
        refuse(e, "pad_val_en", c->pad_val_en);
}

static void fill_activ(struct encoder *e, const struct lp_npu_activ *c)
{
    enum { ROM0 = LP_EC_COEFFICIENT_WORDS, ROM1 = 2 * LP_EC_COEFFICIENT_WORDS, ROM0_MOST = 128, ROM1_ROWS = 64, ROW_BYTES = 6 };
    if (c->operation == LP_NPU_ACTIV_NONE || c->operation == LP_NPU_ACTIV_LUT) {
        refuse(e, "operation", c->operation);
        return;
    }
    set(e, "CTRL", "TYPE", c->operation - LP_NPU_ACTIV_RELU);
    if (c->operation != LP_NPU_ACTIV_FUNC)
        return;
    if (c->ROM0_nbytes > ROM0_MOST || c->ROM1_nbytes > ROM1_ROWS * ROW_BYTES) {
        refuse(e, "ROM bytes", c->ROM0_nbytes > ROM0_MOST ? c->ROM0_nbytes : c->ROM1_nbytes);
        return;
    }
    uint32_t *words = e->r->page[e->page];
    for (uint32_t i = 0; i < c->ROM0_nbytes; i++)
        words[ROM0 + i] = fetch(e, c->ROM0_vector, i, 1) & 0xff;
    for (uint32_t i = 0; i < c->ROM1_nbytes / ROW_BYTES; i++) {
        words[ROM1 + 2 * i] = fetch(e, c->ROM1_vector, 3 * i, 2) | fetch(e, c->ROM1_vector, 3 * i + 1, 2) << 16;
        words[ROM1 + 2 * i + 1] = fetch(e, c->ROM1_vector, 3 * i + 2, 2);
    }
}

static void fill_unit(struct encoder *e, enum lp_npu_unit_type type, const void *unit)
{
    apply_rules(e, type, unit);
    switch (type) {
    case LP_NPU_STRENG: fill_streng(e, unit); return;
    case LP_NPU_CONVACC: fill_convacc(e, unit); return;
    case LP_NPU_ARITH: fill_arith(e, unit); return;
    case LP_NPU_POOL: fill_pool(e, unit); return;
    default: fill_activ(e, unit); return;
    }
}

/* ---- instructions ---- */

static void put(struct encoder *e, uint32_t word)
{
    if (e->count == e->capacity) {
        size_t capacity = e->capacity == 0 ? 1024 : e->capacity * 2;
        uint32_t *words = LP_NEW_ARRAY(e->arena, capacity, uint32_t);
        if (words == NULL) {
            e->status = lp_no_memory(e->diag);
            return;
        }
        if (e->count != 0)
            memcpy(words, e->words, e->count * sizeof *words);
        e->words = words;
        e->capacity = capacity;
    }
    e->words[e->count++] = word;
}

static void put_write(struct encoder *e, uint32_t page, uint32_t reg, uint32_t value)
{
    put(e, LP_EC_WRITE | 31u << 10 | reg << 16 | page << 26);
    put(e, value);
}

static void put_set(struct encoder *e, uint32_t page, uint32_t reg, uint32_t bit, uint32_t value)
{
    put(e, LP_EC_SET | bit << 5 | value << 13 | reg << 21 | page << 26);
}

static void put_poll(struct encoder *e, uint32_t page, uint32_t reg, uint32_t bit)
{
    put(e, LP_EC_POLL | bit << 5 | bit << 10 | reg << 16 | page << 26);
    put(e, POLL_TIMEOUT);
    put(e, 0);
}

/* A single register takes two words either way; a burst shows as such only when it is one. */
static void put_run(struct encoder *e, uint32_t page, uint32_t reg, const uint32_t *values, uint32_t count)
{
    if (count == 1) {
        put_write(e, page, reg, values[0]);
        return;
    }
    put(e, LP_EC_FILL | count << 5 | reg << 16 | page << 26);
    for (uint32_t i = 0; i < count; i++)
        put(e, values[i]);
}

/* What differs from reset. */
static void put_page(struct encoder *e, uint32_t page)
{
    const uint32_t *now = e->r->page[page], *then = e->reset->page[page];
    for (uint32_t reg = 0; reg < LP_EC_PAGE_WORDS; reg++) {
        uint32_t run = 0;
        while (reg + run < LP_EC_PAGE_WORDS && now[reg + run] != then[reg + run])
            run++;
        if (run > 0)
            put_run(e, page, reg, now + reg, run);
        reg += run;
    }
}

static void put_coefficients(struct encoder *e, const struct lp_npu_arith *c)
{
    uint32_t rows = LP_EC_COEFFICIENTS, page = lp_ec_page_of(LP_NPU_ARITH, c->unit);
    const uint32_t *values = e->r->coefficients[c->unit][0];
    while (rows > 0 && values[2 * rows - 2] == 0 && values[2 * rows - 1] == 0)
        rows--;
    if (rows == 0)
        return;
    uint32_t low = rows < ARITH_LOW_ROWS ? rows : ARITH_LOW_ROWS;
    put_write(e, page, TRANSLATE_REGISTER, 1);
    put_run(e, page, LP_EC_COEFFICIENT_WORDS, values, 2 * low);
    if (rows == low)
        return;
    put_write(e, page, TRANSLATE_REGISTER, 0);
    put_run(e, page, LP_EC_COEFFICIENT_WORDS + 2 * (ARITH_LOW_ROWS - ARITH_WINDOW_STEP), values + 2 * low, 2 * (rows - low));
}

static void put_gate(struct encoder *e, enum lp_npu_unit_type type, int32_t index, uint32_t open)
{
    char name[16];
    snprintf(name, sizeof name, "%s", lp_ec_pages[lp_ec_page_of(type, index)].name);
    const struct lp_ec_field *gate = lp_ec_field_find(lp_ec_register_find(GATES_PAGE, "BGATES"), name);
    put_set(e, GATES_PAGE, GATES_REGISTER, gate->lsb, open);
}

static uint32_t link_number(const struct lp_ec_port_range *ranges, const struct lp_npu_port *port)
{
    for (size_t i = 0; i < LP_EC_PORT_RANGES; i++)
        if (ranges[i].type == port->type)
            return ranges[i].first + (uint32_t)port->index * ranges[i].ports + (uint32_t)port->port;
    return 0;
}

static void put_links(struct encoder *e)
{
    put_write(e, LP_EC_SWITCH_PAGE, CTRL, 1u << CLR_BIT | 1u << CONFCLR_BIT);
    put_poll(e, LP_EC_SWITCH_PAGE, CTRL, CLR_BIT);
    put_poll(e, LP_EC_SWITCH_PAGE, CTRL, CONFCLR_BIT);
    put_set(e, LP_EC_SWITCH_PAGE, CTRL, EN_BIT, 1);
    for (uint32_t i = 0; i < e->epoch->route_count; i++) {
        const struct lp_npu_route *route = &e->epoch->routes[i];
        uint32_t word = 0;
        for (uint32_t k = 0; k < route->context_count; k++) {
            const struct lp_npu_context *c = &route->contexts[k];
            uint32_t link = c->enable ? link_number(lp_ec_sources, &c->source) : 0;
            word |= ((uint32_t)c->enable | link << 1 | (uint32_t)c->frames << 8) << (16 * k);
        }
        put_write(e, LP_EC_SWITCH_PAGE, 2 + link_number(lp_ec_destinations, &route->destination), word);
    }
}

/* ---- an epoch ---- */

/* Calls `visit` for each unit: output engines, compute units, input engines. The order in which units start. */
static void each_unit(struct encoder *e, void (*visit)(struct encoder *, enum lp_npu_unit_type, const void *))
{
    static const struct {
        enum lp_npu_unit_type type;
        int32_t dir; /* of engines */
    } order[] = {{LP_NPU_STRENG, 1}, {LP_NPU_CONVACC, 0}, {LP_NPU_ARITH, 0},
                 {LP_NPU_POOL, 0},   {LP_NPU_ACTIV, 0},   {LP_NPU_STRENG, 0}};
    for (size_t k = 0; k < LP_COUNT(order); k++)
        for (uint32_t i = 0; i < e->epoch->unit_count[order[k].type]; i++) {
            const void *unit = lp_npu_epoch_unit(e->epoch, order[k].type, i);
            if (order[k].type == LP_NPU_STRENG && ((const struct lp_npu_streng *)unit)->dir != order[k].dir)
                continue;
            e->page = lp_ec_page_of(order[k].type, *(const int32_t *)unit);
            visit(e, order[k].type, unit);
        }
}

static void open_gate(struct encoder *e, enum lp_npu_unit_type type, const void *unit)
{
    put_gate(e, type, *(const int32_t *)unit, 1);
}

static void configure(struct encoder *e, enum lp_npu_unit_type type, const void *unit)
{
    fill_unit(e, type, unit);
    put_page(e, e->page);
    if (type == LP_NPU_ARITH)
        put_coefficients(e, unit);
}

static void start(struct encoder *e, enum lp_npu_unit_type type, const void *unit)
{
    (void)type, (void)unit;
    put_set(e, e->page, CTRL, EN_BIT, 1);
}

static void wait_for(struct encoder *e, enum lp_npu_unit_type type, const void *unit)
{
    if (type == LP_NPU_STRENG && (e->epoch->wait_mask >> *(const int32_t *)unit & 1) != 0)
        put_poll(e, e->page, CTRL, RUNNING_BIT);
}

static void stop(struct encoder *e, enum lp_npu_unit_type type, const void *unit)
{
    put_set(e, e->page, CTRL, EN_BIT, 0);
    put_set(e, e->page, CTRL, CLR_BIT, 1);
    put_poll(e, e->page, CTRL, CLR_BIT);
    put_set(e, e->page, CTRL, CONFCLR_BIT, 1);
    put_poll(e, e->page, CTRL, CONFCLR_BIT);
    put_gate(e, type, *(const int32_t *)unit, 0);
}

static void encode_epoch(struct encoder *e, const struct lp_npu_epoch *epoch)
{
    e->epoch = epoch;
    lp_ec_registers_reset(e->r, LP_EC_PAGES);
    put(e, LP_EC_LABEL | (uint32_t)epoch->id << 5);
    each_unit(e, open_gate);
    each_unit(e, configure);
    put_links(e);
    each_unit(e, start);
    each_unit(e, wait_for);
    for (uint32_t i = 0; i < epoch->route_count; i++)
        put_write(e, LP_EC_SWITCH_PAGE, 2 + link_number(lp_ec_destinations, &epoch->routes[i].destination), 0);
    each_unit(e, stop);
}

lp_status lp_ec_encode(struct lp_arena *arena, struct lp_diag *diag, const struct lp_npu_epoch *const *epochs, uint32_t count,
                       const struct lp_ec_memory *memory, const uint32_t **words, size_t *word_count)
{
    struct encoder e = {.arena = arena,
                        .diag = diag,
                        .memory = memory,
                        .r = LP_NEW(arena, struct lp_ec_registers),
                        .reset = LP_NEW(arena, struct lp_ec_registers)};
    if (e.r == NULL || e.reset == NULL)
        return lp_no_memory(diag);
    lp_ec_registers_reset(e.reset, LP_EC_PAGES);
    put(&e, LP_EC_MAGIC);
    put(&e, 0);
    for (uint32_t i = 0; i < count && e.status == LP_OK; i++)
        encode_epoch(&e, epochs[i]);
    put(&e, LP_EC_LABEL);
    put(&e, LP_EC_IRQ);
    if (e.status != LP_OK)
        return e.status;
    e.words[1] = (uint32_t)e.count - 2;
    while (e.count % BLOB_WORDS != 0)
        put(&e, 0);
    *words = e.words;
    *word_count = e.count;
    return e.status;
}
