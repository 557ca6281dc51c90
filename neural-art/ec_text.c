#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "neural-art/ec.h"

/* ---- words to text ---- */

static const struct lp_ec_register *register_at(uint32_t page, uint32_t reg)
{
    if (page >= LP_EC_NAMED_PAGES)
        return NULL;
    for (size_t i = 0; i < lp_ec_pages[page].register_count; i++)
        if (lp_ec_pages[page].registers[i].offset == reg * 4)
            return &lp_ec_pages[page].registers[i];
    return NULL;
}

/* "STRENG3.CTRL.EN", "ARITH0.+0x400", "CONVACC1.DFORMAT[9:4]". */
static void put_place(struct lp_text *out, const struct lp_ec_instruction *in)
{
    const struct lp_ec_register *reg = register_at(in->page, in->reg);
    if (in->page < LP_EC_NAMED_PAGES)
        lp_text_printf(out, "%s.", lp_ec_pages[in->page].name);
    else
        lp_text_printf(out, "PAGE%u.", in->page);
    if (reg != NULL)
        lp_text_printf(out, "%s", reg->name);
    else
        lp_text_printf(out, "+0x%x", in->reg * 4);
    if (in->lsb == 0 && in->msb == 31)
        return;
    for (const struct lp_ec_field *f = reg == NULL ? NULL : reg->fields; f != NULL && f->name != NULL; f++)
        if (f->lsb == in->lsb && f->msb == in->msb) {
            lp_text_printf(out, ".%s", f->name);
            return;
        }
    lp_text_printf(out, "[%u:%u]", in->msb, in->lsb);
}

/* What a whole-register value means, field by field, as a comment. */
static void put_fields(struct lp_text *out, const struct lp_ec_instruction *in)
{
    const struct lp_ec_register *reg = register_at(in->page, in->reg);
    if (in->opcode != LP_EC_WRITE || in->lsb != 0 || in->msb != 31 || reg == NULL || reg->fields == NULL)
        return;
    lp_text_printf(out, "    ;");
    for (const struct lp_ec_field *f = reg->fields; f->name != NULL; f++) {
        uint32_t width = f->msb - f->lsb + 1, value = in->words[0] >> f->lsb;
        if (width < 32)
            value &= (1u << width) - 1;
        if (value != 0)
            lp_text_printf(out, " %s=%u", f->name, value);
    }
}

static void put_instruction(struct lp_text *out, const struct lp_ec_instruction *in)
{
    switch (in->opcode) {
    case LP_EC_IRQ: lp_text_printf(out, "irq %u\n", in->value); return;
    case LP_EC_LABEL: lp_text_printf(out, "label %u\n", in->value); return;
    case LP_EC_WRITE: lp_text_printf(out, "  write "); break;
    case LP_EC_SET: lp_text_printf(out, "  set "); break;
    case LP_EC_FEED: lp_text_printf(out, "  feed "); break;
    case LP_EC_FILL: lp_text_printf(out, "  fill "); break;
    case LP_EC_POLL: lp_text_printf(out, "  poll "); break;
    }
    put_place(out, in);
    if (in->opcode == LP_EC_SET)
        lp_text_printf(out, " 0x%x", in->value);
    if (in->opcode == LP_EC_POLL)
        lp_text_printf(out, " 0x%x timeout %u", in->value, in->timeout);
    for (uint32_t i = 0; i < in->word_count; i++)
        lp_text_printf(out, " 0x%x", in->words[i]);
    put_fields(out, in);
    lp_text_printf(out, "\n");
}

/* Relocations are for the reader: an entry is a name, a number, and the instruction words that receive the address. */
static void put_relocations(struct lp_text *out, const uint32_t *words, size_t count)
{
    if ((words[0] & 0xffff0000u) != LP_EC_FILE_MAGIC || words[1] == 0 || words[1] % 4 != 0 || words[1] / 4 >= count)
        return;
    const uint32_t *table = words + words[1] / 4;
    size_t left = count - words[1] / 4;
    for (uint32_t i = 0; i < table[0] && 3 * (size_t)i + 3 < left; i++) {
        const uint32_t *entry = table + 1 + 3 * i;
        const char *name = (const char *)table + entry[0];
        size_t most = entry[0] < left * 4 ? left * 4 - entry[0] : 0;
        if (most == 0 || memchr(name, 0, most) == NULL)
            continue;
        lp_text_printf(out, "; relocation %u \"", i);
        for (; *name != '\0'; name++)
            lp_text_printf(out, "%c", isprint((unsigned char)*name) ? *name : '?');
        lp_text_printf(out, "\" in instruction words");
        for (uint32_t k = 0; k < entry[1] && entry[2] % 4 == 0 && entry[2] / 4 + (size_t)k < left; k++)
            lp_text_printf(out, " %u", table[entry[2] / 4 + k]);
        lp_text_printf(out, "\n");
    }
}

/* Words that are no instructions, as they are. */
static void put_words(struct lp_text *out, const uint32_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        lp_text_printf(out, "%s0x%x%s", i % 8 == 0 ? "word " : " ", words[i], i % 8 == 7 || i + 1 == count ? "\n" : "");
}

/* What follows the instructions: zeros that fill up, or anything. */
static void put_rest(struct lp_text *out, const uint32_t *words, size_t count)
{
    bool is_padding = count <= LP_EC_MOST_PADDING;
    for (size_t i = 0; i < count; i++)
        is_padding = is_padding && words[i] == 0;
    if (count == 0)
        return;
    if (is_padding) {
        lp_text_printf(out, "padding %zu\n", count);
        return;
    }
    lp_text_printf(out, "end\n");
    put_words(out, words, count);
}

lp_status lp_ec_disassemble(struct lp_diag *diag, const char *label, const uint32_t *words, size_t word_count,
                            struct lp_text *out)
{
    const uint32_t *program;
    uint32_t count, position = 0;
    lp_status status = lp_ec_program(diag, label, words, word_count, &program, &count);
    if (status != LP_OK)
        return status;
    size_t before = (size_t)(program - words) - 2;
    put_relocations(out, words, word_count);
    put_words(out, words, before);
    if (before > 0 || count == 0)
        lp_text_printf(out, "program\n");
    while (position < count && status == LP_OK) {
        struct lp_ec_instruction in;
        status = lp_ec_decode(diag, label, program, count, &position, &in);
        if (status == LP_OK)
            put_instruction(out, &in);
    }
    if (status == LP_OK)
        put_rest(out, program + count, word_count - before - 2 - count);
    return out->failed ? lp_no_memory(diag) : status;
}

/* ---- text to words ---- */

struct assembler {
    struct lp_diag *diag;
    const char *label;
    unsigned line;
    uint32_t *words;
    size_t count, capacity;
    size_t padding;
    size_t program; /* index of its first instruction word; 0: not begun */
    bool has_ended;
};

enum { MOST_TOKEN = 100 };

static lp_status refuse(struct assembler *a, const char *what, const char *token)
{
    return lp_error(a->diag, LP_BAD_INPUT, "%s: line %u: %s \"%s\"", a->label, a->line, what, token);
}

/* The next word of the line into `token`; false at its end or at a comment. */
static bool next_token(const char **at, const char *end, char token[MOST_TOKEN])
{
    while (*at < end && isspace((unsigned char)**at))
        (*at)++;
    size_t length = 0;
    while (*at < end && !isspace((unsigned char)**at) && **at != ';' && length + 1 < MOST_TOKEN)
        token[length++] = *(*at)++;
    token[length] = '\0';
    return length > 0;
}

static lp_status read_number(struct assembler *a, const char *token, uint32_t most, uint32_t *out)
{
    char *rest;
    errno = 0;
    unsigned long long value = strtoull(token, &rest, 0);
    if (!isdigit((unsigned char)token[0]) || *rest != '\0' || errno != 0 || value > most)
        return refuse(a, "not a number that fits here:", token);
    *out = (uint32_t)value;
    return LP_OK;
}

static bool find_page(const char *name, uint32_t *page)
{
    for (*page = 0; *page < LP_EC_NAMED_PAGES; (*page)++)
        if (strcmp(name, lp_ec_pages[*page].name) == 0)
            return true;
    char *rest;
    if (strncmp(name, "PAGE", 4) != 0 || !isdigit((unsigned char)name[4]))
        return false;
    unsigned long number = strtoul(name + 4, &rest, 10);
    *page = (uint32_t)number;
    return *rest == '\0' && number >= LP_EC_NAMED_PAGES && number < LP_EC_PAGES;
}

/* "[9:4]" behind a register's name. */
static bool read_range(char *text, struct lp_ec_instruction *in)
{
    char *rest;
    unsigned long msb = strtoul(text + 1, &rest, 10);
    if (*rest != ':')
        return false;
    unsigned long lsb = strtoul(rest + 1, &rest, 10);
    in->msb = (uint32_t)msb;
    in->lsb = (uint32_t)lsb;
    *text = '\0';
    return strcmp(rest, "]") == 0 && msb < 32 && lsb <= msb;
}

static bool find_register(const char *name, const char *field, struct lp_ec_instruction *in)
{
    if (name[0] == '+') {
        char *rest;
        unsigned long offset = strtoul(name + 1, &rest, 16);
        in->reg = (uint32_t)offset / 4;
        return *rest == '\0' && offset % 4 == 0 && offset < 4096 && field == NULL;
    }
    if (in->page >= LP_EC_NAMED_PAGES)
        return false;
    const struct lp_ec_page *page = &lp_ec_pages[in->page];
    for (size_t i = 0; i < page->register_count; i++) {
        const struct lp_ec_register *reg = &page->registers[i];
        if (strcmp(name, reg->name) != 0)
            continue;
        in->reg = reg->offset / 4;
        if (field == NULL)
            return true;
        for (const struct lp_ec_field *f = reg->fields; f != NULL && f->name != NULL; f++)
            if (strcmp(field, f->name) == 0) {
                in->lsb = f->lsb;
                in->msb = f->msb;
                return true;
            }
    }
    return false;
}

static lp_status read_place(struct assembler *a, char token[MOST_TOKEN], struct lp_ec_instruction *in)
{
    char copy[MOST_TOKEN];
    memcpy(copy, token, MOST_TOKEN);
    in->lsb = 0;
    in->msb = 31;
    char *range = strchr(copy, '['), *name = strchr(copy, '.');
    if (name == NULL)
        return refuse(a, "not a register:", token);
    *name++ = '\0';
    if (!find_page(copy, &in->page))
        return refuse(a, "not a unit:", copy);
    if (range != NULL && !read_range(range, in))
        return refuse(a, "not a range of bits in", token);
    char *field = strchr(name, '.');
    if (field != NULL)
        *field++ = '\0';
    if (!find_register(name, field, in) || (field != NULL && range != NULL))
        return refuse(a, "not a register or field of that unit:", token);
    return LP_OK;
}

static lp_status add_word(struct assembler *a, uint32_t word)
{
    if (a->count == a->capacity)
        return refuse(a, "more words than the text can hold, at", "");
    a->words[a->count++] = word;
    return LP_OK;
}

static lp_status assemble_access(struct assembler *a, enum lp_ec_opcode opcode, const char *at, const char *end)
{
    char token[MOST_TOKEN];
    struct lp_ec_instruction in = {.opcode = opcode};
    if (!next_token(&at, end, token))
        return refuse(a, "a register is missing", "");
    lp_status status = read_place(a, token, &in);
    if (status != LP_OK)
        return status;
    size_t start = a->count;
    uint32_t head = opcode | in.lsb << 5 | in.msb << 10 | in.reg << 16 | in.page << 26, value = 0;
    status = add_word(a, head);
    while (status == LP_OK && next_token(&at, end, token)) {
        bool is_word_timeout = opcode == LP_EC_POLL && strcmp(token, "timeout") == 0;
        if (is_word_timeout)
            continue;
        status = read_number(a, token, UINT32_MAX, &value);
        if (status == LP_OK)
            status = add_word(a, value);
    }
    size_t values = a->count - start - 1;
    if (status != LP_OK)
        return status;
    bool is_burst = opcode == LP_EC_FEED || opcode == LP_EC_FILL;
    size_t expected = opcode == LP_EC_POLL ? 2 : 1;
    if (is_burst ? values < 1 || values > 2047 || in.msb - in.lsb != 31 : values != expected)
        return refuse(a, "wrong number of values behind", token);
    if (is_burst)
        a->words[start] = opcode | (uint32_t)values << 5 | in.reg << 16 | in.page << 26;
    if (opcode == LP_EC_POLL) { /* the text says value, then time-out; the words have them the other way round */
        uint32_t poll_value = a->words[start + 1];
        a->words[start + 1] = a->words[start + 2];
        a->words[start + 2] = poll_value;
    }
    if (opcode == LP_EC_SET) {
        if (in.reg > 31 || in.msb - in.lsb > 7 || value >> (in.msb - in.lsb + 1) != 0)
            return refuse(a, "a short write reaches registers below 0x80, fields and values of up to 8 bits:", token);
        a->words[start] = opcode | in.lsb << 5 | (in.msb - in.lsb) << 10 | value << 13 | in.reg << 21 | in.page << 26;
        a->words[--a->count] = 0; /* the value stands in the instruction; padding may follow */
    }
    return LP_OK;
}

/* The words before the first instruction: they are filled in when the number of instructions is known. */
static lp_status begin_program(struct assembler *a)
{
    lp_status status = add_word(a, LP_EC_MAGIC);
    if (status == LP_OK)
        status = add_word(a, 0);
    a->program = a->count;
    return status;
}

static lp_status end_program(struct assembler *a)
{
    a->words[a->program - 1] = (uint32_t)(a->count - a->program);
    a->has_ended = true;
    return LP_OK;
}

/* `program`, `end` and `word`: what is no instruction. *done: the line was one of these. */
static lp_status assemble_frame(struct assembler *a, const char *verb, const char *at, const char *end, bool *done)
{
    char token[MOST_TOKEN];
    uint32_t value = 0;
    bool inside = a->program != 0 && !a->has_ended;
    bool is_word = strcmp(verb, "word") == 0, is_program = strcmp(verb, "program") == 0, is_end = strcmp(verb, "end") == 0;
    *done = is_word || is_program || is_end;
    if (is_program)
        return a->program != 0 ? refuse(a, "a second", verb) : begin_program(a);
    if (is_end)
        return inside ? end_program(a) : refuse(a, "no program is open:", verb);
    if (is_word && inside)
        return refuse(a, "raw words stand before \"program\" or behind \"end\":", verb);
    lp_status status = LP_OK;
    while (is_word && status == LP_OK && next_token(&at, end, token)) {
        status = read_number(a, token, UINT32_MAX, &value);
        if (status == LP_OK)
            status = add_word(a, value);
    }
    if (!*done && a->has_ended)
        return refuse(a, "only raw words may follow \"end\":", verb);
    return !*done && a->program == 0 ? begin_program(a) : status;
}

static lp_status assemble_line(struct assembler *a, const char *at, const char *end)
{
    static const struct {
        const char *name;
        enum lp_ec_opcode opcode;
    } accesses[] = {{"write", LP_EC_WRITE}, {"set", LP_EC_SET}, {"feed", LP_EC_FEED}, {"fill", LP_EC_FILL}, {"poll", LP_EC_POLL}};
    char verb[MOST_TOKEN], token[MOST_TOKEN];
    uint32_t number = 0;
    bool done = false;
    if (!next_token(&at, end, verb))
        return LP_OK;
    lp_status status = assemble_frame(a, verb, at, end, &done);
    if (done || status != LP_OK)
        return status;
    for (size_t i = 0; i < LP_COUNT(accesses); i++)
        if (strcmp(verb, accesses[i].name) == 0)
            return assemble_access(a, accesses[i].opcode, at, end);
    bool is_irq = strcmp(verb, "irq") == 0, is_padding = strcmp(verb, "padding") == 0;
    if (!is_irq && !is_padding && strcmp(verb, "label") != 0)
        return refuse(a, "not an instruction:", verb);
    if (!next_token(&at, end, token))
        return refuse(a, "a number is missing behind", verb);
    status = read_number(a, token, (1u << 27) - 1, &number);
    if (status != LP_OK || !is_padding)
        return status == LP_OK ? add_word(a, (uint32_t)(is_irq ? LP_EC_IRQ : LP_EC_LABEL) | number << 5) : status;
    a->padding = number;
    return number > LP_EC_MOST_PADDING ? refuse(a, "padding is up to 63 words, not", token) : LP_OK;
}

lp_status lp_ec_assemble(struct lp_arena *arena, struct lp_diag *diag, const char *label, const char *text, size_t length,
                         const uint32_t **words, size_t *word_count)
{
    /* No instruction or value takes fewer than two characters; magic and count come on top. */
    struct assembler a = {.diag = diag, .label = label, .capacity = length / 2 + 4};
    a.words = LP_NEW_ARRAY(arena, a.capacity + LP_EC_MOST_PADDING + 1, uint32_t);
    if (a.words == NULL)
        return lp_no_memory(diag);
    lp_status status = LP_OK;
    for (const char *at = text, *end = text + length; at < end && status == LP_OK;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL)
            stop = end;
        a.line++;
        status = assemble_line(&a, at, stop);
        at = stop < end ? stop + 1 : end;
    }
    if (status == LP_OK && a.program == 0)
        status = begin_program(&a);
    if (status == LP_OK && !a.has_ended)
        status = end_program(&a);
    *words = a.words;
    *word_count = a.count + a.padding;
    return status;
}
