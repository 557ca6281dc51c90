#define _POSIX_C_SOURCE 200809L
#include "cli/emulate/build.h"
#include "cli/emulate/elf.h"
#include "cli/emulate/map.h"
#include "compiler/base/file.h"

#include <stdio.h>
#include <stdlib.h>
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

struct origins {
    const struct lp_emulate_program *program;
    struct lp_emulate_flash *flash;
};

/* A piece of the program by the source that its object was made of; objects are numbered like sources (see lp_build_image). */
static void count_piece(void *user, const char *section, size_t section_length, const char *object, size_t object_length,
                        uint32_t size_bytes)
{
    static const char *const counted[] = {".text", ".rodata", ".data", ".ARM.exidx"};
    static const char kernels[] = "runtime/kernels/";
    const struct origins *o = user;
    char *end = NULL;
    bool is_counted = false;
    for (size_t i = 0; i < LP_COUNT(counted); i++)
        is_counted = is_counted || (strlen(counted[i]) == section_length && memcmp(counted[i], section, section_length) == 0);
    unsigned long source = object_length > 1 && object[0] == 'n' ? strtoul(object + 1, &end, 10) : 0;
    if (!is_counted || end == NULL || end == object + 1 || end + 2 != object + object_length ||
        source >= o->program->source_count)
        return;
    const char *path = o->program->sources[source];
    if (strncmp(path, kernels, sizeof kernels - 1) == 0)
        o->flash->kernels_bytes += size_bytes;
    else if (strchr(path, '/') == NULL)
        o->flash->tables_bytes += size_bytes;
}

/* The linker's map says which object gave which bytes; what no object of ours gave is the C library's, or fill. */
static lp_status find_origins(struct lp_build *build, struct lp_emulate_flash *flash)
{
    const uint8_t *data;
    size_t size_bytes;
    struct origins origins = {build->program, flash};
    const char *path = lp_arena_printf(build->arena, "%s/image.map", build->folder);
    if (path == NULL)
        return lp_no_memory(build->diag);
    lp_status status = lp_file_read(build->arena, build->diag, path, 0, &data, &size_bytes);
    const char *text = status == LP_OK ? lp_arena_text(build->arena, (const char *)data, size_bytes) : NULL;
    if (status != LP_OK || text == NULL)
        return status != LP_OK ? status : lp_no_memory(build->diag);
    lp_map_read(text, count_piece, &origins);
    flash->tables_bytes -= flash->constants_bytes;
    if (flash->kernels_bytes + flash->tables_bytes > flash->code_bytes)
        return lp_error(build->diag, LP_INTERNAL, "the linker's map has %u bytes of kernels and %u of tables, the program %u",
                        (unsigned)flash->kernels_bytes, (unsigned)flash->tables_bytes, (unsigned)flash->code_bytes);
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
    return status == LP_OK ? find_origins(build, flash) : status;
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
