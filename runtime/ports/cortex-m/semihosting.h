/* Semihosting: files and exit of the machine that debugs or emulates this one (Arm "Semihosting for AArch32 and AArch64").
 * Without a debugger or emulator behind it, every call ends in a fault. File names are relative to the host's folder. */
#ifndef LP_CORTEX_M_SEMIHOSTING_H
#define LP_CORTEX_M_SEMIHOSTING_H

#include <stdbool.h>
#include <stdint.h>

enum lp_semihost_mode { LP_SEMIHOST_READ = 1 /* "rb" */, LP_SEMIHOST_WRITE = 5 /* "wb" */ };

/* A handle, or -1. */
int32_t lp_semihost_open(const char *path, enum lp_semihost_mode mode);
bool lp_semihost_close(int32_t handle);
/* True when all bytes were moved. */
bool lp_semihost_read(int32_t handle, void *data, uint32_t size_bytes);
bool lp_semihost_write(int32_t handle, const void *data, uint32_t size_bytes);
bool lp_semihost_seek(int32_t handle, uint32_t position_bytes);

/* The host's standard error; lost when it has none. */
void lp_semihost_error(const char *text);
/* As unsigned decimal or hexadecimal number. */
void lp_semihost_error_number(uint32_t number, uint32_t base);

/* Copies the command line that the host was given; false when it does not fit or there is none. */
bool lp_semihost_command_line(char *text, uint32_t size_bytes);

/* Ends the emulation with this exit status. */
_Noreturn void lp_semihost_exit(int status);

#endif
