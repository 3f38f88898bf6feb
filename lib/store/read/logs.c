/* Reading of log files and deadlocks; see logs.h. */
#include "store/read/logs.h"

#include "store/scope/statement.h"

enum status store_log_file_list(struct store *store, const struct scope *scope, struct arena *arena,
                                struct log_file_row **out_rows, size_t *out_count, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct log_file_row *rows;
    PGresult *result;
    enum status status;

    params_int32(&params, LOG_FILE_LIST_MAX);
    status = store_read(store, scope, SQL(log_file_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    rows = arena_alloc_array(arena, (size_t)PQntuples(result), sizeof *rows);
    for (int row = 0; row < PQntuples(result); row++)
        rows[row] = (struct log_file_row){
            .name = row_text(result, row, LOG_FILE_LIST_NAME),
            .format = row_text(result, row, LOG_FILE_LIST_FORMAT),
            .state = row_text(result, row, LOG_FILE_LIST_STATE),
            .problem = row_text(result, row, LOG_FILE_LIST_PROBLEM),
            .remedy = row_text(result, row, LOG_FILE_LIST_REMEDY),
            .is_followed = row_bool(result, row, LOG_FILE_LIST_IS_FOLLOWED),
            .looked_at_us = row_time(result, row, LOG_FILE_LIST_LOOKED_AT),
            .read_at_us = row_time(result, row, LOG_FILE_LIST_READ_AT),
            .last_event_us = row_time(result, row, LOG_FILE_LIST_LAST_EVENT_AT),
            .unread_bytes = row_int64(result, row, LOG_FILE_LIST_UNREAD_BYTES),
            .lag_s = row_double(result, row, LOG_FILE_LIST_LAG_S),
            .file_count = row_int64(result, row, LOG_FILE_LIST_FILE_COUNT),
            .bytes = row_int64(result, row, LOG_FILE_LIST_BYTES),
            .entries = row_int64(result, row, LOG_FILE_LIST_ENTRIES),
            .executions = row_int64(result, row, LOG_FILE_LIST_EXECUTIONS),
            .samples = row_int64(result, row, LOG_FILE_LIST_SAMPLES),
            .plans = row_int64(result, row, LOG_FILE_LIST_PLANS),
            .deadlocks = row_int64(result, row, LOG_FILE_LIST_DEADLOCKS),
            .elsewhere = row_int64(result, row, LOG_FILE_LIST_ELSEWHERE),
            .timeless = row_int64(result, row, LOG_FILE_LIST_TIMELESS),
            .foreign_lines = row_int64(result, row, LOG_FILE_LIST_FOREIGN_LINES),
            .unread_entries = row_int64(result, row, LOG_FILE_LIST_UNREAD_ENTRIES),
            .skipped_bytes = row_int64(result, row, LOG_FILE_LIST_SKIPPED_BYTES),
        };
    *out_rows = rows;
    *out_count = (size_t)PQntuples(result);
    return STATUS_OK;
}

static struct deadlock_row read_deadlock(const PGresult *result, int row)
{
    return (struct deadlock_row){
        .noticed_at_us = row_time(result, row, DEADLOCK_LIST_NOTICED_AT),
        .digest = row_int64(result, row, DEADLOCK_LIST_DIGEST),
        .victim = row_is_null(result, row, DEADLOCK_LIST_VICTIM) ? 0 : row_int64(result, row, DEADLOCK_LIST_VICTIM),
        .user = row_text(result, row, DEADLOCK_LIST_USERNAME),
        .database = row_text(result, row, DEADLOCK_LIST_DATABASE_NAME),
        .application = row_text(result, row, DEADLOCK_LIST_APPLICATION)};
}

static struct deadlock_member read_member(const PGresult *result, int row)
{
    struct deadlock_member member = {.process = row_int64(result, row, DEADLOCK_LIST_PROCESS),
                                     .wait = row_text(result, row, DEADLOCK_LIST_WAIT),
                                     .fingerprint = row_text(result, row, DEADLOCK_LIST_FINGERPRINT)};

    if (!row_is_null(result, row, DEADLOCK_LIST_BLOCKED_BY))
        member.blocked_by = row_int64(result, row, DEADLOCK_LIST_BLOCKED_BY);
    member.has_statement = !row_is_null(result, row, DEADLOCK_LIST_SQL_HASH);
    if (member.has_statement)
        member.hash = row_hash(result, row, DEADLOCK_LIST_SQL_HASH);
    return member;
}

enum status store_deadlock_list(struct store *store, const struct scope *scope, const struct period *period, int max,
                                struct arena *arena, struct deadlock_list *out_list, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct deadlock_member *members;
    PGresult *result;
    enum status status;

    params_time(&params, period->from_us);
    params_time(&params, period->to_us);
    params_int32(&params, max);
    status = store_read(store, scope, SQL(deadlock_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    *out_list =
        (struct deadlock_list){.items = arena_alloc_array(arena, (size_t)PQntuples(result), sizeof *out_list->items),
                               .total = PQntuples(result) == 0 ? 0 : row_int64(result, 0, DEADLOCK_LIST_TOTAL)};
    members = arena_alloc_array(arena, (size_t)PQntuples(result), sizeof *members);
    for (int row = 0; row < PQntuples(result); row++) {
        struct deadlock_row *last = out_list->count == 0 ? NULL : &out_list->items[out_list->count - 1];

        members[row] = read_member(result, row);
        if (last == NULL || last->noticed_at_us != row_time(result, row, DEADLOCK_LIST_NOTICED_AT) ||
            last->digest != row_int64(result, row, DEADLOCK_LIST_DIGEST)) {
            last = &out_list->items[out_list->count++];
            *last = read_deadlock(result, row);
            last->members = &members[row];
        }
        last->member_count++;
    }
    return STATUS_OK;
}
