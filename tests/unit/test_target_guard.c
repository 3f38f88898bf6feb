/* lib/target/guard.h: what goes out to a server that is none, and when waiting ends. The servers here are scripts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "target/target.h"

#define PASSWORD "s3cret-never-sent"

enum { SAYS_MAX = 4, HEARD_MAX = 4096, PIECE_MS = 100 };

struct words {
    const char *bytes;
    size_t size;
};
#define WORDS(literal)                                                                                                 \
    {                                                                                                                  \
        literal, sizeof(literal) - 1                                                                                   \
    }

/* A server that says one thing after another, waiting for a word of the client after each. */
struct server {
    struct words says[SAYS_MAX];
    bool speaks_first, drips;
    int listening, port;
    pthread_t thread;
    char heard[HEARD_MAX];
    size_t heard_bytes;
};

static bool hear(struct server *server, int fd)
{
    ssize_t size = recv(fd, server->heard + server->heard_bytes, sizeof server->heard - server->heard_bytes, 0);

    if (size > 0)
        server->heard_bytes += (size_t)size;
    return size > 0;
}

static void say(const struct server *server, int fd, const struct words *words)
{
    size_t piece = server->drips ? 1 : words->size;

    for (size_t at = 0; at < words->size; at += piece) {
        if (send(fd, words->bytes + at, piece, MSG_NOSIGNAL) <= 0)
            return;
        if (server->drips)
            usleep(PIECE_MS * 1000);
    }
}

static void *serve(void *argument)
{
    struct server *server = argument;
    int fd = accept(server->listening, NULL, NULL);
    bool is_there = server->speaks_first || hear(server, fd);

    for (int i = 0; is_there && i < SAYS_MAX && server->says[i].size > 0; i++) {
        say(server, fd, &server->says[i]);
        is_there = hear(server, fd);
    }
    while (is_there && hear(server, fd))
        continue;
    close(fd);
    return NULL;
}

static void start(struct server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;

    server->listening = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(server->listening, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(server->listening, 1), 0);
    assert_int_equal(getsockname(server->listening, (struct sockaddr *)&address, &size), 0);
    server->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static struct target_options options_for(const char *engine, const char *tls_mode, int port)
{
    return (struct target_options){.engine = engine,
                                   .host = "127.0.0.1",
                                   .port = port,
                                   .database = "shop",
                                   .username = "monitor",
                                   .password = PASSWORD,
                                   .tls_mode = tls_mode,
                                   .connect_timeout_ms = 3000,
                                   .statement_timeout_ms = 1000,
                                   .lock_timeout_ms = 1000};
}

static void expect_refused(const struct target_options *options, enum target_failure failure)
{
    struct target_problem problem;
    struct target *target = NULL;

    assert_int_not_equal(target_open(options, &target, &problem), STATUS_OK);
    assert_null(target);
    if (problem.failure != failure)
        fail_msg("%s, %s: failure %d, %s (%s)", options->engine, options->tls_mode, (int)problem.failure,
                 problem.problem, problem.detail);
    assert_true(problem.problem[0] != '\0' && problem.remedy[0] != '\0');
}

static void connect_to(struct server *server, const char *engine, const char *tls_mode, enum target_failure failure)
{
    struct target_options options;

    start(server);
    options = options_for(engine, tls_mode, server->port);
    expect_refused(&options, failure);
    pthread_join(server->thread, NULL);
    close(server->listening);
}

/* ---- PostgreSQL ---- */

#define PG_CLEAR WORDS("R\0\0\0\x08\0\0\0\3")
#define PG_MD5   WORDS("R\0\0\0\x0c\0\0\0\5salt")
#define PG_ERROR WORDS("E\0\0\0\x1cSFATAL\0C28P01\0Mwrong one\0\0")

static void postgresql_is_not_told_the_password_in_clear(void **state)
{
    struct server plain = {.says = {PG_CLEAR}};
    struct server without_tls = {.says = {WORDS("N"), PG_CLEAR}};

    (void)state;
    connect_to(&plain, "postgresql", "disable", TARGET_FAILURE_CLEAR_PASSWORD);
    assert_null(memmem(plain.heard, plain.heard_bytes, PASSWORD, strlen(PASSWORD)));
    connect_to(&without_tls, "postgresql", "prefer", TARGET_FAILURE_CLEAR_PASSWORD);
    assert_null(memmem(without_tls.heard, without_tls.heard_bytes, PASSWORD, strlen(PASSWORD)));
    assert_non_null(memmem(without_tls.heard, without_tls.heard_bytes, "monitor", strlen("monitor")));
}

static void postgresql_is_told_a_hash_of_the_password(void **state)
{
    struct server server = {.says = {PG_MD5, PG_ERROR}};

    (void)state;
    connect_to(&server, "postgresql", "disable", TARGET_FAILURE_PASSWORD);
    assert_non_null(memmem(server.heard, server.heard_bytes, "md5", 3));
    assert_null(memmem(server.heard, server.heard_bytes, PASSWORD, strlen(PASSWORD)));
}

/* ---- MySQL ---- */

/* Without TLS. Version 10, a name, thread, salt, capabilities, …, the method. */
#define MYSQL_HELLO                                                                                                    \
    WORDS("\x53\0\0\0\x0a"                                                                                             \
          "10.11.6-MariaDB\0"                                                                                          \
          "\1\0\0\0saltsalt\0"                                                                                         \
          "\xff\xf7\x2d\2\0\xbf\x81\x15\0\0\0\0\0\0\0\0\0\0"                                                           \
          "saltsaltsalt\0mysql_native_password\0")
#define SALT "saltsaltsaltsaltsalt\0"
#define MYSQL_SWITCH_TO_CACHING_SHA2                                                                                   \
    WORDS("\x2c\0\0\2\xfe"                                                                                             \
          "caching_sha2_password\0" SALT)
#define MYSQL_FULL_AUTHENTICATION WORDS("\2\0\0\4\1\4")
#define MYSQL_SWITCH_TO_SHA256    WORDS("\x26\0\0\2\xfesha256_password\0" SALT)
#define MYSQL_SWITCH_TO_CLEAR     WORDS("\x16\0\0\2\xfemysql_clear_password\0")

static void mysql_gets_no_password_that_it_could_read(void **state)
{
    struct server clear = {.speaks_first = true, .says = {MYSQL_HELLO, MYSQL_SWITCH_TO_CLEAR}};
    struct server sha256 = {.speaks_first = true, .says = {MYSQL_HELLO, MYSQL_SWITCH_TO_SHA256}};
    struct server caching = {.speaks_first = true,
                             .says = {MYSQL_HELLO, MYSQL_SWITCH_TO_CACHING_SHA2, MYSQL_FULL_AUTHENTICATION}};

    (void)state;
    connect_to(&sha256, "mysql", "disable", TARGET_FAILURE_CLEAR_PASSWORD);
    connect_to(&caching, "mysql", "prefer", TARGET_FAILURE_CLEAR_PASSWORD);
    connect_to(&clear, "mysql", "disable", TARGET_FAILURE_CLEAR_PASSWORD);
    assert_null(memmem(clear.heard, clear.heard_bytes, PASSWORD, strlen(PASSWORD)));
    /* The request for the server's key, which ends the client's words, did not go out. */
    assert_true(caching.heard[caching.heard_bytes - 1] != 2);
    assert_true(sha256.heard[sha256.heard_bytes - 1] != 1);
}

/* ---- both ---- */

static void where_tls_is_required_a_server_without_it_learns_nothing(void **state)
{
    static const char *const modes[] = {"require", "verify-ca", "verify-full"};

    (void)state;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        struct server postgresql = {.says = {WORDS("N"), PG_CLEAR}};
        struct server mysql = {.speaks_first = true, .says = {MYSQL_HELLO}};

        connect_to(&postgresql, "postgresql", modes[i], TARGET_FAILURE_TLS);
        connect_to(&mysql, "mysql", modes[i], TARGET_FAILURE_TLS);
        assert_null(memmem(postgresql.heard, postgresql.heard_bytes, "monitor", strlen("monitor")));
        assert_null(memmem(mysql.heard, mysql.heard_bytes, "monitor", strlen("monitor")));
    }
}

static void a_server_that_drips_is_left_at_the_deadline(void **state)
{
    static const char *const engines[] = {"postgresql", "mysql"};

    (void)state;
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
        struct server server = {.speaks_first = i == 1, .drips = true, .says = {MYSQL_HELLO}};
        struct target_options options;
        int64_t started_us = clock_monotonic_us();

        if (i == 0)
            server.says[0] =
                (struct words)WORDS("R\0\0\0\x08\0\0\0\0S\0\0\0\x40name\0value\0.............................");
        start(&server);
        options = options_for(engines[i], "disable", server.port);
        options.connect_timeout_ms = 500;
        expect_refused(&options, TARGET_FAILURE_TIMEOUT);
        assert_true(clock_monotonic_us() - started_us < 3 * CLOCK_SECOND_US);
        pthread_join(server.thread, NULL);
        close(server.listening);
    }
}

static void a_host_is_one_name_and_a_socket_only_where_it_is_allowed(void **state)
{
    static const char *const hosts[] = {
        "/var/run/postgresql", "a,b",     "@abstract", "host=/tmp", "a;ssl_key=/etc/passwd",
        "mysql://db",          "db name", "db\n",      ""};
    struct target_options options = options_for("postgresql", "prefer", 1);

    (void)state;
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        options.host = hosts[i];
        options.engine = i % 2 == 0 ? "postgresql" : "mysql";
        expect_refused(&options, TARGET_FAILURE_SETTING);
    }
}

static void over_a_socket_our_own_user_is_no_proof(void **state)
{
    struct target_options options = options_for("mysql", "disable", 0);

    (void)state;
    options.host = "/nonexistent/mysqld.sock";
    options.allows_sockets = true;
    expect_refused(&options, TARGET_FAILURE_REFUSED);
    options.password = "";
    expect_refused(&options, TARGET_FAILURE_SETTING);
    options.password = PASSWORD;
    options.username = getpwuid(geteuid())->pw_name;
    expect_refused(&options, TARGET_FAILURE_SETTING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(postgresql_is_not_told_the_password_in_clear),
        cmocka_unit_test(postgresql_is_told_a_hash_of_the_password),
        cmocka_unit_test(mysql_gets_no_password_that_it_could_read),
        cmocka_unit_test(where_tls_is_required_a_server_without_it_learns_nothing),
        cmocka_unit_test(a_server_that_drips_is_left_at_the_deadline),
        cmocka_unit_test(a_host_is_one_name_and_a_socket_only_where_it_is_allowed),
        cmocka_unit_test(over_a_socket_our_own_user_is_no_proof),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
