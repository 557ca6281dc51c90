#include "cli/analyze/files.h"

#include "compiler/base/file.h"
#include "compiler/report/page.h"
#include "compiler/report/picture.h"

#include <string.h>

lp_status lp_analyze_files_add(struct lp_diag *diag, struct lp_analyze_files *files, const char *text)
{
    static const struct {
        const char *prefix;
        unsigned pictures;
    } kinds[] = {
        {"waterfall=", LP_PICTURE_WATERFALL}, {"memory=", LP_PICTURE_MEMORY}, {"", LP_PICTURE_WATERFALL | LP_PICTURE_MEMORY}};
    if (files->svg_count == LP_ANALYZE_MOST_SVG)
        return lp_error(diag, LP_BAD_ARGUMENT, "--svg: at most %d files", LP_ANALYZE_MOST_SVG);
    size_t i = 0;
    while (strncmp(text, kinds[i].prefix, strlen(kinds[i].prefix)) != 0)
        i++;
    text += strlen(kinds[i].prefix);
    if (*text == '\0')
        return lp_error(diag, LP_BAD_ARGUMENT, "--svg: a file's name is missing: FILE, waterfall=FILE or memory=FILE");
    files->svg[files->svg_count].path = text;
    files->svg[files->svg_count++].pictures = kinds[i].pictures;
    return LP_OK;
}

static lp_status save(struct lp_diag *diag, const char *path, struct lp_text *text)
{
    lp_status status = text->failed ? lp_no_memory(diag) : lp_file_write(diag, path, text->data, text->length);
    lp_text_free(text);
    return status;
}

lp_status lp_analyze_files_write(struct lp_diag *diag, const struct lp_analyze_files *files, const json_t *report)
{
    lp_status status = LP_OK;
    struct lp_text text = {0};
    if (files->html != NULL) {
        lp_report_page(report, &text);
        status = save(diag, files->html, &text);
    }
    for (unsigned i = 0; i < files->svg_count && status == LP_OK; i++) {
        struct lp_text picture = {0};
        lp_picture_file(report, files->svg[i].pictures, &picture);
        status = save(diag, files->svg[i].path, &picture);
    }
    return status;
}
