/* An INI file with the line of every key, so that each complaint names file, line, key, value found and values allowed.
 * Reading is by asking: what was never asked for is reported as unknown, together with what could have stood there. */
#ifndef LP_CLI_INI_INI_FILE_H
#define LP_CLI_INI_INI_FILE_H

#include "compiler/base/arena.h"
#include "compiler/base/diag.h"

#include <stdbool.h>

struct lp_ini_key {
    const char *name;
    const char *value;
    int line;
    bool asked;
};

struct lp_ini_section {
    const char *name; /* "" before the first heading */
    int line;
    struct lp_ini_key *keys;
    uint32_t key_count;
    const char *asked_names; /* "port, unit, ..." for the message about an unknown key */
    bool asked;
};

struct lp_ini {
    const char *path;
    struct lp_arena *arena; /* holds everything; texts live as long */
    struct lp_diag *diag;
    struct lp_ini_section *sections;
    uint32_t section_count;
};

enum { LP_INI_MAX_SECTIONS = 512, LP_INI_MAX_KEYS = 512 /* of one section */ };

/* Errors: no such file, a line that is neither heading nor key, too long, or a key or section given twice. */
lp_status lp_ini_read(struct lp_arena *arena, struct lp_diag *diag, const char *path, struct lp_ini *ini);
/* The same from text in memory; `path` is for messages. */
lp_status lp_ini_parse(struct lp_arena *arena, struct lp_diag *diag, const char *path, const char *text, size_t length,
                       struct lp_ini *ini);

/* Null when there is none. Asking makes the section known. */
struct lp_ini_section *lp_ini_section(struct lp_ini *ini, const char *name);
/* As above, but its absence is an error that says what the section is for. */
lp_status lp_ini_need_section(struct lp_ini *ini, const char *name, const char *purpose, struct lp_ini_section **section);

/* Null when the key is absent. Asking makes the key known; section may be null. */
const struct lp_ini_key *lp_ini_key(struct lp_ini *ini, struct lp_ini_section *section, const char *name);

/* Each leaves *out alone when the key is absent, so that it holds the default. */
lp_status lp_ini_text(struct lp_ini *ini, struct lp_ini_section *section, const char *name, const char **out);
lp_status lp_ini_whole(struct lp_ini *ini, struct lp_ini_section *section, const char *name, int64_t low, int64_t high,
                       int64_t *out);
lp_status lp_ini_real(struct lp_ini *ini, struct lp_ini_section *section, const char *name, double low, double high, double *out);
lp_status lp_ini_choice(struct lp_ini *ini, struct lp_ini_section *section, const char *name, const char *const *choices,
                        uint32_t choice_count, int *out);

/* FILE:LINE: KEY = VALUE: allowed is ALLOWED */
lp_status lp_ini_bad_value(struct lp_ini *ini, const struct lp_ini_key *key, const char *allowed);
/* FILE:LINE: [SECTION] lacks KEY: PURPOSE */
lp_status lp_ini_missing(struct lp_ini *ini, const struct lp_ini_section *section, const char *key, const char *purpose);

/* An error for every section or key that nobody asked for; `sections_allowed` is for the message. */
lp_status lp_ini_check_all_asked(struct lp_ini *ini, const char *sections_allowed);

/* A path of the file, relative to the folder of the INI file unless it is absolute. Null without memory. */
const char *lp_ini_path(const struct lp_ini *ini, const char *path);

#endif
