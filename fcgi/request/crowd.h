/* Whose requests the workers are at, in one anonymous shared mapping, which the manager makes before it forks. Nobody
 * may have all workers: a user (sessions and API tokens together), an agent, a network that sends passwords, and an
 * organization have a bound each. What is over a bound runs only if it is quick.
 *
 * A worker writes only its own place. A mutex makes counting and taking a place one step; it is robust, so that a
 * worker that dies while it holds it holds it no longer. The manager frees the place of a worker that died. */
#ifndef POTTO_FCGI_REQUEST_CROWD_H
#define POTTO_FCGI_REQUEST_CROWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A request that takes longer is slow. Those over a bound have this long, and wait no longer than this. */
enum { CROWD_QUICK_US = 200 * 1000 };

enum crowd_kind { CROWD_UNSET, CROWD_USER, CROWD_AGENT, CROWD_NETWORK };

struct crowd_caller {
    enum crowd_kind kind;
    int64_t id;
    int64_t organization_id; /* 0: not known */
};

/* How many requests may be at work at once. 0: by the number of workers N. A caller has half of them, rounded up, an
 * organization three quarters, both at most N - 1 and at least 1. With a single worker nothing is bound. */
struct crowd_bounds {
    size_t caller_max, organization_max;
};

enum crowd_verdict {
    CROWD_VERDICT_UNSET,
    CROWD_RUN,
    CROWD_HURRY,  /* over a bound: it must end within CROWD_QUICK_US, and does not count */
    CROWD_REFUSE, /* over a bound, and those that count are slow and no other worker is free, or it cannot hurry */
};

struct crowd_answer {
    enum crowd_verdict verdict;
    bool is_organization; /* over the bound of the organization, not of the caller */
    size_t running;       /* requests of the caller or the organization that count, without this one */
};

/* Make the mapping, once, in the manager. Aborts without memory. */
void crowd_create(size_t worker_count);

/* Set the place of this process; once, in a worker. A slot beyond the workers (the one for /health) has none. */
void crowd_use_slot(size_t slot);

/* For the manager: the worker of this slot has ended. */
void crowd_clear(size_t slot);

/* Take the place of this worker for a request. can_hurry: the request can be ended at any time (a read). One that
 * cannot waits instead, for CROWD_QUICK_US at most, and only while another worker is free. The organization's bound
 * holds while another organization was served in the last ten minutes. Without a place (in the manager and in unit
 * tests) everything may run. */
struct crowd_answer crowd_enter(const struct crowd_caller *caller, const struct crowd_bounds *bounds, bool can_hurry);

/* The request is over. Without one it does nothing. */
void crowd_leave(void);

#endif
