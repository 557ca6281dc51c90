/* What all headers of the shim share. The shim has the names of the vendor's interface, so that a generated network file
 * compiles here unchanged; its structures are the project's own and hold plain integers. Device addresses stay numbers:
 * nothing is mapped at them, every consumer translates. */
#ifndef LP_SHIM_BASE_H
#define LP_SHIM_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Generation of the file being compiled, given on the command line: 1.0.0 is 100, 1.1.0 is 110, 1.1.1 is 111, 1.1.3 is 113.
 * LP_SHIM_BLOCKS_TAKE_INSTANCE: block functions have a second parameter (the later 1.1.3). */
#ifndef LP_SHIM_GENERATION
#define LP_SHIM_GENERATION 113
#endif
#ifndef LP_SHIM_BLOCKS_TAKE_INSTANCE
#define LP_SHIM_BLOCKS_TAKE_INSTANCE 0
#endif

#ifndef LL_ATON_DBG_BUFFER_INFO_EXCLUDED
#define LL_ATON_DBG_BUFFER_INFO_EXCLUDED 0
#endif
#define LL_ATON_PLAT_STM32N6 12
#define LL_ATON_PLATFORM LL_ATON_PLAT_STM32N6
#define LL_ATON_LIB_UNUSED(x) ((void)(x))
#define ATON_LIB_PHYSICAL_TO_VIRTUAL_ADDR(address) (address)
#define ATON_LIB_VIRTUAL_TO_PHYSICAL_ADDR(address) (address)
#define __LL_ATON_LIB_PHYSICAL_TO_VIRTUAL_ADDR(address) (address)
#define LL_ATON_LOCK_MCU_CACHE()
#define LL_ATON_UNLOCK_MCU_CACHE()
#define LL_ATON_LOCK_NPU_CACHE()
#define LL_ATON_UNLOCK_NPU_CACHE()

#define LL_ATON_OK 0
#define LL_ATON_INVALID_ID (-1)
#define LL_ATON_INVALID_PARAM (-2)
#define LL_ATON_TIMEOUT (-3)

#endif
