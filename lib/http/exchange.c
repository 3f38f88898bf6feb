/* One attempt of a request; see exchange.h. Each has a handle of its own: no connection, cookie or name that was found
 * outlives it. */
#include "http/exchange.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/reach.h"

enum { STEP_MS = 100 };

struct attempt {
    const struct http_network *network;
    const struct http_request *request;
    const struct http_place *place;
    struct http_exchange *exchange;
    CURL *easy;
    CURLM *multi;
    struct curl_slist *headers;
    struct buffer body;
    size_t header_bytes;
    int header_count;
    enum reach refused; /* the kind of an address that was not connected to */
    bool is_stopped, has_too_many_headers;
    char words[CURL_ERROR_SIZE]; /* libcurl's */
};

/* ---- what libcurl calls ---- */

/* The only place where a socket is made: the address is the one that is connected to. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct attempt *attempt = context;
    enum reach reach = reach_of(&address->addr);
    bool is_allowed =
        attempt->network->proxy != NULL ? reach != REACH_NEVER : ((unsigned)reach & attempt->network->reach) != 0;

    (void)purpose;
    if (!is_allowed) {
        attempt->refused = reach;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t take_header(char *data, size_t one, size_t size, void *context)
{
    struct attempt *attempt = context;

    (void)one;
    (void)data;
    attempt->exchange->was_connected = true;
    attempt->header_bytes += size;
    attempt->header_count++;
    attempt->has_too_many_headers =
        attempt->header_bytes > HTTP_ANSWER_HEADER_BYTES_MAX || attempt->header_count > HTTP_ANSWER_HEADERS_MAX;
    return attempt->has_too_many_headers ? 0 : size;
}

/* Comes after decompression. */
static size_t take_body(char *data, size_t one, size_t size, void *context)
{
    struct attempt *attempt = context;

    (void)one;
    buffer_append(&attempt->body, data, size);
    return attempt->body.has_failed ? 0 : size;
}

/* Comes when the connection is made, before the request is sent. */
static int note_connection(void *context, char *peer, char *own, int peer_port, int own_port)
{
    struct attempt *attempt = context;

    (void)peer;
    (void)own;
    (void)peer_port;
    (void)own_port;
    attempt->exchange->was_connected = true;
    return CURL_PREREQFUNC_OK;
}

/* ---- failures ---- */

static const struct {
    CURLcode code;
    enum status status;
    const char *problem;
} failures[] = {
    {CURLE_COULDNT_RESOLVE_HOST, STATUS_UNAVAILABLE, "The server's name is not known."},
    {CURLE_COULDNT_RESOLVE_PROXY, STATUS_UNAVAILABLE, "The proxy's name is not known."},
    {CURLE_COULDNT_CONNECT, STATUS_UNAVAILABLE, "The server takes no connection."},
    {CURLE_OPERATION_TIMEDOUT, STATUS_TIMEOUT, "The server did not answer in time."},
    {CURLE_PEER_FAILED_VERIFICATION, STATUS_UNAVAILABLE, "The server's certificate is not trusted."},
    {CURLE_SSL_CONNECT_ERROR, STATUS_UNAVAILABLE, "The server and Potto agree on no TLS."},
    {CURLE_SSL_CACERT_BADFILE, STATUS_INVALID, "The file of certificates cannot be read."},
    {CURLE_WEIRD_SERVER_REPLY, STATUS_MALFORMED, "The server does not speak HTTP."},
    {CURLE_UNSUPPORTED_PROTOCOL, STATUS_MALFORMED, "The server does not speak HTTP."},
    {CURLE_BAD_CONTENT_ENCODING, STATUS_MALFORMED, "The server's answer is compressed in a broken way."},
    {CURLE_FILESIZE_EXCEEDED, STATUS_TOO_LARGE, "The server's answer is too large."},
    {CURLE_GOT_NOTHING, STATUS_UNAVAILABLE, "The server closed the connection without an answer."},
    {CURLE_PARTIAL_FILE, STATUS_UNAVAILABLE, "The server closed the connection within its answer."},
    {CURLE_RECV_ERROR, STATUS_UNAVAILABLE, "The connection to the server broke."},
    {CURLE_SEND_ERROR, STATUS_UNAVAILABLE, "The connection to the server broke."},
    {CURLE_PROXY, STATUS_UNAVAILABLE, "The proxy makes no connection to the server."},
};

void http_hide(char *text, struct text secret)
{
    if (secret.size == 0)
        return;
    for (char *at = text; (at = memmem(at, strlen(at), secret.data, secret.size)) != NULL; at += secret.size)
        memset(at, '*', secret.size);
}

static void describe(struct attempt *attempt, CURLcode code)
{
    char *detail = attempt->exchange->detail;

    snprintf(detail, HTTP_DETAIL_BYTES, "%s: %s", attempt->place->origin,
             attempt->words[0] != '\0' ? attempt->words : curl_easy_strerror(code));
    http_hide(detail, text_of(attempt->place->user));
    http_hide(detail, text_of(attempt->place->password));
    for (size_t i = 0; i < attempt->request->header_count; i++)
        if (attempt->request->headers[i].is_secret)
            http_hide(detail, attempt->request->headers[i].value);
}

static void fail(struct attempt *attempt, enum status status, const char *problem)
{
    attempt->exchange->status = status;
    attempt->exchange->problem = problem;
}

static void judge_failure(struct attempt *attempt, CURLcode code)
{
    static const struct {
        enum reach reach;
        const char *problem;
    } refusals[] = {
        {REACH_PUBLIC, "The server has a public address, and the settings don't allow those."},
        {REACH_PRIVATE, "The server has a private address, and the settings don't allow those."},
        {REACH_LOOPBACK, "The server's address is that of this machine, and the settings don't allow it."},
        {REACH_LINK_LOCAL, "The server has a link-local address, and the settings don't allow those."},
        {REACH_NEVER, "The server has an address that no server can have."},
    };

    describe(attempt, code);
    if (attempt->is_stopped)
        return fail(attempt, STATUS_CONFLICT, "The request was stopped.");
    if (attempt->has_too_many_headers)
        return fail(attempt, STATUS_TOO_LARGE, "The server's answer has too many headers.");
    if (attempt->body.has_failed)
        return fail(attempt, STATUS_TOO_LARGE, "The server's answer is too large.");
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0] && !attempt->exchange->was_connected; i++)
        if (refusals[i].reach == attempt->refused)
            return fail(attempt, STATUS_FORBIDDEN, refusals[i].problem);
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++)
        if (failures[i].code == code)
            return fail(attempt, failures[i].status, failures[i].problem);
    fail(attempt, STATUS_UNAVAILABLE, "The server cannot be asked.");
}

/* ---- the attempt ---- */

static bool add_headers(struct attempt *attempt, struct arena *arena)
{
    const struct http_request *request = attempt->request;
    struct curl_slist *grown = curl_slist_append(NULL, "Expect:");

    for (size_t i = 0; i < request->header_count && grown != NULL; i++) {
        const struct http_header *header = &request->headers[i];

        attempt->headers = grown;
        grown = curl_slist_append(attempt->headers, arena_printf(arena, "%s: %.*s", header->name,
                                                                 (int)header->value.size, header->value.data));
    }
    if (grown != NULL)
        attempt->headers = grown;
    return grown != NULL;
}

/* What holds for every request, whatever the environment says. */
static void set_always(struct attempt *attempt)
{
    CURL *easy = attempt->easy;

    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* the deadline does not wait for a name that is looked up */
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, attempt->words);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "potto/" POTTO_VERSION);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, attempt);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, note_connection);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, attempt);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, attempt);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, attempt);
}

static void set_request(struct attempt *attempt, int64_t left_ms)
{
    const struct http_request *request = attempt->request;
    const struct http_network *network = attempt->network;
    CURL *easy = attempt->easy;
    int64_t connect_ms = request->connect_max_ms < left_ms ? request->connect_max_ms : left_ms;

    curl_easy_setopt(easy, CURLOPT_URL, attempt->place->url);
    curl_easy_setopt(easy, CURLOPT_USERNAME, attempt->place->user);
    curl_easy_setopt(easy, CURLOPT_PASSWORD, attempt->place->password);
    /* "" is none: NULL would be that of the environment. */
    curl_easy_setopt(easy, CURLOPT_PROXY, network->proxy != NULL ? network->proxy : "");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    if (network->ca_file != NULL)
        curl_easy_setopt(easy, CURLOPT_CAINFO, network->ca_file);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)left_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
    curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->body_bytes_max);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, attempt->headers);
    if (request->method == HTTP_METHOD_POST) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.size);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.size > 0 ? request->body.data : "");
    }
}

bool http_should_stop(const struct http_request *request)
{
    return request->should_stop != NULL && atomic_load(request->should_stop);
}

static CURLcode drive(struct attempt *attempt)
{
    for (;;) {
        int running = 0, queued = 0;
        int64_t left_us;
        const CURLMsg *message;

        if (curl_multi_perform(attempt->multi, &running) != CURLM_OK)
            return CURLE_FAILED_INIT;
        message = curl_multi_info_read(attempt->multi, &queued);
        if (message != NULL)
            return message->data.result;
        attempt->is_stopped = http_should_stop(attempt->request);
        if (attempt->is_stopped)
            return CURLE_ABORTED_BY_CALLBACK;
        left_us = attempt->request->deadline_us - clock_monotonic_us();
        if (left_us <= 0)
            return CURLE_OPERATION_TIMEDOUT;
        curl_multi_poll(attempt->multi, NULL, 0, left_us < STEP_MS * 1000 ? (int)(left_us / 1000) + 1 : STEP_MS, NULL);
    }
}

static void take_answer(struct attempt *attempt, struct arena *arena)
{
    struct http_exchange *exchange = attempt->exchange;
    const char *type = NULL, *url = NULL;
    curl_off_t wait_s = 0;
    long code = 0;

    curl_easy_getinfo(attempt->easy, CURLINFO_RESPONSE_CODE, &code);
    curl_easy_getinfo(attempt->easy, CURLINFO_CONTENT_TYPE, &type);
    curl_easy_getinfo(attempt->easy, CURLINFO_REDIRECT_URL, &url);
    curl_easy_getinfo(attempt->easy, CURLINFO_RETRY_AFTER, &wait_s);
    exchange->status = STATUS_OK;
    exchange->code = (int)code;
    exchange->body.size = attempt->body.size_bytes;
    exchange->body.data =
        arena_string(arena, attempt->body.size_bytes > 0 ? attempt->body.data : "", exchange->body.size);
    exchange->content_type = text_of(type == NULL ? "" : arena_string(arena, type, strlen(type)));
    exchange->redirect_url = url == NULL ? NULL : arena_string(arena, url, strlen(url));
    exchange->retry_after_s = wait_s < 0 ? 0 : wait_s > INT32_MAX ? INT32_MAX : (int)wait_s;
    snprintf(exchange->detail, sizeof exchange->detail, "%s: code %ld", attempt->place->origin, code);
}

/* With a proxy no address is seen here, so at least a host that is one is looked at. */
static bool is_host_refused(struct attempt *attempt)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    const struct sockaddr *address = NULL;
    enum reach reach;

    if (attempt->network->proxy == NULL)
        return false;
    if (inet_pton(AF_INET, attempt->place->host, &v4.sin_addr) == 1)
        address = (const struct sockaddr *)&v4;
    else if (inet_pton(AF_INET6, attempt->place->host, &v6.sin6_addr) == 1)
        address = (const struct sockaddr *)&v6;
    else if (!text_equal_nocase(text_of(attempt->place->host), TEXT("localhost")))
        return false;
    reach = address == NULL ? REACH_LOOPBACK : reach_of(address);
    if (((unsigned)reach & attempt->network->reach) != 0)
        return false;
    attempt->refused = reach;
    return true;
}

static void start_libcurl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

void http_exchange_run(const struct http_network *network, const struct http_request *request,
                       const struct http_place *place, struct arena *arena, struct http_exchange *out_exchange)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct attempt attempt = {.network = network, .request = request, .place = place, .exchange = out_exchange};
    int64_t left_ms = (request->deadline_us - clock_monotonic_us()) / 1000;
    CURLcode code = CURLE_FAILED_INIT;

    *out_exchange = (struct http_exchange){0};
    pthread_once(&once, start_libcurl);
    buffer_init(&attempt.body, request->body_bytes_max);
    attempt.easy = curl_easy_init();
    attempt.multi = curl_multi_init();
    if (is_host_refused(&attempt)) {
        code = CURLE_COULDNT_CONNECT;
    } else if (left_ms <= 0) {
        code = CURLE_OPERATION_TIMEDOUT;
    } else if (attempt.easy != NULL && attempt.multi != NULL && add_headers(&attempt, arena)) {
        set_always(&attempt);
        set_request(&attempt, left_ms);
        if (curl_multi_add_handle(attempt.multi, attempt.easy) == CURLM_OK)
            code = drive(&attempt);
    }
    if (code == CURLE_OK)
        take_answer(&attempt, arena);
    else
        judge_failure(&attempt, code);
    if (attempt.easy != NULL && attempt.multi != NULL)
        curl_multi_remove_handle(attempt.multi, attempt.easy);
    curl_easy_cleanup(attempt.easy);
    curl_multi_cleanup(attempt.multi);
    curl_slist_free_all(attempt.headers);
    buffer_free(&attempt.body);
}
