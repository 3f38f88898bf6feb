/* What the dashboard shows beside sums; see activity.h. */
#include "store/read/activity.h"

#include "store/scope/statement.h"

enum status store_dashboard_counts(struct store *store, const struct scope *scope, struct arena *arena,
                                   struct dashboard_counts *out_counts, struct error *error)
{
    PGresult *result;
    enum status status = store_read(store, scope, SQL(dashboard_counts), NULL, arena, &result, error);

    if (status != STATUS_OK)
        return status;
    *out_counts = (struct dashboard_counts){.connection_count = row_int64(result, 0, DASHBOARD_COUNTS_CONNECTIONS),
                                            .monitored_count = row_int64(result, 0, DASHBOARD_COUNTS_MONITORED),
                                            .fingerprint_count = row_int64(result, 0, DASHBOARD_COUNTS_FINGERPRINTS)};
    return STATUS_OK;
}

enum status store_activity_list(struct store *store, const struct scope *scope, int64_t from_us, int64_t to_us,
                                bool with_catalog, const struct activity *after, int limit, struct arena *arena,
                                struct activity_list *out_list, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct activity_list list = {0};
    PGresult *result;
    enum status status;

    params_time(&params, from_us);
    params_time(&params, to_us);
    params_int32(&params, limit + 1);
    if (after != NULL) {
        params_time(&params, after->at_us);
        params_int32(&params, (int32_t)after->kind);
        params_hash(&params, after->hash);
        params_int64(&params, after->connection_id);
    } else {
        for (int i = 0; i < 4; i++)
            params_null(&params);
    }
    params_bool(&params, with_catalog);
    status = store_read(store, scope, SQL(activity_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    list.count = row_page_count(result, limit, &list.has_more);
    list.items = arena_alloc_array(arena, list.count, sizeof *list.items);
    for (size_t i = 0; i < list.count; i++)
        list.items[i] =
            (struct activity){.kind = (enum activity_kind)row_int64(result, (int)i, ACTIVITY_LIST_KIND),
                              .at_us = row_time(result, (int)i, ACTIVITY_LIST_AT),
                              .connection_id = row_int64(result, (int)i, ACTIVITY_LIST_DATABASE_CONNECTION_ID),
                              .connection_name = row_text(result, (int)i, ACTIVITY_LIST_NAME),
                              .engine = row_text(result, (int)i, ACTIVITY_LIST_ENGINE),
                              .hash = row_hash(result, (int)i, ACTIVITY_LIST_SQL_HASH),
                              .fingerprint = row_text(result, (int)i, ACTIVITY_LIST_FINGERPRINT),
                              .statement_kind = row_text(result, (int)i, ACTIVITY_LIST_STATEMENT_KIND)};
    *out_list = list;
    return STATUS_OK;
}
_Static_assert(ACTIVITY_QUERY_DISCOVERED == 1 && ACTIVITY_PLAN_CHANGED == 2, "kind of sql/activity_list.sql");
