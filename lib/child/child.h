/* Cycles, probes and looks at sessions in child processes. Whatever a monitored server does to the client libraries
 * happens in a process that serves this one look, holds no key and no store, and may do little (jail/sandbox.c).
 *
 * A spawner runs one potto-target, which has loaded all libraries and talks with nobody. For each look it clones a
 * child of the calling process, so that only the caller can reap it and can kill it without a doubt whom. A
 * potto-target that died is started anew, at the next look at the latest. Thread-safe: the threads of a program share
 * one spawner. */
#ifndef POTTO_CHILD_CHILD_H
#define POTTO_CHILD_CHILD_H

#include "collect/collect.h"
#include "collect/logs.h"
#include "collect/probe.h"
#include "collect/waits.h"

enum child_end {
    CHILD_END_UNSET,
    CHILD_ANSWERED,
    CHILD_DEADLINE,  /* killed, since it took longer than it may */
    CHILD_DIED,      /* by a signal */
    CHILD_QUIT,      /* ended by itself, without an answer */
    CHILD_MEMORY,    /* needed more memory than it may */
    CHILD_TOO_LARGE, /* found more than an answer may hold */
    CHILD_SIGN_IN,   /* the server's sign-in took more of the processor than it may */
    CHILD_GARBLED,   /* the answer broke a rule; nothing of it is used */
    CHILD_REFUSED,   /* did not understand the request: a fault of Potto's, not of the server */
    CHILD_STOPPED,   /* should_stop of the options became true */
    CHILD_ABSENT,    /* there was no child: a fault of this machine or of Potto, not of the server */
};

struct child_spawner;

/* `program`: path of potto-target; kept, not copied. It starts with an empty environment, and inherits nothing but
 * standard error. It starts at once, so that the first look need not wait for that. */
struct child_spawner *child_spawner_new(const char *program);
/* Start potto-target anew if it died. Call it every now and then, so that a look need not wait for that. */
void child_spawner_keep(struct child_spawner *spawner);
/* No look may run any more. Ends potto-target. NULL is fine. */
void child_spawner_destroy(struct child_spawner *spawner);

/* Do what collect_cycle and collect_probe do, in a child that is killed `max_ms` after the call; deadline_us of the
 * options is not read. `is_yielding`: the child leaves the processor to others. Always fill *out_result: without an
 * answer it says in words for the owner of the database what happened, and a cycle's detail says why there was no
 * child. *out_result and its texts live in `arena`. */
enum child_end child_collect(struct child_spawner *spawner, const struct collect_input *input, int max_ms,
                             bool is_yielding, struct arena *arena, struct collect_result *out_result);
enum child_end child_probe(struct child_spawner *spawner, const struct target_options *options, double min_duration_ms,
                           int max_ms, struct arena *arena, struct probe_result *out_result);

/* Do what collect_log() does; without an answer out_result->problem says why. `should_stop`: NULL is never. */
enum child_end child_log(struct child_spawner *spawner, const struct log_input *input, int max_ms,
                         const atomic_bool *should_stop, struct arena *arena, struct log_result *out_result);

/* Looks at sessions last for a while, so one thread waits for many children at once. The thread polls their sockets,
 * and asks about each that is readable, and about all now and then. */
struct child_waits;

/* Start collect_waits() in a child that is killed `max_ms` after the call. NULL: it could not be started, and
 * *out_result says why, as child_waits_end() would. */
struct child_waits *child_waits_begin(struct child_spawner *spawner, const struct waits_input *input, int max_ms,
                                      struct waits_result *out_result);
int child_waits_socket(const struct child_waits *waits);
bool child_waits_is_over(struct child_waits *waits);
/* Ask the child to end with what it has. */
void child_waits_stop(struct child_waits *waits);
/* End the child, whether it is over or not, and free `waits`. *out_result as collect_waits() gives it, or in words for
 * the owner of the database what happened. Its texts live in `arena`. */
enum child_end child_waits_end(struct child_waits *waits, struct arena *arena, struct waits_result *out_result);

#endif
