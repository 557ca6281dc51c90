/* The files that another compiler for the NPU left in a folder, found by their names and read. */
#ifndef LP_CLI_EXPLAIN_FOLDER_H
#define LP_CLI_EXPLAIN_FOLDER_H

#include "cli/session.h"
#include "explain/ledger.h"

enum { LP_EXPLAIN_MOST_FILES = 64 };

struct lp_explain_folder {
    struct lp_build build;
    struct lp_build_image images[LP_EXPLAIN_MOST_FILES];
    uint32_t image_count;
    const char *blob_header; /* *_ecblobs.h: its path, null when there is none */
    const uint8_t *blob_text;
    size_t blob_bytes;
    uint32_t file_count; /* read */
};

/* Reads *c_info.json, *_generate_report.txt, *.c with epoch blocks, *ecblobs.h and images of pools (*.raw, *.bin) of the folder
 * itself and of its subfolders, one level deep. LP_BAD_INPUT when none of them lists parameters and there is no image either. */
lp_status lp_explain_folder_read(struct lp_session *session, const char *path, struct lp_explain_folder *out);

#endif
