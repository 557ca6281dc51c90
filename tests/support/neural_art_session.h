/* A program of the NPU with its memory, ready to run vector by vector: what every test of the simulator begins with. */
#ifndef LP_TESTS_SUPPORT_NEURAL_ART_SESSION_H
#define LP_TESTS_SUPPORT_NEURAL_ART_SESSION_H

#include "simulator/neural-art/executor.h"

struct na_session {
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_npu_program *program;
    struct lp_sim_ram ram;
    struct lp_sim_options options;
    struct lp_sim_report report; /* of the last run */
};

/* Fails the test with the messages when the program cannot be read. */
void na_open(struct na_session *s, const char *folder);
/* For programs made in memory: `program` lives in s->arena. */
void na_open_program(struct na_session *s, struct lp_npu_program *program);
void na_close(struct na_session *s);

/* Puts inputs, runs, fetches outputs; every pointer holds the buffers of one inference back to back. */
lp_status na_run(struct na_session *s, const uint8_t *inputs, uint8_t *outputs);
size_t na_role_bytes(const struct lp_npu_program *program, enum lp_npu_buffer_role role);

/* Runs all vectors of a set and returns how many output bytes differ; *compared counts them. Fails the test on an error. */
size_t na_run_vectors(struct na_session *s, const struct lp_npu_vectors *set, size_t *compared);

/* Prints what the last run found. */
void na_print_findings(const struct na_session *s);

/* The file's bytes; fails the test when it is not there. */
const uint8_t *na_file(struct na_session *s, const char *folder, const char *name, size_t *size);

#endif
