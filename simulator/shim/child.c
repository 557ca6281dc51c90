/* The child process: loads the compiled network, answers its calls, walks its blocks. */
#define _POSIX_C_SOURCE 200809L
#include <dlfcn.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "neural-art/fields.h"
#include "simulator/shim/internal.h"

enum { FLAG_BLOB = 4, FLAG_LAST = 8, FLAG_SOFTWARE = 32 };

static struct lp_shim_session session;

void lp_shim_fail(struct lp_shim_session *s, lp_status status, const char *format, ...)
{
    char text[300];
    if (s->status != LP_OK)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    s->status = lp_error(&s->diag, status, "block %u: %s", s->block, text);
}

/* ---- calls of the network ---- */

static void *place_of(struct lp_shim_session *s, int32_t type, int32_t index)
{
    switch (type) {
    case LP_NPU_STRENG: return &s->streng[index];
    case LP_NPU_CONVACC: return &s->convacc[index];
    case LP_NPU_ARITH: return &s->arith[index];
    case LP_NPU_POOL: return &s->pool[index];
    default: return &s->activ[index];
    }
}

static void on_unit(int32_t type, const void *config)
{
    const struct lp_npu_unit_fields *table = &lp_npu_unit_fields[type];
    int64_t index = lp_npu_field_get(&table->fields[0], config, 0);
    if (index < 0 || index >= table->unit_count) {
        lp_shim_fail(&session, LP_BAD_INPUT, "%s has no unit %" PRId64 "; allowed is 0 to %d", table->type, index,
                     table->unit_count - 1);
        return;
    }
    memcpy(place_of(&session, type, (int32_t)index), config, table->struct_bytes);
    session.configured[type] |= 1u << index;
}

static void on_routes(const struct lp_npu_route *routes, uint32_t count)
{
    session.route_count = count;
    if (count > 0)
        memcpy(session.routes, routes, count * sizeof *routes);
}

/* An application's memory lies at the device's addresses; the simulator gets it before it works and gives it back. */
static void take_memory(struct lp_shim_session *s)
{
    if (s->is_application)
        lp_shim_take_memory_back(s);
}

static void give_memory(struct lp_shim_session *s)
{
    if (s->is_application)
        lp_shim_map_memory(s);
}

static void on_enable(const struct lp_npu_unit_id *units, uint32_t count)
{
    take_memory(&session);
    lp_shim_run_units(&session, units, count);
    give_memory(&session);
}

static void on_begin(uint32_t block, uint32_t wait_mask)
{
    session.block = block;
    session.wait_mask = wait_mask;
}

static void on_blob(uintptr_t words)
{
    take_memory(&session);
    if (session.status == LP_OK)
        lp_shim_run_blob(&session, (const uint32_t *)words);
    give_memory(&session);
}

static void on_disable(const struct lp_npu_unit_id *units, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (units[i].type >= 0 && units[i].index >= 0 && units[i].index < 32)
            session.configured[units[i].type] &= ~(1u << units[i].index);
}

static void on_software(const char *name, void *info)
{
    if (session.status == LP_OK)
        lp_shim_software(&session, name, info);
}

static int on_copy(const struct lp_shim_copy_request *request)
{
    return session.status == LP_OK ? lp_shim_copy(&session, request) : -1;
}

static void on_refuse(const char *text)
{
    lp_shim_fail(&session, LP_UNSUPPORTED, "%s, which limpid does not have", text);
}

static const struct lp_shim_calls calls = {.unit = on_unit,
                                           .routes = on_routes,
                                           .enable = on_enable,
                                           .disable = on_disable,
                                           .software = on_software,
                                           .copy = on_copy,
                                           .refuse = on_refuse,
                                           .begin = on_begin,
                                           .blob = on_blob};

/* ---- one epoch ---- */

/* Copies the enabled units of a type side by side. */
static void *gather(struct lp_shim_session *s, int32_t type, const struct lp_npu_unit_id *units, uint32_t count, uint32_t *found)
{
    size_t bytes = lp_npu_unit_fields[type].struct_bytes;
    char *list = lp_arena_alloc(&s->arena, LP_NPU_MOST_UNITS, bytes);
    for (uint32_t i = 0; list != NULL && i < count && *found < LP_NPU_MOST_UNITS; i++) {
        if (units[i].type != type)
            continue;
        if (units[i].index < 0 || units[i].index >= lp_npu_unit_fields[type].unit_count ||
            (s->configured[type] >> units[i].index & 1) == 0) {
            lp_shim_fail(s, LP_BAD_INPUT, "%s %d is enabled, but was not configured", lp_npu_unit_fields[type].type,
                         units[i].index);
            return list;
        }
        memcpy(list + (*found)++ * bytes, place_of(s, type, units[i].index), bytes);
    }
    return list;
}

static void add_report(struct lp_shim_session *s, const struct lp_npu_epoch *epoch, const struct lp_sim_epoch_report *report)
{
    for (uint32_t i = 0; i < report->unit_count; i++)
        s->macs += report->units[i].macs;
    if (lp_sim_saturations_add(&s->arena, &s->saturations, epoch, report) != LP_OK)
        s->status = lp_no_memory(&s->diag);
    s->cycles += report->cycles;
    s->epochs++;
}

void lp_shim_run_epoch(struct lp_shim_session *s, const struct lp_npu_epoch *epoch)
{
    struct lp_sim_epoch_report report;
    lp_status status = lp_sim_run_epoch(NULL, epoch, &s->ram.memory, &s->options, &s->findings, &report);
    if (status == LP_OK)
        add_report(s, epoch, &report);
    else
        lp_shim_fail(s, status, "the epoch does not run; the findings say why");
}

void lp_shim_run_units(struct lp_shim_session *s, const struct lp_npu_unit_id *units, uint32_t count)
{
    if (s->status != LP_OK)
        return;
    for (uint32_t i = 0; i < count; i++)
        if (units[i].type < 0) {
            lp_shim_fail(s, LP_UNSUPPORTED, "a unit is enabled that is not simulated (DECUN or RECBUF)");
            return;
        }
    struct lp_npu_epoch epoch = {
        .id = (int32_t)s->block, .wait_mask = s->wait_mask, .routes = s->routes, .route_count = s->route_count};
    epoch.streng = gather(s, LP_NPU_STRENG, units, count, &epoch.unit_count[LP_NPU_STRENG]);
    epoch.convacc = gather(s, LP_NPU_CONVACC, units, count, &epoch.unit_count[LP_NPU_CONVACC]);
    epoch.arith = gather(s, LP_NPU_ARITH, units, count, &epoch.unit_count[LP_NPU_ARITH]);
    epoch.pool = gather(s, LP_NPU_POOL, units, count, &epoch.unit_count[LP_NPU_POOL]);
    epoch.activ = gather(s, LP_NPU_ACTIV, units, count, &epoch.unit_count[LP_NPU_ACTIV]);
    if (!epoch.streng || !epoch.convacc || !epoch.arith || !epoch.pool || !epoch.activ) {
        s->status = lp_no_memory(&s->diag);
        return;
    }
    if (s->status != LP_OK)
        return;
    lp_shim_run_epoch(s, &epoch);
}

/* ---- the run loop ---- */

static void run_block(struct lp_shim_session *s, const struct lp_shim_block *block)
{
    bool is_blob = (block->flags & FLAG_BLOB) != 0;
    s->wait_mask = is_blob ? 0 : block->wait_mask;
    if (block->has_start)
        s->network->start(s->block);
    if (is_blob && s->status == LP_OK)
        lp_shim_run_blob(s, (const uint32_t *)block->blob);
    bool has_kernels = s->has_kernels && (block->flags & FLAG_SOFTWARE) != 0;
    if (has_kernels && s->status == LP_OK)
        lp_shim_map_memory(s);
    if (block->has_end && s->status == LP_OK)
        s->network->end(s->block);
    if (has_kernels && s->status == LP_OK)
        lp_shim_take_memory_back(s);
}

/* From the current block to the terminator. Without a reset before it, that is no block at all. */
static void run_inference(struct lp_shim_session *s)
{
    struct lp_shim_block block;
    s->network->block(s->block, &block);
    if ((block.flags & FLAG_LAST) == 0 && !s->network->inference_init())
        lp_shim_fail(s, LP_BAD_INPUT, "the network's inference initialization failed");
    while (s->status == LP_OK) {
        s->network->block(s->block, &block);
        if ((block.flags & FLAG_LAST) != 0)
            return;
        run_block(s, &block);
        s->block++;
    }
}

/* Buffers of the user lie behind each other in a memory of their own. */
static void place_user_buffers(struct lp_shim_session *s)
{
    uintptr_t next = LP_SHIM_USER_BASE;
    for (int role = 0; role < 2; role++) {
        struct lp_shim_buffer b;
        for (uint32_t i = 0; s->network->buffer(role, i, &b); i++) {
            if (!b.is_user_allocated)
                continue;
            if (s->network->set_buffer(role, i, next, b.bytes) != 0)
                lp_shim_fail(s, LP_BAD_INPUT, "the network does not take the %s buffer %u of %u bytes", role ? "output" : "input",
                             i, b.bytes);
            next += (b.bytes + 127u) / 64 * 64;
        }
    }
}

static void put_inputs(struct lp_shim_session *s, const struct lp_shim_request *r, uint32_t inference)
{
    struct lp_shim_buffer b;
    for (uint32_t i = 0; s->network->buffer(0, i, &b) && s->status == LP_OK; i++) {
        if (i >= r->input_count || r->input_bytes[i] != (size_t)b.bytes * r->inferences)
            lp_shim_fail(s, LP_BAD_INPUT, "input %u (%s) takes %u bytes an inference; %zu bytes were given for %u", i, b.name,
                         b.bytes, i < r->input_count ? r->input_bytes[i] : 0, r->inferences);
        else
            lp_shim_put(s, b.address, r->inputs[i] + (size_t)inference * b.bytes, b.bytes);
    }
}

static bool write_all(int descriptor, const void *bytes, size_t count)
{
    const char *at = bytes;
    while (count > 0) {
        ssize_t n = write(descriptor, at, count);
        if (n <= 0)
            return false;
        at += n;
        count -= (size_t)n;
    }
    return true;
}

static bool write_block(int descriptor, char kind, const void *bytes, size_t count)
{
    uint64_t length = count;
    return write_all(descriptor, &kind, 1) && write_all(descriptor, &length, sizeof length) &&
           write_all(descriptor, bytes, count);
}

/* 'n' a name; 'i' or 'd' an input or output of that name. */
static void send_ports(struct lp_shim_session *s, int descriptor)
{
    for (int role = 0; role < 2; role++) {
        struct lp_shim_buffer b;
        for (uint32_t i = 0; s->network->buffer(role, i, &b); i++) {
            const struct lp_shim_port port = {
                .bytes = b.bytes, .is_float = b.is_float, .is_unsigned = b.is_unsigned, .bits = b.bits};
            if (!write_block(descriptor, 'n', b.name, strlen(b.name)) || !write_block(descriptor, "id"[role], &port, sizeof port))
                _exit(3);
        }
    }
}

/* 'n' a name, 'o' the bytes of that output. */
static void send_outputs(struct lp_shim_session *s, int descriptor)
{
    struct lp_shim_buffer b;
    for (uint32_t i = 0; s->network->buffer(1, i, &b) && s->status == LP_OK; i++) {
        uint8_t *bytes = lp_arena_alloc(&s->arena, b.bytes, 1);
        if (bytes == NULL) {
            s->status = lp_no_memory(&s->diag);
            return;
        }
        lp_shim_get(s, b.address, bytes, b.bytes);
        if (!write_block(descriptor, 'n', b.name, strlen(b.name)) || !write_block(descriptor, 'o', bytes, b.bytes))
            _exit(3);
    }
}

/* One inference by the application. Input 0 and output 0 only. */
static void run_application(struct lp_shim_session *s, const struct lp_shim_request *r, uint32_t inference, int descriptor)
{
    struct lp_shim_buffer in, out;
    if (!s->network->buffer(0, 0, &in) || !s->network->buffer(1, 0, &out) || r->input_count != 1 ||
        r->input_bytes[0] != (size_t)in.bytes * r->inferences) {
        lp_shim_fail(s, LP_BAD_INPUT, "an application takes one input and gives one output");
        return;
    }
    uint8_t *output = lp_arena_alloc(&s->arena, out.bytes, 1);
    if (output == NULL) {
        s->status = lp_no_memory(&s->diag);
        return;
    }
    int result = s->main(r->inputs[0] + (size_t)inference * in.bytes, in.bytes, output, out.bytes);
    if (result != 0)
        lp_shim_fail(s, LP_BAD_INPUT, "the application gave up with %d", result);
    if (s->status == LP_OK &&
        (!write_block(descriptor, 'n', out.name, strlen(out.name)) || !write_block(descriptor, 'o', output, out.bytes)))
        _exit(3);
}

static void open_application(struct lp_shim_session *s, void *handle)
{
    void *symbol = dlsym(handle, "lp_shim_main");
    if (symbol == NULL) {
        s->status = lp_error(&s->diag, LP_UNSUPPORTED, "no source of the application defines lp_shim_main");
        return;
    }
    memcpy(&s->main, &symbol, sizeof symbol);
    lp_shim_map_all_memory(s);
}

static void open_network(struct lp_shim_session *s, const char *library)
{
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    void *symbol = handle == NULL ? NULL : dlsym(handle, "lp_shim_open");
    if (symbol == NULL) {
        s->status = lp_error(&s->diag, LP_UNSUPPORTED, "the compiled network cannot be loaded: %s", dlerror());
        return;
    }
    lp_shim_open_function open_function;
    memcpy(&open_function, &symbol, sizeof symbol);
    s->network = open_function(&calls);
    if (s->has_kernels)
        lp_shim_map_all_memory(s);
    if (!s->network->init())
        lp_shim_fail(s, LP_BAD_INPUT, "the network's initialization failed");
    if (s->has_kernels)
        lp_shim_take_memory_back(s);
    if (s->is_application)
        open_application(s, handle);
}

int lp_shim_child(const struct lp_shim_request *request, const struct lp_shim_source *source, const char *library, int descriptor)
{
    struct lp_shim_session *s = &session;
    s->findings.arena = &s->arena;
    s->options.check.allow_reported_hangs = request->allow_hangs;
    s->is_application = request->has_application;
    /* Its own kernels are among the sources, or in the program that loads it. */
    s->has_kernels = (request->source_count > 0 || strstr(source->text, "\"runtime/kernels/kernels.h\"") != NULL) &&
                     !s->is_application;
    s->status = lp_shim_memory_open(s);
    for (size_t i = 0; i < request->image_count && s->status == LP_OK; i++)
        s->status = lp_shim_load_image(s, source, &request->images[i]);
    if (s->status == LP_OK)
        open_network(s, library);
    if (s->status == LP_OK)
        place_user_buffers(s);
    if (s->status == LP_OK)
        send_ports(s, descriptor);
    for (uint32_t i = 0; i < request->inferences && s->status == LP_OK; i++) {
        if (s->is_application) {
            run_application(s, request, i, descriptor);
            continue;
        }
        if (!request->never_reset)
            s->block = 0;
        put_inputs(s, request, i);
        if (s->status == LP_OK)
            run_inference(s);
        send_outputs(s, descriptor);
    }
    lp_sim_findings_print(&s->findings, &s->report);
    lp_sim_saturations_print(&s->saturations, &s->report);
    lp_text_printf(&s->report,
                   "%" PRIu64 " hardware epochs, %" PRIu64 " MACs, %" PRIu64 " cycles, %" PRIu64
                   " intermediate values saturated, %" PRIu64 " bytes read that nobody wrote\n",
                   s->epochs, s->macs, s->cycles, s->saturations.total, s->ram.traffic.unwritten_bytes);
    bool sent = write_block(descriptor, 'c', &s->saturations.total, sizeof s->saturations.total) &&
                write_block(descriptor, 'r', lp_text_get(&s->report), s->report.length) &&
                write_block(descriptor, 'e', lp_text_get(&s->diag.errors), s->diag.errors.length);
    int32_t status = (int32_t)s->status;
    return sent && write_block(descriptor, 's', &status, sizeof status) ? 0 : 3;
}
