#include "compiler/report/cost.h"

#include "compiler/base/text.h"

#include <string.h>

enum { MOST_CAUSES = 64, MOST_LAYERS = 1 << 16 };

/* Beyond, sums could overflow; no such network exists. */
static const json_int_t most_bytes = (json_int_t)1 << 48;

struct reader {
    struct lp_arena *arena;
    struct lp_diag *diag;
    const char *file, *target;
};

static lp_status number(const struct reader *r, const json_t *object, const char *key, int64_t *out)
{
    const json_t *value = json_object_get(object, key);
    json_int_t v = json_integer_value(value);
    if (!json_is_integer(value) || v > most_bytes || v < -most_bytes)
        return lp_error(r->diag, LP_BAD_INPUT, "%s: %s: '%s' must be a number of bytes: is this a report of limpid?", r->file,
                        r->target, key);
    *out = (int64_t)v;
    return LP_OK;
}

static lp_status text(const struct reader *r, const json_t *object, const char *key, const char **out)
{
    const char *value = json_string_value(json_object_get(object, key));
    if (value == NULL)
        return lp_error(r->diag, LP_BAD_INPUT, "%s: %s: '%s' must be a text: is this a report of limpid?", r->file, r->target,
                        key);
    *out = lp_arena_text(r->arena, value, strlen(value));
    return *out == NULL ? lp_no_memory(r->diag) : LP_OK;
}

static lp_status read_ledger(const struct reader *r, const json_t *object, const char *key, int64_t total,
                             struct lp_cost_ledger *out)
{
    const json_t *list = json_object_get(object, key);
    int64_t sum = 0;
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count > MOST_CAUSES)
        return lp_error(r->diag, LP_BAD_INPUT, "%s: %s: '%s' must be a list of at most %d causes", r->file, r->target, key,
                        MOST_CAUSES);
    out->causes = LP_NEW_ARRAY(r->arena, count, struct lp_cost_cause);
    if (out->causes == NULL)
        return lp_no_memory(r->diag);
    for (size_t i = 0; i < count; i++) {
        struct lp_cost_cause *cause = &out->causes[out->count++];
        lp_status status = text(r, json_array_get(list, i), "cause", &cause->name);
        if (status == LP_OK)
            status = number(r, json_array_get(list, i), "bytes", &cause->bytes);
        if (status != LP_OK)
            return status;
        sum += cause->bytes;
    }
    return sum == total ? LP_OK
                        : lp_error(r->diag, LP_BAD_INPUT, "%s: %s: the causes of '%s' add up to %lld bytes, the size is %lld",
                                   r->file, r->target, key, (long long)sum, (long long)total);
}

static lp_status read_layer(const struct reader *r, const json_t *json, struct lp_cost_layer *out)
{
    const char *place = json_string_value(json_object_get(json, "runs_on"));
    lp_status status = number(r, json, "index", &out->index);
    if (status == LP_OK)
        status = text(r, json, "op", &out->op);
    if (status == LP_OK)
        status = text(r, json, "name", &out->name);
    if (status == LP_OK)
        status = number(r, json, "constants_bytes", &out->constants_bytes);
    if (status == LP_OK)
        status = number(r, json, "weights_bytes", &out->weights_bytes);
    if (status == LP_OK)
        status = number(r, json, "program_bytes", &out->program_bytes);
    if (status == LP_OK)
        status = read_ledger(r, json, "ledger", out->weights_bytes, &out->ledger);
    out->runs_on = place == NULL ? NULL : lp_arena_text(r->arena, place, strlen(place));
    return status == LP_OK && place != NULL && out->runs_on == NULL ? lp_no_memory(r->diag) : status;
}

static lp_status read_layers(const struct reader *r, const json_t *json, struct lp_cost *out)
{
    const json_t *list = json_object_get(json, "layers");
    size_t count = json_array_size(list);
    int64_t weights = 0;
    lp_status status = LP_OK;
    if (!json_is_array(list) || count > MOST_LAYERS)
        return lp_error(r->diag, LP_BAD_INPUT, "%s: %s: 'layers' must be a list", r->file, r->target);
    out->layers = LP_NEW_ARRAY(r->arena, count, struct lp_cost_layer);
    if (out->layers == NULL)
        return lp_no_memory(r->diag);
    for (size_t i = 0; i < count && status == LP_OK; i++) {
        status = read_layer(r, json_array_get(list, i), &out->layers[i]);
        weights += out->layers[i].weights_bytes;
    }
    out->layer_count = (uint32_t)count;
    if (status == LP_OK && weights > out->weights_bytes)
        status = lp_error(r->diag, LP_BAD_INPUT, "%s: %s: the layers have %lld bytes of weights, the whole network %lld", r->file,
                          r->target, (long long)weights, (long long)out->weights_bytes);
    return status;
}

static lp_status read_sizes(const struct reader *r, const json_t *model, const json_t *json, struct lp_cost *out)
{
    const struct {
        const json_t *object;
        const char *key;
        int64_t *to;
    } numbers[] = {
        {model, "constants_bytes", &out->constants_bytes},
        {json, "weights_bytes", &out->weights_bytes},
        {json, "program_bytes", &out->program_bytes},
        {json, "activations_bytes", &out->activations_bytes},
        {json, "macs", &out->macs},
        {json_object_get(json, "epochs"), "hw", &out->epochs_hw},
        {json_object_get(json, "epochs"), "sw", &out->epochs_sw},
    };
    lp_status status = LP_OK;
    for (size_t i = 0; i < LP_COUNT(numbers) && status == LP_OK; i++)
        status = number(r, numbers[i].object, numbers[i].key, numbers[i].to);
    out->code_bytes = -1;
    if (status == LP_OK && json_is_integer(json_object_get(json, "code_bytes")))
        status = number(r, json, "code_bytes", &out->code_bytes);
    return status;
}

lp_status lp_cost_read(struct lp_arena *arena, struct lp_diag *diag, const char *file, const json_t *report, size_t target,
                       struct lp_cost *out)
{
    const json_t *model = json_object_get(report, "model");
    const json_t *json = json_array_get(json_object_get(report, "targets"), target);
    struct reader r = {arena, diag, file, "the report"};
    *out = (struct lp_cost){0};
    lp_status status = text(&r, model, "file", &out->model);
    if (status == LP_OK)
        status = text(&r, model, "sha256", &out->sha256);
    if (status == LP_OK)
        status = text(&r, json, "target", &out->target);
    if (status != LP_OK)
        return status;
    r.target = out->target;
    status = read_sizes(&r, model, json, out);
    if (status == LP_OK)
        status = read_ledger(&r, json, "ledger", out->weights_bytes, &out->weights);
    if (status == LP_OK)
        status = read_ledger(&r, json, "program_ledger", out->program_bytes, &out->program);
    return status == LP_OK ? read_layers(&r, json, out) : status;
}

int64_t lp_cost_flash_bytes(const struct lp_cost *cost)
{
    return cost->weights_bytes + (cost->code_bytes >= 0 ? cost->code_bytes : cost->program_bytes);
}

int64_t lp_cost_cause_bytes(const struct lp_cost_ledger *ledger, const char *cause)
{
    int64_t bytes = 0;
    for (uint32_t i = 0; i < ledger->count; i++)
        if (strcmp(ledger->causes[i].name, cause) == 0)
            bytes += ledger->causes[i].bytes;
    return bytes;
}

const char *lp_cost_title(struct lp_arena *arena, const struct lp_cost *cost)
{
    return lp_arena_printf(arena, "%s on %s", cost->model, cost->target);
}
