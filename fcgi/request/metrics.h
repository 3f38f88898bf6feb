/* Counters of all workers in one anonymous shared mapping, which the manager makes before it forks. Each worker
 * writes only its own slot, so there are no locks; a restarted worker continues the numbers of its predecessor. Any
 * worker can answer GET /metrics. */
#ifndef POTTO_FCGI_REQUEST_METRICS_H
#define POTTO_FCGI_REQUEST_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* Make the mapping, once, in the manager, with a slot for each worker and, after them, one for the worker that is set
 * aside for /health. Aborts without memory. */
void metrics_create(size_t worker_count);

/* Set the slot that this process writes; once, in a worker. */
void metrics_use_slot(size_t slot);

/* Count one answered request. route_index: position in routes[], or route_count if the path has no route. */
void metrics_count_request(size_t route_index, int code, int64_t latency_us);
void metrics_count_ingest(int64_t accepted, int64_t duplicates, int64_t rejected);
void metrics_count_cache(int is_hit);
void metrics_count_crowded(void); /* refused by a bound of requests at once */
/* The request at hand began at `since_us` (monotonic); 0: there is none. */
void metrics_set_busy(int64_t since_us);
/* Without a slot (in the manager and in unit tests) the counting functions above do nothing. */

/* For the manager. */
void metrics_set_worker(size_t slot, int64_t pid, int64_t started_at_us);
void metrics_count_worker_start(size_t slot, int is_after_failure);

/* For the manager: since when the worker is busy with one request; 0: it is not. */
int64_t metrics_busy_since_us(size_t slot);

/* The workers but the one set aside for /health. */
struct metrics_workers {
    size_t count; /* that run */
    size_t busy;  /* of them, busy with one request for `busy_us` or longer */
};
struct metrics_workers metrics_workers(int64_t busy_us);

/* Write all counters as Prometheus text; the gauges of the store are not among them. */
void metrics_write(struct buffer *out);

/* Write one sample line: name{labels} value. labels may be "". */
void metrics_write_sample(struct buffer *out, const char *name, const char *labels, double value);

#endif
