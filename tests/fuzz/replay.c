/* A harness without a fuzzer: every file of a folder once. The seeds, and what was found before, must stay fine. */
#include "tests/fuzz/fuzz.h"

#include "compiler/base/file.h"

#include <dirent.h>
#include <string.h>

static void replay(const char *path)
{
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    const uint8_t *data = NULL;
    size_t size_bytes = 0;
    must(lp_file_read(&arena, &diag, path, 0, &data, &size_bytes) == LP_OK, path);
    /* Exactly as long as the file, so that a sanitizer sees one byte too far. */
    uint8_t *copy = malloc(size_bytes == 0 ? 1 : size_bytes);
    must(copy != NULL, "no memory");
    memcpy(copy, data, size_bytes);
    fprintf(stderr, "%s\n", path);
    LLVMFuzzerTestOneInput(copy, size_bytes);
    free(copy);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
}

int main(int argc, char **argv)
{
    must(argc == 2, "give one folder");
    DIR *folder = opendir(argv[1]);
    must(folder != NULL, argv[1]);
    int count = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char path[1024];
        if (entry->d_name[0] == '.')
            continue;
        must(snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name) < (int)sizeof path, "long name");
        replay(path);
        count++;
    }
    closedir(folder);
    must(count > 0, "the folder is empty");
    printf("%d files replayed\n", count);
    return 0;
}
