#include "explain/match.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct side {
    uint32_t index; /* layer or operator */
    int64_t order, outputs, elements;
};

/* The number of the node: "Conv2D_12" is the 12th. */
static int64_t node_number(const char *name)
{
    size_t end = strlen(name), start = end;
    while (start > 0 && isdigit((unsigned char)name[start - 1]))
        start--;
    return start == end ? INT64_MAX : strtoll(name + start, NULL, 10);
}

static int by_order(const void *a, const void *b)
{
    const struct side *p = a, *q = b;
    if (p->order != q->order)
        return p->order < q->order ? -1 : 1;
    return p->index < q->index ? -1 : p->index > q->index;
}

static uint32_t take_layers(const struct lp_build_ledger *ledger, struct side *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < ledger->layer_count; i++)
        if (ledger->layers[i].kernel_elements > 0)
            out[count++] = (struct side){i, node_number(ledger->layers[i].name), ledger->layers[i].outputs,
                                         ledger->layers[i].kernel_elements};
    if (count != 0)
        qsort(out, count, sizeof *out, by_order);
    return count;
}

static uint32_t take_ops(const struct lp_graph *graph, struct side *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < graph->op_count; i++) {
        const struct lp_op *op = &graph->ops[i];
        const struct lp_tensor *weights = lp_op_input(graph, op, 1), *output = lp_op_output(graph, op, 0);
        bool has_weights = op->kind == LP_OP_CONV_2D || op->kind == LP_OP_DEPTHWISE_CONV_2D || op->kind == LP_OP_FULLY_CONNECTED;
        if (has_weights && weights != NULL && weights->data != NULL && output->rank > 0)
            out[count++] = (struct side){i, i, output->dims[output->rank - 1], lp_tensor_elements(weights)};
    }
    return count;
}

/* Longest common subsequence; length[i * (m + 1) + j] is that of what stands behind layer i and operator j. */
static lp_status pair(struct lp_arena *arena, struct lp_diag *diag, const struct side *layers, uint32_t n, const struct side *ops,
                      uint32_t m, struct lp_build_match *out)
{
    uint16_t *length = LP_NEW_ARRAY(arena, (size_t)(n + 1) * (m + 1), uint16_t);
    if (length == NULL)
        return lp_no_memory(diag);
#define AT(i, j) length[(size_t)(i) * (m + 1) + (j)]
    for (uint32_t i = n; i-- > 0;)
        for (uint32_t j = m; j-- > 0;) {
            bool same = layers[i].outputs == ops[j].outputs && layers[i].elements == ops[j].elements;
            uint16_t skip = AT(i + 1, j) > AT(i, j + 1) ? AT(i + 1, j) : AT(i, j + 1);
            uint16_t take = same ? (uint16_t)(AT(i + 1, j + 1) + 1) : 0;
            AT(i, j) = take > skip ? take : skip;
        }
    for (uint32_t i = 0, j = 0; i < n && j < m;) {
        bool same = layers[i].outputs == ops[j].outputs && layers[i].elements == ops[j].elements;
        if (same && AT(i, j) == AT(i + 1, j + 1) + 1) {
            out->op_of_layer[layers[i++].index] = (int32_t)ops[j++].index;
            out->matched++;
        } else if (AT(i + 1, j) >= AT(i, j + 1)) {
            i++;
        } else {
            j++;
        }
    }
#undef AT
    return LP_OK;
}

lp_status lp_build_match(struct lp_arena *arena, struct lp_diag *diag, const struct lp_build_ledger *ledger,
                         const struct lp_graph *graph, struct lp_build_match *out)
{
    enum { MOST_LAYERS = 8192 }; /* the table of pairs stays below 128 MB */
    struct side *layers = LP_NEW_ARRAY(arena, ledger->layer_count, struct side);
    struct side *ops = LP_NEW_ARRAY(arena, graph->op_count, struct side);
    *out = (struct lp_build_match){.op_of_layer = LP_NEW_ARRAY(arena, ledger->layer_count, int32_t)};
    if (layers == NULL || ops == NULL || out->op_of_layer == NULL)
        return lp_no_memory(diag);
    memset(out->op_of_layer, -1, ledger->layer_count * sizeof *out->op_of_layer);
    uint32_t n = take_layers(ledger, layers);
    out->ops_with_weights = take_ops(graph, ops);
    if (n > MOST_LAYERS || out->ops_with_weights > MOST_LAYERS)
        return lp_error(diag, LP_UNSUPPORTED, "the build has %u layers and the model %u: at most %d can be compared", (unsigned)n,
                        (unsigned)out->ops_with_weights, MOST_LAYERS);
    return pair(arena, diag, layers, n, ops, out->ops_with_weights, out);
}
