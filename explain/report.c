/* network_generate_report.txt: versions, what the tool says of memory, and the epochs. */
#include "explain/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct line {
    const char *text;
    size_t length;
};

/* What stands behind `word` in the line; null when the word is not in it. */
static const char *behind(struct line line, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= line.length; i++)
        if (memcmp(line.text + i, word, length) == 0)
            return line.text + i + length;
    return NULL;
}

static const char *word_at(struct lp_arena *arena, struct line line, const char *at)
{
    const char *end = line.text + line.length;
    while (at < end && *at == ' ')
        at++;
    size_t length = 0;
    while (at + length < end && at[length] != ' ' && at[length] != '\r')
        length++;
    return lp_arena_text(arena, at, length);
}

/* "56.157 kB" or "403  B"; -1 when it is no size. The tool rounds to three digits behind the point. */
static int64_t size_at(struct line line, const char *at)
{
    char text[64], unit[8] = "";
    double value = 0;
    size_t left = (size_t)(line.text + line.length - at);
    snprintf(text, sizeof text, "%.*s", (int)(left < sizeof text - 1 ? left : sizeof text - 1), at);
    if (sscanf(text, "%lf %7s", &value, unit) != 2 || !(value >= 0) || value > 1e12)
        return -1;
    double factor = strcmp(unit, "kB") == 0 ? 1024 : strcmp(unit, "MB") == 0 ? 1024 * 1024 : strcmp(unit, "B") == 0 ? 1 : -1;
    return factor < 0 ? -1 : (int64_t)(value * factor + 0.5);
}

static int64_t count_at(struct line line, const char *at)
{
    char text[24];
    char *end = NULL;
    size_t left = (size_t)(line.text + line.length - at);
    snprintf(text, sizeof text, "%.*s", (int)(left < sizeof text - 1 ? left : sizeof text - 1), at);
    long long value = strtoll(text, &end, 10);
    return end == text || value < 0 || value > INT32_MAX ? -1 : value;
}

static void read_counts(struct line line, struct lp_build *build)
{
    static const struct {
        const char *words;
        size_t member;
    } counts[] = {
        {"pure software (SW) epochs", offsetof(struct lp_build, epochs_sw)},
        {"hybrid epochs (using both software and hardware)", offsetof(struct lp_build, epochs_hybrid)},
        {"pure hardware (HW or EC) epochs", offsetof(struct lp_build, epochs_hw)},
        {"(implemented in ", offsetof(struct lp_build, epochs_blob)},
    };
    for (size_t i = 0; i < LP_COUNT(counts); i++) {
        const char *at = behind(line, counts[i].words);
        if (at != NULL)
            *(int64_t *)(void *)((char *)build + counts[i].member) = count_at(line, at);
    }
    /* Before 1.1.3: "Total number of epochs: 2 of which 0 implemented in software", one epoch more than there are programs. */
    const char *total = behind(line, "Total number of epochs:"), *software = behind(line, "of which ");
    int64_t all = total == NULL ? -1 : count_at(line, total), in_software = software == NULL ? -1 : count_at(line, software);
    if (in_software >= 0 && all > in_software) {
        build->epochs_sw = in_software;
        build->epochs_hw = all - in_software - 1;
    }
}

static void read_line(struct lp_arena *arena, struct line line, struct lp_build *build)
{
    const char *at = behind(line, "Compiler version:");
    if (at != NULL && build->compiler_version == NULL)
        build->compiler_version = word_at(arena, line, at);
    at = behind(line, "ST Edge AI Core v");
    if (at != NULL && build->product_version == NULL)
        build->product_version = word_at(arena, line, at);
    at = line.length > 6 && memcmp(line.text, "Total:", 6) == 0 ? behind(line, "weights:") : NULL;
    if (at != NULL && build->weights_bytes < 0)
        build->weights_bytes = size_at(line, at);
    at = at == NULL ? NULL : behind(line, "activations:");
    if (at != NULL && build->activations_bytes < 0)
        build->activations_bytes = size_at(line, at);
    read_counts(line, build);
}

lp_status lp_build_read_report(struct lp_arena *arena, struct lp_diag *diag, const char *file, const char *text, size_t length,
                               struct lp_build *build)
{
    if (length < 12 || memcmp(text, "ST Edge AI C", 12) != 0) {
        lp_note(diag, "%s does not begin like a report of ST Edge AI Core and is left aside", file);
        return LP_OK;
    }
    for (size_t start = 0; start < length;) {
        const char *newline = memchr(text + start, '\n', length - start);
        struct line line = {text + start, newline == NULL ? length - start : (size_t)(newline - text) - start};
        read_line(arena, line, build);
        start += line.length + 1;
    }
    return LP_OK;
}
