/* See watch.h. */
#include "watch/watch.h"

#include "base/clock.h"

enum {
    SILENCE_MIN_S = 15 * 60, /* silent: no data for longer than this and than SILENCE_INTERVALS intervals */
    SILENCE_INTERVALS = 5,
    FIRST_DATA_S = 10 * 60, /* a new database may be without data for this long */
};

bool watch_is_silent(const struct watch_facts *facts, int64_t now_us)
{
    int64_t allowed_s = (int64_t)facts->interval_s * SILENCE_INTERVALS;

    if (allowed_s < SILENCE_MIN_S)
        allowed_s = SILENCE_MIN_S;
    if (facts->last_data_at_us == INT64_MIN)
        return now_us - facts->created_at_us > FIRST_DATA_S * CLOCK_SECOND_US;
    return now_us - facts->last_data_at_us > allowed_s * CLOCK_SECOND_US;
}

enum watch_state watch_state_of(const struct watch_facts *facts, int64_t now_us)
{
    if (!facts->is_on)
        return WATCH_PAUSED;
    if (facts->has_failed)
        return WATCH_FAILED;
    if (facts->has_warned || watch_is_silent(facts, now_us))
        return WATCH_WARNING;
    return facts->last_data_at_us == INT64_MIN ? WATCH_WAITING : WATCH_OK;
}
