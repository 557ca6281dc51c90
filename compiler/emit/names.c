#include "compiler/emit/parts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *const keywords[] = {
    "auto",   "break",  "case",     "char",   "const",    "continue", "default", "do",       "double", "else",  "enum",
    "extern", "float",  "for",      "goto",   "if",       "inline",   "int",     "long",     "main",   "register",
    "restrict", "return", "short",  "signed", "sizeof",   "static",   "struct",  "switch",   "typedef", "union", "unsigned",
    "void",   "volatile", "while",
};

lp_status lp_emit_name(struct lp_arena *arena, struct lp_diag *diag, const char *text, const char **out)
{
    size_t length = strlen(text);
    bool has_letter = false;
    for (size_t i = 0; i < length; i++)
        has_letter = has_letter || isalnum((unsigned char)text[i]);
    if (!has_letter || length > 64)
        return lp_error(diag, LP_BAD_ARGUMENT, "the name '%.70s' can't become a C name: give --name NAME with 1 to 64 letters, digits or underscores", text);
    bool prefix = !isalpha((unsigned char)text[0]);
    for (size_t i = 0; i < LP_COUNT(keywords); i++)
        prefix = prefix || strcmp(text, keywords[i]) == 0;
    /* The runtime's own names start with lp_. */
    prefix = prefix || strncmp(text, "lp_", 3) == 0;
    char *name = lp_arena_printf(arena, "%s%s", prefix ? "net_" : "", text);
    if (name == NULL)
        return lp_no_memory(diag);
    for (char *c = name; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c))
            *c = '_';
    *out = name;
    return LP_OK;
}

const char *lp_emit_comment(struct lp_arena *arena, const char *text)
{
    char *copy = lp_arena_text(arena, text, strlen(text) < 200 ? strlen(text) : 200);
    for (char *c = copy; c != NULL && *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && strchr("_.:;,+- /()[]=", *c) == NULL)
            *c = '?';
    /* "/" after "*" can't come, but "/" before "*" and a nested "/" "*" neither: the star is not in the list above. */
    return copy == NULL ? "" : copy;
}

const char *lp_emit_upper(struct lp_arena *arena, const char *name)
{
    char *copy = lp_arena_text(arena, name, strlen(name));
    for (char *c = copy; c != NULL && *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    return copy == NULL ? "" : copy;
}

const char *lp_emit_c_type(enum lp_element element)
{
    static const char *const names[] = {
        [LP_ELEMENT_INT8] = "int8_t",   [LP_ELEMENT_UINT8] = "uint8_t", [LP_ELEMENT_INT16] = "int16_t", [LP_ELEMENT_INT32] = "int32_t",
        [LP_ELEMENT_INT64] = "int64_t", [LP_ELEMENT_FLOAT32] = "float", [LP_ELEMENT_BOOL] = "uint8_t",
    };
    return names[element];
}

void lp_emit_float(struct lp_text *out, float value)
{
    char digits[40];
    snprintf(digits, sizeof digits, "%.9g", (double)value);
    lp_text_printf(out, "%s%sf", digits, strpbrk(digits, ".en") == NULL ? ".0" : "");
}
