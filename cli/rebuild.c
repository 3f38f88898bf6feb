/* See rebuild.h. */
#include "cli/rebuild.h"

#include <stdio.h>

#include "base/clock.h"

enum { SAY_EVERY_S = 5 };

static void say_failure(const struct rollup_range *range, const struct error *failure)
{
    char from[CLOCK_RFC3339_BYTES], to[CLOCK_RFC3339_BYTES];

    fprintf(stderr, "potto: connection %lld, %.10s to %.10s: %s %s\n", (long long)range->connection_id,
            clock_format(range->from_us, from), clock_format(range->to_us, to), failure->message, failure->detail);
}

enum status rebuild_days(struct cli *cli, const struct rollup_days *wanted, struct rebuild_sum *out_sum)
{
    struct retention retention = RETENTION_OF(cli->config);
    int64_t said_us = clock_monotonic_us();
    struct arena *scratch = arena_new(0);
    struct rebuild_sum sum = {0};
    struct rollup_range *ranges = NULL;
    size_t count = 0, failed = 0;
    enum status first = store_rollup_range_list(cli->store, wanted, cli->arena, &ranges, &count, &cli->error),
                status = first;

    for (size_t i = 0; i < count && status != STATUS_UNAVAILABLE; i++) {
        struct error failure = {0};
        struct rollup_rebuilt rebuilt;

        status = store_rollup_rebuild(cli->store, &ranges[i], &retention, scratch, &rebuilt, &failure);
        arena_reset(scratch);
        if (status != STATUS_OK) {
            say_failure(&ranges[i], &failure);
            failed++;
            if (first == STATUS_OK)
                cli->error = failure;
            first = first == STATUS_OK ? status : first;
            continue;
        }
        sum.days += ranges[i].days;
        sum.samples += rebuilt.samples;
        sum.changed += rebuilt.changed;
        if (clock_monotonic_us() - said_us > SAY_EVERY_S * CLOCK_SECOND_US) {
            said_us = clock_monotonic_us();
            fprintf(stderr, "potto: %zu of %zu pieces, %lld samples\n", i + 1, count, (long long)sum.samples);
        }
    }
    if (failed > 0)
        fprintf(stderr, "potto: %zu of %zu pieces failed; the others are made again\n", failed, count);
    arena_destroy(scratch);
    *out_sum = sum;
    return first;
}
