#include "compiler/report/html.h"

#include "compiler/report/report.h"
#include "compiler/report/table.h"

#include <string.h>

/* Presentation attributes only, no variables: other programs than browsers draw these pictures, too. */
const char lp_picture_style[] =
    ".t{font:13px system-ui,sans-serif;fill:#1b1f24}.s{font:12px system-ui,sans-serif;fill:#57606a}.b{font-weight:600}\n"
    ".grid{stroke:#d0d7de;stroke-width:1;fill:none}.total{fill:#57606a}.more{fill:#bc4c00}.less{fill:#1a7f37}\n"
    ".hw{fill:#0969da}.sw{fill:#9a6700}.input{fill:#8250df}.output{fill:#1a7f37}.activation{fill:#0969da}.state{fill:#bf3989}."
    "scratch{fill:#6e7781}\n"
    ".box{stroke:#fff;stroke-width:1}.in{font:11px system-ui,sans-serif;fill:#fff}.peak{fill:none;stroke:#a40e26;stroke-width:2}"
    ".peaktext{font:600 13px system-ui,sans-serif;fill:#a40e26}\n"
    "@media screen and (prefers-color-scheme:dark){.t{fill:#e6edf3}.s{fill:#9da7b3}.grid{stroke:#30363d}.total{fill:#9da7b3}"
    ".more{fill:#f0883e}.less{fill:#3fb950}.hw{fill:#58a6ff}.sw{fill:#d29922}.input{fill:#bc8cff}.output{fill:#3fb950}"
    ".activation{fill:#58a6ff}.state{fill:#db61a2}.scratch{fill:#8b949e}.box{stroke:#0d1117}.in{fill:#0d1117}.peak{stroke:#"
    "ff7b72}"
    ".peaktext{fill:#ff7b72}}\n";

static const char page_style[] =
    ":root{color-scheme:light dark;--bg:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--bar:#0969da;--bad:#a40e26;"
    "--good:#116329;--card:#f6f8fa;--cold:#eef2f6;--hot:#b35900}\n"
    "@media screen and (prefers-color-scheme:dark){:root{--bg:#0d1117;--ink:#e6edf3;--soft:#9da7b3;--line:#30363d;--bar:#58a6ff;"
    "--bad:#ff7b72;--good:#56d364;--card:#161b22;--cold:#1c232b;--hot:#f0a04b}}\n"
    "*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,sans-serif}\n"
    "main{max-width:66rem;margin:0 auto;padding:1.5rem}h1{font-size:1.6rem;margin:.2rem 0;overflow-wrap:anywhere}"
    "h2{font-size:1.25rem;margin:2.2rem 0 .5rem}h3{font-size:1.05rem;margin:1.4rem 0 .4rem}\n"
    ".verdict{border-left:.4rem solid var(--bad);background:var(--card);padding:1rem 1.2rem}.healthy{border-color:var(--good)}\n"
    ".soft{color:var(--soft)}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;"
    "border-bottom:1px solid var(--line);vertical-align:top}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;"
    "white-space:nowrap}\n"
    ".bar{display:block;height:.7rem;margin-top:.4rem;background:var(--bar);min-width:2px}.bar.npu{background:var(--hot)}"
    ".bar.dead{background:var(--bad)}.bar.none{visibility:hidden}.dies td{background:var(--card);font-weight:600}\n"
    ".track{display:block;position:relative;height:.7rem;margin-top:.4rem;background:var(--cold)}"
    ".track span{position:absolute;top:0;bottom:0;background:var(--bar);min-width:2px}\n"
    ".w{overflow-wrap:anywhere}td.w{min-width:9rem}.bars{min-width:5rem}.track{min-width:8rem}.dies "
    ".mark{color:var(--bad)}.scroll{overflow-x:auto}"
    "a{color:var(--bar)}:focus-visible{outline:3px solid var(--bar);outline-offset:2px}svg{max-width:100%;height:auto;"
    "display:block}.skip{position:absolute;left:-99rem}.skip:focus{left:1rem}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1rem;margin:.8rem 0 0}dt{font-weight:600}dd{margin:0}\n"
    ".pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(19rem,100%),1fr));gap:1rem 2rem}"
    ".wide svg{max-width:none}nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1rem;padding:0;list-style:none}"
    "figure{margin:0}figcaption{color:var(--soft)}details{margin:.6rem 0}summary{cursor:pointer}"
    ".card{background:var(--card);padding:.8rem 1rem;margin:.6rem 0}.card p{margin:.2rem 0}\n"
    "@media(max-width:34rem){main{padding:1rem}th,td{padding:.25rem .4rem;font-size:.9rem}dl{grid-template-columns:1fr}}\n"
    "@media print{body{font-size:10pt}main{max-width:none;padding:0}nav,.skip{display:none}.scroll{overflow:visible}"
    "svg,.bar,.track,.track span,.card,.verdict,.dies td{print-color-adjust:exact;-webkit-print-color-adjust:exact}.wide "
    "svg{max-width:100%}"
    "h2,h3,h2+p,h3+p,summary{break-after:avoid}tr,figure,.card,.verdict{break-inside:avoid}thead{break-after:avoid}\n"
    /* A closed part would be lost on paper. */
    "summary{list-style:none}summary::-webkit-details-marker{display:none}"
    "details::details-content{content-visibility:visible;display:block;height:auto}}\n";

void lp_html_text(struct lp_text *out, const char *text)
{
    json_t *valid = lp_report_name_json(text);
    const char *at = json_string_value(valid);
    if (at == NULL)
        out->failed = true;
    for (; at != NULL && *at != '\0'; at++) {
        switch (*at) {
        case '<': lp_text_printf(out, "&lt;"); break;
        case '>': lp_text_printf(out, "&gt;"); break;
        case '&': lp_text_printf(out, "&amp;"); break;
        case '"': lp_text_printf(out, "&quot;"); break;
        default: lp_text_add(out, (unsigned char)*at < 0x20 || *at == 0x7f ? "?" : at, 1);
        }
    }
    json_decref(valid);
}

void lp_html_name(struct lp_text *out, const char *name)
{
    enum { LONGEST = 34, DOTS = 3 };
    size_t length = strlen(name);
    const char *shown = length > LONGEST ? name + length - (LONGEST - DOTS) : name;
    /* The cut falls between characters. */
    while (shown != name && ((unsigned char)*shown & 0xc0) == 0x80)
        shown++;
    lp_text_printf(out, "<span class=\"w\"");
    if (shown != name) {
        lp_text_printf(out, " title=\"");
        lp_html_text(out, name);
        lp_text_printf(out, "\"");
    }
    lp_text_printf(out, ">%s", shown == name ? "" : "...");
    lp_html_text(out, shown);
    lp_text_printf(out, "</span>");
}

void lp_html_start(struct lp_text *out, const char *title, const char *skip_to, const char *skip_text)
{
    lp_text_printf(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                        "content=\"width=device-width,initial-scale=1\"><title>");
    lp_html_text(out, title);
    lp_text_printf(out,
                   "</title><link rel=\"icon\" href=\"data:,\"><style>\n%s%s</style></head><body><a class=\"skip\" "
                   "href=\"#%s\">%s</a><main>\n",
                   page_style, lp_picture_style, skip_to, skip_text);
}

void lp_html_end(struct lp_text *out)
{
    lp_text_printf(out, "</main></body></html>\n");
}

void lp_html_table_start(struct lp_text *out, const char *id, const char *const *heads, size_t count)
{
    lp_text_printf(out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"%s\"><table><thead><tr>", id);
    for (size_t i = 0; i < count; i++) {
        lp_text_printf(out, "<th scope=\"col\"%s>", heads[i][0] == 'n' ? " class=\"n\"" : "");
        lp_html_text(out, heads[i] + 1);
        lp_text_printf(out, "</th>");
    }
    lp_text_printf(out, "</tr></thead><tbody>\n");
}

void lp_html_table_end(struct lp_text *out)
{
    lp_text_printf(out, "</tbody></table></div>\n");
}

void lp_html_number(struct lp_text *out, const char *member, int64_t number, bool sign)
{
    char digits[32];
    lp_text_printf(out, "<td class=\"n\"");
    if (member != NULL) {
        lp_text_printf(out, " data-json=\"");
        lp_html_text(out, member);
        lp_text_printf(out, "\"");
    }
    lp_text_printf(out, ">%s%s</td>", sign && number > 0 ? "+" : "", lp_number_text(number, digits));
}

void lp_html_bar(struct lp_text *out, int64_t bytes, int64_t most, const char *kind)
{
    double share = most <= 0 ? 0 : 100.0 * (double)bytes / (double)most;
    lp_text_printf(out, "<td class=\"bars\"><span class=\"bar %s\" style=\"width:%.1f%%\"></span></td>",
                   bytes <= 0 ? "none" : kind,
                   share < 0     ? 0
                   : share > 100 ? 100
                                 : share);
}

void lp_html_cell(struct lp_text *out, const char *text)
{
    lp_text_printf(out, "<td>");
    lp_html_text(out, text);
    lp_text_printf(out, "</td>");
}
