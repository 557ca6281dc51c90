#include "runtime/ports/port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

static void every_member_is_there(void **state)
{
    (void)state;
    const struct lp_port *port = lp_port_default();
    assert_non_null(port->now_us);
    assert_non_null(port->cache_clean);
    assert_non_null(port->cache_invalidate);
    assert_ptr_equal(port, lp_port_default());
}

/* The processor time that a busy loop takes is a lower bound of the time that passes meanwhile. */
static void time_goes_on_in_microseconds(void **state)
{
    (void)state;
    const struct lp_port *port = lp_port_default();
    lp_port_set_clock_hz(1000000);
    clock_t cpu_start = clock();
    uint64_t start_us = port->now_us(port->ctx);
    uint64_t last_us = start_us;
    while (clock() - cpu_start < CLOCKS_PER_SEC / 50) {
        uint64_t now_us = port->now_us(port->ctx);
        assert_true(now_us >= last_us);
        last_us = now_us;
    }
    assert_true(last_us - start_us >= 19000);
    assert_true(last_us - start_us < 60000000);
}

static void cache_functions_change_no_byte(void **state)
{
    (void)state;
    const struct lp_port *port = lp_port_default();
    char bytes[] = "as before";
    port->cache_clean(port->ctx, bytes, sizeof bytes);
    port->cache_invalidate(port->ctx, bytes, sizeof bytes);
    assert_string_equal(bytes, "as before");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_is_there),
        cmocka_unit_test(time_goes_on_in_microseconds),
        cmocka_unit_test(cache_functions_change_no_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
