/* Pictures of a report (its JSON), as SVG: inside a page, or alone for documents. */
#ifndef LP_REPORT_PICTURE_H
#define LP_REPORT_PICTURE_H

#include "compiler/base/text.h"

#include <jansson.h>
#include <stdint.h>

/* One step of the way from the model's constants to what a target needs of flash. */
enum lp_step_kind { LP_STEP_TOTAL, LP_STEP_CHANGE };

struct lp_step {
    const char *name;
    const char *section; /* "weights", "program", "code": whose ledger it stands in */
    enum lp_step_kind kind;
    int64_t bytes;  /* of the sum so far, or of the change */
    int64_t before; /* the sum before a change */
};

enum { LP_MOST_STEPS = 80 };

/* Steps of target number `target`: the model's constants, each cause of the weights, the weights, each cause of the linked
 * code or, where nobody linked, of the program tables, and the sum. The changes between two sums add up. Returns how many. */
size_t lp_steps(const json_t *report, size_t target, struct lp_step steps[LP_MOST_STEPS]);

/* Waterfall of one target, at (x, 0) of its surroundings; `most` bytes are as long as the picture is wide, so that several
 * pictures have the same scale. Returns the height. */
enum { LP_WATERFALL_WIDTH = 430 };
double lp_waterfall_group(const json_t *report, size_t target, int64_t most, double x, struct lp_text *out);
/* The largest sum on the way, of all targets. */
int64_t lp_waterfall_most(const json_t *report);
void lp_waterfall_svg(const json_t *report, size_t target, struct lp_text *out);

/* What lies where in memory in which epoch, a panel for each pool; the peak is marked. */
void lp_memory_map_svg(const json_t *report, size_t target, struct lp_text *out);

/* A picture for documents, a whole SVG file, of all targets. */
enum lp_picture { LP_PICTURE_WATERFALL = 1, LP_PICTURE_MEMORY = 2 };
void lp_picture_file(const json_t *report, unsigned pictures, struct lp_text *out);

/* The number of an object's member; 0 when it is not there. */
int64_t lp_json_number(const json_t *object, const char *key);
/* Its text; "" when it is not there. */
const char *lp_json_string(const json_t *object, const char *key);

#endif
