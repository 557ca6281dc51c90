#ifndef LP_SHIM_LL_ATON_CIPHER_H
#define LP_SHIM_LL_ATON_CIPHER_H

#include <lp_shim_base.h>

typedef struct {
    unsigned enable;
    uint64_t encryption_id;
    unsigned rounds, key_sel, increment;
} LL_Streng_EncryptionTypedef;

#endif
