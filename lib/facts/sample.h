/* A sample: one execution of a statement that somebody saw. The agent's message, a collection cycle and the store share
 * this shape. Pure. */
#ifndef POTTO_FACTS_SAMPLE_H
#define POTTO_FACTS_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "sql/statement.h"

/* Who saw it. The numbers are those of slow_queries_raw.provenance. */
enum sample_provenance {
    SAMPLE_PROVENANCE_UNSET = 0,
    SAMPLE_PROVENANCE_AGENT = 1,
    SAMPLE_PROVENANCE_SLOW_LOG = 2,
    SAMPLE_PROVENANCE_ACTIVE_SESSION = 3,
    SAMPLE_PROVENANCE_LEGACY = 4,
};

/* As in the API: "agent", "slow_log", "active_session", "legacy"; "unknown" for any other number. */
const char *sample_provenance_name(enum sample_provenance provenance);
/* As a page says it: "seen running". */
const char *sample_provenance_label(enum sample_provenance provenance);

/* Texts are valid UTF-8 without NUL, and belong to whoever made the sample. */
struct sample_fact {
    int64_t captured_at_us; /* start of the execution; year 1 to 9999 */
    struct text full_sql;   /* data NULL: unknown, or its literals are not kept */
    /* Straight from an agent's message only statement.text is set: the fingerprint that the agent made, data NULL where
     * it made none. Everywhere else it is what statement_fingerprint() gives. */
    struct sql_fingerprint statement;
    double duration_ms;                   /* finite, 0 or more; of a running execution: so far */
    int64_t rows_examined, rows_returned; /* -1: unknown */
    int64_t lock_us;                      /* of waiting for locks; -1: unknown */
    struct text user_host;                /* data NULL: unknown */
    struct text database_name;            /* data NULL: unknown, or the connection's own */
    struct text plan;                     /* a JSON object that jsonb takes; data NULL: none */
    struct sql_hash plan_hash;            /* of `plan`, or of a plan that is stored by itself */
    bool has_plan_hash;
    /* A statement with counters, whose server had not been asked for them when this execution ended: no growth has it.
     * It becomes growth (growth.h), or a bucket that has both would show the counters' executions alone. */
    bool is_uncounted;
};

/* What no honest database reaches: an execution of three years, a million rows a second for thirty years, a clock that
 * was never set. */
#define SAMPLE_DURATION_MS_MAX 1e11
#define SAMPLE_ROWS_MAX        INT64_C(1000000000000000)
#define SAMPLE_CAPTURED_US_MIN INT64_C(946684800000000) /* 2000-01-01 */

/* Whether a database can have run this. `captured_max_us`: a start after this time is none. */
bool sample_is_possible(const struct sample_fact *sample, int64_t captured_max_us);

/* Samples of one provenance. */
struct sample_facts {
    enum sample_provenance provenance;
    struct sample_fact *items;
    size_t count, capacity; /* grows by base/vector.h */
};

#endif
