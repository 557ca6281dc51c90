#include "neural-art/ec_units.h"

#include <string.h>

#include "neural-art/ec_rules.h"
#include "neural-art/fields.h"

uint32_t lp_ec_page_of(enum lp_npu_unit_type type, int32_t index)
{
    static const uint32_t first[LP_NPU_UNIT_TYPES] = {
        [LP_NPU_STRENG] = 5, [LP_NPU_CONVACC] = 15, [LP_NPU_ACTIV] = 21, [LP_NPU_ARITH] = LP_EC_ARITH_PAGE, [LP_NPU_POOL] = 27};
    return first[type] + (uint32_t)index;
}

void lp_ec_registers_reset(struct lp_ec_registers *r, uint32_t page)
{
    const uint32_t filter_is_off = 1; /* KFILT: one kernel in all, the first to the first */
    uint32_t first = page == LP_EC_PAGES ? 0 : page, last = page == LP_EC_PAGES ? LP_EC_PAGES - 1 : page;
    for (uint32_t p = first; p <= last; p++) {
        memset(r->page[p], 0, sizeof r->page[p]);
        if (p >= lp_ec_page_of(LP_NPU_CONVACC, 0) && p < lp_ec_page_of(LP_NPU_CONVACC, LP_NPU_CONVACC_UNITS))
            r->page[p][8] = filter_is_off;
        if (p >= LP_EC_ARITH_PAGE && p < LP_EC_ARITH_PAGE + LP_NPU_ARITH_UNITS)
            memset(r->coefficients[p - LP_EC_ARITH_PAGE], 0, sizeof r->coefficients[0]);
    }
}

static uint32_t value_and_width(const struct lp_ec_registers *r, uint32_t page, const char *reg_name, const char *field_name,
                                uint32_t *width)
{
    const struct lp_ec_register *reg = lp_ec_register_find(page, reg_name);
    const struct lp_ec_field *field = reg == NULL || field_name == NULL ? NULL : lp_ec_field_find(reg, field_name);
    uint32_t value = reg == NULL ? 0 : r->page[page][reg->offset / 4];
    *width = field == NULL ? 32 : field->msb - field->lsb + 1;
    return field == NULL ? value : value >> field->lsb & (*width == 32 ? UINT32_MAX : (1u << *width) - 1);
}

uint32_t lp_ec_field_value(const struct lp_ec_registers *r, uint32_t page, const char *reg, const char *field)
{
    uint32_t width;
    return value_and_width(r, page, reg, field, &width);
}

static int64_t converted(uint32_t value, uint32_t width, enum lp_ec_way way)
{
    switch (way) {
    case LP_EC_INVERTED: return value == 0;
    case LP_EC_SIGNED: return value >> (width - 1) != 0 ? (int64_t)value - ((int64_t)1 << width) : value;
    case LP_EC_BIASED: return (int64_t)value - 16;
    case LP_EC_BIT_0: return value & 1;
    case LP_EC_BIT_1: return value >> 1;
    default: return value;
    }
}

/* Members that are a register field each. A name that does not exist is a mistake of the tables above. */
static lp_status apply_rules(struct lp_diag *diag, const struct lp_ec_registers *r, enum lp_npu_unit_type type, int32_t index,
                             void *unit)
{
    uint32_t page = lp_ec_page_of(type, index), width;
    for (size_t i = 0; i < lp_ec_rules_of[type].count; i++) {
        const struct lp_ec_rule *rule = &lp_ec_rules_of[type].rules[i];
        const struct lp_npu_field *member = lp_npu_field_find(type, rule->member);
        const struct lp_ec_register *reg = lp_ec_register_find(page, rule->reg);
        if (member == NULL || reg == NULL || (rule->field != NULL && lp_ec_field_find(reg, rule->field) == NULL))
            return lp_error(diag, LP_UNSUPPORTED, "%s: no rule from %s to %s", lp_npu_unit_fields[type].type, rule->reg,
                            rule->member);
        uint32_t value = value_and_width(r, page, rule->reg, rule->field, &width);
        lp_npu_field_set(member, unit, 0, converted(value, width, rule->way));
    }
    return LP_OK;
}

/* ---- members that several fields make ---- */

struct reader {
    struct lp_diag *diag;
    const char *label;
    const struct lp_ec_registers *r;
    uint32_t page;
    uint8_t *tables;
    uint32_t table_address;
};

static int32_t get(const struct reader *k, const char *reg, const char *field)
{
    return (int32_t)lp_ec_field_value(k->r, k->page, reg, field);
}

static lp_status refuse(const struct reader *k, const char *what, int64_t found)
{
    return lp_error(k->diag, LP_UNSUPPORTED, "%s: %s: %s (found %lld)", k->label, lp_ec_pages[k->page].name, what,
                    (long long)found);
}

/* Lane i of the stream word carries SIZEi bits; lanes that stay empty below others come from left-justified data. */
static void streng_widths(const struct reader *k, struct lp_npu_streng *s)
{
    int32_t sizes[3] = {get(k, "CTRL", "SIZE0"), get(k, "CTRL", "SIZE1"), get(k, "CTRL", "SIZE2")};
    int32_t carried = sizes[0] + sizes[1] + sizes[2];
    int32_t word = sizes[2] != 0 ? 24 : sizes[1] != 0 ? 16 : 8;
    int32_t front = get(k, "STRD", "FGAP"), gap = front + get(k, "STRD", "BGAP");
    s->mem_lsb = front != 0;
    s->nbits_in = s->dir ? (s->align_right || gap != 0 ? carried : word) : carried + gap;
    s->nbits_out = s->dir ? carried + gap : (s->align_right || gap != 0 ? carried : word);
}

static lp_status streng_rest(const struct reader *k, struct lp_npu_streng *s)
{
    bool is_limited = get(k, "LIMITEN", "FRAMELIMIT") != 0;
    s->nbits_unsigned = s->align_right && get(k, "CTRL", "SIGNEXT") == 0;
    streng_widths(k, s);
    s->frame_tot_cnt = is_limited ? (uint32_t)get(k, "LIMIT", "CNT") : 0;
    if (get(k, "LIMITEN", "ADDRLIMIT"))
        s->offset_limit = (uint32_t)get(k, "LIMITADDR", NULL) + 1 - s->addr_base;
    if (get(k, "EXTSYNC", "EN"))
        return refuse(k, "EXTSYNC.EN has to be 0: nothing outside triggers this engine", 1);
    if (s->raw) {
        uint64_t bits = (uint64_t)(uint32_t)get(k, "FSIZE", NULL) * (uint32_t)(s->dir ? s->nbits_out : s->nbits_in);
        s->frame_count = (uint32_t)get(k, "FSIZE", NULL);
        s->offset_end = bits / 8 > UINT32_MAX ? UINT32_MAX : (uint32_t)(bits / 8);
        return LP_OK;
    }
    s->fwidth = (uint32_t)get(k, "FSIZE", "WIDTH");
    s->fheight = (uint32_t)get(k, "FSIZE", "HEIGHT");
    s->batch_depth = (uint32_t)get(k, "DEPTH", "SIZE");
    s->batch_offset = (uint32_t)get(k, "DEPTH", "OFFSET") | (uint32_t)get(k, "LIMITEN", "DOFF_MSB") << 16;
    s->line_offset = (uint32_t)get(k, "STRD", "LOFF") | (uint32_t)get(k, "CID_CACHE", "LOFF_MSB") << 16;
    return LP_OK;
}

static int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* Widths are counted in samples in the registers, in pixels in the structure. */
static lp_status convacc_rest(const struct reader *k, struct lp_npu_convacc *c)
{
    int32_t depth = c->batchDepth, samples = get(k, "FFORMAT", "WIDTH");
    if (depth == 0 || samples % depth != 0)
        return refuse(k, "FFORMAT.WIDTH has to be a multiple of KFORMAT.BTCDEPTH", samples);
    c->fWidth = samples / depth;
    c->left_padding = get(k, "SAMPLE", "LPAD") + get(k, "ZFRAME", "LEFT") / depth;
    c->right_padding = get(k, "SAMPLE", "RPAD") + get(k, "ZFRAME", "RIGHT") / depth;
    c->top_padding = get(k, "SAMPLE", "TPAD") + get(k, "ZFRAME", "TOP");
    c->bot_padding = get(k, "SAMPLE", "BPAD") + get(k, "ZFRAME", "BOTTOM");
    c->left_crop = get(k, "FHCROP", "LEFT") / depth;
    c->right_crop = least(get(k, "FHCROP", "RIGHT") / depth, c->fWidth > 0 ? c->fWidth - 1 : 0);
    c->bot_crop = least(c->bot_crop, c->fHeight > 0 ? c->fHeight - 1 : 0);
    bool filters = get(k, "KFILT", "TOT") > 1;
    c->kfilt_tot = filters ? get(k, "KFILT", "TOT") : 0;
    c->kfilt_first = filters ? get(k, "KFILT", "FIRST") : 0;
    c->kfilt_last = filters ? get(k, "KFILT", "LAST") : 0;
    if (c->afilt_mode == LP_NPU_AFILT_NONE)
        c->afilt_tot = c->afilt_first = c->afilt_last = 0;
    if (!c->fstat)
        c->fstatcnt = 0;
    if (get(k, "CTRL", "FC") || get(k, "ITER", "NUMBER"))
        return refuse(k, "CTRL.FC and ITER.NUMBER have no known meaning and have to be 0", get(k, "CTRL", NULL));
    return LP_OK;
}

static lp_status arith_operation(const struct reader *k, struct lp_npu_arith *c)
{
    int32_t code = get(k, "CTRL", "OP");
    for (size_t i = 0; i < LP_COUNT(lp_ec_arith_codes); i++)
        if (lp_ec_arith_codes[i] == code) {
            c->operation = (int32_t)i;
            return LP_OK;
        }
    return refuse(k, "CTRL.OP is no known operation", code);
}

/* -(count - 1) in the nine bits of an address step. */
static int32_t step_back(int64_t count)
{
    return (int32_t)(-(count - 1) & 511);
}

/* The counters that walk through the coefficients, as a broadcast. A run of INCVAL + 1 elements shares one entry (WIDTH with
 * that depth), or entries change within a pixel and repeat over a map (CHAN). */
static lp_status arith_walk(const struct reader *k, struct lp_npu_arith *c)
{
    int64_t run = (int64_t)get(k, "INCCNT", "INCVAL") + 1, first = (int64_t)get(k, "RSTCNT1", "RSTCNT") + 1;
    int64_t second = (int64_t)get(k, "RSTCNT2", "RSTCNT") + 1, third = (int64_t)get(k, "RSTCNT3", "RSTCNT") + 1;
    int32_t back[3] = {get(k, "ADDROFFSET", "OFFSET1"), get(k, "ADDROFFSET", "OFFSET2"), get(k, "ADDROFFSET", "OFFSET3")};
    static const char *const unknown = "the coefficient counters describe no known broadcast";
    c->fHeight = 1;
    if (get(k, "INCOFFSET", "VAL") == 0) {
        c->bcast = LP_NPU_BCAST_SCALAR;
        c->fWidth = c->fChannels = c->batchDepth = 1;
        return LP_OK;
    }
    if (get(k, "INCOFFSET", "VAL") != 1)
        return refuse(k, unknown, get(k, "INCOFFSET", NULL));
    if (get(k, "CTRL", "CNT2") == 0) {
        c->bcast = LP_NPU_BCAST_WIDTH;
        c->fWidth = (int32_t)(first / run);
        c->batchDepth = (int32_t)run;
        c->fChannels = (int32_t)least((int32_t)run, UINT16_MAX);
        return first % run != 0 || run > UINT16_MAX || back[0] != step_back(c->fWidth) ? refuse(k, unknown, first) : LP_OK;
    }
    c->bcast = LP_NPU_BCAST_CHAN;
    int64_t pixels = second / first;
    if (run != 1 || second % first != 0 || third % pixels != 0 || first > UINT16_MAX || third / pixels > UINT16_MAX)
        return refuse(k, unknown, second);
    c->batchDepth = (int32_t)first;
    c->fWidth = (int32_t)pixels;
    c->fChannels = (int32_t)(third / pixels);
    bool steps = back[0] == step_back(first) && back[1] == 1 && back[2] == step_back(c->fChannels);
    return steps ? LP_OK : refuse(k, unknown, get(k, "ADDROFFSET", NULL));
}

static void put(uint8_t *table, size_t entry, size_t bytes, uint32_t value)
{
    for (size_t i = 0; i < bytes; i++)
        table[entry * bytes + i] = (uint8_t)(value >> (8 * i));
}

static lp_status arith_rest(const struct reader *k, struct lp_npu_arith *c)
{
    lp_status status = arith_operation(k, c);
    c->fWidth = c->fHeight = c->fChannels = c->batchDepth = 1;
    for (int i = 0; i < 3; i++)
        c->vec_precision[i] = 16;
    if (status != LP_OK || c->scalar)
        return status;
    uint32_t offset = (uint32_t)c->unit * LP_EC_ARITH_TABLE_BYTES;
    uint8_t *a = k->tables + offset, *b = a + 2 * LP_EC_COEFFICIENTS, *wide = b + 2 * LP_EC_COEFFICIENTS;
    for (size_t i = 0; i < LP_EC_COEFFICIENTS; i++) {
        const uint32_t *row = k->r->coefficients[c->unit][i];
        put(a, i, 2, row[0]);
        put(b, i, 2, row[0] >> 16);
        put(wide, i, c->combinebc ? 4 : 2, c->combinebc ? (row[0] & 0xffff0000u) | (row[1] & 0xffff) : row[1]);
    }
    c->A_vector = k->table_address + offset;
    c->B_vector = c->A_vector + 2 * LP_EC_COEFFICIENTS;
    c->C_vector = c->B_vector + 2 * LP_EC_COEFFICIENTS;
    c->vec_precision[2] = c->combinebc ? 32 : 16;
    c->A_scalar = c->B_scalar = c->C_scalar = 0; /* the table says it all; a sign that C_scalar asked for is applied in it */
    return arith_walk(k, c);
}

static lp_status pool_rest(const struct reader *k, struct lp_npu_pool *c)
{
    int32_t code = get(k, "CTRL", "TYPE"), samples = get(k, "FDIMS", "FEATX"), depth = c->batchSize;
    for (size_t i = 0; i < LP_COUNT(lp_ec_pool_codes); i++)
        if (lp_ec_pool_codes[i] == code)
            c->operation = (int32_t)i;
    if (c->operation == LP_NPU_POOL_NONE)
        return refuse(k, "CTRL.TYPE is no known operation", code);
    if (depth == 0 || samples % depth != 0)
        return refuse(k, "FDIMS.FEATX has to be a multiple of PDIMS.BSIZE", samples);
    c->inputX = samples / depth;
    bool crops = get(k, "CTRL", "CROPEN") != 0;
    c->leftCrop = crops ? get(k, "XCROP", "LCROP") / depth : 0;
    c->rightCrop = crops ? get(k, "XCROP", "RCROP") / depth : c->inputX - 1;
    c->topCrop = crops ? c->topCrop : 0;
    c->bottomCrop = crops ? c->bottomCrop : c->inputY - 1;
    return LP_OK;
}

static lp_status activ_rest(const struct reader *k, struct lp_npu_activ *c)
{
    static const int32_t operations[4] = {LP_NPU_ACTIV_RELU, LP_NPU_ACTIV_PRELU, LP_NPU_ACTIV_TRELU, LP_NPU_ACTIV_FUNC};
    enum { ROM0_WORDS = 128, ROM0 = 256, ROM1 = 512, ROM1_ROWS = 64 };
    const uint32_t *words = k->r->page[k->page];
    uint32_t offset = LP_NPU_ARITH_UNITS * LP_EC_ARITH_TABLE_BYTES + (uint32_t)c->unit * LP_EC_ACTIV_TABLE_BYTES;
    uint8_t *rom0 = k->tables + offset, *rom1 = rom0 + ROM0_WORDS;
    c->operation = operations[get(k, "CTRL", "TYPE")];
    if (c->operation != LP_NPU_ACTIV_FUNC)
        return LP_OK;
    for (size_t i = 0; i < ROM0_WORDS; i++)
        put(rom0, i, 1, words[ROM0 + i]);
    for (size_t i = 0; i < ROM1_ROWS; i++) {
        put(rom1, 3 * i, 2, words[ROM1 + 2 * i]);
        put(rom1, 3 * i + 1, 2, words[ROM1 + 2 * i] >> 16);
        put(rom1, 3 * i + 2, 2, words[ROM1 + 2 * i + 1]);
    }
    c->ROM0_vector = k->table_address + offset;
    c->ROM1_vector = c->ROM0_vector + ROM0_WORDS;
    c->ROM0_nbytes = 1u << c->bwidth;
    c->ROM1_nbytes = 6 * ROM1_ROWS;
    return LP_OK;
}

lp_status lp_ec_unit(struct lp_diag *diag, const char *label, const struct lp_ec_registers *r, enum lp_npu_unit_type type,
                     int32_t index, uint8_t *tables, uint32_t table_address, void *unit)
{
    const struct reader k = {diag, label, r, lp_ec_page_of(type, index), tables, table_address};
    memset(unit, 0, lp_npu_unit_fields[type].struct_bytes);
    lp_npu_field_set(&lp_npu_unit_fields[type].fields[0], unit, 0, index);
    lp_status status = apply_rules(diag, r, type, index, unit);
    if (status != LP_OK)
        return status;
    switch (type) {
    case LP_NPU_STRENG: return streng_rest(&k, unit);
    case LP_NPU_CONVACC: return convacc_rest(&k, unit);
    case LP_NPU_ARITH: return arith_rest(&k, unit);
    case LP_NPU_POOL: return pool_rest(&k, unit);
    default: return activ_rest(&k, unit);
    }
}

/* ---- the switch ---- */

static bool port_of(const struct lp_ec_port_range *ranges, uint32_t number, struct lp_npu_port *port)
{
    for (size_t i = 0; i < LP_EC_PORT_RANGES; i++)
        if (number >= ranges[i].first && number < ranges[i].first + ranges[i].count) {
            uint32_t place = number - ranges[i].first;
            *port = (struct lp_npu_port){ranges[i].type, (int32_t)(place / ranges[i].ports), (int32_t)(place % ranges[i].ports)};
            return true;
        }
    return false;
}

static lp_status read_route(const struct reader *k, uint32_t number, uint32_t word, struct lp_npu_route *route)
{
    const uint32_t enabled[2] = {word & 1, word >> 16 & 1}, links[2] = {word >> 1 & 31, word >> 17 & 31};
    const uint32_t frames[2] = {word >> 8 & 255, word >> 24};
    if (word >> 23 & 1)
        return refuse(k, "TICKTYPE of a destination has no known meaning and has to be 0", word);
    if (!port_of(lp_ec_destinations, number, &route->destination))
        return refuse(k, "a link goes to DECUN or RECBUF, which are not simulated; destination", number);
    for (int i = 0; i < 2; i++) {
        route->contexts[i].enable = (int32_t)enabled[i];
        route->contexts[i].frames = (int32_t)frames[i];
        /* A context that lets nothing pass needs no source of its own. */
        if (!port_of(lp_ec_sources, links[enabled[i] ? i : 1 - i], &route->contexts[i].source))
            return refuse(k, "a link comes from DECUN or RECBUF, which are not simulated; source", links[i]);
    }
    route->context_count = enabled[1] || frames[1] != 0 ? 2 : 1;
    return LP_OK;
}

lp_status lp_ec_routes(struct lp_diag *diag, const char *label, const struct lp_ec_registers *r, struct lp_npu_route *routes,
                       uint32_t *route_count)
{
    const struct reader k = {.diag = diag, .label = label, .r = r, .page = LP_EC_SWITCH_PAGE};
    const uint32_t *words = r->page[LP_EC_SWITCH_PAGE] + 2;
    *route_count = 0;
    for (uint32_t i = 0; i < LP_EC_MOST_ROUTES; i++) {
        bool links = (words[i] & 0x10001u) != 0;
        lp_status status = links ? read_route(&k, i, words[i], &routes[*route_count]) : LP_OK;
        if (status != LP_OK)
            return status;
        *route_count += links;
    }
    return LP_OK;
}
