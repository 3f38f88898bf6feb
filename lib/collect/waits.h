/* What sessions of a monitored database wait for: looks at all its sessions, about once a second for a stretch of time,
 * over one session. A look is a sample; between two looks nothing is known, so each stands for the time since the look
 * before. The pauses vary, so that nothing that repeats is always seen or never.
 *
 * The looks are measured, and are rarer where they would cost more than they may. */
#ifndef POTTO_COLLECT_WAITS_H
#define POTTO_COLLECT_WAITS_H

#include "collect/collect.h"
#include "facts/waits.h"

enum { COLLECT_WAITS_PAUSE_MAX_MS = 10000 };

struct waits_input {
    const struct target_options *target;
    bool keeps_literals;
    int64_t stretch_ms;    /* how long to look */
    int64_t first_part_ms; /* of them belong to the first part, at most stretch_ms */
    int64_t pause_ms;      /* between looks, on average and at least; at most COLLECT_WAITS_PAUSE_MAX_MS */
    int64_t cost_ppm;      /* millionths of one processor that looks may take of the server */
};

struct waits_result {
    enum collect_state
        state; /* COLLECT_STATE_WARNING: the stretch is shorter than asked for, but what is there holds */
    char problem[320], remedy[800]; /* "" when all is well; with COLLECT_STATE_OK what the server does not show */
    char detail[340];
    struct wait_facts facts;
};

/* Always fills *out_result. It ends early, with what it has, when should_stop becomes true. Texts live in `arena`. */
void collect_waits(const struct waits_input *input, struct arena *arena, struct waits_result *out_result);

#endif
