#include "compiler/lower/neural-art/rules.h"

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

void lp_npu_rules_print(struct lp_text *out)
{
    lp_text_printf(out, "| rule | operators | what the NPU takes | why |\n|---|---|---|---|\n");
    for (int i = 0; i < LP_NPU_RULE_COUNT; i++) {
        const struct lp_npu_rule_info *r = &lp_npu_rule_table[i];
        lp_text_printf(out, "| %s | %s | %s | %s |\n", r->name, r->operators, r->allowed, r->why);
    }
}
