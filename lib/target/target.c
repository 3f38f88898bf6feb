/* Shared by all kinds of targets: the registry, results, and the texts of failures; see target.h. */
#include "target/target.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "target/target_internal.h"

static const struct target_kind *const kinds[ENGINE_KIND_COUNT] = {
    [ENGINE_POSTGRESQL] = &target_postgres, [ENGINE_MYSQL] = &target_mysql};

enum status target_open(const struct target_options *options, struct target **out_target,
                        struct target_problem *out_problem)
{
    const struct engine *engine = engine_of(text_of(options->engine));
    const struct target_kind *kind = engine == NULL ? NULL : kinds[engine->kind];
    int64_t started_us = clock_monotonic_us();
    enum status status;

    memset(out_problem, 0, sizeof *out_problem);
    if (kind == NULL) {
        out_problem->failure = TARGET_FAILURE_SETTING;
        snprintf(out_problem->problem, sizeof out_problem->problem,
                 "Potto's server does not collect from %s databases yet.", options->engine);
        snprintf(out_problem->remedy, sizeof out_problem->remedy,
                 "Let an agent push what it finds with the connection's token, and switch monitoring off here.");
        return STATUS_INVALID;
    }
    if (options->host == NULL || options->host[0] == '\0' || options->username == NULL) {
        out_problem->failure = TARGET_FAILURE_SETTING;
        snprintf(out_problem->problem, sizeof out_problem->problem, "The connection has no host or no user name.");
        snprintf(out_problem->remedy, sizeof out_problem->remedy,
                 "Set host, port, user name and password, or let an agent on its host push with the connection's "
                 "token and switch monitoring off here.");
        return STATUS_INVALID;
    }
    status = kind->open(options, out_target, out_problem);
    if (status == STATUS_OK)
        (*out_target)->spent_us += clock_monotonic_us() - started_us;
    return status;
}

void target_close(struct target *target)
{
    if (target != NULL)
        target->kind->close(target);
}

static enum status run(struct target *target, bool takes_first, const char *sql, const struct text *params,
                       int param_count, size_t max_bytes, struct arena *arena, struct target_rows *out_rows,
                       struct target_problem *out_problem)
{
    bool is_first = takes_first && target->kind->run_first != NULL;
    int64_t started_us = clock_monotonic_us();
    enum status status;

    memset(out_problem, 0, sizeof *out_problem);
    if (target_should_stop(target->options))
        return target_failure_tell(target->kind, target->options, TARGET_FAILURE_STOPPED, "", "", out_problem);
    if (target->options->deadline_us != 0 && started_us > target->options->deadline_us)
        return target_failure_tell(target->kind, target->options, TARGET_FAILURE_TIMEOUT, "", "cycle", out_problem);
    if (target->is_broken)
        return target_failure_tell(target->kind, target->options, TARGET_FAILURE_LOST, "", "", out_problem);
    status = (is_first ? target->kind->run_first : target->kind->run)(target, sql, params, param_count, max_bytes,
                                                                      arena, out_rows, out_problem);
    target->spent_us += clock_monotonic_us() - started_us;
    target->statement_count++;
    return status;
}

enum status target_run(struct target *target, const char *sql, const struct text *params, int param_count,
                       size_t max_bytes, struct arena *arena, struct target_rows *out_rows,
                       struct target_problem *out_problem)
{
    return run(target, false, sql, params, param_count, max_bytes, arena, out_rows, out_problem);
}

enum status target_run_first(struct target *target, const char *sql, const struct text *params, int param_count,
                             size_t max_bytes, struct arena *arena, struct target_rows *out_rows,
                             struct target_problem *out_problem)
{
    return run(target, true, sql, params, param_count, max_bytes, arena, out_rows, out_problem);
}

bool target_is_usable(const struct target *target)
{
    return !target->is_broken;
}

const char *target_server_version(const struct target *target)
{
    return target->version;
}

int target_version_number(const struct target *target)
{
    return target->version_number;
}

int64_t target_spent_us(const struct target *target)
{
    return target->spent_us;
}

int target_statement_count(const struct target *target)
{
    return target->statement_count;
}

/* ---- results ---- */

struct text target_cell(const struct target_rows *rows, int row, int column)
{
    if (row < 0 || row >= rows->row_count || column < 0 || column >= rows->column_count)
        return (struct text){NULL, 0};
    return rows->cells[(size_t)row * (size_t)rows->column_count + (size_t)column];
}

int64_t target_int64(const struct target_rows *rows, int row, int column)
{
    int64_t value = 0;

    return text_to_int64(target_cell(rows, row, column), &value) ? value : 0;
}

double target_double(const struct target_rows *rows, int row, int column)
{
    double value = 0;

    return text_to_double(target_cell(rows, row, column), &value) ? value : 0;
}

bool target_is_true(const struct target_rows *rows, int row, int column)
{
    static const char *const words[] = {"t", "true", "1", "on", "yes"};
    struct text cell = target_cell(rows, row, column);

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (text_equal_nocase(cell, text_of(words[i])))
            return true;
    return false;
}

bool target_cells_add(struct target_cells *collector, const char *data, size_t size_bytes)
{
    struct text *cell;

    if (size_bytes > collector->max_bytes - collector->size_bytes)
        return false;
    collector->size_bytes += size_bytes;
    cell = vector_add(&collector->cells, collector->max_bytes, collector->arena);
    if (cell == NULL)
        return false;
    *cell = data == NULL ? (struct text){NULL, 0}
                         : (struct text){arena_string(collector->arena, data, size_bytes), size_bytes};
    return true;
}

/* ---- failures ---- */

int target_port(const struct target_kind *kind, const struct target_options *options)
{
    return options->port > 0 ? options->port : engine_of_kind(kind->engine)->default_port;
}

bool target_should_stop(const struct target_options *options)
{
    return options->should_stop != NULL && atomic_load(options->should_stop);
}

/* Texts for people. %1 engine, %2 host, %3 port, %4 user, %5 database, %6 TLS mode. A text uses only some of them,
 * which rules out printf: glibc aborts if %N$ skips a number. The server's message is not included: it may be in any
 * language and may name secrets. */
static const struct {
    enum target_failure failure;
    enum status status;
    const char *problem, *remedy;
} failure_table[] = {
    {TARGET_FAILURE_HOST, STATUS_UNAVAILABLE, "The host %2 was not found.",
     "Check the spelling, and that the machine Potto's collector runs on resolves the name."},
    {TARGET_FAILURE_REFUSED, STATUS_UNAVAILABLE, "%2 refuses connections on port %3.",
     "Check that %1 runs there, that it listens on that address (listen_addresses of PostgreSQL, bind-address of "
     "MariaDB and MySQL) and on port %3."},
    {TARGET_FAILURE_NETWORK, STATUS_UNAVAILABLE, "%1 at %2, port %3, cannot be reached.",
     "Check routes and firewalls between Potto's collector and the database, and that the port is that of %1."},
    {TARGET_FAILURE_TIMEOUT, STATUS_TIMEOUT, "%1 at %2, port %3, did not answer in time.",
     "Check that the server is not overloaded and that no firewall drops packets. Potto tries again at the next "
     "interval."},
    {TARGET_FAILURE_PASSWORD, STATUS_UNAVAILABLE,
     "%1 at %2 does not let the user %4 in: wrong password, no such "
     "user, or not from Potto's address.",
     "Check user name and password of the connection, and that the server lets this user in from the collector's "
     "address (pg_hba.conf of PostgreSQL; the host part of 'user'@'host' of MariaDB and MySQL)."},
    {TARGET_FAILURE_DATABASE, STATUS_UNAVAILABLE, "There is no database %5 on %2, or the user %4 may not use it.",
     "Check the name, or let the user in. PostgreSQL: GRANT CONNECT ON DATABASE … TO …; MariaDB and MySQL: GRANT "
     "SELECT "
     "ON ….* TO …;"},
    {TARGET_FAILURE_TLS, STATUS_UNAVAILABLE, "%2 and Potto do not agree on encryption (TLS mode %6).",
     "If the server has no TLS, switch it on there or choose the mode prefer or disable. If it demands TLS, choose "
     "require. With verify-ca and verify-full the certificate must come from an authority that the collector's "
     "machine trusts."},
    {TARGET_FAILURE_FULL, STATUS_UNAVAILABLE, "%1 at %2 has no connection left.",
     "Potto needs one. Look for connections that are idle, or raise max_connections."},
    {TARGET_FAILURE_STARTING, STATUS_UNAVAILABLE, "%1 at %2 is starting up or shutting down.",
     "Potto tries again at the next interval."},
    {TARGET_FAILURE_PERMISSION, STATUS_FORBIDDEN, "The user %4 may not read what Potto needs on %2.",
     "Grant it what the documentation lists for %1."},
    {TARGET_FAILURE_LOST, STATUS_UNAVAILABLE, "The connection to %1 at %2 broke.",
     "Look into the server's log for a restart or a crash. Potto tries again at the next interval."},
    {TARGET_FAILURE_STATEMENT, STATUS_INVALID, "%1 at %2 refused one of Potto's statements.",
     "This version of the server may not be supported; the collector's log has the server's own words."},
    {TARGET_FAILURE_STOPPED, STATUS_UNAVAILABLE, "The collection was stopped.", ""},
    {TARGET_FAILURE_SETTING, STATUS_INVALID, "The connection to %2 goes through a pooler that takes no options.",
     "Give the address of PostgreSQL itself, not of PgBouncer: Potto sets its time limits when it connects."},
};

enum { FAILURE_VALUES = 6 };

/* Write `text` with %1 … %6 replaced by `values`, cut to `size` bytes with the NUL. */
static void failure_text(char *out, size_t size, const char *text, const char *const values[FAILURE_VALUES])
{
    size_t used = 0;

    for (; *text != '\0' && used + 1 < size; text++) {
        const char *value;
        size_t length;

        if (text[0] != '%' || text[1] < '1' || text[1] > '0' + FAILURE_VALUES) {
            out[used++] = *text;
            continue;
        }
        value = values[text[1] - '1'];
        length = strnlen(value, size - used - 1);
        memcpy(out + used, value, length);
        used += length;
        text++;
    }
    out[used] = '\0';
}

enum status target_failure_tell(const struct target_kind *kind, const struct target_options *options,
                                enum target_failure failure, const char *code, const char *said,
                                struct target_problem *out_problem)
{
    const char *database = options->database == NULL || options->database[0] == '\0' ? "(default)" : options->database;
    const struct engine *engine = engine_of_kind(kind->engine);
    char port[16], server[64];
    const char *const values[FAILURE_VALUES] = {server,   options->host,    port, options->username,
                                                database, options->tls_mode};

    snprintf(port, sizeof port, "%d", target_port(kind, options));
    snprintf(server, sizeof server, "%s%s%s", engine->fork_label == NULL ? "" : engine->fork_label,
             engine->fork_label == NULL ? "" : " or ", engine->label);
    memset(out_problem, 0, sizeof *out_problem);
    out_problem->failure = failure;
    snprintf(out_problem->code, sizeof out_problem->code, "%s", code);
    snprintf(out_problem->detail, sizeof out_problem->detail, "%.*s", (int)strcspn(said, "\r\n"), said);
    for (size_t i = 0; i < sizeof failure_table / sizeof failure_table[0]; i++) {
        if (failure_table[i].failure != failure)
            continue;
        failure_text(out_problem->problem, sizeof out_problem->problem, failure_table[i].problem, values);
        failure_text(out_problem->remedy, sizeof out_problem->remedy, failure_table[i].remedy, values);
        return failure_table[i].status;
    }
    return STATUS_INTERNAL;
}
