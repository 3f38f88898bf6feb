/* Takes over the predecessors' accounts, for potto migrate. */
#ifndef POTTO_CLI_LEGACY_ACCOUNTS_H
#define POTTO_CLI_LEGACY_ACCOUNTS_H

#include "cli/cli.h"
#include "store/upkeep/legacy_accounts.h"
#include "store/upkeep/migrate.h"

/* Rename the predecessors' tables that have names of Potto's. To be called before the first migration that is applied
 * now, of this version, and in its transaction: a run that goes on after that migration finds no such table, and need
 * not tell once more whose they are. STATUS_CONFLICT: they are another program's. */
enum status legacy_accounts_prepare(struct cli *cli, int version, struct arena *arena);
/* Apply a migration, in the caller's transaction; after LEGACY_ACCOUNTS_VERSION, fill its tables from the renamed. */
enum status legacy_accounts_apply(struct cli *cli, const struct migration *migration, struct arena *arena,
                                  enum migration_outcome *out_outcome, struct legacy_accounts *out_accounts);
/* Say what was taken over, and what is left to do. */
void legacy_accounts_say(const struct legacy_accounts *accounts);
/* Seal agent tokens that were taken over and stand in clear. They work without, but cannot be shown; so nothing happens
 * without ENCRYPTION_KEY, and the next run does it. */
enum status legacy_tokens_seal(struct cli *cli);

#endif
