/* See coverage_words.h. */
#include "fcgi/coverage_words.h"

static const struct {
    const char *words, *postgresql, *mysql; /* remedies */
} gaps[COVERAGE_GAP_COUNT] = {
    [COVERAGE_RUNNING] = {"is of statements that still run", "", ""},
    [COVERAGE_OWN] = {"is of Potto's own statements", "", ""},
    [COVERAGE_EVICTED] = {"is of statements that the server forgot for lack of room",
                          "Raise pg_stat_statements.max (it takes a restart).",
                          "Raise performance_schema_digests_size (it takes a restart)."},
    [COVERAGE_NO_RIGHT] = {"is of other users, whose statements Potto may not read",
                           "Grant pg_monitor to the connection's user.",
                           "Grant SELECT on performance_schema to the connection's user."},
    [COVERAGE_TEXT_MISSING] = {"is of statements whose text the server cannot give",
                               "SELECT pg_stat_statements_reset(); makes their texts anew.", ""},
    [COVERAGE_BEYOND_BOUND] = {"is of new statements with more text than Potto reads at once", "", ""},
    [COVERAGE_NOT_COUNTED] = {"is of statements that the server does not count",
                              "Load and create pg_stat_statements, with pg_stat_statements.track = 'top' and "
                              "compute_query_id = 'auto'.",
                              "Switch performance_schema on, or lower long_query_time."},
    [COVERAGE_RESET] = {"was lost when somebody reset the statistics", "", ""},
};

const char *coverage_gap_words(enum coverage_gap gap)
{
    return gaps[gap].words;
}

const char *coverage_gap_remedy(enum coverage_gap gap, struct text engine)
{
    return text_equal(engine, TEXT("postgresql")) ? gaps[gap].postgresql : gaps[gap].mysql;
}

const char *coverage_unknown_words(enum coverage_basis basis)
{
    return basis == COVERAGE_BASIS_ACTIVE_TIME
               ? "is unknown: the server counts parsing, planning, committing and sending for no statement"
               : "is unknown";
}

const char *coverage_none_words(const struct coverage_fact *fact)
{
    if (fact->first_looks > 0 && fact->covered_us == 0)
        return "How much of the time Potto attributes is unknown: it has looked once, and there is nothing to compare "
               "to.";
    if (fact->basis == COVERAGE_BASIS_UNKNOWN)
        return "How much of the time Potto attributes is unknown: the server does not say how long its statements "
               "took.";
    return "No statement took time.";
}
