/* How often somebody may try to sign in: counters in the store, common to all workers. What is counted, and what a
 * failure costs, stands in migrations/functions/sign_in_admit.sql; who is who, in lib/auth/throttle.c. */
#ifndef POTTO_STORE_ADMIN_THROTTLE_H
#define POTTO_STORE_ADMIN_THROTTLE_H

#include "store/scope/store.h"

/* Names of counters: keyed hashes, since what people type as their address may be anything. */
struct sign_in_keys {
    struct text pair, network, account;
};

struct sign_in_limits {
    int32_t pair_failures_max, network_failures_max, account_failures_max; /* free of waiting */
};

struct sign_in_admission {
    double wait_s; /* 0: go on; the attempt is counted as a failure until store_sign_in_succeeded */
    bool is_known; /* the account signed in from this network in the last 30 days */
};

/* SQL: sql/sign_in_admit.sql */
enum status store_sign_in_admit(struct store *store, const struct sign_in_keys *keys,
                                const struct sign_in_limits *limits, struct arena *arena,
                                struct sign_in_admission *out_admission, struct error *error);
/* SQL: sql/sign_in_succeeded.sql */
enum status store_sign_in_succeeded(struct store *store, const struct sign_in_keys *keys, bool was_known,
                                    struct arena *arena, struct error *error);
/* SQL: sql/sign_in_trim.sql */
enum status store_sign_in_trim(struct store *store, struct arena *arena, struct error *error);

#endif
