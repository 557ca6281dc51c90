/* Layouts: Tool Interface Standard, Executable and Linking Format. */
#include "cli/emulate/elf.h"

#include <string.h>

enum {
    HEADER_BYTES = 52,
    SECTION_BYTES = 40,
    SYMBOL_BYTES = 16,
    SHT_SYMTAB = 2,
    SHT_NOBITS = 8,
};

static uint32_t u16_at(const struct lp_elf *elf, size_t at)
{
    return elf->data[at] | (uint32_t)elf->data[at + 1] << 8;
}

static uint32_t u32_at(const struct lp_elf *elf, size_t at)
{
    return u16_at(elf, at) | u16_at(elf, at + 2) << 16;
}

static bool is_inside(const struct lp_elf *elf, uint64_t offset, uint64_t size_bytes)
{
    return offset <= elf->size_bytes && size_bytes <= elf->size_bytes - offset;
}

/* A string in [offset, offset + size_bytes) that ends there; null otherwise. */
static const char *name_at(const struct lp_elf *elf, uint32_t offset, uint32_t size_bytes, uint32_t index)
{
    if (index >= size_bytes)
        return NULL;
    const char *name = (const char *)elf->data + offset + index;
    return memchr(name, 0, size_bytes - index) == NULL ? NULL : name;
}

static bool raw_section(const struct lp_elf *elf, uint32_t i, struct lp_elf_section *s, uint32_t *name)
{
    uint64_t at = elf->sections_offset + (uint64_t)i * SECTION_BYTES;
    if (i >= elf->section_count || !is_inside(elf, at, SECTION_BYTES))
        return false;
    *name = u32_at(elf, at);
    s->type = u32_at(elf, at + 4);
    s->flags = u32_at(elf, at + 8);
    s->address = u32_at(elf, at + 12);
    s->offset = u32_at(elf, at + 16);
    s->size_bytes = u32_at(elf, at + 20);
    s->link = u32_at(elf, at + 24);
    return s->type == SHT_NOBITS || is_inside(elf, s->offset, s->size_bytes);
}

lp_status lp_elf_open(struct lp_diag *diag, const char *path, const uint8_t *data, size_t size_bytes, struct lp_elf *elf)
{
    static const uint8_t magic[] = {0x7f, 'E', 'L', 'F', 1 /* 32 bits */, 1 /* little-endian */};
    *elf = (struct lp_elf){.data = data, .size_bytes = size_bytes};
    if (size_bytes < HEADER_BYTES || memcmp(data, magic, sizeof magic) != 0)
        return lp_error(diag, LP_BAD_INPUT, "%s is not a 32-bit little-endian ELF file", path);
    elf->sections_offset = u32_at(elf, 32);
    elf->section_count = u16_at(elf, 48);
    struct lp_elf_section names;
    uint32_t unused;
    if (u16_at(elf, 46) != SECTION_BYTES || !raw_section(elf, u16_at(elf, 50), &names, &unused) || names.type == SHT_NOBITS)
        return lp_error(diag, LP_BAD_INPUT, "%s: the section table lies outside the file", path);
    elf->names_offset = names.offset;
    elf->names_bytes = names.size_bytes;
    return LP_OK;
}

bool lp_elf_section(const struct lp_elf *elf, uint32_t i, struct lp_elf_section *section)
{
    uint32_t name;
    if (!raw_section(elf, i, section, &name))
        return false;
    section->name = name_at(elf, elf->names_offset, elf->names_bytes, name);
    return section->name != NULL;
}

static bool find_symbol(const struct lp_elf *elf, const struct lp_elf_section *table, const char *name, uint32_t *size_bytes)
{
    struct lp_elf_section names;
    if (!lp_elf_section(elf, table->link, &names) || names.type == SHT_NOBITS)
        return false;
    for (uint32_t at = 0; table->size_bytes - at >= SYMBOL_BYTES; at += SYMBOL_BYTES) {
        const char *found = name_at(elf, names.offset, names.size_bytes, u32_at(elf, table->offset + at));
        if (found != NULL && strcmp(found, name) == 0) {
            *size_bytes = u32_at(elf, table->offset + at + 8);
            return true;
        }
    }
    return false;
}

bool lp_elf_symbol_bytes(const struct lp_elf *elf, const char *name, uint32_t *size_bytes)
{
    struct lp_elf_section section;
    for (uint32_t i = 0; i < elf->section_count; i++)
        if (lp_elf_section(elf, i, &section) && section.type == SHT_SYMTAB && find_symbol(elf, &section, name, size_bytes))
            return true;
    return false;
}
