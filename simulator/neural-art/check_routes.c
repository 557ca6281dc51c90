#include <string.h>

#include "neural-art/fields.h"
#include "simulator/neural-art/check.h"

/* Outputs that go nowhere and inputs that nothing feeds, by unit type and number. */
struct connections {
    uint32_t in[LP_NPU_UNIT_TYPES][LP_NPU_MOST_UNITS]; /* bit p: input port p has a route */
    bool out[LP_NPU_UNIT_TYPES][LP_NPU_MOST_UNITS];
};

static void at(struct lp_sim_checker *k, const struct lp_npu_port *port)
{
    k->place.unit_type = port->type;
    k->place.unit_index = port->index;
}

static bool exists(const struct lp_npu_port *port, bool is_source)
{
    if (port->type < 0 || port->type >= LP_NPU_UNIT_TYPES)
        return false;
    const struct lp_npu_unit_fields *table = &lp_npu_unit_fields[port->type];
    return port->index >= 0 && port->index < table->unit_count && port->port >= 0 &&
           port->port < (is_source ? 1 : table->in_ports);
}

static bool is_configured(struct lp_sim_checker *k, const struct lp_npu_port *port, bool is_source)
{
    const void *unit = lp_npu_epoch_find(k->epoch, (enum lp_npu_unit_type)port->type, port->index);
    at(k, port);
    if (unit == NULL) {
        lp_sim_find(k->findings, LP_SIM_ERROR, k->place, "route", "a unit that the epoch configures",
                    "%s a unit without configuration", is_source ? "from" : "to");
        return false;
    }
    if (port->type == LP_NPU_STRENG && (((const struct lp_npu_streng *)unit)->dir == 0) != is_source) {
        lp_sim_find(k->findings, LP_SIM_ERROR, k->place, "dir",
                    is_source ? "0, for the source of a route" : "1, for the end of a route", "%d", is_source ? 1 : 0);
        return false;
    }
    return true;
}

static bool is_stride_two_line_kernel(const struct lp_npu_convacc *c)
{
    bool is_line = (c->kernelWidth == 1) != (c->kernelHeight == 1);
    bool is_depthwise = c->nKernels == c->batchDepth && !c->accumulate && c->kfilt_tot == 0;
    return is_line && is_depthwise && (c->hstride == 2 || c->vstride == 2);
}

/* What a board was reported to hang on, and what nobody has seen to work. */
static void check_link(struct lp_sim_checker *k, const struct lp_npu_port *from, const struct lp_npu_port *to)
{
    enum lp_sim_severity hang = k->options->allow_reported_hangs ? LP_SIM_WARNING : LP_SIM_ERROR;
    if (to->type != LP_NPU_CONVACC)
        return;
    if (from->type == LP_NPU_ACTIV)
        lp_sim_find(k->findings, hang, k->place, "route", "through memory, or the function realized by ARITH or saturation",
                    "from ACTIV %d to port %d, a link reported to hang the silicon", from->index, to->port);
    else if (from->type == LP_NPU_POOL || (from->type == LP_NPU_CONVACC && to->port != 2))
        lp_sim_find(k->findings, LP_SIM_WARNING, k->place, "route", "a link that executed programs use", "from %s %d to port %d",
                    lp_npu_unit_fields[from->type].type, from->index, to->port);
}

static void check_partial_sums(struct lp_sim_checker *k, const struct lp_npu_port *from, const struct lp_npu_port *to)
{
    if (to->type != LP_NPU_CONVACC || to->port != 2 || from->type != LP_NPU_STRENG)
        return;
    const struct lp_npu_streng *s = lp_npu_epoch_find(k->epoch, LP_NPU_STRENG, from->index);
    if (s->nbits_in == 16 && !s->align_right)
        lp_sim_find(k->findings, LP_SIM_ERROR, k->place, "align_right of the engine at port 2",
                    "1 for 16-bit partial sums (0 has no proven meaning)", "0");
}

static void check_route(struct lp_sim_checker *k, const struct lp_npu_route *route, struct connections *links)
{
    const struct lp_npu_port *to = &route->destination;
    k->place.unit_type = -1;
    bool valid = route->context_count >= 1 && route->context_count <= 2 && exists(to, false);
    for (uint32_t i = 0; valid && i < route->context_count; i++)
        valid = exists(&route->contexts[i].source, true);
    if (!valid) {
        lp_sim_find(k->findings, LP_SIM_ERROR, k->place, "route", "one or two contexts between ports that exist", "malformed");
        return;
    }
    const struct lp_npu_port *from = &route->contexts[0].source;
    if (!is_configured(k, from, true) || !is_configured(k, to, false))
        return;
    if (links->in[to->type][to->index] >> to->port & 1)
        lp_sim_find(k->findings, LP_SIM_ERROR, k->place, "route", "one route an input port", "a second one to port %d", to->port);
    links->in[to->type][to->index] |= 1u << to->port;
    links->out[from->type][from->index] = true;
    if (route->context_count == 2) {
        const struct lp_npu_port *second = &route->contexts[1].source;
        if (second->type != from->type || second->index != from->index)
            lp_sim_find(k->findings, LP_SIM_ERROR, k->place, "route",
                        "the same source in both contexts (others have no proven meaning)", "from %s %d and %s %d",
                        lp_npu_unit_fields[from->type].type, from->index, lp_npu_unit_fields[second->type].type, second->index);
    }
    check_link(k, from, to);
    check_partial_sums(k, from, to);
}

/* Input ports that a unit's configuration makes it wait for. */
static uint32_t needed_ports(enum lp_npu_unit_type type, const void *unit)
{
    switch (type) {
    case LP_NPU_STRENG: return ((const struct lp_npu_streng *)unit)->dir == 1 ? 1u : 0u;
    case LP_NPU_CONVACC: return ((const struct lp_npu_convacc *)unit)->accumulate ? 7u : 3u;
    case LP_NPU_ARITH: return ((const struct lp_npu_arith *)unit)->dualinput ? 3u : 1u;
    default: return 1u;
    }
}

static void check_unit_links(struct lp_sim_checker *k, enum lp_npu_unit_type type, const void *unit,
                             const struct connections *links)
{
    int32_t index = k->place.unit_index;
    uint32_t needed = needed_ports(type, unit), present = links->in[type][index];
    for (int port = 0; port < LP_NPU_MOST_PORTS; port++) {
        if ((needed >> port & 1) != 0 && (present >> port & 1) == 0)
            lp_sim_find(k->findings, LP_SIM_ERROR, k->place, "route", "a source for every input port in use",
                        "missing for port %d", port);
        if ((needed >> port & 1) == 0 && (present >> port & 1) != 0)
            lp_sim_find(k->findings, LP_SIM_WARNING, k->place, "route", "routes to ports in use",
                        "present for port %d, which this configuration does not read", port);
    }
    bool has_output = type != LP_NPU_STRENG || ((const struct lp_npu_streng *)unit)->dir == 0;
    if (has_output && !links->out[type][index])
        lp_sim_find(k->findings, LP_SIM_ERROR, k->place, "route", "a destination for every output",
                    "missing: the output goes nowhere");
    if (type == LP_NPU_CONVACC && is_stride_two_line_kernel(unit))
        lp_sim_find(k->findings, k->options->allow_reported_hangs ? LP_SIM_WARNING : LP_SIM_ERROR, k->place, "hstride, vstride",
                    "1 for a depthwise kernel of one line or column (take every second result afterwards)",
                    "2, a form reported to hang the silicon");
}

void lp_sim_check_routes(struct lp_sim_checker *k)
{
    struct connections links;
    memset(&links, 0, sizeof links);
    for (uint32_t i = 0; i < k->epoch->route_count; i++)
        check_route(k, &k->epoch->routes[i], &links);
    for (int type = 0; type < LP_NPU_UNIT_TYPES; type++)
        for (uint32_t i = 0; i < k->epoch->unit_count[type]; i++) {
            const void *unit = lp_npu_epoch_unit(k->epoch, (enum lp_npu_unit_type)type, i);
            k->place.unit_type = type;
            k->place.unit_index = (int32_t)lp_npu_field_get(&lp_npu_unit_fields[type].fields[0], unit, 0);
            check_unit_links(k, (enum lp_npu_unit_type)type, unit, &links);
        }
}
