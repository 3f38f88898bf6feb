/* See rebuild.h. */
#include "cli/rebuild.h"

#include <stdio.h>

#include "base/clock.h"

enum { SAY_EVERY_S = 5 };

enum status rebuild_days(struct cli *cli, const struct rollup_days *wanted, struct rebuild_sum *out_sum)
{
    struct retention retention = RETENTION_OF(cli->config);
    int64_t said_us = clock_monotonic_us();
    struct arena *scratch = arena_new(0);
    struct rebuild_sum sum = {0};
    struct rollup_range *ranges = NULL;
    size_t count = 0;
    enum status status = store_rollup_range_list(cli->store, wanted, cli->arena, &ranges, &count, &cli->error);

    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct rollup_rebuilt rebuilt;

        status = store_rollup_rebuild(cli->store, &ranges[i], &retention, scratch, &rebuilt, &cli->error);
        arena_reset(scratch);
        if (status != STATUS_OK)
            break;
        sum.days += ranges[i].days;
        sum.samples += rebuilt.samples;
        sum.changed += rebuilt.changed;
        if (clock_monotonic_us() - said_us > SAY_EVERY_S * CLOCK_SECOND_US) {
            said_us = clock_monotonic_us();
            fprintf(stderr, "potto: %zu of %zu pieces, %lld samples\n", i + 1, count, (long long)sum.samples);
        }
    }
    arena_destroy(scratch);
    if (status == STATUS_OK)
        *out_sum = sum;
    return status;
}
