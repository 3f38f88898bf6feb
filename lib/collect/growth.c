/* The rules of growth.h. */
#include "collect/growth.h"

#include <math.h>

#include "facts/growth.h"

enum counter_continuity counter_continuity_of(const struct counter_era *last, const struct counter_era *now)
{
    if (last == NULL || last->taken_at_us == INT64_MIN)
        return COUNTER_FIRST_SNAPSHOT;
    if (now->layout != last->layout && now->layout != INT64_MIN && last->layout != INT64_MIN)
        return COUNTER_FIRST_SNAPSHOT;
    /* A clock that went back by more than a correction is another machine's. */
    if (now->taken_at_us < last->taken_at_us - INT64_C(60000000))
        return COUNTER_FIRST_SNAPSHOT;
    if (now->server_since_us != last->server_since_us && now->server_since_us != INT64_MIN &&
        last->server_since_us != INT64_MIN && now->server_since_us <= last->taken_at_us)
        return COUNTER_FIRST_SNAPSHOT;
    if (now->statistics_since_us == INT64_MIN || now->statistics_since_us == last->statistics_since_us)
        return last->is_partial ? COUNTER_CONTINUED_IN_PART : COUNTER_CONTINUED;
    return now->statistics_since_us > last->taken_at_us ? COUNTER_RESET : COUNTER_FIRST_SNAPSHOT;
}

static bool is_less(const struct sums *now, const struct sums *before)
{
    for (int counter = 0; counter < SUMS_COUNTERS; counter++)
        if (sums_counter(now, counter) < sums_counter(before, counter))
            return true;
    /* total_ms is a sum of doubles that travels as text: equal within what that costs. */
    return now->total_ms < before->total_ms - 1e-6 * (1 + before->total_ms);
}

/* The longest execution, if it raised the server's maximum: then it ended since the snapshot `base`. Where none did,
 * the longest one since then is not known. 0: unknown. It took no more time than all together. */
static double raised_max_ms(const struct sums *now, const struct sums *base, double gained_ms)
{
    bool is_raised = now->max_ms > base->max_ms && now->max_ms <= gained_ms + 1e-6 * (1 + now->total_ms);

    return is_raised ? now->max_ms : 0;
}

/* False: the totals are none that a server gives. They must not become growth at the next snapshot either. */
static bool subtract(const struct sums *now, const struct sums *base, struct sums *out_growth)
{
    struct sums growth = {.total_ms = fmax(now->total_ms - base->total_ms, 0)};

    for (int counter = 0; counter < SUMS_COUNTERS; counter++) {
        int64_t before = sums_counter(base, counter);
        int64_t gained = before == COUNTER_UNREAD ? 0 : sums_counter(now, counter) - before;

        if (gained < 0)
            return false;
        sums_set_counter(&growth, counter, gained);
    }
    if (growth.calls == 0 || !isfinite(growth.total_ms))
        return false;
    growth.max_ms = raised_max_ms(now, base, growth.total_ms);
    *out_growth = growth;
    return true;
}

bool counter_is_whole(enum counter_continuity continuity, const struct sums *before, const struct sums *now,
                      int64_t entry_since_us, int64_t last_taken_at_us)
{
    bool is_younger = entry_since_us != INT64_MIN && entry_since_us > last_taken_at_us;

    return before == NULL || continuity == COUNTER_RESET || is_younger || is_less(now, before);
}

bool counter_growth(enum counter_continuity continuity, const struct sums *before, const struct sums *now,
                    int64_t entry_since_us, int64_t last_taken_at_us, struct sums *out_growth)
{
    static const struct sums nothing = {0};
    const struct sums *base = before;
    bool is_younger = entry_since_us != INT64_MIN && entry_since_us > last_taken_at_us;

    *out_growth = nothing;
    if (continuity == COUNTER_CONTINUITY_UNSET || continuity == COUNTER_FIRST_SNAPSHOT)
        return false;
    if (base == NULL && continuity == COUNTER_CONTINUED_IN_PART && !is_younger)
        return false;
    if (counter_is_whole(continuity, before, now, entry_since_us, last_taken_at_us))
        base = &nothing;
    return subtract(now, base, out_growth);
}

int counter_piece_count(int64_t last_taken_at_us, int64_t taken_at_us)
{
    int64_t pieces;

    if (last_taken_at_us == INT64_MIN || taken_at_us <= last_taken_at_us)
        return 1;
    pieces = (taken_at_us - last_taken_at_us) / (COUNTER_PIECE_S * INT64_C(1000000));
    if (pieces <= 2)
        return 1;
    return pieces > COUNTER_PIECES_MAX ? COUNTER_PIECES_MAX : (int)pieces;
}

struct sums counter_piece(const struct sums *growth, int index, int count)
{
    struct sums piece = {.max_ms = index == 0 ? growth->max_ms : 0}; /* when it ran is not known */

    for (int counter = 0; counter < SUMS_COUNTERS; counter++)
        sums_set_counter(&piece, counter, sums_part(sums_counter(growth, counter), index, count));
    /* Time goes with the calls, so that no piece has time and no calls. */
    piece.total_ms = growth->calls > 0 ? growth->total_ms * ((double)piece.calls / (double)growth->calls) : 0;
    return piece;
}
