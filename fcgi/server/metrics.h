/* Counters of all workers in one anonymous shared mapping, which the manager makes before it forks. Each
 * worker writes its own slot and nobody else's, so there are no locks; a restarted worker goes on with its
 * predecessor's numbers. Read by GET /metrics in whichever worker it falls to. */
#ifndef POTTO_FCGI_SERVER_METRICS_H
#define POTTO_FCGI_SERVER_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* Make the mapping for so many workers; aborts when there is no memory for it. Once, in the manager. */
void metrics_create(size_t worker_count);

/* Which slot this process writes; in a worker, once. */
void metrics_use_slot(size_t slot);

/* One answered request. route_index: position in routes[], or route_count for a path that is none. */
void metrics_count_request(size_t route_index, int code, int64_t latency_us);
void metrics_count_ingest(int64_t accepted, int64_t duplicates, int64_t rejected);
void metrics_count_cache(int is_hit);
/* Without a worker slot (the manager, unit tests) the three above do nothing. */

/* The manager's part. */
void metrics_set_worker(size_t slot, int64_t pid, int64_t started_at_us);
void metrics_count_worker_start(size_t slot, int is_after_failure);

/* The whole as Prometheus text, without the gauges that come from the store. */
void metrics_write(struct buffer *out);

/* One sample line: name{labels} value. labels may be "". */
void metrics_write_sample(struct buffer *out, const char *name, const char *labels, double value);

#endif
