/* Kernels for PCs with AVX2, or AVX-512 with VNNI. A compiled program names portable kernels; whoever runs it on this PC asks
 * once, when it is loaded, for what this CPU can do faster. The bytes are the same: tests compare every level with the reference. */
#ifndef LP_KERNELS_X86_X86_H
#define LP_KERNELS_X86_X86_H

#include "contract/network.h"

#include <stddef.h>

enum lp_x86_level { LP_X86_NONE, LP_X86_AVX2, LP_X86_VNNI };

/* What this CPU has; LP_X86_NONE on other machines. */
enum lp_x86_level lp_x86_level(void);

enum { LP_X86_ALIGN_BYTES = 64 };

/* Bytes of memory that a faster variant of `reference` with these arguments needs; 0 when there is none for that level. */
size_t lp_x86_bytes(enum lp_x86_level level, lp_kernel *reference, const void *args);

/* Fills that memory, LP_X86_ALIGN_BYTES aligned, with packed constants and room to work in. Returns the kernel that takes it as
 * its arguments. It holds a copy of `args`; what those point to must stay where it is and, but for the tensors, as it is. One
 * memory serves one run at a time. The CPU must have that level. */
lp_kernel *lp_x86_prepare(enum lp_x86_level level, lp_kernel *reference, const void *args, void *memory);

#endif
