/* The two serial ports of the board and the end of the program. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

/* CMSDK UARTs of the FPGA image AN547, Secure aliases. One byte is all that a receiver holds: it must be read in time. */
enum board_uart { BOARD_UART_CONSOLE = 0, BOARD_UART_MODBUS = 1 };

enum { BOARD_CLOCK_HZ = 32000000 };

void board_uart_open(enum board_uart uart, uint32_t baud);
/* How many bytes it took, without waiting. */
uint32_t board_uart_send(enum board_uart uart, const uint8_t *bytes, uint32_t count);
/* How many bytes had arrived. */
uint32_t board_uart_receive(enum board_uart uart, uint8_t *bytes, uint32_t room);

/* Waits until the text is out. */
void board_print(const char *text);
void board_print_number(uint32_t number);

#endif
