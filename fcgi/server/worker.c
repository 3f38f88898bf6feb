/* The worker's loop; see worker.h. */
#include "fcgi/server/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "fcgi/request/answer_cache.h"
#include "fcgi/request/answer_write.h"
#include "fcgi/request/crowd.h"
#include "fcgi/request/dispatch.h"
#include "fcgi/request/metrics.h"
#include "fcgi/request/schema_watch.h"
#include "fcgi/server/connection.h"
#include "store/ingest/ingest.h"
#include "store/read/period.h"
#include "store/scope/quota.h"

enum {
    MMAP_THRESHOLD_BYTES = 256 * 1024, /* larger allocations go back to the system when they are freed */
    TRIM_THRESHOLD_BYTES = 512 * 1024,
};
/* A request that took this long may have allocated tens of MB; a small allocation after them that stays keeps the
 * heap from shrinking by itself. So the heap is trimmed. */
#define LONG_REQUEST_US (20 * CLOCK_SECOND_US / 1000)

/* How long one request may take, in parts. Together they end before nginx gives up (60 s). */
struct limits {
    int head_ms, body_ms, write_ms; /* nginx has the whole request and takes the whole answer: both pass at once */
    int store_ms;                   /* for all statements together */
    bool watches_schema;
};
static const struct limits usual_limits = {.head_ms = 3000, .body_ms = 10000, .write_ms = 10000, .store_ms = 20000};
static const struct limits health_limits = {
    .head_ms = 500, .body_ms = 500, .write_ms = 500, .store_ms = 1000, .watches_schema = true};

static volatile sig_atomic_t is_stopping;
static int listening;
static int nothing; /* /dev/null */

/* A signal that comes just before accept(2) would not end it. So the handler replaces the listening socket by
 * /dev/null, on which accept fails. dup2 is async-signal-safe. */
static void on_stop(int signal_number)
{
    int saved = errno;

    (void)signal_number;
    is_stopping = 1;
    dup2(nothing, listening);
    errno = saved;
}

static void take_signals(void)
{
    struct sigaction stop = {.sa_handler = on_stop}, ignore = {.sa_handler = SIG_IGN};

    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &ignore, NULL); /* a terminal sends it to the manager too, which stops the workers */
    sigaction(SIGHUP, &ignore, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

/* What a worker keeps from request to request. */
struct worker {
    const struct worker_settings *settings;
    const struct limits *limits;
    struct answer_cache *cache;
    struct store *store;
    struct arena *arena;
    struct response response;
    struct connection connection;
};

static void answer(struct worker *worker)
{
    struct connection *connection = &worker->connection;
    struct request request = {
        .received_at_us = clock_now_us(),
        .arena = worker->arena,
        .store = worker->store,
        .config = worker->settings->config,
        .keys = worker->settings->keys,
    };
    struct body_source body = {.read = connection_read_body, .context = connection};
    const int64_t from_us = clock_monotonic_us();

    metrics_set_busy(from_us);
    connection->read_left_us = worker->limits->body_ms * INT64_C(1000);
    store_set_deadline(worker->store, from_us + worker->limits->store_ms * INT64_C(1000));
    dispatch(connection->params, &body, worker->cache, &request, &worker->response);
    if (body.content_length != 0)
        request_body_skip(&body);
    answer_write(connection->fd, connection->request_id, &request, &worker->response,
                 clock_monotonic_us() + worker->limits->write_ms * INT64_C(1000));
    connection_close(connection);
    crowd_leave();
    metrics_set_busy(0);
    response_clear(&worker->response);
    if (clock_monotonic_us() - from_us > LONG_REQUEST_US)
        malloc_trim(0);
}

/* Compare schemas at once and then once a minute; nothing is done in between. A look takes half of a request's time at
 * most, so that who asks meanwhile is answered in time too. */
static void watch_schema(struct worker *worker)
{
    store_set_deadline(worker->store, clock_monotonic_us() + worker->limits->store_ms / 2 * INT64_C(1000));
    schema_watch(worker->store, worker->arena, STORE_SCHEMA_LOOK_MS);
    arena_reset(worker->arena);
}

/* accept() ends with EAGAIN after so long, so that the schema is looked at also while nobody asks for /health. */
static void wait_for_schema_at_most(int listen_fd)
{
    const struct timeval look = {.tv_sec = STORE_SCHEMA_LOOK_MS / 1000, .tv_usec = STORE_SCHEMA_LOOK_MS % 1000 * 1000};

    setsockopt(listen_fd, SOL_SOCKET, SO_RCVTIMEO, &look, sizeof look);
}

/* Serve one connection. False: accept failed, and the worker was not told to stop. */
static bool serve(struct worker *worker, int listen_fd)
{
    if (worker->limits->watches_schema)
        watch_schema(worker);
    if (!connection_accept(&worker->connection, listen_fd))
        return is_stopping || errno == EINTR || errno == ECONNABORTED || errno == EAGAIN;
    if (connection_read_head(&worker->connection, worker->limits->head_ms, worker->arena))
        answer(worker);
    else
        connection_close(&worker->connection); /* a peer that is not nginx; it is owed no answer */
    arena_reset(worker->arena);
    return true;
}

static void prepare(struct worker *worker, int listen_fd)
{
    const struct config *config = worker->settings->config;

    mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES);
    mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD_BYTES);
    mallopt(M_ARENA_MAX, 1);
    listening = listen_fd;
    nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    take_signals();
    if (worker->limits->watches_schema)
        wait_for_schema_at_most(listen_fd);
    period_set_retention(config->retention_samples_days, config->retention_5m_days, config->retention_1h_days);
    worker->cache = answer_cache_new(ANSWER_CACHE_BYTES);
    worker->store = store_new(config->store_url, "potto-fcgi");
    store_set_quotas(worker->store, QUOTA_SETTINGS_OF(*config));
    store_set_tag_keys(worker->store, config->tag_keys);
    worker->arena = arena_new(0);
    response_init(&worker->response);
    worker->response.is_secure = strncmp(config->public_url, "https://", 8) == 0;
}

static int run(int listen_fd, const struct worker_settings *settings, const struct limits *limits)
{
    static struct worker worker;
    const int64_t requests_max = settings->config->worker_requests_max;
    int exit_status = 0;

    worker.settings = settings;
    worker.limits = limits;
    prepare(&worker, listen_fd);
    for (int64_t served = 0; !is_stopping && (requests_max == 0 || served < requests_max); served++)
        if (!serve(&worker, listen_fd)) {
            log_write(LOG_ERROR, "accept_failed", "%s", strerror(errno));
            exit_status = 1;
            break;
        }
    response_free(&worker.response);
    arena_destroy(worker.arena);
    answer_cache_destroy(worker.cache);
    store_destroy(worker.store);
    return exit_status;
}

int worker_run(int listen_fd, const void *settings)
{
    return run(listen_fd, settings, &usual_limits);
}

int worker_run_health(int listen_fd, const void *settings)
{
    return run(listen_fd, settings, &health_limits);
}
