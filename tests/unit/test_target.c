/* lib/target: how it reports a database that cannot be reached. No real server is needed: the sockets here are silent,
 * send nonsense, or do not exist. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "target/target.h"

static const char *const engines[] = {"postgresql", "mysql"};
enum { ENGINE_COUNT = 2 };

static struct target_options options_for(const char *engine, const char *host, int port)
{
    return (struct target_options){.engine = engine,
                                   .host = host,
                                   .allows_sockets = true,
                                   .port = port,
                                   .database = "shop",
                                   .username = "monitor",
                                   .password = "s3cret-never-shown",
                                   .tls_mode = "disable",
                                   .connect_timeout_ms = 1000,
                                   .statement_timeout_ms = 1000,
                                   .lock_timeout_ms = 1000};
}

/* A listening socket on a free port of the loopback. */
static int listen_somewhere(int *out_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *out_port = ntohs(address.sin_port);
    return fd;
}

static void expect_failure(const struct target_options *options, enum target_failure failure, int64_t longest_ms)
{
    struct target_problem problem;
    struct target *source = NULL;
    int64_t started_us = clock_monotonic_us();
    enum status status = target_open(options, &source, &problem);

    assert_int_not_equal(status, STATUS_OK);
    assert_null(source);
    if (problem.failure != failure)
        fail_msg("%s: failure %d, %s (%s)", options->engine, (int)problem.failure, problem.problem, problem.detail);
    assert_true(clock_monotonic_us() - started_us <= longest_ms * 1000);
    assert_true(problem.problem[0] != '\0');
    assert_null(strstr(problem.problem, "s3cret"));
    assert_null(strstr(problem.remedy, "s3cret"));
    assert_null(strstr(problem.detail, "s3cret"));
}

static void a_port_where_nothing_listens_is_refused(void **state)
{
    int port, fd = listen_somewhere(&port);

    (void)state;
    close(fd);
    for (int i = 0; i < ENGINE_COUNT; i++) {
        struct target_options options = options_for(engines[i], "127.0.0.1", port);

        expect_failure(&options, TARGET_FAILURE_REFUSED, 500);
    }
}

static void a_missing_socket_is_refused(void **state)
{
    (void)state;
    for (int i = 0; i < ENGINE_COUNT; i++) {
        struct target_options options = options_for(engines[i], "/nonexistent", 0);

        expect_failure(&options, TARGET_FAILURE_REFUSED, 500);
    }
}

static void an_unknown_host_is_reported(void **state)
{
    (void)state;
    for (int i = 0; i < ENGINE_COUNT; i++) {
        struct target_options options = options_for(engines[i], "no-such-host.invalid", 0);

        expect_failure(&options, TARGET_FAILURE_HOST, 20000);
    }
}

static void a_silent_server_times_out(void **state)
{
    int port, fd = listen_somewhere(&port);

    (void)state;
    for (int i = 0; i < ENGINE_COUNT; i++) {
        struct target_options options = options_for(engines[i], "127.0.0.1", port);

        expect_failure(&options, TARGET_FAILURE_SILENT, 4000);
    }
    close(fd);
}

static void *talk_nonsense(void *listening)
{
    for (int i = 0; i < ENGINE_COUNT; i++) {
        int fd = accept(*(int *)listening, NULL, NULL);
        static const char hello[] = "220 mail.example.org ESMTP ready for whatever you have to say to it\r\n";

        if (write(fd, hello, sizeof hello - 1) < 0)
            perror("write");
        close(fd);
    }
    return NULL;
}

static void a_server_of_another_kind_is_reported(void **state)
{
    int port, fd = listen_somewhere(&port);
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, talk_nonsense, &fd), 0);
    for (int i = 0; i < ENGINE_COUNT; i++) {
        struct target_options options = options_for(engines[i], "127.0.0.1", port);
        struct target_problem problem;
        struct target *source = NULL;

        assert_int_not_equal(target_open(&options, &source, &problem), STATUS_OK);
        assert_null(source);
        assert_true(problem.problem[0] != '\0' && problem.remedy[0] != '\0');
    }
    pthread_join(thread, NULL);
    close(fd);
}

static void connecting_ends_when_told_to_stop(void **state)
{
    atomic_bool should_stop = true;
    int port, fd = listen_somewhere(&port);
    struct target_options options = options_for("postgresql", "127.0.0.1", port);

    (void)state;
    options.connect_timeout_ms = 60000;
    options.should_stop = &should_stop;
    expect_failure(&options, TARGET_FAILURE_STOPPED, 1000);
    close(fd);
}

static void settings_that_cannot_work_are_refused_without_connecting(void **state)
{
    struct target_options other = options_for("oracle", "db.example.org", 0);
    struct target_options no_host = options_for("mysql", NULL, 0);

    (void)state;
    expect_failure(&other, TARGET_FAILURE_SETTING, 100);
    expect_failure(&no_host, TARGET_FAILURE_SETTING, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_port_where_nothing_listens_is_refused),
        cmocka_unit_test(a_missing_socket_is_refused),
        cmocka_unit_test(an_unknown_host_is_reported),
        cmocka_unit_test(a_silent_server_times_out),
        cmocka_unit_test(a_server_of_another_kind_is_reported),
        cmocka_unit_test(connecting_ends_when_told_to_stop),
        cmocka_unit_test(settings_that_cannot_work_are_refused_without_connecting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
