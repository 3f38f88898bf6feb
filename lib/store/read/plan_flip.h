/* Fingerprints whose plan changed. A statement that changes back and forth between plans has one change here, however
 * often it does. Errors: STATUS_UNAVAILABLE when the store is away. */
#ifndef POTTO_STORE_READ_PLAN_FLIP_H
#define POTTO_STORE_READ_PLAN_FLIP_H

#include "sql/sql_hash.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

enum { PLAN_BACK_AND_FORTH_S = 600 }; /* what is seen again within it may have been reported late */

struct plan_flip {
    int64_t plan_count; /* that were seen, made in the same way; 0: the plan is not known to have changed */
    int64_t connection_id;
    int64_t first_changed_us, last_changed_us; /* the last one is known no better than plans are asked for */
    bool is_back_and_forth;                    /* earlier plans came again */
};

/* The newest change of each fingerprint on the connections of the scope, in the order of `hashes`.
 * SQL: sql/plan_flip_list.sql */
enum status store_plan_flip_list(struct store *store, const struct scope *scope, const struct sql_hash *hashes,
                                 size_t count, struct arena *arena, struct plan_flip *out_flips, struct error *error);

#endif
