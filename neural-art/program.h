/* A program of the NPU: memory pools, initial images, buffers with their quantization, and epochs in the order they run.
 * The form between compilers, the simulator and the diagnosis; its file form is program.json (docs/formats.md). */
#ifndef LP_NEURAL_ART_PROGRAM_H
#define LP_NEURAL_ART_PROGRAM_H

#include <stdbool.h>

#include "compiler/base/arena.h"
#include "compiler/base/diag.h"
#include "neural-art/units.h"

/* One end of a link. Outputs have port 0 only. */
struct lp_npu_port {
    int32_t type; /* enum lp_npu_unit_type */
    int32_t index;
    int32_t port;
};

/* Context 0 passes (or, disabled, drops) its number of frames of its source, then context 1, then again 0. */
struct lp_npu_context {
    int32_t enable;
    int32_t frames; /* 0..255; 0 in context 0: for ever */
    struct lp_npu_port source;
};

struct lp_npu_route {
    struct lp_npu_port destination;
    struct lp_npu_context contexts[2];
    uint32_t context_count; /* 1 or 2 */
};

struct lp_npu_unit_id {
    int32_t type; /* enum lp_npu_unit_type */
    int32_t index;
};

struct lp_npu_unit_list {
    struct lp_npu_unit_id *units;
    uint32_t count;
};

enum lp_npu_cache_when {
    LP_NPU_CACHE_START_BEFORE_ENABLE,
    LP_NPU_CACHE_START_AFTER_ENABLE,
    LP_NPU_CACHE_END_BEFORE_DISABLE,
    LP_NPU_CACHE_END_AFTER_DISABLE
};
enum lp_npu_cache { LP_NPU_CACHE_MCU, LP_NPU_CACHE_NPU };
enum lp_npu_cache_action { LP_NPU_CACHE_INVALIDATE, LP_NPU_CACHE_CLEAN, LP_NPU_CACHE_CLEAN_INVALIDATE };

struct lp_npu_cache_op {
    enum lp_npu_cache_when when;
    enum lp_npu_cache cache;
    enum lp_npu_cache_action op;
    uint32_t start, bytes;
};

enum lp_npu_epoch_kind { LP_NPU_EPOCH_HW, LP_NPU_EPOCH_SW, LP_NPU_EPOCH_HYBRID };

struct lp_npu_epoch {
    int32_t id;
    enum lp_npu_epoch_kind kind;
    const char *sw_op;  /* software epochs: JSON text of what runs, null for hardware */
    uint32_t wait_mask; /* bit i: output engine i must have stored its last frame */
    struct lp_npu_streng *streng;
    struct lp_npu_convacc *convacc;
    struct lp_npu_arith *arith;
    struct lp_npu_pool *pool;
    struct lp_npu_activ *activ;
    uint32_t unit_count[LP_NPU_UNIT_TYPES]; /* length of the arrays above */
    struct lp_npu_route *routes;
    uint32_t route_count;
    struct lp_npu_unit_list init_order, enable_order, disable_order; /* empty: any order */
    struct lp_npu_cache_op *cache_ops;
    uint32_t cache_op_count;
    int64_t estimated_npu_cycles, estimated_total_cycles, compute_cycles; /* the producer's own figures; 0 = unknown */
};

struct lp_npu_pool_memory {
    const char *name;
    uint32_t base, size_bytes;
    bool is_virtual; /* spans several of the others */
    bool is_writable, is_cacheable;
};

struct lp_npu_image {
    const char *pool;
    uint32_t base, size_bytes;
    const char *file; /* relative to the program's folder */
    const uint8_t *bytes;
    uint32_t same_at; /* of a state: where the same bytes lie among the constants; 0: nowhere, or not known */
};

enum lp_npu_buffer_role { LP_NPU_INPUT, LP_NPU_OUTPUT, LP_NPU_PARAMETER, LP_NPU_INTERMEDIATE, LP_NPU_BUFFER_ROLES };

struct lp_npu_buffer {
    const char *name;
    const char *dtype; /* "int8", "uint8", "int16", "int32", "float32", "fixed" */
    uint32_t address, size_bytes;
    uint32_t limit; /* address that no prefetch passes; 0 = not stated */
    int32_t bits;
    bool is_unsigned;
    int32_t q[2];                     /* integer and fraction bits */
    const int64_t *shape, *mem_shape; /* mem_shape null: not stated */
    uint32_t rank, mem_rank;
    int32_t batch;                                          /* channels stored together; 0 = not stated */
    int32_t first_epoch, live_first_epoch, live_last_epoch; /* -1 = not stated */
    bool per_channel;
    const double *scale;
    const int32_t *zero_point;
    uint32_t scale_count, zero_point_count; /* one zero point: for all channels */
};

struct lp_npu_buffers {
    struct lp_npu_buffer *items;
    uint32_t count;
};

/* Recorded inputs with the outputs that belong to them: file names by input and by output, vectors back to back. */
struct lp_npu_vectors {
    const char *set;
    uint32_t count;
    const char **inputs, **outputs;
    uint32_t input_count, output_count;
};

struct lp_npu_program {
    const char *name;
    const char *folder; /* where the files are, as it was given; null when the program was not read from files */
    struct lp_npu_pool_memory *pools;
    uint32_t pool_count;
    struct lp_npu_image *images;
    uint32_t image_count;
    /* What the network keeps from one inference to the next: memory that has this content before the first one of a sequence. */
    struct lp_npu_image *states;
    uint32_t state_count;
    struct lp_npu_buffers buffers[LP_NPU_BUFFER_ROLES];
    struct lp_npu_epoch *epochs;
    uint32_t epoch_count;
    struct lp_npu_vectors *vectors;
    uint32_t vectors_count;
};

/* Reads FOLDER/program.json and the images it names. Everything lives in `arena`. A damaged, contradicting or hostile file
 * gives errors that name file, epoch, unit and field, with what was found and what is allowed. */
lp_status lp_npu_program_load(struct lp_arena *arena, struct lp_diag *diag, const char *folder, struct lp_npu_program **out);

/* The same from text: `label` names it in messages. Images are not read (bytes stay null). */
lp_status lp_npu_program_parse(struct lp_arena *arena, struct lp_diag *diag, const char *label, const char *text, size_t length,
                               struct lp_npu_program **out);

/* The text of program.json. */
void lp_npu_program_text(const struct lp_npu_program *program, struct lp_text *out);

/* Writes FOLDER/program.json and the images that carry bytes. */
lp_status lp_npu_program_save(struct lp_diag *diag, const char *folder, const struct lp_npu_program *program);

/* Start of unit `position` of an epoch's units of a type, as its structure. */
void *lp_npu_epoch_unit(const struct lp_npu_epoch *epoch, enum lp_npu_unit_type type, uint32_t position);

/* The configuration of unit `index` in an epoch; null when the epoch does not use it. */
void *lp_npu_epoch_find(const struct lp_npu_epoch *epoch, enum lp_npu_unit_type type, int32_t index);

/* Bytes of an element in memory, elements of a frame, and the frame's first byte as device address (may pass 2^32). */
uint32_t lp_npu_streng_element_bytes(const struct lp_npu_streng *s);
uint64_t lp_npu_streng_frame_elements(const struct lp_npu_streng *s);
uint64_t lp_npu_streng_frame_address(const struct lp_npu_streng *s, uint64_t frame);
/* Bytes from a frame's first byte to one past its last. */
uint64_t lp_npu_streng_frame_span(const struct lp_npu_streng *s);

/* Height and width of an output frame; 0 when the kernel does not fit the cropped and padded frame. */
uint32_t lp_npu_convacc_out_height(const struct lp_npu_convacc *c);
uint32_t lp_npu_convacc_out_width(const struct lp_npu_convacc *c);
/* Bytes of the shared kernel stream for one output frame, and of this unit's share. */
uint32_t lp_npu_convacc_group_bytes(const struct lp_npu_convacc *c);
uint32_t lp_npu_convacc_block_bytes(const struct lp_npu_convacc *c);

#endif
