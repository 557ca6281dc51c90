#include "cli/commands.h"
#include "cli/session.h"
#include "compiler/base/file.h"
#include "neural-art/ec_listing.h"

#include <string.h>

enum { KEY_ASSEMBLE = 0x200, FILE_LIMIT_BYTES = 1 << 28 };

struct disasm {
    struct lp_session session;
    const char *output;
    bool assembles;
};

static const struct argp_option options[] = {
    {"assemble", KEY_ASSEMBLE, NULL, 0, "The file is text: make the words again", 0},
    {"output", 'o', "PATH", 0,
     "Write there: text; with --assemble a C header (PATH.h) or the words of one program (any other name)", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct disasm *d = state->input;
    switch (key) {
    case KEY_ASSEMBLE: d->assembles = true; return 0;
    case 'o': d->output = arg; return 0;
    case ARGP_KEY_ARG:
        if (d->session.model_path != NULL)
            argp_error(state, "one file at a time: '%s' is too many", arg);
        d->session.model_path = arg;
        return 0;
    case ARGP_KEY_END:
        if (d->session.model_path == NULL)
            argp_error(state, "a file is missing");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static lp_status write_text(struct disasm *d, struct lp_text *text)
{
    lp_status status = LP_OK;
    if (d->output == NULL)
        return lp_session_print(&d->session, text);
    status = lp_file_write(&d->session.diag, d->output, lp_text_get(text), text->length);
    lp_text_free(text);
    return status;
}

static lp_status write_words(struct disasm *d, const struct lp_ec_blob *blob, size_t blob_count)
{
    struct lp_session *s = &d->session;
    if (blob_count != 1)
        return lp_error(&s->diag, LP_BAD_ARGUMENT, "%s holds %zu programs: write them as a C header, --output NAME.h",
                        s->model_path, blob_count);
    uint8_t *bytes = lp_arena_alloc(&s->arena, blob->word_count, 4);
    if (bytes == NULL)
        return lp_no_memory(&s->diag);
    for (size_t i = 0; i < blob->word_count * 4; i++)
        bytes[i] = (uint8_t)(blob->words[i / 4] >> (8 * (i % 4)));
    return lp_file_write(&s->diag, d->output, bytes, blob->word_count * 4);
}

static lp_status assemble(struct disasm *d, const uint8_t *bytes, size_t size_bytes)
{
    struct lp_session *s = &d->session;
    struct lp_ec_blob *blobs = NULL;
    size_t count = 0;
    struct lp_text text = {0};
    lp_status status = lp_ec_unlist(&s->arena, &s->diag, s->model_path, (const char *)bytes, size_bytes, &blobs, &count);
    if (status != LP_OK)
        return status;
    if (d->output != NULL && !ends_with(d->output, ".h"))
        return write_words(d, blobs, count);
    status = lp_ec_header(&s->diag, blobs, count, &text);
    if (status == LP_OK)
        return write_text(d, &text);
    lp_text_free(&text);
    return status;
}

static lp_status disassemble(struct disasm *d, const uint8_t *bytes, size_t size_bytes)
{
    struct lp_session *s = &d->session;
    struct lp_ec_blob *blobs = NULL;
    size_t count = 0;
    struct lp_text text = {0};
    lp_status status = lp_ec_blobs_of(&s->arena, &s->diag, s->model_path, bytes, size_bytes, &blobs, &count);
    if (status == LP_OK)
        status = lp_ec_list(&s->diag, s->model_path, blobs, count, &text);
    if (status == LP_OK)
        return write_text(d, &text);
    lp_text_free(&text);
    return status;
}

int lp_cmd_disasm(int argc, char **argv)
{
    static const struct argp argp = {.options = options,
                                     .parser = parse,
                                     .args_doc = "BLOB|network_ecblobs.h",
                                     .doc = "Prints programs of the NPU's epoch controller by unit, register and field. The text "
                                            "can be assembled again and gives "
                                            "the same words."
                                            "\vExamples:\n  limpid disasm network_ecblobs.h -o network.txt\n  limpid disasm "
                                            "--assemble network.txt -o network_ecblobs.h"};
    struct disasm d = {0};
    const uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    argp_parse(&argp, argc, argv, 0, NULL, &d);
    lp_status status = lp_file_read(&d.session.arena, &d.session.diag, d.session.model_path, FILE_LIMIT_BYTES, &bytes,
                                    &size_bytes);
    if (status == LP_OK)
        status = d.assembles ? assemble(&d, bytes, size_bytes) : disassemble(&d, bytes, size_bytes);
    return lp_session_close(&d.session, status, LP_EXIT_FINE);
}
