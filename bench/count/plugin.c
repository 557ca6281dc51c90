/* Counts executed instructions by address, as a plugin of QEMU's TCG. QEMU numbers the plugin interface; its header is not
 * packaged, so the few declarations that are needed stand here (interface 1, QEMU 7.2 and later).
 *
 * Arguments: begin=ADDRESS,end=ADDRESS,output=FILE. What runs after the instruction at `begin` and before the one at `end`
 * is counted. FILE gets a line "address count" for each address that ran, both decimal. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_info;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { QEMU_PLUGIN_CB_NO_REGS = 0 };

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, void (*seen)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*ended)(qemu_plugin_id_t, void *), void *user);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, void (*ran)(unsigned int, void *), int flags,
                                            void *user);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

struct counter {
    uint64_t address;
    uint64_t count;
    struct counter *next; /* in the same bucket */
};

enum { BUCKETS = 1 << 14 };
static struct counter *buckets[BUCKETS];
static uint64_t begin_address, end_address;
static const char *output_path;
static bool counting;

/* The same address is translated again and again: one counter serves all its translations. */
static struct counter *counter_of(uint64_t address)
{
    struct counter **bucket = &buckets[address / 2 % BUCKETS];
    for (struct counter *c = *bucket; c != NULL; c = c->next)
        if (c->address == address)
            return c;
    struct counter *c = calloc(1, sizeof *c);
    if (c == NULL)
        abort();
    c->address = address;
    c->next = *bucket;
    *bucket = c;
    return c;
}

static void ran(unsigned int processor, void *user)
{
    struct counter *c = user;
    (void)processor;
    if (c->address == end_address)
        counting = false;
    c->count += counting;
    if (c->address == begin_address)
        counting = true;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    size_t count = qemu_plugin_tb_n_insns(tb);
    for (size_t i = 0; i < count; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        qemu_plugin_register_vcpu_insn_exec_cb(insn, ran, QEMU_PLUGIN_CB_NO_REGS, counter_of(qemu_plugin_insn_vaddr(insn)));
    }
}

static void ended(qemu_plugin_id_t id, void *user)
{
    (void)id;
    (void)user;
    FILE *file = fopen(output_path, "w");
    bool good = file != NULL;
    for (size_t b = 0; good && b < BUCKETS; b++)
        for (const struct counter *c = buckets[b]; c != NULL; c = c->next)
            if (c->count != 0)
                good = fprintf(file, "%" PRIu64 " %" PRIu64 "\n", c->address, c->count) > 0 && good;
    if (file == NULL || fclose(file) != 0 || !good)
        fprintf(stderr, "plugin: %s can't be written\n", output_path);
}

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc,
                                                               char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "begin=", 6) == 0)
            begin_address = strtoull(argv[i] + 6, NULL, 0);
        else if (strncmp(argv[i], "end=", 4) == 0)
            end_address = strtoull(argv[i] + 4, NULL, 0);
        else if (strncmp(argv[i], "output=", 7) == 0)
            output_path = argv[i] + 7;
    }
    if (begin_address == 0 || end_address == 0 || output_path == NULL) {
        fprintf(stderr, "plugin: begin=ADDRESS,end=ADDRESS,output=FILE are needed\n");
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ended, NULL);
    return 0;
}
