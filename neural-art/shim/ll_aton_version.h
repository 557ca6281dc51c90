/* The version that the file being compiled asks for: it is not ours to refuse. */
#ifndef LP_SHIM_LL_ATON_VERSION_H
#define LP_SHIM_LL_ATON_VERSION_H

#ifndef LL_ATON_VERSION_MAJOR
#define LL_ATON_VERSION_MAJOR 1
#endif
#ifndef LL_ATON_VERSION_MINOR
#define LL_ATON_VERSION_MINOR 1
#endif
#ifndef LL_ATON_VERSION_MICRO
#define LL_ATON_VERSION_MICRO 3
#endif
#ifndef LL_ATON_VERSION_DEV
#define LL_ATON_VERSION_DEV 8
#endif
#define LL_ATON_VERSION_NAME "limpid"

#endif
