/* lib/http against servers that do what a server should not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/reach.h"
#include "http/http.h"
#include "tests/unit/arena_fixture.h"
#include "tests/unit/http_server.h"

enum { LIMIT_BYTES = 1024 * 1024, LARGE_BYTES = 200 * 1024 * 1024 };

static struct http_network here = {.reach = REACH_LOOPBACK};
static struct http_response response;
static struct error error;

static struct http_request get(const char *url, int64_t max_ms)
{
    memset(&error, 0, sizeof error);
    memset(&response, 0, sizeof response);
    return (struct http_request){.method = HTTP_METHOD_GET,
                                 .url = text_of(url),
                                 .deadline_us = clock_monotonic_us() + max_ms * 1000,
                                 .connect_max_ms = 2000,
                                 .body_bytes_max = LIMIT_BYTES,
                                 .attempts_max = 1};
}

static enum status perform(const struct http_request *request)
{
    return http_perform(&here, request, arena, &response, &error);
}

/* Ask a server that answers so. */
static enum status ask(void (*answer)(int, int, const char *), int64_t max_ms)
{
    struct http_server server;
    struct http_request request;
    enum status status;

    server_start(&server, answer);
    request = get(server.url, max_ms);
    status = perform(&request);
    server_stop(&server);
    return status;
}

/* ---- answers ---- */

static void say_hello(int client, int number, const char *request)
{
    (void)number;
    (void)request;
    answer_json(client, 200, "", "\"hello\"");
}

static void an_answer_comes_with_its_code_type_and_body(void **state)
{
    (void)state;
    assert_int_equal(ask(say_hello, 5000), STATUS_OK);
    assert_int_equal(response.code, 200);
    assert_string_equal(response.body.data, "\"hello\"");
    assert_true(text_equal(response.content_type, TEXT("application/json")));
    assert_int_equal(response.attempts, 1);
}

static void fail_with_a_body(int client, int number, const char *request)
{
    (void)number;
    (void)request;
    answer_json(client, 500, "", "{\"error\": \"x\"}");
}

static void an_error_of_the_server_is_an_answer(void **state)
{
    (void)state;
    assert_int_equal(ask(fail_with_a_body, 5000), STATUS_OK);
    assert_int_equal(response.code, 500);
    assert_string_equal(response.body.data, "{\"error\": \"x\"}");
}

static void a_post_carries_its_body_and_headers(void **state)
{
    const struct http_header headers[] = {{"x-api-key", TEXT("s3cret"), true}};
    struct http_server server;
    struct http_request request;

    (void)state;
    server_start(&server, say_hello);
    request = get(arena_printf(arena, "http://some%%20body:pass@127.0.0.1:%d/a/b?c=d#e", server.port), 5000);
    request.method = HTTP_METHOD_POST;
    request.body = TEXT("{\"a\": 1}");
    request.headers = headers;
    request.header_count = 1;
    assert_int_equal(perform(&request), STATUS_OK);
    server_stop(&server);
    assert_non_null(strstr(server.request, "POST /a/b?c=d HTTP/1.1\r\n"));
    assert_non_null(strstr(server.request, "\r\nx-api-key: s3cret\r\n"));
    assert_non_null(strstr(server.request, "\r\nAuthorization: Basic c29tZSBib2R5OnBhc3M=\r\n"));
    assert_non_null(strstr(server.request, "\r\n\r\n{\"a\": 1}"));
    assert_null(strstr(server.request, "Expect:"));
}

/* ---- time and size ---- */

static void drip(int client, int number, const char *request)
{
    (void)number;
    (void)request;
    say(client, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    while (say(client, "x"))
        usleep(20000);
}

static void a_body_that_drips_ends_at_the_deadline(void **state)
{
    int64_t start_us = clock_monotonic_us();

    (void)state;
    assert_int_equal(ask(drip, 400), STATUS_TIMEOUT);
    assert_true(clock_monotonic_us() - start_us < 5 * CLOCK_SECOND_US);
    assert_string_equal(error.message, "The server did not answer in time.");
}

static void drip_headers(int client, int number, const char *request)
{
    (void)number;
    (void)request;
    say(client, "HTTP/1.1 200 OK\r\nX: ");
    while (say(client, "x"))
        usleep(20000);
}

static void a_header_that_drips_ends_at_the_deadline(void **state)
{
    (void)state;
    assert_int_equal(ask(drip_headers, 400), STATUS_TIMEOUT);
}

static void a_name_that_does_not_resolve_ends_at_the_deadline(void **state)
{
    struct http_request request = get("http://slow.test/", 300);
    int64_t start_us = clock_monotonic_us();

    (void)state;
    assert_int_equal(perform(&request), STATUS_TIMEOUT);
    assert_true(clock_monotonic_us() - start_us < 2 * CLOCK_SECOND_US);
}

static void send_large(int client, int number, const char *request)
{
    static const char zeros[65536];
    size_t sent = 0;

    (void)number;
    (void)request;
    say(client, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (sent < LARGE_BYTES && say(client, "10000\r\n") && send_bytes(client, zeros, sizeof zeros) &&
           say(client, "\r\n"))
        sent += sizeof zeros;
}

static void a_large_body_ends_at_its_limit(void **state)
{
    (void)state;
    assert_int_equal(ask(send_large, 20000), STATUS_TOO_LARGE);
    assert_string_equal(error.message, "The server's answer is too large.");
}

static void send_bomb(int client, int number, const char *request)
{
    static unsigned char packed[512 * 1024], zeros[65536];
    z_stream stream = {.next_out = packed, .avail_out = sizeof packed};

    (void)number;
    (void)request;
    deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    for (size_t i = 0; i < LARGE_BYTES / sizeof zeros; i++) {
        stream.next_in = zeros;
        stream.avail_in = sizeof zeros;
        deflate(&stream, Z_NO_FLUSH);
    }
    deflate(&stream, Z_FINISH);
    deflateEnd(&stream);
    say(client, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n", (size_t)stream.total_out);
    send_bytes(client, packed, stream.total_out);
}

static void the_limit_holds_after_decompression(void **state)
{
    (void)state;
    assert_int_equal(ask(send_bomb, 20000), STATUS_TOO_LARGE);
}

static void announce_large(int client, int number, const char *request)
{
    (void)number;
    (void)request;
    say(client, "HTTP/1.1 200 OK\r\nContent-Length: 209715200\r\n\r\nx");
    usleep(1000);
}

static void a_large_body_is_refused_when_it_is_announced(void **state)
{
    (void)state;
    assert_int_equal(ask(announce_large, 20000), STATUS_TOO_LARGE);
}

static void send_headers(int client, int number, const char *request)
{
    (void)number;
    (void)request;
    say(client, "HTTP/1.1 200 OK\r\n");
    while (say(client, "X-Y: z\r\n"))
        ;
}

static void headers_without_end_are_refused(void **state)
{
    (void)state;
    assert_int_equal(ask(send_headers, 20000), STATUS_TOO_LARGE);
    assert_string_equal(error.message, "The server's answer has too many headers.");
}

static void send_continues(int client, int number, const char *request)
{
    (void)number;
    (void)request;
    while (say(client, "HTTP/1.1 100 Continue\r\n\r\n"))
        ;
}

static void answers_that_come_before_the_answer_are_bounded(void **state)
{
    (void)state;
    assert_int_equal(ask(send_continues, 20000), STATUS_TOO_LARGE);
}

static void speak_ssh(int client, int number, const char *request)
{
    (void)number;
    (void)request;
    say(client, "SSH-2.0-OpenSSH_9.2\r\n");
}

static void what_is_no_http_is_no_answer(void **state)
{
    (void)state;
    assert_int_equal(ask(speak_ssh, 5000), STATUS_MALFORMED);
}

static void break_off(int client, int number, const char *request)
{
    (void)number;
    (void)request;
    say(client, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
}

static void half_a_body_is_no_answer(void **state)
{
    (void)state;
    assert_int_equal(ask(break_off, 5000), STATUS_UNAVAILABLE);
    assert_string_equal(error.message, "The server closed the connection within its answer.");
}

static atomic_bool should_stop;

static void *stop_soon(void *context)
{
    (void)context;
    usleep(150000);
    atomic_store(&should_stop, true);
    return NULL;
}

static void a_request_stops_when_it_is_told_to(void **state)
{
    struct http_server server;
    struct http_request request;
    pthread_t thread;
    int64_t start_us = clock_monotonic_us();

    (void)state;
    server_start(&server, drip);
    request = get(server.url, 60000);
    request.should_stop = &should_stop;
    pthread_create(&thread, NULL, stop_soon, NULL);
    assert_int_equal(perform(&request), STATUS_CONFLICT);
    assert_true(clock_monotonic_us() - start_us < 10 * CLOCK_SECOND_US);
    pthread_join(thread, NULL);
    server_stop(&server);
}

/* ---- redirects ---- */

static void redirect_to_metadata(int client, int number, const char *request)
{
    (void)number;
    (void)request;
    answer_json(client, 302, "Location: http://169.254.169.254/latest/meta-data/\r\n", "");
}

static void a_redirect_is_refused(void **state)
{
    (void)state;
    assert_int_equal(ask(redirect_to_metadata, 5000), STATUS_FORBIDDEN);
    assert_string_equal(error.message, "The server redirects, which is not followed.");
}

static void redirect_once(int client, int number, const char *request)
{
    (void)request;
    if (number == 1)
        answer_json(client, 301, "Location: /elsewhere\r\n", "");
    else
        answer_json(client, 200, "", "{}");
}

static void redirect_always(int client, int number, const char *request)
{
    char location[64];

    (void)request;
    snprintf(location, sizeof location, "Location: /%d\r\n", number);
    answer_json(client, 302, location, "");
}

static enum status ask_with_redirects(void (*answer)(int, int, const char *), struct http_server *server)
{
    struct http_request request;
    enum status status;

    server_start(server, answer);
    request = get(server->url, 5000);
    request.redirects_max = 2;
    status = perform(&request);
    server_stop(server);
    return status;
}

static void redirects_are_followed_within_the_origin_up_to_a_bound(void **state)
{
    struct http_server server;

    (void)state;
    assert_int_equal(ask_with_redirects(redirect_once, &server), STATUS_OK);
    assert_int_equal(response.code, 200);
    assert_non_null(strstr(server.request, "GET /elsewhere "));
    assert_int_equal(ask_with_redirects(redirect_always, &server), STATUS_FORBIDDEN);
    assert_string_equal(error.message, "The server redirects too often.");
    assert_int_equal(server.connections, 3);
    here.reach = REACH_LOOPBACK | REACH_LINK_LOCAL; /* the origin is another one, whatever may be reached */
    assert_int_equal(ask_with_redirects(redirect_to_metadata, &server), STATUS_FORBIDDEN);
    assert_string_equal(error.message, "The server redirects to another one, which is not followed.");
    here.reach = REACH_LOOPBACK;
}

/* ---- repetitions ---- */

static void throttle_once(int client, int number, const char *request)
{
    (void)request;
    if (number == 1)
        answer_json(client, 429, "Retry-After: 1\r\n", "{}");
    else
        answer_json(client, 200, "", "{}");
}

static void retry_after_is_obeyed(void **state)
{
    struct http_server server;
    struct http_request request;
    int64_t start_us = clock_monotonic_us();

    (void)state;
    server_start(&server, throttle_once);
    request = get(server.url, 20000);
    request.attempts_max = 3;
    assert_int_equal(perform(&request), STATUS_OK);
    server_stop(&server);
    assert_int_equal(response.code, 200);
    assert_int_equal(response.attempts, 2);
    assert_true(clock_monotonic_us() - start_us >= CLOCK_SECOND_US);
}

static void throttle_long(int client, int number, const char *request)
{
    (void)number;
    (void)request;
    answer_json(client, 429, "Retry-After: 3600\r\n", "{}");
}

static void nobody_waits_for_what_comes_after_the_deadline(void **state)
{
    struct http_server server;
    struct http_request request;
    int64_t start_us = clock_monotonic_us();

    (void)state;
    server_start(&server, throttle_long);
    request = get(server.url, 20000);
    request.attempts_max = 3;
    assert_int_equal(perform(&request), STATUS_OK);
    server_stop(&server);
    assert_int_equal(response.code, 429);
    assert_int_equal(response.retry_after_s, 3600);
    assert_int_equal(response.attempts, 1);
    assert_true(clock_monotonic_us() - start_us < 10 * CLOCK_SECOND_US);
}

static void close_at_once(int client, int number, const char *request)
{
    (void)number;
    (void)client;
    (void)request;
}

static void a_post_that_may_have_arrived_is_not_repeated(void **state)
{
    struct http_server server;
    struct http_request request;

    (void)state;
    server_start(&server, close_at_once);
    request = get(server.url, 20000);
    request.attempts_max = 3;
    request.method = HTTP_METHOD_POST;
    assert_int_equal(perform(&request), STATUS_UNAVAILABLE);
    assert_int_equal(server.connections, 1);
    request = get(server.url, 20000);
    request.attempts_max = 3;
    assert_int_equal(perform(&request), STATUS_UNAVAILABLE);
    assert_int_equal(server.connections, 4);
    server_stop(&server);
}

/* ---- addresses ---- */

static void kinds_of_addresses_are_told(void **state)
{
    static const struct {
        const char *address;
        enum reach reach;
    } cases[] = {
        {"8.8.8.8", REACH_PUBLIC},
        {"127.0.0.1", REACH_LOOPBACK},
        {"127.255.255.254", REACH_LOOPBACK},
        {"0.0.0.0", REACH_LOOPBACK},
        {"10.1.2.3", REACH_PRIVATE},
        {"172.16.0.1", REACH_PRIVATE},
        {"172.31.255.255", REACH_PRIVATE},
        {"172.32.0.1", REACH_PUBLIC},
        {"192.168.1.81", REACH_PRIVATE},
        {"100.64.0.1", REACH_PRIVATE},
        {"100.128.0.1", REACH_PUBLIC},
        {"169.254.169.254", REACH_LINK_LOCAL},
        {"224.0.0.1", REACH_NEVER},
        {"255.255.255.255", REACH_NEVER},
        {"203.0.113.9", REACH_NEVER},
        {"::1", REACH_LOOPBACK},
        {"::", REACH_LOOPBACK},
        {"::ffff:127.0.0.1", REACH_LOOPBACK},
        {"::ffff:8.8.8.8", REACH_PUBLIC},
        {"::127.0.0.1", REACH_LOOPBACK},
        {"64:ff9b::169.254.169.254", REACH_LINK_LOCAL},
        {"2002:a9fe:a9fe::1", REACH_LINK_LOCAL},
        {"fe80::1", REACH_LINK_LOCAL},
        {"fd00:ec2::254", REACH_PRIVATE},
        {"2001:4860:4860::8888", REACH_PUBLIC},
        {"2001::1", REACH_NEVER},
        {"2001:db8::1", REACH_NEVER},
        {"ff02::1", REACH_NEVER},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sockaddr_in v4 = {.sin_family = AF_INET};
        struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
        bool is_v4 = inet_pton(AF_INET, cases[i].address, &v4.sin_addr) == 1;

        assert_true(is_v4 || inet_pton(AF_INET6, cases[i].address, &v6.sin6_addr) == 1);
        if (reach_of(is_v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6) != cases[i].reach)
            fail_msg("%s is not told right", cases[i].address);
    }
    assert_int_equal(reach_of(&(struct sockaddr){.sa_family = AF_UNIX}), REACH_NEVER);
    assert_null(reach_check("public, loopback"));
    assert_non_null(reach_check("public,everything"));
    assert_int_equal(reach_parse("private,link-local"), REACH_PRIVATE | REACH_LINK_LOCAL);
}

static void addresses_that_are_not_allowed_get_no_packet(void **state)
{
    static const char *const urls[] = {"http://127.0.0.1:%d/",          "http://0x7f.1:%d/",
                                       "http://2130706433:%d/",         "http://localhost:%d/",
                                       "http://[::ffff:127.0.0.1]:%d/", "http://0:%d/"};
    struct http_server server;

    (void)state;
    server_start(&server, say_hello);
    here.reach = REACH_PUBLIC;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct http_request request = get(arena_printf(arena, urls[i], server.port), 5000);
        int made = atomic_load(&sockets_made);

        if (perform(&request) != STATUS_FORBIDDEN)
            fail_msg("%s is not refused: %s %s", urls[i], error.message, error.detail);
        assert_int_equal(atomic_load(&sockets_made), made);
    }
    here.reach = REACH_LOOPBACK;
    server_stop(&server);
    assert_int_equal(server.connections, 0);
}

static void the_address_that_is_connected_to_is_the_one_looked_at(void **state)
{
    static const char *const turns[] = {"127.0.0.1", "169.254.169.254"};
    struct http_server server;
    struct http_request request;

    (void)state;
    names_resolve_to = turns;
    names_count = 2;
    server_start(&server, say_hello);
    request = get(arena_printf(arena, "http://turns.test:%d/", server.port), 5000);
    assert_int_equal(perform(&request), STATUS_OK);
    assert_int_equal(perform(&request), STATUS_FORBIDDEN);
    assert_string_equal(error.message, "The server has a link-local address, and the settings don't allow those.");
    assert_int_equal(names_asked, 2); /* once a request: what is looked at is not looked up again */
    request.url = text_of(arena_printf(arena, "http://both.test:%d/", server.port));
    assert_int_equal(perform(&request), STATUS_OK);
    server_stop(&server);
    assert_int_equal(server.connections, 2);
}

static void other_protocols_are_none(void **state)
{
    static const char *const urls[] = {
        "file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/", "", "127.0.0.1:80", "http://",
        "http://a b/",        "http://a/\r\nX: y"};

    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct http_request request = get(urls[i], 5000);

        if (perform(&request) != STATUS_INVALID)
            fail_msg("%s is not refused: %s", urls[i], error.message);
    }
}

static void a_header_with_a_line_break_is_refused(void **state)
{
    const struct http_header headers[] = {{"x", TEXT("a\r\nHost: b"), false}};
    struct http_request request = get("http://127.0.0.1:1/", 5000);

    (void)state;
    request.headers = headers;
    request.header_count = 1;
    assert_int_equal(perform(&request), STATUS_INVALID);
}

/* ---- the proxy ---- */

static void the_environment_names_no_proxy(void **state)
{
    (void)state;
    setenv("http_proxy", "http://127.0.0.1:9", 1);
    setenv("all_proxy", "http://127.0.0.1:9", 1);
    assert_int_equal(ask(say_hello, 5000), STATUS_OK);
    unsetenv("http_proxy");
    unsetenv("all_proxy");
}

static void a_proxy_that_is_set_gets_the_request(void **state)
{
    struct http_server server;
    struct http_request request;

    (void)state;
    server_start(&server, say_hello);
    here = (struct http_network){.reach = REACH_PUBLIC, .proxy = server.url};
    request = get("http://nowhere.test/x", 5000);
    assert_int_equal(perform(&request), STATUS_OK);
    assert_non_null(strstr(server.request, "GET http://nowhere.test/x HTTP/1.1\r\n"));
    request = get("http://169.254.169.254/", 5000);
    assert_int_equal(perform(&request), STATUS_FORBIDDEN);
    server_stop(&server);
    assert_int_equal(server.connections, 1);
    here = (struct http_network){.reach = REACH_LOOPBACK};
}

/* ---- secrets ---- */

static void no_error_holds_a_secret(void **state)
{
    const struct http_header headers[] = {{"authorization", TEXT("Bearer t0psecret"), true}};
    char text[] = "a t0psecret b t0psecret";
    struct http_request request = get("http://somebody:passw0rd@127.0.0.1:1/", 5000);

    (void)state;
    request.headers = headers;
    request.header_count = 1;
    assert_int_equal(perform(&request), STATUS_UNAVAILABLE);
    assert_non_null(strstr(error.detail, "http://127.0.0.1:1: "));
    assert_null(strstr(error.detail, "passw0rd"));
    assert_null(strstr(error.detail, "t0psecret"));
    http_hide(text, TEXT("t0psecret"));
    assert_string_equal(text, "a ********* b *********");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_comes_with_its_code_type_and_body),
        cmocka_unit_test(an_error_of_the_server_is_an_answer),
        cmocka_unit_test(a_post_carries_its_body_and_headers),
        cmocka_unit_test(a_body_that_drips_ends_at_the_deadline),
        cmocka_unit_test(a_header_that_drips_ends_at_the_deadline),
        cmocka_unit_test(a_name_that_does_not_resolve_ends_at_the_deadline),
        cmocka_unit_test(a_large_body_ends_at_its_limit),
        cmocka_unit_test(the_limit_holds_after_decompression),
        cmocka_unit_test(a_large_body_is_refused_when_it_is_announced),
        cmocka_unit_test(headers_without_end_are_refused),
        cmocka_unit_test(answers_that_come_before_the_answer_are_bounded),
        cmocka_unit_test(what_is_no_http_is_no_answer),
        cmocka_unit_test(half_a_body_is_no_answer),
        cmocka_unit_test(a_request_stops_when_it_is_told_to),
        cmocka_unit_test(a_redirect_is_refused),
        cmocka_unit_test(redirects_are_followed_within_the_origin_up_to_a_bound),
        cmocka_unit_test(retry_after_is_obeyed),
        cmocka_unit_test(nobody_waits_for_what_comes_after_the_deadline),
        cmocka_unit_test(a_post_that_may_have_arrived_is_not_repeated),
        cmocka_unit_test(kinds_of_addresses_are_told),
        cmocka_unit_test(addresses_that_are_not_allowed_get_no_packet),
        cmocka_unit_test(the_address_that_is_connected_to_is_the_one_looked_at),
        cmocka_unit_test(other_protocols_are_none),
        cmocka_unit_test(a_header_with_a_line_break_is_refused),
        cmocka_unit_test(the_environment_names_no_proxy),
        cmocka_unit_test(a_proxy_that_is_set_gets_the_request),
        cmocka_unit_test(no_error_holds_a_secret),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
