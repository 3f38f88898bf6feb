/* Values of all organizations that are sealed with ENCRYPTION_KEY, for `potto keys`. It acts as the owner of the tables
 * and without a scope; dev/check keeps others from including this. Everything returned lives in `arena`. */
#ifndef POTTO_STORE_ADMIN_SEALED_H
#define POTTO_STORE_ADMIN_SEALED_H

#include "store/scope/store.h"

/* Wait until no other session holds the lock, and hold it until this session ends. */
enum status store_admin_keys_lock(struct store *store, struct error *error);

/* The sealed values of a connection; data NULL: none. */
struct sealed_row {
    int64_t organization_id, connection_id;
    struct text password, agent_token;
};
/* Connections with a value that is sealed with another key than `key_id` (4 bytes), by id, after `after_id`. Their rows
 * are locked until the transaction ends. SQL: sql/sealed_list.sql */
enum status store_admin_sealed_list(struct store *store, struct text key_id, int64_t after_id, int limit,
                                    struct arena *arena, struct sealed_row **out_rows, size_t *out_count,
                                    struct error *error);
/* Is every sealed value bound to its place (lib/crypto/seal.h)? True if the schema holds it, or has no such values yet.
 * SQL: sql/sealed_is_placed.sql */
enum status store_admin_sealed_is_placed(struct store *store, struct arena *arena, bool *out_is_placed,
                                         struct error *error);
/* Keep others from writing sealed values until the transaction ends. */
enum status store_admin_sealed_freeze(struct store *store, struct error *error);
/* Connections with a value that is bound to no place, by id, after `after_id`. SQL: sql/unplaced_list.sql */
enum status store_admin_unplaced_list(struct store *store, int64_t after_id, int limit, struct arena *arena,
                                      struct sealed_row **out_rows, size_t *out_count, struct error *error);
/* Store both values of `row`. SQL: sql/sealed_replace.sql */
enum status store_admin_sealed_replace(struct store *store, const struct sealed_row *row, struct arena *arena,
                                       struct error *error);

struct sealed_count {
    struct text key_id; /* 8 hexadecimal digits */
    int64_t count;      /* values */
};
/* The number of values by key. SQL: sql/sealed_count.sql */
enum status store_admin_sealed_count(struct store *store, struct arena *arena, struct sealed_count **out_counts,
                                     size_t *out_count, struct error *error);

/* Add a line to the audit log of every organization: all share the keys. SQL: sql/sealed_audit.sql */
enum status store_admin_keys_audit(struct store *store, const char *action, struct text detail_json,
                                   struct arena *arena, struct error *error);

#endif
