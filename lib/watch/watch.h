/* The state of a database's monitoring, computed from facts about its collection. Pure. Pages show it, and the
 * collector's alerts use it. */
#ifndef POTTO_WATCH_WATCH_H
#define POTTO_WATCH_WATCH_H

#include <stdbool.h>
#include <stdint.h>

enum watch_state {
    WATCH_UNSET,
    WATCH_OK,
    WATCH_WAITING, /* no data yet, but the database is new */
    WATCH_PAUSED,  /* switched off by a user */
    WATCH_WARNING, /* collected, but something is missing; or silent for too long */
    WATCH_FAILED,
};

struct watch_facts {
    bool is_on;                  /* active and monitored */
    bool has_failed, has_warned; /* of the last run */
    int32_t interval_s;
    int64_t created_at_us, last_data_at_us; /* last_data_at_us INT64_MIN: no data yet */
};

/* True if there was no data for longer than the interval explains. */
bool watch_is_silent(const struct watch_facts *facts, int64_t now_us);
enum watch_state watch_state_of(const struct watch_facts *facts, int64_t now_us);

#endif
