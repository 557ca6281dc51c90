/* Programs of the epoch controller hold the coefficients that the plain form keeps in the parameter blob. */
#include "explain/ledger.h"
#include "neural-art/ec.h"

enum { ARITH_PAGE = 23, ARITH_PAGES = 4, COEFFICIENTS = 0x100, WORD = 4 };

static bool is_coefficients(const struct lp_ec_instruction *i)
{
    return (i->opcode == LP_EC_FILL || i->opcode == LP_EC_FEED) && i->page >= ARITH_PAGE && i->page < ARITH_PAGE + ARITH_PAGES &&
           i->reg >= COEFFICIENTS;
}

static lp_status count(struct lp_diag *diag, const char *label, const struct lp_ec_blob *blob, int64_t *coefficients)
{
    const uint32_t *program = NULL;
    uint32_t words = 0, position = 0;
    lp_status status = lp_ec_program(diag, label, blob->words, blob->word_count, &program, &words);
    while (status == LP_OK && position < words) {
        struct lp_ec_instruction instruction;
        status = lp_ec_decode(diag, label, program, words, &position, &instruction);
        if (status == LP_OK && is_coefficients(&instruction))
            *coefficients += (int64_t)instruction.word_count * WORD;
    }
    return status;
}

lp_status lp_build_account_program(struct lp_arena *arena, struct lp_diag *diag, const char *file, const char *text,
                                   size_t length, struct lp_build_ledger *ledger)
{
    struct lp_ec_blob *blobs = NULL;
    size_t blob_count = 0;
    int64_t coefficients = 0, bytes = 0;
    lp_status status = lp_ec_read_header(arena, diag, file, text, length, &blobs, &blob_count);
    for (size_t i = 0; i < blob_count && status == LP_OK; i++) {
        bytes += (int64_t)blobs[i].word_count * WORD;
        status = count(diag, file, &blobs[i], &coefficients);
    }
    if (status != LP_OK)
        return status;
    struct lp_build_row *rows = LP_NEW_ARRAY(arena, ledger->row_count + 2, struct lp_build_row);
    if (rows == NULL)
        return lp_no_memory(diag);
    for (uint32_t i = 0; i < ledger->row_count; i++)
        rows[i] = ledger->rows[i];
    ledger->rows = rows;
    ledger->rows[ledger->row_count++] = (struct lp_build_row){NULL, true, LP_CAUSE_SCALE_VECTORS, coefficients};
    ledger->rows[ledger->row_count++] = (struct lp_build_row){NULL, true, LP_CAUSE_EPOCH_PROGRAM, bytes - coefficients};
    ledger->total_bytes += bytes;
    ledger->explained_bytes += bytes;
    return LP_OK;
}
