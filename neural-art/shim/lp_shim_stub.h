/* The vendor-named functions, defined beside a generated network file: each hands its arguments on to the simulator in the
 * project's types. Included once, behind the network's own names (LP_SHIM_NETWORK). */
#ifndef LP_SHIM_STUB_H
#define LP_SHIM_STUB_H

#include <ecloader.h>
#include <ll_aton.h>
#include <ll_aton_NN_interface.h>
#include <ll_aton_caches_interface.h>
#include <ll_aton_lib.h>
#include <ll_aton_runtime.h>
#include <ll_sw.h>
#include <lp_shim_calls.h>
#include <string.h>

static const struct lp_shim_calls *lp_shim;

/* ---- units: the casts give a member the sign that its register has ---- */

int LL_Convacc_Init(int id, const LL_Convacc_InitTypeDef *c)
{
    struct lp_npu_convacc u = {.unit = id};
    u.simd = (int32_t)c->simd;
    u.fsub = (int32_t)c->fsub;
    u.zfbias = (int16_t)c->zfbias;
    u.vshift = (int32_t)c->vshift;
    u.accumulate = (int32_t)c->accumulate;
    u.accumulate_first = (int32_t)c->accumulate_first;
    u.accumulate_gen_first = (int32_t)c->accumulate_gen_first;
    u.afilt_mode = (int32_t)c->afilt_mode;
    u.afilt_tot = (int32_t)c->afilt_tot;
    u.afilt_first = (int32_t)c->afilt_first;
    u.afilt_last = (int32_t)c->afilt_last;
    u.kfilt_tot = (int32_t)c->kfilt_tot;
    u.kfilt_first = (int32_t)c->kfilt_first;
    u.kfilt_last = (int32_t)c->kfilt_last;
    u.fstat = (int32_t)c->fstat;
    u.fstatcnt = (int32_t)c->fstatcnt;
    u.kt1_mode = (int32_t)c->kt1_mode;
    u.rounding_f = (int32_t)c->rounding_f;
    u.saturation_f = (int32_t)c->saturation_f;
    u.round_mode_f = (int32_t)c->round_mode_f;
    u.f_unsigned = (int32_t)c->f_unsigned;
    u.k_unsigned = (int32_t)c->k_unsigned;
    u.deepmode = (int32_t)c->deepmode;
    u.dss2mode = (int32_t)c->dss2mode;
    u.kseten = (int32_t)c->kseten;
    u.inbytes_f = (int32_t)c->inbytes_f;
    u.shift_f = (int8_t)c->shift_f;
    u.shift_a = (int8_t)c->shift_a;
    u.rounding_o = (int32_t)c->rounding_o;
    u.saturation_o = (int32_t)c->saturation_o;
    u.round_mode_o = (int32_t)c->round_mode_o;
    u.relu_mode_o = (int32_t)c->relu_mode_o;
    u.outbytes_o = (int32_t)c->outbytes_o;
    u.shift_o = (int8_t)c->shift_o;
    u.raw_o = (int32_t)c->raw_o;
    u.fWidth = (int32_t)c->fWidth;
    u.fHeight = (int32_t)c->fHeight;
    u.kernelWidth = (int32_t)c->kernelWidth;
    u.kernelHeight = (int32_t)c->kernelHeight;
    u.nKernels = (int32_t)c->nKernels;
    u.batchDepth = (int32_t)c->batchDepth;
    u.hstride = (int32_t)c->hstride;
    u.vstride = (int32_t)c->vstride;
    u.left_padding = (int32_t)c->left_padding;
    u.right_padding = (int32_t)c->right_padding;
    u.top_padding = (int32_t)c->top_padding;
    u.bot_padding = (int32_t)c->bot_padding;
    u.left_crop = (int32_t)c->left_crop;
    u.right_crop = (int32_t)c->right_crop;
    u.top_crop = (int32_t)c->top_crop;
    u.bot_crop = (int32_t)c->bot_crop;
    lp_shim->unit(LP_NPU_CONVACC, &u);
    return LL_ATON_OK;
}

int LL_Arithacc_Init(int id, const LL_Arithacc_InitTypeDef *c)
{
    struct lp_npu_arith u = {.unit = id};
    u.operation = (int32_t)c->operation;
    u.bcast = (int32_t)c->bcast;
    u.scalar = (int32_t)c->scalar;
    u.dualinput = (int32_t)c->dualinput;
    u.combinebc = (int32_t)c->combinebc;
    u.clipout = (int32_t)c->clipout;
    u.clipmin = (int16_t)c->clipmin;
    u.clipmax = (int16_t)c->clipmax;
    u.rounding_x = (int32_t)c->rounding_x;
    u.saturation_x = (int32_t)c->saturation_x;
    u.round_mode_x = (int32_t)c->round_mode_x;
    u.inbytes_x = (int32_t)c->inbytes_x;
    u.outbytes_x = (int32_t)c->outbytes_x;
    u.shift_x = (int8_t)c->shift_x;
    u.rounding_y = (int32_t)c->rounding_y;
    u.saturation_y = (int32_t)c->saturation_y;
    u.round_mode_y = (int32_t)c->round_mode_y;
    u.inbytes_y = (int32_t)c->inbytes_y;
    u.outbytes_y = (int32_t)c->outbytes_y;
    u.shift_y = (int8_t)c->shift_y;
    u.rounding_o = (int32_t)c->rounding_o;
    u.saturation_o = (int32_t)c->saturation_o;
    u.round_mode_o = (int32_t)c->round_mode_o;
    u.relu_mode_o = (int32_t)c->relu_mode_o;
    u.outbytes_o = (int32_t)c->outbytes_o;
    u.shift_o = (int8_t)c->shift_o;
    u.Ax_shift = (int32_t)c->Ax_shift;
    u.By_shift = (int32_t)c->By_shift;
    u.C_shift = (int32_t)c->C_shift;
    u.fWidth = (int32_t)c->fWidth;
    u.fHeight = (int32_t)c->fHeight;
    u.fChannels = (int32_t)c->fChannels;
    u.batchDepth = (int32_t)c->batchDepth;
    u.A_scalar = (int16_t)c->A_scalar;
    u.B_scalar = (int16_t)c->B_scalar;
    u.C_scalar = (int16_t)c->C_scalar;
    u.A_vector = (uint32_t)c->A_vector.i;
    u.B_vector = (uint32_t)c->B_vector.i;
    u.C_vector = (uint32_t)c->C_vector.i;
    for (int i = 0; i < 3; i++)
        u.vec_precision[i] = c->vec_precision[i];
    lp_shim->unit(LP_NPU_ARITH, &u);
    return LL_ATON_OK;
}

int LL_Poolacc_Init(int id, const LL_Poolacc_InitTypeDef *c)
{
    struct lp_npu_pool u = {.unit = id};
    u.operation = (int32_t)c->operation;
    u.avgnopad = (int32_t)c->avgnopad;
    u.inputX = (int32_t)c->inputX;
    u.inputY = (int32_t)c->inputY;
    u.outputX = (int32_t)c->outputX;
    u.outputY = (int32_t)c->outputY;
    u.poolWinX = (int32_t)c->poolWinX;
    u.poolWinY = (int32_t)c->poolWinY;
    u.strideX = (int32_t)c->strideX;
    u.strideY = (int32_t)c->strideY;
    u.topCrop = (int32_t)c->topCrop;
    u.bottomCrop = (int32_t)c->bottomCrop;
    u.leftCrop = (int32_t)c->leftCrop;
    u.rightCrop = (int32_t)c->rightCrop;
    u.topPad = (int32_t)c->topPad;
    u.bottomPad = (int32_t)c->bottomPad;
    u.leftPad = (int32_t)c->leftPad;
    u.rightPad = (int32_t)c->rightPad;
    u.batchSize = (int32_t)c->batchSize;
    u.nbytes = (int32_t)c->nbytes;
    u.dualLine = (int32_t)c->dualLine;
    u.shift_f = (int8_t)c->shift_f;
    u.rounding_f = (int32_t)c->rounding_f;
    u.saturation_f = (int32_t)c->saturation_f;
    u.round_mode_f = (int32_t)c->round_mode_f;
    u.inbytes_f = (int32_t)c->inbytes_f;
    u.outbytes_f = (int32_t)c->outbytes_f;
    u.shift_o = (int8_t)c->shift_o;
    u.rounding_o = (int32_t)c->rounding_o;
    u.saturation_o = (int32_t)c->saturation_o;
    u.round_mode_o = (int32_t)c->round_mode_o;
    u.relu_mode_o = (int32_t)c->relu_mode_o;
    u.outbytes_o = (int32_t)c->outbytes_o;
    u.mulval = (int16_t)c->mulval;
    u.pad_val_en = (int32_t)c->pad_val_en;
    u.pad_val = (int16_t)c->pad_val;
    lp_shim->unit(LP_NPU_POOL, &u);
    return LL_ATON_OK;
}

int LL_Activacc_Init(int id, const LL_Activacc_InitTypeDef *c)
{
    struct lp_npu_activ u = {.unit = id};
    u.operation = (int32_t)c->operation;
    u.shift_f = (int8_t)c->shift_f;
    u.rounding_f = (int32_t)c->rounding_f;
    u.saturation_f = (int32_t)c->saturation_f;
    u.round_mode_f = (int32_t)c->round_mode_f;
    u.inbytes_f = (int32_t)c->inbytes_f;
    u.outbytes_f = (int32_t)c->outbytes_f;
    u.shift_o = (int8_t)c->shift_o;
    u.rounding_o = (int32_t)c->rounding_o;
    u.saturation_o = (int32_t)c->saturation_o;
    u.round_mode_o = (int32_t)c->round_mode_o;
    u.relu_mode_o = (int32_t)c->relu_mode_o;
    u.outbytes_o = (int32_t)c->outbytes_o;
    u.signedop = (int32_t)c->signedop;
    u.parameter = (uint32_t)c->parameter;
    u.parameter_2 = (uint32_t)c->parameter_2;
    u.ROM0_vector = (uint32_t)c->ROM0_vector.i;
    u.ROM1_vector = (uint32_t)c->ROM1_vector.i;
    u.LUT_vector = (uint32_t)c->LUT_vector.i;
    u.ROM0_nbytes = (uint32_t)c->ROM0_nbytes;
    u.ROM1_nbytes = (uint32_t)c->ROM1_nbytes;
    u.shift_b = (int32_t)c->shift_b;
    u.shift_c = (int32_t)c->shift_c;
    u.shift_norm = (int32_t)c->shift_norm;
    u.bwidth = (int32_t)c->bwidth;
    u.fsub = (int32_t)c->fsub;
    u.nbytes = (uint32_t)c->nbytes;
    lp_shim->unit(LP_NPU_ACTIV, &u);
    return LL_ATON_OK;
}

int LL_Streng_TensorInit(int id, const LL_Streng_TensorInitTypeDef *c, int count)
{
    (void)count;
    struct lp_npu_streng u = {.unit = id};
    if (c->loop_offset2 != 0 || c->frame_loop_cnt2 != 0)
        lp_shim->refuse("a stream engine with a second loop");
    u.dir = (int32_t)c->dir;
    u.raw = (int32_t)c->raw;
    u.raw_out = (int32_t)c->raw_out;
    u.continuous = (int32_t)c->continuous;
    u.noblk = (int32_t)c->noblk;
    u.noinc = (int32_t)c->noinc;
    u.align_right = (int32_t)c->align_right;
    u.mem_lsb = (int32_t)c->mem_lsb;
    u.sync_with_other = (int32_t)c->sync_with_other;
    u.sync_dma = (int32_t)c->sync_dma;
    u.nbits_unsigned = (int32_t)c->nbits_unsigned;
    u.nbits_in = (int32_t)c->nbits_in;
    u.nbits_out = (int32_t)c->nbits_out;
    u.cacheable = (int32_t)c->cacheable;
    u.cache_allocate = (int32_t)c->cache_allocate;
    u.cache_linesize = (int32_t)c->cache_linesize;
    u.bus_cid = (int32_t)c->bus_cid;
    u.bus_pfetch = (int32_t)c->bus_pfetch;
    u.cipher_en = (int32_t)c->cipher_en;
    u.key_sel = (int32_t)c->key_sel;
    u.addr_base = (uint32_t)c->addr_base.i;
    u.offset_start = (uint32_t)c->offset_start;
    u.offset_end = (uint32_t)c->offset_end;
    u.offset_limit = (uint32_t)c->offset_limit;
    u.frame_count = (uint32_t)c->frame_count;
    u.fwidth = (uint32_t)c->fwidth;
    u.fheight = (uint32_t)c->fheight;
    u.batch_depth = (uint32_t)c->batch_depth;
    u.batch_offset = (uint32_t)c->batch_offset;
    u.line_offset = (uint32_t)c->line_offset;
    u.frame_offset = (uint32_t)c->frame_offset;
    u.loop_offset = (uint32_t)c->loop_offset;
    u.frame_loop_cnt = (uint32_t)c->frame_loop_cnt;
    u.frame_tot_cnt = (uint32_t)c->frame_tot_cnt;
    lp_shim->unit(LP_NPU_STRENG, &u);
    return LL_ATON_OK;
}

static int32_t lp_shim_type(unsigned unit)
{
    switch (unit) {
    case STRENG: return LP_NPU_STRENG;
    case CONVACC: return LP_NPU_CONVACC;
    case ACTIV: return LP_NPU_ACTIV;
    case ARITH: return LP_NPU_ARITH;
    case POOL: return LP_NPU_POOL;
    default: return -1; /* no such unit is simulated: refused by its type */
    }
}

static struct lp_npu_port lp_shim_port(unsigned word)
{
    struct lp_npu_port port = {lp_shim_type(word >> 16), (int32_t)(word >> 8 & 255), (int32_t)(word & 255)};
    return port;
}

int LL_Switch_Init(const LL_Switch_InitTypeDef *table, int count)
{
    struct lp_npu_route routes[64];
    if (count > 64) {
        lp_shim->refuse("a switch table of more than 64 entries");
        return LL_ATON_INVALID_PARAM;
    }
    memset(routes, 0, sizeof routes);
    for (int i = 0; i < count; i++) {
        const LL_Switch_InitTypeDef *t = &table[i];
        routes[i].destination = lp_shim_port(t->dest);
        routes[i].contexts[0].enable = t->context0;
        routes[i].contexts[0].frames = t->frames0;
        routes[i].contexts[0].source = lp_shim_port(t->source0);
        routes[i].context_count = 1;
        if (t->context1 || t->frames1 || t->source1) {
            routes[i].contexts[1].enable = t->context1;
            routes[i].contexts[1].frames = t->frames1;
            routes[i].contexts[1].source = t->context1 || t->source1 ? lp_shim_port(t->source1) : routes[i].contexts[0].source;
            if (!t->context0 && !t->source0)
                routes[i].contexts[0].source = routes[i].contexts[1].source;
            routes[i].context_count = 2;
        }
    }
    lp_shim->routes(routes, (uint32_t)count);
    return LL_ATON_OK;
}

int LL_Switch_Deinit(const LL_Switch_DeinitTypeDef *table, int count)
{
    (void)table, (void)count;
    lp_shim->routes(NULL, 0);
    return LL_ATON_OK;
}

static uint32_t lp_shim_units(const LL_ATON_EnableUnits_InitTypeDef *list, int count, struct lp_npu_unit_id *units)
{
    uint32_t n = 0;
    for (int i = 0; i < count && n < 64; i++, n++) {
        units[n].type = lp_shim_type(list[i].unit.unit_type);
        units[n].index = list[i].unit.unit_num;
    }
    return n;
}

int LL_ATON_EnableUnits_Init(const LL_ATON_EnableUnits_InitTypeDef *list, int count)
{
    struct lp_npu_unit_id units[64];
    lp_shim->enable(units, lp_shim_units(list, count, units));
    return LL_ATON_OK;
}

int LL_ATON_DisableUnits_Init(const LL_ATON_DisableUnits_InitTypeDef *list, int count)
{
    struct lp_npu_unit_id units[64];
    lp_shim->disable(units, lp_shim_units(list, count, units));
    return LL_ATON_OK;
}

unsigned char *LL_Address_Physical2Virtual(unsigned char *address)
{
    return address;
}

unsigned char *LL_Address_Virtual2Physical(unsigned char *address)
{
    return address;
}

/* ---- caches: memory is coherent here ---- */

void LL_ATON_Cache_MCU_Clean_Range(uintptr_t start, uint32_t bytes)
{
    (void)start, (void)bytes;
}
void LL_ATON_Cache_MCU_Invalidate_Range(uintptr_t start, uint32_t bytes)
{
    (void)start, (void)bytes;
}
void LL_ATON_Cache_MCU_Clean_Invalidate_Range(uintptr_t start, uint32_t bytes)
{
    (void)start, (void)bytes;
}
void LL_ATON_Cache_NPU_Clean_Range(uintptr_t start, uint32_t bytes)
{
    (void)start, (void)bytes;
}
void LL_ATON_Cache_NPU_Clean_Invalidate_Range(uintptr_t start, uint32_t bytes)
{
    (void)start, (void)bytes;
}
void LL_ATON_Cache_NPU_Invalidate(void)
{
}
int mcu_cache_clean_range(uint32_t start, uint32_t end)
{
    (void)start, (void)end;
    return 0;
}
int mcu_cache_invalidate_range(uint32_t start, uint32_t end)
{
    (void)start, (void)end;
    return 0;
}
void npu_cache_clean_invalidate_range(uint32_t start, uint32_t end)
{
    (void)start, (void)end;
}

/* ---- epoch controller programs ---- */

static const uint32_t *lp_shim_program(const uint8_t *file)
{
    const uint32_t *words = (const uint32_t *)(const void *)file;
    if ((words[0] & 0xffff0000u) != 0xECBF0000u)
        return NULL;
    const uint32_t *program = words + ((words[0] & 0xffff) == 0x20 ? words[3] : words[4]) / 4;
    return program[0] == 0xCA057A7Au ? program : NULL;
}

bool ec_copy_blob(ECInstr *blob, const uint8_t *file, unsigned *size)
{
    const uint32_t *program = lp_shim_program(file);
    if (program == NULL || (blob != NULL && *size < program[1] + 2))
        return false;
    if (blob != NULL)
        memcpy(blob, program, (program[1] + 2) * sizeof *program);
    *size = program[1] + 2;
    return true;
}

bool ec_copy_program(const uint8_t *file, ECInstr *program, unsigned *size)
{
    return ec_copy_blob(program, file, size);
}

const ECFileEntry *ec_get_reloc_table_ptr(const uint8_t *file)
{
    const uint32_t *words = (const uint32_t *)(const void *)file;
    return lp_shim_program(file) == NULL || words[1] == 0 ? NULL : words + words[1] / 4;
}

static bool lp_shim_relocate(ECInstr *program, const ECFileEntry *table, unsigned index, ECAddr base, ECAddr *previous)
{
    if (table == NULL || index >= table[0])
        return false;
    const uint32_t *entry = table + 1 + 3 * index, *list = table + entry[2] / 4;
    for (uint32_t i = 0; i < entry[1]; i++)
        program[2 + list[i]] += base - *previous;
    *previous = base;
    return true;
}

#if LP_SHIM_GENERATION >= 113
bool ec_reloc(ECInstr *program, const ECFileEntry *table, unsigned index, ECAddr base, ECAddr *previous)
#else
bool ec_reloc(const ECFileEntry *table, ECInstr *program, unsigned index, ECAddr base, ECAddr *previous)
#endif
{
    return lp_shim_relocate(program, table, index, base, previous);
}

/* ---- library functions ---- */

static void lp_shim_describe(const LL_Buffer_InfoTypeDef *b, struct lp_shim_buffer *out)
{
    memset(out, 0, sizeof *out);
    uintptr_t base = b->is_user_allocated && b->addr_base.p != NULL ? *(uintptr_t *)(void *)b->addr_base.p : b->addr_base.i;
    out->name = b->name;
    out->address = base + b->offset_start;
    out->bytes = b->offset_end - b->offset_start;
    out->is_user_allocated = b->is_user_allocated;
    out->is_parameter = b->is_param;
    out->is_float = b->type == DataType_FLOAT;
    out->is_fixed_point = b->type == DataType_FXP;
    out->bits = b->nbits;
    out->batch = b->batch;
    out->q_integer = b->Qm;
    out->q_fraction = b->Qn;
    out->is_unsigned = b->Qunsigned || b->type == DataType_UINT8 || b->type == DataType_UINT16;
    out->rank = b->shape == NULL ? 0 : b->ndims > 8 ? 8 : b->ndims;
    out->mem_rank = b->mem_shape == NULL ? 0 : b->mem_ndims > 8 ? 8 : b->mem_ndims;
    for (uint32_t i = 0; i < out->rank; i++)
        out->shape[i] = b->shape[i];
    for (uint32_t i = 0; i < out->mem_rank; i++)
        out->mem_shape[i] = b->mem_shape[i];
    out->has_scale = b->scale != NULL;
    out->scale = b->scale != NULL ? b->scale[0] : 0;
    out->zero_point = b->offset != NULL ? b->offset[0] : 0;
}

static int lp_shim_copy(struct lp_shim_copy_request *request, const LL_Buffer_InfoTypeDef *inputs, uint32_t input_count,
                        const LL_Buffer_InfoTypeDef *outputs, uint32_t output_count)
{
    static struct lp_shim_buffer in[256], out[256];
    if (input_count > 256 || output_count > 256) {
        lp_shim->refuse("a library call with more than 256 tensors");
        return LL_ATON_INVALID_PARAM;
    }
    for (uint32_t i = 0; i < input_count; i++)
        lp_shim_describe(&inputs[i], &in[i]);
    for (uint32_t i = 0; i < output_count; i++)
        lp_shim_describe(&outputs[i], &out[i]);
    request->inputs = in;
    request->outputs = out;
    request->input_count = input_count;
    request->output_count = output_count;
    return lp_shim->copy(request);
}

int LL_ATON_LIB_Concat(const LL_Buffer_InfoTypeDef *inputs, unsigned int count, const LL_Buffer_InfoTypeDef *output,
                       unsigned int axis, int dma_in, int dma_out)
{
    struct lp_shim_copy_request request = {.kind = LP_SHIM_CONCAT, .axis = axis};
    (void)dma_in, (void)dma_out;
    return lp_shim_copy(&request, inputs, count, output, 1);
}

int LL_ATON_LIB_DMA_DepthToSpace(const LL_Buffer_InfoTypeDef *inputs, unsigned int count, const LL_Buffer_InfoTypeDef *output,
                                 unsigned int block_height, unsigned int block_width, int dma_in, int dma_out)
{
    struct lp_shim_copy_request request = {
        .kind = LP_SHIM_DEPTH_TO_SPACE, .block_height = block_height, .block_width = block_width};
    (void)dma_in, (void)dma_out;
    return lp_shim_copy(&request, inputs, count, output, 1);
}

int LL_ATON_LIB_DMA_SpaceToDepth(const LL_Buffer_InfoTypeDef *inputs, unsigned int count, const LL_Buffer_InfoTypeDef *output,
                                 unsigned int block_height, unsigned int block_width, int dma_in, int dma_out)
{
    struct lp_shim_copy_request request = {
        .kind = LP_SHIM_SPACE_TO_DEPTH, .block_height = block_height, .block_width = block_width};
    (void)dma_in, (void)dma_out;
    return lp_shim_copy(&request, inputs, count, output, 1);
}

#if LP_SHIM_BLOCKS_TAKE_INSTANCE
int LL_ATON_LIB_DMA_Transpose(const LL_Buffer_InfoTypeDef *in, const uint32_t *in_offsets, const LL_Buffer_InfoTypeDef *out,
                              const uint32_t *out_offsets, const uint8_t *target, const uint8_t *permutation, int dma_in,
                              int dma_out, const NN_Instance_TypeDef *instance)
#else
int LL_ATON_LIB_DMA_Transpose(const LL_Buffer_InfoTypeDef *in, const uint32_t *in_offsets, const LL_Buffer_InfoTypeDef *out,
                              const uint32_t *out_offsets, const uint8_t *target, const uint8_t *permutation, int dma_in,
                              int dma_out)
#endif
{
    struct lp_shim_copy_request request = {.kind = LP_SHIM_TRANSPOSE};
#if LP_SHIM_BLOCKS_TAKE_INSTANCE
    (void)instance;
#endif
    (void)in_offsets, (void)permutation, (void)dma_in, (void)dma_out;
    for (int i = 0; i < in->ndims && i < 8; i++) {
        request.out_offsets[i] = out_offsets[i];
        request.target[i] = target[i];
    }
    return lp_shim_copy(&request, in, 1, out, 1);
}

int LL_ATON_LIB_Cast(const LL_Buffer_InfoTypeDef *in, const LL_Buffer_InfoTypeDef *out, int dma_in, int dma_out)
{
    struct lp_shim_copy_request request = {.kind = LP_SHIM_CAST};
    (void)dma_in, (void)dma_out;
    return lp_shim_copy(&request, in, 1, out, 1);
}

int LL_ATON_LIB_Split(const LL_Buffer_InfoTypeDef *in, bool canonical, const LL_Buffer_InfoTypeDef (*outputs)[], uint32_t count,
                      uint32_t rank, uint32_t axis, uint32_t leading, int kind, int dma_in, int dma_out)
{
    struct lp_shim_copy_request request = {.kind = LP_SHIM_SPLIT, .axis = axis, .split_case = (uint32_t)kind};
    (void)canonical, (void)rank, (void)leading, (void)dma_in, (void)dma_out;
    return lp_shim_copy(&request, in, 1, *outputs, count);
}

/* ---- software operators ---- */

#define LP_SHIM_DEFINE(name)              \
    void ll_sw_forward_##name(void *info) \
    {                                     \
        lp_shim->software(#name, info);   \
    }
LP_SHIM_OPERATORS(LP_SHIM_DEFINE)

/* ---- the network's own functions ---- */

#define LP_SHIM_JOIN2(a, b) a##b
#define LP_SHIM_JOIN(a, b) LP_SHIM_JOIN2(a, b)
#define LP_SHIM_OWN(function) LP_SHIM_JOIN(LL_ATON_##function##_, LP_SHIM_NETWORK)
#define LP_SHIM_QUOTE2(name) #name
#define LP_SHIM_QUOTE(name) LP_SHIM_QUOTE2(name)

const EpochBlock_ItemTypeDef *LP_SHIM_OWN(EpochBlockItems)(void);
const LL_Buffer_InfoTypeDef *LP_SHIM_OWN(Input_Buffers_Info)(void);
const LL_Buffer_InfoTypeDef *LP_SHIM_OWN(Output_Buffers_Info)(void);
bool LP_SHIM_OWN(EC_Network_Init)(void);
bool LP_SHIM_OWN(EC_Inference_Init)(void);
LL_ATON_User_IO_Result_t LP_SHIM_OWN(Set_User_Input_Buffer)(uint32_t num, void *buffer, uint32_t size);
LL_ATON_User_IO_Result_t LP_SHIM_OWN(Set_User_Output_Buffer)(uint32_t num, void *buffer, uint32_t size);

static const NN_Interface_TypeDef lp_shim_interface = {LP_SHIM_QUOTE(LP_SHIM_NETWORK)};
static const NN_Instance_TypeDef lp_shim_instance = {.network = &lp_shim_interface};

static void lp_shim_block(uint32_t index, struct lp_shim_block *out)
{
    const EpochBlock_ItemTypeDef *item = &LP_SHIM_OWN(EpochBlockItems)()[index];
    out->flags = item->flags;
    out->wait_mask = item->wait_mask;
    out->blob = item->blob_address;
    out->has_start = item->start_epoch_block != NULL;
    out->has_end = item->end_epoch_block != NULL;
}

static void lp_shim_run(EpochBlock_FuncPtr_t function, const EpochBlock_ItemTypeDef *item)
{
#if LP_SHIM_BLOCKS_TAKE_INSTANCE
    function(item, &lp_shim_instance);
#else
    (void)lp_shim_instance;
    function(item);
#endif
}

/* ---- the run loop ---- */

void LL_ATON_RT_RuntimeInit(void)
{
}

void LL_ATON_RT_RuntimeDeInit(void)
{
}

void LL_ATON_RT_Reset_Network(NN_Instance_TypeDef *instance)
{
    memset(&instance->exec_state, 0, sizeof instance->exec_state);
}

void LL_ATON_RT_Init_Network(NN_Instance_TypeDef *instance)
{
    instance->network->ec_network_init();
    LL_ATON_RT_Reset_Network(instance);
}

void LL_ATON_RT_DeInit_Network(NN_Instance_TypeDef *instance)
{
    (void)instance;
}

static LL_ATON_RT_RetValues_t lp_shim_end_block(NN_Instance_TypeDef *instance, const EpochBlock_ItemTypeDef *item)
{
    if (item->end_epoch_block != NULL)
        lp_shim_run(item->end_epoch_block, item);
    instance->exec_state.block_started = false;
    instance->exec_state.block++;
    return LL_ATON_RT_NO_WFE;
}

LL_ATON_RT_RetValues_t LL_ATON_RT_RunEpochBlock(NN_Instance_TypeDef *instance)
{
    NN_Execution_State_TypeDef *state = &instance->exec_state;
    const EpochBlock_ItemTypeDef *item = &instance->network->epoch_block_items()[state->block];
    bool is_blob = (item->flags & EpochBlock_Flags_blob) != 0;
    if (!state->inference_started)
        instance->network->ec_inference_init();
    state->inference_started = true;
    if (state->block_started) {
        LL_ATON_RT_RetValues_t result = lp_shim_end_block(instance, item);
        return (item[1].flags & EpochBlock_Flags_last_eb) != 0 ? LL_ATON_RT_DONE : result; /* as the vendor's does */
    }
    if (item->flags & EpochBlock_Flags_last_eb)
        return LL_ATON_RT_DONE;
    lp_shim->begin(state->block, is_blob ? 0 : item->wait_mask);
    state->block_started = true;
    if (item->start_epoch_block != NULL)
        lp_shim_run(item->start_epoch_block, item);
    if (is_blob)
        lp_shim->blob(item->blob_address);
    return is_blob || item->wait_mask != 0 ? LL_ATON_RT_WFE : lp_shim_end_block(instance, item);
}

static void lp_shim_start(uint32_t index)
{
    const EpochBlock_ItemTypeDef *item = &LP_SHIM_OWN(EpochBlockItems)()[index];
    lp_shim_run(item->start_epoch_block, item);
}

static void lp_shim_end(uint32_t index)
{
    const EpochBlock_ItemTypeDef *item = &LP_SHIM_OWN(EpochBlockItems)()[index];
    lp_shim_run(item->end_epoch_block, item);
}

static bool lp_shim_buffer(int role, uint32_t index, struct lp_shim_buffer *out)
{
    const LL_Buffer_InfoTypeDef *list = role == 0 ? LP_SHIM_OWN(Input_Buffers_Info)() : LP_SHIM_OWN(Output_Buffers_Info)();
    /* Parameters stand in the list of the inputs unless LL_ATON_DBG_BUFFER_INFO_EXCLUDED is set. */
    for (uint32_t i = 0; list != NULL && list[i].name != NULL; i++) {
        if (list[i].is_param || index-- > 0)
            continue;
        lp_shim_describe(&list[i], out);
        return true;
    }
    return false;
}

static int lp_shim_set_buffer(int role, uint32_t index, uintptr_t address, uint32_t bytes)
{
    return (int)(role == 0 ? LP_SHIM_OWN(Set_User_Input_Buffer)(index, (void *)address, bytes)
                           : LP_SHIM_OWN(Set_User_Output_Buffer)(index, (void *)address, bytes));
}

const struct lp_shim_network *lp_shim_open(const struct lp_shim_calls *calls);

const struct lp_shim_network *lp_shim_open(const struct lp_shim_calls *calls)
{
    static struct lp_shim_network network;
    lp_shim = calls;
    network.name = LP_SHIM_QUOTE(LP_SHIM_NETWORK);
    network.init = LP_SHIM_OWN(EC_Network_Init);
    network.inference_init = LP_SHIM_OWN(EC_Inference_Init);
    network.block = lp_shim_block;
    network.start = lp_shim_start;
    network.end = lp_shim_end;
    network.buffer = lp_shim_buffer;
    network.set_buffer = lp_shim_set_buffer;
    return &network;
}

#endif
