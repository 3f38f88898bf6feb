/* The worker pool; see pool.h. The manager does nothing but sleep in sigtimedwait until a signal comes or
 * something is due, so a signal never interrupts work. */
#include "fcgi/server/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "fcgi/request/crowd.h"
#include "fcgi/request/metrics.h"

enum {
    LISTEN_BACKLOG = 4096,
    DRAIN_US = 10 * 1000 * 1000,
    HEALTHY_AFTER_US = 5 * 1000 * 1000, /* a worker that ends earlier counts as a failed start */
    BACKOFF_FIRST_US = 100 * 1000,
    BACKOFF_MAX_US = 10 * 1000 * 1000,
    BUSY_LOOK_US = 5 * 1000 * 1000,
};

struct slot {
    pid_t pid; /* 0: no process */
    int64_t started_at_us;
    int64_t start_due_us; /* when pid is 0 */
    int64_t kill_due_us;  /* 0: it was not told to stop */
    int64_t backoff_us;
    bool is_outdated;      /* to be replaced after SIGHUP */
    bool is_after_failure; /* its predecessor died */
};

struct pool {
    const struct pool_settings *settings;
    struct slot *slots; /* the last is for /health */
    size_t slot_count;
    sigset_t waited, outside; /* the signals that the manager waits for; the mask that it was started with */
    bool is_stopping;
};

static enum status socket_failure(const char *what, const char *path, struct error *error)
{
    return error_set(error, STATUS_INVALID, "%s %s: %s", what, path, strerror(errno));
}

/* Hold PATH.lock until the process ends. Only the manager holds it: such a lock is not inherited by fork. So the next
 * manager can take the place of a killed one at once, while workers of the killed one finish their requests. */
static enum status lock_path(const char *path, struct error *error)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char name[sizeof((struct sockaddr_un *)NULL)->sun_path + sizeof ".lock"];
    int fd;

    snprintf(name, sizeof name, "%s.lock", path);
    fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return socket_failure("Cannot open the lock of", path, error);
    if (fcntl(fd, F_SETLK, &whole) == 0)
        return STATUS_OK; /* closing the file would end the lock */
    if (errno == EACCES || errno == EAGAIN)
        error_set(error, STATUS_CONFLICT, "Another potto-fcgi listens at %s.", path);
    else
        socket_failure("Cannot lock", path, error);
    close(fd);
    return error->status;
}

enum status pool_listen(const char *path, int *out_fd, struct error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat there;
    int fd;
    enum status status;

    if (strlen(path) >= sizeof address.sun_path)
        return error_set(error, STATUS_INVALID, "The path of a unix socket has at most %zu bytes: %s",
                         sizeof address.sun_path - 1, path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return socket_failure("Cannot make a socket for", path, error);
    status = lock_path(path, error);
    if (status != STATUS_OK) {
        close(fd);
        return status;
    }
    if (lstat(path, &there) == 0 && S_ISSOCK(there.st_mode))
        unlink(path);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || chmod(path, 0660) != 0 ||
        listen(fd, LISTEN_BACKLOG) != 0) {
        socket_failure("Cannot listen at", path, error);
        close(fd);
        return STATUS_INVALID;
    }
    *out_fd = fd;
    return STATUS_OK;
}

/* ---- one worker ---- */

static void start(struct pool *pool, size_t index)
{
    const struct pool_settings *settings = pool->settings;
    const struct pool_socket *socket = index < settings->worker_count ? &settings->requests : &settings->health;
    struct slot *slot = &pool->slots[index];
    pid_t manager = getpid();
    pid_t pid = fork();

    if (pid == 0) {
        metrics_use_slot(index);
        crowd_use_slot(index);
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        sigprocmask(SIG_SETMASK, &pool->outside, NULL);
        if (getppid() != manager) /* the manager died before prctl */
            _exit(0);
        _exit(socket->run(socket->listen_fd, settings->context));
    }
    if (pid < 0) {
        log_write(LOG_ERROR, "fork_failed", "%s", strerror(errno));
        slot->start_due_us = clock_monotonic_us() + BACKOFF_MAX_US;
        return;
    }
    metrics_set_worker(index, pid, clock_now_us());
    metrics_count_worker_start(index, slot->is_after_failure);
    *slot = (struct slot){.pid = pid, .started_at_us = clock_monotonic_us(), .backoff_us = slot->backoff_us};
    log_write(LOG_INFO, "worker_started", "worker %zu is process %d", index, (int)pid);
}

static void tell_to_stop(struct slot *slot, int64_t now_us)
{
    kill(slot->pid, SIGTERM);
    slot->kill_due_us = now_us + DRAIN_US;
}

/* Others sent the signal: it says nothing about whether the next worker can start. */
static bool is_killed_from_outside(int wait_status)
{
    int number = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;

    return number == SIGKILL || number == SIGTERM || number == SIGINT || number == SIGHUP || number == SIGQUIT;
}

/* A worker that was killed is followed by another at once, or a moment later if it was young; one that failed by itself
 * waits longer each time. */
static void buried(struct pool *pool, size_t index, int wait_status, int64_t now_us)
{
    struct slot *slot = &pool->slots[index];
    bool is_clean = WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0;
    bool is_wanted = slot->kill_due_us != 0;

    if (WIFSIGNALED(wait_status))
        log_write(is_wanted ? LOG_WARN : LOG_ERROR, "worker_died", "worker %zu, process %d: signal %d (%s)%s", index,
                  (int)slot->pid, WTERMSIG(wait_status), strsignal(WTERMSIG(wait_status)),
                  is_wanted ? " while it was stopping" : "");
    else
        log_write(is_clean ? LOG_INFO : LOG_ERROR, "worker_ended", "worker %zu, process %d: exit status %d", index,
                  (int)slot->pid, WEXITSTATUS(wait_status));
    metrics_set_worker(index, 0, 0);
    crowd_clear(index);
    slot->is_after_failure = !is_clean && !is_wanted;
    if (!slot->is_after_failure || now_us - slot->started_at_us >= HEALTHY_AFTER_US)
        slot->backoff_us = 0;
    slot->start_due_us = now_us + slot->backoff_us;
    if (slot->is_after_failure) {
        slot->backoff_us =
            slot->backoff_us == 0 || is_killed_from_outside(wait_status) ? BACKOFF_FIRST_US : slot->backoff_us * 2;
        if (slot->backoff_us > BACKOFF_MAX_US)
            slot->backoff_us = BACKOFF_MAX_US;
    }
    slot->pid = 0;
    slot->kill_due_us = 0;
    slot->is_outdated = false;
}

/* ---- all of them ---- */

static void bury_dead(struct pool *pool)
{
    int wait_status;
    pid_t pid;

    while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0)
        for (size_t i = 0; i < pool->slot_count; i++)
            if (pool->slots[i].pid == pid)
                buried(pool, i, wait_status, clock_monotonic_us());
}

/* Tell one outdated worker to stop, but only while all others run. */
static void replace_next(struct pool *pool, int64_t now_us)
{
    struct slot *next = NULL;

    for (size_t i = 0; i < pool->slot_count; i++) {
        struct slot *slot = &pool->slots[i];

        if (slot->pid == 0 || slot->kill_due_us != 0)
            return;
        if (slot->is_outdated && next == NULL)
            next = slot;
    }
    if (next != NULL)
        tell_to_stop(next, now_us);
}

static int64_t sooner(int64_t left_us, int64_t right_us)
{
    return left_us < right_us ? left_us : right_us;
}

/* Kill a worker that is busy with one request for too long. */
static void end_stuck(const struct pool *pool, size_t index, int64_t now_us)
{
    const struct slot *slot = &pool->slots[index];
    int64_t since_us = metrics_busy_since_us(index);

    if (slot->pid == 0 || since_us == 0 || now_us - since_us < POOL_REQUEST_MAX_S * CLOCK_SECOND_US)
        return;
    log_write(LOG_ERROR, "worker_stuck", "worker %zu, process %d: busy with one request for %d s; it is ended", index,
              (int)slot->pid, (int)((now_us - since_us) / CLOCK_SECOND_US));
    kill(slot->pid, SIGKILL);
}

/* Do what is due. Returns the time at which something is due next. */
static int64_t do_due(struct pool *pool)
{
    int64_t now_us = clock_monotonic_us(), next_us = now_us + BUSY_LOOK_US;

    for (size_t i = 0; i < pool->slot_count; i++) {
        struct slot *slot = &pool->slots[i];

        end_stuck(pool, i, now_us);
        if (slot->pid == 0 && !pool->is_stopping && slot->start_due_us <= now_us)
            start(pool, i);
        if (slot->pid != 0 && slot->kill_due_us != 0 && slot->kill_due_us <= now_us) {
            kill(slot->pid, SIGKILL);
            slot->kill_due_us = now_us + DRAIN_US;
        }
        if (slot->pid == 0 && !pool->is_stopping)
            next_us = sooner(next_us, slot->start_due_us);
        if (slot->pid != 0 && slot->kill_due_us != 0)
            next_us = sooner(next_us, slot->kill_due_us);
    }
    if (!pool->is_stopping)
        replace_next(pool, now_us);
    for (size_t i = 0; i < pool->slot_count; i++)
        if (pool->slots[i].kill_due_us != 0)
            next_us = sooner(next_us, pool->slots[i].kill_due_us);
    return next_us;
}

static void close_socket(const struct pool_socket *socket)
{
    close(socket->listen_fd);
    unlink(socket->path);
}

static void stop_all(struct pool *pool)
{
    int64_t now_us = clock_monotonic_us();

    pool->is_stopping = true;
    /* From here on nginx's connections are refused at once. */
    close_socket(&pool->settings->requests);
    close_socket(&pool->settings->health);
    for (size_t i = 0; i < pool->slot_count; i++)
        if (pool->slots[i].pid != 0)
            tell_to_stop(&pool->slots[i], now_us);
}

static bool has_workers(const struct pool *pool)
{
    for (size_t i = 0; i < pool->slot_count; i++)
        if (pool->slots[i].pid != 0)
            return true;
    return false;
}

static int wait_for_signal(const struct pool *pool, int64_t until_us)
{
    int64_t left_us = until_us - clock_monotonic_us();
    struct timespec timeout = {0};

    if (left_us > 0) {
        timeout.tv_sec = left_us / CLOCK_SECOND_US;
        timeout.tv_nsec = left_us % CLOCK_SECOND_US * 1000;
    }
    return sigtimedwait(&pool->waited, NULL, &timeout);
}

int pool_run(const struct pool_settings *settings)
{
    struct pool pool = {.settings = settings, .slot_count = settings->worker_count + 1};

    pool.slots = calloc(pool.slot_count, sizeof *pool.slots);
    if (pool.slots == NULL)
        abort();
    sigemptyset(&pool.waited);
    sigaddset(&pool.waited, SIGCHLD);
    sigaddset(&pool.waited, SIGTERM);
    sigaddset(&pool.waited, SIGINT);
    sigaddset(&pool.waited, SIGHUP);
    sigprocmask(SIG_BLOCK, &pool.waited, &pool.outside);
    log_write(LOG_INFO, "started", "%zu workers at %s", settings->worker_count, settings->requests.path);
    while (!pool.is_stopping || has_workers(&pool)) {
        int64_t until_us = do_due(&pool);

        switch (wait_for_signal(&pool, until_us)) {
        case SIGTERM:
        case SIGINT:
            if (!pool.is_stopping) {
                log_write(LOG_INFO, "stopping", "workers finish what they are doing");
                stop_all(&pool);
            }
            break;
        case SIGHUP:
            log_write(LOG_INFO, "reloading", "workers are replaced one by one");
            if (settings->reload != NULL)
                settings->reload();
            for (size_t i = 0; i < pool.slot_count; i++)
                pool.slots[i].is_outdated = true;
            break;
        default:
            break;
        }
        bury_dead(&pool);
    }
    free(pool.slots);
    log_write(LOG_INFO, "stopped", "all workers have ended");
    return 0;
}
