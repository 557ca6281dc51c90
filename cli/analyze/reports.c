#include "cli/analyze/reports.h"

#include "compiler/base/file.h"

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

enum { REPORT_LIMIT_BYTES = 1 << 28 };

lp_status lp_reports_find(struct lp_session *s, const char *path, const char **out)
{
    struct stat info;
    const uint8_t *bytes = NULL;
    size_t length = 0, at = 0;
    *out = NULL;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        *out = lp_arena_printf(&s->arena, "%s/report.json", path);
        return *out == NULL ? lp_no_memory(&s->diag) : LP_OK;
    }
    lp_status status = lp_file_read(&s->arena, &s->diag, path, REPORT_LIMIT_BYTES, &bytes, &length);
    while (status == LP_OK && at < length && isspace(bytes[at]))
        at++;
    if (status == LP_OK && at < length && bytes[at] == '{')
        *out = path;
    return status;
}

lp_status lp_reports_load(struct lp_session *s, const char *path, json_t **out)
{
    const uint8_t *bytes = NULL;
    size_t length = 0;
    json_error_t error;
    lp_status status = lp_file_read(&s->arena, &s->diag, path, REPORT_LIMIT_BYTES, &bytes, &length);
    if (status != LP_OK)
        return status;
    *out = json_loadb((const char *)bytes, length, JSON_REJECT_DUPLICATES, &error);
    if (*out == NULL)
        return lp_error(&s->diag, LP_BAD_INPUT, "%s, line %d: %s", path, error.line, error.text);
    const json_t *schema = json_object_get(json_object_get(*out, "limpid"), "schema");
    if (json_is_integer(schema) && json_integer_value(schema) == LP_REPORT_SCHEMA)
        return LP_OK;
    status = json_is_integer(schema)
                 ? lp_error(&s->diag, LP_BAD_INPUT, "%s has schema %lld, this limpid reads %d: make the report again", path,
                            (long long)json_integer_value(schema), LP_REPORT_SCHEMA)
                 : lp_error(&s->diag, LP_BAD_INPUT, "%s is not a report of limpid: it says no schema; analyze --json makes one",
                            path);
    json_decref(*out);
    *out = NULL;
    return status;
}

static const char *target_name(const json_t *report, size_t i)
{
    const json_t *target = json_array_get(json_object_get(report, "targets"), i);
    const char *name = json_string_value(json_object_get(target, "target"));
    return name == NULL ? "" : name;
}

static lp_status not_there(struct lp_session *s, const char *path, const json_t *report, const char *wanted)
{
    struct lp_text known = {0};
    for (size_t i = 0; i < json_array_size(json_object_get(report, "targets")); i++)
        lp_text_printf(&known, "%s%s", i == 0 ? "" : ", ", target_name(report, i));
    lp_status status = lp_error(&s->diag, LP_BAD_INPUT, "%s has no target '%s': it has %s", path, wanted,
                                known.length == 0 ? "none" : lp_text_get(&known));
    lp_text_free(&known);
    return status;
}

lp_status lp_reports_costs(struct lp_session *s, const char *path, const json_t *report, struct lp_cost *costs)
{
    size_t count = json_array_size(json_object_get(report, "targets"));
    lp_status status = LP_OK;
    for (uint32_t t = 0; t < s->target_count && status == LP_OK; t++) {
        size_t i = 0;
        while (i < count && strcmp(target_name(report, i), s->targets[t].name) != 0)
            i++;
        status = i == count ? not_there(s, path, report, s->targets[t].name)
                            : lp_cost_read(&s->arena, &s->diag, path, report, i, &costs[t]);
    }
    return status;
}

lp_status lp_reports_targets(struct lp_session *s, const char *path, const json_t *report)
{
    size_t count = json_array_size(json_object_get(report, "targets"));
    if (count == 0)
        return lp_error(&s->diag, LP_BAD_INPUT, "%s has no targets: is it a report of limpid?", path);
    lp_status status = LP_OK;
    s->target_count = 0;
    for (size_t i = 0; i < count && status == LP_OK; i++)
        status = lp_session_targets(s, target_name(report, i));
    return status;
}
