#include "cli/explain/search.h"

#include <stdlib.h>
#include <string.h>

uint64_t lp_search_key(const uint8_t *bytes)
{
    uint64_t key;
    memcpy(&key, bytes, sizeof key);
    return key;
}

static int by_key(const void *a, const void *b)
{
    const struct lp_search_place *p = a, *q = b;
    if (p->key != q->key)
        return p->key < q->key ? -1 : 1;
    return p->image != q->image ? (p->image < q->image ? -1 : 1) : p->offset < q->offset ? -1 : p->offset > q->offset;
}

/* The last place of an image may have fewer bytes than a key: zeros stand for them. */
static uint64_t key_at(const struct lp_build_image *image, uint64_t offset)
{
    uint8_t bytes[LP_SEARCH_KEY_BYTES] = {0};
    uint64_t left = image->size_bytes - offset;
    memcpy(bytes, image->bytes + offset, left < sizeof bytes ? (size_t)left : sizeof bytes);
    return lp_search_key(bytes);
}

lp_status lp_search_open(struct lp_search *s)
{
    struct lp_arena *arena = &s->session->arena;
    struct lp_build *b = &s->folder->build;
    size_t count = 0;
    for (uint32_t i = 0; i < s->folder->image_count; i++)
        count += (size_t)(s->folder->images[i].size_bytes / LP_SEARCH_STEP) + 1;
    /* A place is the start of one parameter at most. */
    s->param_capacity = count < LP_BUILD_MOST_ITEMS ? (uint32_t)count + 2 * s->folder->image_count : LP_BUILD_MOST_ITEMS;
    s->places = LP_NEW_ARRAY(arena, count, struct lp_search_place);
    b->params = LP_NEW_ARRAY(arena, s->param_capacity, struct lp_build_param);
    b->param_count = 0;
    b->params_from = "the images, found by content";
    if (s->places == NULL || b->params == NULL)
        return lp_no_memory(&s->session->diag);
    for (uint32_t i = 0; i < s->folder->image_count; i++)
        for (uint64_t at = 0; at < s->folder->images[i].size_bytes; at += LP_SEARCH_STEP)
            s->places[s->place_count++] = (struct lp_search_place){key_at(&s->folder->images[i], at), i, at};
    if (s->place_count != 0)
        qsort(s->places, s->place_count, sizeof *s->places, by_key);
    return LP_OK;
}

size_t lp_search_first(const struct lp_search *s, uint64_t key)
{
    size_t low = 0, high = s->place_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->places[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < s->place_count && s->places[low].key == key ? low : s->place_count;
}

const uint8_t *lp_search_free(const struct lp_search *s, const struct lp_search_place *place, uint64_t size_bytes)
{
    const struct lp_build *b = &s->folder->build;
    const struct lp_build_image *image = &s->folder->images[place->image];
    uint64_t address = image->address + place->offset;
    if (size_bytes == 0 || size_bytes > image->size_bytes - place->offset)
        return NULL;
    for (uint32_t i = 0; i < b->param_count; i++)
        if (address < b->params[i].address + b->params[i].size_bytes && b->params[i].address < address + size_bytes)
            return NULL;
    return image->bytes + place->offset;
}

lp_status lp_search_add(struct lp_search *s, const struct lp_search_place *place, struct lp_build_param param)
{
    struct lp_build *b = &s->folder->build;
    const struct lp_build_image *image = &s->folder->images[place->image];
    if (b->param_count == s->param_capacity)
        return lp_error(&s->session->diag, LP_UNSUPPORTED, "the images hold more than %u parameters",
                        (unsigned)s->param_capacity);
    param.address = image->address + place->offset;
    param.pool = image->pool;
    b->params[b->param_count++] = param;
    return LP_OK;
}
