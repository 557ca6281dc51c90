/* A network in the form of generated C, compiled and executed through the shim, against its arithmetic done here. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/base/file.h"
#include "neural-art/ec.h"
#include "simulator/shim/shim.h"

static const char network[] = "tests/vectors/neural-art/network/network.c";
static const int8_t kernels[16] = {1, -2, 3, 4, -5, 6, 7, 8, 9, -10, 11, 12, 127, -128, 100, -100};
static const float in_scale = 0.05f, out_scale = 0.25f;
static const int8_t in_zero = -3, out_zero = 5;

struct run {
    struct lp_arena arena;
    struct lp_diag diag;
    char folder[64];
    struct lp_shim_request request;
    struct lp_shim_image image;
    struct lp_shim_result result;
    char image_path[100];
    const uint8_t *input;
    size_t input_bytes;
    lp_status status;
};

static void write_parameters(struct run *r, const char *name)
{
    uint8_t bytes[32] = {0};
    memcpy(bytes, kernels, 16);
    memcpy(bytes + 16, &in_scale, 4);
    memcpy(bytes + 20, &out_scale, 4);
    memcpy(bytes + 24, &in_zero, 1);
    memcpy(bytes + 25, &out_zero, 1);
    snprintf(r->image_path, sizeof r->image_path, "%s/%s", r->folder, name);
    if (strstr(name, ".hex") == NULL) {
        assert_int_equal(lp_file_write(&r->diag, r->image_path, bytes, sizeof bytes), LP_OK);
        return;
    }
    struct lp_text text = {0};
    lp_text_printf(&text, ":02000004710089\n");
    for (unsigned line = 0; line < 2; line++) {
        unsigned sum = 16 + line * 16;
        lp_text_printf(&text, ":10%04X00", line * 16);
        for (unsigned i = 0; i < 16; i++) {
            lp_text_printf(&text, "%02X", bytes[line * 16 + i]);
            sum += bytes[line * 16 + i];
        }
        lp_text_printf(&text, "%02X\r\n", (256 - sum % 256) % 256);
    }
    lp_text_printf(&text, ":00000001FF\n");
    assert_int_equal(lp_file_write(&r->diag, r->image_path, text.data, text.length), LP_OK);
    lp_text_free(&text);
}

static void open_run(struct run *r, const float *input, uint32_t inferences)
{
    memset(r, 0, sizeof *r);
    strcpy(r->folder, "/tmp/limpid-shim-XXXXXX");
    assert_non_null(mkdtemp(r->folder));
    write_parameters(r, "parameters.raw");
    r->image = (struct lp_shim_image){.place = "octoFlash", .file = r->image_path};
    r->input = (const uint8_t *)input;
    r->input_bytes = inferences * 32;
    r->request = (struct lp_shim_request){.source = network,
                                          .root = ".",
                                          .work_folder = r->folder,
                                          .images = &r->image,
                                          .image_count = 1,
                                          .inputs = &r->input,
                                          .input_bytes = &r->input_bytes,
                                          .input_count = 1,
                                          .inferences = inferences,
                                          .timeout_s = 60};
}

static void close_run(struct run *r)
{
    static const char *const files[] = {"glue.c", "network.so", "compiler.log", "parameters.raw", "parameters.hex", "changed.c"};
    for (size_t i = 0; i < LP_COUNT(files); i++) {
        char path[200];
        snprintf(path, sizeof path, "%s/%s", r->folder, files[i]);
        (void)remove(path);
    }
    (void)remove(r->folder);
    lp_arena_free(&r->arena);
    lp_diag_free(&r->diag);
}

/* The network's source with every `from` replaced. */
static void change_source(struct run *r, const char *from, const char *to)
{
    const uint8_t *bytes;
    size_t size = 0;
    struct lp_text text = {0};
    assert_int_equal(lp_file_read(&r->arena, &r->diag, r->request.source, 0, &bytes, &size), LP_OK);
    char *source = lp_arena_text(&r->arena, (const char *)bytes, size), *at = source, *next;
    assert_non_null(strstr(source, from));
    for (; (next = strstr(at, from)) != NULL; at = next + strlen(from)) {
        lp_text_add(&text, at, (size_t)(next - at));
        lp_text_printf(&text, "%s", to);
    }
    lp_text_printf(&text, "%s", at);
    char *path = lp_arena_printf(&r->arena, "%s/changed.c", r->folder);
    assert_int_equal(lp_file_write(&r->diag, path, text.data, text.length), LP_OK);
    r->request.source = path;
    lp_text_free(&text);
}

static void run(struct run *r)
{
    r->status = lp_shim_run(&r->arena, &r->diag, &r->request, &r->result);
}

static int limited(double v, int low, int high)
{
    return v < low ? low : v > high ? high : (int)v;
}

/* What the network gives for one inference of 8 floats. */
static void expected(const float *input, float *output)
{
    int q[8];
    for (int i = 0; i < 8; i++)
        q[i] = limited((double)roundf(input[i] / in_scale) + in_zero, -128, 127);
    for (int p = 0; p < 2; p++)
        for (int k = 0; k < 4; k++) {
            int sum = 0;
            for (int c = 0; c < 4; c++)
                sum += q[p * 4 + c] * kernels[k * 4 + c];
            int accumulator = limited(round(sum / 4.0), -32768, 32767);
            int bc = 65536 + 49152; /* B:C */
            int out = limited(round((8192.0 * accumulator + bc) / 16384.0), -128, 127);
            output[p * 4 + k] = (float)(out - out_zero) * out_scale;
        }
}

static const float inputs[16] = {0.1f, -0.7f, 1.3f, 2.9f, -3.1f, 0.02f, 6.6f, -8.0f, 1, 2, 3, 4, -1, -2, -3, -4};

static void outputs_are_those_of_the_arithmetic(struct run *r)
{
    float wanted[16];
    expected(inputs, wanted);
    expected(inputs + 8, wanted + 8);
    if (r->status != LP_OK)
        fail_msg("%s%s", lp_text_get(&r->diag.errors), r->result.report);
    assert_int_equal(r->result.output_count, 1);
    assert_string_equal(r->result.names[0], "output");
    assert_int_equal(r->result.output_bytes[0], sizeof wanted);
    assert_memory_equal(r->result.outputs[0], wanted, sizeof wanted);
    assert_non_null(strstr(r->result.report, "2 hardware epochs, 64 MACs"));
}

static void a_generated_network_runs_unchanged(void **state)
{
    (void)state;
    struct run r;
    open_run(&r, inputs, 2);
    run(&r);
    outputs_are_those_of_the_arithmetic(&r);
    close_run(&r);
}

static void images_may_be_hex_or_named_by_address(void **state)
{
    (void)state;
    struct run r;
    open_run(&r, inputs, 2);
    write_parameters(&r, "parameters.hex");
    r.image.place = NULL;
    run(&r);
    outputs_are_those_of_the_arithmetic(&r);
    close_run(&r);
    open_run(&r, inputs, 2);
    r.image.place = "0x71000000";
    run(&r);
    outputs_are_those_of_the_arithmetic(&r);
    close_run(&r);
}

static void the_later_form_with_an_instance_runs(void **state)
{
    (void)state;
    struct run r;
    open_run(&r, inputs, 2);
    change_source(&r, "(const void *epoch_block)",
                  "(const LL_ATON_RT_EpochBlockItem_t *epoch_block, const NN_Instance_TypeDef *nn_instance)");
    change_source(&r, "MICRO != 1 || LL_ATON_VERSION_DEV != 14", "MICRO != 3 || LL_ATON_VERSION_DEV != 262");
    run(&r);
    outputs_are_those_of_the_arithmetic(&r);
    close_run(&r);
}

static void the_first_form_runs(void **state)
{
    (void)state;
    struct run r;
    open_run(&r, inputs, 2);
    change_source(&r, "MINOR != 1 || LL_ATON_VERSION_MICRO != 1 || LL_ATON_VERSION_DEV != 14",
                  "MINOR != 0 || LL_ATON_VERSION_MICRO != 0 || LL_ATON_VERSION_DEV != 16");
    change_source(&r, "_own", "_Default");
    change_source(&r, "ATON_LIB_PHYSICAL_TO_VIRTUAL_ADDR", "__LL_ATON_LIB_PHYSICAL_TO_VIRTUAL_ADDR");
    change_source(&r, "    LL_ATON_Cache_MCU_Clean_Range((uintptr_t)0x34100040UL, 32);",
                  "#if (LL_ATON_PLATFORM == LL_ATON_PLAT_STM32N6)\n    LL_ATON_LOCK_MCU_CACHE();\n"
                  "    mcu_cache_clean_range((uintptr_t)0x34100040UL, 32);\n    LL_ATON_UNLOCK_MCU_CACHE();\n#endif");
    run(&r);
    outputs_are_those_of_the_arithmetic(&r);
    close_run(&r);
}

/* Names in comments and texts, a version over several lines, members for debugging, parameters among the inputs, lists in
 * another order, pools described in comments. */
static void what_stands_around_the_network_does_not_matter(void **state)
{
    (void)state;
    struct run r;
    open_run(&r, inputs, 2);
    change_source(&r, "#include \"ll_sw.h\"",
                  "#include \"ll_sw.h\"\r\n#include \"ll_aton_cipher.h\"\r\n#define LL_ATON_EB_DBG_INFO\r\n"
                  "/* index=9 file postfix=xSPI2 name=octoFlash offset=0x71000000  absolute_mode size=67108864 READ_ONLY */\r\n"
                  "// LL_ATON_EpochBlockItems_third() LL_ATON_VERSION_MICRO != 9\r\n"
                  "const char own_text[] = \"\\\" LL_ATON_EpochBlockItems_second(/* \";");
    change_source(&r, "!= 1 || LL_ATON_VERSION_MICRO", "!= (1) || \\\n    LL_ATON_VERSION_MICRO");
    change_source(
        &r, ".flags = EpochBlock_Flags_epoch_start",
        ".epoch_num = 1, .last_epoch_num = 1, .in_streng_mask = 3, .out_streng_mask = 512, .estimated_npu_cycles = 12,\n"
        ".estimated_tot_cycles = 99, .flags = EpochBlock_Flags_epoch_start");
    change_source(&r, "{.name = NULL}};",
                  "\n#if LL_ATON_DBG_BUFFER_INFO_EXCLUDED == 0\n{.name = \"weights\", .addr_base = {(unsigned char "
                  "*)(0x71000000UL)}, .offset_end = 16, .is_param = 1},\n#endif\n{.name = NULL}};");
    change_source(&r, "{{STRENG, 9}}, {{CONVACC, 1}}, {{ARITH, 2}}, {{STRENG, 0}}, {{STRENG, 5}}",
                  "{{STRENG, 5}}, {{STRENG, 0}}, {{ARITH, 2}}, {{CONVACC, 1}}, {{STRENG, 9}}");
    change_source(&r, "_own", "_net_2x3_v10");
    r.image.place = "xSPI2";
    run(&r);
    outputs_are_those_of_the_arithmetic(&r);
    close_run(&r);
}

/* Epoch 2 of the network as register writes. */
static const char controller_program[] =
    "label 2\n"
    "write STRSWITCH.CTRL 0x40000002\npoll STRSWITCH.CTRL.CONFCLR 0 timeout 100\n"
    "write STRENG0.ADDR 0x34100040\nwrite STRENG0.FSIZE 8\nwrite STRENG0.LIMIT 1\nwrite STRENG0.LIMITEN 4\n"
    "write STRENG0.LIMITADDR 0x341000c7\nwrite STRENG0.CTRL 0x80100\n"
    "write STRENG5.ADDR 0x71000000\nwrite STRENG5.FSIZE 16\nwrite STRENG5.LIMIT 1\nwrite STRENG5.LIMITEN 4\n"
    "write STRENG5.CTRL 0x80180\n"
    "write STRENG9.ADDR 0x34100080\nwrite STRENG9.FSIZE 8\nwrite STRENG9.LIMIT 1\nwrite STRENG9.LIMITEN 4\n"
    "write STRENG9.CTRL 0x80108\n"
    "fill CONVACC1.KFORMAT 0x04040101 0x1100 0x10634200 0x10008 0x70000 0\n"
    "write CONVACC1.CTRL 0x24\n"
    "write ARITH2.SHIFT 0x70000\nwrite ARITH2.COEFFAC 0xC0002000\nwrite ARITH2.COEFFB 1\n"
    "write ARITH2.INSHIFTER 0x2042\nwrite ARITH2.CTRL 0x15000060\n"
    "write STRSWITCH.DSTCONVACC10 0x1\nwrite STRSWITCH.DSTCONVACC11 0xb\n"
    "write STRSWITCH.DSTARITH20 0x17\nwrite STRSWITCH.DSTSTRENG9 0x29\n"
    "set STRENG9.CTRL.EN 1\nset CONVACC1.CTRL.EN 1\nset ARITH2.CTRL.EN 1\n"
    "set STRENG0.CTRL.EN 1\nset STRENG5.CTRL.EN 1\n"
    "poll STRENG9.CTRL.RUNNING 0 timeout 100\nirq 0\n";

/* Block 2 becomes the program in the array `blob`. */
static void use_blob(struct run *r)
{
    change_source(r, ".start_epoch_block = LL_ATON_Start_EpochBlock_2,", ".blob_address = (uintptr_t)blob,");
    change_source(r, ".end_epoch_block = LL_ATON_End_EpochBlock_2,", "");
    change_source(r, ".wait_mask = 0x200,", ".wait_mask = 0,");
    change_source(r, "EpochBlock_Flags_epoch_end | EpochBlock_Flags_pure_hw",
                  "EpochBlock_Flags_epoch_end | EpochBlock_Flags_blob");
}

static void use_controller(struct run *r, const char *program)
{
    const uint32_t *words = NULL;
    size_t count = 0;
    struct lp_text array = {0};
    if (lp_ec_assemble(&r->arena, &r->diag, "program", program, strlen(program), &words, &count) != LP_OK)
        fail_msg("%s", lp_text_get(&r->diag.errors));
    lp_text_printf(&array, "static const uint64_t blob[] = {");
    for (size_t i = 0; i < count; i += 2)
        lp_text_printf(&array, "0x%08x%08xUL, ", i + 1 < count ? words[i + 1] : 0, words[i]);
    lp_text_printf(&array, "};\nstatic const LL_Switch_InitTypeDef switch_2[]");
    change_source(r, "static const LL_Switch_InitTypeDef switch_2[]", array.data);
    use_blob(r);
    lp_text_free(&array);
}

static void an_epoch_controller_program_runs(void **state)
{
    (void)state;
    struct run r;
    open_run(&r, inputs, 2);
    use_controller(&r, controller_program);
    run(&r);
    outputs_are_those_of_the_arithmetic(&r);
    close_run(&r);
    open_run(&r, inputs, 2);
    use_controller(&r, "poll ARITH0.CTRL.DUALIN 1 timeout 100\nirq 0\n");
    run(&r);
    assert_non_null(strstr(lp_text_get(&r.diag.errors), "waits for a value that the register never takes"));
    close_run(&r);
}

/* The input in a buffer of the user: an address that is known only when the network runs. */
static void use_user_buffer(struct run *r)
{
    change_source(r, "static void LL_ATON_End_EpochBlock_1(const void *epoch_block)",
                  "static unsigned char *user_input;\nstatic void LL_ATON_End_EpochBlock_1(const void *epoch_block)");
    change_source(r, "static const Quantizelinear_sw_info info", "const Quantizelinear_sw_info info");
    change_source(r, "(unsigned char *)(ATON_LIB_PHYSICAL_TO_VIRTUAL_ADDR(0x34100000UL))",
                  "(unsigned char *)(ATON_LIB_PHYSICAL_TO_VIRTUAL_ADDR((uintptr_t)user_input))");
    change_source(r, ".offset_end = 32,",
                  ".offset_end = 32, .addr_base = {(unsigned char *)&user_input}, .is_user_allocated = 1,");
    change_source(
        r,
        "LL_ATON_LIB_UNUSED(num), LL_ATON_LIB_UNUSED(buffer), LL_ATON_LIB_UNUSED(size);\n    return LL_ATON_User_IO_WRONG_INDEX;",
        "if ((uintptr_t)buffer % 32 != 0)\n        return LL_ATON_User_IO_WRONG_ALIGN;\n"
        "    if (num != 0 || size < 32)\n        return LL_ATON_User_IO_WRONG_SIZE;\n"
        "    user_input = buffer;\n    return LL_ATON_User_IO_NOERROR;");
}

static void user_buffers_are_placed(void **state)
{
    (void)state;
    struct run r;
    open_run(&r, inputs, 2);
    use_user_buffer(&r);
    run(&r);
    outputs_are_those_of_the_arithmetic(&r);
    close_run(&r);
}

/* A relocatable file, of which STRENG0's address (instruction word `at`) receives the place of a buffer. The program is
 * written for address 0 and moved to 0x34100040. */
static void use_relocatable(struct run *r, const char *program, uint32_t at, bool is_later)
{
    enum { HEAD = 6 };
    const uint32_t *words = NULL;
    size_t count = 0;
    struct lp_text array = {0};
    if (lp_ec_assemble(&r->arena, &r->diag, "program", program, strlen(program), &words, &count) != LP_OK)
        fail_msg("%s", lp_text_get(&r->diag.errors));
    count += count % 2;
    uint32_t *file = lp_arena_alloc(&r->arena, HEAD + count + 8, sizeof *file);
    assert_non_null(file);
    const uint32_t head[HEAD] = {
        is_later ? 0xECBF0050 : 0xECBF0020, (uint32_t)(HEAD + count) * 4, 0, is_later ? 0 : HEAD * 4, HEAD * 4, 0};
    const uint32_t table[8] = {1, 20, 1, 16, at, 0x6f69, 0, 0};
    memcpy(file, head, sizeof head);
    memcpy(file + HEAD, words, count * sizeof *words);
    memcpy(file + HEAD + count, table, sizeof table);
    lp_text_printf(&array, "#include \"ecloader.h\"\nstatic const uint64_t file[] = {");
    for (size_t i = 0; i < HEAD + count + 8; i += 2)
        lp_text_printf(&array, "0x%08x%08xUL, ", file[i + 1], file[i]);
    lp_text_printf(&array,
                   "};\nstatic uint64_t blob[%zu];\nstatic ECAddr previous;\nstatic const LL_Switch_InitTypeDef switch_2[]",
                   count / 2 + 1);
    change_source(r, "static const LL_Switch_InitTypeDef switch_2[]", array.data);
    change_source(r, "bool LL_ATON_EC_Network_Init_own(void)\n{\n",
                  "bool LL_ATON_EC_Network_Init_own(void)\n{\n    unsigned size = sizeof blob / 4;\n    previous = 0;\n"
                  "    if (!ec_copy_blob((ECInstr *)blob, (const uint8_t *)file, &size))\n        return false;\n");
    change_source(r, "bool LL_ATON_EC_Inference_Init_own(void)\n{\n",
                  "bool LL_ATON_EC_Inference_Init_own(void)\n{\n"
                  "    if (!ec_reloc(ec_get_reloc_table_ptr((const uint8_t *)file), (ECInstr *)blob, 0, 0x34100040, &previous))\n"
                  "        return false;\n");
    if (is_later) { /* the order of the first two arguments changed */
        change_source(r, "ec_reloc(ec_get_reloc_table_ptr((const uint8_t *)file), (ECInstr *)blob,",
                      "ec_reloc((ECInstr *)blob, (const ECFileEntry *)((const uint8_t *)file + ((const uint32_t *)file)[1]),");
        change_source(r, "MICRO != 1 || LL_ATON_VERSION_DEV != 14", "MICRO != 3 || LL_ATON_VERSION_DEV != 8");
    }
    lp_text_free(&array);
}

static void relocatable_blob_is_moved(bool is_later)
{
    struct run r;
    open_run(&r, inputs, 2);
    char *program = lp_arena_text(&r.arena, controller_program, strlen(controller_program));
    char *address = strstr(program, "write STRENG0.ADDR 0x34100040");
    assert_non_null(address);
    memcpy(address, "write STRENG0.ADDR 0x00000000", strlen("write STRENG0.ADDR 0x00000000"));
    use_relocatable(&r, program, 7, is_later); /* label 1, write 2, poll 3 words: the value is the 8th */
    use_blob(&r);
    run(&r);
    outputs_are_those_of_the_arithmetic(&r);
    close_run(&r);
}

static void relocatable_blobs_are_moved(void **state)
{
    (void)state;
    relocatable_blob_is_moved(false);
    relocatable_blob_is_moved(true);
}

static void without_a_reset_the_first_output_stays(void **state)
{
    (void)state;
    struct run r;
    float wanted[8];
    expected(inputs, wanted);
    open_run(&r, inputs, 2);
    r.request.never_reset = true;
    run(&r);
    assert_int_equal(r.status, LP_OK);
    assert_memory_equal(r.result.outputs[0], wanted, sizeof wanted);
    assert_memory_equal(r.result.outputs[0] + sizeof wanted, wanted, sizeof wanted);
    close_run(&r);
}

static void fails_with(const char *from, const char *to, const char *message)
{
    struct run r;
    open_run(&r, inputs, 2);
    r.request.timeout_s = 2;
    change_source(&r, from, to);
    run(&r);
    if (r.status == LP_OK || (strstr(lp_text_get(&r.diag.errors), message) == NULL && strstr(r.result.report, message) == NULL))
        fail_msg("status %d, \"%s\" lacks \"%s\"", (int)r.status, lp_text_get(&r.diag.errors), message);
    close_run(&r);
}

static void every_failure_says_what_it_is(void **state)
{
    (void)state;
    fails_with("ll_sw_forward_dequantizelinear(", "ll_sw_forward_lstm(", "undefined symbol: ll_sw_forward_lstm");
    fails_with("ll_sw_forward_dequantizelinear(", "ll_sw_forward_arith(",
               "ll_sw_forward_arith of type LL_SW_DEQUANTIZELINEAR, which limpid does not have");
    fails_with("LL_ATON_LIB_UNUSED(epoch_block);", "unknown_function();", "unknown_function");
    fails_with("ll_sw_forward_quantizelinear(", "for (;;) (", "did not end within 2 s");
    fails_with("ll_sw_forward_quantizelinear(", "*(volatile int *)0 = (int)(long)(", "ended by itself (signal");
    fails_with("ll_sw_forward_quantizelinear(", "extern unsigned alarm(unsigned); alarm(0); for (;;) (",
               "did not end within 2 s");
    fails_with(
        "ll_sw_forward_quantizelinear(",
        "extern long write(int, const void *, unsigned long); for (int i = 3; i < 99; i++) write(i, \"garbage garbage\", 15); (",
        "answered what is no answer");
    fails_with("{{STRENG, 5}}", "{{STRENG, 6}}", "STRENG 6 is enabled, but was not configured");
    fails_with(".nKernels = 4", ".nKernels = 3", "frames stored is 0 of 1");
    fails_with("LL_ATON_EpochBlockItems_own", "EpochBlockItems_own", "not a generated network");
    fails_with("0x34100080UL", "0x20000000UL", "where there is no memory");
    fails_with(".dir = 1,", ".dir = 1, .loop_offset2 = 4, .frame_loop_cnt2 = 2,",
               "a stream engine with a second loop, which limpid does not have");
    fails_with("const LL_Buffer_InfoTypeDef *LL_ATON_Internal_",
               "void LL_ATON_EpochBlockItems_b(void);\nconst LL_Buffer_InfoTypeDef "
               "*LL_ATON_Internal_",
               "it names the networks own and b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_generated_network_runs_unchanged),
        cmocka_unit_test(images_may_be_hex_or_named_by_address),
        cmocka_unit_test(the_later_form_with_an_instance_runs),
        cmocka_unit_test(the_first_form_runs),
        cmocka_unit_test(what_stands_around_the_network_does_not_matter),
        cmocka_unit_test(an_epoch_controller_program_runs),
        cmocka_unit_test(user_buffers_are_placed),
        cmocka_unit_test(relocatable_blobs_are_moved),
        cmocka_unit_test(without_a_reset_the_first_output_stays),
        cmocka_unit_test(every_failure_says_what_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
