#include "compiler/import/import.h"

#include <string.h>

/* An ONNX file is a protobuf message whose first field is the version of the format, 3 or more in every file that has
 * quantized operators: tag 0x08, a small number, and then a string or message field (producer 0x12, graph 0x3a, operator set
 * 0x42). A TensorFlow saved model begins alike with version 1. */
static bool looks_like_onnx(const uint8_t *data, size_t size_bytes)
{
    return size_bytes > 16 && data[0] == 0x08 && data[1] >= 3 && data[1] < 0x20 &&
           (data[2] == 0x12 || data[2] == 0x3a || data[2] == 0x42);
}

static const char *what_it_looks_like(const uint8_t *data, size_t size_bytes)
{
    static const struct {
        const char *magic;
        size_t length;
        const char *name;
    } known[] = {
        {"PK\003\004", 4, "a ZIP archive (a Keras .keras or a PyTorch file?)"},
        {"\x08\x01\x12", 3, "a TensorFlow saved model"},
        {"\x89HDF", 4, "an HDF5 file (a Keras .h5 model?)"},
        {"\x7f"
         "ELF",
         4, "an ELF program"},
        {"\x93NUMPY", 6, "a NumPy array"},
        {"\x89PNG", 4, "a PNG image"},
        {"\x1f\x8b", 2, "a gzip archive"},
        {"version https://git-lfs", 23, "a Git LFS pointer: the real file was not downloaded"},
        {"unsigned char", 13, "a C array (made by xxd?): the file that it was made from is needed"},
        {"<", 1, "a web page: the download went wrong"},
    };
    for (size_t i = 0; i < LP_COUNT(known); i++)
        if (size_bytes >= known[i].length && memcmp(data, known[i].magic, known[i].length) == 0)
            return known[i].name;
    return size_bytes == 0 ? "an empty file" : "something else";
}

lp_status lp_import(struct lp_arena *arena, struct lp_diag *diag, const char *file_name, const uint8_t *data, size_t size_bytes,
                    struct lp_graph **out)
{
    if (size_bytes >= 8 && memcmp(data + 4, "TFL3", 4) == 0)
        return lp_import_tflite(arena, diag, file_name, data, size_bytes, out);
    if (looks_like_onnx(data, size_bytes))
        return lp_error(
            diag, LP_UNSUPPORTED,
            "%s looks like an ONNX model, which can't be read yet; quantized .tflite models can: convert it to an int8 .tflite",
            file_name);
    return lp_error(
        diag, LP_BAD_INPUT,
        "%s is not a .tflite model (the letters TFL3 are missing at byte 4): it looks like %s; convert the model to an int8 "
        ".tflite",
        file_name, what_it_looks_like(data, size_bytes));
}
