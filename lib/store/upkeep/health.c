/* Reads the state of collection; see health.h. */
#include "store/upkeep/health.h"

#include <stdio.h>

#include "store/scope/statement.h"

static void copy_text(struct text text, char *out, size_t out_bytes)
{
    struct text part = text_cut_utf8(text, out_bytes - 1);

    snprintf(out, out_bytes, "%.*s", (int)part.size, part.data == NULL ? "" : part.data);
}

/* From a row whose columns are those of llm_told(), from `first` on. */
static void read_llm(const PGresult *result, int first, struct store_llm_told *llm)
{
    const int from = first - LLM_TOLD_STATUS;

    copy_text(row_text(result, 0, from + LLM_TOLD_STATUS), llm->status, sizeof llm->status);
    copy_text(row_text(result, 0, from + LLM_TOLD_KIND), llm->kind, sizeof llm->kind);
    copy_text(row_text(result, 0, from + LLM_TOLD_MODEL), llm->model, sizeof llm->model);
    copy_text(row_text(result, 0, from + LLM_TOLD_PROBLEM), llm->problem, sizeof llm->problem);
    llm->has_model = row_bool(result, 0, from + LLM_TOLD_HAS_MODEL);
    llm->checked_at_us = row_time(result, 0, from + LLM_TOLD_CHECKED_AT);
}

enum status store_llm_told_read(struct store *store, struct arena *arena, struct store_llm_told *out_told,
                                struct error *error)
{
    PGresult *result;
    enum status status = store_run(store, SQL(llm_told), NULL, arena, &result, error);

    if (status != STATUS_OK)
        return status;
    *out_told = (struct store_llm_told){.checked_at_us = INT64_MIN};
    if (PQntuples(result) == 1)
        read_llm(result, LLM_TOLD_STATUS, out_told);
    return STATUS_OK;
}

enum status store_health_read(struct store *store, struct arena *arena, struct store_health *out_health,
                              struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_int32(&params, STORE_BACKLOG_MAX);
    status = store_run(store, SQL(health_read), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    *out_health = (struct store_health){
        .daemons_online = row_int64(result, 0, HEALTH_READ_DAEMONS_ONLINE),
        .daemons = row_int64(result, 0, HEALTH_READ_DAEMONS),
        .agents_online = row_int64(result, 0, HEALTH_READ_AGENTS_ONLINE),
        .agents = row_int64(result, 0, HEALTH_READ_AGENTS),
        .daemon_seen_at_us = row_time(result, 0, HEALTH_READ_DAEMON_SEEN_AT),
        .connections_monitored = row_int64(result, 0, HEALTH_READ_MONITORED),
        .connections_failed = row_int64(result, 0, HEALTH_READ_FAILED),
        .collection_lag_s = row_double(result, 0, HEALTH_READ_LAG_S),
        .rollup_backlog = row_int64(result, 0, HEALTH_READ_DELTAS),
        .rollups_set_aside = row_int64(result, 0, HEALTH_READ_SET_ASIDE),
        .connections_held_back = row_int64(result, 0, HEALTH_READ_HELD_BACK),
        .rollup_lag_s = row_double(result, 0, HEALTH_READ_ROLLUP_LAG_S),
    };
    read_llm(result, HEALTH_READ_LLM_STATUS, &out_health->llm);
    return STATUS_OK;
}

enum status store_rollups_complete_until(struct store *store, struct arena *arena, int64_t *out_until_us,
                                         struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_double(&params, STORE_ROLLUPS_OVERDUE_S);
    status = store_run(store, SQL(rollups_complete_until), &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_until_us = row_time(result, 0, ROLLUPS_COMPLETE_UNTIL_COMPLETE_UNTIL);
    return status;
}
