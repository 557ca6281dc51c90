#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/file.h"
#include "simulator/shim/internal.h"

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* The next occurrence of `word` at or behind `at`. */
static const char *find(const struct lp_shim_source *s, const char *at, const char *word)
{
    size_t length = strlen(word);
    for (; (size_t)(s->text + s->length - at) >= length; at++)
        if (memcmp(at, word, length) == 0)
            return at;
    return NULL;
}

/* "LL_ATON_VERSION_MINOR != 1": the number that the file compares with. */
static int compared_with(const struct lp_shim_source *s, const char *macro)
{
    for (const char *at = find(s, s->text, macro); at != NULL; at = find(s, at + 1, macro)) {
        const char *c = at + strlen(macro);
        while (*c == ' ' || *c == '\t' || *c == ')')
            c++;
        if ((c[0] != '!' && c[0] != '=') || c[1] != '=')
            continue;
        c += 2;
        while (*c == ' ' || *c == '\t' || *c == '(')
            c++;
        if (isdigit((unsigned char)*c))
            return atoi(c);
    }
    return -1;
}

static const char *network_name(struct lp_arena *arena, const struct lp_shim_source *s)
{
    static const char prefix[] = "LL_ATON_EpochBlockItems_";
    const char *at = find(s, s->text, prefix);
    if (at == NULL)
        return NULL;
    at += sizeof prefix - 1;
    size_t length = 0;
    while (is_name(at[length]))
        length++;
    return length == 0 ? NULL : lp_arena_text(arena, at, length);
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
    *out = (struct lp_shim_source){.text = lp_arena_text(arena, (const char *)bytes, size), .length = size};
    if (out->text == NULL)
        return lp_no_memory(diag);
    out->network = network_name(arena, out);
    if (out->network == NULL)
        return lp_error(diag, LP_BAD_INPUT, "%s: it defines no LL_ATON_EpochBlockItems_<network>: not a generated network", path);
    for (int i = 0; i < 4; i++)
        out->version[i] = compared_with(out, macros[i]);
    const char *start = find(out, out->text, "LL_ATON_Start_EpochBlock_");
    if (start == NULL)
        start = find(out, out->text, "LL_ATON_End_EpochBlock_");
    const char *close = start == NULL ? NULL : memchr(start, ')', (size_t)(out->text + size - start));
    const char *instance = start == NULL ? NULL : find(out, start, "NN_Instance_TypeDef");
    out->blocks_take_instance = close != NULL && instance != NULL && instance < close;
    return LP_OK;
}

uint32_t lp_shim_smallest_constant(const struct lp_shim_source *s, uint32_t low, uint32_t high)
{
    uint32_t smallest = 0;
    for (const char *at = find(s, s->text, "0x"); at != NULL; at = find(s, at + 2, "0x")) {
        if (at > s->text && is_name(at[-1]))
            continue;
        unsigned long long value = strtoull(at, NULL, 16);
        if (value >= low && value < high && (smallest == 0 || value < smallest))
            smallest = (uint32_t)value;
    }
    return smallest;
}
