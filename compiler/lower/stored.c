#include "compiler/lower/stored.h"

#include "compiler/analyze/weighted_view.h"

static const struct lp_tensor *kernel_of(const struct lp_graph *graph, uint32_t op)
{
    const struct lp_tensor *kernel = lp_is_weighted(graph->ops[op].kind) ? lp_op_input(graph, &graph->ops[op], 1) : NULL;
    return kernel == NULL || kernel->data == NULL ? NULL : kernel;
}

int64_t lp_stored_least_bytes(const struct lp_graph *graph)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < graph->op_count; i++) {
        const struct lp_tensor *kernel = kernel_of(graph, i);
        bool is_first = kernel != NULL;
        for (uint32_t k = 0; k < i && is_first; k++) {
            const struct lp_tensor *other = kernel_of(graph, k);
            is_first = other == NULL || other->data != kernel->data;
        }
        sum += is_first ? lp_tensor_bytes(kernel) : 0;
    }
    return sum;
}

lp_status lp_stored_check(const struct lp_graph *graph, const struct lp_program *program, struct lp_diag *diag)
{
    int64_t least = lp_stored_least_bytes(graph);
    if ((int64_t)program->weights.size_bytes >= least)
        return LP_OK;
    return lp_error(diag, LP_INTERNAL,
                    "contradiction: the weights have %u bytes, the kernels of the layers that are left need %lld at least",
                    (unsigned)program->weights.size_bytes, (long long)least);
}
