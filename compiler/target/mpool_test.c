#include "compiler/target/target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Both spellings of keys, values as numbers and as texts. */
static const char good[] =
    "{\"params\": {\"param\": [{\"paramname\": \"max_onchip_sram_size\", \"value\": \"1024\", \"magnitude\": \"KBYTES\"}]},\n"
    " \"memory\": {\"cacheinfo\": [{\"nlines\": 512, \"linesize\": 64, \"associativity\": 8, \"bypass_enable\": 1,\n"
    "   \"prop\": {\"rights\": \"ACC_WRITE\", \"throughput\": \"MID\", \"byteWidth\": 8, \"freqRatio\": 2.5, \"read_power\": "
    "13.5}}],\n"
    "  \"mem_file_prefix\": \"atonbuf\", \"mempools\": [\n"
    "   {\"fname\": \"AXIFLEXMEM\", \"name\": \"flexMEM\", \"fformat\": \"FORMAT_RAW\", \"prop\": {\"rights\": \"ACC_WRITE\"},\n"
    "    \"offset\": {\"value\": \"0x34000000\", \"magnitude\": \"BYTES\"}, \"size\": {\"value\": \"0\", \"magnitude\": "
    "\"KBYTES\"}},\n"
    "   {\"fname\": \"AXISRAM5\", \"name\": \"npuRAM5\", \"fformat\": \"FORMAT_RAW\",\n"
    "    \"prop\": {\"rights\": \"ACC_WRITE\", \"throughput\": \"HIGH\", \"latency\": \"LOW\", \"byteWidth\": 8, \"freqRatio\": "
    "1.25,\n"
    "      \"read_power\": 18.531, \"write_power\": 16.201},\n"
    "    \"offset\": {\"value\": \"0x342e0000\", \"magnitude\": \"BYTES\"}, \"size\": {\"value\": \"448\", \"magnitude\": "
    "\"KBYTES\"}},\n"
    "   {\"fname\": \"AXISRAM6\", \"name\": \"npuRAM6\", \"mode\": \"USEMODE_ABSOLUTE\", \"busNode\": 0, \"prop\": {\"rights\": "
    "\"ACC_WRITE\",\n"
    "      \"throughput\": \"HIGH\", \"latency\": \"LOW\", \"byteWidth\": 8, \"freqRatio\": 1.25, \"burstMaxLength\": "
    "4294967295,\n"
    "      \"burstPenalty\": 0, \"pipelined\": \"PIPELINED_ON\", \"cacheable\": \"CACHEABLE_OFF\", \"readPower\": 19.006,\n"
    "      \"constantsPreferred\": false},\n"
    "    \"offset\": {\"value\": \"856384\", \"magnitude\": \"KBYTES\"}, \"size\": {\"value\": 448, \"magnitude\": "
    "\"KBYTES\"}},\n"
    "   {\"fname\": \"xSPI2\", \"name\": \"octoFlash\", \"fformat\": \"FORMAT_RAW\", \"vpool\": \"flash\",\n"
    "    \"prop\": {\"rights\": \"ACC_READ\", \"throughput\": \"MID\", \"latency\": \"HIGH\", \"byteWidth\": 1, \"freqRatio\": "
    "6.00,\n"
    "      \"cacheable\": \"CACHEABLE_ON\", \"constants_preferred\": \"true\"},\n"
    "    \"offset\": {\"value\": \"0x71000000\", \"magnitude\": \"BYTES\"}, \"size\": {\"value\": \"61\", \"magnitude\": "
    "\"MBYTES\"}}]}}\n";

struct parsed {
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_target target;
    lp_status status;
};

static void parse(struct parsed *p, const char *text)
{
    *p = (struct parsed){0};
    p->status = lp_mpool_parse(&p->arena, &p->diag, "my.mpool", text, strlen(text), &p->target);
}

static void close(struct parsed *p)
{
    lp_arena_free(&p->arena);
    lp_diag_free(&p->diag);
}

static void all_keys_are_read(void **state)
{
    (void)state;
    struct parsed p;
    parse(&p, good);
    if (p.status != LP_OK)
        fail_msg("%s", lp_text_get(&p.diag.errors));
    const struct lp_target *t = &p.target;
    assert_int_equal(t->pool_count, 3);
    assert_string_equal(t->pools[0].name, "npuRAM5");
    assert_int_equal(t->pools[0].base, 0x342e0000);
    assert_int_equal(t->pools[0].size_bytes, 448 * 1024);
    assert_true(t->pools[0].writable);
    assert_int_equal(t->pools[0].throughput, LP_GRADE_HIGH);
    assert_int_equal(t->pools[0].latency, LP_GRADE_LOW);
    assert_int_equal(t->pools[0].byte_width, 8);
    assert_int_equal(t->pools[0].freq_ratio_milli, 1250);
    assert_int_equal(lp_pool_cost(&t->pools[0]), 156);
    assert_int_equal(t->pools[1].base, 0x34450000);
    assert_false(t->pools[1].cacheable);
    assert_false(t->pools[1].constants_preferred);
    assert_string_equal(t->pools[2].name, "octoFlash");
    assert_int_equal(t->pools[2].base, 0x71000000);
    assert_int_equal(t->pools[2].size_bytes, 61 << 20);
    assert_false(t->pools[2].writable);
    assert_true(t->pools[2].cacheable);
    assert_true(t->pools[2].constants_preferred);
    assert_string_equal(t->pools[2].virtual_pool, "flash");
    assert_int_equal(lp_pool_cost(&t->pools[2]), 6000);
    assert_int_equal(t->cache.lines, 512);
    assert_int_equal(t->cache.line_bytes, 64);
    assert_int_equal(t->cache.ways, 8);
    assert_true(t->cache.can_be_bypassed);
    assert_string_equal(lp_text_get(&p.diag.notes),
                        "my.mpool: params: max_onchip_sram_size has no effect here: the pools say how large they are\n");
    close(&p);
}

/* The good text with one piece replaced, and the sentence that it must give. */
static const struct fault {
    const char *from, *to, *message;
    bool is_note;
} faults[] = {
    {"\"HIGH\", \"latency\": \"LOW\"", "\"FAST\", \"latency\": \"LOW\"",
     "my.mpool: pool 1 (npuRAM5): throughput is FAST; allowed is LOW, MID, HIGH", false},
    {"\"0x342e0000\"", "\"$address\"", "pool 1 (npuRAM5): offset is $address; allowed is a number of bytes", false},
    {"\"448\"", "\"-448\"", "size is -448; allowed is", false},
    {"\"448\"", "\"448 \"", "size is 448 ; allowed is", false},
    {"\"value\": 448, \"magnitude\": \"KBYTES\"", "\"value\": 4, \"magnitude\": \"GBYTES\"", "it ends at 0x134450000", false},
    {"\"value\": 448, \"magnitude\": \"KBYTES\"", "\"value\": 4194305, \"magnitude\": \"KBYTES\"", "size is 4194305; allowed",
     false},
    {"\"magnitude\": \"MBYTES\"", "\"magnitude\": \"MB\"", "size is MB; allowed is BYTES, KBYTES, MBYTES, GBYTES", false},
    {"\"npuRAM6\"", "\"npuRAM5\"", "pool 2 (npuRAM5): there is another pool of this name", false},
    {"\"856384\"", "\"855296\"", "pool 2 (npuRAM6): it overlaps the pool npuRAM5", false},
    {"\"name\": \"octoFlash\"", "\"name\": \"../x\"", "name is ../x; allowed is 1 to 63 letters", false},
    {"\"name\": \"octoFlash\", ", "", "the key name is missing", false},
    {"\"byteWidth\": 1", "\"byteWidth\": 0", "byteWidth is 0; allowed is a number from 1 to 64", false},
    {"\"freqRatio\": 6.00", "\"freqRatio\": \"fast\"", "freqRatio is fast; allowed is a number from 0.001 to 1000", false},
    {"\"ACC_READ\"", "7", "rights is 7; allowed is ACC_READ, ACC_WRITE", false},
    {"\"CACHEABLE_ON\"", "true", "cacheable is true; allowed is CACHEABLE_OFF, CACHEABLE_ON", false},
    {"\"constants_preferred\": \"true\"", "\"constants_preferred\": \"yes\"", "is yes; allowed is true or false", false},
    {"\"mempools\": [", "\"mempools\": [3, ", "pool 0 (missing): the pool is no JSON object", false},
    {"\"mempools\"", "\"pools\"", "it holds no memory pool that is not empty", false},
    {"{\"params\"", "\"params\"", "my.mpool:1: not JSON: ", false},
    {"\"fformat\": \"FORMAT_RAW\", \"vpool\"", "\"color\": 3, \"vpool\"", "pool 3 (octoFlash): the key color is unknown", true},
    {"USEMODE_ABSOLUTE", "USEMODE_RELATIVE", "mode is USEMODE_RELATIVE: the program is linked to the address in offset", true},
    {"\"busNode\": 0", "\"prefer\": \"weekends\"", "prefer is weekends, which means nothing here", true},
};

static void every_fault_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < LP_COUNT(faults); i++) {
        char text[4000];
        struct parsed p;
        const char *at = strstr(good, faults[i].from);
        if (at == NULL)
            fail_msg("%s is not in the text", faults[i].from);
        snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, faults[i].to, at + strlen(faults[i].from));
        parse(&p, text);
        assert_int_equal(p.status, faults[i].is_note ? LP_OK : LP_BAD_INPUT);
        const char *said = lp_text_get(faults[i].is_note ? &p.diag.notes : &p.diag.errors);
        if (strstr(said, faults[i].message) == NULL)
            fail_msg("expected \"%s\", got \"%s\"", faults[i].message, said);
        close(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_keys_are_read),
        cmocka_unit_test(every_fault_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
