/* The processes behind child.h: potto-target, and one child for each look. */
#ifndef POTTO_CHILD_PROCESS_H
#define POTTO_CHILD_PROCESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buffer.h"
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

/* The same without waiting, for a caller that has many children. First the request, which must be small. */
enum child_end child_send(const struct child *child, struct text request);
/* Then, whenever the socket is readable or the deadline may have come: read what is there. False: there will be more.
 * `buffer` is the caller's, by child_buffer_init(). */
bool child_receive(const struct child *child, struct buffer *buffer, enum child_end *out_end);
void child_buffer_init(struct buffer *buffer, size_t max_bytes);
/* At last: end the child, which got `end` so far. The bytes of the buffer then live in `arena`. */
enum child_end child_finish(struct child_spawner *spawner, struct child *child, enum child_end end,
                            struct buffer *buffer, struct arena *arena, struct text *out_answer);

#endif
