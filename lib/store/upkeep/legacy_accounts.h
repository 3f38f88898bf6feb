/* The predecessors' organizations, teams, users and connections, in tables that have names of Potto's: potto migrate
 * renames them before its first migration, in one transaction with it, and fills Potto's from them in the transaction
 * of the migration that makes those (LEGACY_ACCOUNTS_VERSION). Runs as the role that owns the tables, between
 * store_migrate_lock and store_migrate_unlock. */
#ifndef POTTO_STORE_UPKEEP_LEGACY_ACCOUNTS_H
#define POTTO_STORE_UPKEEP_LEGACY_ACCOUNTS_H

#include "store/scope/store.h"

enum { LEGACY_ACCOUNTS_VERSION = 4 };

/* To be called before the first migration, when the functions are prepared. STATUS_CONFLICT, with words for people: the
 * database has tables of these names that are no predecessor's. SQL: sql/legacy_accounts_refusal.sql */
enum status store_legacy_accounts_check(struct store *store, struct arena *arena, struct error *error);
/* Rename the predecessors' tables; nothing happens without them. SQL: sql/legacy_accounts_aside.sql */
enum status store_legacy_accounts_aside(struct store *store, struct arena *arena, struct error *error);

struct legacy_accounts {
    bool is_found; /* there were such tables; else all is zero */
    int64_t organizations, teams, users, connections;
    int64_t passwords_lost; /* connections whose password must be entered again */
    bool lacks_admin;
};
/* SQL: sql/legacy_accounts_carry.sql */
enum status store_legacy_accounts_carry(struct store *store, struct arena *arena, struct legacy_accounts *out_accounts,
                                        struct error *error);

/* An agent token that a predecessor stored in clear; it works, and is to be sealed. Lives in `arena`. */
struct legacy_agent_token {
    int64_t organization_id, connection_id;
    struct text token;
};
/* SQL: sql/legacy_agent_token_list.sql, sql/legacy_agent_token_seal.sql */
enum status store_legacy_agent_token_list(struct store *store, int limit, struct arena *arena,
                                          struct legacy_agent_token **out_tokens, size_t *out_count,
                                          struct error *error);
enum status store_legacy_agent_token_seal(struct store *store, const struct legacy_agent_token *token,
                                          struct text ciphertext, struct arena *arena, struct error *error);

#endif
