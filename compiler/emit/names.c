#define _POSIX_C_SOURCE 200809L
#include "compiler/emit/parts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* NAME.h must not hide a header of the C library or of the compiler from those who include that one, since the folder is on
 * the include path; main.c is the user's. Compared without case, as some file systems do. */
enum { LONGEST_NAME = 64 };
_Static_assert(LP_NAME_BYTES > LONGEST_NAME + 2 * sizeof "_net", "a name with all that is put around it");

static const char *const taken[] = {
    "alloca",   "arm_acle", "arm_mve", "arm_neon", "assert", "complex",     "ctype",    "endian",  "errno",
    "features", "fenv",     "float",   "inttypes", "iso646", "limits",      "locale",   "main",    "malloc",
    "math",     "memory",   "newlib",  "reent",    "setjmp", "signal",      "stdalign", "stdarg",  "stdatomic",
    "stdbool",  "stddef",   "stdint",  "stdio",    "stdlib", "stdnoreturn", "string",   "strings", "syslimits",
    "tgmath",   "threads",  "time",    "uchar",    "unistd", "wchar",       "wctype",
};

static bool is_taken(const char *name)
{
    for (size_t i = 0; i < LP_COUNT(taken); i++)
        if (strcasecmp(name, taken[i]) == 0)
            return true;
    return false;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    return length >= strlen(end) && strcasecmp(text + length - strlen(end), end) == 0;
}

lp_status lp_emit_name(struct lp_arena *arena, struct lp_diag *diag, const char *text, const char **out)
{
    size_t length = strlen(text);
    bool has_letter = false;
    for (size_t i = 0; i < length; i++)
        has_letter = has_letter || isalnum((unsigned char)text[i]);
    if (!has_letter || length > LONGEST_NAME)
        return lp_error(diag, LP_BAD_ARGUMENT,
                        "the name '%.70s' can't become a C name: give --name NAME with 1 to 64 letters, digits or underscores",
                        text);
    /* The runtime's own names start with lp_. */
    bool prefix = !isalpha((unsigned char)text[0]) || is_taken(text) || strcasecmp(text, "lp") == 0 ||
                  strncasecmp(text, "lp_", 3) == 0;
    /* The files of a network x in the same folder are called so. */
    bool suffix = ends_with(text, "_weights") || ends_with(text, "_example");
    char *name = lp_arena_printf(arena, "%s%s%s", prefix ? "net_" : "", text, suffix ? "_net" : "");
    if (name == NULL)
        return lp_no_memory(diag);
    for (char *c = name; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c))
            *c = '_';
    *out = name;
    return LP_OK;
}

const char *lp_emit_comment(const char *text, char *buffer)
{
    size_t length = strlen(text) < LP_COMMENT_BYTES ? strlen(text) : LP_COMMENT_BYTES - 1;
    /* Neither stars, which could end a comment, nor question marks, of which two start a trigraph. */
    for (size_t i = 0; i < length; i++)
        buffer[i] = isalnum((unsigned char)text[i]) || strchr("_.:;,+- /()[]=", text[i]) != NULL ? text[i] : '_';
    buffer[length] = '\0';
    return buffer;
}

const char *lp_emit_upper(const char *name, char *buffer)
{
    size_t length = strlen(name) < LP_NAME_BYTES ? strlen(name) : LP_NAME_BYTES - 1;
    for (size_t i = 0; i < length; i++)
        buffer[i] = (char)toupper((unsigned char)name[i]);
    buffer[length] = '\0';
    return buffer;
}

const char *lp_emit_c_type(enum lp_element element)
{
    static const char *const names[] = {
        [LP_ELEMENT_INT8] = "int8_t",   [LP_ELEMENT_UINT8] = "uint8_t", [LP_ELEMENT_INT16] = "int16_t",
        [LP_ELEMENT_INT32] = "int32_t", [LP_ELEMENT_INT64] = "int64_t", [LP_ELEMENT_FLOAT32] = "float",
        [LP_ELEMENT_BOOL] = "uint8_t",
    };
    return names[element];
}

void lp_emit_float(struct lp_text *out, float value)
{
    char digits[40];
    snprintf(digits, sizeof digits, "%.9g", (double)value);
    lp_text_printf(out, "%s%sf", digits, strpbrk(digits, ".en") == NULL ? ".0" : "");
}
