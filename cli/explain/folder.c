#define _POSIX_C_SOURCE 200809L
#include "cli/explain/folder.h"

#include "compiler/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_LIMIT_BYTES = 1 << 28 };

struct names {
    const char *paths[LP_EXPLAIN_MOST_FILES];
    uint32_t count;
};

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static bool is_wanted(const char *name)
{
    static const char *const endings[] = {"c_info.json", "_generate_report.txt", ".c", "ecblobs.h", ".raw", ".bin"};
    for (size_t i = 0; i < LP_COUNT(endings); i++)
        if (ends_with(name, endings[i]))
            return true;
    return false;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static lp_status list(struct lp_session *s, const char *path, int depth, struct names *names)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return depth > 0 ? LP_OK : lp_error(&s->diag, LP_IO, "the folder %s can't be read: %s", path, strerror(errno));
    lp_status status = LP_OK;
    for (struct dirent *entry; status == LP_OK && (entry = readdir(folder)) != NULL;) {
        struct stat info;
        const char *file = lp_arena_printf(&s->arena, "%s/%s", path, entry->d_name);
        if (file == NULL)
            status = lp_no_memory(&s->diag);
        else if (entry->d_name[0] == '.' || stat(file, &info) != 0)
            continue;
        else if (S_ISDIR(info.st_mode) && depth == 0)
            status = list(s, file, depth + 1, names);
        else if (S_ISREG(info.st_mode) && is_wanted(entry->d_name) && names->count < LP_EXPLAIN_MOST_FILES)
            names->paths[names->count++] = file;
    }
    closedir(folder);
    return status;
}

typedef lp_status read_text(struct lp_arena *arena, struct lp_diag *diag, const char *file, const char *text, size_t length,
                            struct lp_build *build);

static lp_status read_with(struct lp_session *s, const char *path, read_text *read, struct lp_explain_folder *out)
{
    const uint8_t *bytes = NULL;
    size_t length = 0;
    lp_status status = lp_file_read(&s->arena, &s->diag, path, FILE_LIMIT_BYTES, &bytes, &length);
    if (status == LP_OK)
        status = read(&s->arena, &s->diag, path, (const char *)bytes, length, &out->build);
    out->file_count += status == LP_OK;
    return status;
}

/* Other sources lie beside the network: only a file that has epoch blocks is one. */
static lp_status read_network(struct lp_arena *arena, struct lp_diag *diag, const char *file, const char *text, size_t length,
                              struct lp_build *build)
{
    static const char mark[] = "LL_ATON_EpochBlockItems_";
    for (size_t i = 0; i + sizeof mark <= length; i++)
        if (memcmp(text + i, mark, sizeof mark - 1) == 0)
            return lp_build_read_source(arena, diag, file, text, length, build);
    return LP_OK;
}

/* The pool is named between two dots: network_atonbuf.xSPI2.raw, or by its own name. */
static int32_t pool_of_file(const struct lp_build *build, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    for (uint32_t i = 0; i < build->pool_count; i++) {
        const char *words[] = {build->pools[i].postfix, build->pools[i].name};
        for (size_t k = 0; k < LP_COUNT(words); k++) {
            const char *at = words[k] == NULL || *words[k] == '\0' ? NULL : strstr(name, words[k]);
            if (at != NULL && at > name && at[-1] == '.' && at[strlen(words[k])] == '.')
                return (int32_t)i;
        }
    }
    return -1;
}

/* Where nothing says which pools there are, each image is one, far from the others; -1: no memory. */
static int32_t own_pool(struct lp_session *s, const char *path, struct lp_explain_folder *out)
{
    struct lp_build *b = &out->build;
    const char *slash = strrchr(path, '/');
    if (b->pools == NULL || b->pool_count < out->image_count)
        b->pools = LP_NEW_ARRAY(&s->arena, LP_EXPLAIN_MOST_FILES, struct lp_build_pool);
    if (b->pools == NULL || out->image_count == LP_EXPLAIN_MOST_FILES)
        return -1;
    b->pools[b->pool_count] = (struct lp_build_pool){
        .name = slash == NULL ? path : slash + 1, .base = (uint64_t)(b->pool_count + 1) << 32, .size_bytes = (uint64_t)1 << 32};
    return (int32_t)b->pool_count++;
}

static lp_status read_image(struct lp_session *s, const char *path, struct lp_explain_folder *out)
{
    int32_t pool = pool_of_file(&out->build, path);
    size_t length = 0;
    if (pool < 0 && out->build.param_count == 0)
        pool = own_pool(s, path, out);
    if (pool < 0) {
        lp_note(&s->diag, "%s belongs to no pool of this build and is left aside", path);
        return LP_OK;
    }
    struct lp_build_image *image = &out->images[out->image_count];
    lp_status status = lp_file_read(&s->arena, &s->diag, path, FILE_LIMIT_BYTES, &image->bytes, &length);
    image->pool = pool;
    image->address = out->build.pools[pool].base;
    image->size_bytes = length;
    out->image_count += status == LP_OK;
    out->file_count += status == LP_OK;
    return status;
}

static lp_status read_blobs(struct lp_session *s, const char *path, struct lp_explain_folder *out)
{
    if (out->blob_header != NULL)
        return lp_error(&s->diag, LP_BAD_INPUT, "%s and %s are programs of two builds: one folder a build", out->blob_header,
                        path);
    out->blob_header = path;
    out->file_count++;
    return lp_file_read(&s->arena, &s->diag, path, FILE_LIMIT_BYTES, &out->blob_text, &out->blob_bytes);
}

static bool is_image(const char *path)
{
    return ends_with(path, ".raw") || ends_with(path, ".bin");
}

/* What knows more is read first: the later ones add what is missing. */
static lp_status read_all(struct lp_session *s, const struct names *names, struct lp_explain_folder *out)
{
    lp_status status = LP_OK;
    bool has_info = false;
    for (uint32_t i = 0; i < names->count && status == LP_OK; i++)
        if (ends_with(names->paths[i], "c_info.json") && !has_info) {
            status = read_with(s, names->paths[i], lp_build_read_c_info, out);
            has_info = true;
        }
    for (uint32_t i = 0; i < names->count && status == LP_OK; i++)
        if (ends_with(names->paths[i], ".c"))
            status = read_with(s, names->paths[i], read_network, out);
    for (uint32_t i = 0; i < names->count && status == LP_OK; i++)
        if (ends_with(names->paths[i], "_generate_report.txt"))
            status = read_with(s, names->paths[i], lp_build_read_report, out);
    for (uint32_t i = 0; i < names->count && status == LP_OK; i++) {
        if (is_image(names->paths[i]))
            status = read_image(s, names->paths[i], out);
        else if (ends_with(names->paths[i], "ecblobs.h"))
            status = read_blobs(s, names->paths[i], out);
    }
    return status;
}

/* What is said of storage was found out for these. */
static bool is_known_version(const char *version)
{
    static const char *const known[] = {"1.0.", "1.1.0", "1.1.1", "1.1.2", "1.1.3"};
    for (size_t i = 0; i < LP_COUNT(known); i++)
        if (version == NULL || strncmp(version, known[i], strlen(known[i])) == 0)
            return true;
    return false;
}

lp_status lp_explain_folder_read(struct lp_session *session, const char *path, struct lp_explain_folder *out)
{
    struct names names = {.count = 0};
    *out = (struct lp_explain_folder){.build = {.epochs_hw = -1,
                                                .epochs_sw = -1,
                                                .epochs_hybrid = -1,
                                                .epochs_blob = -1,
                                                .weights_bytes = -1,
                                                .activations_bytes = -1}};
    lp_status status = list(session, path, 0, &names);
    qsort(names.paths, names.count, sizeof names.paths[0], by_name);
    if (status == LP_OK && names.count == LP_EXPLAIN_MOST_FILES)
        lp_note(&session->diag, "%s holds more than %d files of a build: the first ones are read", path, LP_EXPLAIN_MOST_FILES);
    if (status == LP_OK)
        status = read_all(session, &names, out);
    if (status == LP_OK && !is_known_version(out->build.compiler_version))
        lp_note(&session->diag,
                "this build is of version %s of its compiler, versions 1.1.0 to 1.1.3 are known: names and storage may mean "
                "something else in it",
                out->build.compiler_version);
    if (status == LP_OK && out->build.param_count == 0 && out->image_count == 0)
        status = lp_error(
            &session->diag, LP_BAD_INPUT,
            "nothing in %s lists the parameters of a network: needed is network_c_info.json or network.c as ST Edge AI "
            "Core writes them for the NPU, or its images (atonbuf.POOL.raw) and the model",
            path);
    return status;
}
