/* How well a database is watched, from what is known of its collection. Pure: the page shows it, the collector alerts
 * by it. */
#ifndef POTTO_WATCH_WATCH_H
#define POTTO_WATCH_WATCH_H

#include <stdbool.h>
#include <stdint.h>

enum watch_state {
    WATCH_UNSET,
    WATCH_OK,
    WATCH_WAITING, /* nothing came yet, and it is early */
    WATCH_PAUSED,  /* switched off by people */
    WATCH_WARNING, /* collected, but something is missing; or silent for too long */
    WATCH_FAILED,
};

struct watch_facts {
    bool is_on;                  /* active and monitored */
    bool has_failed, has_warned; /* the last run */
    int32_t interval_s;
    int64_t created_at_us, last_data_at_us; /* last_data_at_us INT64_MIN: nothing came yet */
};

/* No data for longer than an interval explains. */
bool watch_is_silent(const struct watch_facts *facts, int64_t now_us);
enum watch_state watch_state_of(const struct watch_facts *facts, int64_t now_us);

#endif
