#include "compiler/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lp_arena_chunk {
    struct lp_arena_chunk *next;
    size_t used_bytes;
    size_t size_bytes;
    _Alignas(max_align_t) unsigned char bytes[];
};

enum { CHUNK_BYTES = 1 << 16 };

void *(*lp_allocate)(size_t count, size_t size_bytes) = calloc;

static struct lp_arena_chunk *add_chunk(struct lp_arena *arena, size_t need_bytes)
{
    size_t size = need_bytes > CHUNK_BYTES / 4 ? need_bytes : CHUNK_BYTES;
    if (size > SIZE_MAX - sizeof(struct lp_arena_chunk))
        return NULL;
    struct lp_arena_chunk *chunk = lp_allocate(1, sizeof *chunk + size);
    if (chunk == NULL)
        return NULL;
    chunk->size_bytes = size;
    /* A large block gets a chunk of its own behind the open one, which stays open for small blocks. */
    if (arena->chunks != NULL && size == need_bytes) {
        chunk->next = arena->chunks->next;
        arena->chunks->next = chunk;
    } else {
        chunk->next = arena->chunks;
        arena->chunks = chunk;
    }
    return chunk;
}

void *lp_arena_alloc(struct lp_arena *arena, size_t count, size_t size_bytes)
{
    const size_t align = _Alignof(max_align_t);
    if (size_bytes != 0 && count > (SIZE_MAX - align) / size_bytes)
        return NULL;
    size_t need = (count * size_bytes + align - 1) / align * align;
    if (arena->limit_bytes != 0 && (arena->used_bytes > arena->limit_bytes || need > arena->limit_bytes - arena->used_bytes))
        return NULL;
    struct lp_arena_chunk *chunk = arena->chunks;
    if (chunk == NULL || need > chunk->size_bytes - chunk->used_bytes)
        chunk = add_chunk(arena, need);
    if (chunk == NULL)
        return NULL;
    void *block = chunk->bytes + chunk->used_bytes;
    chunk->used_bytes += need;
    arena->used_bytes += need;
    return block;
}

char *lp_arena_text(struct lp_arena *arena, const char *text, size_t length)
{
    char *copy = lp_arena_alloc(arena, length + 1, 1);
    if (copy != NULL)
        memcpy(copy, text, length);
    return copy;
}

char *lp_arena_printf(struct lp_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = length < 0 ? NULL : lp_arena_alloc(arena, (size_t)length + 1, 1);
    if (text != NULL)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

void lp_arena_free(struct lp_arena *arena)
{
    struct lp_arena_chunk *chunk = arena->chunks;
    while (chunk != NULL) {
        struct lp_arena_chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    *arena = (struct lp_arena){.limit_bytes = arena->limit_bytes};
}
