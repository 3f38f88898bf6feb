/* Coverage of a cycle: the server's own totals beside what its statements' counters gave. Each engine reads its totals;
 * their growth since the last cycle is the whole, of which attributed time and the gaps are parts (facts/coverage.h).
 *
 * A statement's time gets into a server's totals when it ends. So that one which runs for hours does not seem to take
 * no time, what statements that run now have taken so far is a total as well: it grows while they run, and falls when
 * they end and the server counts them. */
#ifndef POTTO_COLLECT_COVERAGE_H
#define POTTO_COLLECT_COVERAGE_H

#include "collect/growth.h"
#include "facts/coverage.h"

struct collect_cycle;

/* What the counters of a cycle added up to (collect/counters.h). */
struct coverage_counters {
    enum counter_continuity continuity; /* COUNTER_CONTINUITY_UNSET: there were none */
    double attributed_ms;
    int64_t attributed_calls;
    double gaps_ms[COVERAGE_GAP_COUNT];
    double late_ms;   /* of attributed_ms, what was a gap in earlier cycles, for lack of a text, or came since */
    bool lacks_texts; /* the server cannot read its texts */
    /* To estimate what was evicted: statements that were not there before, and those that are gone. */
    double new_ms;
    int64_t new_calls;
    int64_t entry_count, gone_count;
};

/* What a server says of all its statements, since it began to count. INT64_MIN: it does not tell. */
struct coverage_totals {
    enum coverage_basis basis;
    int64_t taken_at_us;     /* by the server's clock */
    int64_t server_since_us; /* another time means other totals */
    int64_t busy_us;         /* that sessions were at work, until their last statement that ended */
    int64_t running_us;      /* that statements which run now have taken */
    int64_t hidden_us;       /* of statements that may not be read */
    int64_t calls;
    int64_t evictions;      /* how often it made room */
    int64_t eviction_count; /* entries that it evicts each time; 0: unknown */
    int64_t entries_max;    /* that it has room for, of all databases */
    bool counts_nothing;
};

/* Set facts.coverage from the growth of the totals since the last cycle, and keep them for the next one. */
void coverage_collect(struct collect_cycle *cycle, const struct coverage_totals *now);

#endif
