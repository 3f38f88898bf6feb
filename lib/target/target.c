/* Shared by all kinds of targets: the registry, guarded calls, and the texts of failures; see target.h. */
#include "target/target.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/host.h"
#include "target/target_internal.h"

enum {
    GRACE_MS = 1000, /* wait this long after the server's own timeout, then disconnect */
    GOODBYE_MS = 200,
    CONNECT_ANSWERS = 5,          /* of a server while one connects: TCP, TLS, the password, the session's settings */
    CONNECT_BYTES_MAX = 1 << 20,  /* certificates, settings, messages */
    ANSWER_BYTES_FREE = 256 << 10 /* of what is no result: notices, descriptions */
};

/* Debian's bundle of certificates; libpq 15 has no name for "the system's". */
static const char system_ca_file[] = "/etc/ssl/certs/ca-certificates.crt";

static const struct target_kind *const kinds[ENGINE_KIND_COUNT] = {
    [ENGINE_POSTGRESQL] = &target_postgres, [ENGINE_MYSQL] = &target_mysql};

/* ---- settings ---- */

int target_port(const struct target_options *options)
{
    const struct engine *engine = engine_of(text_of(options->engine));

    return options->port > 0 || engine == NULL ? options->port : engine->default_port;
}

bool target_is_socket(const struct target_options *options)
{
    return options->host != NULL && options->host[0] == '/';
}

bool target_is_verified(const struct target_options *options)
{
    return strncmp(options->tls_mode, "verify-", strlen("verify-")) == 0;
}

const char *target_ca_file(const struct target_options *options)
{
    return options->ca_file != NULL ? options->ca_file : system_ca_file;
}

static bool is_empty(const char *setting)
{
    return setting == NULL || setting[0] == '\0';
}

/* Whether the server at the other end of a unix socket could know us by our own user instead of by the password. */
static bool lends_identity(const struct target_options *options)
{
    struct passwd about, *found = NULL;
    char space[2048];

    if (!target_is_socket(options))
        return false;
    if (is_empty(options->password))
        return true;
    /* A user without a name here may have one for the server. */
    return getpwuid_r(geteuid(), &about, space, sizeof space, &found) != 0 || found == NULL ||
           strcmp(found->pw_name, options->username) == 0;
}

static enum status refuse_setting(struct target_problem *out_problem, const char *problem, const char *remedy)
{
    out_problem->failure = TARGET_FAILURE_SETTING;
    snprintf(out_problem->problem, sizeof out_problem->problem, "%s", problem);
    snprintf(out_problem->remedy, sizeof out_problem->remedy, "%s", remedy);
    return STATUS_INVALID;
}

static enum status check_settings(const struct target_options *options, const struct target_kind *kind,
                                  struct target_problem *out_problem)
{
    const char *wrong;
    char problem[320];

    if (kind == NULL) {
        snprintf(problem, sizeof problem, "Potto's server does not collect from %s databases yet.", options->engine);
        return refuse_setting(out_problem, problem,
                              "Let an agent push what it finds with the connection's token, and switch monitoring off "
                              "here.");
    }
    /* Without a name the libraries would take that of our own user. */
    if (is_empty(options->host) || is_empty(options->username))
        return refuse_setting(out_problem, "The connection has no host or no user name.",
                              "Set host, port, user name and password, or let an agent on its host push with the "
                              "connection's token and switch monitoring off here.");
    wrong = host_check(text_of(options->host), options->allows_sockets);
    if (wrong != NULL) {
        snprintf(problem, sizeof problem, "The connection's host %s.", wrong);
        return refuse_setting(out_problem, problem, "Set the name or the address of the database's machine.");
    }
    if (lends_identity(options))
        return refuse_setting(out_problem,
                              "Over a unix socket the server could let the collector in by the user that it runs as.",
                              "Set a password, and a user name that is not that of the collector's own user.");
    return STATUS_OK;
}

/* ---- calls ---- */

static int64_t earlier_us(int64_t deadline_us, const struct target_options *options)
{
    return options->deadline_us != 0 && options->deadline_us < deadline_us ? options->deadline_us : deadline_us;
}

/* What the guard refused is the cause of whatever the library said then. */
static enum status end_guard(const struct target_kind *kind, const struct target_options *options, enum status status,
                             struct target_problem *out_problem)
{
    enum target_failure reason = target_guard_end();

    if (reason == TARGET_FAILURE_UNSET)
        return status;
    return target_failure_tell(kind, options, reason, "", reason == TARGET_FAILURE_SHAPE ? "too many bytes" : "",
                               out_problem);
}

/* A sign-in failed. Where a server of another kind answers, or something that does not, say so instead. */
static enum status tell_peer(const struct target_kind *kind, const struct target_options *options, enum status status,
                             struct target_problem *out_problem)
{
    const struct opening *opening = target_guard_opening();
    const char *what = peer_of(kind->engine, opening->first, opening->first_bytes);
    enum target_failure failure = out_problem->failure;
    bool is_unanswered = opening->is_connected && opening->first_bytes == 0 && !target_is_socket(options) &&
                         (failure == TARGET_FAILURE_TIMEOUT || failure == TARGET_FAILURE_NETWORK ||
                          failure == TARGET_FAILURE_LOST || failure == TARGET_FAILURE_TLS);
    char detail[sizeof out_problem->detail];

    if (failure == TARGET_FAILURE_STOPPED)
        return status;
    if (what == NULL && is_unanswered)
        what = peer_ask(options, kind->engine);
    if (what != NULL)
        return target_failure_tell(kind, options, TARGET_FAILURE_PEER, "", what, out_problem);
    if (!is_unanswered)
        return status;
    snprintf(detail, sizeof detail, "%s", out_problem->detail);
    return target_failure_tell(kind, options, opening->is_closed ? TARGET_FAILURE_CLOSED : TARGET_FAILURE_SILENT, "",
                               detail, out_problem);
}

enum status target_open(const struct target_options *options, struct target **out_target,
                        struct target_problem *out_problem)
{
    const struct engine *engine = engine_of(text_of(options->engine));
    const struct target_kind *kind = engine == NULL ? NULL : kinds[engine->kind];
    int64_t started_us = clock_monotonic_us();
    struct target_guard guard = {.deadline_us =
                                     earlier_us(started_us + options->connect_timeout_ms * INT64_C(1000), options),
                                 .should_stop = options->should_stop,
                                 .receive_max = CONNECT_BYTES_MAX,
                                 .password = options->password};
    struct target *target = NULL;
    enum status status;

    memset(out_problem, 0, sizeof *out_problem);
    status = check_settings(options, kind, out_problem);
    if (status != STATUS_OK)
        return status;
    guard.engine = kind->engine;
    guard.is_signing_in = true;
    guard.must_encrypt = kind->engine == ENGINE_MYSQL && !target_is_socket(options) &&
                         (target_is_verified(options) || strcmp(options->tls_mode, "require") == 0);
    target_guard_begin(&guard);
    status = kind->open(options, &target, out_problem);
    status = end_guard(kind, options, status, out_problem);
    if (status != STATUS_OK) {
        target_close(target);
        return tell_peer(kind, options, status, out_problem);
    }
    target->spent_us += clock_monotonic_us() - started_us;
    *out_target = target;
    return STATUS_OK;
}

void target_close(struct target *target)
{
    struct target_guard guard = {.receive_max = ANSWER_BYTES_FREE};

    if (target == NULL)
        return;
    /* A session that works is ended with a word, so that the server does not log a lost client. */
    guard.deadline_us = target->is_broken ? 0 : clock_monotonic_us() + GOODBYE_MS * INT64_C(1000);
    target_guard_begin(&guard);
    target->kind->close(target);
    target_guard_end();
}

static enum status run_guarded(struct target *target, const struct target_statement *statement,
                               const struct text *params, int param_count, struct arena *arena,
                               struct target_rows *out_rows, struct target_problem *out_problem)
{
    const struct target_options *options = target->options;
    struct target_cells cells = {.arena = arena, .statement = statement};
    const struct target_guard guard = {
        .deadline_us =
            earlier_us(clock_monotonic_us() + (options->statement_timeout_ms + GRACE_MS) * INT64_C(1000), options),
        .should_stop = options->should_stop,
        .receive_max = statement->cost_max + statement->cost_max / 2 + ANSWER_BYTES_FREE};
    enum status status;

    target_guard_begin(&guard);
    status = target->kind->run(target, params, param_count, &cells, out_rows, out_problem);
    if (target_guard_reason() != TARGET_FAILURE_UNSET)
        target->is_broken = true;
    if (status != STATUS_OK)
        return end_guard(target->kind, options, status, out_problem);
    target_guard_end(); /* the result is whole, or was cut for the guard's reason */
    return STATUS_OK;
}

enum status target_run(struct target *target, const struct target_statement *statement, const struct text *params,
                       int param_count, struct arena *arena, struct target_rows *out_rows,
                       struct target_problem *out_problem)
{
    const struct target_options *options = target->options;
    int64_t started_us = clock_monotonic_us(), took_us;
    enum status status;

    memset(out_problem, 0, sizeof *out_problem);
    if (options->should_stop != NULL && atomic_load(options->should_stop))
        return target_failure_tell(target->kind, options, TARGET_FAILURE_STOPPED, "", "", out_problem);
    if (options->deadline_us != 0 && started_us > options->deadline_us)
        return target_failure_tell(target->kind, options, TARGET_FAILURE_TIMEOUT, "", "cycle", out_problem);
    if (target->is_broken)
        return target_failure_tell(target->kind, options, TARGET_FAILURE_LOST, "", "", out_problem);
    status = run_guarded(target, statement, params, param_count, arena, out_rows, out_problem);
    took_us = clock_monotonic_us() - started_us;
    target->spent_us += took_us;
    if (target->statement_count++ == 0 || took_us < target->quickest_us)
        target->quickest_us = took_us;
    return status;
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

static int64_t cost_us(const struct target *target, int64_t spent_us, int answer_count)
{
    int64_t on_its_way_us = target->quickest_us * answer_count;

    return spent_us > on_its_way_us ? spent_us - on_its_way_us : 0;
}

int64_t target_cost_us(const struct target *target)
{
    return cost_us(target, target->spent_us, target->statement_count + CONNECT_ANSWERS);
}

int64_t target_cost_since_us(const struct target *target, int64_t spent_us, int count)
{
    return cost_us(target, target->spent_us - spent_us, target->statement_count - count);
}

/* ---- failures ---- */

/* Texts for people. %1 engine, %2 host, %3 port, %4 user, %5 database, %6 TLS mode, %7 what
 * the caller says. A text uses only some of them,
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
    {TARGET_FAILURE_SHAPE, STATUS_INVALID, "%1 at %2 answered something that is no answer to Potto's question.",
     "Check that the address is that of %1 itself and not of something in between; the collector's log has which part "
     "of the answer it was. Nothing of it was stored."},
    {TARGET_FAILURE_CLEAR_PASSWORD, STATUS_UNAVAILABLE,
     "%1 at %2 asks for the password in a way in which others could read it. Potto did not send it.",
     "Choose the TLS mode require, verify-ca or verify-full. Without TLS let the user sign in by scram-sha-256 "
     "(PostgreSQL), mysql_native_password or ed25519 (MariaDB and MySQL)."},
    {TARGET_FAILURE_SILENT, STATUS_TIMEOUT,
     "%2 takes connections on port %3, but what listens there did not answer in time.",
     "Check that the port is that of %1, that the server is not overloaded, and that no firewall or proxy stands "
     "between. "
     "Potto tries again at the next interval."},
    {TARGET_FAILURE_CLOSED, STATUS_UNAVAILABLE, "%2 takes connections on port %3, and closes them without an answer.",
     "Check that the port is that of %1, and that the server, or a proxy before it, lets in the machine that Potto's "
     "collector runs on."},
    {TARGET_FAILURE_PEER, STATUS_UNAVAILABLE, "%7 answers at %2, port %3; the connection says %1.",
     "Set the connection's engine, host and port to those of the database. Unless it was told otherwise, PostgreSQL "
     "listens on port 5432, MariaDB and MySQL on 3306."},
    {TARGET_FAILURE_COST, STATUS_UNAVAILABLE,
     "%1 at %2 asks for more than 1,000,000 rounds of SCRAM to sign in, which is more than Potto computes.",
     "Set scram_iterations for the user %4 to less (PostgreSQL's default is 4096), and its password again."},
};

enum { FAILURE_VALUES = 7 };

void target_copy_words(char *out, size_t size, const char *words, size_t words_bytes)
{
    size_t used = 0;

    while (words_bytes > 0 && used + 1 < size) {
        size_t good = text_valid_utf8((struct text){words, words_bytes});
        size_t length = text_cut_utf8((struct text){words, good}, size - used - 1).size;

        for (size_t i = 0; i < length; i++)
            out[used++] = (unsigned char)words[i] < ' ' || words[i] == 0x7f ? ' ' : words[i];
        if (length < good)
            break;
        words += good;
        words_bytes -= good;
        if (words_bytes > 0 && used + 1 < size) {
            out[used++] = '?';
            words++;
            words_bytes--;
        }
    }
    out[used] = '\0';
}

/* Write `text` with %1 … %7 replaced by `values`, cut to `size` bytes with the NUL. */
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
        length = text_cut_utf8(text_of(value), size - used - 1).size;
        memcpy(out + used, value, length);
        used += length;
        text++;
    }
    out[text_valid_utf8((struct text){out, used})] = '\0'; /* the end may have been cut within a character */
}

enum status target_failure_tell(const struct target_kind *kind, const struct target_options *options,
                                enum target_failure failure, const char *code, const char *said,
                                struct target_problem *out_problem)
{
    const char *database = options->database == NULL || options->database[0] == '\0' ? "(default)" : options->database;
    const struct engine *engine = engine_of_kind(kind->engine);
    char port[16], server[64];
    const char *const values[FAILURE_VALUES] = {server,   options->host,     port, options->username,
                                                database, options->tls_mode, said};

    snprintf(port, sizeof port, "%d", target_port(options));
    snprintf(server, sizeof server, "%s%s%s", engine->fork_label == NULL ? "" : engine->fork_label,
             engine->fork_label == NULL ? "" : " or ", engine->label);
    memset(out_problem, 0, sizeof *out_problem);
    out_problem->failure = failure;
    target_copy_words(out_problem->code, sizeof out_problem->code, code, strlen(code));
    target_copy_words(out_problem->detail, sizeof out_problem->detail, said, strcspn(said, "\r\n"));
    for (size_t i = 0; i < sizeof failure_table / sizeof failure_table[0]; i++) {
        if (failure_table[i].failure != failure)
            continue;
        failure_text(out_problem->problem, sizeof out_problem->problem, failure_table[i].problem, values);
        failure_text(out_problem->remedy, sizeof out_problem->remedy, failure_table[i].remedy, values);
        return failure_table[i].status;
    }
    return STATUS_INTERNAL;
}

enum status target_misfit_tell(struct target *target, const struct target_cells *cells,
                               struct target_problem *out_problem)
{
    target->is_broken = true;
    return target_failure_tell(target->kind, target->options, TARGET_FAILURE_SHAPE, "", cells->misfit, out_problem);
}
