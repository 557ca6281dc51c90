/* Pages and pictures that `analyze` writes. */
#ifndef LP_CLI_ANALYZE_FILES_H
#define LP_CLI_ANALYZE_FILES_H

#include "compiler/base/diag.h"

#include <jansson.h>

enum { LP_ANALYZE_MOST_SVG = 8 };

struct lp_analyze_files {
    const char *html; /* null: no page */
    struct {
        const char *path;
        unsigned pictures; /* see compiler/report/picture.h */
    } svg[LP_ANALYZE_MOST_SVG];
    unsigned svg_count;
};

/* "FILE", "waterfall=FILE" or "memory=FILE". */
lp_status lp_analyze_files_add(struct lp_diag *diag, struct lp_analyze_files *files, const char *text);

lp_status lp_analyze_files_write(struct lp_diag *diag, const struct lp_analyze_files *files, const json_t *report);

#endif
