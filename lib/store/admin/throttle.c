/* Counters of failed sign-ins; see throttle.h. */
#include "store/admin/throttle.h"
#include "store/scope/statement.h"

static void put_keys(struct db_params *params, const struct sign_in_keys *keys)
{
    params_bytes(params, keys->pair);
    params_bytes(params, keys->network);
    params_bytes(params, keys->account);
}

enum status store_sign_in_admit(struct store *store, const struct sign_in_keys *keys,
                                const struct sign_in_limits *limits, struct arena *arena,
                                struct sign_in_admission *out_admission, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    put_keys(&params, keys);
    params_int32(&params, limits->pair_failures_max);
    params_int32(&params, limits->network_failures_max);
    params_int32(&params, limits->account_failures_max);
    status = store_run(store, SQL(sign_in_admit), &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_admission = (struct sign_in_admission){.wait_s = row_double(result, 0, SIGN_IN_ADMIT_WAIT_S),
                                                    .is_known = row_bool(result, 0, SIGN_IN_ADMIT_IS_KNOWN)};
    return status;
}

enum status store_sign_in_succeeded(struct store *store, const struct sign_in_keys *keys, bool was_known,
                                    struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};

    put_keys(&params, keys);
    params_bool(&params, was_known);
    return store_run(store, SQL(sign_in_succeeded), &params, arena, NULL, error);
}

enum status store_sign_in_trim(struct store *store, struct arena *arena, struct error *error)
{
    return store_run(store, SQL(sign_in_trim), NULL, arena, NULL, error);
}
