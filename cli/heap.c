#define _DEFAULT_SOURCE
/* A compiler run lives for milliseconds, and page faults were a third of them: memory is taken in large pages where the system
 * has them, and memory given back is used again instead of returned and fetched anew. */
#include "cli/heap.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    SMALL_PAGE_BYTES = 4 << 10,
    LARGE_PAGE_BYTES = 2 << 20,
    MOST_MMAP_THRESHOLD = 32 << 20,                      /* that mallopt takes */
    HEAP_BYTES = MOST_MMAP_THRESHOLD - LARGE_PAGE_BYTES, /* addresses, not memory: pages come with their first use */
};

void lp_heap_prepare(void)
{
    mallopt(M_MMAP_THRESHOLD, MOST_MMAP_THRESHOLD);
    mallopt(M_TRIM_THRESHOLD, 2 * MOST_MMAP_THRESHOLD);
    /* The heap begins a little before a large page does: a large page of which a byte is in use already comes in small ones.
     * Where a limit forbids any of this, the heap grows as it always does. */
    const uintptr_t end = (uintptr_t)sbrk(0) + SMALL_PAGE_BYTES;
    (void)sbrk((intptr_t)(LARGE_PAGE_BYTES - end % LARGE_PAGE_BYTES));
    char *heap = malloc(HEAP_BYTES);
    if (heap != NULL)
        (void)madvise(heap + (LARGE_PAGE_BYTES - (uintptr_t)heap % LARGE_PAGE_BYTES), HEAP_BYTES - LARGE_PAGE_BYTES,
                      MADV_HUGEPAGE);
    free(heap);
}
