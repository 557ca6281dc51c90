#define _POSIX_C_SOURCE 200809L
#include "cli/emulate/build.h"
#include "cli/emulate/elf.h"
#include "compiler/base/file.h"

#include <string.h>

enum { SHF_ALLOC = 2 };

/* Sections of runtime/ports/cortex-m/sections.ld and where their bytes count. */
static uint32_t *figure_of(const char *section, struct lp_emulate_flash *flash, uint32_t *stack_bytes)
{
    const struct {
        const char *section;
        uint32_t *figure;
    } rows[] = {
        {".vectors", &flash->startup_bytes}, {".startup", &flash->startup_bytes},
        {".text", &flash->text_bytes},       {".ARM.exidx", &flash->rodata_bytes},
        {".rodata", &flash->rodata_bytes},   {".data", &flash->data_bytes},
        {".bss", &flash->bss_bytes},         {".stack", stack_bytes},
    };
    for (size_t i = 0; i < LP_COUNT(rows); i++)
        if (strcmp(rows[i].section, section) == 0)
            return rows[i].figure;
    return NULL;
}

/* Every byte of memory must be counted: a section that nobody named is an error, not a smaller figure. */
static lp_status add_sections(struct lp_diag *diag, const struct lp_elf *elf, struct lp_emulate_flash *flash)
{
    uint32_t stack_bytes = 0;
    for (uint32_t i = 0; i < elf->section_count; i++) {
        struct lp_elf_section section;
        if (!lp_elf_section(elf, i, &section))
            return lp_error(diag, LP_BAD_INPUT, "section %u of the linked program lies outside its file", (unsigned)i);
        if ((section.flags & SHF_ALLOC) == 0 || section.size_bytes == 0)
            continue;
        uint32_t *figure = figure_of(section.name, flash, &stack_bytes);
        if (figure == NULL)
            return lp_error(diag, LP_INTERNAL, "the linked program has a section %s of %u bytes that no figure counts",
                            section.name, (unsigned)section.size_bytes);
        *figure += section.size_bytes;
    }
    return LP_OK;
}

static lp_status measure(struct lp_build *build, const char *const *constants, size_t constant_count,
                         struct lp_emulate_flash *flash)
{
    const uint8_t *data;
    size_t size_bytes;
    struct lp_elf elf;
    const char *path = lp_arena_printf(build->arena, "%s/image.elf", build->folder);
    if (path == NULL)
        return lp_no_memory(build->diag);
    lp_status status = lp_file_read(build->arena, build->diag, path, 0, &data, &size_bytes);
    if (status == LP_OK)
        status = lp_elf_open(build->diag, path, data, size_bytes, &elf);
    if (status == LP_OK)
        status = add_sections(build->diag, &elf, flash);
    for (size_t i = 0; i < constant_count && status == LP_OK; i++) {
        uint32_t symbol_bytes;
        if (!lp_elf_symbol_bytes(&elf, constants[i], &symbol_bytes))
            return lp_error(build->diag, LP_INTERNAL, "the linked program has no symbol %s", constants[i]);
        flash->constants_bytes += symbol_bytes;
    }
    flash->code_bytes = flash->text_bytes + flash->rodata_bytes + flash->data_bytes - flash->constants_bytes;
    return status;
}

lp_status lp_emulate_flash(struct lp_arena *arena, struct lp_diag *diag, const struct lp_emulate_program *program,
                           const char *symbol, const char *const *constants, size_t constant_count,
                           struct lp_emulate_flash *flash)
{
    *flash = (struct lp_emulate_flash){0};
    const char *define = lp_arena_printf(arena, "-DLP_MEASURED_NETWORK=%s", symbol);
    if (define == NULL)
        return lp_no_memory(diag);
    const struct lp_build_extra extras[] = {
        {"runtime/ports/cortex-m/startup.c", "startup.o", NULL},
        {"cli/emulate/device/measure.c", "measure.o", define},
    };
    struct lp_build build;
    lp_status status = lp_build_open(&build, arena, diag, program);
    if (status != LP_OK)
        return status;
    status = lp_build_image(&build, extras, LP_COUNT(extras));
    if (status == LP_OK)
        status = measure(&build, constants, constant_count, flash);
    lp_build_close(&build);
    return status;
}
