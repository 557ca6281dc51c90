/* What a linker's map says of the objects: how many bytes of the linked program each of them gave. */
#ifndef LP_EMULATE_MAP_H
#define LP_EMULATE_MAP_H

#include <stddef.h>
#include <stdint.h>

/* Calls `take` for each piece of an output section that came from an object: ("user", ".rodata", "n3.o", 120). Pieces that the
 * linker adds itself (fill) are passed over. `text` ends with a zero. */
void lp_map_read(const char *text,
                 void (*take)(void *user, const char *section, size_t section_length, const char *object, size_t object_length,
                              uint32_t size_bytes),
                 void *user);

#endif
