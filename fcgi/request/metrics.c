/* Shared counters and their Prometheus text; see metrics.h. */
#include "fcgi/request/metrics.h"

#include <assert.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "fcgi/routes.h"

/* The HTTP codes that are answered; any other is counted as 0, the last one. */
static const int codes[] = {200, 201, 202, 204, 303, 304, 400, 401, 403, 404,
                            405, 409, 413, 415, 422, 429, 500, 503, 504, 0};

/* Upper bounds of the latency buckets, in seconds; the last is +Inf. */
static const double latency_bounds_s[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10};

enum {
    CODE_COUNT = sizeof codes / sizeof codes[0],
    BOUND_COUNT = sizeof latency_bounds_s / sizeof latency_bounds_s[0],
    ROUTES_MAX = 128,
};

typedef _Atomic uint64_t counter;

struct route_counters {
    counter by_code[CODE_COUNT];
    counter latency[BOUND_COUNT + 1]; /* each bucket on its own, not cumulative */
    counter latency_sum_us;
};

struct worker_counters {
    counter pid, started_at_us, busy_since_us, starts, failures;
    counter ingest_accepted, ingest_duplicates, ingest_rejected;
    counter cache_hits, cache_misses;
    counter crowded;
    struct route_counters routes[ROUTES_MAX];
};

static struct worker_counters *workers;
static size_t worker_count; /* without the one for /health, whose slot is the last */
static struct worker_counters *own;

void metrics_create(size_t count)
{
    assert(route_count + 1 <= ROUTES_MAX);
    workers = mmap(NULL, (count + 1) * sizeof *workers, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (workers == MAP_FAILED)
        abort();
    worker_count = count;
}

void metrics_use_slot(size_t slot)
{
    assert(slot <= worker_count);
    own = &workers[slot];
}

/* Only one process writes a counter, so a plain load and store is enough. */
static void add(counter *value, uint64_t more)
{
    atomic_store_explicit(value, atomic_load_explicit(value, memory_order_relaxed) + more, memory_order_relaxed);
}

static uint64_t get(const counter *value)
{
    return atomic_load_explicit((counter *)value, memory_order_relaxed);
}

void metrics_count_request(size_t route_index, int code, int64_t latency_us)
{
    struct route_counters *route;
    size_t code_index = 0, bound = 0;

    if (own == NULL)
        return;
    route = &own->routes[route_index];
    while (code_index < CODE_COUNT - 1 && codes[code_index] != code)
        code_index++;
    while (bound < BOUND_COUNT && (double)latency_us > latency_bounds_s[bound] * 1e6)
        bound++;
    add(&route->by_code[code_index], 1);
    add(&route->latency[bound], 1);
    add(&route->latency_sum_us, latency_us > 0 ? (uint64_t)latency_us : 0);
}

void metrics_count_ingest(int64_t accepted, int64_t duplicates, int64_t rejected)
{
    if (own == NULL)
        return;
    add(&own->ingest_accepted, (uint64_t)accepted);
    add(&own->ingest_duplicates, (uint64_t)duplicates);
    add(&own->ingest_rejected, (uint64_t)rejected);
}

void metrics_count_cache(int is_hit)
{
    if (own != NULL)
        add(is_hit ? &own->cache_hits : &own->cache_misses, 1);
}

void metrics_count_crowded(void)
{
    if (own != NULL)
        add(&own->crowded, 1);
}

void metrics_set_busy(int64_t since_us)
{
    if (own != NULL)
        atomic_store_explicit(&own->busy_since_us, (uint64_t)since_us, memory_order_relaxed);
}

int64_t metrics_busy_since_us(size_t slot)
{
    return (int64_t)get(&workers[slot].busy_since_us);
}

struct metrics_workers metrics_workers(int64_t busy_us)
{
    struct metrics_workers all = {0};

    for (size_t i = 0; i < worker_count; i++) {
        int64_t since_us = metrics_busy_since_us(i);

        if (get(&workers[i].pid) == 0)
            continue;
        all.count++;
        all.busy += since_us != 0 && clock_monotonic_us() - since_us >= busy_us;
    }
    return all;
}

void metrics_set_worker(size_t slot, int64_t pid, int64_t started_at_us)
{
    atomic_store_explicit(&workers[slot].busy_since_us, 0, memory_order_relaxed);
    atomic_store_explicit(&workers[slot].pid, (uint64_t)pid, memory_order_relaxed);
    atomic_store_explicit(&workers[slot].started_at_us, (uint64_t)started_at_us, memory_order_relaxed);
}

void metrics_count_worker_start(size_t slot, int is_after_failure)
{
    add(&workers[slot].starts, 1);
    if (is_after_failure)
        add(&workers[slot].failures, 1);
}

/* ---- text ---- */

static void describe(struct buffer *out, const char *name, const char *type, const char *help)
{
    buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void metrics_write_sample(struct buffer *out, const char *name, const char *labels, double value)
{
    if (labels[0] == '\0')
        buffer_printf(out, "%s %.15g\n", name, value);
    else
        buffer_printf(out, "%s{%s} %.15g\n", name, labels, value);
}

/* The sum of one counter over all workers; `offset` is its position in struct worker_counters, in bytes. */
static uint64_t sum(size_t offset)
{
    uint64_t total = 0;

    for (size_t i = 0; i <= worker_count; i++)
        total += get((const counter *)((const char *)&workers[i] + offset));
    return total;
}

#define ROUTE_OFFSET(route, field)                                                                                     \
    (offsetof(struct worker_counters, routes) + (route) * sizeof(struct route_counters) +                              \
     offsetof(struct route_counters, field))

static void route_labels(size_t route, char *out, size_t size)
{
    if (route == route_count)
        snprintf(out, size, "method=\"\",route=\"none\"");
    else
        snprintf(out, size, "method=\"%s\",route=\"%s\"", method_name(routes[route].method), routes[route].path);
}

static void write_requests(struct buffer *out)
{
    char labels[256], all[320];

    describe(out, "potto_http_requests_total", "counter", "Answered requests by route and code.");
    for (size_t route = 0; route <= route_count; route++) {
        route_labels(route, labels, sizeof labels);
        for (size_t i = 0; i < CODE_COUNT; i++) {
            uint64_t count = sum(ROUTE_OFFSET(route, by_code) + i * sizeof(counter));

            snprintf(all, sizeof all, "%s,code=\"%d\"", labels, codes[i]);
            if (count > 0)
                metrics_write_sample(out, "potto_http_requests_total", all, (double)count);
        }
    }
    describe(out, "potto_http_request_duration_seconds", "histogram", "From the request's arrival to its answer.");
    for (size_t route = 0; route <= route_count; route++) {
        uint64_t count = 0;

        route_labels(route, labels, sizeof labels);
        for (size_t i = 0; i <= BOUND_COUNT; i++)
            count += sum(ROUTE_OFFSET(route, latency) + i * sizeof(counter));
        if (count == 0)
            continue;
        count = 0;
        for (size_t i = 0; i <= BOUND_COUNT; i++) {
            count += sum(ROUTE_OFFSET(route, latency) + i * sizeof(counter));
            if (i < BOUND_COUNT)
                snprintf(all, sizeof all, "%s,le=\"%g\"", labels, latency_bounds_s[i]);
            else
                snprintf(all, sizeof all, "%s,le=\"+Inf\"", labels);
            metrics_write_sample(out, "potto_http_request_duration_seconds_bucket", all, (double)count);
        }
        metrics_write_sample(out, "potto_http_request_duration_seconds_sum", labels,
                             (double)sum(ROUTE_OFFSET(route, latency_sum_us)) / 1e6);
        metrics_write_sample(out, "potto_http_request_duration_seconds_count", labels, (double)count);
    }
}

void metrics_write(struct buffer *out)
{
    static const struct {
        const char *name, *type, *help;
        size_t offset;
    } table[] = {
        {"potto_ingest_accepted_total", "counter", "Samples stored.",
         offsetof(struct worker_counters, ingest_accepted)},
        {"potto_ingest_duplicates_total", "counter", "Samples that were stored already.",
         offsetof(struct worker_counters, ingest_duplicates)},
        {"potto_ingest_rejected_total", "counter", "Samples refused.",
         offsetof(struct worker_counters, ingest_rejected)},
        {"potto_answer_cache_hits_total", "counter", "Answers given from the cache.",
         offsetof(struct worker_counters, cache_hits)},
        {"potto_answer_cache_misses_total", "counter", "Answers that had to be made.",
         offsetof(struct worker_counters, cache_misses)},
        {"potto_crowded_requests_total", "counter", "Requests refused because others of the caller were running.",
         offsetof(struct worker_counters, crowded)},
        {"potto_worker_starts_total", "counter", "Workers started.", offsetof(struct worker_counters, starts)},
        {"potto_worker_restarts_total", "counter", "Workers started in place of one that died.",
         offsetof(struct worker_counters, failures)},
    };
    write_requests(out);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        describe(out, table[i].name, table[i].type, table[i].help);
        metrics_write_sample(out, table[i].name, "", (double)sum(table[i].offset));
    }
    describe(out, "potto_workers", "gauge", "Workers that run.");
    metrics_write_sample(out, "potto_workers", "", (double)metrics_workers(0).count);
}
