/* One interface over everything that can be asked: a monitored database of any engine. One source is one
 * connection to it, used by one thread, never more than one for a database.
 *
 * A database that we watch must not be hurt: sessions are read-only and carry server-side statement and lock
 * timeouts from the moment they connect, and time spent in them is measured (source_spent_us).
 *
 * What goes wrong is told as struct source_problem: what is wrong and what to do, in words for the person
 * who owns the database. A password never appears in either. */
#ifndef POTTO_SOURCE_SOURCE_H
#define POTTO_SOURCE_SOURCE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum source_trouble {
    SOURCE_TROUBLE_UNSET,
    SOURCE_TROUBLE_HOST,       /* its name is not known */
    SOURCE_TROUBLE_REFUSED,    /* nothing listens there */
    SOURCE_TROUBLE_NETWORK,    /* no way there, or cut off while connecting */
    SOURCE_TROUBLE_TIMEOUT,    /* no answer in time */
    SOURCE_TROUBLE_PASSWORD,   /* user or password not taken */
    SOURCE_TROUBLE_DATABASE,   /* no such database */
    SOURCE_TROUBLE_TLS,        /* encryption refused, missing, or its certificate not trusted */
    SOURCE_TROUBLE_FULL,       /* no connection left */
    SOURCE_TROUBLE_STARTING,   /* starting up or shutting down */
    SOURCE_TROUBLE_PERMISSION, /* connected, but not allowed to read this */
    SOURCE_TROUBLE_LOST,       /* the connection broke */
    SOURCE_TROUBLE_STATEMENT,  /* any other refusal of a statement */
    SOURCE_TROUBLE_STOPPED,    /* we were told to stop */
    SOURCE_TROUBLE_SETTING,    /* what was configured cannot work: no host, unknown engine */
};

/* Zero-initialise. */
struct source_problem {
    enum source_trouble trouble;
    char code[8];      /* SQLSTATE of PostgreSQL, error number of MySQL; "" if none */
    char problem[320]; /* a sentence: what is wrong */
    char remedy[800];  /* what to do: settings, SQL to run; may be "" */
    char detail[320];  /* the server's or library's own words, for the log */
};

struct source_options {
    const char *engine;   /* "postgresql", "mysql" (MariaDB too) */
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
    const atomic_bool *should_stop; /* when it becomes true, waiting ends with SOURCE_TROUBLE_STOPPED; NULL: never */
};

struct source;

/* Connect, and make the session read-only and bounded. STATUS_UNAVAILABLE, STATUS_TIMEOUT or STATUS_INVALID
 * (options), with *out_problem filled. `options` must outlive the source. */
enum status source_open(const struct source_options *options, struct source **out_source,
                        struct source_problem *out_problem);
void source_close(struct source *source); /* NULL is fine */

/* A result as text, every cell a struct text (data NULL: NULL). Bytes as the server sent them: for MySQL
 * they may be no UTF-8. Cells live in the arena. */
struct source_rows {
    const struct text *cells; /* row by row */
    int row_count, column_count;
    bool is_cut; /* source_run_first: there were more */
};
struct text source_cell(const struct source_rows *rows, int row, int column);
int64_t source_int64(const struct source_rows *rows, int row, int column); /* 0 for NULL and what is no number */
double source_double(const struct source_rows *rows, int row, int column); /* the same */
bool source_is_true(const struct source_rows *rows, int row, int column);  /* t, true, 1, on, yes */

/* Run one statement. Placeholders are the engine's ($1 or ?), bound as text, data NULL: NULL; `param_count`
 * may be 0. A result larger than `max_bytes` ends with STATUS_TOO_LARGE. After SOURCE_TROUBLE_LOST, TIMEOUT
 * or STOPPED the source only wants to be closed.
 * Errors: STATUS_UNAVAILABLE, STATUS_TIMEOUT, STATUS_FORBIDDEN (permission), STATUS_INVALID (statement),
 * STATUS_TOO_LARGE. */
enum status source_run(struct source *source, const char *sql, const struct text *params, int param_count,
                       size_t max_bytes, struct arena *arena, struct source_rows *out_rows,
                       struct source_problem *out_problem);

/* The same, but of a result larger than `max_bytes` the rows that come first, as many as fit. The other kinds than
 * MySQL refuse it all the same. */
enum status source_run_first(struct source *source, const char *sql, const struct text *params, int param_count,
                             size_t max_bytes, struct arena *arena, struct source_rows *out_rows,
                             struct source_problem *out_problem);

bool source_is_usable(const struct source *source); /* false once the connection is gone */
/* As the server says it: "15.4 (Debian …)", "10.11.6-MariaDB". Lives as long as the source. */
const char *source_server_version(const struct source *source);
/* PostgreSQL: 150004; MySQL: 80036; MariaDB: 101106. */
int source_version_number(const struct source *source);
bool source_is_mariadb(const struct source *source);

/* Time in which we waited for the server's answers since source_open, connecting included, and how many. */
int64_t source_spent_us(const struct source *source);
int source_statement_count(const struct source *source);

#endif
