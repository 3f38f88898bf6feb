/* Snapshots of a server's cumulative statistics, whatever the engine: what grew since the last one, the baselines for
 * the next one, and a fingerprint for each entry. growth.h has the rules of counting.
 *
 * What a snapshot costs the server is kept small: its numbers are read without the texts of statements. Texts are asked
 * for only of entries that the last snapshot did not have. */
#ifndef POTTO_COLLECT_COUNTERS_H
#define POTTO_COLLECT_COUNTERS_H

#include "collect/cycle.h"
#include "collect/growth.h"
#include "facts/growth.h"

/* One entry of the statistics. The engine fills in the first part. */
struct counter_entry {
    struct text key;                 /* the engine's identity of the entry */
    struct text statement_id;        /* how the engine finds its text, and its sessions */
    struct sums totals;              /* counters (facts/sums.h) and total_ms; 0 where the engine has no such counter */
    int64_t since_us;                /* when the entry was made; INT64_MIN: unknown */
    const struct measures *measures; /* totals, too; NULL: the engine knows none */

    const struct counter_baseline *before; /* NULL: not in the last snapshot */
    struct sql_hash hash;
    bool is_known;                        /* `hash` is that of its statement */
    bool was_pending;                     /* the last snapshot had it without its text */
    bool is_gone;                         /* evicted between reading its numbers and its text */
    bool has_no_text;                     /* the server has the entry and not its text */
    const struct counter_baseline *keeps; /* whose numbers its baseline is to have; NULL: its own */
};

struct counter_snapshot {
    struct counter_entry *entries; /* ascending by key after counters_sort() */
    size_t count;
    int64_t hidden;   /* entries of other users that may not be seen */
    double hidden_ms; /* their time */
    uint64_t silent;  /* measures that the server's settings keep from growing, as measures_growth() takes them */
    struct counter_era era;
};

enum { COUNTER_TEXTS_AT_ONCE = 200 };

/* Growth that waits for a text stands in one bucket when it comes, as growth over a pause so long does. */
enum { COUNTER_PENDING_S_MAX = 3 * COUNTER_PIECE_S };

/* Ask for the texts of up to COUNTER_TEXTS_AT_ONCE entries, and give each to counters_name(). STATUS_ABSENT: the server
 * cannot read its texts. Entries without one are pending: their baselines stay as they are, so that all that they have
 * grown by counts once their text is known. Until then it is a gap of coverage, which closes then. Where some have been
 * pending for COUNTER_PENDING_S_MAX, all those that still are begin anew, and what they have grown by stays a gap. */
typedef enum status counter_texts_reader(struct collect_cycle *cycle, struct counter_snapshot *snapshot,
                                         const struct counter_entry *const *entries, size_t count);

void counters_sort(struct counter_snapshot *snapshot);

/* The text of the entry with `key`; a key that the snapshot does not have is passed over. `sql.data` NULL: it has none.
 */
void counters_name(struct collect_cycle *cycle, struct counter_snapshot *snapshot, struct text key, struct text sql);

/* From a sorted snapshot to growth, changes of baselines, new statements and candidates for plans, all in
 * cycle->result. Errors: those of read_texts but STATUS_ABSENT; the result holds no growth and no baselines then. */
enum status counters_collect(struct collect_cycle *cycle, struct counter_snapshot *snapshot,
                             counter_texts_reader *read_texts);

/* The two parts of it, for an engine that has its word on the names: fingerprints of the entries, then all else.
 * Between them an entry may get the fingerprint of another statement (unless Potto's own one has it). */
enum status counters_name_all(struct collect_cycle *cycle, struct counter_snapshot *snapshot,
                              counter_texts_reader *read_texts);
void counters_count(struct collect_cycle *cycle, struct counter_snapshot *snapshot);
void counters_rename(struct counter_snapshot *snapshot, struct text key, struct sql_hash hash);
/* Whether its statement is known, and none of Potto's own. */
bool counters_is_named(const struct counter_entry *entry);

/* Entries of one key become one, whose totals are their sums. The snapshot is sorted. Memory: `arena`. */
void counters_add_up(struct counter_snapshot *snapshot, struct arena *arena);

/* The entry of a statement, if it is counted; NULL: there is none. */
const struct counter_entry *counters_find(const struct counter_snapshot *snapshot, struct text statement_id);

#endif
