/* Memory of one stage: many allocations, one release. Zeroed, aligned for any type, never moved. */
#ifndef LP_BASE_ARENA_H
#define LP_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct lp_arena_chunk;

struct lp_arena {
    struct lp_arena_chunk *chunks;
    size_t used_bytes;  /* handed out so far */
    size_t limit_bytes; /* 0: no limit; an allocation beyond it fails like malloc */
};

/* Null when there is no memory or count * size overflows. A zero-sized request gives a valid pointer. */
void *lp_arena_alloc(struct lp_arena *arena, size_t count, size_t size_bytes);

/* A copy of the first `length` bytes of `text` with a terminating zero; null when there is no memory. */
char *lp_arena_text(struct lp_arena *arena, const char *text, size_t length);

/* printf into the arena; null when there is no memory. */
char *lp_arena_printf(struct lp_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

void lp_arena_free(struct lp_arena *arena);

/* Where all memory of the PC program comes from. Tests replace it to let every single allocation fail once. */
extern void *(*lp_allocate)(size_t count, size_t size_bytes); /* as calloc */

#define LP_NEW(arena, type) ((type *)lp_arena_alloc((arena), 1, sizeof(type)))
#define LP_NEW_ARRAY(arena, count, type) ((type *)lp_arena_alloc((arena), (count), sizeof(type)))
#define LP_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
