/* PostgreSQL 13 to 18: growth of pg_stat_statements, active sessions as samples, plans by EXPLAIN. */
#ifndef POTTO_COLLECT_POSTGRES_POSTGRES_H
#define POTTO_COLLECT_POSTGRES_POSTGRES_H

#include "collect/counters.h"
#include "collect/cycle.h"

struct probe;
struct waits_look;

void collect_postgres(struct collect_cycle *cycle);         /* for collect_engine_of() */
bool collect_postgres_probe(struct probe *probe);           /* the same */
enum status collect_postgres_look(struct waits_look *look); /* the same */

/* pg_stat_statements of less is not read: 1.8, of PostgreSQL 13. */
enum { POSTGRES_STATEMENTS_VERSION_MIN = 108 };
/* 108 for "1.8"; 0: not a version. */
int collect_postgres_statements_version(struct text version);

/* Of a name, quoted or not: 63 bytes are PostgreSQL's own limit. */
enum { POSTGRES_NAME_BYTES_MAX = 256 };

/* What a database says of itself. Texts end with NUL. */
struct postgres_about {
    struct text extension; /* version of pg_stat_statements; data NULL: not installed */
    struct text schema;    /* of the extension, quoted */
    struct text user, quoted_user, database;
    bool has_schema;              /* the user may use it */
    bool reads_all;               /* the user sees everybody's statements */
    struct text track, query_ids; /* pg_stat_statements.track, compute_query_id; data NULL: there is none */
    bool is_superuser;
    bool forbids_plans; /* potto.plans = off, for the user or the database: its tables are not Potto's business */
    int64_t server_since_us;
    int64_t activity_bytes; /* texts of sessions are cut to this */
    int64_t block_bytes;
    bool tracks_planning, tracks_io_timing; /* pg_stat_statements.track_planning, track_io_timing */
};

/* What is wrong with how a server counts. */
struct postgres_counting_fault {
    bool counts_nothing; /* false: it counts some executions twice */
    const char *problem, *remedy;
};
/* NULL: it counts as it should. `server_version` as target_version_number() has it. */
const struct postgres_counting_fault *collect_postgres_counting_fault(int server_version, struct text extension,
                                                                      struct text track, struct text query_ids);

/* Microseconds of a timestamp, in SQL. */
#define EPOCH_US(expression) "(extract(epoch FROM " expression ") * 1000000)::bigint"

/* The statistics. A problem with them is told, and the cycle goes on. False: it cannot. *out_snapshot is empty where
 * there are none. */
bool collect_postgres_counters(struct collect_cycle *cycle, const struct postgres_about *about,
                               struct counter_snapshot *out_snapshot);

/* How much of the database's time the counters have. Where they cannot be read, the snapshot is empty. False: the
 * cycle cannot go on. */
bool collect_postgres_coverage(struct collect_cycle *cycle, const struct postgres_about *about,
                               const struct counter_snapshot *snapshot);

/* What runs now, as samples. The snapshot names statements whose texts the server has cut. */
enum status collect_postgres_sessions(struct collect_cycle *cycle, const struct postgres_about *about,
                                      const struct counter_snapshot *snapshot);

/* Plans for the heaviest of what was offered. */
void collect_postgres_plans(struct collect_cycle *cycle, const struct postgres_about *about);

#endif
