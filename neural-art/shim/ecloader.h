/* Programs of the epoch controller in memory, and their relocation to buffers of the user. */
#ifndef LP_SHIM_ECLOADER_H
#define LP_SHIM_ECLOADER_H

#include <lp_shim_base.h>

typedef uint32_t ECInstr;
typedef uint32_t ECAddr;
typedef uint32_t ECFileEntry;

bool ec_copy_program(const uint8_t *file, ECInstr *program, unsigned *size);
bool ec_copy_blob(ECInstr *blob, const uint8_t *file, unsigned *size);
const ECFileEntry *ec_get_reloc_table_ptr(const uint8_t *file);
#if LP_SHIM_GENERATION >= 113
bool ec_reloc(ECInstr *program, const ECFileEntry *table, unsigned index, ECAddr base, ECAddr *previous);
#else
bool ec_reloc(const ECFileEntry *table, ECInstr *program, unsigned index, ECAddr base, ECAddr *previous);
#endif

#endif
