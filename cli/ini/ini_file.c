#include "cli/ini/ini_file.h"

#include "compiler/base/file.h"

#include <errno.h>
#include <ini.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILE_BYTES = 1 << 20 };

/* The library gives no line numbers: it asks for one line at a time, so the lines are counted where it gets them. */
struct reading {
    struct lp_ini *ini;
    const char *next, *end;
    int line, heading_line;
    lp_status status;
};

static char *next_line(char *buffer, int room, void *stream)
{
    struct reading *r = stream;
    if (r->next == r->end || r->status != LP_OK)
        return NULL;
    const char *stop = memchr(r->next, '\n', (size_t)(r->end - r->next));
    size_t length = (size_t)((stop == NULL ? r->end : stop + 1) - r->next);
    r->line++;
    if (length >= (size_t)room) {
        r->status = lp_error(r->ini->diag, LP_BAD_INPUT, "%s:%d: the line has %zu characters; at most %d are allowed",
                             r->ini->path, r->line, length, room - 2);
        return NULL;
    }
    if (memchr(r->next, '\0', length) != NULL) {
        r->status = lp_error(r->ini->diag, LP_BAD_INPUT, "%s:%d: the line holds a zero byte: this is not a text file",
                             r->ini->path, r->line);
        return NULL;
    }
    memcpy(buffer, r->next, length);
    buffer[length] = '\0';
    if (buffer[strspn(buffer, " \t")] == '[')
        r->heading_line = r->line;
    r->next += length;
    return buffer;
}

static struct lp_ini_section *find_section(const struct lp_ini *ini, const char *name)
{
    for (uint32_t i = 0; i < ini->section_count; i++)
        if (strcmp(ini->sections[i].name, name) == 0)
            return &ini->sections[i];
    return NULL;
}

static struct lp_ini_key *find_key(const struct lp_ini_section *section, const char *name)
{
    for (uint32_t i = 0; i < section->key_count; i++)
        if (strcmp(section->keys[i].name, name) == 0)
            return &section->keys[i];
    return NULL;
}

static lp_status add_section(struct reading *r, const char *name, struct lp_ini_section **out)
{
    struct lp_ini *ini = r->ini;
    if (ini->section_count == LP_INI_MAX_SECTIONS)
        return lp_error(ini->diag, LP_BAD_INPUT, "%s:%d: more than %d sections", ini->path, r->line, LP_INI_MAX_SECTIONS);
    struct lp_ini_section *section = &ini->sections[ini->section_count];
    *section = (struct lp_ini_section){.line = r->heading_line, .asked_names = ""};
    section->name = lp_arena_text(ini->arena, name, strlen(name));
    section->keys = LP_NEW_ARRAY(ini->arena, LP_INI_MAX_KEYS, struct lp_ini_key);
    if (section->name == NULL || section->keys == NULL)
        return lp_no_memory(ini->diag);
    ini->section_count++;
    *out = section;
    return LP_OK;
}

static lp_status add_key(struct reading *r, const char *section_name, const char *name, const char *value)
{
    struct lp_ini *ini = r->ini;
    struct lp_ini_section *section = find_section(ini, section_name);
    lp_status status = section == NULL ? add_section(r, section_name, &section) : LP_OK;
    if (status != LP_OK)
        return status;
    const struct lp_ini_key *twin = find_key(section, name);
    if (twin != NULL)
        return lp_error(ini->diag, LP_BAD_INPUT, "%s:%d: %s = %s: the key already stands in line %d of [%s]", ini->path, r->line,
                        name, value, twin->line, section_name);
    if (section->key_count == LP_INI_MAX_KEYS)
        return lp_error(ini->diag, LP_BAD_INPUT, "%s:%d: more than %d keys in [%s]", ini->path, r->line, LP_INI_MAX_KEYS,
                        section_name);
    struct lp_ini_key *key = &section->keys[section->key_count++];
    key->name = lp_arena_text(ini->arena, name, strlen(name));
    key->value = lp_arena_text(ini->arena, value, strlen(value));
    key->line = r->line;
    return key->name == NULL || key->value == NULL ? lp_no_memory(ini->diag) : LP_OK;
}

static int on_key(void *user, const char *section, const char *name, const char *value)
{
    struct reading *r = user;
    if (r->status == LP_OK)
        r->status = add_key(r, section, name, value);
    return 1;
}

lp_status lp_ini_parse(struct lp_arena *arena, struct lp_diag *diag, const char *path, const char *text, size_t length,
                       struct lp_ini *ini)
{
    *ini = (struct lp_ini){.arena = arena, .diag = diag};
    ini->path = lp_arena_text(arena, path, strlen(path));
    ini->sections = LP_NEW_ARRAY(arena, LP_INI_MAX_SECTIONS, struct lp_ini_section);
    if (ini->path == NULL || ini->sections == NULL)
        return lp_no_memory(diag);
    struct reading r = {.ini = ini, .next = text, .end = text + length};
    /* A line that is indented is a key like any other, not the continuation of the one before. */
    bool multiline = ini_allow_multiline;
    ini_allow_multiline = false;
    int bad_line = ini_parse_stream(next_line, &r, on_key, &r);
    ini_allow_multiline = multiline;
    if (r.status == LP_OK && bad_line > 0)
        r.status = lp_error(diag, LP_BAD_INPUT, "%s:%d: the line is neither [section] nor key = value", path, bad_line);
    if (r.status == LP_OK && bad_line < 0)
        r.status = lp_no_memory(diag);
    return r.status;
}

lp_status lp_ini_read(struct lp_arena *arena, struct lp_diag *diag, const char *path, struct lp_ini *ini)
{
    const uint8_t *text = NULL;
    size_t length = 0;
    lp_status status = lp_file_read(arena, diag, path, MAX_FILE_BYTES, &text, &length);
    return status == LP_OK ? lp_ini_parse(arena, diag, path, (const char *)text, length, ini) : status;
}

struct lp_ini_section *lp_ini_section(struct lp_ini *ini, const char *name)
{
    struct lp_ini_section *section = find_section(ini, name);
    if (section != NULL)
        section->asked = true;
    return section;
}

lp_status lp_ini_need_section(struct lp_ini *ini, const char *name, const char *purpose, struct lp_ini_section **section)
{
    *section = lp_ini_section(ini, name);
    return *section != NULL ? LP_OK
                            : lp_error(ini->diag, LP_BAD_INPUT, "%s: the section [%s] is missing: %s", ini->path, name, purpose);
}

/* Whether "a, b, c" has this word. */
static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; at != NULL && *at != '\0';) {
        size_t here = strcspn(at, ",");
        if (here == length && strncmp(at, word, length) == 0)
            return true;
        at = at[here] == '\0' ? NULL : at + here + 2;
    }
    return false;
}

const struct lp_ini_key *lp_ini_key(struct lp_ini *ini, struct lp_ini_section *section, const char *name)
{
    if (section == NULL)
        return NULL;
    const char *before = section->asked_names;
    if (!has_word(before, name)) {
        const char *names = before[0] == '\0' ? name : lp_arena_printf(ini->arena, "%s, %s", before, name);
        section->asked_names = names == NULL ? before : names;
    }
    struct lp_ini_key *key = find_key(section, name);
    if (key != NULL)
        key->asked = true;
    return key;
}

lp_status lp_ini_bad_value(struct lp_ini *ini, const struct lp_ini_key *key, const char *allowed)
{
    return lp_error(ini->diag, LP_BAD_INPUT, "%s:%d: %s = %s: allowed is %s", ini->path, key->line, key->name, key->value,
                    allowed);
}

lp_status lp_ini_missing(struct lp_ini *ini, const struct lp_ini_section *section, const char *key, const char *purpose)
{
    return lp_error(ini->diag, LP_BAD_INPUT, "%s:%d: [%s] lacks the key '%s': %s", ini->path, section->line, section->name, key,
                    purpose);
}

lp_status lp_ini_text(struct lp_ini *ini, struct lp_ini_section *section, const char *name, const char **out)
{
    const struct lp_ini_key *key = lp_ini_key(ini, section, name);
    if (key == NULL)
        return LP_OK;
    if (key->value[0] == '\0')
        return lp_ini_bad_value(ini, key, "a text that is not empty");
    *out = key->value;
    return LP_OK;
}

lp_status lp_ini_whole(struct lp_ini *ini, struct lp_ini_section *section, const char *name, int64_t low, int64_t high,
                       int64_t *out)
{
    const struct lp_ini_key *key = lp_ini_key(ini, section, name);
    if (key == NULL)
        return LP_OK;
    char *end = NULL;
    errno = 0;
    long long number = strtoll(key->value, &end, 0);
    if (errno == 0 && end != key->value && *end == '\0' && number >= low && number <= high) {
        *out = number;
        return LP_OK;
    }
    char allowed[80];
    snprintf(allowed, sizeof allowed, "a whole number from %lld to %lld", (long long)low, (long long)high);
    return lp_ini_bad_value(ini, key, allowed);
}

lp_status lp_ini_real(struct lp_ini *ini, struct lp_ini_section *section, const char *name, double low, double high, double *out)
{
    const struct lp_ini_key *key = lp_ini_key(ini, section, name);
    if (key == NULL)
        return LP_OK;
    char *end = NULL;
    double number = strtod(key->value, &end);
    if (end != key->value && *end == '\0' && isfinite(number) && number >= low && number <= high) {
        *out = number;
        return LP_OK;
    }
    char allowed[80];
    snprintf(allowed, sizeof allowed, "a number from %g to %g", low, high);
    return lp_ini_bad_value(ini, key, allowed);
}

lp_status lp_ini_choice(struct lp_ini *ini, struct lp_ini_section *section, const char *name, const char *const *choices,
                        uint32_t choice_count, int *out)
{
    const struct lp_ini_key *key = lp_ini_key(ini, section, name);
    if (key == NULL)
        return LP_OK;
    for (uint32_t i = 0; i < choice_count; i++)
        if (strcmp(key->value, choices[i]) == 0) {
            *out = (int)i;
            return LP_OK;
        }
    struct lp_text allowed = {0};
    for (uint32_t i = 0; i < choice_count; i++)
        lp_text_printf(&allowed, "%s%s", i == 0 ? "" : i + 1 == choice_count ? " or " : ", ", choices[i]);
    lp_status status = lp_ini_bad_value(ini, key, lp_text_get(&allowed));
    lp_text_free(&allowed);
    return status;
}

lp_status lp_ini_check_all_asked(struct lp_ini *ini, const char *sections_allowed)
{
    lp_status status = LP_OK;
    for (uint32_t i = 0; i < ini->section_count; i++) {
        const struct lp_ini_section *section = &ini->sections[i];
        if (!section->asked) {
            status = lp_error(ini->diag, LP_BAD_INPUT, "%s:%d: unknown section [%s]: allowed are %s", ini->path, section->line,
                              section->name, sections_allowed);
            continue;
        }
        for (uint32_t k = 0; k < section->key_count; k++)
            if (!section->keys[k].asked)
                status = lp_error(ini->diag, LP_BAD_INPUT, "%s:%d: %s = %s: unknown key in [%s]: allowed are %s", ini->path,
                                  section->keys[k].line, section->keys[k].name, section->keys[k].value, section->name,
                                  section->asked_names);
    }
    return status;
}

const char *lp_ini_path(const struct lp_ini *ini, const char *path)
{
    const char *slash = strrchr(ini->path, '/');
    if (path[0] == '/' || slash == NULL)
        return path;
    return lp_arena_printf(ini->arena, "%.*s/%s", (int)(slash - ini->path), ini->path, path);
}
