/* Pictures from hostile hands, PNG and JPEG. */
#include "tests/fuzz/fuzz_values.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    return fuzz_values(lp_values_read_image, "damaged.png", data, size_bytes);
}
