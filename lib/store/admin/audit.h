/* The audit log: who signed in, revealed or changed what. Appended only; the API's role may not alter it. A trigger
 * bounds it (migrations/functions/audit_bound.sql). */
#ifndef POTTO_STORE_ADMIN_AUDIT_H
#define POTTO_STORE_ADMIN_AUDIT_H

#include "store/scope/scope.h"
#include "store/scope/store.h"

struct db_params;

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

/* ---- reading ---- */

struct audit_filter {
    struct text action, subject_kind; /* data NULL: any */
    int64_t user_id, subject_id;      /* 0: any */
    int64_t from_us, to_us;           /* INT64_MIN: any */
    int64_t before_id;                /* of the page before; 0: the first page */
    int limit;
};

struct audit_line {
    int64_t id, at_us;
    int64_t user_id;   /* 0: nobody */
    struct text email; /* of today; data NULL: nobody, or gone since */
    struct text action, subject_kind;
    int64_t subject_id; /* 0: none */
    struct text remote_address, detail_json;
    int64_t repeats;    /* further events of the same user, action and hour, which have no line of their own */
    int64_t last_at_us; /* of the last of them; INT64_MIN: none */
};

struct audit_list {
    struct audit_line *items; /* newest first */
    size_t count;
    bool has_more;
};

/* The organization's. SQL: sql/audit_list.sql */
enum status store_audit_list(struct store *store, const struct scope *scope, const struct audit_filter *filter,
                             struct arena *arena, struct audit_list *out_list, struct error *error);

/* A remote address as it is stored: valid UTF-8, bounded, never NULL. For statements that write their own line. */
struct text audit_address(struct text remote_address, struct arena *arena);
/* Two parameters: the caller's user id, and the address. */
void audit_params(struct db_params *params, const struct scope *scope, struct text remote_address);

#endif
