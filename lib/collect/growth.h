/* How much cumulative statistics grew between two snapshots. Pure functions, so that their rules can be read, argued
 * about and held by golden cases (tests/unit/test_collect_growth.c).
 *
 * A server keeps totals of each statement since some moment in the past. Growth is what happened since the last
 * snapshot: never negative, never a spike, nothing twice.
 *
 *  1. First snapshot of a server: everything becomes a baseline, and nothing is growth. So it is where there was no
 *     snapshot before, and where another server answers at the address. We know another server by this: its statistics
 *     or its process began before the last snapshot, and yet are not the ones of that snapshot. So it is, too, where
 *     entries stand for other executions than they did (the statistics' version changed).
 *  2. The statistics as a whole began after the last snapshot (pg_stat_statements_reset(), a crash that lost them): all
 *     that they hold is growth.
 *  3. An entry that the last snapshot did not have is younger than it, since a snapshot shows every entry: all of the
 *     entry is growth. So is an entry that was evicted, was missing from a snapshot, and was made again. Where the last
 *     snapshot did not show every entry, for lack of a grant, a new entry is growth only if it says that it began
 * later.
 *  4. An entry was made anew if any of its totals is less than it was, since all of them only ever grow, or if it says
 *     that it began after the last snapshot. All of it is growth. What its older self gained before it went cannot be
 *     known, and is not made up.
 *  5. Any other entry: the difference. An entry that was evicted, made again, and has passed its older totals by now
 *     gives less than the truth, never more. A counter that the last snapshot did not read gives nothing. */
#ifndef POTTO_COLLECT_GROWTH_H
#define POTTO_COLLECT_GROWTH_H

#include <stdbool.h>
#include <stdint.h>

#include "facts/sums.h"

/* How a snapshot relates to the last one, for all entries. */
enum counter_continuity {
    COUNTER_CONTINUITY_UNSET,
    COUNTER_FIRST_SNAPSHOT,    /* rule 1 */
    COUNTER_RESET,             /* rule 2 */
    COUNTER_CONTINUED,         /* rules 3 to 5 */
    COUNTER_CONTINUED_IN_PART, /* the same, and the last snapshot showed only some of the entries */
};

/* What a server says about itself in a snapshot. Times in microseconds by the server's clock, INT64_MIN: unknown. */
struct counter_era {
    int64_t taken_at_us;         /* time of the snapshot */
    int64_t statistics_since_us; /* last reset of all entries */
    int64_t server_since_us;     /* start of its process */
    bool is_partial;             /* the snapshot did not show every entry */
    int64_t layout;              /* what the server's entries are; another one counts other executions */
};

/* `last` NULL: there was no snapshot before. */
enum counter_continuity counter_continuity_of(const struct counter_era *last, const struct counter_era *now);

/* Growth of one entry, in its counters (facts/sums.h) and total_ms. `before` NULL: the last snapshot did not have it.
 * `entry_since_us`: when the entry was made, INT64_MIN: the server does not say. False: it did not grow, and
 * *out_growth is all zeros. */
bool counter_growth(enum counter_continuity continuity, const struct sums *before, const struct sums *now,
                    int64_t entry_since_us, int64_t last_taken_at_us, struct sums *out_growth);

/* Of an entry that grew: whether all of it is growth (rules 2 to 4), or the difference to `before` (rule 5). */
bool counter_is_whole(enum counter_continuity continuity, const struct sums *before, const struct sums *now,
                      int64_t entry_since_us, int64_t last_taken_at_us);

/* Growth over a long pause (a collector that stood still, a database that was away) must not stand in one bucket. It is
 * spread over so many pieces, of equal length up to now. A pause shorter than three times COUNTER_PIECE_S is one piece.
 */
enum { COUNTER_PIECE_S = 300, COUNTER_PIECES_MAX = 24 };
int counter_piece_count(int64_t last_taken_at_us, int64_t taken_at_us);
/* The share of piece `index` of `count`. The shares of all pieces add up to `growth` exactly. */
struct sums counter_piece(const struct sums *growth, int index, int count);

#endif
