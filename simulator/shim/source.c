#define _GNU_SOURCE
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/file.h"
#include "simulator/shim/internal.h"

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* The next occurrence of `word` at or behind `at`, which lies in `text` of `length`. */
static const char *find(const char *text, size_t length, const char *at, const char *word)
{
    return memmem(at, (size_t)(text + length - at), word, strlen(word));
}

static const char *find_code(const struct lp_shim_source *s, const char *at, const char *word)
{
    return find(s->code, s->length, at, word);
}

static const char *skip(const char *at, const char *these)
{
    return at + strspn(at, these);
}

/* Behind the comment or the quoted text that begins at `at`. */
static size_t quoted_length(const char *at)
{
    size_t n = 1;
    if (at[0] == '/') {
        const char *end = at[1] == '*' ? strstr(at + 2, "*/") : strchr(at, '\n');
        return end == NULL ? strlen(at) : (size_t)(end - at) + (at[1] == '*' ? 2 : 0);
    }
    while (at[n] != at[0] && at[n] != '\n' && at[n] != '\0')
        n += at[n] == '\\' && at[n + 1] != '\0' ? 2 : 1;
    return n + (at[n] == at[0]);
}

/* Comments and quoted text become blanks. */
static void blank(char *text)
{
    while (*text != '\0') {
        bool is_quoted = *text == '"' || *text == '\'' || (text[0] == '/' && (text[1] == '*' || text[1] == '/'));
        size_t length = is_quoted ? quoted_length(text) : 1;
        for (size_t i = 0; is_quoted && i < length; i++)
            text[i] = text[i] == '\n' ? '\n' : ' ';
        text += length;
    }
}

/* "LL_ATON_VERSION_MINOR != 1": the number that the file compares with. */
static int compared_with(const struct lp_shim_source *s, const char *macro)
{
    for (const char *at = find_code(s, s->code, macro); at != NULL; at = find_code(s, at + 1, macro)) {
        const char *c = skip(at + strlen(macro), " \t)");
        if ((c[0] != '!' && c[0] != '=') || c[1] != '=')
            continue;
        c = skip(c + 2, " \t(");
        if (isdigit((unsigned char)*c))
            return (int)strtol(c, NULL, 10);
    }
    return -1;
}

static lp_status read_name(struct lp_arena *arena, struct lp_diag *diag, const char *path, struct lp_shim_source *s)
{
    static const char prefix[] = "LL_ATON_EpochBlockItems_";
    for (const char *at = find_code(s, s->code, prefix); at != NULL; at = find_code(s, at, prefix)) {
        size_t length = 0;
        at += sizeof prefix - 1;
        while (is_name(at[length]))
            length++;
        const char *name = lp_arena_text(arena, at, length);
        if (name == NULL)
            return lp_no_memory(diag);
        if (s->network != NULL && strcmp(name, s->network) != 0)
            return lp_error(diag, LP_BAD_INPUT, "%s: it names the networks %s and %s; allowed is one a file", path, s->network,
                            name);
        s->network = name;
    }
    if (s->network == NULL || s->network[0] == '\0')
        return lp_error(diag, LP_BAD_INPUT, "%s: it defines no LL_ATON_EpochBlockItems_<network>: not a generated network", path);
    return LP_OK;
}

/* Whether functions of blocks, or their prototypes, name the type of an instance among their parameters. */
static bool blocks_take_instance(const struct lp_shim_source *s)
{
    static const char part[] = "_EpochBlock_";
    for (const char *at = find_code(s, s->code, part); at != NULL; at = find_code(s, at, part)) {
        at += sizeof part - 1;
        while (is_name(*at))
            at++;
        const char *open = skip(at, " \t\r\n"), *close = *open == '(' ? strchr(open, ')') : NULL;
        const char *type = close == NULL ? NULL : find_code(s, open, "NN_Instance_TypeDef");
        if (type != NULL && type < close)
            return true;
    }
    return false;
}

static bool defines(const struct lp_shim_source *s, const char *macro)
{
    for (const char *at = find_code(s, s->code, "define"); at != NULL; at = find_code(s, at, "define")) {
        at += strlen("define");
        const char *name = skip(at, " \t");
        if (name > at && strncmp(name, macro, strlen(macro)) == 0 && !is_name(name[strlen(macro)]))
            return true;
    }
    return false;
}

lp_status lp_shim_read_source(struct lp_arena *arena, struct lp_diag *diag, const char *path, struct lp_shim_source *out)
{
    static const char *const macros[4] = {"LL_ATON_VERSION_MAJOR", "LL_ATON_VERSION_MINOR", "LL_ATON_VERSION_MICRO",
                                          "LL_ATON_VERSION_DEV"};
    const uint8_t *bytes;
    size_t size = 0;
    lp_status status = lp_file_read(arena, diag, path, 1 << 28, &bytes, &size);
    if (status != LP_OK)
        return status;
    char *code = lp_arena_text(arena, (const char *)bytes, size);
    *out = (struct lp_shim_source){.text = lp_arena_text(arena, (const char *)bytes, size), .code = code, .length = size};
    if (out->text == NULL || code == NULL)
        return lp_no_memory(diag);
    blank(code);
    status = read_name(arena, diag, path, out);
    for (int i = 0; i < 4; i++)
        out->version[i] = compared_with(out, macros[i]);
    out->has_debug_members = defines(out, "LL_ATON_EB_DBG_INFO");
    out->blocks_take_instance = blocks_take_instance(out);
    return status;
}

/* "KEY=VALUE" in a line of the text, with `value` as the whole of VALUE. */
static bool says(const char *line, size_t length, const char *key, const char *value)
{
    const char *at = find(line, length, line, key);
    size_t rest = at == NULL ? 0 : (size_t)(line + length - at) - strlen(key), wanted = strlen(value);
    return at != NULL && rest >= wanted && memcmp(at + strlen(key), value, wanted) == 0 &&
           (rest == wanted || !is_name(at[strlen(key) + wanted]));
}

bool lp_shim_pool_comment(const struct lp_shim_source *s, const char *pool, uint32_t *offset)
{
    static const char key[] = "offset=0x";
    for (const char *at = find(s->text, s->length, s->text, key); at != NULL; at = find(s->text, s->length, at + 1, key)) {
        const char *line = at, *end = at + strcspn(at, "\n");
        while (line > s->text && line[-1] != '\n')
            line--;
        if (!says(line, (size_t)(end - line), "name=", pool) && !says(line, (size_t)(end - line), "postfix=", pool))
            continue;
        *offset = (uint32_t)strtoul(at + sizeof key - 1, NULL, 16);
        return true;
    }
    return false;
}

uint32_t lp_shim_smallest_constant(const struct lp_shim_source *s, uint32_t low, uint32_t high)
{
    uint32_t smallest = 0;
    for (const char *at = find_code(s, s->code, "0x"); at != NULL; at = find_code(s, at + 2, "0x")) {
        if (at > s->code && is_name(at[-1]))
            continue;
        unsigned long long value = strtoull(at, NULL, 16);
        if (value >= low && value < high && (smallest == 0 || value < smallest))
            smallest = (uint32_t)value;
    }
    return smallest;
}
