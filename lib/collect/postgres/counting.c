/* Settings and versions with which PostgreSQL counts nothing, or some executions twice; see postgres.h. */
#include "collect/postgres/postgres.h"

enum { VERSION_14 = 140000, STATEMENTS_1_9 = 109 };

/* A row holds where all that it names is so. The first one that holds is told. */
static const struct {
    const char *track, *query_ids; /* NULL: any */
    int extension_below;           /* 0: any */
    int server_from, server_below; /* 0: any */
    struct postgres_counting_fault fault;
} faults[] = {
    {.track = "none",
     .fault = {true, "pg_stat_statements is loaded but counts nothing.",
               "ALTER SYSTEM SET pg_stat_statements.track = 'top'; SELECT pg_reload_conf();"}},
    {.query_ids = "off",
     .fault = {true,
               "compute_query_id is off: PostgreSQL does not tell statements apart, so pg_stat_statements counts "
               "nothing.",
               "ALTER SYSTEM SET compute_query_id = 'auto'; SELECT pg_reload_conf();"}},
    {.extension_below = STATEMENTS_1_9,
     .server_from = VERSION_14,
     .fault = {false,
               "pg_stat_statements is older than its server: it does not tell which statements ran within functions, "
               "so their time may be counted twice.",
               "In this database: ALTER EXTENSION pg_stat_statements UPDATE;"}},
    {.track = "all",
     .server_below = VERSION_14,
     .fault = {false,
               "PostgreSQL 13 counts statements within functions beside the call that has their time already "
               "(pg_stat_statements.track = all).",
               "ALTER SYSTEM SET pg_stat_statements.track = 'top'; SELECT pg_reload_conf(); or upgrade: from 14 on "
               "PostgreSQL tells them apart."}},
};

static bool is_setting(struct text setting, const char *wanted)
{
    return wanted == NULL || text_equal(setting, text_of(wanted));
}

const struct postgres_counting_fault *collect_postgres_counting_fault(int server_version, struct text extension,
                                                                      struct text track, struct text query_ids)
{
    int version = collect_postgres_statements_version(extension);

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (is_setting(track, faults[i].track) && is_setting(query_ids, faults[i].query_ids) &&
            (faults[i].extension_below == 0 || version < faults[i].extension_below) &&
            server_version >= faults[i].server_from &&
            (faults[i].server_below == 0 || server_version < faults[i].server_below))
            return &faults[i].fault;
    return NULL;
}
