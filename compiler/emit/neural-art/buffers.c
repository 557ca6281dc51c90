/* Descriptions of the buffers in the vendor's form. Shapes, scales and zero points lie in lists in which equal runs exist once. */
#include "compiler/emit/neural-art/source.h"

#include <string.h>

#include "compiler/emit/parts.h"

enum { BUFFER_BYTES = 56, MOST_RANK = 8, LEAST_RANK = 4 };

struct described {
    const struct lp_npu_buffer *buffer;
    bool is_parameter;
    uint32_t name, shape, rank, mem_shape, mem_rank, scale, offset; /* positions in the lists */
};

struct lists {
    const char *suffix; /* of their names in C */
    struct lp_npu_list names, shapes, scales, offsets;
};

/* At least batch, height, width, channel: missing ones are 1. */
static uint32_t add_shape(struct lp_npu_source *s, struct lists *lists, const int64_t *shape, uint32_t rank, uint32_t *out_rank)
{
    uint32_t dims[MOST_RANK] = {1, 1, 1, 1};
    uint32_t missing = rank < LEAST_RANK ? LEAST_RANK - rank : 0;
    uint32_t given = rank < MOST_RANK ? rank : MOST_RANK;
    for (uint32_t i = 0; i < given; i++)
        dims[missing + i] = (uint32_t)shape[i];
    *out_rank = missing + given;
    return lp_npu_list_add(&s->tables, &lists->shapes, dims, missing + given);
}

static struct described describe(struct lp_npu_source *s, struct lists *lists, const struct lp_npu_buffer *b, bool is_parameter)
{
    struct described d = {.buffer = b, .is_parameter = is_parameter};
    char name[LP_COMMENT_BYTES];
    lp_emit_comment(b->name == NULL ? "" : b->name, name);
    d.name = lp_npu_list_add(&s->tables, &lists->names, name, (uint32_t)strlen(name) + 1);
    d.shape = add_shape(s, lists, b->shape, b->rank, &d.rank);
    d.mem_shape = b->mem_shape == NULL ? d.shape : add_shape(s, lists, b->mem_shape, b->mem_rank, &d.mem_rank);
    d.mem_rank = b->mem_shape == NULL ? d.rank : d.mem_rank;
    float *scales = LP_NEW_ARRAY(s->tables.arena, b->scale_count + 1, float);
    int16_t *offsets = LP_NEW_ARRAY(s->tables.arena, b->scale_count + 1, int16_t);
    if (scales == NULL || offsets == NULL) {
        s->status = lp_no_memory(s->diag);
        return d;
    }
    for (uint32_t i = 0; i < b->scale_count; i++) {
        scales[i] = (float)b->scale[i];
        offsets[i] = b->zero_point_count == 0 ? 0 : (int16_t)b->zero_point[i < b->zero_point_count ? i : 0];
    }
    d.scale = lp_npu_list_add(&s->tables, &lists->scales, scales, b->scale_count);
    d.offset = lp_npu_list_add(&s->tables, &lists->offsets, offsets, b->scale_count);
    return d;
}

/* Channels of the canonical form are all stored together. */
static const char *channel_position(const struct described *d)
{
    const struct lp_npu_buffer *b = d->buffer;
    int64_t channels = b->rank == 0 ? 1 : b->shape[b->rank - 1];
    return b->batch == 0 || b->batch == channels ? "CHPos_Last" : b->batch == 1 ? "CHPos_First" : "CHPos_Mixed";
}

static const char *type_of(const struct lp_npu_buffer *b)
{
    static const struct {
        const char *dtype, *c_name;
    } types[] = {{"int8", "DataType_INT8"},   {"uint8", "DataType_UINT8"},   {"int16", "DataType_INT16"},
                 {"int32", "DataType_INT32"}, {"float32", "DataType_FLOAT"}, {"fixed", "DataType_FXP"}};
    for (size_t i = 0; i < LP_COUNT(types); i++)
        if (strcmp(b->dtype, types[i].dtype) == 0)
            return types[i].c_name;
    return "DataType_UNDEFINED";
}

static void put_description(struct lp_npu_source *s, const struct lists *lists, const struct described *d)
{
    const char *x = lists->suffix;
    const struct lp_npu_buffer *b = d->buffer;
    const char *n = s->in->name;
    int bits = b->bits == 0 ? 8 : b->bits;
    int integer_bits = b->q[0] == 0 && b->q[1] == 0 ? bits - !b->is_unsigned : b->q[0];
    int64_t channels = b->rank == 0 ? 1 : b->shape[b->rank - 1];
    uint32_t limit = (b->size_bytes + 64 + 7) / 8 * 8;
    lp_text_printf(
        s->out,
        "    {.name = %s_names%s + %u, .addr_base = {(unsigned char *)(0x%08xUL)}, .offset_start = 0, .offset_end = %u, "
        ".offset_limit = %u,",
        n, x, d->name, b->address, b->size_bytes, b->limit > b->address ? b->limit - b->address : limit);
    lp_text_printf(
        s->out,
        " .is_user_allocated = 0, .is_param = %d, .epoch = %d, .batch = %lld, .mem_shape = %s_shapes%s + %u, .mem_ndims = "
        "%u, .chpos = %s,",
        d->is_parameter, b->first_epoch < 0 ? 0 : b->first_epoch, b->batch > 0 ? (long long)b->batch : (long long)channels, n, x,
        d->mem_shape, d->mem_rank, channel_position(d));
    lp_text_printf(s->out,
                   " .Qm = %d, .Qn = %d, .Qunsigned = %d, .type = %s, .nbits = %d, .ndims = %u, .per_channel = %d, .shape = "
                   "%s_shapes%s + %u,",
                   integer_bits, b->q[1], b->is_unsigned, type_of(b), bits, d->rank, b->per_channel, n, x, d->shape);
    if (b->scale_count > 0)
        lp_text_printf(s->out, " .scale = %s_scales%s + %u, .offset = %s_offsets%s + %u", n, x, d->scale, n, x, d->offset);
    else
        lp_text_printf(s->out, " .scale = NULL, .offset = NULL");
    lp_text_printf(s->out, "},\n");
}

/* ---- the lists ---- */

static void put_names(struct lp_npu_source *s, const char *suffix, const struct lp_npu_list *list)
{
    lp_text_printf(s->out, "\nstatic const char %s_names%s[] = \"", s->in->name, suffix);
    for (uint32_t i = 0; i + 1 < list->count; i++)
        lp_text_printf(s->out, list->entries[i] == '\0' ? "\\0\"\n    \"" : "%c", list->entries[i]);
    lp_text_printf(s->out, "\";\n");
}

static void put_numbers(struct lp_npu_source *s, const struct lists *lists)
{
    const char *n = s->in->name;
    const uint32_t *shapes = (const uint32_t *)(const void *)lists->shapes.entries;
    const float *scales = (const float *)(const void *)lists->scales.entries;
    const int16_t *offsets = (const int16_t *)(const void *)lists->offsets.entries;
    lp_text_printf(s->out, "static const uint32_t %s_shapes%s[] = {", n, lists->suffix);
    for (uint32_t i = 0; i < lists->shapes.count; i++)
        lp_text_printf(s->out, "%s%u,", i % 16 == 0 ? "\n    " : " ", shapes[i]);
    lp_text_printf(s->out, "\n};\n");
    if (lists->scales.count == 0)
        return;
    lp_text_printf(s->out, "static const float %s_scales%s[] = {", n, lists->suffix);
    for (uint32_t i = 0; i < lists->scales.count; i++) {
        lp_text_printf(s->out, i % 8 == 0 ? "\n    " : " ");
        lp_emit_float(s->out, scales[i]);
        lp_text_printf(s->out, ",");
    }
    lp_text_printf(s->out, "\n};\nstatic const int16_t %s_offsets%s[] = {", n, lists->suffix);
    for (uint32_t i = 0; i < lists->offsets.count; i++)
        lp_text_printf(s->out, "%s%d,", i % 16 == 0 ? "\n    " : " ", offsets[i]);
    lp_text_printf(s->out, "\n};\n");
}

static void put_role(struct lp_npu_source *s, const struct lists *lists, const char *role, const struct described *list,
                     uint32_t count)
{
    lp_text_printf(s->out, "static const LL_Buffer_InfoTypeDef %s_%s[] = {\n", s->in->name, role);
    for (uint32_t i = 0; i < count; i++)
        put_description(s, lists, &list[i]);
    lp_text_printf(s->out, "    {.name = NULL},\n};\n");
}

static void put_getters(struct lp_npu_source *s)
{
    static const char *const roles[3][2] = {{"Input", "inputs"}, {"Output", "outputs"}, {"Internal", "internals"}};
    static const char *const directions[2] = {"Input", "Output"};
    const char *n = s->in->name;
    for (int i = 0; i < 3; i++)
        lp_text_printf(s->out, "\nconst LL_Buffer_InfoTypeDef *LL_ATON_%s_Buffers_Info_%s(void)\n{\n    return %s_%s;\n}\n",
                       roles[i][0], n, n, roles[i][1]);
    for (int i = 0; i < 2; i++)
        lp_text_printf(
            s->out,
            "\n/* No buffer is the user's. */\nLL_ATON_User_IO_Result_t LL_ATON_Set_User_%s_Buffer_%s(uint32_t num, void "
            "*buffer, uint32_t size)\n{\n    LL_ATON_LIB_UNUSED(num);\n    LL_ATON_LIB_UNUSED(buffer);\n    "
            "LL_ATON_LIB_UNUSED(size);\n    return LL_ATON_User_IO_WRONG_INDEX;\n}\n\n"
            "void *LL_ATON_Get_User_%s_Buffer_%s(uint32_t num)\n{\n    LL_ATON_LIB_UNUSED(num);\n    return NULL;\n}\n",
            directions[i], n, directions[i], n);
}

/* The description of a role's buffers, in `out`. */
static uint32_t describe_role(struct lp_npu_source *s, struct lists *lists, enum lp_npu_buffer_role role, struct described *out)
{
    const struct lp_npu_buffers *buffers = &s->in->program->buffers[role];
    for (uint32_t i = 0; i < buffers->count && s->status == LP_OK; i++)
        out[i] = describe(s, lists, &buffers->items[i], role == LP_NPU_PARAMETER);
    return buffers->count;
}

static void account_for(struct lp_npu_source *s, const struct lists *lists, uint32_t inputs, uint32_t outputs)
{
    const struct {
        uint64_t entries;
        uint32_t bytes;
    } counts[] = {{lists->names.count, 1},    {lists->shapes.count, 4},    {lists->scales.count, 4}, {lists->offsets.count, 2},
                  {inputs + 1, BUFFER_BYTES}, {outputs + 1, BUFFER_BYTES}, {1, BUFFER_BYTES}};
    for (size_t i = 0; i < LP_COUNT(counts); i++)
        lp_npu_account(s, LP_CAUSE_IO, LP_NO_LAYER, counts[i].entries, counts[i].bytes);
}

static struct lists new_lists(const char *suffix)
{
    return (struct lists){suffix, {.entry_bytes = 1}, {.entry_bytes = 4}, {.entry_bytes = sizeof(float)}, {.entry_bytes = 2}};
}

/* What lies between input and output is of use to a debugger only, and costs flash: it is there when asked for. */
static void put_internals(struct lp_npu_source *s)
{
    const struct lp_npu_program *p = s->in->program;
    struct lists lists = new_lists("_debug");
    uint32_t count = p->buffers[LP_NPU_PARAMETER].count + p->buffers[LP_NPU_INTERMEDIATE].count;
    struct described *list = LP_NEW_ARRAY(s->tables.arena, count + 1, struct described);
    if (list == NULL) {
        s->status = lp_no_memory(s->diag);
        return;
    }
    uint32_t parameters = describe_role(s, &lists, LP_NPU_PARAMETER, list);
    (void)describe_role(s, &lists, LP_NPU_INTERMEDIATE, list + parameters);
    if (s->status != LP_OK || s->tables.status != LP_OK)
        return;
    if (count > 0) {
        lp_text_printf(s->out, "\n#if LL_ATON_DBG_BUFFER_INFO_EXCLUDED == 0");
        put_names(s, lists.suffix, &lists.names);
        put_numbers(s, &lists);
        put_role(s, &lists, "internals", list, count);
        lp_text_printf(s->out, "#else\n");
    }
    lp_text_printf(s->out, "static const LL_Buffer_InfoTypeDef %s_internals[] = {{.name = NULL}};\n%s", s->in->name,
                   count > 0 ? "#endif\n" : "");
}

void lp_npu_put_buffers(struct lp_npu_source *s)
{
    const struct lp_npu_program *p = s->in->program;
    struct lists lists = new_lists("");
    struct described *ports[2] = {LP_NEW_ARRAY(s->tables.arena, p->buffers[LP_NPU_INPUT].count + 1, struct described),
                                  LP_NEW_ARRAY(s->tables.arena, p->buffers[LP_NPU_OUTPUT].count + 1, struct described)};
    if (ports[0] == NULL || ports[1] == NULL) {
        s->status = lp_no_memory(s->diag);
        return;
    }
    uint32_t inputs = describe_role(s, &lists, LP_NPU_INPUT, ports[0]);
    uint32_t outputs = describe_role(s, &lists, LP_NPU_OUTPUT, ports[1]);
    if (s->status == LP_OK && s->tables.status == LP_OK) {
        put_names(s, "", &lists.names);
        put_numbers(s, &lists);
        put_role(s, &lists, "inputs", ports[0], inputs);
        put_role(s, &lists, "outputs", ports[1], outputs);
        account_for(s, &lists, inputs, outputs);
        put_internals(s);
        put_getters(s);
    }
    if (s->tables.status != LP_OK)
        s->status = s->tables.status;
}
