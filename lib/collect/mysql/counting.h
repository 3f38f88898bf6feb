/* Tables of digests (performance_schema.events_statements_summary_by_digest) by the server's version, and what keeps a
 * server from filling them: for the cycle (counters.c) and the connection test (probe.c). */
#ifndef POTTO_COLLECT_MYSQL_COUNTING_H
#define POTTO_COLLECT_MYSQL_COUNTING_H

#include "target/target.h"

#define MYSQL_DIGESTS "performance_schema.events_statements_summary_by_digest"
/* An entry is a digest within a schema. NULL: the one of statements that found no place. */
#define MYSQL_DIGEST_KEY "LEFT(SHA2(CONCAT(COALESCE(SCHEMA_NAME, ''), '/', DIGEST), 256), 32)"
/* `sample`: the statement itself, NULL where there is none. */
#define MYSQL_TEXTS_SQL(sample)                                                                                        \
    "SELECT /* potto */ " MYSQL_DIGEST_KEY " AS potto, " sample ", LEFT(DIGEST_TEXT, 100000) FROM " MYSQL_DIGESTS

struct mysql_digest_layout {
    bool is_mariadb;
    int version_min; /* as target_version_number() has it */
    struct target_statement about;
    const char *texts_sql; /* key, sample, text of the digest; without a condition */
};

/* NULL: the server is older than all that are known. */
const struct mysql_digest_layout *mysql_digest_layout_of(const struct target *target);

/* The answer to a layout's `about`, which anybody may ask. */
struct mysql_about {
    bool is_on;
    int64_t digests_size, digest_bytes_max;
    double uptime_s; /* below 0: unknown */
};
struct mysql_about mysql_about_read(const struct target_rows *rows);

/* Whether consumers and instruments of performance_schema are on; it takes the right to read it. */
extern const struct target_statement mysql_switches_statement;

/* Why only statements in the slow log are counted. */
struct mysql_counting_fault {
    const char *problem, *remedy;
};
/* NULL: nothing is wrong. `about` counts where there is a layout. */
const struct mysql_counting_fault *mysql_counting_fault_of(const struct mysql_digest_layout *layout,
                                                           const struct mysql_about *about);
const struct mysql_counting_fault *mysql_switches_fault_of(const struct target_rows *switches);
struct mysql_counting_fault mysql_no_right(const char *account, struct arena *arena);

#endif
