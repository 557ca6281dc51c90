#include "compiler/report/html.h"
#include "compiler/report/picture.h"
#include "compiler/report/table.h"

#include <string.h>

enum {
    LEFT = 74,
    RIGHT = 12,
    PANEL_HEIGHT = 220,
    PANEL_GAP = 34,
    FIRST_GAP = 62,
    STRIP_TOP = 34,
    STRIP_HEIGHT = 18,
    CELL_LEAST = 22,
    INNER = 880,
    MOST_POOLS = 16
};

/* One picture: a column for each epoch, a panel for each pool in which something lies. */
struct map {
    const json_t *epochs, *buffers;
    size_t epoch_count;
    double cell, width;
    const char *pools[MOST_POOLS];
    int64_t used[MOST_POOLS]; /* up to the highest byte in use */
    size_t pool_count;
    int64_t peak;
};

static size_t pool_of(struct map *m, const json_t *buffer)
{
    const char *name = lp_json_string(buffer, "pool");
    size_t i = 0;
    while (i < m->pool_count && strcmp(m->pools[i], name) != 0)
        i++;
    if (i == m->pool_count && i < MOST_POOLS)
        m->pools[m->pool_count++] = name;
    return i;
}

static struct map map_of(const json_t *report, size_t target)
{
    const json_t *t = json_array_get(json_object_get(report, "targets"), target);
    const json_t *map = json_object_get(t, "memory_map");
    struct map m = {.epochs = json_object_get(map, "epochs"), .buffers = json_object_get(map, "buffers")};
    size_t i;
    const json_t *b;
    m.epoch_count = json_array_size(m.epochs);
    m.peak = lp_json_number(json_object_get(map, "peak"), "epoch");
    m.cell = m.epoch_count == 0 ? INNER : (double)INNER / (double)m.epoch_count;
    m.cell = m.cell < CELL_LEAST ? CELL_LEAST : m.cell;
    m.width = LEFT + m.cell * (double)m.epoch_count + RIGHT;
    json_array_foreach(m.buffers, i, b)
    {
        size_t pool = pool_of(&m, b);
        int64_t end = lp_json_number(b, "offset_bytes") + lp_json_number(b, "size_bytes");
        if (pool < MOST_POOLS && end > m.used[pool])
            m.used[pool] = end;
    }
    return m;
}

static double panel_top(size_t pool)
{
    return STRIP_TOP + STRIP_HEIGHT + FIRST_GAP + (double)pool * (PANEL_HEIGHT + PANEL_GAP);
}

static double height_of(const struct map *m)
{
    return panel_top(m->pool_count) - PANEL_GAP + 12;
}

/* Who computes each epoch; software stands lower, so that it differs in more than colour. */
static void add_strip(const struct map *m, struct lp_text *out)
{
    size_t i;
    const json_t *e;
    size_t step = (size_t)(30 / m->cell) + 1;
    lp_text_printf(out, "<text class=\"s\" x=\"0\" y=\"%d\">runs on</text>\n", STRIP_TOP + 13);
    json_array_foreach(m->epochs, i, e)
    {
        bool is_npu = strcmp(lp_json_string(e, "runs_on"), "npu") == 0;
        double x = LEFT + m->cell * (double)i;
        lp_text_printf(out, "<rect class=\"%s box\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"><title>epoch %zu: ",
                       is_npu ? "hw" : "sw", x, STRIP_TOP + (is_npu ? 0 : STRIP_HEIGHT / 2), m->cell,
                       is_npu ? STRIP_HEIGHT : STRIP_HEIGHT / 2, i);
        lp_html_text(out, lp_json_string(e, "op"));
        lp_text_printf(out, ", %s</title></rect>\n", is_npu ? "in hardware" : "in software");
        if (i % step == 0)
            lp_text_printf(out, "<text class=\"s\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%zu</text>\n", x + m->cell / 2,
                           STRIP_TOP + STRIP_HEIGHT + 15, i);
    }
}

/* Which operator writes it, where that fits. */
static void add_label(const struct map *m, const json_t *b, double x, double y, double width, double height, struct lp_text *out)
{
    const json_t *epoch = json_array_get(m->epochs, (size_t)lp_json_number(b, "first_epoch"));
    if (height < 14 || width < 24 || epoch == NULL)
        return;
    lp_text_printf(out, "<text class=\"in\" x=\"%.1f\" y=\"%.1f\">", x + 3, y + height / 2 + 4);
    if (strcmp(lp_json_string(b, "kind"), "input") == 0)
        lp_text_printf(out, "in");
    else
        lp_text_printf(out, "#%lld", (long long)lp_json_number(epoch, "layer"));
    lp_text_printf(out, "</text>\n");
}

static void add_buffer(const struct map *m, const json_t *b, size_t pool, struct lp_text *out)
{
    int64_t first = lp_json_number(b, "first_epoch"), last = lp_json_number(b, "last_epoch");
    int64_t offset = lp_json_number(b, "offset_bytes"), size = lp_json_number(b, "size_bytes");
    double scale = (double)PANEL_HEIGHT / (double)(m->used[pool] == 0 ? 1 : m->used[pool]);
    last = last >= (int64_t)m->epoch_count ? (int64_t)m->epoch_count - 1 : last;
    double x = LEFT + m->cell * (double)first, width = m->cell * (double)(last - first + 1);
    double height = scale * (double)size, y = panel_top(pool) + PANEL_HEIGHT - scale * (double)(offset + size);
    char number[32], at[32];
    lp_text_printf(out, "<rect class=\"%s box\" x=\"%.1f\" y=\"%.2f\" width=\"%.1f\" height=\"%.2f\"><title>",
                   lp_json_string(b, "kind"), x, y, width, height < 0.5 ? 0.5 : height);
    lp_html_text(out, lp_json_string(b, "name"));
    lp_text_printf(out, " (%s): %s bytes at %s, epochs %lld to %lld</title></rect>\n", lp_json_string(b, "kind"),
                   lp_number_text(size, number), lp_number_text(offset, at), (long long)first,
                   (long long)lp_json_number(b, "last_epoch"));
    add_label(m, b, x, y, width, height, out);
}

static void add_panel(struct map *m, size_t pool, struct lp_text *out)
{
    double top = panel_top(pool), width = m->cell * (double)m->epoch_count;
    char number[32];
    size_t i;
    const json_t *b;
    lp_text_printf(out, "<text class=\"t b\" x=\"%d\" y=\"%.0f\">", LEFT, top - 8);
    lp_html_text(out, m->pools[pool][0] == '\0' ? "arena" : m->pools[pool]);
    lp_text_printf(out, "</text><text class=\"s\" x=\"%d\" y=\"%.0f\" text-anchor=\"end\">%s</text>", LEFT - 6, top + 10,
                   lp_number_text(m->used[pool], number));
    lp_text_printf(out, "<text class=\"s\" x=\"%d\" y=\"%.0f\" text-anchor=\"end\">0</text>", LEFT - 6, top + PANEL_HEIGHT);
    lp_text_printf(out, "<rect class=\"grid\" x=\"%d\" y=\"%.0f\" width=\"%.1f\" height=\"%d\"/>\n", LEFT, top, width,
                   PANEL_HEIGHT);
    json_array_foreach(m->buffers, i, b)
    {
        if (pool_of(m, b) == pool)
            add_buffer(m, b, pool, out);
    }
    lp_text_printf(out, "<rect class=\"peak\" x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" height=\"%d\"/>\n",
                   LEFT + m->cell * (double)m->peak, top - 1, m->cell, PANEL_HEIGHT + 2);
}

static void add_legend(const struct map *m, struct lp_text *out)
{
    static const struct {
        const char *name, *kind;
    } kinds[] = {{"HW", "hw"},          {"SW", "sw"},       {"input", "input"},
                 {"output", "output"},  {"state", "state"}, {"activation (# operator)", "activation"},
                 {"scratch", "scratch"}};
    double x = m->width - 545;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        lp_text_printf(
            out,
            "<rect class=\"%s\" x=\"%.0f\" y=\"9\" width=\"10\" height=\"10\"/><text class=\"s\" x=\"%.0f\" y=\"18\">%s</text>\n",
            kinds[i].kind, x, x + 14, kinds[i].name);
        x += 26 + 7.0 * (double)strlen(kinds[i].name);
    }
}

static void add_map(const json_t *report, size_t target, struct map *m, struct lp_text *out)
{
    const json_t *t = json_array_get(json_object_get(report, "targets"), target);
    const json_t *peak = json_object_get(json_object_get(t, "memory_map"), "peak");
    char number[32];
    double x = LEFT + m->cell * (double)m->peak;
    bool is_right = x > m->width / 2;
    lp_text_printf(out, "<text class=\"t b\" x=\"0\" y=\"18\">");
    lp_html_text(out, lp_json_string(t, "target"));
    lp_text_printf(out, ": memory by epoch</text>\n");
    add_legend(m, out);
    add_strip(m, out);
    for (size_t i = 0; i < m->pool_count; i++)
        add_panel(m, i, out);
    lp_text_printf(
        out, "<text class=\"peaktext\" x=\"%.1f\" y=\"%.0f\" text-anchor=\"%s\">peak: %s bytes alive in epoch %lld</text>\n",
        is_right ? x + m->cell : x, panel_top(0) - 26, is_right ? "end" : "start",
        lp_number_text(lp_json_number(peak, "alive_bytes"), number), (long long)m->peak);
}

void lp_memory_map_svg(const json_t *report, size_t target, struct lp_text *out)
{
    const json_t *t = json_array_get(json_object_get(report, "targets"), target);
    struct map m = map_of(report, target);
    lp_text_printf(out, "<svg role=\"img\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" aria-label=\"Memory map of ", m.width,
                   height_of(&m), m.width);
    lp_html_text(out, lp_json_string(t, "target"));
    lp_text_printf(out, ": %zu buffers over %zu epochs; the table has each of them\">\n", json_array_size(m.buffers),
                   m.epoch_count);
    add_map(report, target, &m, out);
    lp_text_printf(out, "</svg>\n");
}

static void add_memory_maps(const json_t *report, size_t count, double top, double *width, double *height, struct lp_text *out)
{
    *height = top;
    for (size_t t = 0; t < count; t++) {
        struct map m = map_of(report, t);
        lp_text_printf(out, "<g transform=\"translate(0,%.0f)\">\n", *height);
        add_map(report, t, &m, out);
        lp_text_printf(out, "</g>\n");
        *height += height_of(&m) + 20;
        *width = m.width > *width ? m.width : *width;
    }
}

void lp_picture_file(const json_t *report, unsigned pictures, struct lp_text *out)
{
    enum { MARGIN = 12 };
    size_t count = json_array_size(json_object_get(report, "targets"));
    struct lp_text body = {0};
    double width = 0, height = 0;
    if ((pictures & LP_PICTURE_WATERFALL) != 0)
        for (size_t t = 0; t < count; t++) {
            double own = lp_waterfall_group(report, t, lp_waterfall_most(report), (double)t * (LP_WATERFALL_WIDTH + 20), &body);
            height = own > height ? own : height;
            width = (double)(t + 1) * (LP_WATERFALL_WIDTH + 20) - 30;
        }
    if ((pictures & LP_PICTURE_MEMORY) != 0)
        add_memory_maps(report, count, height == 0 ? 0 : height + 20, &width, &height, &body);
    lp_text_printf(out,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"%d %d %.0f %.0f\" width=\"%.0f\" "
                   "height=\"%.0f\">\n<title>",
                   -MARGIN, -MARGIN, width + 2 * MARGIN, height + 2 * MARGIN, width + 2 * MARGIN, height + 2 * MARGIN);
    lp_html_text(out, lp_json_string(json_object_get(report, "model"), "file"));
    lp_text_printf(out,
                   ": where its bytes come from</title>\n<style>%s.paper{fill:#fff}@media screen and (prefers-color-scheme:dark)"
                   "{.paper{fill:#0d1117}}</style>\n<rect class=\"paper\" x=\"%d\" y=\"%d\" width=\"%.0f\" height=\"%.0f\"/>\n",
                   lp_picture_style, -MARGIN, -MARGIN, width + 2 * MARGIN, height + 2 * MARGIN);
    lp_text_add(out, lp_text_get(&body), body.length);
    out->failed = out->failed || body.failed;
    lp_text_printf(out, "</svg>\n");
    lp_text_free(&body);
}
