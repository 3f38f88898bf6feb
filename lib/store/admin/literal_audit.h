/* The one way for literals out of the store: who reads them is noted first. The audit log has a line for each user,
 * sample and day, or, for lists and plans, for each user, connection and day. */
#ifndef POTTO_STORE_ADMIN_LITERAL_AUDIT_H
#define POTTO_STORE_ADMIN_LITERAL_AUDIT_H

#include "store/scope/literal.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

/* The texts of `literals`, which the caller is about to be shown; out_texts has `count`. A NULL literal has no text
 * (data NULL), and nothing is noted for it. A generic plan holds no values: nothing is noted either. A line for a
 * sample covers the other literals of its connection in the same call. A struct store remembers what it wrote today, so
 * that reading costs one small statement the first time and none after.
 *
 * Errors: STATUS_UNAVAILABLE. What cannot be noted is not given: out_texts is untouched.
 * SQL: sql/audit_literals.sql */
enum status store_literals_open(struct store *store, const struct scope *scope,
                                const struct literal_text *const *literals, size_t count, struct text remote_address,
                                struct arena *arena, struct text *out_texts, struct error *error);

#endif
