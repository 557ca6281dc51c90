#include "neural-art/analyze.h"

#include <inttypes.h>

#include "neural-art/epoch_read.h"
#include "neural-art/evidence.h"
#include "neural-art/fields.h"

static const char *field_name_of(enum lp_npu_unit_type type, const char *field, int32_t value)
{
    const struct lp_npu_field *f = lp_npu_field_find(type, field);
    return value >= 0 && value <= f->max ? f->names[value] : "?";
}

const char *const lp_npu_buffer_role_names[LP_NPU_BUFFER_ROLES] = {"input", "output", "parameter", "intermediate"};

static const char *pool_of(const struct lp_npu_program *p, uint64_t address)
{
    for (uint32_t i = 0; i < p->pool_count; i++)
        if (!p->pools[i].is_virtual && address >= p->pools[i].base &&
            address < (uint64_t)p->pools[i].base + p->pools[i].size_bytes)
            return p->pools[i].name;
    return "no pool";
}

static void print_streng(const struct lp_npu_streng *s, struct lp_text *out)
{
    uint64_t elements = lp_npu_streng_frame_elements(s);
    lp_text_printf(out, "%s 0x%08x, %u frame%s of ", s->dir ? "writes" : "reads", s->addr_base + s->offset_start,
                   s->frame_tot_cnt, s->frame_tot_cnt == 1 ? "" : "s");
    if (s->raw)
        lp_text_printf(out, "%" PRIu64, elements);
    else
        lp_text_printf(out, "%ux%ux%u (pixels %u bytes apart)", s->fheight, s->fwidth, s->batch_depth, s->batch_offset);
    lp_text_printf(out, ", %d", s->nbits_in);
    if (s->nbits_in != s->nbits_out)
        lp_text_printf(out, " -> %d", s->nbits_out);
    lp_text_printf(out, " bits");
    if (s->align_right)
        lp_text_printf(out, s->nbits_unsigned ? ", zero-extended" : ", sign-extended");
    if (s->sync_with_other)
        lp_text_printf(out, ", behind STRENG %d", s->sync_dma);
}

static void print_convacc(const struct lp_npu_convacc *c, struct lp_text *out)
{
    const char *mode = c->deepmode ? "deep" : c->dss2mode ? "dss2" : c->simd == 2 ? "16x8" : "8x8";
    lp_text_printf(out, "%s, %dx%d", mode, c->kernelHeight, c->kernelWidth);
    if (c->hstride > 1 || c->vstride > 1)
        lp_text_printf(out, " stride %d,%d", c->vstride, c->hstride);
    lp_text_printf(out, ", %d -> %d channels, %dx%d", c->batchDepth, c->nKernels, c->fHeight, c->fWidth);
    if (c->left_padding || c->right_padding || c->top_padding || c->bot_padding)
        lp_text_printf(out, ", pad L%d R%d T%d B%d", c->left_padding, c->right_padding, c->top_padding, c->bot_padding);
    lp_text_printf(out, ", %s features", c->f_unsigned ? "unsigned" : "signed");
    if (c->fsub != 0)
        lp_text_printf(out, " minus %d", c->fsub);
    if (c->kfilt_tot != 0)
        lp_text_printf(out, ", kernels %d..%d of %d", c->kfilt_first, c->kfilt_last, c->kfilt_tot);
    if (c->accumulate)
        lp_text_printf(out, ", accumulates%s", c->afilt_mode == LP_NPU_AFILT_FRAMEZERO ? " over slices" : "");
    if (c->fstat)
        lp_text_printf(out, ", each feature frame %d times", c->fstatcnt);
    lp_text_printf(out, ", >> %d to %d bytes", c->shift_o, c->outbytes_o);
}

static void print_arith(const struct lp_npu_arith *a, struct lp_text *out)
{
    lp_text_printf(out, "%s", field_name_of(LP_NPU_ARITH, "operation", a->operation));
    if (a->dualinput)
        lp_text_printf(out, " of two inputs");
    if (a->operation == LP_NPU_ARITH_AFFINE && a->scalar && a->combinebc)
        lp_text_printf(out, ", A %d, BC %" PRId64, a->A_scalar, (int64_t)a->B_scalar * 65536 + (a->C_scalar & 0xffff));
    else if (a->operation == LP_NPU_ARITH_AFFINE && a->scalar)
        lp_text_printf(out, ", A %d, B %d, C %d", a->A_scalar, a->B_scalar, a->C_scalar);
    else if (a->operation == LP_NPU_ARITH_AFFINE)
        lp_text_printf(out, ", %s%s%sper %s of %d", a->A_vector ? "A " : "", a->B_vector ? "B " : "",
                       a->C_vector ? (a->combinebc ? "BC " : "C ") : "", field_name_of(LP_NPU_ARITH, "bcast", a->bcast),
                       a->fChannels);
    lp_text_printf(out, ", %d -> %d bytes, >> %d%s%s", a->inbytes_x, a->outbytes_o, a->shift_o, a->rounding_o ? "" : ", floor",
                   a->saturation_o ? "" : ", low bytes kept");
}

static void print_pool(const struct lp_npu_pool *p, struct lp_text *out)
{
    lp_text_printf(out, "%s", field_name_of(LP_NPU_POOL, "operation", p->operation));
    if (p->operation != LP_NPU_POOL_GAVG)
        lp_text_printf(out, " %dx%d stride %d,%d", p->poolWinY, p->poolWinX, p->strideY, p->strideX);
    lp_text_printf(out, ", %dx%d, %d channels", p->inputY, p->inputX, p->batchSize);
    if (p->operation == LP_NPU_POOL_GAVG || p->operation == LP_NPU_POOL_AVG)
        lp_text_printf(out, ", * %d >> %d to %d bytes", p->mulval, p->shift_o, p->outbytes_o);
}

static void print_activ(const struct lp_npu_activ *a, struct lp_text *out)
{
    lp_text_printf(out, "%s", field_name_of(LP_NPU_ACTIV, "operation", a->operation));
    if (a->operation == LP_NPU_ACTIV_FUNC)
        lp_text_printf(out, ", %u outer segments, %u rows", a->ROM0_nbytes, a->ROM1_nbytes / 6);
    lp_text_printf(out, ", %d -> %d bytes", a->inbytes_f, a->outbytes_o);
}

void lp_npu_unit_print(enum lp_npu_unit_type type, const void *unit, struct lp_text *out)
{
    switch (type) {
    case LP_NPU_STRENG: print_streng(unit, out); break;
    case LP_NPU_CONVACC: print_convacc(unit, out); break;
    case LP_NPU_ARITH: print_arith(unit, out); break;
    case LP_NPU_POOL: print_pool(unit, out); break;
    default: print_activ(unit, out); break;
    }
}

static void print_fields(enum lp_npu_unit_type type, const void *unit, struct lp_text *out)
{
    const struct lp_npu_unit_fields *table = &lp_npu_unit_fields[type];
    for (size_t i = 1; i < table->field_count; i++) {
        const struct lp_npu_field *field = &table->fields[i];
        int64_t value = lp_npu_field_get(field, unit, 0);
        if (field->kind == LP_NPU_FIELD_INT3)
            lp_text_printf(out, "\n        %s %" PRId64 " %" PRId64 " %" PRId64, field->name, value,
                           lp_npu_field_get(field, unit, 1), lp_npu_field_get(field, unit, 2));
        else if (field->kind == LP_NPU_FIELD_NAME)
            lp_text_printf(out, "\n        %s %s", field->name, field_name_of(type, field->name, (int32_t)value));
        else if (value != 0)
            lp_text_printf(out, "\n        %s %" PRId64, field->name, value);
    }
}

static void print_routes(const struct lp_npu_epoch *e, struct lp_text *out)
{
    for (uint32_t i = 0; i < e->route_count; i++) {
        const struct lp_npu_route *r = &e->routes[i];
        const struct lp_npu_port *from = &r->contexts[0].source, *to = &r->destination;
        lp_text_printf(out, "    %s %d -> %s %d.%d", lp_npu_unit_fields[from->type].type, from->index,
                       lp_npu_unit_fields[to->type].type, to->index, to->port);
        if (r->context_count == 2 && r->contexts[0].frames != 0)
            lp_text_printf(out, ", %s %d frames, then %s %d", r->contexts[0].enable ? "passes" : "drops", r->contexts[0].frames,
                           r->contexts[1].enable ? "passes" : "drops", r->contexts[1].frames);
        lp_text_printf(out, "  [%s]\n", lp_npu_evidence_name(lp_npu_evidence_of_route(r)));
    }
}

void lp_npu_epoch_bytes(const struct lp_npu_program *p, const struct lp_npu_epoch *e, uint32_t pool, uint64_t bytes[2])
{
    bytes[0] = bytes[1] = 0;
    for (uint32_t i = 0; !p->pools[pool].is_virtual && i < e->unit_count[LP_NPU_STRENG]; i++) {
        const struct lp_npu_streng *s = &e->streng[i];
        if (pool_of(p, (uint64_t)s->addr_base + s->offset_start) == p->pools[pool].name)
            bytes[s->dir] += s->frame_tot_cnt * lp_npu_streng_frame_elements(s) * lp_npu_streng_element_bytes(s);
    }
}

const struct lp_npu_buffer *lp_npu_buffer_of(const struct lp_npu_program *p, const struct lp_npu_epoch *e,
                                             const struct lp_npu_streng *s, enum lp_npu_buffer_role *role)
{
    static const enum lp_npu_buffer_role order[] = {LP_NPU_PARAMETER, LP_NPU_INTERMEDIATE, LP_NPU_OUTPUT, LP_NPU_INPUT};
    uint64_t address = (uint64_t)s->addr_base + s->offset_start;
    for (size_t k = 0; k < LP_COUNT(order); k++)
        for (uint32_t i = 0; i < p->buffers[order[k]].count; i++) {
            const struct lp_npu_buffer *b = &p->buffers[order[k]].items[i];
            bool is_live = (b->live_first_epoch < 0 || e->id >= b->live_first_epoch) &&
                           (b->live_last_epoch < 0 || e->id <= b->live_last_epoch);
            if (is_live && address >= b->address && address < (uint64_t)b->address + b->size_bytes) {
                *role = order[k];
                return b;
            }
        }
    return NULL;
}

static void print_buffer(const struct lp_npu_program *p, const struct lp_npu_epoch *e, const struct lp_npu_streng *s,
                         struct lp_text *out)
{
    enum lp_npu_buffer_role role = LP_NPU_INPUT;
    const struct lp_npu_buffer *b = lp_npu_buffer_of(p, e, s, &role);
    if (b != NULL)
        lp_text_printf(out, ", %s %s", lp_npu_buffer_role_names[role], b->name);
}

static void print_bytes(const struct lp_npu_program *p, const struct lp_npu_epoch *e, struct lp_text *out)
{
    for (uint32_t k = 0; k < p->pool_count; k++) {
        uint64_t bytes[2];
        lp_npu_epoch_bytes(p, e, k, bytes);
        if (bytes[0] + bytes[1] > 0)
            lp_text_printf(out, "    %s: %" PRIu64 " bytes read, %" PRIu64 " bytes written\n", p->pools[k].name, bytes[0],
                           bytes[1]);
    }
}

static void print_epoch(const struct lp_npu_program *p, const struct lp_npu_epoch *e, bool all_fields, struct lp_text *out)
{
    lp_text_printf(out, "\nepoch %d: %s", e->id, lp_npu_epoch_kind_names[e->kind]);
    if (e->sw_op != NULL)
        lp_text_printf(out, " %s", e->sw_op);
    if (e->compute_cycles != 0)
        lp_text_printf(out, ", its compiler's estimate %" PRId64 " cycles", e->compute_cycles);
    lp_text_printf(out, "\n");
    for (int t = LP_NPU_UNIT_TYPES - 1; t >= 0; t--) {
        enum lp_npu_unit_type type = (enum lp_npu_unit_type)t;
        for (uint32_t i = 0; i < e->unit_count[type]; i++) {
            const void *unit = lp_npu_epoch_unit(e, type, i);
            lp_text_printf(out, "    %s %d: ", lp_npu_unit_fields[type].type,
                           (int)lp_npu_field_get(lp_npu_unit_fields[type].fields, unit, 0));
            lp_npu_unit_print(type, unit, out);
            if (type == LP_NPU_STRENG)
                print_buffer(p, e, unit, out);
            lp_text_printf(out, "  [%s]", lp_npu_evidence_name(lp_npu_evidence_of_unit(type, unit)));
            if (all_fields)
                print_fields(type, unit, out);
            lp_text_printf(out, "\n");
        }
    }
    print_routes(e, out);
    print_bytes(p, e, out);
}

void lp_npu_analyze(const struct lp_npu_program *p, bool all_fields, struct lp_text *out)
{
    uint32_t hardware = 0;
    uint64_t parameter_bytes = 0;
    for (uint32_t i = 0; i < p->epoch_count; i++)
        hardware += p->epochs[i].kind == LP_NPU_EPOCH_HW;
    for (uint32_t i = 0; i < p->buffers[LP_NPU_PARAMETER].count; i++)
        parameter_bytes += p->buffers[LP_NPU_PARAMETER].items[i].size_bytes;
    lp_text_printf(out, "program %s: %u epochs, %u of them hardware; %u parameters of %" PRIu64 " bytes; weakest evidence: %s\n",
                   p->name, p->epoch_count, hardware, p->buffers[LP_NPU_PARAMETER].count, parameter_bytes,
                   lp_npu_evidence_name(lp_npu_evidence_of_program(p)));
    for (uint32_t i = 0; i < p->pool_count; i++)
        lp_text_printf(out, "  pool %s: 0x%08x, %u bytes%s%s\n", p->pools[i].name, p->pools[i].base, p->pools[i].size_bytes,
                       p->pools[i].is_virtual ? ", spans others" : "", p->pools[i].is_writable ? "" : ", read only");
    for (uint32_t i = 0; i < p->image_count; i++)
        lp_text_printf(out, "  image %s: 0x%08x, %u bytes\n", p->images[i].file, p->images[i].base, p->images[i].size_bytes);
    for (int role = 0; role < LP_NPU_BUFFER_ROLES; role++) {
        bool is_short = role == LP_NPU_INPUT || role == LP_NPU_OUTPUT || all_fields;
        for (uint32_t i = 0; is_short && i < p->buffers[role].count; i++) {
            const struct lp_npu_buffer *b = &p->buffers[role].items[i];
            lp_text_printf(out, "  %s %s: 0x%08x in %s, %u bytes, %s", lp_npu_buffer_role_names[role], b->name, b->address,
                           pool_of(p, b->address), b->size_bytes, b->dtype);
            if (b->scale_count == 1 && b->zero_point_count == 1)
                lp_text_printf(out, ", scale %.9g, zero point %d", b->scale[0], b->zero_point[0]);
            lp_text_printf(out, "\n");
        }
    }
    for (uint32_t i = 0; i < p->epoch_count; i++)
        print_epoch(p, &p->epochs[i], all_fields, out);
}
