/* Takes over the predecessors' accounts, for potto migrate. */
#ifndef POTTO_CLI_LEGACY_ACCOUNTS_H
#define POTTO_CLI_LEGACY_ACCOUNTS_H

#include "cli/cli.h"
#include "store/upkeep/legacy_accounts.h"
#include "store/upkeep/migrate.h"

/* Apply a migration, in the caller's transaction; around LEGACY_ACCOUNTS_VERSION, take over what has its names. */
enum status legacy_accounts_apply(struct cli *cli, const struct migration *migration, struct arena *arena,
                                  enum migration_outcome *out_outcome, struct legacy_accounts *out_accounts);
/* Say what was taken over, and what is left to do. */
void legacy_accounts_say(const struct legacy_accounts *accounts);
/* Seal agent tokens that were taken over and stand in clear. They work without, but cannot be shown; so nothing happens
 * without ENCRYPTION_KEY, and the next run does it. */
enum status legacy_tokens_seal(struct cli *cli);

#endif
