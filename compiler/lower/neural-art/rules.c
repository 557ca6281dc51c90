#include "compiler/lower/neural-art/rules.h"

#include <string.h>

#include "compiler/lower/neural-art/work.h"

const struct lp_npu_rule_info lp_npu_rule_table[LP_NPU_RULE_COUNT] = {
#define X(id, name, operators, allowed, why) {name, operators, allowed, why},
    LP_NPU_RULES(X)
#undef X
};

lp_status lp_npu_refuse(struct lp_lowering *l, struct lp_refusal *no, enum lp_npu_rule rule, const char *found,
                        const char *change)
{
    if (found == NULL || change == NULL)
        return lp_no_memory(l->diag);
    *no = (struct lp_refusal){
        .rule = lp_npu_rule_table[rule].name, .found = found, .allowed = lp_npu_rule_table[rule].allowed, .change = change};
    return LP_OK;
}

/* Whether a list of names, comma and blank between them, has this one; "all..." has every. */
static bool lists(const char *names, const char *name)
{
    size_t length = strlen(name);
    if (strncmp(names, "all", 3) == 0)
        return false;
    for (const char *at = strstr(names, name); at != NULL; at = strstr(at + 1, name))
        if ((at == names || at[-1] == ' ') && (at[length] == ',' || at[length] == '\0'))
            return true;
    return false;
}

void lp_npu_operators_print(struct lp_text *out)
{
    lp_text_printf(out, "| operator on the NPU | rules of its own |\n|---|---|\n");
    for (int kind = 0; kind < LP_OP_KIND_COUNT; kind++) {
        bool any = false;
        if (lp_npu_table[kind].lower == NULL)
            continue;
        lp_text_printf(out, "| %s |", lp_op_kind_table[kind].name);
        for (int i = 0; i < LP_NPU_RULE_COUNT; i++)
            if (lists(lp_npu_rule_table[i].operators, lp_op_kind_table[kind].name)) {
                lp_text_printf(out, "%s %s", any ? "," : "", lp_npu_rule_table[i].name);
                any = true;
            }
        lp_text_printf(out, " |\n");
    }
}

void lp_npu_rules_print(struct lp_text *out)
{
    lp_text_printf(out, "| rule | operators | what the NPU takes | why |\n|---|---|---|---|\n");
    for (int i = 0; i < LP_NPU_RULE_COUNT; i++) {
        const struct lp_npu_rule_info *r = &lp_npu_rule_table[i];
        lp_text_printf(out, "| %s | %s | %s | %s |\n", r->name, r->operators, r->allowed, r->why);
    }
}
