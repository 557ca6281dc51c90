#include "neural-art/ec.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint32_t bits(uint32_t word, uint32_t lsb, uint32_t msb)
{
    uint32_t width = msb - lsb + 1;
    return word >> lsb & (width == 32 ? UINT32_MAX : (1u << width) - 1);
}

static lp_status wrong(struct lp_diag *diag, const char *label, uint32_t word, uint32_t position, const char *what)
{
    return lp_error(diag, LP_BAD_INPUT, "%s: instruction word 0x%08x at word %u: %s", label, word, position, what);
}

/* How many words follow an instruction, and whether bits are set that mean nothing. */
static bool take_apart(uint32_t word, struct lp_ec_instruction *in, uint32_t *following)
{
    *in = (struct lp_ec_instruction){.opcode = (enum lp_ec_opcode)bits(word, 0, 4),
                                     .page = bits(word, 26, 31),
                                     .reg = bits(word, 16, 25),
                                     .lsb = bits(word, 5, 9),
                                     .msb = bits(word, 10, 14)};
    *following = 0;
    switch (in->opcode) {
    case LP_EC_WRITE: *following = 1; return bits(word, 15, 15) == 0 && in->msb >= in->lsb;
    case LP_EC_SET:
        in->reg = bits(word, 21, 25);
        in->value = bits(word, 13, 20);
        in->msb = in->lsb + bits(word, 10, 12);
        return in->msb < 32 && in->value >> (in->msb - in->lsb + 1) == 0;
    case LP_EC_FEED:
    case LP_EC_FILL:
        *following = bits(word, 5, 15);
        in->lsb = 0;
        in->msb = 31;
        return *following > 0;
    case LP_EC_POLL: *following = 2; return bits(word, 15, 15) == 0 && in->msb >= in->lsb;
    case LP_EC_IRQ:
    case LP_EC_LABEL: *in = (struct lp_ec_instruction){.opcode = in->opcode, .value = bits(word, 5, 31)}; return true;
    default: return false;
    }
}

static bool is_known(uint32_t word)
{
    static const uint32_t known[] = {LP_EC_WRITE, LP_EC_SET, LP_EC_FEED, LP_EC_FILL, LP_EC_POLL, LP_EC_IRQ, LP_EC_LABEL};
    for (size_t i = 0; i < LP_COUNT(known); i++)
        if (bits(word, 0, 4) == known[i])
            return true;
    return false;
}

lp_status lp_ec_decode(struct lp_diag *diag, const char *label, const uint32_t *words, uint32_t count, uint32_t *position,
                       struct lp_ec_instruction *out)
{
    uint32_t at = *position, following, word = words[at];
    if (!is_known(word))
        return wrong(diag, label, word, at, "the opcode is unknown; known are 0 to 4, 12 and 29");
    if (!take_apart(word, out, &following))
        return wrong(diag, label, word, at, "bits are set that have no meaning, or the field is empty");
    if (following > count - at - 1)
        return wrong(diag, label, word, at, "the program ends within the instruction");
    if (out->opcode == LP_EC_POLL) {
        out->timeout = words[at + 1];
        out->value = words[at + 2];
    } else if (following > 0) {
        out->words = words + at + 1;
        out->word_count = following;
    }
    *position = at + 1 + following;
    return LP_OK;
}

/* Word index of the program in a relocatable file; 0 when the file is none. */
static lp_status program_offset(struct lp_diag *diag, const char *label, const uint32_t *words, size_t count, size_t *offset)
{
    *offset = 0;
    if (count < 5 || (words[0] & 0xffff0000u) != LP_EC_FILE_MAGIC)
        return LP_OK;
    uint32_t version = words[0] & 0xffff;
    if (version != 0x20 && version != 0x30 && version != 0x50)
        return lp_error(diag, LP_UNSUPPORTED, "%s: relocatable file of version 0x%x; known are 0x20, 0x30 and 0x50", label,
                        version);
    uint32_t bytes = version == 0x20 ? words[3] : words[4];
    if (bytes % 4 != 0 || bytes / 4 + 2 > count)
        return lp_error(diag, LP_BAD_INPUT, "%s: the program is said to begin at byte %u of %zu", label, bytes, count * 4);
    *offset = bytes / 4;
    return LP_OK;
}

lp_status lp_ec_program(struct lp_diag *diag, const char *label, const uint32_t *words, size_t word_count,
                        const uint32_t **program, uint32_t *instruction_words)
{
    size_t offset;
    lp_status status = program_offset(diag, label, words, word_count, &offset);
    if (status != LP_OK)
        return status;
    if (word_count < offset + 2 || words[offset] != LP_EC_MAGIC)
        return lp_error(diag, LP_BAD_INPUT, "%s: it does not begin with 0x%08x: not a program of the epoch controller", label,
                        LP_EC_MAGIC);
    if (words[offset + 1] > word_count - offset - 2)
        return lp_error(diag, LP_BAD_INPUT, "%s: %u instruction words are announced, %zu are there", label, words[offset + 1],
                        word_count - offset - 2);
    *program = words + offset + 2;
    *instruction_words = words[offset + 1];
    return LP_OK;
}

/* ---- C headers of blobs ---- */

static const char *skip(const char *at, const char *end, int (*is_kind)(int))
{
    while (at < end && is_kind((unsigned char)*at))
        at++;
    return at;
}

static int is_name(int c)
{
    return isalnum(c) || c == '_';
}

/* The numbers between braces, two words each. */
static lp_status read_numbers(struct lp_arena *arena, struct lp_diag *diag, const char *label, const char *at, const char *end,
                              struct lp_ec_blob *blob)
{
    size_t numbers = 1;
    for (const char *c = at; c < end; c++)
        numbers += *c == ',';
    uint32_t *words = LP_NEW_ARRAY(arena, numbers * 2, uint32_t);
    if (words == NULL)
        return lp_no_memory(diag);
    blob->words = words;
    for (;;) {
        at = skip(at, end, isspace);
        if (at == end)
            return LP_OK;
        char digits[32] = {0};
        size_t length = (size_t)(skip(at, end, is_name) - at);
        if (length == 0 || length >= sizeof digits || blob->word_count + 2 > numbers * 2)
            return lp_error(diag, LP_BAD_INPUT, "%s: array %s: something that is no number stands at entry %zu", label,
                            blob->name, blob->word_count / 2);
        memcpy(digits, at, length);
        char *rest;
        errno = 0;
        unsigned long long value = strtoull(digits, &rest, 0);
        if (errno != 0 || rest == digits || strspn(rest, "uUlL") != strlen(rest))
            return lp_error(diag, LP_BAD_INPUT, "%s: array %s: \"%s\" is no number", label, blob->name, digits);
        words[blob->word_count++] = (uint32_t)value;
        words[blob->word_count++] = (uint32_t)(value >> 32);
        at = skip(at + length, end, isspace);
        if (at < end && *at == ',')
            at++;
    }
}

/* From behind "uint64_t": attributes or nothing, name, [], attributes or nothing, =, {...}. False: not an initialized array. */
static bool find_array(const char *at, const char *end, const char **name, size_t *name_length, const char **first,
                       const char **last)
{
    const char *open = memchr(at, '{', (size_t)(end - at)), *bracket = memchr(at, '[', (size_t)(end - at));
    if (open == NULL || bracket == NULL || bracket > open || memchr(at, ';', (size_t)(open - at)) != NULL ||
        memchr(bracket, '=', (size_t)(open - bracket)) == NULL)
        return false;
    const char *stop = bracket;
    while (stop > at && isspace((unsigned char)stop[-1]))
        stop--;
    *name = stop;
    while (*name > at && is_name((unsigned char)(*name)[-1]))
        (*name)--;
    *name_length = (size_t)(stop - *name);
    *first = open + 1;
    *last = memchr(open, '}', (size_t)(end - open));
    return *name_length > 0 && *last != NULL;
}

/* A copy with spaces where comments stood. */
static char *without_comments(struct lp_arena *arena, const char *text, size_t length)
{
    char *copy = lp_arena_text(arena, text, length);
    for (size_t i = 0; copy != NULL && i + 1 < length; i++) {
        bool is_line = copy[i] == '/' && copy[i + 1] == '/';
        if (!is_line && (copy[i] != '/' || copy[i + 1] != '*'))
            continue;
        size_t stop = i + 2;
        while (stop < length && (is_line ? copy[stop] != '\n' : copy[stop] != '/' || copy[stop - 1] != '*' || stop < i + 3))
            stop++;
        size_t behind = stop < length && !is_line ? stop + 1 : stop;
        memset(copy + i, ' ', behind - i);
        i = behind - 1;
    }
    return copy;
}

lp_status lp_ec_read_header(struct lp_arena *arena, struct lp_diag *diag, const char *label, const char *text, size_t length,
                            struct lp_ec_blob **blobs, size_t *blob_count)
{
    static const char type[] = "uint64_t";
    const size_t type_length = sizeof type - 1;
    const char *name, *first, *last;
    size_t arrays = 0, name_length;
    text = without_comments(arena, text, length);
    if (text == NULL)
        return lp_no_memory(diag);
    const char *end = text + length;
    for (const char *at = text; (size_t)(end - at) > type_length; at++)
        arrays += memcmp(at, type, type_length) == 0;
    *blobs = LP_NEW_ARRAY(arena, arrays, struct lp_ec_blob);
    *blob_count = 0;
    if (*blobs == NULL)
        return lp_no_memory(diag);
    for (const char *at = text; (size_t)(end - at) > type_length; at++) {
        if (memcmp(at, type, type_length) != 0 || !find_array(at + type_length, end, &name, &name_length, &first, &last))
            continue;
        struct lp_ec_blob *blob = &(*blobs)[(*blob_count)++];
        blob->name = lp_arena_text(arena, name, name_length);
        lp_status status = blob->name == NULL ? lp_no_memory(diag) : read_numbers(arena, diag, label, first, last, blob);
        if (status != LP_OK)
            return status;
        at = last;
    }
    if (*blob_count == 0)
        return lp_error(diag, LP_BAD_INPUT, "%s: it holds no array of uint64_t", label);
    return LP_OK;
}
