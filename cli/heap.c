#define _DEFAULT_SOURCE
/* A compiler run lives for milliseconds, and page faults were a third of them: memory is taken in large pages where the system
 * has them, and memory given back is used again instead of returned and fetched anew. */
#include "cli/heap.h"

#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
    LARGE_PAGE_BYTES = 2 << 20,
    MOST_MMAP_THRESHOLD = 32 << 20,                           /* that mallopt takes */
    HEAP_BYTES = MOST_MMAP_THRESHOLD - 2 * LARGE_PAGE_BYTES, /* addresses, not memory: pages come with their first use */
};

void lp_heap_prepare(void)
{
    mallopt(M_MMAP_THRESHOLD, MOST_MMAP_THRESHOLD);
    mallopt(M_TRIM_THRESHOLD, 2 * MOST_MMAP_THRESHOLD);
    /* Where a limit forbids it, the heap grows as it always does. */
    void *heap = aligned_alloc(LARGE_PAGE_BYTES, HEAP_BYTES);
    if (heap != NULL)
        (void)madvise(heap, HEAP_BYTES, MADV_HUGEPAGE);
    free(heap);
}
