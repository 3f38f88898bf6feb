/* One worker: accepts, reads, dispatches and answers one request at a time, until it is told to stop. */
#ifndef POTTO_FCGI_SERVER_WORKER_H
#define POTTO_FCGI_SERVER_WORKER_H

#include "auth/authenticate.h"
#include "base/config.h"

struct worker_settings {
    const struct config *config;
    const struct auth_keys *keys;
};

/* Returns the process's exit status: 0 after SIGTERM (the current request is finished first) or after
 * config->worker_requests_max requests. `settings` is a struct worker_settings. */
int worker_run(int listen_fd, const void *settings);

/* The same for the worker that is set aside for /health: it takes a second at most, whatever the store and the other
 * workers do. */
int worker_run_health(int listen_fd, const void *settings);

#endif
