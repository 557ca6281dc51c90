/* Places of images where parameters of a model may start, and what was found there. Internal to cli/explain. */
#ifndef LP_CLI_EXPLAIN_SEARCH_H
#define LP_CLI_EXPLAIN_SEARCH_H

#include "cli/explain/folder.h"

/* A parameter starts at a multiple of 16; its first bytes are the key of the place. */
enum { LP_SEARCH_STEP = 16, LP_SEARCH_KEY_BYTES = 8 };

struct lp_search_place {
    uint64_t key;
    uint32_t image;
    uint64_t offset;
};

struct lp_search {
    struct lp_session *session;
    const struct lp_graph *graph;
    struct lp_explain_folder *folder;
    struct lp_search_place *places; /* sorted by key, then as they lie */
    size_t place_count;
    uint32_t param_capacity;
};

/* Takes all places of the folder's images; its list of parameters becomes an empty one of `param_capacity`. */
lp_status lp_search_open(struct lp_search *search);
/* The first place with this key; `place_count` when there is none. */
size_t lp_search_first(const struct lp_search *search, uint64_t key);
uint64_t lp_search_key(const uint8_t *bytes);
/* The bytes of the place when so many are left there and no parameter has one of them; else null. */
const uint8_t *lp_search_free(const struct lp_search *search, const struct lp_search_place *place, uint64_t size_bytes);
/* `param` with the address of the place becomes a parameter of the build. */
lp_status lp_search_add(struct lp_search *search, const struct lp_search_place *place, struct lp_build_param param);

/* Factors and constants of the operator's channels, in every form that is known. */
lp_status lp_search_vectors(struct lp_search *search, const struct lp_op *op, const char *layer);
/* Second copies of what was found, kernels that only pad, scalars, and what nobody knows before and behind all of it. */
lp_status lp_search_leftovers(struct lp_search *search);

#endif
