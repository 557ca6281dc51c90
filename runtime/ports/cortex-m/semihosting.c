#include "runtime/ports/cortex-m/semihosting.h"

#include <string.h>

enum {
    SYS_OPEN = 0x01,
    SYS_CLOSE = 0x02,
    SYS_WRITE = 0x05,
    SYS_READ = 0x06,
    SYS_SEEK = 0x0a,
    SYS_GET_CMDLINE = 0x15,
    SYS_EXIT_EXTENDED = 0x20,
    MODE_APPEND = 8,
    APPLICATION_EXIT = 0x20026,
};

static uint32_t call(uint32_t operation, const void *arguments)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = arguments;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

static uint32_t open_mode(const char *path, uint32_t mode)
{
    const uint32_t arguments[] = {(uint32_t)path, mode, strlen(path)};
    return call(SYS_OPEN, arguments);
}

int32_t lp_semihost_open(const char *path, enum lp_semihost_mode mode)
{
    return (int32_t)open_mode(path, mode);
}

bool lp_semihost_close(int32_t handle)
{
    const uint32_t arguments[] = {(uint32_t)handle};
    return call(SYS_CLOSE, arguments) == 0;
}

/* Both calls return how many bytes they did not move. */
bool lp_semihost_read(int32_t handle, void *data, uint32_t size_bytes)
{
    const uint32_t arguments[] = {(uint32_t)handle, (uint32_t)data, size_bytes};
    return size_bytes == 0 || call(SYS_READ, arguments) == 0;
}

bool lp_semihost_write(int32_t handle, const void *data, uint32_t size_bytes)
{
    const uint32_t arguments[] = {(uint32_t)handle, (uint32_t)data, size_bytes};
    return size_bytes == 0 || call(SYS_WRITE, arguments) == 0;
}

bool lp_semihost_seek(int32_t handle, uint32_t position_bytes)
{
    const uint32_t arguments[] = {(uint32_t)handle, position_bytes};
    return call(SYS_SEEK, arguments) == 0;
}

void lp_semihost_error(const char *text)
{
    /* The name ":tt" opened for appending is the host's standard error. */
    static int32_t handle;
    if (handle == 0)
        handle = (int32_t)open_mode(":tt", MODE_APPEND);
    /* There is nobody left to tell when this fails. */
    (void)lp_semihost_write(handle, text, strlen(text));
}

void lp_semihost_error_number(uint32_t number, uint32_t base)
{
    char digits[33];
    char *at = digits + sizeof digits - 1;
    *at = 0;
    do {
        *--at = "0123456789abcdef"[number % base];
        number /= base;
    } while (number != 0);
    lp_semihost_error(at);
}

bool lp_semihost_command_line(char *text, uint32_t size_bytes)
{
    uint32_t arguments[] = {(uint32_t)text, size_bytes};
    return call(SYS_GET_CMDLINE, arguments) == 0;
}

_Noreturn void lp_semihost_exit(int status)
{
    const uint32_t arguments[] = {APPLICATION_EXIT, (uint32_t)status};
    for (;;)
        (void)call(SYS_EXIT_EXTENDED, arguments);
}
