/* MariaDB and MySQL over Connector/C, with its socket timeouts as deadlines. */
#include <errmsg.h>
#include <errno.h>
#include <mysql.h>
#include <mysqld_error.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "target/target_internal.h"

enum { GRACE_S = 1, COLUMNS_MAX = 32, PARAMS_MAX = 16 };

static const char system_ca_file[] = "/etc/ssl/certs/ca-certificates.crt";

struct mysql_target {
    struct target target;
    MYSQL *handle;
};

/* Error numbers of both servers and of the client. Where a number has several causes, `said` is a part of the message
 * that tells them apart. */
static const struct {
    unsigned code;
    const char *said;
    enum target_failure failure;
} failure_table[] = {
    {CR_UNKNOWN_HOST, NULL, TARGET_FAILURE_HOST},
    {CR_CONNECTION_ERROR, "(2)", TARGET_FAILURE_REFUSED}, /* unix socket: no such file */
    {CR_CONNECTION_ERROR, "(111", TARGET_FAILURE_REFUSED},
    {CR_CONN_HOST_ERROR, "(111", TARGET_FAILURE_REFUSED},
    {CR_CONNECTION_ERROR, "(110", TARGET_FAILURE_TIMEOUT},
    {CR_CONN_HOST_ERROR, "(110", TARGET_FAILURE_TIMEOUT},
    {CR_CONNECTION_ERROR, NULL, TARGET_FAILURE_NETWORK},
    {CR_CONN_HOST_ERROR, NULL, TARGET_FAILURE_NETWORK},
    {CR_SSL_CONNECTION_ERROR, NULL, TARGET_FAILURE_TLS},
    {3159 /* ER_SECURE_TRANSPORT_REQUIRED */, NULL, TARGET_FAILURE_TLS},
    {ER_ACCESS_DENIED_ERROR, NULL, TARGET_FAILURE_PASSWORD},
    {1698 /* ER_ACCESS_DENIED_NO_PASSWORD_ERROR */, NULL, TARGET_FAILURE_PASSWORD},
    {ER_HOST_NOT_PRIVILEGED, NULL, TARGET_FAILURE_PASSWORD},
    {ER_HOST_IS_BLOCKED, NULL, TARGET_FAILURE_PASSWORD},
    {1820 /* ER_MUST_CHANGE_PASSWORD */, NULL, TARGET_FAILURE_PASSWORD},
    {1862 /* ER_MUST_CHANGE_PASSWORD_LOGIN */, NULL, TARGET_FAILURE_PASSWORD},
    {3118 /* ER_ACCOUNT_HAS_BEEN_LOCKED, MySQL */, NULL, TARGET_FAILURE_PASSWORD},
    {4151 /* ER_ACCOUNT_HAS_BEEN_LOCKED, MariaDB */, NULL, TARGET_FAILURE_PASSWORD},
    {CR_AUTH_PLUGIN_CANNOT_LOAD, NULL, TARGET_FAILURE_PASSWORD},
    {ER_DBACCESS_DENIED_ERROR, NULL, TARGET_FAILURE_DATABASE},
    {ER_BAD_DB_ERROR, NULL, TARGET_FAILURE_DATABASE},
    {ER_CON_COUNT_ERROR, NULL, TARGET_FAILURE_FULL},
    {ER_TOO_MANY_USER_CONNECTIONS, NULL, TARGET_FAILURE_FULL},
    {ER_USER_LIMIT_REACHED, NULL, TARGET_FAILURE_FULL},
    {ER_SERVER_SHUTDOWN, NULL, TARGET_FAILURE_STARTING},
    {ER_TABLEACCESS_DENIED_ERROR, NULL, TARGET_FAILURE_PERMISSION},
    {ER_COLUMNACCESS_DENIED_ERROR, NULL, TARGET_FAILURE_PERMISSION},
    {ER_SPECIFIC_ACCESS_DENIED_ERROR, NULL, TARGET_FAILURE_PERMISSION},
    {ER_PROCACCESS_DENIED_ERROR, NULL, TARGET_FAILURE_PERMISSION},
    {1345 /* ER_VIEW_NO_EXPLAIN */, NULL, TARGET_FAILURE_PERMISSION},
    {1969 /* ER_STATEMENT_TIMEOUT, MariaDB */, NULL, TARGET_FAILURE_TIMEOUT},
    {3024 /* ER_QUERY_TIMEOUT, MySQL */, NULL, TARGET_FAILURE_TIMEOUT},
    {ER_LOCK_WAIT_TIMEOUT, NULL, TARGET_FAILURE_TIMEOUT},
    {CR_SERVER_LOST, "110", TARGET_FAILURE_TIMEOUT},
    {CR_SERVER_LOST, NULL, TARGET_FAILURE_LOST},
    {CR_SERVER_GONE_ERROR, NULL, TARGET_FAILURE_LOST},
    {ER_CONNECTION_KILLED, NULL, TARGET_FAILURE_LOST},
    {ER_NET_READ_INTERRUPTED, NULL, TARGET_FAILURE_TIMEOUT},
};

static enum status tell(const struct target_options *options, unsigned code, const char *said,
                        enum target_failure otherwise, struct target_problem *out_problem)
{
    enum target_failure failure = otherwise;
    char number[12];

    snprintf(number, sizeof number, "%u", code);
    for (size_t i = 0; i < sizeof failure_table / sizeof failure_table[0]; i++)
        if (failure_table[i].code == code &&
            (failure_table[i].said == NULL || strstr(said, failure_table[i].said) != NULL)) {
            failure = failure_table[i].failure;
            break;
        }
    return target_failure_tell(&target_mysql, options, failure, number, said, out_problem);
}

/* The client reports a lost connection and a timeout alike; the time that has passed tells them apart. */
static enum status tell_handle(struct mysql_target *mysql, unsigned code, const char *said, int64_t started_us,
                               struct target_problem *out_problem)
{
    const struct target_options *options = mysql->target.options;
    int64_t waited_ms = (clock_monotonic_us() - started_us) / 1000;

    if (code == CR_SERVER_LOST || code == CR_SERVER_GONE_ERROR || code == CR_COMMANDS_OUT_OF_SYNC ||
        code == ER_CONNECTION_KILLED || code == ER_SERVER_SHUTDOWN) {
        mysql->target.is_broken = true;
        if (waited_ms >= options->statement_timeout_ms)
            return target_failure_tell(&target_mysql, options, TARGET_FAILURE_TIMEOUT, "", said, out_problem);
    }
    return tell(options, code, said, TARGET_FAILURE_STATEMENT, out_problem);
}

static void set_options(MYSQL *handle, const struct target_options *options, bool uses_tls)
{
    /* Only methods that do not send the password itself, which a false server could read. */
    static const char auth[] = "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519,parsec";
    unsigned connect_s = (unsigned)(options->connect_timeout_ms + 999) / 1000;
    unsigned wait_s = (unsigned)(options->statement_timeout_ms + 999) / 1000 + GRACE_S;
    unsigned no_files = 0;
    my_bool is_on = 1, is_off = 0;
    bool is_verified = strncmp(options->tls_mode, "verify-", 7) == 0;

    mysql_optionsv(handle, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
    mysql_optionsv(handle, MYSQL_OPT_READ_TIMEOUT, &wait_s);
    mysql_optionsv(handle, MYSQL_OPT_WRITE_TIMEOUT, &wait_s);
    mysql_optionsv(handle, MYSQL_OPT_LOCAL_INFILE, &no_files);
    mysql_optionsv(handle, MYSQL_OPT_RECONNECT, &is_off);
    mysql_optionsv(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_optionsv(handle, MARIADB_OPT_RESTRICTED_AUTH, auth);
    mysql_optionsv(handle, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "potto");
    mysql_optionsv(handle, MYSQL_OPT_CONNECT_ATTR_ADD, "program_version", POTTO_VERSION);
    if (!uses_tls)
        return;
    mysql_optionsv(handle, MYSQL_OPT_SSL_ENFORCE, &is_on);
    /* Connector/C checks the chain and the host name together, so verify-ca is as strict as verify-full here. */
    mysql_optionsv(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, is_verified ? &is_on : &is_off);
    if (is_verified)
        mysql_optionsv(handle, MYSQL_OPT_SSL_CA, options->ca_file != NULL ? options->ca_file : system_ca_file);
}

/* Why could we not connect? Connector/C always reports "in progress" (115), so connect once more and read errno. */
static enum target_failure probe(const struct target_options *options)
{
    enum target_failure failure = TARGET_FAILURE_NETWORK;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    struct timeval limit = {.tv_sec = 1};
    char port[12];
    int fd;

    snprintf(port, sizeof port, "%d", target_port(&target_mysql, options));
    if (getaddrinfo(options->host, port, &hints, &found) != 0)
        return TARGET_FAILURE_HOST;
    fd = socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, found->ai_protocol);
    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit); /* also limits connect */
        if (connect(fd, found->ai_addr, found->ai_addrlen) != 0)
            failure = errno == ECONNREFUSED                        ? TARGET_FAILURE_REFUSED
                      : errno == EINPROGRESS || errno == ETIMEDOUT ? TARGET_FAILURE_TIMEOUT
                                                                   : TARGET_FAILURE_NETWORK;
        close(fd);
    }
    freeaddrinfo(found);
    return failure;
}

static enum status connect_once(struct mysql_target *mysql, const struct target_options *options, bool uses_tls,
                                struct target_problem *out_problem)
{
    bool is_socket = options->host[0] == '/';
    int64_t started_us = clock_monotonic_us();
    unsigned code;

    mysql->handle = mysql_init(NULL);
    if (mysql->handle == NULL)
        abort();
    set_options(mysql->handle, options, uses_tls);
    if (mysql_real_connect(mysql->handle, is_socket ? NULL : options->host, options->username, options->password,
                           options->database != NULL && options->database[0] != '\0' ? options->database : NULL,
                           (unsigned)target_port(&target_mysql, options), is_socket ? options->host : NULL,
                           0) != NULL) {
        /* MYSQL_OPT_SSL_ENFORCE accepts a server without TLS, so check here. */
        if (uses_tls && mysql_get_ssl_cipher(mysql->handle) == NULL)
            return target_failure_tell(&target_mysql, options, TARGET_FAILURE_TLS, "", "no TLS", out_problem);
        return STATUS_OK;
    }
    code = mysql_errno(mysql->handle);
    /* A handshake that never comes is reported as a lost connection or packet; the time tells that it was a timeout. */
    if ((code == CR_SERVER_LOST || code == CR_CONN_HOST_ERROR || code == CR_CONNECTION_ERROR) &&
        clock_monotonic_us() - started_us >= (int64_t)options->connect_timeout_ms * 950)
        return target_failure_tell(&target_mysql, options, TARGET_FAILURE_TIMEOUT, "", mysql_error(mysql->handle),
                                   out_problem);
    if ((code == CR_CONN_HOST_ERROR || code == CR_CONNECTION_ERROR) &&
        strstr(mysql_error(mysql->handle), "(115)") != NULL)
        return target_failure_tell(&target_mysql, options, probe(options), "", mysql_error(mysql->handle), out_problem);
    return tell(options, code, mysql_error(mysql->handle), TARGET_FAILURE_NETWORK, out_problem);
}

static enum status run_setting(struct mysql_target *mysql, const char *sql, struct target_problem *out_problem)
{
    int64_t started_us = clock_monotonic_us();

    if (mysql_real_query(mysql->handle, sql, strlen(sql)) == 0)
        return STATUS_OK;
    return tell_handle(mysql, mysql_errno(mysql->handle), mysql_error(mysql->handle), started_us, out_problem);
}

static enum status bound_session(struct mysql_target *mysql, const struct target_options *options,
                                 struct target_problem *out_problem)
{
    int lock_s = (options->lock_timeout_ms + 999) / 1000;
    char limits[512], statement_limit[64];
    enum status status;

    if (mysql->target.is_mariadb)
        snprintf(statement_limit, sizeof statement_limit, "SESSION max_statement_time = %d.%03d",
                 options->statement_timeout_ms / 1000, options->statement_timeout_ms % 1000);
    else
        snprintf(statement_limit, sizeof statement_limit, "SESSION max_execution_time = %d",
                 options->statement_timeout_ms);
    /* long_query_time: Potto's own statements stay out of the slow log. time_zone: the log's table holds local times of
     * the session that wrote them, without the zone (MySQL's bug 34612); nearly all sessions have the server's zone. */
    snprintf(limits, sizeof limits,
             "SET /* potto */ %s, SESSION lock_wait_timeout = %d, SESSION innodb_lock_wait_timeout = %d, "
             "SESSION wait_timeout = 60, SESSION long_query_time = 3600, SESSION time_zone = @@GLOBAL.time_zone",
             statement_limit, lock_s, lock_s);
    status = run_setting(mysql, limits, out_problem);
    if (status == STATUS_OK)
        status = run_setting(mysql, "SET /* potto */ SESSION TRANSACTION READ ONLY", out_problem);
    return status;
}

static void mysql_target_close(struct target *target)
{
    mysql_close(((struct mysql_target *)target)->handle);
    free(target);
}

static void start_library(void)
{
    mysql_server_init(0, NULL, NULL);
}

static enum status mysql_target_open(const struct target_options *options, struct target **out_target,
                                     struct target_problem *out_problem)
{
    static pthread_once_t library = PTHREAD_ONCE_INIT;
    struct mysql_target *mysql = calloc(1, sizeof *mysql);
    bool prefers_tls = strcmp(options->tls_mode, "prefer") == 0;
    bool uses_tls = strcmp(options->tls_mode, "disable") != 0 && options->host[0] != '/';
    unsigned long number;
    enum status status;

    if (mysql == NULL)
        abort();
    pthread_once(&library, start_library);
    mysql->target.kind = &target_mysql;
    mysql->target.options = options;
    status = connect_once(mysql, options, uses_tls, out_problem);
    if (status != STATUS_OK && out_problem->failure == TARGET_FAILURE_TLS && prefers_tls) {
        mysql_close(mysql->handle);
        status = connect_once(mysql, options, false, out_problem);
    }
    if (status == STATUS_OK) {
        snprintf(mysql->target.version, sizeof mysql->target.version, "%s", mysql_get_server_info(mysql->handle));
        mysql->target.is_mariadb = mariadb_connection(mysql->handle) != 0;
        number = mysql_get_server_version(mysql->handle);
        mysql->target.version_number = (int)number;
        status = bound_session(mysql, options, out_problem);
    }
    if (status != STATUS_OK) {
        mysql_target_close(&mysql->target);
        return status;
    }
    *out_target = &mysql->target;
    return STATUS_OK;
}

static enum status too_large(struct mysql_target *mysql, struct target_problem *out_problem)
{
    mysql->target.is_broken = true;
    target_failure_tell(&target_mysql, mysql->target.options, TARGET_FAILURE_STATEMENT, "", "result over its bound",
                        out_problem);
    return STATUS_TOO_LARGE;
}

/* ---- statements without parameters: text protocol ---- */

static enum status run_text(struct mysql_target *mysql, const char *sql, struct target_cells *collector,
                            int *out_column_count, struct target_problem *out_problem)
{
    int64_t started_us = clock_monotonic_us();
    MYSQL_RES *result;
    MYSQL_ROW row;
    bool fits = true;
    unsigned code;

    /* The server runs only one statement: several need a client flag, which is never set. */
    if (mysql_real_query(mysql->handle, sql, strlen(sql)) != 0)
        return tell_handle(mysql, mysql_errno(mysql->handle), mysql_error(mysql->handle), started_us, out_problem);
    result = mysql_use_result(mysql->handle);
    if (result == NULL) {
        code = mysql_errno(mysql->handle);
        *out_column_count = 0;
        return code == 0 ? STATUS_OK : tell_handle(mysql, code, mysql_error(mysql->handle), started_us, out_problem);
    }
    *out_column_count = (int)mysql_num_fields(result);
    while (fits && (row = mysql_fetch_row(result)) != NULL) {
        const unsigned long *lengths = mysql_fetch_lengths(result);

        for (int i = 0; fits && i < *out_column_count; i++)
            fits = target_cells_add(collector, row[i], row[i] == NULL ? 0 : lengths[i]);
    }
    code = fits ? mysql_errno(mysql->handle) : 0;
    mysql_free_result(result); /* also reads the remaining rows */
    if (!fits)
        return too_large(mysql, out_problem);
    return code == 0 ? STATUS_OK : tell_handle(mysql, code, mysql_error(mysql->handle), started_us, out_problem);
}

/* ---- statements with parameters: prepared; each cell is fetched with its own length ---- */

/* False: the row exceeds the size limit, or could not be fetched (mysql_stmt_errno). */
static bool fetch_row(MYSQL_STMT *statement, int column_count, struct target_cells *collector)
{
    for (int i = 0; i < column_count; i++) {
        unsigned long length = 0;
        my_bool is_null = 0;
        char none[1];
        MYSQL_BIND cell = {.buffer_type = MYSQL_TYPE_STRING, .buffer = none, .length = &length, .is_null = &is_null};
        char *data = NULL;

        /* The first fetch tells the length, the second gets the bytes. */
        if (mysql_stmt_fetch_column(statement, &cell, (unsigned)i, 0) != 0)
            return false;
        if (!is_null) {
            if (length > collector->max_bytes - collector->size_bytes)
                return false;
            data = arena_alloc(collector->arena, length + 1);
            cell.buffer = data;
            cell.buffer_length = length + 1;
            if (mysql_stmt_fetch_column(statement, &cell, (unsigned)i, 0) != 0)
                return false;
        }
        if (!target_cells_add(collector, data, length))
            return false;
    }
    return true;
}

static enum status execute(struct mysql_target *mysql, MYSQL_STMT *statement, const char *sql,
                           const struct text *params, int param_count, struct target_cells *collector,
                           int *out_column_count, bool *out_is_cut, struct target_problem *out_problem)
{
    int64_t started_us = clock_monotonic_us();
    MYSQL_BIND in[PARAMS_MAX] = {0}, out[COLUMNS_MAX] = {0};
    unsigned long lengths[COLUMNS_MAX];
    char nothing[COLUMNS_MAX][1];
    my_bool is_null = 1;
    int fetched = 0;

    for (int i = 0; i < param_count; i++) {
        in[i].buffer_type = MYSQL_TYPE_STRING;
        in[i].buffer = (void *)params[i].data;
        in[i].buffer_length = params[i].size;
        in[i].is_null = params[i].data == NULL ? &is_null : NULL;
    }
    if (mysql_stmt_prepare(statement, sql, strlen(sql)) != 0 ||
        mysql_stmt_param_count(statement) != (unsigned long)param_count || mysql_stmt_bind_param(statement, in) != 0 ||
        mysql_stmt_execute(statement) != 0)
        return tell_handle(mysql, mysql_stmt_errno(statement), mysql_stmt_error(statement), started_us, out_problem);
    *out_column_count = (int)mysql_stmt_field_count(statement);
    if (*out_column_count > COLUMNS_MAX)
        return too_large(mysql, out_problem);
    for (int i = 0; i < *out_column_count; i++) {
        out[i].buffer_type = MYSQL_TYPE_STRING;
        out[i].buffer = nothing[i];
        out[i].length = &lengths[i];
    }
    if (mysql_stmt_bind_result(statement, out) != 0)
        return tell_handle(mysql, mysql_stmt_errno(statement), mysql_stmt_error(statement), started_us, out_problem);
    while ((fetched = mysql_stmt_fetch(statement)) == 0 || fetched == MYSQL_DATA_TRUNCATED)
        if (!fetch_row(statement, *out_column_count, collector)) {
            *out_is_cut = mysql_stmt_errno(statement) == 0 && collector->cells.count >= (size_t)*out_column_count;
            return *out_is_cut ? STATUS_OK : too_large(mysql, out_problem);
        }
    if (fetched != MYSQL_NO_DATA)
        return tell_handle(mysql, mysql_stmt_errno(statement), mysql_stmt_error(statement), started_us, out_problem);
    return STATUS_OK;
}

static enum status mysql_target_run_first(struct target *target, const char *sql, const struct text *params,
                                          int param_count, size_t max_bytes, struct arena *arena,
                                          struct target_rows *out_rows, struct target_problem *out_problem)
{
    struct mysql_target *mysql = (struct mysql_target *)target;
    struct target_cells collector = {.arena = arena, .max_bytes = max_bytes};
    bool is_cut = false;
    int column_count = 0;
    enum status status;

    if (param_count == 0) {
        status = run_text(mysql, sql, &collector, &column_count, out_problem);
    } else {
        MYSQL_STMT *statement = mysql_stmt_init(mysql->handle);

        if (statement == NULL || param_count > PARAMS_MAX)
            abort(); /* out of memory, or a bug */
        status = execute(mysql, statement, sql, params, param_count, &collector, &column_count, &is_cut, out_problem);
        mysql_stmt_close(statement); /* also reads the remaining rows, at most until the statement's timeout */
    }
    if (status != STATUS_OK)
        return status;
    out_rows->cells = collector.cells.items;
    out_rows->column_count = column_count;
    out_rows->row_count = column_count == 0 ? 0 : (int)(collector.cells.count / (size_t)column_count);
    out_rows->is_cut = is_cut;
    return STATUS_OK;
}

static enum status mysql_target_run(struct target *target, const char *sql, const struct text *params, int param_count,
                                    size_t max_bytes, struct arena *arena, struct target_rows *out_rows,
                                    struct target_problem *out_problem)
{
    enum status status =
        mysql_target_run_first(target, sql, params, param_count, max_bytes, arena, out_rows, out_problem);

    if (status == STATUS_OK && out_rows->is_cut)
        return too_large((struct mysql_target *)target, out_problem);
    return status;
}

const struct target_kind target_mysql = {
    .engine = ENGINE_MYSQL,
    .open = mysql_target_open,
    .close = mysql_target_close,
    .run = mysql_target_run,
    .run_first = mysql_target_run_first,
};
