/* The load of the ingest bench: a number of clients, each with prepared batches, which it sends one after the
 * other as fast as they are accepted. Two ways for the same rows:
 *
 *   ingest_load http --address 127.0.0.1:8080 --token agt_… ROWS
 *   ingest_load copy --dsn postgresql://… --organization 1 --connection 2 ROWS
 * where ROWS is --clients N --batches N --rows N --base MICROSECONDS
 *
 * Prints `rows seconds`. Any answer but "all accepted" ends the program with status 1. `--base` is the time of the
 * first row; two runs must not have the same times, because a row that exists already counts as a duplicate. */
#include <arpa/inet.h>
#include <endian.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/json_write.h"

enum { CLIENTS_MAX = 64, STATEMENTS = 100, ANSWER_BYTES_MAX = 16 * 1024 };

struct options {
    bool is_copy;
    const char *address, *token, *dsn;
    int64_t organization_id, connection_id, base_us;
    int clients, batches, rows;
};

struct client {
    const struct options *options;
    int number;
    struct buffer *bodies; /* one for each batch: a complete HTTP request, or COPY data */
    int socket;
    PGconn *connection;
    bool has_failed;
};

static pthread_barrier_t start_line;

static void die(const char *why, const char *detail)
{
    fprintf(stderr, "ingest_load: %s%s%s\n", why, detail == NULL ? "" : ": ", detail == NULL ? "" : detail);
    exit(1);
}

static int64_t number_of(const char *option, const char *value)
{
    int64_t number = 0;

    if (!text_to_int64(text_of(value), &number))
        die("not a whole number", option);
    return number;
}

/* ---- rows ---- */

struct row {
    char sql[400];
    int statement;
    int64_t captured_at_us, rows_examined, rows_returned, digest;
    double duration_ms;
};

static uint64_t mix(uint64_t value)
{
    value += UINT64_C(0x9E3779B97F4A7C15);
    value = (value ^ value >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    value = (value ^ value >> 27) * UINT64_C(0x94D049BB133111EB);
    return value ^ value >> 31;
}

/* Rows of a hundred statements: five shapes over twenty tables. Every row has other literals. */
static struct row make_row(const struct options *options, int64_t index)
{
    static const char *const shapes[] = {
        "SELECT o.id, o.total_cents, c.email, c.full_name FROM %s AS o JOIN customers AS c ON c.id = o.customer_id "
        "WHERE o.status = 'paid-%u' AND o.total_cents BETWEEN %u AND %u ORDER BY o.created_at DESC LIMIT 50",
        "UPDATE %s SET state = 'shipped', carrier = 'c%u', tracking_code = 'T%u', updated_at = now() WHERE id = %u AND "
        "state IN ('packed', 'ready', 'waiting') AND warehouse_id IS NOT NULL",
        "INSERT INTO %s (customer_id, product_id, quantity, price_cents, note) VALUES (%u, %u, 3, %u, 'gift wrapped, "
        "please leave it at the door') ON CONFLICT DO NOTHING",
        "SELECT count(*), sum(i.quantity * i.price_cents) FROM %s AS i WHERE i.product_id IN (%u, %u, %u) AND "
        "i.created_at >= '2025-10-01' AND lower(i.note) LIKE '%%express%%' GROUP BY i.product_id HAVING count(*) > 10",
        "DELETE FROM %s WHERE session_id = 'sess-%u' AND last_seen_at < '2025-10-%u' AND attempts > %u AND NOT EXISTS "
        "(SELECT 1 FROM session_locks AS l WHERE l.session_id = sessions.session_id)",
    };
    struct row row;
    uint64_t random = mix((uint64_t)(options->base_us + index));
    char table[24];

    row.statement = (int)(random % STATEMENTS);
    snprintf(table, sizeof table, "shop_%c_orders", 'a' + row.statement % 20);
    snprintf(row.sql, sizeof row.sql, shapes[row.statement / 20], table, (unsigned)(random >> 8 & 0xFFFF),
             (unsigned)(random >> 16 & 0xFFFF), (unsigned)(random >> 24 & 0xFFFFF));
    row.captured_at_us = options->base_us + index * 1000;
    row.duration_ms = 100 + (double)(random % 1000000) / 1000;
    row.rows_examined = (int64_t)(random >> 13 & 0xFFFFF);
    row.rows_returned = (int64_t)(random >> 20 & 0xFF);
    row.digest = (int64_t)mix(random);
    return row;
}

/* ---- one batch ---- */

static void make_request(const struct client *client, int64_t first, struct buffer *out)
{
    const struct options *options = client->options;
    struct buffer body;
    struct json_writer json;
    char time[CLOCK_RFC3339_BYTES], batch_id[64];

    buffer_init(&body, 64 * 1024 * 1024);
    json_writer_init(&json, &body);
    snprintf(batch_id, sizeof batch_id, "bench-%lld-%lld", (long long)options->base_us, (long long)first);
    json_object_begin(&json);
    json_member_string(&json, "agent_token", options->token);
    json_member_string(&json, "batch_id", batch_id);
    json_key(&json, "queries");
    json_array_begin(&json);
    for (int i = 0; i < options->rows; i++) {
        struct row row = make_row(options, first + i);

        json_object_begin(&json);
        json_member_string(&json, "full_sql", row.sql);
        json_member_double(&json, "duration_ms", row.duration_ms);
        json_member_int64(&json, "rows_examined", row.rows_examined);
        json_member_int64(&json, "rows_returned", row.rows_returned);
        json_member_string(&json, "captured_at", clock_format(row.captured_at_us, time));
        json_member_string(&json, "user_host", "app@10.0.0.5");
        json_member_string(&json, "database", "shop");
        json_object_end(&json);
    }
    json_array_end(&json);
    json_object_end(&json);
    buffer_init(out, 64 * 1024 * 1024);
    buffer_printf(out,
                  "POST /api/v1/collectors/ingest/slow-queries HTTP/1.1\r\nHost: %s\r\nContent-Type: "
                  "application/json\r\nContent-Length: %zu\r\n\r\n",
                  options->address, body.size_bytes);
    buffer_append_text(out, buffer_text(&body));
    if (out->has_failed)
        die("a batch is too large", NULL);
    buffer_free(&body);
}

static void put(struct buffer *out, const void *data, int32_t size)
{
    uint32_t wire = htobe32((uint32_t)size);

    buffer_append(out, &wire, sizeof wire);
    buffer_append(out, data, (size_t)size);
}

static void put_int64(struct buffer *out, int64_t value)
{
    uint64_t wire = htobe64((uint64_t)value);

    put(out, &wire, sizeof wire);
}

static void put_double(struct buffer *out, double value)
{
    int64_t bits;

    memcpy(&bits, &value, sizeof bits);
    put_int64(out, bits);
}

static const char copy_command[] =
    "COPY slow_queries_raw (organization_id, database_connection_id, captured_at, sql_hash, sample_digest, "
    "duration_ms, rows_examined, rows_returned, full_sql, user_host, database_name, provenance) "
    "FROM STDIN (FORMAT binary)";

static void make_copy_data(const struct client *client, int64_t first, struct buffer *out)
{
    const struct options *options = client->options;
    uint16_t columns = htobe16(12), provenance = htobe16(1);

    buffer_init(out, 64 * 1024 * 1024);
    buffer_append(out, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0", 19);
    for (int i = 0; i < options->rows; i++) {
        struct row row = make_row(options, first + i);
        uint64_t hash[2] = {mix((uint64_t)row.statement), mix((uint64_t)row.statement + 1000)};

        buffer_append(out, &columns, sizeof columns);
        put_int64(out, options->organization_id);
        put_int64(out, options->connection_id);
        put_int64(out, row.captured_at_us - CLOCK_POSTGRES_EPOCH_US);
        put(out, hash, sizeof hash);
        put_int64(out, row.digest);
        put_double(out, row.duration_ms);
        put_int64(out, row.rows_examined);
        put_int64(out, row.rows_returned);
        put(out, row.sql, (int32_t)strlen(row.sql));
        put(out, "app@10.0.0.5", 12);
        put(out, "shop", 4);
        put(out, &provenance, sizeof provenance);
    }
    buffer_append(out, "\377\377", 2);
    if (out->has_failed)
        die("a batch is too large", NULL);
}

/* ---- sending ---- */

static int connect_http(const char *address)
{
    char host[64];
    struct sockaddr_in peer = {.sin_family = AF_INET};
    const char *colon = strchr(address, ':');
    int socket_fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    if (colon == NULL || (size_t)(colon - address) >= sizeof host)
        die("--address is IP:PORT", address);
    snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
    peer.sin_port = htons((uint16_t)number_of("--address", colon + 1));
    if (inet_pton(AF_INET, host, &peer.sin_addr) != 1 || socket_fd < 0 ||
        connect(socket_fd, (struct sockaddr *)&peer, sizeof peer) != 0)
        die("cannot connect", address);
    setsockopt(socket_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return socket_fd;
}

/* `line`: "\r\nContent-Length: 12\r\n…". */
static size_t content_length(const char *line)
{
    struct text value = text_of(line + strlen("\r\nContent-Length:"));
    int64_t length = 0;

    value.size = strcspn(value.data, "\r");
    text_to_int64(text_trim(value), &length);
    return (size_t)length;
}

/* One answer: 200, and every row accepted. */
static bool read_answer(struct client *client)
{
    char answer[ANSWER_BYTES_MAX], wanted[64];
    size_t size = 0;

    snprintf(wanted, sizeof wanted, "\"accepted\":%d,", client->options->rows);
    for (;;) {
        ssize_t count = recv(client->socket, answer + size, sizeof answer - 1 - size, 0);
        const char *body, *length;

        if (count <= 0)
            return false;
        size += (size_t)count;
        answer[size] = '\0';
        body = strstr(answer, "\r\n\r\n");
        length = strcasestr(answer, "\r\nContent-Length:");
        if (body == NULL)
            continue;
        /* nginx sends an answer without a length in chunks. */
        if (length != NULL && length < body ? size - (size_t)(body + 4 - answer) < content_length(length)
                                            : strstr(body, "\r\n0\r\n\r\n") == NULL)
            continue;
        if (strncmp(answer, "HTTP/1.1 200", 12) == 0 && strstr(body, wanted) != NULL)
            return true;
        fprintf(stderr, "%s\n", answer);
        return false;
    }
}

static bool send_request(struct client *client, const struct buffer *request)
{
    size_t sent = 0;

    while (sent < request->size_bytes) {
        ssize_t count = send(client->socket, request->data + sent, request->size_bytes - sent, MSG_NOSIGNAL);

        if (count <= 0)
            return false;
        sent += (size_t)count;
    }
    return read_answer(client);
}

static bool send_copy(struct client *client, const struct buffer *data)
{
    PGresult *result = PQexec(client->connection, copy_command);
    bool is_good = PQresultStatus(result) == PGRES_COPY_IN;

    PQclear(result);
    if (is_good)
        is_good = PQputCopyData(client->connection, data->data, (int)data->size_bytes) == 1 &&
                  PQputCopyEnd(client->connection, NULL) == 1;
    while (is_good && (result = PQgetResult(client->connection)) != NULL) {
        is_good = PQresultStatus(result) == PGRES_COMMAND_OK;
        PQclear(result);
    }
    if (!is_good)
        fprintf(stderr, "%s", PQerrorMessage(client->connection));
    return is_good;
}

static void *run_client(void *argument)
{
    struct client *client = argument;
    const struct options *options = client->options;

    client->bodies = calloc((size_t)options->batches, sizeof *client->bodies);
    if (client->bodies == NULL)
        die("out of memory", NULL);
    /* The clients' batches alternate in time, as those of agents that send at the same moment. */
    for (int i = 0; i < options->batches; i++) {
        int64_t first = ((int64_t)i * options->clients + client->number) * options->rows;

        if (options->is_copy)
            make_copy_data(client, first, &client->bodies[i]);
        else
            make_request(client, first, &client->bodies[i]);
    }
    if (options->is_copy) {
        client->connection = PQconnectdb(options->dsn);
        if (PQstatus(client->connection) != CONNECTION_OK)
            die("cannot connect", PQerrorMessage(client->connection));
        PQclear(PQexec(client->connection, "SET synchronous_commit = on"));
    } else {
        client->socket = connect_http(options->address);
    }
    pthread_barrier_wait(&start_line);
    for (int i = 0; i < options->batches && !client->has_failed; i++)
        client->has_failed =
            options->is_copy ? !send_copy(client, &client->bodies[i]) : !send_request(client, &client->bodies[i]);
    pthread_barrier_wait(&start_line);
    PQfinish(client->connection);
    for (int i = 0; i < options->batches; i++)
        buffer_free(&client->bodies[i]);
    free(client->bodies);
    return NULL;
}

static struct options read_options(int count, char **arguments)
{
    struct options options = {.clients = 4, .batches = 10, .rows = 1000};

    if (count < 2)
        die("http or copy?", NULL);
    options.is_copy = strcmp(arguments[1], "copy") == 0;
    for (int i = 2; i + 1 < count; i += 2) {
        const char *name = arguments[i], *value = arguments[i + 1];

        if (strcmp(name, "--address") == 0)
            options.address = value;
        else if (strcmp(name, "--token") == 0)
            options.token = value;
        else if (strcmp(name, "--dsn") == 0)
            options.dsn = value;
        else if (strcmp(name, "--organization") == 0)
            options.organization_id = number_of(name, value);
        else if (strcmp(name, "--connection") == 0)
            options.connection_id = number_of(name, value);
        else if (strcmp(name, "--base") == 0)
            options.base_us = number_of(name, value);
        else if (strcmp(name, "--clients") == 0)
            options.clients = (int)number_of(name, value);
        else if (strcmp(name, "--batches") == 0)
            options.batches = (int)number_of(name, value);
        else if (strcmp(name, "--rows") == 0)
            options.rows = (int)number_of(name, value);
        else
            die("unknown option", name);
    }
    if (options.clients < 1 || options.clients > CLIENTS_MAX || options.batches < 1 || options.rows < 1)
        die("clients, batches or rows out of range", NULL);
    if (options.is_copy ? options.dsn == NULL : options.address == NULL || options.token == NULL)
        die("where to?", NULL);
    return options;
}

int main(int count, char **arguments)
{
    struct options options = read_options(count, arguments);
    struct client clients[CLIENTS_MAX] = {{0}};
    pthread_t threads[CLIENTS_MAX];
    int64_t began_us, took_us;
    bool has_failed = false;

    pthread_barrier_init(&start_line, NULL, (unsigned)options.clients + 1);
    for (int i = 0; i < options.clients; i++) {
        clients[i].options = &options;
        clients[i].number = i;
        if (pthread_create(&threads[i], NULL, run_client, &clients[i]) != 0)
            die("no thread", NULL);
    }
    pthread_barrier_wait(&start_line);
    began_us = clock_monotonic_us();
    pthread_barrier_wait(&start_line);
    took_us = clock_monotonic_us() - began_us;
    for (int i = 0; i < options.clients; i++) {
        pthread_join(threads[i], NULL);
        has_failed |= clients[i].has_failed;
    }
    printf("%lld %.6f\n", (long long)options.clients * options.batches * options.rows, (double)took_us / 1e6);
    return has_failed;
}
