/* The manager: one listening unix socket, N worker processes, and what happens when one of them dies.
 *
 * Signals: SIGTERM and SIGINT stop: workers finish the request at hand, those that have not after 10 s are
 * killed. SIGHUP reads the settings again and replaces the workers, one after the other, so that there is always
 * one to answer (when there are two or more). Workers end by themselves when the manager is killed. */
#ifndef POTTO_FCGI_SERVER_POOL_H
#define POTTO_FCGI_SERVER_POOL_H

#include <stddef.h>

#include "base/error.h"

/* Listen at `path`, taking over a socket that nobody listens on any more. Anybody on the machine may
 * connect: nginx runs as another user; the directory's mode keeps others out. Errors: STATUS_CONFLICT
 * (somebody listens there), STATUS_INVALID. */
enum status pool_listen(const char *path, int *out_fd, struct error *error);

struct pool_settings {
    const char *socket_path; /* removed at the end */
    int listen_fd;
    size_t worker_count;
    int (*run)(int listen_fd, const void *context); /* in the worker; returns its exit status */
    const void *context;
    /* At SIGHUP, in the manager, before the first worker is replaced: workers started later find in `context` what it
     * left there. NULL: nothing to do. */
    void (*reload)(void);
};

/* Runs until told to stop; returns the process's exit status. metrics_create() comes before. */
int pool_run(const struct pool_settings *settings);

#endif
