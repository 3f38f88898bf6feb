/* Takes over the predecessors' accounts; see legacy_accounts.h. */
#include "cli/legacy_accounts.h"

#include <stdio.h>

enum { BATCH_ROWS = 100 };

enum status legacy_accounts_prepare(struct cli *cli, int version, struct arena *arena)
{
    enum status status;

    if (version > LEGACY_ACCOUNTS_VERSION)
        return STATUS_OK;
    status = store_legacy_accounts_check(cli->store, arena, &cli->error);
    return status == STATUS_OK ? store_legacy_accounts_aside(cli->store, arena, &cli->error) : status;
}

enum status legacy_accounts_apply(struct cli *cli, const struct migration *migration, struct arena *arena,
                                  enum migration_outcome *out_outcome, struct legacy_accounts *out_accounts)
{
    enum status status = store_migrate_apply(cli->store, migration, arena, out_outcome, &cli->error);

    if (status == STATUS_OK && migration->version == LEGACY_ACCOUNTS_VERSION)
        status = store_legacy_accounts_carry(cli->store, arena, out_accounts, &cli->error);
    return status;
}

void legacy_accounts_say(const struct legacy_accounts *accounts)
{
    if (!accounts->is_found)
        return;
    printf("legacy accounts: %lld organizations, %lld teams, %lld users, %lld connections\n",
           (long long)accounts->organizations, (long long)accounts->teams, (long long)accounts->users,
           (long long)accounts->connections);
    if (accounts->passwords_lost > 0)
        fprintf(stderr,
                "potto: the passwords of %lld connections could not be taken over. Enter them, and switch monitoring "
                "on\n",
                (long long)accounts->passwords_lost);
    if (accounts->lacks_admin)
        fputs("potto: none of the users is an admin. Make one: potto user create --role admin --email … "
              "--password-file …\n",
              stderr);
}

static enum status seal_batch(struct cli *cli, const struct auth_keys *keys, struct arena *arena, size_t *out_count)
{
    struct legacy_agent_token *tokens = NULL;
    enum status status = store_legacy_agent_token_list(cli->store, BATCH_ROWS, arena, &tokens, out_count, &cli->error);

    for (size_t i = 0; status == STATUS_OK && i < *out_count; i++) {
        const struct seal_place place = {tokens[i].organization_id, tokens[i].connection_id, SEAL_AGENT_TOKEN};
        struct text sealed;

        status = auth_encrypt(keys, place, tokens[i].token, arena, &sealed, &cli->error);
        if (status == STATUS_OK)
            status = store_legacy_agent_token_seal(cli->store, &tokens[i], sealed, arena, &cli->error);
    }
    return status;
}

enum status legacy_tokens_seal(struct cli *cli)
{
    struct auth_keys *keys = NULL;
    struct legacy_agent_token *tokens;
    struct arena *arena;
    size_t count = 0;
    enum status status;

    status = store_legacy_agent_token_list(cli->store, 1, cli->arena, &tokens, &count, &cli->error);
    if (status != STATUS_OK || count == 0 || cli->config.encryption_key == NULL)
        return status;
    status = cli_keys(cli, &keys);
    if (status != STATUS_OK)
        return status;
    arena = arena_new(0);
    while (status == STATUS_OK && count > 0) {
        status = seal_batch(cli, keys, arena, &count);
        arena_reset(arena);
    }
    arena_destroy(arena);
    auth_keys_destroy(keys);
    return status;
}
