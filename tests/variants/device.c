/* Kernel variants against the reference, on the emulated board: random shapes and parameters, byte by byte, in both roundings.
 * Inputs end where the board's memory ends, and so do constants, so that a byte read too much is a fault; around the output
 * lie bytes that must keep their value. Prints one line a kernel; the exit status is 1 when anything differs. */
#include "tests/variants/device.h"

#include "runtime/kernels/kernels.h"
#include "runtime/ports/cortex-m/semihosting.h"
#include "runtime/ports/cortex-m/startup.h"
#include "tests/variants/under_test.h"

#include <string.h>

/* Memories whose last byte has nothing behind it. */
#ifdef __ARM_FEATURE_MVE /* mps3-an547: DTCM, ITCM */
#define INPUT_END ((int8_t *)0x30080000)
#define CONSTANTS_END ((int8_t *)0x10080000)
#else /* mps2-an386: SSRAM23, PSRAM */
#define INPUT_END ((int8_t *)0x20400000)
#define CONSTANTS_END ((int8_t *)0x22000000)
#endif
enum { INPUT_BYTES = 200 << 10, CONSTANTS_BYTES = 400 << 10 };

static uint32_t random_state = 1;
static const char *current = "";
static uint32_t current_seed;

uint32_t device_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

int32_t device_between(int32_t low, int32_t high)
{
    return low + (int32_t)(device_random() % (uint32_t)(high - low + 1));
}

int8_t *device_input(uint32_t bytes)
{
    return bytes > INPUT_BYTES ? NULL : INPUT_END - bytes;
}

int8_t *device_constants(uint32_t bytes)
{
    bytes = (bytes + 3) / 4 * 4; /* constants start at a multiple of four */
    return bytes > CONSTANTS_BYTES ? NULL : CONSTANTS_END - bytes;
}

int8_t *device_constants_unaligned(uint32_t bytes)
{
    return bytes > CONSTANTS_BYTES ? NULL : CONSTANTS_END - bytes;
}

void device_fill(int8_t *data, uint32_t bytes, int32_t kind)
{
    int32_t same = device_between(-128, 127);
    for (uint32_t i = 0; i < bytes; i++)
        data[i] = (int8_t)(kind == 0 ? device_between(-128, 127) : kind == 1 ? device_between(0, 1) * 255 - 128 : same);
}

void device_activation(int8_t *act_min, int8_t *act_max)
{
    *act_min = (int8_t)(device_between(0, 1) ? -128 : device_between(-128, 127));
    *act_max = (int8_t)(device_between(0, 1) ? 127 : device_between(*act_min, 127));
}

static void say(const char *text)
{
    lp_semihost_error(text);
}

static void say_number(const char *before, int32_t number)
{
    say(before);
    if (number < 0)
        say("-");
    lp_semihost_error_number((uint32_t)(number < 0 ? -number : number), 10);
}

_Noreturn void device_fail(const char *what, int32_t number)
{
    say(current);
    say_number(", seed ", (int32_t)current_seed);
    say(": ");
    say(what);
    say_number(" ", number);
    say("\n");
    lp_semihost_exit(1);
}

_Noreturn void lp_board_fault(const struct lp_fault *fault)
{
    say_number("exception ", (int32_t)fault->exception);
    say(", pc 0x");
    lp_semihost_error_number(fault->pc, 16);
    say(", address 0x");
    lp_semihost_error_number(fault->bfar, 16);
    say(": ");
    device_fail("a fault", (int32_t)fault->cfsr);
}

_Noreturn void lp_board_exit(int status)
{
    lp_semihost_exit(status);
}

static int8_t expected[DEVICE_OUTPUT_BYTES];
static int8_t found[DEVICE_OUTPUT_BYTES + 2 * DEVICE_GUARD_BYTES];

int8_t *device_expected(void)
{
    memset(expected, 0x33, sizeof expected);
    return expected;
}

int8_t *device_found(void)
{
    memset(found, 0x5c, sizeof found);
    return found + DEVICE_GUARD_BYTES;
}

void device_compare_output(uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++)
        if (found[DEVICE_GUARD_BYTES + i] != expected[i]) {
            say_number("expected ", expected[i]);
            say_number(", found ", found[DEVICE_GUARD_BYTES + i]);
            say_number(" of bytes ", (int32_t)bytes);
            say("\n");
            device_fail("differs from the reference at byte", (int32_t)i);
        }
}

void device_compare(uint32_t bytes)
{
    device_compare_output(bytes);
    for (uint32_t i = 0; i < DEVICE_GUARD_BYTES; i++)
        if (found[i] != 0x5c || found[DEVICE_GUARD_BYTES + bytes + i] != 0x5c)
            device_fail("wrote outside its output, guard byte", (int32_t)i);
}

int main(void)
{
    for (uint32_t k = 0; k < device_test_count; k++) {
        int32_t done = 0;
        current = device_tests[k].name;
        for (uint32_t seed = 1; seed <= device_tests[k].cases; seed++) {
            current_seed = seed;
            random_state = seed * 2654435761u + 12345u;
            if (random_state == 0)
                random_state = 1;
            done += device_tests[k].run();
        }
        say_number("", done);
        say(" cases of ");
        say(current);
        say(" are equal\n");
        if (done == 0)
            device_fail("no case fitted; of", (int32_t)device_tests[k].cases);
    }
    return 0;
}
