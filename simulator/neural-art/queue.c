#include <stdlib.h>
#include <string.h>

#include "simulator/neural-art/machine.h"

static const uint64_t default_most_words = UINT64_C(1) << 28;

struct lp_sim_frame *lp_sim_frame_new(struct lp_sim_machine *m, uint64_t count)
{
    /* A frame of about the size that was just released is the usual case: streams repeat. */
    for (struct lp_sim_frame **slot = &m->free_frames; *slot != NULL; slot = &(*slot)->next_free)
        if ((*slot)->capacity >= count && (*slot)->capacity / 4 <= count) {
            struct lp_sim_frame *frame = *slot;
            *slot = frame->next_free;
            frame->count = (size_t)count;
            frame->references = 1;
            return frame;
        }
    struct lp_sim_frame *frame = NULL;
    if (count <= (SIZE_MAX - sizeof *frame) / sizeof(int32_t))
        frame = lp_allocate(1, sizeof *frame + (size_t)count * sizeof(int32_t));
    if (frame == NULL) {
        m->status = LP_OUT_OF_MEMORY;
        return NULL;
    }
    frame->count = frame->capacity = (size_t)count;
    frame->references = 1;
    return frame;
}

void lp_sim_frame_release(struct lp_sim_machine *m, struct lp_sim_frame *frame)
{
    if (frame == NULL || --frame->references > 0)
        return;
    frame->next_free = m->free_frames;
    m->free_frames = frame;
}

static bool grow(struct lp_sim_machine *m, struct lp_sim_queue *queue)
{
    size_t capacity = queue->capacity == 0 ? 8 : queue->capacity * 2;
    struct lp_sim_frame **slots = lp_allocate(capacity, sizeof(struct lp_sim_frame *));
    if (slots == NULL) {
        m->status = LP_OUT_OF_MEMORY;
        return false;
    }
    for (size_t i = 0; i < queue->count; i++)
        slots[i] = queue->slots[(queue->head + i) % queue->capacity];
    free(queue->slots);
    queue->slots = slots;
    queue->capacity = capacity;
    queue->head = 0;
    return true;
}

bool lp_sim_queue_add(struct lp_sim_machine *m, struct lp_sim_queue *queue, struct lp_sim_frame *frame)
{
    uint64_t most = m->options->most_words != 0 ? m->options->most_words : default_most_words;
    if (queue->count == queue->capacity && !grow(m, queue))
        return false;
    queue->slots[(queue->head + queue->count) % queue->capacity] = frame;
    queue->count++;
    queue->words += frame->count;
    frame->references++;
    m->queued_words += frame->count;
    if (m->queued_words > most)
        m->status = LP_OUT_OF_MEMORY;
    return m->status == LP_OK;
}

struct lp_sim_frame *lp_sim_queue_first(const struct lp_sim_queue *queue)
{
    return queue->count == 0 ? NULL : queue->slots[queue->head];
}

struct lp_sim_frame *lp_sim_queue_take(struct lp_sim_machine *m, struct lp_sim_queue *queue)
{
    struct lp_sim_frame *frame = queue->slots[queue->head];
    queue->head = (queue->head + 1) % queue->capacity;
    queue->count--;
    queue->words -= frame->count - queue->taken;
    m->queued_words -= frame->count;
    queue->taken = 0;
    return frame;
}

void lp_sim_queue_take_words(struct lp_sim_machine *m, struct lp_sim_queue *queue, int32_t *words, size_t count)
{
    while (count > 0) {
        struct lp_sim_frame *frame = lp_sim_queue_first(queue);
        size_t left = frame->count - queue->taken, n = left < count ? left : count;
        memcpy(words, frame->words + queue->taken, n * sizeof *words);
        queue->taken += n;
        queue->words -= n;
        words += n;
        count -= n;
        if (queue->taken == frame->count)
            lp_sim_frame_release(m, lp_sim_queue_take(m, queue));
    }
}

uint8_t *lp_sim_bytes_add(struct lp_sim_machine *m, struct lp_sim_bytes *bytes, size_t count)
{
    if (bytes->start > 0 && bytes->start == bytes->end)
        bytes->start = bytes->end = 0;
    if (count > bytes->capacity - bytes->end) {
        size_t used = bytes->end - bytes->start;
        size_t capacity = (used + count) * 2;
        uint8_t *data = count < SIZE_MAX / 4 ? lp_allocate(capacity, 1) : NULL;
        if (data == NULL) {
            m->status = LP_OUT_OF_MEMORY;
            return NULL;
        }
        if (used > 0)
            memcpy(data, bytes->data + bytes->start, used);
        free(bytes->data);
        *bytes = (struct lp_sim_bytes){.data = data, .capacity = capacity, .end = used};
    }
    uint8_t *place = bytes->data + bytes->end;
    bytes->end += count;
    return place;
}

void lp_sim_machine_free(struct lp_sim_machine *m)
{
    for (uint32_t i = 0; i < m->node_count; i++) {
        struct lp_sim_node *node = &m->nodes[i];
        for (int port = 0; port < LP_NPU_MOST_PORTS; port++) {
            while (node->ports[port].count > 0)
                lp_sim_frame_release(m, lp_sim_queue_take(m, &node->ports[port]));
            free(node->ports[port].slots);
        }
        lp_sim_frame_release(m, node->held);
        free(node->bytes.data);
        free(node->scratch);
    }
    while (m->free_frames != NULL) {
        struct lp_sim_frame *next = m->free_frames->next_free;
        free(m->free_frames);
        m->free_frames = next;
    }
}
