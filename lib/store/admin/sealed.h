/* Values that ENCRYPTION_KEY sealed, of all organizations, for `potto keys`. For the command line alone (dev/check
 * holds it). Everything returned lives in `arena`. */
#ifndef POTTO_STORE_ADMIN_SEALED_H
#define POTTO_STORE_ADMIN_SEALED_H

#include "store/scope/store.h"

/* One at a time, until the connection ends. */
enum status store_admin_keys_lock(struct store *store, struct error *error);

/* A connection's sealed values; data NULL: none. */
struct sealed_row {
    int64_t organization_id, connection_id;
    struct text password, agent_token;
};
/* Rows with a value that another key than `key_id` (4 bytes) sealed, from after_id on by id, locked until the
 * transaction ends. SQL: sql/sealed_list.sql */
enum status store_admin_sealed_list(struct store *store, struct text key_id, int64_t after_id, int limit,
                                    struct arena *arena, struct sealed_row **out_rows, size_t *out_count,
                                    struct error *error);
/* SQL: sql/sealed_replace.sql */
enum status store_admin_sealed_replace(struct store *store, const struct sealed_row *row, struct arena *arena,
                                       struct error *error);

struct sealed_count {
    struct text key_id; /* 8 hexadecimal digits */
    int64_t count;      /* values */
};
/* SQL: sql/sealed_count.sql */
enum status store_admin_sealed_count(struct store *store, struct arena *arena, struct sealed_count **out_counts,
                                     size_t *out_count, struct error *error);

/* A line in the audit log of every organization: keys are of all. SQL: sql/sealed_audit.sql */
enum status store_admin_keys_audit(struct store *store, const char *action, struct text detail_json,
                                   struct arena *arena, struct error *error);

#endif
