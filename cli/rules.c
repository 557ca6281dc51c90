#include "cli/commands.h"
#include "cli/session.h"
#include "compiler/lower/neural-art/rules.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = state->input; return 0;
    case ARGP_KEY_ARG: argp_error(state, "'%s' is too many: this command takes options only", arg); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static json_t *rules_json(void)
{
    json_t *list = json_array();
    for (int i = 0; i < LP_NPU_RULE_COUNT; i++) {
        const struct lp_npu_rule_info *r = &lp_npu_rule_table[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "rule", r->name, "operators", r->operators, "allowed",
                                              r->allowed, "why", r->why));
    }
    return list;
}

static void print_rules(const struct lp_session *s, struct lp_text *out)
{
    if (s->json) {
        json_t *whole = json_pack("{s:{s:s, s:i}, s:s, s:o}", "limpid", "version", LP_VERSION, "schema", LP_REPORT_SCHEMA,
                                  "target", s->targets[0].name, "rules", rules_json());
        lp_report_json_text(whole, out);
        json_decref(whole);
        return;
    }
    lp_text_printf(out,
                   "# What the NPU of %s takes\n\nAn operator that breaks a rule runs on the CPU; `limpid analyze` names the "
                   "rule, what was found and what would pass.\n\n",
                   s->targets[0].name);
    lp_npu_operators_print(out);
    lp_text_printf(out, "\n");
    lp_npu_rules_print(out);
    lp_text_printf(out, "\nEvery configuration has a class of evidence: `exact` (this very form ran on a board or in an executed "
                        "program), `envelope` (within the sizes of such forms), `unproven` (only with `--allow-unproven`).\n");
}

int lp_cmd_rules(int argc, char **argv)
{
    static const struct argp_child children[] = {{&lp_session_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {.parser = parse,
                                     .doc = "What the NPU of a target takes, and its limits, as Markdown.\v"
                                            "Example: limpid rules --target stm32n6",
                                     .children = children};
    struct lp_session s = {0};
    struct lp_text out = {0};
    lp_status status = lp_session_parse(&s, &argp, argc, argv, &s);
    if (status == LP_OK && (s.target_count != 1 || s.targets[0].kind != LP_TARGET_NPU))
        status = lp_error(&s.diag, LP_BAD_ARGUMENT, "rules takes one target with an NPU: --target stm32n6");
    if (status == LP_OK) {
        print_rules(&s, &out);
        status = lp_session_print(&s, &out);
    }
    return lp_session_close(&s, status, LP_EXIT_FINE);
}
