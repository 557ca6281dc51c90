#define _POSIX_C_SOURCE 200809L
#include "cli/check/check.h"

#include "compiler/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_REPORTS = 64, FILE_LIMIT_BYTES = 1 << 30 };

struct disk {
    struct lp_session *session;
    const char *folder;
};

static lp_status read_file(void *user, const char *file, const uint8_t **data, size_t *size_bytes)
{
    const struct disk *d = user;
    struct lp_session *s = d->session;
    struct stat info;
    const char *path = lp_arena_printf(&s->arena, "%s/%s", d->folder, file);
    *data = NULL;
    *size_bytes = 0;
    if (path == NULL)
        return lp_no_memory(&s->diag);
    if (stat(path, &info) != 0 && errno == ENOENT)
        return LP_OK;
    return lp_file_read(&s->arena, &s->diag, path, FILE_LIMIT_BYTES, data, size_bytes);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* report.json, and NAME.report.json of the networks that were generated into the same folder before. */
static lp_status list_reports(struct lp_session *s, const char *folder, const char **names, size_t *count)
{
    static const char ending[] = "report.json";
    DIR *open = opendir(folder);
    lp_status status = LP_OK;
    *count = 0;
    if (open == NULL)
        return lp_error(&s->diag, LP_IO, "the folder %s can't be read: %s", folder, strerror(errno));
    for (struct dirent *entry; status == LP_OK && (entry = readdir(open)) != NULL;) {
        size_t length = strlen(entry->d_name), end = sizeof ending - 1;
        if (length < end || strcmp(entry->d_name + length - end, ending) != 0 || *count == MOST_REPORTS)
            continue;
        names[*count] = lp_arena_text(&s->arena, entry->d_name, length);
        if (names[(*count)++] == NULL)
            status = lp_no_memory(&s->diag);
    }
    closedir(open);
    if (status == LP_OK)
        qsort(names, *count, sizeof *names, by_name);
    if (status == LP_OK && *count == 0)
        status = lp_error(&s->diag, LP_BAD_INPUT, "%s has no report.json: limpid generate writes one with the files", folder);
    return status;
}

static lp_status check_one(struct disk *d, const char *name, struct lp_check *c)
{
    struct lp_session *s = d->session;
    const struct lp_check_source source = {read_file, d};
    const uint8_t *text = NULL;
    size_t length = 0;
    json_t *report = NULL;
    lp_status status = read_file(d, name, &text, &length);
    if (status == LP_OK)
        status = lp_check_report(c, name, text, length, &report);
    if (status == LP_OK && report != NULL && json_object_get(report, "files") == NULL)
        status = lp_error(&s->diag, LP_BAD_INPUT, "%s/%s does not list files: limpid generate writes reports that do", d->folder,
                          name);
    if (status == LP_OK && report != NULL)
        status = lp_check_files(c, report, &source);
    json_decref(report);
    return status;
}

static void say(const struct lp_session *s, const struct lp_check *c, struct lp_text *out)
{
    if (!s->json) {
        lp_text_add(out, lp_text_get(&c->findings), c->findings.length);
        lp_text_printf(out, "%u files, %u constants, %lld bytes: ", (unsigned)c->file_count, (unsigned)c->constant_count,
                       (long long)c->constants_bytes);
        if (c->finding_count == 0)
            lp_text_printf(out, "every byte is what was written, and has its cause\n");
        else
            lp_text_printf(out, "%u differences\n", (unsigned)c->finding_count);
        return;
    }
    json_t *list = json_array();
    for (const char *at = lp_text_get(&c->findings); *at != '\0';) {
        size_t length = strcspn(at, "\n");
        json_array_append_new(list, json_stringn(at, length));
        at += length + 1;
    }
    json_t *whole = json_pack("{s:{s:s, s:i}, s:{s:I, s:I, s:I, s:o}}", "limpid", "version", LP_VERSION, "schema",
                              LP_REPORT_SCHEMA, "check", "files", (json_int_t)c->file_count, "constants",
                              (json_int_t)c->constant_count, "constants_bytes", (json_int_t)c->constants_bytes, "findings", list);
    lp_report_json_text(whole, out);
    json_decref(whole);
}

lp_status lp_check_folder(struct lp_session *s, const char *folder, bool *found)
{
    const char *names[MOST_REPORTS];
    size_t count = 0;
    struct disk disk = {s, folder};
    struct lp_check all = {.arena = &s->arena, .diag = &s->diag};
    struct lp_text out = {0};
    lp_status status = list_reports(s, folder, names, &count);
    for (size_t i = 0; i < count && status == LP_OK; i++) {
        int64_t before = all.constants_bytes;
        all.constants_bytes = 0;
        status = check_one(&disk, names[i], &all);
        all.constants_bytes += before;
    }
    *found = all.finding_count != 0;
    if (status == LP_OK && all.findings.failed)
        status = lp_no_memory(&s->diag);
    if (status == LP_OK) {
        say(s, &all, &out);
        status = lp_session_print(s, &out);
    }
    lp_text_free(&all.findings);
    return status;
}
