#include "cli/commands.h"
#include "cli/embedded.h"
#include "cli/session.h"
#include "compiler/report/table.h"

#include <string.h>

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0, "Machine-readable output on standard output", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct lp_session *s = state->input;
    switch (key) {
    case 'j': s->json = true; return 0;
    case ARGP_KEY_ARG: argp_error(state, "'%s' is too many: this command takes options only", arg); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static lp_status load_all(struct lp_session *s)
{
    lp_status status = LP_OK;
    for (size_t i = 0; i < lp_embedded_file_count && status == LP_OK; i++) {
        const char *path = lp_embedded_files[i].path;
        if (strncmp(path, "targets/", 8) != 0)
            continue;
        const char *name = lp_arena_text(&s->arena, path + 8, strcspn(path + 8, "."));
        status = name == NULL ? lp_no_memory(&s->diag) : lp_session_targets(s, name);
    }
    return status;
}

static void add_json(const struct lp_session *s, struct lp_text *out)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < s->target_count; i++) {
        const struct lp_target *t = &s->targets[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s?}", "target", t->name, "title", t->title, "kind",
                                              t->kind == LP_TARGET_CPU ? "cpu" : "npu", "board", t->board));
    }
    json_t *whole = json_pack("{s:{s:s, s:i}, s:o}", "limpid", "version", LP_VERSION, "schema", LP_REPORT_SCHEMA, "targets",
                              list);
    lp_report_json_text(whole, out);
    json_decref(whole);
}

static void add_table(struct lp_session *s, struct lp_text *out)
{
    struct lp_table table = {.arena = &s->arena, .columns = 3, .align = "lll"};
    lp_table_cell(&table, "target");
    lp_table_cell(&table, "what it is");
    lp_table_cell(&table, "validate runs it on");
    for (uint32_t i = 0; i < s->target_count; i++) {
        lp_table_cell(&table, "%s", s->targets[i].name);
        lp_table_cell(&table, "%s", s->targets[i].title);
        lp_table_cell(&table, "%s", s->targets[i].board == NULL ? "this PC" : s->targets[i].board);
    }
    lp_table_print(&table, out);
}

int lp_cmd_targets(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options, .parser = parse, .doc = "Lists the targets that limpid can compile for."};
    struct lp_session s = {0};
    struct lp_text out = {0};
    /* Usage errors end the program inside argp. */
    lp_status status = argp_parse(&argp, argc, argv, 0, NULL, &s) == 0 ? load_all(&s) : lp_no_memory(&s.diag);
    if (status == LP_OK && s.json)
        add_json(&s, &out);
    else if (status == LP_OK)
        add_table(&s, &out);
    if (status == LP_OK)
        status = lp_session_print(&s, &out);
    return lp_session_close(&s, status, LP_EXIT_FINE);
}
