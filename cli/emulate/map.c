#include "cli/emulate/map.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct word {
    const char *start;
    size_t length;
};

/* The next word of the line; length 0 at its end. */
static struct word next_word(const char **at)
{
    *at += strspn(*at, " \t");
    struct word w = {*at, strcspn(*at, " \t\r\n")};
    *at += w.length;
    return w;
}

static bool is_number(struct word w, uint32_t *value)
{
    if (w.length < 3 || w.start[0] != '0' || w.start[1] != 'x')
        return false;
    char *end = NULL;
    unsigned long long v = strtoull(w.start, &end, 16);
    *value = (uint32_t)v;
    return end == w.start + w.length && v <= UINT32_MAX;
}

/* "0xADDRESS 0xSIZE OBJECT", as it follows a piece's name. */
static bool read_piece(const char *at, uint32_t *size_bytes, struct word *object)
{
    uint32_t address;
    if (!is_number(next_word(&at), &address) || !is_number(next_word(&at), size_bytes))
        return false;
    *object = next_word(&at);
    return object->length != 0 && *size_bytes != 0;
}

void lp_map_read(const char *text,
                 void (*take)(void *user, const char *section, size_t section_length, const char *object, size_t object_length,
                              uint32_t size_bytes),
                 void *user)
{
    static const char heading[] = "Linker script and memory map";
    const char *start = strstr(text, heading);
    struct word section = {text, 0};
    bool waits = false; /* a long name fills a line: its numbers stand in the next one */
    for (const char *line = start == NULL ? "" : start; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n') {
        const char *at = line;
        uint32_t size_bytes;
        struct word object, name = {line, 0};
        if (line[0] == '.') {
            section = next_word(&at);
            waits = false;
            continue;
        }
        bool is_named = line[0] == ' ' && line[1] != ' ' && line[1] != '*';
        if (is_named)
            name = next_word(&at);
        if ((is_named || waits) && section.length != 0 && read_piece(at, &size_bytes, &object))
            take(user, section.start, section.length, object.start, object.length, size_bytes);
        const char *rest = at;
        waits = is_named && name.length != 0 && next_word(&rest).length == 0;
    }
}
