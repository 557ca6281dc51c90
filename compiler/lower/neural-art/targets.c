/* Where a result goes: to memory of its own, or, when a CONCATENATION alone reads it, to its place in the joint tensor. */
#include "compiler/lower/neural-art/flow.h"

/* A tensor within another one: pixels of `channels` elements, its own from `pixel` and `channel` on. */
struct place {
    int32_t tensor, channels;
    int64_t pixel, channel;
};

static int64_t elements_behind(const struct lp_tensor *t, uint32_t axis)
{
    int64_t count = 1;
    for (uint32_t d = axis + 1; d < t->rank; d++)
        count *= t->dims[d];
    return count;
}

static bool is_outermost(const struct lp_tensor *t, uint32_t axis)
{
    for (uint32_t d = 0; d < axis; d++)
        if (t->dims[d] != 1)
            return false;
    return true;
}

/* Finds the place in the joint tensor. False: the reader joins nothing, or joins lines within maps. */
static bool enter(struct lp_npu_work *w, struct place *p)
{
    const struct lp_op *join = lp_npu_sole_reader(w, p->tensor);
    if (join == NULL || join->kind != LP_OP_CONCATENATION || !lp_npu_can_move(w, join))
        return false;
    const struct lp_graph *g = w->l->graph;
    const struct lp_tensor *out = lp_op_output(g, join, 0);
    uint32_t axis = (uint32_t)(join->as.along.axis < 0 ? join->as.along.axis + out->rank : join->as.along.axis);
    int64_t before = 0;
    for (uint32_t i = 0; join->inputs[i] != p->tensor; i++)
        before += lp_op_input(g, join, i)->dims[axis];
    if (axis + 1 == out->rank) {
        p->channel += before;
        p->channels = out->dims[axis];
    } else if (is_outermost(out, axis)) {
        p->pixel += before * elements_behind(out, axis) / p->channels;
    } else {
        return false;
    }
    p->tensor = join->outputs[0];
    return true;
}

struct lp_npu_target lp_npu_target_of(struct lp_npu_work *w, struct lp_npu_build *b, int32_t tensor)
{
    const struct lp_tensor *t = &w->l->graph->tensors[tensor];
    const struct lp_npu_map map = lp_npu_map_of(t);
    struct place p = {.tensor = tensor, .channels = map.channels};
    w->is_joined[tensor] = t->rank > 0 && enter(w, &p);
    return (struct lp_npu_target){.memory = lp_npu_write_tensor(b, p.tensor),
                                  .channels = p.channels,
                                  .map_width = map.width,
                                  .first_channel = (int32_t)p.channel,
                                  .step_y = 1,
                                  .step_x = 1,
                                  .before_bytes = p.pixel * p.channels};
}
