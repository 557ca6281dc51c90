/* A harness without a fuzzer: every file of a folder once - the seeds, and what was found before, must stay fine - and then some
 * thousand files that differ from one of them in a few places, always the same ones. */
#include "tests/fuzz/fuzz.h"

#include "compiler/base/file.h"

#include <dirent.h>
#include <string.h>

enum { MUTATIONS = 20000, MOST_BYTES = 1 << 16, MOST_CHANGES = 6 };

struct seed {
    uint8_t *bytes;
    size_t size_bytes;
};

static uint32_t state = 1;

static uint32_t below(uint32_t limit)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % limit;
}

/* Exactly as long as it is, so that a sanitizer sees one byte too far. */
static void try_bytes(const uint8_t *bytes, size_t size_bytes)
{
    uint8_t *copy = malloc(size_bytes == 0 ? 1 : size_bytes);
    must(copy != NULL, "no memory");
    if (size_bytes != 0)
        memcpy(copy, bytes, size_bytes);
    LLVMFuzzerTestOneInput(copy, size_bytes);
    free(copy);
}

static struct seed read_seed(const char *path)
{
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    const uint8_t *data = NULL;
    struct seed seed = {0};
    must(lp_file_read(&arena, &diag, path, 0, &data, &seed.size_bytes) == LP_OK, path);
    seed.bytes = malloc(seed.size_bytes + 1);
    must(seed.bytes != NULL, "no memory");
    if (seed.size_bytes != 0)
        memcpy(seed.bytes, data, seed.size_bytes);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
    return seed;
}

static int by_content(const void *a, const void *b)
{
    const struct seed *x = a, *y = b;
    if (x->size_bytes != y->size_bytes)
        return x->size_bytes < y->size_bytes ? -1 : 1;
    return memcmp(x->bytes, y->bytes, x->size_bytes);
}

/* Changes a byte, copies a piece over another, or cuts the end off. */
static void change(uint8_t *bytes, size_t *size_bytes)
{
    static const uint8_t edges[] = {0, 1, 0x7f, 0x80, 0xff, '"', '{', ',', '-', '9'};
    const uint32_t size = (uint32_t)*size_bytes;
    if (size == 0)
        return;
    switch (below(6)) {
    case 0: bytes[below(size)] ^= (uint8_t)(1u << below(8)); break;
    case 1: bytes[below(size)] = edges[below(sizeof edges)]; break;
    case 2: bytes[below(size)] = (uint8_t)below(256); break;
    case 3: bytes[below(size)] = (uint8_t)(bytes[below(size)] + 1); break;
    case 4: {
        uint32_t count = 1 + below(size < 16 ? size : 16), from = below(size - count + 1), to = below(size - count + 1);
        memmove(bytes + to, bytes + from, count);
        break;
    }
    default: *size_bytes = below(8) == 0 ? below(size) : size; break;
    }
}

static void mutate(const struct seed *seeds, uint32_t count)
{
    static uint8_t bytes[MOST_BYTES];
    for (int i = 0; i < MUTATIONS; i++) {
        const struct seed *seed = &seeds[below(count)];
        size_t size_bytes = seed->size_bytes;
        if (size_bytes > MOST_BYTES)
            continue;
        memcpy(bytes, seed->bytes, size_bytes);
        for (uint32_t k = 1 + below(MOST_CHANGES); k > 0; k--)
            change(bytes, &size_bytes);
        try_bytes(bytes, size_bytes);
    }
}

int main(int argc, char **argv)
{
    must(argc == 2, "give one folder");
    DIR *folder = opendir(argv[1]);
    must(folder != NULL, argv[1]);
    static struct seed seeds[500];
    uint32_t count = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char path[1024];
        if (entry->d_name[0] == '.')
            continue;
        must(snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name) < (int)sizeof path, "long name");
        must(count < sizeof seeds / sizeof *seeds, "too many files");
        fprintf(stderr, "%s\n", path);
        seeds[count] = read_seed(path);
        try_bytes(seeds[count].bytes, seeds[count].size_bytes);
        count++;
    }
    closedir(folder);
    must(count > 0, "the folder is empty");
    /* readdir has no order; the same mutations every time need one. */
    qsort(seeds, count, sizeof *seeds, by_content);
    mutate(seeds, count);
    for (uint32_t i = 0; i < count; i++)
        free(seeds[i].bytes);
    printf("%u files replayed, %d changed ones\n", (unsigned)count, MUTATIONS);
    return 0;
}
