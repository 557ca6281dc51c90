#include "simulator/neural-art/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "neural-art/fields.h"

void lp_sim_find(struct lp_sim_findings *findings, enum lp_sim_severity severity, struct lp_sim_place place, const char *field,
                 const char *allowed, const char *found, ...)
{
    if (severity == LP_SIM_ERROR)
        findings->error_count++;
    else
        findings->warning_count++;
    if (findings->count == LP_SIM_MOST_FINDINGS)
        return;
    char text[300];
    va_list args;
    va_start(args, found);
    vsnprintf(text, sizeof text, found, args);
    va_end(args);
    if (findings->items == NULL)
        findings->items = LP_NEW_ARRAY(findings->arena, LP_SIM_MOST_FINDINGS, struct lp_sim_finding);
    const char *found_copy = lp_arena_text(findings->arena, text, strlen(text));
    const char *allowed_copy = lp_arena_text(findings->arena, allowed, strlen(allowed));
    if (findings->items == NULL || found_copy == NULL || allowed_copy == NULL) {
        findings->out_of_memory = true;
        return;
    }
    findings->items[findings->count++] = (struct lp_sim_finding){.severity = severity,
                                                                 .epoch = place.epoch,
                                                                 .unit_type = place.unit_type,
                                                                 .unit_index = place.unit_index,
                                                                 .field = field,
                                                                 .found = found_copy,
                                                                 .allowed = allowed_copy};
}

void lp_sim_finding_print(const struct lp_sim_finding *f, struct lp_text *out)
{
    lp_text_printf(out, "%s: ", f->severity == LP_SIM_ERROR ? "error" : "warning");
    if (f->epoch >= 0)
        lp_text_printf(out, "epoch %d", f->epoch);
    else
        lp_text_printf(out, "program");
    if (f->unit_type >= 0)
        lp_text_printf(out, ", %s %d", lp_npu_unit_fields[f->unit_type].type, f->unit_index);
    lp_text_printf(out, ": %s is %s; allowed is %s\n", f->field, f->found, f->allowed);
}

void lp_sim_findings_print(const struct lp_sim_findings *findings, struct lp_text *out)
{
    for (uint32_t i = 0; i < findings->count; i++)
        lp_sim_finding_print(&findings->items[i], out);
    uint32_t all = findings->error_count + findings->warning_count;
    if (all > findings->count)
        lp_text_printf(out, "and %u more\n", all - findings->count);
}
