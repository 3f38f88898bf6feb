/* Growth of a server's cumulative statistics, and the baselines that it is measured against. Pure. */
#ifndef POTTO_FACTS_GROWTH_H
#define POTTO_FACTS_GROWTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "facts/measures.h"
#include "facts/sample.h"
#include "facts/sums.h"
#include "sql/sql_hash.h"

/* What one statement's counters gained, in one bucket of five minutes. */
struct growth_fact {
    struct sql_hash hash; /* of the statement's fingerprint */
    int64_t at_us;        /* any time in the bucket, by Potto's clock */
    struct sums sums;     /* max_ms: the longest execution, if it raised the server's own maximum; else 0, unknown */
    const struct measures *measures; /* NULL: none are known */
};

struct growth_facts {
    struct growth_fact *items;
    size_t count;
};

/* One execution as growth. */
struct growth_fact growth_of_sample(const struct sample_fact *sample);

/* What no server gains in a second in all of its statements together: so many of any counter, and so many milliseconds
 * of time. measure_a_second_max() has those of measures. Growth within less than GROWTH_ELAPSED_S_MIN is measured as if
 * it took that long. */
#define GROWTH_A_SECOND_MAX 1e9
enum { GROWTH_ELAPSED_S_MIN = 10 };

/* Whether a server can have gained all of this within `elapsed_us`. False also for what is below zero or not a number.
 */
bool growth_is_possible(const struct growth_facts *growth, int64_t elapsed_us);

/* Move times that lie outside [from_us, to_us] to its end. Growth happened between two looks at the server, whatever
 * the server's clock says. */
void growth_move_within(struct growth_facts *growth, int64_t from_us, int64_t to_us);

/* The total of a counter that the last snapshot did not read, since it was added to Potto later. */
enum { COUNTER_UNREAD = -1 };
/* The same of totals.max_ms: more than any execution takes, so that none seems to raise it. */
#define COUNTER_MAX_UNREAD_MS 1e300

/* One entry of a server's statistics as the last snapshot showed it. */
struct counter_baseline {
    struct text key;      /* the engine's identity of the entry: "userid/dbid/queryid" */
    struct sql_hash hash; /* of its statement's fingerprint. All zeros: Potto's own statement, never counted */
    struct sums totals; /* since the server began to count; counters may be COUNTER_UNREAD, max_ms …_MAX_UNREAD_MS */
    const struct measures *measures; /* totals, too; NULL: none were known */
};

struct baseline_list {
    struct counter_baseline *items; /* ascending by the bytes of `key` */
    size_t count;
    int64_t stored_at_us; /* when the store last wrote one of them; INT64_MIN: never, or not known here */
};

/* What a snapshot changes in the baselines of a connection. */
struct baseline_changes {
    struct baseline_list written; /* new entries, and those whose totals changed */
    struct text *gone_keys;       /* entries that the server has evicted */
    size_t gone_count;
};

#endif
