/* The heap of the command line program. */
#ifndef LP_HEAP_H
#define LP_HEAP_H

/* Called once, before the first allocation of size. Without it everything works, with more page faults. */
void lp_heap_prepare(void);

#endif
