/* Whether Potto can collect from a database: whether it can be reached, its version, what the user may do, and for what
 * is missing the SQL or the setting that helps. Reads nothing of the database's own data. */
#ifndef POTTO_COLLECT_PROBE_H
#define POTTO_COLLECT_PROBE_H

#include "target/target.h"

enum { PROBE_CHECKS_MAX = 8 };

struct probe_check {
    const char *name; /* "version", "statistics", … */
    bool is_ok;
    bool is_required;    /* false: Potto works without it, and shows less */
    const char *problem; /* a sentence; "" when is_ok */
    const char *remedy;  /* SQL to run, a setting to change; "" when is_ok */
};

struct probe_result {
    bool is_reachable;                          /* connected, signed in and asked */
    const char *problem, *remedy;               /* "" when is_reachable */
    double latency_ms;                          /* of one statement, once connected */
    struct text server_version, user, database; /* data NULL: did not get that far */
    struct probe_check checks[PROBE_CHECKS_MAX];
    int check_count;
};

/* `min_duration_ms`: from which duration on the connection wants to see statements. Texts live in `arena`, or are
 * constants. */
void collect_probe(const struct target_options *options, double min_duration_ms, struct arena *arena,
                   struct probe_result *out_result);

#endif
