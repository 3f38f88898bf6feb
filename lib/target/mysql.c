/* MariaDB and MySQL over Connector/C. The library connects and carries packets; this file reads results itself, since
 * the library believes what a server says of lengths and types, and reads on until the server has said all. */
#include <assert.h>
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
    {CR_PLUGIN_NOT_ALLOWED, NULL, TARGET_FAILURE_CLEAR_PASSWORD},
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

static enum status tell_handle(struct mysql_target *mysql, struct target_problem *out_problem)
{
    unsigned code = mysql_errno(mysql->handle);

    /* Every error of the library itself leaves it unknown what comes next. */
    if (IS_MYSQL_ERROR(code) || IS_MARIADB_ERROR(code) || code == 0 || code == ER_CONNECTION_KILLED ||
        code == ER_SERVER_SHUTDOWN)
        mysql->target.is_broken = true;
    return tell(mysql->target.options, code, mysql_error(mysql->handle),
                mysql->target.is_broken ? TARGET_FAILURE_LOST : TARGET_FAILURE_STATEMENT, out_problem);
}

static void set_options(MYSQL *handle, const struct target_options *options, bool uses_tls)
{
    /* Only methods that do not send the password itself, which a false server could read. */
    static const char auth[] = "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519,parsec";
    unsigned connect_s = (unsigned)(options->connect_timeout_ms + 999) / 1000;
    unsigned no_files = 0, protocol = target_is_socket(options) ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
    size_t packet_bytes_max = TARGET_MESSAGE_BYTES_MAX;
    my_bool is_on = 1, is_off = 0;
    bool is_verified = target_is_verified(options);

    mysql_optionsv(handle, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
    mysql_optionsv(handle, MYSQL_OPT_PROTOCOL, &protocol); /* "localhost" is no socket */
    mysql_optionsv(handle, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet_bytes_max);
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
        mysql_optionsv(handle, MYSQL_OPT_SSL_CA, target_ca_file(options));
}

/* Why could we not connect? Connector/C always reports "in progress" (115), so connect once more and read errno. */
static enum target_failure probe(const struct target_options *options)
{
    enum target_failure failure = TARGET_FAILURE_NETWORK;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    struct timeval limit = {.tv_sec = 1};
    char port[12];
    int fd;

    snprintf(port, sizeof port, "%d", target_port(options));
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

/* Connect, or fill *out_problem. */
static enum status connect_once(struct mysql_target *mysql, const struct target_options *options, bool uses_tls,
                                struct target_problem *out_problem)
{
    bool is_socket = target_is_socket(options),
         has_database = options->database != NULL && options->database[0] != '\0';
    MYSQL *handle = mysql_init(NULL);
    unsigned code;

    if (handle == NULL)
        abort();
    mysql->handle = handle;
    set_options(handle, options, uses_tls);
    /* Without a password the library would take one from the environment. */
    if (mysql_real_connect(handle, is_socket ? NULL : options->host, options->username,
                           options->password == NULL ? "" : options->password, has_database ? options->database : NULL,
                           (unsigned)target_port(options), is_socket ? options->host : NULL, 0) != NULL) {
        /* MYSQL_OPT_SSL_ENFORCE accepts a server without TLS, so check here too. */
        if (uses_tls && strcmp(options->tls_mode, "prefer") != 0 && mysql_get_ssl_cipher(handle) == NULL)
            return target_failure_tell(&target_mysql, options, TARGET_FAILURE_TLS, "", "no TLS", out_problem);
        return STATUS_OK;
    }
    code = mysql_errno(handle);
    if ((code == CR_CONN_HOST_ERROR || code == CR_CONNECTION_ERROR) && strstr(mysql_error(handle), "(115)") != NULL)
        return target_failure_tell(&target_mysql, options, probe(options), "", mysql_error(handle), out_problem);
    return tell(options, code, mysql_error(handle), TARGET_FAILURE_NETWORK, out_problem);
}

/* ---- results ---- */

/* A packet, or what is left of it. */
struct packet {
    const unsigned char *at;
    size_t size;
};

enum { PACKET_OK = 0, PACKET_NULL = 251, PACKET_EOF = 254, EOF_BYTES_MAX = 8 };

/* False: there is none, or it is an error of the server; mysql_errno() says which. */
static bool read_packet(struct mysql_target *mysql, struct packet *out_packet)
{
    unsigned long size = mysql_net_read_packet(mysql->handle);

    if (size == packet_error)
        return false;
    *out_packet = (struct packet){mysql->handle->net.read_pos, size};
    return true;
}

static bool is_end(const struct packet *packet)
{
    return packet->size > 0 && packet->size <= EOF_BYTES_MAX && packet->at[0] == PACKET_EOF;
}

/* An integer of one, three, four or nine bytes. False: the packet is shorter, or NULL or an error stands there. */
static bool take_integer(struct packet *packet, uint64_t *out_value)
{
    size_t size, first = packet->size == 0 ? PACKET_NULL : packet->at[0];

    if (first == PACKET_NULL || first == 255)
        return false;
    size = first < PACKET_NULL ? 0 : first == 252 ? 2 : first == 253 ? 3 : 8;
    if (packet->size < 1 + size)
        return false;
    *out_value = size == 0 ? first : 0;
    for (size_t i = 0; i < size; i++)
        *out_value |= (uint64_t)packet->at[1 + i] << 8 * i;
    packet->at += 1 + size;
    packet->size -= 1 + size;
    return true;
}

/* A length and so many bytes. *out_text has data NULL for NULL. */
static bool take_cell(struct packet *packet, struct text *out_text)
{
    uint64_t size;

    if (packet->size > 0 && packet->at[0] == PACKET_NULL) {
        *out_text = (struct text){NULL, 0};
        packet->at++;
        packet->size--;
        return true;
    }
    if (!take_integer(packet, &size) || size > packet->size)
        return false;
    *out_text = (struct text){(const char *)packet->at, size};
    packet->at += size;
    packet->size -= size;
    return true;
}

static enum target_fit broken_packet(struct target_cells *cells)
{
    snprintf(cells->misfit, sizeof cells->misfit, "a packet that is none");
    return TARGET_MISFIT;
}

/* What packets say that end a result: two counts (not at the end of rows), and the session's state. */
static enum target_fit read_end(struct packet packet, struct target_cells *cells)
{
    uint64_t changed_rows, last_id;
    bool is_eof = packet.at[0] == PACKET_EOF;

    packet.at++;
    packet.size--;
    if (!is_eof && (!take_integer(&packet, &changed_rows) || !take_integer(&packet, &last_id)))
        return broken_packet(cells);
    if (packet.size < 4)
        return broken_packet(cells);
    /* Of an end of rows the warnings come first. */
    if (((is_eof ? packet.at[2] : packet.at[0]) & SERVER_MORE_RESULTS_EXIST) != 0) {
        snprintf(cells->misfit, sizeof cells->misfit, "more than one result");
        return TARGET_MISFIT;
    }
    return TARGET_FITS;
}

static enum target_fit add_row(struct packet packet, struct target_cells *cells)
{
    enum target_fit fit = TARGET_FITS;

    for (int i = 0; fit == TARGET_FITS && i < cells->statement->column_count; i++) {
        struct text cell;

        if (!take_cell(&packet, &cell))
            return broken_packet(cells);
        fit = target_cells_add(cells, cell.data, cell.size);
    }
    return fit != TARGET_FITS || packet.size == 0 ? fit : broken_packet(cells);
}

/* The answer's first packet: there are no rows, or it says how many columns they have. A byte may follow that says that
 * the columns are described. Anything else is refused: a request for a file, for example. */
static enum target_fit read_head(struct packet packet, struct target_cells *cells)
{
    uint64_t columns;

    if (packet.at[0] == PACKET_OK)
        return target_cells_columns(cells, 0) == TARGET_FITS ? read_end(packet, cells) : TARGET_MISFIT;
    if (!take_integer(&packet, &columns) || packet.size > 1 || (packet.size == 1 && packet.at[0] != 1))
        return broken_packet(cells);
    return target_cells_columns(cells, columns);
}

/* Sets *out_is_read to false where a packet could not be read. */
static enum target_fit read_answer(struct mysql_target *mysql, struct target_cells *cells, bool *out_is_read)
{
    int columns = cells->statement->column_count;
    struct packet packet;
    enum target_fit fit;

    *out_is_read = read_packet(mysql, &packet);
    if (!*out_is_read)
        return TARGET_FIT_UNSET;
    fit = read_head(packet, cells);
    if (fit != TARGET_FITS || columns == 0)
        return fit;
    /* The descriptions of columns are passed over, and an end after them. */
    for (int i = 0; i <= columns; i++) {
        *out_is_read = read_packet(mysql, &packet);
        if (!*out_is_read)
            return TARGET_FIT_UNSET;
        if (is_end(&packet) != (i == columns))
            return broken_packet(cells);
    }
    for (;;) {
        *out_is_read = read_packet(mysql, &packet);
        if (!*out_is_read)
            return TARGET_FIT_UNSET;
        if (is_end(&packet))
            return read_end(packet, cells);
        fit = add_row(packet, cells);
        if (fit != TARGET_FITS)
            return fit;
    }
}

/* The statement with its parameters, which are whole numbers, in place of "?". */
static const char *fill_in(const char *sql, const struct text *params, int param_count, struct arena *arena)
{
    for (int i = 0; i < param_count; i++) {
        const char *mark = strchr(sql, '?');
        int64_t value = 0;

        if (mark == NULL || !text_to_int64(params[i], &value))
            abort(); /* a bug */
        sql = arena_printf(arena, "%.*s%lld%s", (int)(mark - sql), sql, (long long)value, mark + 1);
    }
    return sql;
}

static enum status mysql_target_run(struct target *target, const struct text *params, int param_count,
                                    struct target_cells *cells, struct target_rows *out_rows,
                                    struct target_problem *out_problem)
{
    struct mysql_target *mysql = (struct mysql_target *)target;
    const char *sql = fill_in(cells->statement->sql, params, param_count, cells->arena);
    size_t width = (size_t)cells->statement->column_count;
    enum target_fit fit = TARGET_FIT_UNSET;
    enum status status = STATUS_OK;
    bool is_read, is_late, is_cut;

    /* The server runs only one statement: several need a client flag, which is never set. */
    is_read = mysql_send_query(mysql->handle, sql, strlen(sql)) == 0;
    if (is_read)
        fit = read_answer(mysql, cells, &is_read);
    if (!is_read)
        status = tell_handle(mysql, out_problem);
    is_late =
        !is_read && (out_problem->failure == TARGET_FAILURE_TIMEOUT || target_guard_reason() == TARGET_FAILURE_TIMEOUT);
    is_cut = cells->statement->takes_first && cells->cells.count >= width && (is_late || fit == TARGET_FULL);
    if (!is_read && !is_cut)
        return status;
    if (fit == TARGET_FULL)
        target->is_broken = true; /* what is left of the result is not read */
    if ((fit == TARGET_FITS || is_cut) && target_cells_finish(cells, is_cut, out_rows) == TARGET_FITS)
        return STATUS_OK;
    return target_misfit_tell(target, cells, out_problem);
}

/* ---- sessions ---- */

static enum status run_setting(struct mysql_target *mysql, const char *sql, struct target_problem *out_problem)
{
    const struct target_statement statement = {.sql = sql, .cost_max = 0};
    struct target_cells cells = {.statement = &statement};
    struct target_rows ignored;

    return mysql_target_run(&mysql->target, NULL, 0, &cells, &ignored, out_problem);
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
    bool uses_tls = strcmp(options->tls_mode, "disable") != 0 && !target_is_socket(options);
    enum status status;

    if (mysql == NULL)
        abort();
    pthread_once(&library, start_library);
    mysql->target.kind = &target_mysql;
    mysql->target.options = options;
    status = connect_once(mysql, options, uses_tls, out_problem);
    if (status != STATUS_OK && out_problem->failure == TARGET_FAILURE_TLS && prefers_tls) {
        mysql_close(mysql->handle);
        memset(out_problem, 0, sizeof *out_problem);
        status = connect_once(mysql, options, false, out_problem);
    }
    if (status == STATUS_OK) {
        const char *version = mysql_get_server_info(mysql->handle);

        target_copy_words(mysql->target.version, sizeof mysql->target.version, version, strlen(version));
        mysql->target.is_mariadb = mariadb_connection(mysql->handle) != 0;
        mysql->target.version_number = (int)mysql_get_server_version(mysql->handle);
        status = bound_session(mysql, options, out_problem);
    }
    if (status != STATUS_OK) {
        mysql_target_close(&mysql->target);
        return status;
    }
    *out_target = &mysql->target;
    return STATUS_OK;
}

const struct target_kind target_mysql = {
    .engine = ENGINE_MYSQL,
    .open = mysql_target_open,
    .close = mysql_target_close,
    .run = mysql_target_run,
};
