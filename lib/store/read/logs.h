/* Log files that collectors follow, and the deadlocks that they told. Everything returned lives in `arena`. Errors:
 * STATUS_UNAVAILABLE when the store is away. */
#ifndef POTTO_STORE_READ_LOGS_H
#define POTTO_STORE_READ_LOGS_H

#include "sql/sql_hash.h"
#include "store/read/period.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

enum { DEADLOCK_LIST_MAX = 500, LOG_FILE_LIST_MAX = 100 };

struct log_file_row {
    struct text name;            /* without its directory, which is the operator's concern; may be a pattern */
    struct text format, state;   /* format data NULL: not read yet */
    struct text problem, remedy; /* data NULL: none */
    bool is_followed;            /* somebody looked within the last minutes */
    int64_t looked_at_us, read_at_us, last_event_us; /* INT64_MIN: never */
    int64_t unread_bytes;
    double lag_s; /* the age of what is not read; 0: all is read */
    int64_t file_count;
    /* Since it is followed; see log_files. */
    int64_t bytes, entries, executions, samples, plans, deadlocks, elsewhere, timeless, foreign_lines, unread_entries,
        skipped_bytes;
};

/* Of the connections in `scope`, which is of one. SQL: sql/log_file_list.sql */
enum status store_log_file_list(struct store *store, const struct scope *scope, struct arena *arena,
                                struct log_file_row **out_rows, size_t *out_count, struct error *error);

struct deadlock_member {
    int64_t process, blocked_by; /* blocked_by 0: not told */
    struct text wait;            /* data NULL: not told */
    bool has_statement;
    struct sql_hash hash;
    struct text fingerprint; /* data NULL: not known any more */
};

struct deadlock_row {
    int64_t noticed_at_us, digest;
    int64_t victim;                          /* 0: not told */
    struct text user, database, application; /* the victim's; data NULL: not told */
    struct deadlock_member *members;
    size_t member_count;
};

struct deadlock_list {
    struct deadlock_row *items; /* newest first */
    size_t count;
    int64_t total; /* in the period */
};

/* Of the connections in `scope`, which is of one, at most `max`. SQL: sql/deadlock_list.sql */
enum status store_deadlock_list(struct store *store, const struct scope *scope, const struct period *period, int max,
                                struct arena *arena, struct deadlock_list *out_list, struct error *error);

#endif
