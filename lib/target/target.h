/* One interface over everything that can be asked: a monitored database of any engine. One target is one
 * connection to it, used by one thread, never more than one for a database.
 *
 * A database that we watch must not be hurt: sessions are read-only and carry server-side statement and lock
 * timeouts from the moment they connect, and time spent in them is measured (target_spent_us).
 *
 * What goes wrong is told as struct target_problem: what is wrong and what to do, in words for the person
 * who owns the database. A password never appears in either. */
#ifndef POTTO_TARGET_TARGET_H
#define POTTO_TARGET_TARGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum target_failure {
    TARGET_FAILURE_UNSET,
    TARGET_FAILURE_HOST,       /* its name is not known */
    TARGET_FAILURE_REFUSED,    /* nothing listens there */
    TARGET_FAILURE_NETWORK,    /* no way there, or cut off while connecting */
    TARGET_FAILURE_TIMEOUT,    /* no answer in time */
    TARGET_FAILURE_PASSWORD,   /* user or password not taken */
    TARGET_FAILURE_DATABASE,   /* no such database */
    TARGET_FAILURE_TLS,        /* encryption refused, missing, or its certificate not trusted */
    TARGET_FAILURE_FULL,       /* no connection left */
    TARGET_FAILURE_STARTING,   /* starting up or shutting down */
    TARGET_FAILURE_PERMISSION, /* connected, but not allowed to read this */
    TARGET_FAILURE_LOST,       /* the connection broke */
    TARGET_FAILURE_STATEMENT,  /* any other refusal of a statement */
    TARGET_FAILURE_STOPPED,    /* we were told to stop */
    TARGET_FAILURE_SETTING,    /* what was configured cannot work: no host, unknown engine */
};

/* Zero-initialise. */
struct target_problem {
    enum target_failure failure;
    char code[8];      /* SQLSTATE of PostgreSQL, error number of MySQL; "" if none */
    char problem[320]; /* a sentence: what is wrong */
    char remedy[800];  /* what to do: settings, SQL to run; may be "" */
    char detail[320];  /* the server's or library's own words, for the log */
};

struct target_options {
    const char *engine;   /* its name (base/engine.h) */
    const char *host;     /* name, address, or the directory of a unix socket (starts with a slash) */
    int port;             /* 0: the engine's own */
    const char *database; /* NULL or "": the engine's default */
    const char *username;
    const char *password; /* NULL: none */
    const char *tls_mode; /* disable, prefer, require, verify-ca, verify-full */
    const char *ca_file;  /* certificates that are trusted; NULL: the system's */
    int connect_timeout_ms;
    int statement_timeout_ms; /* on the server; the client waits a second longer, then hangs up */
    int lock_timeout_ms;
    int64_t deadline_us;            /* of everything, clock_monotonic_us(); 0: none */
    const atomic_bool *should_stop; /* when it becomes true, waiting ends with TARGET_FAILURE_STOPPED; NULL: never */
};

struct target;

/* Connect, and make the session read-only and bounded. STATUS_UNAVAILABLE, STATUS_TIMEOUT or STATUS_INVALID
 * (options), with *out_problem filled. `options` must outlive the target. */
enum status target_open(const struct target_options *options, struct target **out_target,
                        struct target_problem *out_problem);
void target_close(struct target *target); /* NULL is fine */

/* A result as text, every cell a struct text (data NULL: NULL). Bytes as the server sent them: for MySQL
 * they may be no UTF-8. Cells live in the arena. */
struct target_rows {
    const struct text *cells; /* row by row */
    int row_count, column_count;
    bool is_cut; /* target_run_first: there were more */
};
struct text target_cell(const struct target_rows *rows, int row, int column);
int64_t target_int64(const struct target_rows *rows, int row, int column); /* 0 for NULL and what is no number */
double target_double(const struct target_rows *rows, int row, int column); /* the same */
bool target_is_true(const struct target_rows *rows, int row, int column);  /* t, true, 1, on, yes */

/* Run one statement. Placeholders are the engine's ($1 or ?), bound as text, data NULL: NULL; `param_count`
 * may be 0. A result larger than `max_bytes` ends with STATUS_TOO_LARGE. After TARGET_FAILURE_LOST, TIMEOUT
 * or STOPPED the target only wants to be closed.
 * Errors: STATUS_UNAVAILABLE, STATUS_TIMEOUT, STATUS_FORBIDDEN (permission), STATUS_INVALID (statement),
 * STATUS_TOO_LARGE. */
enum status target_run(struct target *target, const char *sql, const struct text *params, int param_count,
                       size_t max_bytes, struct arena *arena, struct target_rows *out_rows,
                       struct target_problem *out_problem);

/* The same, but of a result larger than `max_bytes` the rows that come first, as many as fit. The other kinds than
 * MySQL refuse it all the same. */
enum status target_run_first(struct target *target, const char *sql, const struct text *params, int param_count,
                             size_t max_bytes, struct arena *arena, struct target_rows *out_rows,
                             struct target_problem *out_problem);

bool target_is_usable(const struct target *target); /* false once the connection is gone */
/* As the server says it: "15.4 (Debian …)", "10.11.6-MariaDB". Lives as long as the target. */
const char *target_server_version(const struct target *target);
/* PostgreSQL: 150004; MySQL: 80036; MariaDB: 101106. */
int target_version_number(const struct target *target);

/* Time in which we waited for the server's answers since target_open, connecting included, and how many. */
int64_t target_spent_us(const struct target *target);
int target_statement_count(const struct target *target);

#endif
