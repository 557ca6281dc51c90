#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/file.h"
#include "neural-art/hex.h"
#include "simulator/shim/internal.h"

/* Pools by the names that generated projects use. The flash may begin at any of three places: the file itself says where. */
static const struct lp_npu_pool_memory pools[] = {
    {"flexMEM", 0x34000000, 0x64000, false, true, false},
    {"cpuRAM1", 0x34064000, 0x9c000, false, true, false},
    {"cpuRAM2", 0x34100000, 0x100000, false, true, false},
    {"npuRAM3", 0x34200000, 0x70000, false, true, false},
    {"npuRAM4", 0x34270000, 0x70000, false, true, false},
    {"npuRAM5", 0x342e0000, 0x70000, false, true, false},
    {"npuRAM6", 0x34350000, 0x70000, false, true, false},
    {"octoFlash", 0x70000000, 0x8000000, false, true, true},
    {"hyperRAM", 0x90000000, 0x2000000, false, true, true},
    {"userIO", 0xc0000000, 0x4000000, false, true, false},
    {"unit tables", LP_SHIM_TABLES_ADDRESS, 0x20000, false, true, false},
};

lp_status lp_shim_memory_open(struct lp_shim_session *s)
{
    struct lp_npu_pool_memory copy[LP_COUNT(pools)];
    memcpy(copy, pools, sizeof pools);
    const struct lp_npu_program memory = {.name = "STM32N6", .pools = copy, .pool_count = LP_COUNT(pools)};
    return lp_sim_ram_open(&s->arena, &s->diag, &memory, &s->ram);
}

static lp_status put(struct lp_shim_session *s, const char *file, uint64_t address, const uint8_t *bytes, size_t count)
{
    lp_status status = lp_sim_ram_put(&s->ram, address, bytes, count);
    if (status == LP_MEMORY_FAULT)
        return lp_error(&s->diag, LP_BAD_INPUT, "%s: %zu bytes at address 0x%llx do not lie in a memory of the device", file,
                        count, (unsigned long long)address);
    return status == LP_OUT_OF_MEMORY ? lp_no_memory(&s->diag) : status;
}

struct hex_target {
    struct lp_shim_session *session;
    const char *file;
};

static lp_status put_record(void *ctx, uint64_t address, const uint8_t *bytes, size_t count)
{
    const struct hex_target *target = ctx;
    return put(target->session, target->file, address, bytes, count);
}

static lp_status load_hex(struct lp_shim_session *s, const char *file, const uint8_t *text, size_t size)
{
    struct hex_target target = {s, file};
    return lp_hex_read(&s->diag, file, text, size, put_record, &target);
}

/* The lowest address that the source mentions, when it can be the begin of an image: the addresses of a program of the epoch
 * controller stand in no source, and the lowest of the others may be any. */
static lp_status flash_place(struct lp_shim_session *s, const struct lp_shim_source *source, const struct lp_shim_image *image,
                             const struct lp_npu_pool_memory *pool, uint64_t *out)
{
    enum { SECTOR_BYTES = 4096 };
    *out = lp_shim_smallest_constant(source, pool->base, pool->base + pool->size_bytes);
    if (*out != 0 && *out % SECTOR_BYTES == 0)
        return LP_OK;
    return lp_error(
        &s->diag, LP_BAD_INPUT,
        "%s: the network's source does not say where in octoFlash it begins (no comment that describes the pool, lowest "
        "address 0x%llx): give the address, as in 0x71000000=%s",
        image->file, (unsigned long long)*out, image->file);
}

/* Where an image without addresses of its own goes: to a number, or to a pool. */
static lp_status place_of(struct lp_shim_session *s, const struct lp_shim_source *source, const struct lp_shim_image *image,
                          uint64_t *out)
{
    if (image->place == NULL)
        return lp_error(&s->diag, LP_BAD_INPUT, "%s: say where it goes: POOL=FILE or ADDRESS=FILE", image->file);
    if (isdigit((unsigned char)image->place[0])) {
        char *end;
        *out = strtoull(image->place, &end, 0);
        return *end == '\0' ? LP_OK : lp_error(&s->diag, LP_BAD_INPUT, "\"%s\" is no address", image->place);
    }
    uint32_t said;
    if (lp_shim_pool_comment(source, image->place, &said)) {
        *out = said;
        return LP_OK;
    }
    for (size_t i = 0; i < LP_COUNT(pools); i++) {
        if (strcmp(image->place, pools[i].name) != 0)
            continue;
        *out = pools[i].base;
        /* The RAMs begin where they begin; where the flash's image does, each project chooses. */
        if (strcmp(image->place, "octoFlash") == 0)
            return flash_place(s, source, image, &pools[i], out);
        return LP_OK;
    }
    return lp_error(&s->diag, LP_BAD_INPUT,
                    "no memory pool is named \"%s\"; allowed is flexMEM, cpuRAM1, cpuRAM2, npuRAM3 to npuRAM6, "
                    "octoFlash, hyperRAM, what comments of the network's source name, or an address",
                    image->place);
}

lp_status lp_shim_load_image(struct lp_shim_session *s, const struct lp_shim_source *source, const struct lp_shim_image *image)
{
    const uint8_t *bytes;
    size_t size = 0, length = strlen(image->file);
    uint64_t address = 0;
    lp_status status = lp_file_read(&s->arena, &s->diag, image->file, 1u << 30, &bytes, &size);
    if (status != LP_OK)
        return status;
    if (length > 4 && strcmp(image->file + length - 4, ".hex") == 0)
        return load_hex(s, image->file, bytes, size);
    status = place_of(s, source, image, &address);
    return status == LP_OK ? put(s, image->file, address, bytes, size) : status;
}

/* Pointers of this process lie above everything that a device address can be. */
void lp_shim_get(struct lp_shim_session *s, uintptr_t address, void *bytes, size_t count)
{
    if (address > UINT32_MAX)
        memcpy(bytes, (const void *)address, count);
    else if (lp_sim_ram_get(&s->ram, address, bytes, count) != LP_OK) {
        memset(bytes, 0, count);
        lp_shim_fail(s, LP_MEMORY_FAULT, "%zu bytes are read at 0x%llx, where there is no memory", count,
                     (unsigned long long)address);
    }
}

void lp_shim_put(struct lp_shim_session *s, uintptr_t address, const void *bytes, size_t count)
{
    if (address > UINT32_MAX)
        memcpy((void *)address, bytes, count);
    else if (lp_sim_ram_put(&s->ram, address, bytes, count) != LP_OK)
        lp_shim_fail(s, LP_MEMORY_FAULT, "%zu bytes are written at 0x%llx, where there is no memory", count,
                     (unsigned long long)address);
}
