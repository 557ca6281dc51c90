/* NAME_board.h, NAME_board.c, NAME_firewall.txt: what the used pools need on an STM32N6, by the names of ST's HAL. */
#include "compiler/emit/neural-art/project.h"

enum { MOST_POOLS = 64 };

/* Banks and external memories of the chip, and what switches each on. */
static const struct part {
    uint64_t base, end;
    const char *name, *clock, *bank; /* bank: RAMCFG instance; null: no bank of on-chip RAM */
    const char *firewall;            /* filters that an access of the NPU or the processor passes */
} parts[] = {
    {0x34064000, 0x34100000, "AXISRAM1", "AXISRAM1_MEM", NULL, "RISAF2"},
    {0x34100000, 0x34200000, "AXISRAM2", "AXISRAM2_MEM", "RAMCFG_SRAM2_AXI", "RISAF3"},
    {0x34200000, 0x34270000, "AXISRAM3", "AXISRAM3_MEM", "RAMCFG_SRAM3_AXI", "RISAF4 and RISAF5 (NPU), RISAF6 (processor)"},
    {0x34270000, 0x342e0000, "AXISRAM4", "AXISRAM4_MEM", "RAMCFG_SRAM4_AXI", "RISAF4 and RISAF5 (NPU), RISAF6 (processor)"},
    {0x342e0000, 0x34350000, "AXISRAM5", "AXISRAM5_MEM", "RAMCFG_SRAM5_AXI", "RISAF4 and RISAF5 (NPU), RISAF6 (processor)"},
    {0x34350000, 0x343c0000, "AXISRAM6", "AXISRAM6_MEM", "RAMCFG_SRAM6_AXI", "RISAF4 and RISAF5 (NPU), RISAF6 (processor)"},
    {0x70000000, 0x80000000, "XSPI2", "XSPI2", NULL, "RISAF12"},
    {0x90000000, 0xa0000000, "XSPI1", "XSPI1", NULL, "RISAF11"},
};

/* A part is used when some used range of a pool, or an image, lies in it. */
static bool is_used(const struct lp_npu_source *s, const struct part *part)
{
    const struct lp_npu_program *p = s->in->program;
    struct lp_npu_used pools[MOST_POOLS];
    uint32_t count = p->pool_count > MOST_POOLS ? 0 : lp_npu_used_pools(s->in, pools);
    for (uint32_t i = 0; i < count; i++)
        if (pools[i].start < part->end && pools[i].end > part->base && pools[i].start != pools[i].end)
            return true;
    for (uint32_t i = 0; i < p->image_count; i++)
        if (p->images[i].base < part->end && (uint64_t)p->images[i].base + p->images[i].size_bytes > part->base)
            return true;
    return false;
}

void lp_npu_put_board_header(struct lp_npu_source *s)
{
    const char *n = s->in->name;
    lp_text_printf(
        s->out,
        "%s#ifndef LP_GENERATED_%s_BOARD_H\n#define LP_GENERATED_%s_BOARD_H\n\n#include \"runtime/npu/npu.h\"\n\n"
        "/* Before lp_network_open: switches on the memories that the network uses, the NPU, its cache and its interrupt.\n"
        " * External memories have to be mapped already: that belongs to the board. */\nvoid %s_board_init(void);\n\n"
        "/* For lp_npu_poison, lp_npu_probe, and to see what a run waited for. */\nextern const struct lp_npu_network "
        "%s_npu;\n\n/* The run loop by hand (%s_loop.c). */\nvoid %s_loop_open(void);\nvoid %s_loop_run(void);\n\n#endif\n",
        s->in->banner, n, n, n, n, n, n, n);
}

void lp_npu_put_board(struct lp_npu_source *s)
{
    const char *n = s->in->name;
    bool has_external = false, has_bank = false;
    for (size_t i = 0; i < LP_COUNT(parts); i++)
        has_bank = has_bank || (parts[i].bank != NULL && is_used(s, &parts[i]));
    lp_text_printf(s->out,
                   "%s#include \"%s_board.h\"\n\n#include <npu_cache.h>\n#include <stm32n6xx_hal.h>\n\n"
                   "static void memories(void)\n{\n%s",
                   s->in->banner, n,
                   has_bank ? "    RAMCFG_HandleTypeDef bank = {0};\n    __HAL_RCC_RAMCFG_CLK_ENABLE();\n" : "");
    for (size_t i = 0; i < LP_COUNT(parts); i++) {
        if (!is_used(s, &parts[i]))
            continue;
        has_external = has_external || parts[i].base >= 0x70000000;
        lp_text_printf(s->out, "    __HAL_RCC_%s_CLK_ENABLE();\n    __HAL_RCC_%s_CLK_SLEEP_ENABLE();\n", parts[i].clock,
                       parts[i].clock);
        if (parts[i].bank != NULL)
            lp_text_printf(s->out,
                           "    bank.Instance = %s; /* asleep after a reset: reads as zero, loses writes */\n"
                           "    HAL_RAMCFG_EnableAXISRAM(&bank);\n",
                           parts[i].bank);
    }
    lp_text_printf(
        s->out,
        "}\n\n/* As secure and privileged as the processor; %s_firewall.txt lists the filters. */\n"
        "static void firewall(void)\n{\n    RIMC_MasterConfig_t master = {0};\n    master.MasterCID = RIF_CID_1;\n    "
        "master.SecPriv = RIF_ATTRIBUTE_SEC | RIF_ATTRIBUTE_PRIV;\n    __HAL_RCC_RIFSC_CLK_ENABLE();\n    "
        "HAL_RIF_RIMC_ConfigMasterAttributes(RIF_MASTER_INDEX_NPU, &master);\n    "
        "HAL_RIF_RISC_SetSlaveSecureAttributes(RIF_RISC_PERIPH_INDEX_NPU, RIF_ATTRIBUTE_SEC | RIF_ATTRIBUTE_PRIV);\n}\n\n"
        "void %s_board_init(void)\n{\n    memories();\n    __HAL_RCC_NPU_CLK_ENABLE();\n    "
        "__HAL_RCC_NPU_CLK_SLEEP_ENABLE();\n    __HAL_RCC_NPU_FORCE_RESET();\n    __HAL_RCC_NPU_RELEASE_RESET();\n",
        n, n);
    if (has_external)
        lp_text_printf(s->out, "    __HAL_RCC_CACHEAXI_CLK_SLEEP_ENABLE();\n    npu_cache_init();\n    npu_cache_enable();\n");
    lp_text_printf(s->out,
                   "    firewall();\n    HAL_NVIC_EnableIRQ(NPU0_IRQn); /* without it the run loop waits for ever */\n}\n");
}

void lp_npu_put_firewall(struct lp_npu_source *s)
{
    const struct lp_npu_program *p = s->in->program;
    struct lp_npu_used pools[MOST_POOLS];
    uint32_t count = p->pool_count > MOST_POOLS ? 0 : lp_npu_used_pools(s->in, pools);
    lp_text_printf(
        s->out,
        "What the bus firewall has to let pass. A read that it denies gives zero, a write that it denies is lost, and nothing\n"
        "reports either. The NPU is master RIF_MASTER_INDEX_NPU; %s_board_init gives it CID 1, secure, privileged.\n\n"
        "[ ]  range                     access                            filter\n",
        s->in->name);
    for (uint32_t i = 0; i < count; i++)
        for (size_t k = 0; k < LP_COUNT(parts) && pools[i].start != pools[i].end; k++)
            if (pools[i].start < parts[k].end && pools[i].end > parts[k].base)
                lp_text_printf(s->out, "[ ]  0x%08x to 0x%08x  NPU and processor read and write  %s\n", (unsigned)pools[i].start,
                               (unsigned)(pools[i].end - 1), parts[k].firewall);
    for (uint32_t i = 0; i < p->image_count; i++)
        for (size_t k = 0; k < LP_COUNT(parts); k++)
            if (p->images[i].base >= parts[k].base && p->images[i].base < parts[k].end)
                lp_text_printf(s->out, "[ ]  0x%08x to 0x%08x  NPU and processor read            %s\n", p->images[i].base,
                               p->images[i].base + p->images[i].size_bytes - 1, parts[k].firewall);
    lp_text_printf(s->out, "[ ]  the NPU's registers       processor read and write          RIF_RISC_PERIPH_INDEX_NPU\n");
}
