/* Programs of the epoch controller hold the coefficients that the plain form keeps in the parameter blob. */
#include "explain/ledger.h"
#include "neural-art/ec.h"

#include <string.h>

enum { ARITH_PAGE = 23, ARITH_PAGES = 4, COEFFICIENTS = 0x100, WORD = 4 };

static bool is_coefficients(const struct lp_ec_instruction *i)
{
    return (i->opcode == LP_EC_FILL || i->opcode == LP_EC_FEED) && i->page >= ARITH_PAGE && i->page < ARITH_PAGE + ARITH_PAGES &&
           i->reg >= COEFFICIENTS;
}

/* Bytes of coefficients by what they are. */
struct coefficients {
    int64_t factors, constants, unused;
};

/* A row is two registers: factor A with the upper half of the constant BC above it, then the lower half; nothing uses the rest.
 * Where all constants are zero, the unit only multiplies. */
static void add_rows(const struct lp_ec_instruction *i, struct coefficients *out)
{
    enum { ROW_WORDS = 2, HALF = WORD / 2 };
    bool has_constants = false;
    int64_t rows = i->word_count / ROW_WORDS;
    if (i->opcode != LP_EC_FILL || (i->reg - COEFFICIENTS) % ROW_WORDS != 0 || i->word_count % ROW_WORDS != 0) {
        out->factors += (int64_t)i->word_count * WORD;
        return;
    }
    for (uint32_t w = 0; w < i->word_count; w++)
        has_constants = has_constants || (w % ROW_WORDS == 0 ? i->words[w] >> 16 : i->words[w] & 0xffff) != 0;
    out->factors += rows * HALF;
    out->constants += has_constants ? rows * WORD : 0;
    out->unused += rows * HALF + (has_constants ? 0 : rows * WORD);
}

static lp_status count(struct lp_diag *diag, const char *label, const struct lp_ec_blob *blob, struct coefficients *out)
{
    const uint32_t *program = NULL;
    uint32_t words = 0, position = 0;
    lp_status status = lp_ec_program(diag, label, blob->words, blob->word_count, &program, &words);
    while (status == LP_OK && position < words) {
        struct lp_ec_instruction instruction;
        status = lp_ec_decode(diag, label, program, words, &position, &instruction);
        if (status == LP_OK && is_coefficients(&instruction))
            add_rows(&instruction, out);
    }
    return status;
}

lp_status lp_build_account_program(struct lp_arena *arena, struct lp_diag *diag, const char *file, const char *text,
                                   size_t length, struct lp_build_ledger *ledger)
{
    struct lp_ec_blob *blobs = NULL;
    size_t blob_count = 0;
    int64_t bytes = 0;
    struct coefficients c = {0};
    lp_status status = lp_ec_read_header(arena, diag, file, text, length, &blobs, &blob_count);
    for (size_t i = 0; i < blob_count && status == LP_OK; i++) {
        bytes += (int64_t)blobs[i].word_count * WORD;
        status = count(diag, file, &blobs[i], &c);
    }
    if (status != LP_OK)
        return status;
    const struct lp_build_row added[] = {
        {NULL, true, LP_CAUSE_SCALE_VECTORS, c.factors},
        {NULL, true, LP_CAUSE_MODEL_CONSTANTS, c.constants},
        {NULL, true, LP_CAUSE_LAYOUT_PADDING, c.unused},
        {NULL, true, LP_CAUSE_EPOCH_PROGRAM, bytes - c.factors - c.constants - c.unused},
    };
    struct lp_build_row *rows = LP_NEW_ARRAY(arena, ledger->row_count + LP_COUNT(added), struct lp_build_row);
    if (rows == NULL)
        return lp_no_memory(diag);
    if (ledger->row_count != 0)
        memcpy(rows, ledger->rows, ledger->row_count * sizeof *rows);
    ledger->rows = rows;
    memcpy(rows + ledger->row_count, added, sizeof added);
    ledger->row_count += LP_COUNT(added);
    ledger->total_bytes += bytes;
    ledger->explained_bytes += bytes;
    return LP_OK;
}
