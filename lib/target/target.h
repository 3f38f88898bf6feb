/* One interface to monitored databases of every engine. A target is one connection to a database, used by one
 * thread; a database never has more than one.
 *
 * Monitoring must not harm the database: sessions are read-only and have server-side statement and lock
 * timeouts from the moment they connect, and the time spent in them is measured (target_spent_us).
 *
 * Nothing that the server says is believed: an answer has the shape that its statement declares (shape.h), or it is
 * refused. A call ends at its deadline whatever the server sends or holds back, but for the look-up of the host's name.
 *
 * A failure fills struct target_problem: what is wrong and what to do, in words for the owner of the
 * database. A password never appears in either. */
#ifndef POTTO_TARGET_TARGET_H
#define POTTO_TARGET_TARGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "target/shape.h"

enum target_failure {
    TARGET_FAILURE_UNSET,
    TARGET_FAILURE_HOST,           /* the host name cannot be resolved */
    TARGET_FAILURE_REFUSED,        /* nothing listens at this address */
    TARGET_FAILURE_NETWORK,        /* no route, or the connection broke while connecting */
    TARGET_FAILURE_TIMEOUT,        /* no answer in time */
    TARGET_FAILURE_PASSWORD,       /* user or password not accepted */
    TARGET_FAILURE_DATABASE,       /* no such database */
    TARGET_FAILURE_TLS,            /* encryption refused or missing, or the certificate not trusted */
    TARGET_FAILURE_FULL,           /* the server has no free connection */
    TARGET_FAILURE_STARTING,       /* starting up or shutting down */
    TARGET_FAILURE_PERMISSION,     /* connected, but not allowed to read this */
    TARGET_FAILURE_LOST,           /* the connection broke */
    TARGET_FAILURE_STATEMENT,      /* the statement was refused for any other reason */
    TARGET_FAILURE_STOPPED,        /* the collector was told to stop */
    TARGET_FAILURE_SETTING,        /* the settings cannot work: no host, unknown engine, a socket that is not allowed */
    TARGET_FAILURE_SHAPE,          /* the server answered something that is no answer to the statement */
    TARGET_FAILURE_CLEAR_PASSWORD, /* the server asked for the password where others could read it */
    TARGET_FAILURE_SILENT,         /* something takes connections there, and does not answer in time */
    TARGET_FAILURE_CLOSED,         /* something takes connections there, and closes them without an answer */
    TARGET_FAILURE_PEER,           /* a server of another kind answers there */
    TARGET_FAILURE_COST,           /* the sign-in that the server asks for costs too much */
};

/* Zero-initialise. Texts are valid UTF-8. */
struct target_problem {
    enum target_failure failure;
    char code[8];      /* SQLSTATE of PostgreSQL, error number of MySQL; "" if none */
    char problem[320]; /* a sentence: what is wrong */
    char remedy[800];  /* what to do: settings, SQL to run; may be "" */
    char detail[320];  /* the message of the server or the library, for the log */
};

struct target_options {
    const char *engine;   /* its name (base/engine.h) */
    const char *host;     /* name, address, or the directory or file of a unix socket (starts with a slash) */
    bool allows_sockets;  /* a unix socket may be the host (base/host.h) */
    int port;             /* 0: the engine's own */
    const char *database; /* NULL or "": the engine's default */
    const char *username;
    const char *password; /* NULL: none */
    /* disable, prefer, require, verify-ca, verify-full, with the same meaning for each engine; a unix socket has no
     * TLS. verify-ca checks the host's name too where the library cannot leave it out (MySQL). */
    const char *tls_mode;
    const char *ca_file; /* certificates that are trusted; NULL: the system's */
    int connect_timeout_ms;
    int statement_timeout_ms; /* on the server; the client waits a second longer, then disconnects */
    int lock_timeout_ms;
    int64_t deadline_us;            /* of the whole session, by clock_monotonic_us(); 0: none */
    const atomic_bool *should_stop; /* when it becomes true, waits end with TARGET_FAILURE_STOPPED; NULL: never */
};

int target_port(const struct target_options *options);       /* the given one, or the engine's own; 0: neither */
bool target_is_socket(const struct target_options *options); /* whether the host is the directory of a unix socket */

struct target;

/* Connect, and make the session read-only with timeouts. `options` must outlive the target. Errors:
 * STATUS_UNAVAILABLE, STATUS_TIMEOUT, STATUS_INVALID (options), with *out_problem filled. */
enum status target_open(const struct target_options *options, struct target **out_target,
                        struct target_problem *out_problem);
void target_close(struct target *target); /* NULL is fine */

/* Run one statement. Parameters are bound as text, data NULL is NULL; those of MySQL must be whole numbers.
 * An answer of another shape ends with TARGET_FAILURE_SHAPE. After that, and after TARGET_FAILURE_LOST, TIMEOUT or
 * STOPPED, the target can only be closed.
 * Errors: STATUS_UNAVAILABLE, STATUS_TIMEOUT, STATUS_FORBIDDEN (permission), STATUS_INVALID (statement, shape). */
enum status target_run(struct target *target, const struct target_statement *statement, const struct text *params,
                       int param_count, struct arena *arena, struct target_rows *out_rows,
                       struct target_problem *out_problem);

bool target_is_usable(const struct target *target); /* false once the connection is gone */
/* The server's own text: "15.4 (Debian …)", "10.11.6-MariaDB". Lives as long as the target. */
const char *target_server_version(const struct target *target);
/* PostgreSQL: 150004; MySQL: 80036; MariaDB: 101106. */
int target_version_number(const struct target *target);

/* How long and how many times this client waited for the server since target_open, connecting included. */
int64_t target_spent_us(const struct target *target);
int target_statement_count(const struct target *target);
/* What of that time the server itself took, as far as it is seen from here: the quickest answer tells how long one is
 * on its way that costs nothing. It is time and not work of a processor: a server that waits or is busy with others
 * takes longer, and so does signing in on this side. docs/data.md says how the two compare. */
int64_t target_cost_us(const struct target *target);
/* The same of the statements since target_spent_us() and target_statement_count() were `spent_us` and `count`. */
int64_t target_cost_since_us(const struct target *target, int64_t spent_us, int count);

#endif
