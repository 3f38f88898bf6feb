/* Makes rollups again from samples, day by day. For potto rollup and potto migrate. */
#ifndef POTTO_CLI_REBUILD_H
#define POTTO_CLI_REBUILD_H

#include "cli/cli.h"
#include "store/rollup/rollup.h"

struct rebuild_sum {
    int64_t days, samples, changed;
};

/* Shows its progress on stderr from time to time. */
enum status rebuild_days(struct cli *cli, const struct rollup_days *wanted, struct rebuild_sum *out_sum);

#endif
