/* A convolution or matrix product as the vendor's compiler lays it out for the NPU: a 16-bit accumulator, shifted by a rule
 * that looks at the net weight sum, and one of two requantizations behind it. Integers as the units compute them. */
#ifndef LP_DIAGNOSE_VENDOR_LAYER_H
#define LP_DIAGNOSE_VENDOR_LAYER_H

#include "compiler/analyze/weighted_view.h"

enum lp_vendor_form {
    LP_VENDOR_TWO_STAGE, /* scale to 16 bits, which saturate once more, then bias and output scale: versions 1.0 and 1.1.1 */
    LP_VENDOR_FUSED,     /* scale and bias at once: from 1.1.3 */
    LP_VENDOR_FORMS
};

enum lp_vendor_shift {
    LP_VENDOR_NET_SUM,  /* the vendor's rule: of the largest |sum of weights| */
    LP_VENDOR_SAFE_SUM, /* of the larger of positive and negative weights: can't saturate */
    LP_VENDOR_SHIFTS
};

enum { LP_VENDOR_SLICE_CHANNELS = 128 }; /* a matrix product is summed in slices of so many inputs */

/* Of a convolution over many channels the slices are not modelled: their sums pass 24 bits wide from unit to unit. */
struct lp_vendor_layer {
    struct lp_weighted_view view; /* of one of `batches` maps */
    int64_t batches;
    int32_t slice_c; /* input channels of one slice */
    enum lp_vendor_form form;
    int32_t accumulator_shift;         /* shift_o of the last CONVACC */
    int32_t scale_shift, output_shift; /* of the ARITH units; scale_shift is not used by the fused form */
    int32_t output_factor;             /* A of the second stage */
    int32_t constant_shift;            /* C_shift: 1 when the constant would need 33 bits */
    const int16_t *factor;             /* by output channel: v, or A of the fused form */
    const int32_t *constant;           /* BC by output channel */
};

/* What one inference did. */
struct lp_vendor_counts {
    uint64_t accumulators, saturated; /* 16-bit accumulators, and those at a limit that the exact sum passes */
    uint64_t saturated_between;       /* two-stage form: values clamped before the bias is added */
};

/* The layer can be modelled: int8, constant weights, one scale for input and output. */
bool lp_vendor_layer_is_known(const struct lp_graph *graph, const struct lp_op *op);

/* `shift` below 0: by `rule`; else the shift that a program has. Everything lives in `arena`. */
lp_status lp_vendor_layer_make(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph, const struct lp_op *op,
                               enum lp_vendor_form form, enum lp_vendor_shift rule, int32_t shift, struct lp_vendor_layer *out);

/* in, out: all of the operator's input and output. Counts are added to. */
void lp_vendor_layer_run(const struct lp_vendor_layer *layer, const int8_t *in, int8_t *out, struct lp_vendor_counts *counts);

#endif
