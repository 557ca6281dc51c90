/* The compiler names a parameter after the node that it belongs to and its role: Conv2D_12_weights_inflated_166. */
#include "explain/build.h"

#include <ctype.h>
#include <string.h>

static const struct role {
    const char *word; /* stands behind the layer's name */
    enum lp_build_kind kind;
    bool is_inflated;
} roles[] = {
    {"_weights_inflated", LP_BUILD_KERNEL, true}, {"_weights", LP_BUILD_KERNEL, false},
    {"_mul_scale", LP_BUILD_SCALE, false},        {"_off_bias", LP_BUILD_BIAS, false},
    {"_zero_off", LP_BUILD_ZERO_POINT, false},    {"_sub_off", LP_BUILD_ZERO_POINT, false},
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
