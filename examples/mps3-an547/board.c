#include "board.h"

#include "runtime/ports/cortex-m/startup.h"

#include <stddef.h>

/* Arm CMSDK, DDI 0479: APB UART. */
struct cmsdk_uart {
    volatile uint32_t data;
    volatile uint32_t state;
    volatile uint32_t ctrl;
    volatile uint32_t interrupts;
    volatile uint32_t divider;
};

enum { TX_FULL = 1, RX_FULL = 2, TX_ENABLE = 1, RX_ENABLE = 2, MIN_DIVIDER = 16 };

static struct cmsdk_uart *const uarts[] = {(struct cmsdk_uart *)0x59303000u, (struct cmsdk_uart *)0x59304000u};

void board_uart_open(enum board_uart uart, uint32_t baud)
{
    uint32_t divider = BOARD_CLOCK_HZ / baud;
    uarts[uart]->divider = divider < MIN_DIVIDER ? MIN_DIVIDER : divider;
    uarts[uart]->ctrl = TX_ENABLE | RX_ENABLE;
}

uint32_t board_uart_send(enum board_uart uart, const uint8_t *bytes, uint32_t count)
{
    uint32_t sent = 0;
    while (sent < count && (uarts[uart]->state & TX_FULL) == 0)
        uarts[uart]->data = bytes[sent++];
    return sent;
}

uint32_t board_uart_receive(enum board_uart uart, uint8_t *bytes, uint32_t room)
{
    uint32_t got = 0;
    while (got < room && (uarts[uart]->state & RX_FULL) != 0)
        bytes[got++] = (uint8_t)uarts[uart]->data;
    return got;
}

void board_print(const char *text)
{
    while (*text != '\0')
        text += board_uart_send(BOARD_UART_CONSOLE, (const uint8_t *)text, 1);
}

void board_print_number(uint32_t number)
{
    char digits[11];
    char *next = digits + sizeof digits - 1;
    *next = '\0';
    do {
        *--next = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    board_print(next);
}

/* Both say where it stopped and stop: a watchdog would restart a real device here. */
_Noreturn void lp_board_fault(const struct lp_fault *fault)
{
    board_print("# stopped by exception ");
    board_print_number(fault->exception);
    board_print(" at ");
    board_print_number(fault->pc);
    board_print("\n");
    for (;;)
        continue;
}

_Noreturn void lp_board_exit(int status)
{
    board_print("# ended with status ");
    board_print_number((uint32_t)status);
    board_print("\n");
    for (;;)
        continue;
}
