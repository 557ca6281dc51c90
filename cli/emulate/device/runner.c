/* Runs networks on an emulated board: inputs from job.bin, outputs to output.bin, measurements to result.bin (runner.h).
 * Exit status: 0 all fine, 1 a network failed (standard error says which, where and why), 2 a file or the job is damaged,
 * 3 the processor stopped at a fault. */
#include "cli/emulate/device/runner.h"

#include "contract/crc32.h"
#include "runtime/epoch/network.h"
#include "runtime/ports/cortex-m/semihosting.h"
#include "runtime/ports/cortex-m/startup.h"
#include "runtime/ports/port.h"

#include <string.h>

enum { EXIT_FAILED = 1, EXIT_DAMAGED = 2, EXIT_FAULT = 3 };

enum { POISON = 0xa5, OTHER_POISON = 0x5a, STACK_PAINT = 0x6b6b6b6b };

struct run {
    struct lp_network net;
    int32_t job;
    int32_t output;
    struct lp_runner_entry entry;
    struct lp_runner_result result;
};

static uint32_t current_network = LP_RUNNER_NONE;

static void say_number(const char *before, uint32_t number, uint32_t base)
{
    lp_semihost_error(before);
    lp_semihost_error_number(number, base);
}

static void say_network(void)
{
    if (current_network != LP_RUNNER_NONE) {
        say_number("network ", current_network, 10);
        lp_semihost_error(": ");
    }
}

_Noreturn static void damaged(const char *why)
{
    say_network();
    lp_semihost_error(why);
    lp_semihost_error("\n");
    lp_semihost_exit(EXIT_DAMAGED);
}

_Noreturn void lp_board_fault(const struct lp_fault *fault)
{
    say_network();
    say_number("the processor stopped: exception ", fault->exception, 10);
    say_number(", pc 0x", fault->pc, 16);
    say_number(", lr 0x", fault->lr, 16);
    say_number(", cfsr 0x", fault->cfsr, 16);
    say_number(", bfar 0x", fault->bfar, 16);
    if (fault->pc == 0 || (fault->cfsr >> 20 & 1) != 0)
        lp_semihost_error(" (the stack overflowed)");
    lp_semihost_error("\n");
    lp_semihost_exit(EXIT_FAULT);
}

_Noreturn void lp_board_exit(int status)
{
    lp_semihost_exit(status);
}

static void read_job(struct run *run, void *data, uint32_t size_bytes)
{
    if (!lp_semihost_read(run->job, data, size_bytes))
        damaged("job.bin ends early or can't be read");
}

/* Fills the unused stack; the function itself calls nothing and keeps nothing below its frame. */
__attribute__((noinline)) static void paint_stack(void)
{
    uint32_t *end = __builtin_frame_address(0);
    for (volatile uint32_t *word = lp_stack_limit; word < end; word++)
        *word = STACK_PAINT;
}

/* How far below `from` the stack was used since. */
static uint32_t painted_over_bytes(const void *from)
{
    const uint32_t *word = lp_stack_limit;
    while (word < (const uint32_t *)from && *word == STACK_PAINT)
        word++;
    return (uint32_t)((const char *)from - (const char *)word);
}

static void note_touched(struct run *run, uint8_t poison)
{
    const struct lp_network_desc *d = run->net.desc;
    uint32_t end = d->arena_bytes;
    while (end > run->result.touched_bytes && d->arena[end - 1] == poison)
        end--;
    run->result.touched_bytes = end;
}

__attribute__((noinline)) static lp_status run_measured(struct run *run)
{
    const void *from = __builtin_frame_address(0);
    paint_stack();
    lp_status status = lp_network_run(&run->net);
    uint32_t used_bytes = painted_over_bytes(from);
    if (used_bytes > run->result.stack_bytes)
        run->result.stack_bytes = used_bytes;
    return status;
}

static bool is_state(const struct lp_network_desc *d, const uint8_t *byte)
{
    for (uint32_t i = 0; i < d->state_count; i++)
        if (byte >= (const uint8_t *)d->states[i].data && byte < (const uint8_t *)d->states[i].data + d->states[i].size_bytes)
            return true;
    return false;
}

/* All of the arena but what the last inference left for this one. */
static void fill_arena(const struct lp_network_desc *d, uint8_t poison)
{
    for (uint32_t i = 0; i < d->arena_bytes; i++)
        if (d->state_count == 0 || !is_state(d, d->arena + i))
            d->arena[i] = poison;
}

static lp_status infer(struct run *run, uint8_t poison)
{
    const struct lp_network_desc *d = run->net.desc;
    fill_arena(d, poison);
    for (uint32_t i = 0; i < d->input_count; i++)
        read_job(run, lp_network_input(&run->net, i), lp_network_input_bytes(&run->net, i));
    lp_status status = run_measured(run);
    note_touched(run, poison);
    return status;
}

static uint32_t outputs_crc32(const struct run *run)
{
    uint32_t crc = 0;
    for (uint32_t i = 0; i < run->net.desc->output_count; i++)
        crc = crc * 31 + lp_crc32(lp_network_output(&run->net, i), lp_network_output_bytes(&run->net, i));
    return crc;
}

static void write_outputs(const struct run *run)
{
    for (uint32_t i = 0; i < run->net.desc->output_count; i++)
        if (!lp_semihost_write(run->output, lp_network_output(&run->net, i), lp_network_output_bytes(&run->net, i)))
            damaged("output.bin can't be written");
}

/* `position_bytes`: of the first inference in job.bin. */
static lp_status run_inferences(struct run *run, uint32_t position_bytes)
{
    for (uint32_t n = 0; n < run->entry.inference_count; n++) {
        lp_status status = infer(run, POISON);
        if (status != LP_OK)
            return status;
        write_outputs(run);
        run->result.done_count++;
        /* The same inference again would go on with other states. */
        if (n >= run->entry.repeat_count || run->net.desc->state_count != 0)
            continue;
        uint32_t crc = outputs_crc32(run);
        if (!lp_semihost_seek(run->job, position_bytes + n * run->entry.input_bytes))
            damaged("job.bin can't be read twice");
        status = infer(run, OTHER_POISON);
        if (status != LP_OK)
            return status;
        if (outputs_crc32(run) != crc && run->result.different == LP_RUNNER_NONE)
            run->result.different = n;
    }
    return LP_OK;
}

static void check_sizes(const struct run *run)
{
    uint32_t input_bytes = 0;
    uint32_t output_bytes = 0;
    for (uint32_t i = 0; i < run->net.desc->input_count; i++)
        input_bytes += lp_network_input_bytes(&run->net, i);
    for (uint32_t i = 0; i < run->net.desc->output_count; i++)
        output_bytes += lp_network_output_bytes(&run->net, i);
    if (input_bytes != run->entry.input_bytes || output_bytes != run->entry.output_bytes)
        damaged("its inputs or outputs have another size than the job says");
}

static void report_failure(const struct run *run)
{
    const struct lp_failure *f = &run->net.failure;
    say_network();
    say_number("status ", f->code, 10);
    if (f->epoch != LP_NO_EPOCH)
        say_number(" in epoch ", f->epoch, 10);
    lp_semihost_error(": ");
    lp_semihost_error(f->why != 0 ? f->why : "(texts are compiled out)");
    lp_semihost_error("\n");
}

/* True when all went well. Leaves job.bin behind the entry. */
static bool run_entry(struct run *run, uint32_t *position_bytes)
{
    read_job(run, &run->entry, sizeof run->entry);
    *position_bytes += sizeof run->entry;
    if (run->entry.network >= lp_runner_network_count)
        damaged("the job names a network that is not in this image");
    current_network = run->entry.network;
    run->result = (struct lp_runner_result){.epoch = LP_NO_EPOCH, .different = LP_RUNNER_NONE};
    lp_status status = lp_network_open(&run->net, lp_runner_networks[run->entry.network], lp_port_default());
    if (status == LP_OK) {
        check_sizes(run);
        status = run_inferences(run, *position_bytes);
    }
    run->result.status = status;
    run->result.epoch = run->net.failure.epoch;
    if (status != LP_OK)
        report_failure(run);
    *position_bytes += run->entry.inference_count * run->entry.input_bytes;
    if (!lp_semihost_seek(run->job, *position_bytes))
        damaged("job.bin ends early");
    return status == LP_OK;
}

int main(void)
{
    static struct run run;
    run.job = lp_semihost_open("job.bin", LP_SEMIHOST_READ);
    run.output = lp_semihost_open("output.bin", LP_SEMIHOST_WRITE);
    int32_t result = lp_semihost_open("result.bin", LP_SEMIHOST_WRITE);
    if (run.job < 0 || run.output < 0 || result < 0)
        damaged("job.bin, output.bin or result.bin can't be opened");
    uint32_t head[2];
    read_job(&run, head, sizeof head);
    if (head[0] != LP_RUNNER_MAGIC)
        damaged("job.bin is not a job for this program");
    uint32_t position_bytes = sizeof head;
    int status = 0;
    for (uint32_t i = 0; i < head[1]; i++) {
        if (!run_entry(&run, &position_bytes))
            status = EXIT_FAILED;
        if (!lp_semihost_write(result, &run.result, sizeof run.result))
            damaged("result.bin can't be written");
    }
    bool closed = lp_semihost_close(run.job) && lp_semihost_close(run.output) && lp_semihost_close(result);
    return closed ? status : EXIT_DAMAGED;
}
