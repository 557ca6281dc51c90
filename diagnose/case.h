/* What is known about a device that gives wrong outputs, and what the model gives instead: what every step of a diagnosis
 * reads. Filled in by the command line; everything lives in `arena`. */
#ifndef LP_DIAGNOSE_CASE_H
#define LP_DIAGNOSE_CASE_H

#include "compiler/analyze/ranges.h"
#include "compiler/graph/graph.h"
#include "contract/requantize.h"
#include "diagnose/device_log.h"

/* Runs graphs operator by operator; the command line hands over evaluate/. */
struct lp_case_runner {
    lp_status (*open)(const struct lp_graph *graph, enum lp_rounding rounding, struct lp_diag *diag, void **run);
    /* Runs operators 0..op_count-1. `after` (may be null) is called when operator `op` is done and may change what it wrote. */
    lp_status (*run)(void *run, const uint8_t *const *inputs, void (*after)(void *user, uint32_t op), void *user,
                     struct lp_diag *diag);
    uint8_t *(*tensor)(void *run, int32_t tensor); /* bytes; valid until close */
    void (*close)(void *run);
};

/* Where an epoch's result lies and what its CRC is. */
struct lp_case_range {
    uint32_t epoch;
    uint64_t address, size_bytes;
    uint32_t crc; /* filled in by run */
    bool is_known;
};

/* The device's own program, executed on a simulator. */
struct lp_case_device {
    void *user;
    /* Inputs and outputs of one inference, each back to back. ranges: CRC of each after its epoch. */
    lp_status (*run)(void *user, const uint8_t *input, uint8_t *output, struct lp_case_range *ranges, uint32_t range_count,
                     struct lp_diag *diag);
    /* `count` inferences at once, for programs that are slow to start; may be null. */
    lp_status (*run_all)(void *user, const uint8_t *inputs, uint8_t *outputs, size_t count, struct lp_diag *diag);
    /* Copies bytes of the program's initial memory; false when no image holds all of them. */
    bool (*image)(void *user, uint64_t address, uint8_t *bytes, size_t count);
    /* Saturated intermediate values by epoch since the start; null when unknown. */
    const uint64_t *saturations;
    const uint64_t *saturated_inferences; /* by epoch: in how many runs there was one */
    uint32_t epoch_count;
};

struct lp_case {
    struct lp_arena *arena;
    struct lp_diag *diag;
    const struct lp_graph *graph; /* as in the model file, shapes analyzed; int8 or other integers and float inputs */
    enum lp_rounding rounding;
    const struct lp_case_runner *runner;
    const struct lp_case_device *device; /* null: only the model is known */
    bool expects_exact_bits;             /* the target computes exactly what the reference does (a CPU) */
    bool is_vendor_possible;             /* the vendor's compiler may have made the program */

    size_t count;                 /* inferences looked at, at least 1 */
    size_t input_bytes;           /* of one inference, all inputs back to back */
    size_t output_bytes;          /* likewise; every output element is one byte or wider, see output_elements */
    const uint8_t *inputs;        /* count * input_bytes */
    const float *real_inputs;     /* of input 0, count * its elements, before quantization; null when they came as integers */
    uint8_t *expected;            /* count * output_bytes: by the device's program, else by the reference */
    uint8_t *reference;           /* count * output_bytes: by the reference */
    size_t output_elements;       /* of one inference */
    double *expected_values;      /* count * output_elements, integers of the outputs (or floats) */
    double *observed_values;      /* likewise, in the same unit: what the device gave; null when not known */
    bool observed_is_real;        /* they were real numbers and have been divided by the scale */
    double tolerance;             /* between observed and expected, in LSB */
    const struct lp_trace *trace; /* null when not given */
    const struct lp_device_log *log;
};

/* Elements and bytes of all inputs or outputs together; the values of one inference as numbers. */
size_t lp_case_ports_bytes(const struct lp_graph *graph, const int32_t *ports, uint32_t count);
double lp_case_element(enum lp_element element, const uint8_t *data, int64_t i);
void lp_case_values(const struct lp_graph *graph, const uint8_t *outputs, double *values);

/* Pointers to the inputs of inference data that lie back to back. Room for graph->input_count pointers. */
void lp_case_input_pointers(const struct lp_graph *graph, const uint8_t *data, const uint8_t **inputs);

/* What the model (or the device's program) gives for one inference's input bytes. */
lp_status lp_case_expect(const struct lp_case *c, void *run, const uint8_t *input, uint8_t *output);

#endif
