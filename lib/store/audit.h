/* The audit log: who signed in, revealed or changed what. Appended only; the API's role may not alter it. */
#ifndef POTTO_STORE_AUDIT_H
#define POTTO_STORE_AUDIT_H

#include "store/store.h"

struct audit_entry {
    int64_t organization_id; /* 0: nobody's */
    int64_t user_id;         /* 0: nobody signed in */
    const char *action, *subject_kind;
    int64_t subject_id; /* 0: none */
    struct text remote_address;
    struct text detail_json; /* an object without secrets; data NULL: {} */
};

/* SQL: sql/audit_add.sql */
enum status store_audit_add(struct store *store, const struct audit_entry *entry, struct arena *arena,
                            struct error *error);

/* A remote address as it is stored: valid UTF-8, bounded, never NULL. For statements that write their own line. */
struct text audit_address(struct text remote_address, struct arena *arena);

#endif
