#include "tests/support/neural_art_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "neural-art/ec_listing.h"
#include "neural-art/fields.h"
#include "tests/support/neural_art_blob.h"

static const char *const structures[LP_NPU_UNIT_TYPES] = {"Streng_Tensor", "Convacc_", "Arithacc_", "Poolacc_", "Activacc_"};

static const char *enumerator_prefix(int type, const char *member)
{
    if (strcmp(member, "bcast") == 0)
        return "ARITH_BCAST_";
    if (strcmp(member, "afilt_mode") == 0)
        return "AFILT_MODE_";
    return type == LP_NPU_ARITH ? "ARITH_" : type == LP_NPU_POOL ? "POOL_" : "ACTIV_";
}

static bool is_pointer(const char *member)
{
    size_t length = strlen(member);
    return strcmp(member, "addr_base") == 0 || (length > 7 && strcmp(member + length - 7, "_vector") == 0);
}

static void put_member(struct lp_text *out, int type, const struct lp_npu_field *field, const void *unit)
{
    long long value = lp_npu_field_get(field, unit, 0);
    if (field->kind == LP_NPU_FIELD_INT3)
        lp_text_printf(out, " .%s = {%lld, %lld, %lld},", field->name, value, (long long)lp_npu_field_get(field, unit, 1),
                       (long long)lp_npu_field_get(field, unit, 2));
    else if (value == 0)
        return;
    else if (field->kind == LP_NPU_FIELD_NAME)
        lp_text_printf(out, " .%s = %s%s,", field->name, enumerator_prefix(type, field->name), field->names[value]);
    else if (is_pointer(field->name))
        lp_text_printf(out, " .%s = {(unsigned char *)(ATON_LIB_PHYSICAL_TO_VIRTUAL_ADDR(0x%llxUL))},", field->name, value);
    else
        lp_text_printf(out, " .%s = %lld,", field->name, value);
}

static void put_unit(struct lp_text *out, int type, const void *unit)
{
    const struct lp_npu_unit_fields *table = &lp_npu_unit_fields[type];
    int index = *(const int32_t *)unit;
    lp_text_printf(out, "    static const LL_%sInitTypeDef %s%d = {", structures[type], table->key, index);
    for (size_t f = 1; f < table->field_count; f++)
        put_member(out, type, &table->fields[f], unit);
    lp_text_printf(out, "};\n    LL_%sInit(%d, &%s%d%s);\n", structures[type], index, table->key, index,
                   type == LP_NPU_STRENG ? ", 1" : "");
}

static void put_port(struct lp_text *out, const char *kind, const struct lp_npu_port *port)
{
    lp_text_printf(out, "ATONN_%sPORT(STRSWITCH, 0, %s, %d, %d)", kind, lp_npu_unit_fields[port->type].type, port->index,
                   port->port);
}

static void put_tables(struct lp_text *out, const struct lp_npu_epoch *e, uint32_t number)
{
    lp_text_printf(out, "static const LL_Switch_InitTypeDef switch_%u[] = {\n", number);
    for (uint32_t i = 0; i < e->route_count; i++) {
        lp_text_printf(out, "    {LL_Switch_Init_Dest() = ");
        put_port(out, "DST", &e->routes[i].destination);
        for (uint32_t k = 0; k < e->routes[i].context_count; k++) {
            lp_text_printf(out, ", LL_Switch_Init_Source(%u) = ", k);
            put_port(out, "SRC", &e->routes[i].contexts[k].source);
            lp_text_printf(out, ", LL_Switch_Init_Context(%u) = %d, LL_Switch_Init_Frames(%u) = %d", k,
                           e->routes[i].contexts[k].enable, k, e->routes[i].contexts[k].frames);
        }
        lp_text_printf(out, "},\n");
    }
    lp_text_printf(out, "};\nstatic const LL_ATON_EnableUnits_InitTypeDef units_%u[] = {", number);
    for (int type = 0; type < LP_NPU_UNIT_TYPES; type++)
        for (uint32_t i = 0; i < e->unit_count[type]; i++)
            lp_text_printf(out, "{{%s, %d}}, ", lp_npu_unit_fields[type].type,
                           *(const int32_t *)lp_npu_epoch_unit(e, (enum lp_npu_unit_type)type, i));
    lp_text_printf(out, "};\n");
}

static void put_epoch(struct lp_text *out, const struct lp_npu_epoch *e, uint32_t number)
{
    uint32_t units = 0;
    put_tables(out, e, number);
    lp_text_printf(out,
                   "static void LL_ATON_Start_EpochBlock_%u(const void *epoch_block)\n{\n    LL_ATON_LIB_UNUSED(epoch_block);\n",
                   number);
    for (int type = LP_NPU_UNIT_TYPES - 1; type >= 0; type--)
        for (uint32_t i = 0; i < e->unit_count[type]; i++, units++)
            put_unit(out, type, lp_npu_epoch_unit(e, (enum lp_npu_unit_type)type, i));
    lp_text_printf(out,
                   "    LL_Switch_Init(switch_%u, %u);\n    LL_ATON_EnableUnits_Init(units_%u, %u);\n}\n"
                   "static void LL_ATON_End_EpochBlock_%u(const void *epoch_block)\n{\n    LL_ATON_LIB_UNUSED(epoch_block);\n"
                   "    LL_Switch_Deinit(switch_%u, %u);\n    LL_ATON_DisableUnits_Init(units_%u, %u);\n}\n",
                   number, e->route_count, number, units, number, number, e->route_count, number, units);
}

static void put_buffers(struct lp_text *out, const char *role, const struct lp_npu_buffers *buffers)
{
    lp_text_printf(out, "const LL_Buffer_InfoTypeDef *LL_ATON_%s_Buffers_Info_made(void)\n{\n", role);
    lp_text_printf(out, "    static const uint32_t shape[] = {1, 1, 1, 1};\n    static const LL_Buffer_InfoTypeDef list[] = {\n");
    for (uint32_t i = 0; i < buffers->count; i++)
        lp_text_printf(
            out,
            "        {.name = \"%s_%u\", .addr_base = {(unsigned char *)(0x%xUL)}, .offset_start = 0, .offset_end = %u, .type = "
            "DataType_INT8, .nbits = 8, .ndims = 4, .shape = shape, .mem_shape = shape, .mem_ndims = 4},\n",
            role, i, buffers->items[i].address, buffers->items[i].size_bytes);
    lp_text_printf(out, "        {.name = NULL},\n    };\n    return list;\n}\n");
}

static void put_rest(struct lp_text *out, const struct lp_npu_program *p)
{
    static const char *const roles[2] = {"Input", "Output"};
    put_buffers(out, "Input", &p->buffers[LP_NPU_INPUT]);
    put_buffers(out, "Output", &p->buffers[LP_NPU_OUTPUT]);
    for (int i = 0; i < 2; i++)
        lp_text_printf(out,
                       "LL_ATON_User_IO_Result_t LL_ATON_Set_User_%s_Buffer_made(uint32_t num, void *buffer, uint32_t size)\n{\n"
                       "    (void)num, (void)buffer, (void)size;\n    return LL_ATON_User_IO_WRONG_INDEX;\n}\n",
                       roles[i]);
    lp_text_printf(out, "bool LL_ATON_EC_Network_Init_made(void)\n{\n    return true;\n}\n"
                        "bool LL_ATON_EC_Inference_Init_made(void)\n{\n    return true;\n}\n");
}

static void put_head(struct lp_text *out)
{
    lp_text_printf(out, "#include \"ll_aton_NN_interface.h\"\n#include \"ll_aton.h\"\n#include \"ll_aton_lib.h\"\n"
                        "#include \"ll_aton_version.h\"\n#include \"ll_sw.h\"\n"
                        "#if LL_ATON_VERSION_MAJOR != 1 || LL_ATON_VERSION_MINOR != 1 || LL_ATON_VERSION_MICRO != 0 || "
                        "LL_ATON_VERSION_DEV != 31\n"
                        "#warning \"other version\"\n#endif\n");
}

void na_source_plain(const struct lp_npu_program *p, struct lp_text *out)
{
    put_head(out);
    for (uint32_t i = 0; i < p->epoch_count; i++)
        if (p->epochs[i].kind == LP_NPU_EPOCH_HW)
            put_epoch(out, &p->epochs[i], i + 1);
    lp_text_printf(out, "const EpochBlock_ItemTypeDef *LL_ATON_EpochBlockItems_made(void)\n{\n    static const "
                        "EpochBlock_ItemTypeDef items[] = {\n");
    for (uint32_t i = 0; i < p->epoch_count; i++)
        if (p->epochs[i].kind == LP_NPU_EPOCH_HW)
            lp_text_printf(
                out,
                "        {.start_epoch_block = LL_ATON_Start_EpochBlock_%u, .end_epoch_block = LL_ATON_End_EpochBlock_%u, "
                ".wait_mask = "
                "0x%x, .flags = EpochBlock_Flags_epoch_start | EpochBlock_Flags_epoch_end | EpochBlock_Flags_pure_hw},\n",
                i + 1, i + 1, p->epochs[i].wait_mask);
    lp_text_printf(out, "        {.flags = EpochBlock_Flags_last_eb},\n    };\n    return items;\n}\n");
    put_rest(out, p);
}

void na_source_blobs(const struct lp_npu_program *p, struct lp_sim_ram *ram, struct lp_text *out, struct lp_text *blobs)
{
    struct lp_arena arena = {0};
    struct lp_diag diag = {0};
    struct lp_text text = {0};
    struct lp_ec_blob blob = {.name = "_ec_blob_made_1"};
    for (uint32_t i = 0; i < p->epoch_count; i++)
        if (p->epochs[i].kind == LP_NPU_EPOCH_HW)
            na_blob_epoch(&p->epochs[i], ram, &text);
    lp_text_printf(&text, "label 0\nirq 0\n");
    assert_int_equal(lp_ec_assemble(&arena, &diag, "made", text.data, text.length, &blob.words, &blob.word_count), LP_OK);
    blob.word_count += blob.word_count % 2; /* the assembler leaves zeros behind the program */
    assert_int_equal(lp_ec_header(&diag, &blob, 1, blobs), LP_OK);
    put_head(out);
    lp_text_printf(out,
                   "#include \"network_ecblobs.h\"\n"
                   "const EpochBlock_ItemTypeDef *LL_ATON_EpochBlockItems_made(void)\n{\n"
                   "    static const EpochBlock_ItemTypeDef items[] = {\n"
                   "        {.blob_address = (uintptr_t)_ec_blob_made_1, .wait_mask = 0, .flags = EpochBlock_Flags_epoch_start | "
                   "EpochBlock_Flags_epoch_end | EpochBlock_Flags_blob},\n"
                   "        {.flags = EpochBlock_Flags_last_eb},\n    };\n    return items;\n}\n");
    put_rest(out, p);
    lp_text_free(&text);
    lp_arena_free(&arena);
    lp_diag_free(&diag);
}
