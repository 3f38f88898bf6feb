/* The manager of the worker processes. It owns the listening unix sockets, starts N workers and replaces those that
 * die. One more worker listens at a socket of its own, for /health. A worker that is busy with one request for longer
 * than POOL_REQUEST_MAX_S is killed and replaced: nginx has given up on it by then.
 *
 * SIGTERM and SIGINT stop: workers finish their current request; after 10 s they are killed. SIGHUP reads the settings
 * again and replaces the workers one after the other; if there are two or more, one can always answer. If the manager
 * is killed, the workers end by themselves. */
#ifndef POTTO_FCGI_SERVER_POOL_H
#define POTTO_FCGI_SERVER_POOL_H

#include <stddef.h>

#include "base/error.h"

/* Listen at `path`. A socket that an ended process left there is replaced. Its mode is 0660. nginx runs as another user
 * and reaches it by its group, which is that of the directory if that has the setgid bit. Errors: STATUS_CONFLICT
 * (another manager, which holds the lock of PATH.lock, listens there), STATUS_INVALID. */
enum status pool_listen(const char *path, int *out_fd, struct error *error);

enum { POOL_REQUEST_MAX_S = 60 };

struct pool_socket {
    const char *path; /* removed at the end */
    int listen_fd;
    int (*run)(int listen_fd, const void *context); /* in the worker; returns its exit status */
};

struct pool_settings {
    struct pool_socket requests, health;
    size_t worker_count; /* for `requests`; one serves `health` */
    const void *context;
    /* Called in the manager at SIGHUP, before the first worker is replaced. What it changes in `context` is seen by
     * workers started later. May be NULL. */
    void (*reload)(void);
};

/* Runs until told to stop; returns the process's exit status. metrics_create() and crowd_create() come before. */
int pool_run(const struct pool_settings *settings);

#endif
