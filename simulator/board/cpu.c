#define _GNU_SOURCE
#include "simulator/board/cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define WINDOW_BYTES (UINT64_C(1) << 32)

static struct lp_board *running;

/* Address space only: a page takes memory when it is first written. */
lp_status lp_cpu_window_open(struct lp_board *b, struct lp_diag *diag)
{
    uint8_t *space = mmap(NULL, 2 * WINDOW_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (space == MAP_FAILED)
        return lp_error(diag, LP_OUT_OF_MEMORY, "the board needs 8 GB of address space, which this PC does not give");
    size_t before = (size_t)(WINDOW_BYTES - (uintptr_t)space % WINDOW_BYTES) % WINDOW_BYTES;
    if (before != 0)
        (void)munmap(space, before);
    b->window = space + before;
    (void)munmap(b->window + WINDOW_BYTES, WINDOW_BYTES - before);
    for (int i = 0; i < LP_BOARD_MEMORIES; i++)
        if (mprotect(b->window + b->memories[i].base, b->memories[i].size_bytes, PROT_READ | PROT_WRITE) != 0)
            return lp_no_memory(diag);
    return LP_OK;
}

void lp_cpu_window_close(struct lp_board *b)
{
    if (running == b)
        running = NULL;
    if (b->window != NULL)
        (void)munmap(b->window, WINDOW_BYTES);
    b->window = NULL;
}

void lp_cpu_enter(struct lp_board *b)
{
    running = b;
}

struct lp_board *lp_cpu_board(void)
{
    return running;
}

static bool is_in_window(const void *pointer)
{
    return running != NULL && (uintptr_t)pointer - (uintptr_t)running->window < WINDOW_BYTES;
}

static void touch(const void *pointer, size_t count, bool writes)
{
    if (!is_in_window(pointer))
        return;
    if (lp_board_memory_at(running, lp_cpu_address(pointer)) == LP_BOARD_MEMORIES ||
        lp_board_memory_at(running, lp_cpu_address(pointer) + (uint64_t)count - 1) == LP_BOARD_MEMORIES) {
        fprintf(stderr, "bus fault: the processor %s 0x%08x, where there is no memory\n", writes ? "writes" : "reads",
                (unsigned)lp_cpu_address(pointer));
        abort();
    }
    lp_data_cache_touch(running, lp_cpu_address(pointer), (uint32_t)count, writes);
}

/* ---- what the compiler calls before an access; the names are those of gcc and clang ---- */

#define ACCESS(bytes)                            \
    void __tsan_read##bytes(void *p);            \
    void __tsan_write##bytes(void *p);           \
    void __tsan_unaligned_read##bytes(void *p);  \
    void __tsan_unaligned_write##bytes(void *p); \
    void __tsan_read##bytes(void *p)             \
    {                                            \
        touch(p, bytes, false);                  \
    }                                            \
    void __tsan_write##bytes(void *p)            \
    {                                            \
        touch(p, bytes, true);                   \
    }                                            \
    void __tsan_unaligned_read##bytes(void *p)   \
    {                                            \
        touch(p, bytes, false);                  \
    }                                            \
    void __tsan_unaligned_write##bytes(void *p)  \
    {                                            \
        touch(p, bytes, true);                   \
    }
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)

void __tsan_read_range(void *p, size_t count);
void __tsan_write_range(void *p, size_t count);
void __tsan_init(void);
void __tsan_func_entry(void *caller);
void __tsan_func_exit(void);

void __tsan_read_range(void *p, size_t count)
{
    if (count != 0)
        touch(p, count, false);
}

void __tsan_write_range(void *p, size_t count)
{
    if (count != 0)
        touch(p, count, true);
}

void __tsan_init(void)
{
}

void __tsan_func_entry(void *caller)
{
    (void)caller;
}

void __tsan_func_exit(void)
{
}

/* ---- the C library's functions, as the processor's code calls them (-Dmemcpy=lp_cpu_memcpy) ---- */

void *lp_cpu_memcpy(void *to, const void *from, size_t count);
void *lp_cpu_memset(void *to, int value, size_t count);

/* Byte by byte: a long copy pushes its own first lines out of the cache. */
void *lp_cpu_memcpy(void *to, const void *from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        touch((const uint8_t *)from + i, 1, false);
        uint8_t byte = ((const uint8_t *)from)[i];
        touch((uint8_t *)to + i, 1, true);
        ((uint8_t *)to)[i] = byte;
    }
    return to;
}

void *lp_cpu_memset(void *to, int value, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        touch((uint8_t *)to + i, 1, true);
        ((uint8_t *)to)[i] = (uint8_t)value;
    }
    return to;
}
