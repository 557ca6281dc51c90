/* The compute units as pure functions: configuration and input frames in, output frame out. No state, no memory access,
 * no allocation. Words as in arithmetic.h. Configurations have passed lp_sim_check_epoch: no function checks again.
 * Each adds to *saturations the number of values that it clamped. */
#ifndef LP_SIMULATOR_NEURAL_ART_UNITS_H
#define LP_SIMULATOR_NEURAL_ART_UNITS_H

#include "neural-art/program.h"
#include "simulator/neural-art/arithmetic.h"

/* ---- CONVACC ---- */

/* Words of one feature frame as it arrives at port 0 (packed modes: fewer than samples). */
uint64_t lp_sim_convacc_feature_words(const struct lp_npu_convacc *c);
/* Words of one output frame: lines, columns, kernels. Also the words of a frame at port 2. */
uint64_t lp_sim_convacc_out_words(const struct lp_npu_convacc *c);
/* Working memory of lp_sim_convacc_frame. */
uint64_t lp_sim_convacc_scratch_bytes(const struct lp_npu_convacc *c);

/* What happens at port 2 for output frame `frame` (counted from 0 in the epoch). */
enum lp_sim_accumulator { LP_SIM_ACC_UNUSED, LP_SIM_ACC_TAKEN_AND_DROPPED, LP_SIM_ACC_ADDED };
enum lp_sim_accumulator lp_sim_convacc_accumulator(const struct lp_npu_convacc *c, uint64_t frame);

/* features: lp_sim_convacc_feature_words words; kernels: lp_npu_convacc_block_bytes bytes in stream order;
 * partial: lp_sim_convacc_out_words words, null when nothing is added; out: as many.
 * scratch: lp_sim_convacc_scratch_bytes bytes, aligned to 16. */
void lp_sim_convacc_frame(const struct lp_npu_convacc *c, const int32_t *features, const uint8_t *kernels, const int32_t *partial,
                          void *scratch, int32_t *out, uint64_t *saturations);

/* ---- ARITH ---- */

enum { LP_SIM_COEFFICIENTS = 512 };

/* The coefficient memory: what an element multiplies and adds. bc is the 32-bit constant of combinebc. */
struct lp_sim_coefficients {
    uint32_t count; /* 1..LP_SIM_COEFFICIENTS */
    int32_t a[LP_SIM_COEFFICIENTS], b[LP_SIM_COEFFICIENTS], c[LP_SIM_COEFFICIENTS];
    int64_t bc[LP_SIM_COEFFICIENTS];
};

/* Entries that the broadcast of `c` uses; 1 for scalars. */
uint64_t lp_sim_arith_coefficient_count(const struct lp_npu_arith *c);
/* Fills the memory. tables[i] holds the entries of A, B, C as read from memory, null = the scalar. */
void lp_sim_arith_coefficients(const struct lp_npu_arith *c, const uint8_t *const tables[3], struct lp_sim_coefficients *out);

/* Elements first..first + count - 1 of the epoch's stream. y is null without dualinput. results: room for count values or 256. */
void lp_sim_arith_frame(const struct lp_npu_arith *c, const struct lp_sim_coefficients *k, uint64_t first, const int32_t *x,
                        const int32_t *y, size_t count, int64_t *results, int32_t *out, uint64_t *saturations);

/* ---- POOL ---- */

uint64_t lp_sim_pool_in_words(const struct lp_npu_pool *c);
uint64_t lp_sim_pool_out_words(const struct lp_npu_pool *c);
/* results: room for lp_sim_pool_out_words values. */
void lp_sim_pool_frame(const struct lp_npu_pool *c, const int32_t *in, int64_t *results, int32_t *out, uint64_t *saturations);

/* ---- ACTIV ---- */

enum { LP_SIM_ROM0_ENTRIES = 128, LP_SIM_ROM1_ROWS = 72, LP_SIM_LUT_ENTRIES = 256 };

struct lp_sim_activ_tables {
    uint8_t rom0[LP_SIM_ROM0_ENTRIES];
    int16_t rom1[LP_SIM_ROM1_ROWS][3]; /* A, B, C of a segment */
    int8_t lut[LP_SIM_LUT_ENTRIES];
};

void lp_sim_activ_frame(const struct lp_npu_activ *c, const struct lp_sim_activ_tables *tables, const int32_t *in, size_t count,
                        int64_t *results, int32_t *out, uint64_t *saturations);

/* ---- STRENG ---- */

/* count elements of memory, lowest byte first, to words; and words to memory. */
void lp_sim_streng_to_words(const struct lp_npu_streng *s, const uint8_t *bytes, size_t count, int32_t *words);
void lp_sim_streng_to_bytes(const struct lp_npu_streng *s, const int32_t *words, size_t count, uint8_t *bytes);

/* ---- switch ---- */

/* Whether frame number `frame` of the source passes to this destination. */
bool lp_sim_route_passes(const struct lp_npu_route *route, uint64_t frame);

#endif
