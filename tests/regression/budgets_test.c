/* Bytes of code and RAM on a Cortex-M55, measured on the linked program, that must not be exceeded. Code is text, rodata and
 * data with libc and libgcc, without the model's constants and start-up; RAM is the arena and the state of the network. */
#include "cli/batch.h"
#include "cli/emulate/folder.h"
#include "compiler/base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { NO_BUDGET = 1 << 30 };

static const struct budget {
    const char *name;
    const char *path;
    uint32_t code_bytes, ram_bytes;
} budgets[] = {
    {"sensor", "models/sensor.tflite", 6144, NO_BUDGET},
    {"ad01", "../shared/models/ad01_int8.tflite", 4096, 832},
    {"kws", "../shared/models/kws_ref_model.tflite", NO_BUDGET, 16100},
    {"vww", "../shared/models/vww_96_int8.tflite", NO_BUDGET, 55400},
    {"resnet", "../shared/models/pretrainedResnet_quant.tflite", NO_BUDGET, 49300},
};

static struct lp_session session;
static const char *folder;
static int skipped;

static void must(lp_status status)
{
    if (status != LP_OK)
        fail_msg("%s", lp_text_get(&session.diag.errors));
}

static void check_budget(const struct budget *b)
{
    struct lp_unit unit;
    struct lp_emulate_program program;
    struct lp_emulate_flash flash;
    session = (struct lp_session){.model_path = b->path, .name = "net"};
    must(lp_session_targets(&session, "cortex-m55"));
    must(lp_session_model(&session));
    must(lp_session_compile(&session, &session.targets[0], NULL, &unit));
    must(lp_folder_temporary(&session.arena, &session.diag, &folder));
    must(lp_batch_program(&session, &unit, folder, &program));
    const char *const constants[] = {"net_weights"};
    must(lp_emulate_flash(&session.arena, &session.diag, &program, "net_network", constants, 1, &flash));
    uint32_t ram_bytes = flash.bss_bytes + flash.data_bytes;
    printf("%s: code %u bytes, RAM %u bytes (arena %u)\n", b->name, (unsigned)flash.code_bytes, (unsigned)ram_bytes,
           (unsigned)unit.plan.peak_bytes);
    /* What is measured has the whole arena and the constants in it, or it measures something else. */
    assert_true(ram_bytes >= unit.plan.peak_bytes + 4 * sizeof(uint32_t));
    assert_int_equal(flash.constants_bytes, unit.program->weights.size_bytes);
    assert_true(flash.code_bytes > 500);
    assert_true(flash.code_bytes <= b->code_bytes);
    assert_true(ram_bytes <= b->ram_bytes);
}

static void code_and_ram_stay_within_their_budgets(void **state)
{
    const struct budget *b = *state;
    FILE *file = fopen(b->path, "rb");
    if (file == NULL) {
        printf("SKIP budget of %s: ../shared is not present\n", b->name);
        skipped++;
        assert_int_equal(strncmp(b->path, "../shared", 9), 0);
        return;
    }
    fclose(file);
    check_budget(b);
}

static int tear_down(void **state)
{
    (void)state;
    if (folder != NULL)
        lp_folder_remove(&session.diag, folder);
    folder = NULL;
    lp_diag_free(&session.diag);
    lp_arena_free(&session.arena);
    return 0;
}

int main(void)
{
    struct lp_diag diag = {0};
    if (lp_emulate_available(&diag) != LP_OK) {
        printf("SKIP budgets of code and RAM: %s\n", lp_text_get(&diag.errors));
        lp_diag_free(&diag);
        return 77;
    }
    struct CMUnitTest tests[LP_COUNT(budgets)];
    for (size_t i = 0; i < LP_COUNT(budgets); i++)
        tests[i] = (struct CMUnitTest){.name = budgets[i].name,
                                       .test_func = code_and_ram_stay_within_their_budgets,
                                       .teardown_func = tear_down,
                                       .initial_state = (void *)(uintptr_t)&budgets[i]};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed != 0 ? failed : skipped != 0 ? 77 : 0;
}
