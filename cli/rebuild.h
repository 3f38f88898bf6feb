/* Makes rollups again from samples, day by day. For potto rollup and potto migrate. */
#ifndef POTTO_CLI_REBUILD_H
#define POTTO_CLI_REBUILD_H

#include "cli/cli.h"
#include "store/rollup/rollup.h"

struct rebuild_sum {
    int64_t days, samples, changed;
};

/* Shows its progress on stderr from time to time. A piece that fails is named there, and the next one is made all the
 * same, unless the store is away. Returns the first failure; *out_sum has what was made. */
enum status rebuild_days(struct cli *cli, const struct rollup_days *wanted, struct rebuild_sum *out_sum);

#endif
