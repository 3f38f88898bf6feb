/* Between collect.c and the engines, one file each. */
#ifndef POTTO_COLLECT_COLLECT_INTERNAL_H
#define POTTO_COLLECT_COLLECT_INTERNAL_H

#include <json-c/json.h>

#include "collect/collect.h"

struct cycle {
    const struct collect_input *input;
    struct collect_result *result;
    struct target *target;
    struct arena *arena;
    struct json_object *cursor; /* of the last cycle, an object; changed in place into the next one */
    struct target_problem failure;
    size_t sample_capacity;
    /* EXPLAIN: what may be explained, heaviest first once sorted. */
    struct plan_candidate *candidates;
    size_t candidate_count, candidate_capacity;
    int64_t plan_started_us;
};

/* A text that may be explained for a fingerprint. */
struct plan_candidate {
    struct sql_hash hash;
    struct text sql;    /* data NULL: not read yet (queryid says where) */
    struct text key;    /* of the entry, data NULL: from a sample */
    struct text schema; /* database to explain in (MySQL); data NULL: the connection's */
    double weight_ms;
    bool is_normalized; /* $n for literals */
};

void collect_postgres(struct cycle *cycle);
void collect_mysql(struct cycle *cycle);

/* 'monitor'@'%' as GRANT wants it, out of CURRENT_USER()'s monitor@%. */
const char *collect_mysql_account(struct text user, struct arena *arena);
/* `name` in backticks, those within it doubled. */
const char *collect_mysql_quote(struct text name, struct arena *arena);

/* Run a statement; its failure goes to cycle->failure. Bounds: 64 MB. */
enum status cycle_run(struct cycle *cycle, const char *sql, const struct text *params, int param_count,
                      struct target_rows *out_rows);

/* The cycle failed, with cycle->failure as problem and remedy. */
void cycle_fail(struct cycle *cycle);
/* Say what is wrong; the first warning of a cycle stays, a failure replaces it. */
void cycle_tell(struct cycle *cycle, enum collect_state state, const char *problem, const char *remedy);

/* A hint while all is well: the state stays. */
void cycle_hint(struct cycle *cycle, const char *problem, const char *remedy);

/* Room for one more sample. */
struct collect_sample *cycle_add_sample(struct cycle *cycle);

int64_t cycle_cursor_int64(const struct cycle *cycle, const char *key);     /* INT64_MIN: none */
void cycle_cursor_set(struct cycle *cycle, const char *key, int64_t value); /* INT64_MIN removes it */

/* EXPLAIN, shared by the engines (explain.c). A missing grant may come any minute. */
enum { EXPLAIN_DENIED_PAUSE_S = 60 };

void explain_offer(struct cycle *cycle, const struct plan_candidate *candidate);
/* Sorts, drops what has a recent plan or was refused within the pause, keeps COLLECT_PLANS_MAX. */
void explain_choose(struct cycle *cycle);
bool explain_has_time(const struct cycle *cycle);
void explain_keep(struct cycle *cycle, const struct plan_candidate *candidate, struct text json,
                  const char *provenance);
/* Not again for `pause_s`. */
void explain_refused(struct cycle *cycle, const struct plan_candidate *candidate, int pause_s);
/* The user may not read the tables: whether that was so at the last try, of late. */
void explain_set_denied(struct cycle *cycle, bool is_denied);
bool explain_is_denied(const struct cycle *cycle);

#endif
