/* What all kinds of sources share: the registry, results, and words for people; see source.h. */
#include "source/source.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "source/source_internal.h"

static const struct source_kind *const kinds[] = {&source_postgres, &source_mysql};

enum status source_open(const struct source_options *options, struct source **out_source,
                        struct source_problem *out_problem)
{
    int64_t started_us = clock_monotonic_us();
    enum status status;

    memset(out_problem, 0, sizeof *out_problem);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i]->engine, options->engine) != 0)
            continue;
        if (options->host == NULL || options->host[0] == '\0' || options->username == NULL) {
            out_problem->trouble = SOURCE_TROUBLE_SETTING;
            snprintf(out_problem->problem, sizeof out_problem->problem, "The connection has no host or no user name.");
            snprintf(out_problem->remedy, sizeof out_problem->remedy,
                     "Set host, port, user name and password, or let an agent on its host push with the connection's "
                     "token and switch monitoring off here.");
            return STATUS_INVALID;
        }
        status = kinds[i]->open(options, out_source, out_problem);
        if (status == STATUS_OK)
            (*out_source)->spent_us += clock_monotonic_us() - started_us;
        return status;
    }
    out_problem->trouble = SOURCE_TROUBLE_SETTING;
    snprintf(out_problem->problem, sizeof out_problem->problem,
             "Potto's server does not collect from %s databases yet.", options->engine);
    snprintf(out_problem->remedy, sizeof out_problem->remedy,
             "Let an agent push what it finds with the connection's token, and switch monitoring off here.");
    return STATUS_INVALID;
}

void source_close(struct source *source)
{
    if (source != NULL)
        source->kind->close(source);
}

static enum status run(struct source *source, bool takes_first, const char *sql, const struct text *params,
                       int param_count, size_t max_bytes, struct arena *arena, struct source_rows *out_rows,
                       struct source_problem *out_problem)
{
    bool is_first = takes_first && source->kind->run_first != NULL;
    int64_t started_us = clock_monotonic_us();
    enum status status;

    memset(out_problem, 0, sizeof *out_problem);
    if (source_should_stop(source->options))
        return source_trouble_tell(source->kind, source->options, SOURCE_TROUBLE_STOPPED, "", "", out_problem);
    if (source->options->deadline_us != 0 && started_us > source->options->deadline_us)
        return source_trouble_tell(source->kind, source->options, SOURCE_TROUBLE_TIMEOUT, "", "cycle", out_problem);
    if (source->is_broken)
        return source_trouble_tell(source->kind, source->options, SOURCE_TROUBLE_LOST, "", "", out_problem);
    status = (is_first ? source->kind->run_first : source->kind->run)(source, sql, params, param_count, max_bytes,
                                                                      arena, out_rows, out_problem);
    source->spent_us += clock_monotonic_us() - started_us;
    source->statement_count++;
    return status;
}

enum status source_run(struct source *source, const char *sql, const struct text *params, int param_count,
                       size_t max_bytes, struct arena *arena, struct source_rows *out_rows,
                       struct source_problem *out_problem)
{
    return run(source, false, sql, params, param_count, max_bytes, arena, out_rows, out_problem);
}

enum status source_run_first(struct source *source, const char *sql, const struct text *params, int param_count,
                             size_t max_bytes, struct arena *arena, struct source_rows *out_rows,
                             struct source_problem *out_problem)
{
    return run(source, true, sql, params, param_count, max_bytes, arena, out_rows, out_problem);
}

bool source_is_usable(const struct source *source)
{
    return !source->is_broken;
}

const char *source_server_version(const struct source *source)
{
    return source->version;
}

int source_version_number(const struct source *source)
{
    return source->version_number;
}

bool source_is_mariadb(const struct source *source)
{
    return source->is_mariadb;
}

int64_t source_spent_us(const struct source *source)
{
    return source->spent_us;
}

int source_statement_count(const struct source *source)
{
    return source->statement_count;
}

/* ---- results ---- */

struct text source_cell(const struct source_rows *rows, int row, int column)
{
    return rows->cells[(size_t)row * (size_t)rows->column_count + (size_t)column];
}

int64_t source_int64(const struct source_rows *rows, int row, int column)
{
    int64_t value = 0;

    return text_to_int64(source_cell(rows, row, column), &value) ? value : 0;
}

double source_double(const struct source_rows *rows, int row, int column)
{
    double value = 0;

    return text_to_double(source_cell(rows, row, column), &value) ? value : 0;
}

bool source_is_true(const struct source_rows *rows, int row, int column)
{
    static const char *const words[] = {"t", "true", "1", "on", "yes"};
    struct text cell = source_cell(rows, row, column);

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (text_equal_nocase(cell, text_of(words[i])))
            return true;
    return false;
}

bool source_collector_add(struct source_collector *collector, const char *data, size_t size_bytes)
{
    struct text *cell;

    if (size_bytes > collector->max_bytes - collector->size_bytes)
        return false;
    collector->size_bytes += size_bytes;
    if (collector->cell_count == collector->cell_capacity) {
        size_t capacity = collector->cell_capacity == 0 ? 64 : collector->cell_capacity * 2;
        struct text *wider = arena_alloc_array(collector->arena, capacity, sizeof *wider);

        if (collector->cell_count > 0)
            memcpy(wider, collector->cells, collector->cell_count * sizeof *wider);
        collector->cells = wider;
        collector->cell_capacity = capacity;
    }
    cell = &collector->cells[collector->cell_count++];
    *cell = data == NULL ? (struct text){NULL, 0}
                         : (struct text){arena_string(collector->arena, data, size_bytes), size_bytes};
    return true;
}

/* ---- words ---- */

int source_port(const struct source_kind *kind, const struct source_options *options)
{
    return options->port > 0 ? options->port : kind->default_port;
}

bool source_should_stop(const struct source_options *options)
{
    return options->should_stop != NULL && atomic_load(options->should_stop);
}

/* %1 engine, %2 host, %3 port, %4 user, %5 database, %6 TLS mode: texts use what they need, so that
 * printf is no help (glibc ends a program whose %N$ skip one). The server's own words are not in them: they may be in
 * any language, and name what must not be shown. */
static const struct {
    enum source_trouble trouble;
    enum status status;
    const char *problem, *remedy;
} trouble_table[] = {
    {SOURCE_TROUBLE_HOST, STATUS_UNAVAILABLE, "The host %2 was not found.",
     "Check the spelling, and that the machine Potto's collector runs on resolves the name."},
    {SOURCE_TROUBLE_REFUSED, STATUS_UNAVAILABLE, "%2 refuses connections on port %3.",
     "Check that %1 runs there, that it listens on that address (listen_addresses of PostgreSQL, bind-address of "
     "MariaDB and MySQL) and on port %3."},
    {SOURCE_TROUBLE_NETWORK, STATUS_UNAVAILABLE, "%1 at %2, port %3, cannot be reached.",
     "Check routes and firewalls between Potto's collector and the database, and that the port is that of %1."},
    {SOURCE_TROUBLE_TIMEOUT, STATUS_TIMEOUT, "%1 at %2, port %3, did not answer in time.",
     "Check that the server is not overloaded and that no firewall drops packets. Potto tries again at the next "
     "interval."},
    {SOURCE_TROUBLE_PASSWORD, STATUS_UNAVAILABLE,
     "%1 at %2 does not let the user %4 in: wrong password, no such "
     "user, or not from Potto's address.",
     "Check user name and password of the connection, and that the server lets this user in from the collector's "
     "address (pg_hba.conf of PostgreSQL; the host part of 'user'@'host' of MariaDB and MySQL)."},
    {SOURCE_TROUBLE_DATABASE, STATUS_UNAVAILABLE, "There is no database %5 on %2, or the user %4 may not use it.",
     "Check the name, or let the user in. PostgreSQL: GRANT CONNECT ON DATABASE … TO …; MariaDB and MySQL: GRANT "
     "SELECT "
     "ON ….* TO …;"},
    {SOURCE_TROUBLE_TLS, STATUS_UNAVAILABLE, "%2 and Potto do not agree on encryption (TLS mode %6).",
     "If the server has no TLS, switch it on there or choose the mode prefer or disable. If it demands TLS, choose "
     "require. With verify-ca and verify-full the certificate must come from an authority that the collector's "
     "machine trusts."},
    {SOURCE_TROUBLE_FULL, STATUS_UNAVAILABLE, "%1 at %2 has no connection left.",
     "Potto needs one. Look for connections that are idle, or raise max_connections."},
    {SOURCE_TROUBLE_STARTING, STATUS_UNAVAILABLE, "%1 at %2 is starting up or shutting down.",
     "Potto tries again at the next interval."},
    {SOURCE_TROUBLE_PERMISSION, STATUS_FORBIDDEN, "The user %4 may not read what Potto needs on %2.",
     "Grant it what the documentation lists for %1."},
    {SOURCE_TROUBLE_LOST, STATUS_UNAVAILABLE, "The connection to %1 at %2 broke.",
     "Look into the server's log for a restart or a crash. Potto tries again at the next interval."},
    {SOURCE_TROUBLE_STATEMENT, STATUS_INVALID, "%1 at %2 refused one of Potto's statements.",
     "This version of the server may not be supported; the collector's log has the server's own words."},
    {SOURCE_TROUBLE_STOPPED, STATUS_UNAVAILABLE, "The collection was stopped.", ""},
    {SOURCE_TROUBLE_SETTING, STATUS_INVALID, "The connection to %2 goes through a pooler that takes no options.",
     "Give the address of PostgreSQL itself, not of PgBouncer: Potto sets its time limits when it connects."},
};

enum { TROUBLE_PLACES = 6 };

/* `text` with %1 … %6 replaced; cut where `size` ends. */
static void trouble_fill(char *out, size_t size, const char *text, const char *const places[TROUBLE_PLACES])
{
    size_t used = 0;

    for (; *text != '\0' && used + 1 < size; text++) {
        const char *value;
        size_t length;

        if (text[0] != '%' || text[1] < '1' || text[1] > '0' + TROUBLE_PLACES) {
            out[used++] = *text;
            continue;
        }
        value = places[text[1] - '1'];
        length = strnlen(value, size - used - 1);
        memcpy(out + used, value, length);
        used += length;
        text++;
    }
    out[used] = '\0';
}

enum status source_trouble_tell(const struct source_kind *kind, const struct source_options *options,
                                enum source_trouble trouble, const char *code, const char *said,
                                struct source_problem *out_problem)
{
    const char *database = options->database == NULL || options->database[0] == '\0' ? "(default)" : options->database;
    char port[16];
    const char *const places[TROUBLE_PLACES] = {kind->title,       options->host, port,
                                                options->username, database,      options->tls_mode};

    snprintf(port, sizeof port, "%d", source_port(kind, options));
    memset(out_problem, 0, sizeof *out_problem);
    out_problem->trouble = trouble;
    snprintf(out_problem->code, sizeof out_problem->code, "%s", code);
    snprintf(out_problem->detail, sizeof out_problem->detail, "%.*s", (int)strcspn(said, "\r\n"), said);
    for (size_t i = 0; i < sizeof trouble_table / sizeof trouble_table[0]; i++) {
        if (trouble_table[i].trouble != trouble)
            continue;
        trouble_fill(out_problem->problem, sizeof out_problem->problem, trouble_table[i].problem, places);
        trouble_fill(out_problem->remedy, sizeof out_problem->remedy, trouble_table[i].remedy, places);
        return trouble_table[i].status;
    }
    return STATUS_INTERNAL;
}
