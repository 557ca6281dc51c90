/* Reads what a linked 32-bit little-endian ELF file says about its size. Checks every offset before use. */
#ifndef LP_EMULATE_ELF_H
#define LP_EMULATE_ELF_H

#include "compiler/base/diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lp_elf {
    const uint8_t *data;
    size_t size_bytes;
    uint32_t sections_offset; /* of the section table */
    uint32_t section_count;
    uint32_t names_offset; /* of the sections' names */
    uint32_t names_bytes;
};

struct lp_elf_section {
    const char *name;
    uint32_t type;  /* 8: no bytes in the file */
    uint32_t flags; /* 2: occupies memory */
    uint32_t address;
    uint32_t offset;
    uint32_t size_bytes;
    uint32_t link;
};

/* LP_BAD_INPUT when it is not such a file or contradicts itself. `data` must outlive `elf`. */
lp_status lp_elf_open(struct lp_diag *diag, const char *path, const uint8_t *data, size_t size_bytes, struct lp_elf *elf);

/* i below section_count. False when the table's row leaves the file. */
bool lp_elf_section(const struct lp_elf *elf, uint32_t i, struct lp_elf_section *section);

/* Size of the first symbol of that name; false when there is none. */
bool lp_elf_symbol_bytes(const struct lp_elf *elf, const char *name, uint32_t *size_bytes);

#endif
