/* INI files from hostile hands, as the commands that have one read them: the first byte chooses which, the rest is the file. What
 * is accepted keeps the promises that the monitor and the simulated device rely on. */
#define _GNU_SOURCE
#include "cli/monitor/config.h"
#include "cli/sensor/config.h"
#include "compiler/target/target.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct fuzzed {
    struct lp_arena arena;
    struct lp_diag diag;
    const char *path;
    const char *text;
    size_t length;
};

static lp_status read_plain(struct fuzzed *f)
{
    struct lp_ini ini;
    lp_status status = lp_ini_parse(&f->arena, &f->diag, "fuzz.ini", f->text, f->length, &ini);
    if (status != LP_OK)
        return status;
    must(ini.section_count <= LP_INI_MAX_SECTIONS, "too many sections");
    for (uint32_t s = 0; s < ini.section_count; s++) {
        must(ini.sections[s].key_count <= LP_INI_MAX_KEYS, "too many keys");
        must(lp_ini_section(&ini, ini.sections[s].name) == &ini.sections[s], "a section that is not found by its name");
        for (uint32_t k = 0; k < ini.sections[s].key_count; k++) {
            const struct lp_ini_key *key = &ini.sections[s].keys[k];
            must(lp_ini_key(&ini, &ini.sections[s], key->name) == key, "a key that is not found by its name");
        }
    }
    return lp_ini_check_all_asked(&ini, "any");
}

static lp_status read_monitor(struct fuzzed *f)
{
    static struct lp_monitor_config c;
    memset(&c, 0, sizeof c);
    lp_status status = lp_monitor_config_read(&f->arena, &f->diag, f->path, &c);
    if (status != LP_OK)
        return status;
    must(c.line_count <= LP_MONITOR_MAX_LINES && c.device_count <= LP_MONITOR_MAX_DEVICES, "too many lines or devices");
    must(c.feature_count > 0 && c.feature_count <= LP_MONITOR_MAX_FEATURES, "too many features");
    for (uint32_t i = 0; i < c.feature_count; i++) {
        const struct lp_monitor_feature *feature = &c.features[i];
        must(feature->device < c.device_count && c.block_of[i] < c.block_count, "a feature of nothing");
        const struct lp_monitor_block *block = &c.blocks[c.block_of[i]];
        must(block->count <= LP_MODBUS_MAX_REGISTERS && (uint32_t)block->address + block->count <= 65536, "a bad request");
        must(feature->address >= block->address && feature->address < block->address + block->count, "a feature outside");
    }
    for (uint32_t d = 0; d < c.device_count; d++)
        must(c.devices[d].line < c.line_count && c.devices[d].unit >= 1 && c.devices[d].unit <= 247, "a bad device");
    return LP_OK;
}

static lp_status read_sensor(struct fuzzed *f)
{
    static struct lp_sensor_config c;
    memset(&c, 0, sizeof c);
    return lp_sensor_config_read(&f->arena, &f->diag, f->path, &c);
}

static lp_status read_target(struct fuzzed *f)
{
    struct lp_target target = {0};
    return lp_target_parse(&f->arena, &f->diag, "fuzz.ini", f->text, f->length, &target);
}

static lp_status (*const readers[])(struct fuzzed *f) = {read_plain, read_monitor, read_sensor, read_target};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    char path[40];
    if (size_bytes == 0)
        return 0;
    struct fuzzed f = {.arena = {.limit_bytes = (size_t)64 << 20}, .path = path};
    f.length = size_bytes - 1;
    char *text = malloc(f.length + 1);
    int file = memfd_create("fuzz.ini", 0);
    must(text != NULL && file >= 0, "no memory");
    memcpy(text, data + 1, f.length);
    text[f.length] = '\0';
    f.text = text;
    must(write(file, text, f.length) == (ssize_t)f.length, "no room for the file");
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    lp_status status = readers[data[0] % (sizeof readers / sizeof *readers)](&f);
    must((status == LP_OK) == (f.diag.error_count == 0), "status and errors do not agree");
    close(file);
    free(text);
    lp_diag_free(&f.diag);
    lp_arena_free(&f.arena);
    return 0;
}
