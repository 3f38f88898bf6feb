/* The table of quotas; see quota.h. docs/operations.md shows it to people. */
#include "store/scope/quota.h"

#include <stddef.h>

#include "store/scope/statement.h"
#include "store/scope/store_internal.h"

struct quota_row {
    const char *name; /* for quota_count(); NULL: counted by the statement that makes the thing */
    int64_t maximum;
    size_t setting; /* offset in struct quota_settings */
    bool has_setting;
    enum status status; /* when it is used up */
    int retry_after_s;
    const char *before, *after; /* the maximum, for people */
};

#define SETTING(field)         offsetof(struct quota_settings, field), true, STATUS_CONFLICT, 0
#define FIXED                  0, false, STATUS_CONFLICT, 0
#define WAITING(retry_after_s) 0, false, STATUS_THROTTLED, retry_after_s

static const struct quota_row rows[QUOTA_COUNT] = {
    [QUOTA_CONNECTIONS] = {"connections", 1000, SETTING(connections), "An organization may have",
                           "databases, with deleted ones until their data is removed. Delete some, or raise "
                           "POTTO_CONNECTIONS_PER_ORGANIZATION."},
    [QUOTA_USERS] = {"users", 1000, SETTING(users), "An organization may have",
                     "users. Delete some, or raise POTTO_USERS_PER_ORGANIZATION."},
    [QUOTA_TEAMS] = {"teams", 500, SETTING(teams), "An organization may have",
                     "teams. Delete some, or raise POTTO_TEAMS_PER_ORGANIZATION."},
    [QUOTA_MEMBERSHIPS] = {"memberships", 20000, FIXED, "The teams of an organization may have",
                           "members together. Remove some first."},
    [QUOTA_AGENTS] = {NULL, 20, SETTING(agents), "A database may have",
                      "agents that report for it. One that is silent for 15 minutes makes room; or raise "
                      "POTTO_AGENTS_PER_CONNECTION."},
    [QUOTA_API_TOKENS] = {"api_tokens", 100, FIXED, "You have", "tokens already; revoke one first."},
    [QUOTA_API_TOKENS_KEPT] = {"api_tokens_kept", 1000, FIXED, "You have made",
                               "tokens, with those that ended in the last 90 days. Use one that lives."},
    [QUOTA_JOBS_OPEN] = {"jobs_open", 20, WAITING(5), "You have", "jobs waiting or running; wait for one to end."},
    [QUOTA_JOBS_KEPT] = {"jobs_kept", 1000, WAITING(60), "You have started",
                         "jobs in a short time; the oldest are removed within minutes."},
    [QUOTA_REFRESH_TOKENS] = {NULL, 10000, FIXED, "This session was renewed", "times; sign in again."},
};

void store_set_quotas(struct store *store, const struct quota_settings *settings)
{
    for (int quota = QUOTA_UNSET + 1; quota < QUOTA_COUNT; quota++)
        store->quotas[quota] =
            rows[quota].has_setting ? *(const int64_t *)((const char *)settings + rows[quota].setting) : 0;
}

int64_t quota_maximum(const struct store *store, enum quota quota)
{
    return store->quotas[quota] != 0 ? store->quotas[quota] : rows[quota].maximum;
}

enum status quota_error(const struct store *store, enum quota quota, struct error *error)
{
    error_set(error, rows[quota].status, "%s %lld %s", rows[quota].before, (long long)quota_maximum(store, quota),
              rows[quota].after);
    if (error != NULL)
        error->retry_after_s = rows[quota].retry_after_s;
    return rows[quota].status;
}

enum status quota_hold(struct store *store, enum quota quota, int64_t organization_id, int64_t subject_id,
                       struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_string(&params, rows[quota].name);
    params_int64(&params, organization_id);
    params_int64(&params, subject_id);
    status = store_run(store, SQL(quota_count), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    return row_int64(result, 0, QUOTA_COUNT_QUOTA_COUNT) < quota_maximum(store, quota)
               ? STATUS_OK
               : quota_error(store, quota, error);
}

enum status quota_begin(struct store *store, enum quota quota, int64_t organization_id, int64_t subject_id,
                        struct arena *arena, struct error *error)
{
    enum status status = store_begin(store, error);

    return status == STATUS_OK ? quota_hold(store, quota, organization_id, subject_id, arena, error) : status;
}
