/* How much cumulative statistics grew between two looks: a pure function, so that its rules can be read,
 * argued about and held by golden cases (tests/unit/test_collect_growth.c).
 *
 * A server keeps, for each statement, totals since some moment in the past. What may be counted is what
 * happened since our last look, and nothing else: never negative, never a spike, nothing twice.
 *
 *  1. First look at a server (no look before, or another server answers at the address: its statistics or
 *     its process began before our last look and yet are not the ones we looked at): everything becomes a
 *     baseline, nothing is growth.
 *  2. The statistics as a whole began after our last look (pg_stat_statements_reset(), a crash that lost
 *     them): what they hold happened since, so all of it is growth.
 *  3. An entry that the last look did not have is younger than that look, since a look sees every entry: all
 *     of it is growth. Also one that was evicted, looked past, and made again. (Where the last look did not
 *     see every entry, for lack of a grant, an entry new to us is growth only if it says it began after.)
 *  4. An entry that counts less than it did (in any of its totals: all only ever grow) or that says it began
 *     after our last look was made anew in between: all of it is growth. What its older self gained before
 *     it went cannot be known, and is not made up.
 *  5. Any other entry: the difference. An entry evicted and made again that has passed its older totals by
 *     our next look gives less than the truth, never more. */
#ifndef POTTO_COLLECT_GROWTH_H
#define POTTO_COLLECT_GROWTH_H

#include <stdbool.h>
#include <stdint.h>

struct counter_totals {
    int64_t calls;
    double total_ms;
    int64_t rows, blocks_hit, blocks_read;
};

/* How this look relates to the last one, for all entries. */
enum counter_continuity {
    COUNTER_CONTINUITY_UNSET,
    COUNTER_FIRST_LOOK,        /* rule 1 */
    COUNTER_RESET,             /* rule 2 */
    COUNTER_CONTINUED,         /* rules 3 to 5 */
    COUNTER_CONTINUED_IN_PART, /* the same, and the last look saw only some of the entries */
};

/* What a server says about itself at a look; times in microseconds by the server's clock, INT64_MIN: unknown. */
struct counter_era {
    int64_t looked_at_us;
    int64_t statistics_since_us; /* last reset of all entries */
    int64_t server_since_us;     /* start of its process */
    bool is_partial;             /* entries were hidden from the look */
};

/* `last` NULL: there was no look before. */
enum counter_continuity counter_continuity_of(const struct counter_era *last, const struct counter_era *now);

/* Growth of one entry. `before` NULL: the last look did not have it. `entry_since_us`: when the entry was made,
 * INT64_MIN: the server does not say. False: no growth; *out_growth is then all zero. */
bool counter_growth(enum counter_continuity continuity, const struct counter_totals *before,
                    const struct counter_totals *now, int64_t entry_since_us, int64_t last_looked_at_us,
                    struct counter_totals *out_growth);

/* Growth over a long pause (a stopped collector, a database that was away) must not stand in one bucket: in
 * how many pieces, of equal length up to now, it is spread. Up to twice COUNTER_PIECE_S: one piece. */
enum { COUNTER_PIECE_S = 300, COUNTER_PIECES_MAX = 24 };
int counter_piece_count(int64_t last_looked_at_us, int64_t looked_at_us);
/* The share of piece `index` of `count`; the shares of all pieces add up to `growth` exactly. */
struct counter_totals counter_piece(const struct counter_totals *growth, int index, int count);

#endif
