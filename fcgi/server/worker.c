/* The worker's loop; see worker.h. */
#include "fcgi/server/worker.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "fcgi/request/answer_cache.h"
#include "fcgi/request/answer_write.h"
#include "fcgi/request/dispatch.h"
#include "store/read/period.h"

enum {
    MMAP_THRESHOLD_BYTES = 256 * 1024, /* larger allocations go back to the system when they are freed */
    TRIM_THRESHOLD_BYTES = 512 * 1024,
};
/* A request that took this long may have allocated tens of MB; a small allocation after them that stays keeps the
 * heap from shrinking by itself. So the heap is trimmed. */
#define LONG_REQUEST_US (20 * CLOCK_SECOND_US / 1000)

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

static size_t read_stream(void *context, char *out_data, size_t size_bytes)
{
    int count = FCGX_GetStr(out_data, (int)(size_bytes > INT32_MAX ? INT32_MAX : size_bytes), context);

    return count < 0 ? 0 : (size_t)count;
}

/* The answer was written to the connection without libfcgi: let libfcgi free the request, then close. */
static void end_request(FCGX_Request *fcgi)
{
    int fd = fcgi->ipcFd;

    fcgi->ipcFd = -1;
    FCGX_Free(fcgi, 0);
    close(fd);
}

static void serve(FCGX_Request *fcgi, const struct worker_settings *settings, struct store *store, struct arena *arena,
                  struct answer_cache *cache, struct response *response)
{
    struct request request = {
        .received_at_us = clock_now_us(),
        .arena = arena,
        .store = store,
        .config = settings->config,
        .keys = settings->keys,
    };
    struct body_source body = {.read = read_stream, .context = fcgi->in};

    dispatch(fcgi->envp, &body, cache, &request, response);
    if (body.content_length != 0)
        request_body_skip(&body);
    answer_write(fcgi->ipcFd, fcgi->requestId, &request, response);
    end_request(fcgi);
    response_clear(response);
    arena_reset(arena);
    if (clock_now_us() - request.received_at_us > LONG_REQUEST_US)
        malloc_trim(0);
}

int worker_run(int listen_fd, const void *settings_pointer)
{
    const struct worker_settings *settings = settings_pointer;
    const struct config *config = settings->config;
    struct answer_cache *cache = answer_cache_new(ANSWER_CACHE_BYTES);
    struct store *store = store_new(config->store_url, "potto-fcgi");
    struct arena *arena = arena_new(0);
    struct response response;
    FCGX_Request fcgi;
    int64_t served = 0;
    int exit_status = 0;

    mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES);
    mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD_BYTES);
    mallopt(M_ARENA_MAX, 1);
    listening = listen_fd;
    nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    take_signals();
    period_set_retention(config->retention_samples_days, config->retention_5m_days, config->retention_1h_days);
    response_init(&response);
    response.is_secure = strncmp(config->public_url, "https://", 8) == 0;
    if (nothing < 0 || FCGX_Init() != 0 || FCGX_InitRequest(&fcgi, listen_fd, FCGI_FAIL_ACCEPT_ON_INTR) != 0) {
        log_write(LOG_ERROR, "worker_failed", "libfcgi does not start");
        return 1;
    }
    while (!is_stopping && (config->worker_requests_max == 0 || served < config->worker_requests_max)) {
        if (FCGX_Accept_r(&fcgi) < 0) {
            if (is_stopping || errno == EINTR)
                continue;
            log_write(LOG_ERROR, "accept_failed", "%s", strerror(errno));
            exit_status = 1;
            break;
        }
        serve(&fcgi, settings, store, arena, cache, &response);
        served++;
    }
    response_free(&response);
    arena_destroy(arena);
    answer_cache_destroy(cache);
    store_destroy(store);
    return exit_status;
}
