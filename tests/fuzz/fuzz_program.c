/* program.json from hostile hands. Whatever is read is checked and run in small memory. */
#include "evaluate/neural-art/software.h"
#include "neural-art/analyze.h"
#include "simulator/neural-art/executor.h"
#include "tests/fuzz/fuzz.h"

struct running {
    struct lp_arena *arena;
    struct lp_diag *diag;
};

static lp_status run_software(void *user, const struct lp_npu_epoch *epoch, const struct lp_sim_memory *memory)
{
    struct running *r = user;
    struct lp_npu_software software;
    lp_status status = lp_npu_software_read(r->arena, r->diag, "fuzz", epoch, &software);
    return status == LP_OK ? lp_npu_software_run(r->diag, &software, memory) : status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lp_arena arena = {.limit_bytes = 1 << 28};
    struct lp_diag diag = {0};
    struct lp_npu_program *program = NULL;
    struct lp_sim_ram ram;
    struct lp_sim_report report;
    struct lp_text text = {0};
    struct running running = {&arena, &diag};
    const struct lp_sim_options options = {
        .most_words = 1 << 18, .most_transfers = 1 << 18, .observer = &running, .run_software = run_software};
    if (lp_npu_program_parse(&arena, &diag, "fuzz", (const char *)data, size, &program) == LP_OK) {
        lp_npu_analyze(program, true, &text);
        json_decref(lp_npu_analyze_json(program));
        if (lp_sim_ram_open(&arena, &diag, program, &ram) == LP_OK) {
            lp_status status = lp_sim_run(&arena, program, &ram.memory, &options, &report);
            if (status != LP_OK)
                lp_sim_findings_print(&report.findings, &text);
        }
    }
    lp_text_free(&text);
    lp_diag_free(&diag);
    lp_arena_free(&arena);
    return 0;
}
