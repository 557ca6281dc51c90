/* Programs of the epoch controller: register writes, polls and an interrupt at the end, as words and as text.
 *
 * A program is LP_EC_MAGIC, the number of instruction words, and those words; zeros behind them fill up to a multiple of 8
 * or 64 bytes. A relocatable file begins with 0xECBFvvvv and holds tables beside the program. */
#ifndef LP_NEURAL_ART_EC_H
#define LP_NEURAL_ART_EC_H

#include "compiler/base/arena.h"
#include "compiler/base/diag.h"

#define LP_EC_MAGIC 0xCA057A7Au
#define LP_EC_FILE_MAGIC 0xECBF0000u /* upper half; the lower half is the version: 0x20, 0x30 or 0x50 */

enum lp_ec_opcode {
    LP_EC_WRITE = 0, /* a field of any width: one word follows */
    LP_EC_SET = 1,   /* a field of up to 8 bits, the value in the instruction */
    LP_EC_FEED = 2,  /* the words that follow, all to one register */
    LP_EC_FILL = 3,  /* the words that follow, to registers that follow each other */
    LP_EC_POLL = 4,  /* wait until a field has a value: time-out and value follow */
    LP_EC_IRQ = 12,  /* interrupt; the last instruction */
    LP_EC_LABEL = 29 /* number of the epoch that follows */
};

/* One instruction, taken apart. */
struct lp_ec_instruction {
    enum lp_ec_opcode opcode;
    uint32_t page;         /* unit, 0..63 */
    uint32_t reg;          /* byte offset / 4 */
    uint32_t lsb, msb;     /* of the field; 0 and 31 for a whole register */
    uint32_t value;        /* SET, POLL, IRQ (mask), LABEL (number) */
    uint32_t timeout;      /* POLL */
    const uint32_t *words; /* WRITE, FEED, FILL: what is written */
    uint32_t word_count;
};

struct lp_ec_field {
    const char *name;
    uint32_t lsb, msb;
};

struct lp_ec_register {
    const char *name;
    uint32_t offset;                  /* bytes */
    const struct lp_ec_field *fields; /* ended by a null name; null: the register is one number */
};

struct lp_ec_page {
    const char *name; /* "STRENG3" */
    const struct lp_ec_register *registers;
    size_t register_count;
};

enum { LP_EC_NAMED_PAGES = 32, LP_EC_PAGES = 64, LP_EC_MOST_PADDING = 63 };
extern const struct lp_ec_page lp_ec_pages[LP_EC_NAMED_PAGES];

/* Takes the instruction at words[*position] apart and moves *position behind it. `position` counts instruction words; an
 * unknown opcode, bits without meaning and a program that ends within an instruction are errors with word and offset. */
lp_status lp_ec_decode(struct lp_diag *diag, const char *label, const uint32_t *words, uint32_t count, uint32_t *position,
                       struct lp_ec_instruction *out);

/* The instruction words of a program or of a relocatable file; *program points into `words`. */
lp_status lp_ec_program(struct lp_diag *diag, const char *label, const uint32_t *words, size_t word_count,
                        const uint32_t **program, uint32_t *instruction_words);

/* The program as text, one instruction a line, by unit, register and field name. Words that are no instructions (header
 * and tables of a relocatable file, anything behind the program) stand in "word" lines, so that nothing is lost;
 * relocations are explained in comments. */
lp_status lp_ec_disassemble(struct lp_diag *diag, const char *label, const uint32_t *words, size_t word_count,
                            struct lp_text *out);

/* The text back to the same words. A text without "program" line is a program alone: magic and count are put before it. */
lp_status lp_ec_assemble(struct lp_arena *arena, struct lp_diag *diag, const char *label, const char *text, size_t length,
                         const uint32_t **words, size_t *word_count);

/* One array of 64-bit constants in a C header of blobs, as words, low word first. */
struct lp_ec_blob {
    const char *name;
    const uint32_t *words;
    size_t word_count;
};

/* Every array of such a header. */
lp_status lp_ec_read_header(struct lp_arena *arena, struct lp_diag *diag, const char *label, const char *text, size_t length,
                            struct lp_ec_blob **blobs, size_t *blob_count);

#endif
