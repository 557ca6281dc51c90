/* The compiler names a parameter after the node that it belongs to and its role: Conv2D_12_weights_inflated_166. */
#include "explain/build.h"

#include <ctype.h>
#include <string.h>

static const struct role {
    const char *word; /* stands behind the layer's name */
    enum lp_build_kind kind;
    bool is_inflated;
} roles[] = {
    {"_weights_inflated", LP_BUILD_KERNEL, true},
    {"_weights", LP_BUILD_KERNEL, false},
    {"_mul_scale", LP_BUILD_SCALE, false},
    {"_off_bias", LP_BUILD_BIAS, false},
    {"_requantize_zero", LP_BUILD_ZERO_POINT, false},
    {"_zero_off", LP_BUILD_ZERO_POINT, false},
    {"_sub_off", LP_BUILD_ZERO_POINT, false},
    {"_suboff", LP_BUILD_ZERO_POINT, false},
};

/* Names without a role begin with the kind of their node. */
static const struct {
    const char *start;
    enum lp_build_kind kind;
} starts[] = {
    {"Quantize", LP_BUILD_SCALAR},
    {"Dequantize", LP_BUILD_SCALAR},
    {"Pad_", LP_BUILD_PAD_KERNEL},
    {"Sigmoid", LP_BUILD_TABLE},
};

static const char *last_of(const char *name, const char *word)
{
    const char *found = NULL;
    for (const char *at = strstr(name, word); at != NULL; at = strstr(at + 1, word))
        found = at;
    return found;
}

/* "Gemm_2_conv_4" is the convolution that stands for the node "Gemm_2". */
static size_t without_conv(const char *name, size_t length)
{
    size_t end = length;
    while (end > 0 && isdigit((unsigned char)name[end - 1]))
        end--;
    const size_t word = sizeof "_conv_" - 1;
    return end < length && end > word && strncmp(name + end - word, "_conv_", word) == 0 ? end - word : length;
}

lp_status lp_build_name(struct lp_arena *arena, struct lp_diag *diag, struct lp_build_param *param)
{
    const char *end = param->name + strlen(param->name);
    for (size_t i = 0; i < LP_COUNT(roles); i++) {
        const char *at = last_of(param->name, roles[i].word);
        if (at == NULL || at == param->name)
            continue;
        param->kind = roles[i].kind;
        /* From 1.1.3 on one unit scales and adds; its factors: Conv2D_3_off_bias_12_A_16_374. */
        if (param->kind == LP_BUILD_BIAS && strstr(at, "_A_16") != NULL)
            param->kind = LP_BUILD_SCALE;
        param->is_inflated = roles[i].is_inflated;
        end = at;
        break;
    }
    for (size_t i = 0; i < LP_COUNT(starts) && param->kind == LP_BUILD_UNKNOWN; i++)
        if (strncmp(param->name, starts[i].start, strlen(starts[i].start)) == 0)
            param->kind = starts[i].kind;
    param->layer = lp_arena_text(arena, param->name, without_conv(param->name, (size_t)(end - param->name)));
    return param->layer == NULL ? lp_no_memory(diag) : LP_OK;
}

int32_t lp_build_pool_of(const struct lp_build *build, uint64_t address)
{
    int32_t found = -1;
    for (uint32_t i = 0; i < build->pool_count; i++) {
        const struct lp_build_pool *pool = &build->pools[i];
        if (address < pool->base || address - pool->base >= pool->size_bytes)
            continue;
        if (found < 0 || (build->pools[found].is_virtual && !pool->is_virtual))
            found = (int32_t)i;
    }
    return found;
}

uint64_t lp_build_alignment(const struct lp_build *build)
{
    enum { FEWEST = 8, LEAST = 16, MOST = 64 };
    uint64_t bits = 0, widest_gap = 0, alignment = LEAST;
    for (uint32_t i = 0; i < build->param_count; i++) {
        const struct lp_build_param *p = &build->params[i], *before = p - 1;
        bits |= p->pool < 0 ? p->address : p->address - build->pools[p->pool].base;
        if (i == 0 || before->pool != p->pool || before->address + before->size_bytes > p->address)
            continue;
        uint64_t gap = p->address - before->address - before->size_bytes;
        widest_gap = gap < MOST && gap > widest_gap ? gap : widest_gap;
    }
    /* Sizes may be such multiples themselves: only a gap that 16 does not ask for shows that more is meant. */
    while (build->param_count >= FEWEST && alignment < MOST && widest_gap >= alignment && bits % (2 * alignment) == 0)
        alignment *= 2;
    return alignment;
}
