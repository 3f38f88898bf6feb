/* The processes behind child.h: potto-target, and one child for each look. */
#ifndef POTTO_CHILD_PROCESS_H
#define POTTO_CHILD_PROCESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "child/child.h"

enum { CHILD_CAUSE_BYTES = 160 };

struct child {
    pid_t pid;
    int fd; /* its socket: the request goes there, and the answer comes */
    int64_t deadline_us;
    const atomic_bool *should_stop; /* NULL: never */
    int signal_number;              /* that it died of; 0: none */
    char cause[CHILD_CAUSE_BYTES];  /* of CHILD_ABSENT, for the log; else "" */
};

/* Start a child, which waits for a request. Errors: CHILD_ABSENT, CHILD_STOPPED. */
enum child_end child_start(struct child_spawner *spawner, int64_t deadline_us, const atomic_bool *should_stop,
                           struct child *out_child);
/* Send the request, and read the answer to its end. Its bytes live in `arena`. The child is gone afterwards.
 */
enum child_end child_talk(struct child_spawner *spawner, struct child *child, struct text request, struct arena *arena,
                          struct text *out_answer);

#endif
