/* Seals secrets of the store again: with another key, or for their place. */
#ifndef POTTO_CLI_RESEAL_H
#define POTTO_CLI_RESEAL_H

#include "cli/cli.h"

struct reseal_tally {
    int64_t resealed, unreadable; /* numbers of values */
};

/* Seal with the current key what other keys have sealed, 100 rows a transaction. An interrupted run can be repeated. A
 * value that no key opens stays as it is. */
enum status reseal_rotated(struct cli *cli, const struct auth_keys *keys, struct reseal_tally *out_tally);

/* Seal for their place the values that an older Potto has sealed without one, in the caller's transaction. In a store
 * that has had this done, nothing happens, and no keys are needed. A value that no key opens is removed if
 * `discards_unreadable`; otherwise STATUS_CONFLICT says of which connections these are. */
enum status reseal_unplaced(struct cli *cli, bool discards_unreadable, struct reseal_tally *out_tally);

#endif
