/* Texts of fingerprints; see texts.h. */
#include "store/read/texts.h"

#include "store/scope/scope_internal.h"
#include "store/scope/statement.h"

enum { LIST_TEXT_BYTES = 2000 };

/* Both statements have these columns, the list's behind the fingerprint's id. */
enum { LIST_FIRST = QUERY_TEXT_LIST_SQL_HASH };
_Static_assert(QUERY_TEXT_GET_SQL_HASH == 0 && QUERY_TEXT_LIST_FINGERPRINT == LIST_FIRST + QUERY_TEXT_GET_FINGERPRINT &&
                   QUERY_TEXT_LIST_STATEMENT_KIND == LIST_FIRST + QUERY_TEXT_GET_STATEMENT_KIND &&
                   QUERY_TEXT_LIST_TABLES == LIST_FIRST + QUERY_TEXT_GET_TABLES &&
                   QUERY_TEXT_LIST_FIRST_SEEN_AT == LIST_FIRST + QUERY_TEXT_GET_FIRST_SEEN_AT &&
                   QUERY_TEXT_LIST_LAST_SEEN_AT == LIST_FIRST + QUERY_TEXT_GET_LAST_SEEN_AT,
               "columns of a text in their order");

/* `first` is the column of the hash. The rest of the summary is zero. */
static struct query_summary read_text(const PGresult *result, int row, int first, struct arena *arena)
{
    struct query_summary summary = {
        .hash = row_hash(result, row, first + QUERY_TEXT_GET_SQL_HASH),
        .fingerprint = row_text(result, row, first + QUERY_TEXT_GET_FINGERPRINT),
        .statement_kind = row_text(result, row, first + QUERY_TEXT_GET_STATEMENT_KIND),
        .first_seen_us = row_time(result, row, first + QUERY_TEXT_GET_FIRST_SEEN_AT),
        .last_seen_us = row_time(result, row, first + QUERY_TEXT_GET_LAST_SEEN_AT),
    };

    summary.tables = row_text_array(result, row, first + QUERY_TEXT_GET_TABLES, arena, &summary.table_count);
    return summary;
}

enum status texts_read(struct store *store, const struct scope *scope, int64_t *fingerprint_ids, size_t *count,
                       struct arena *arena, struct query_summary *out_summaries, struct error *error)
{
    struct db_params params = {.arena = arena};
    size_t wanted = *count;
    PGresult *result;
    enum status status;

    *count = 0;
    if (wanted == 0)
        return STATUS_OK;
    params_int64_array(&params, fingerprint_ids, wanted);
    status = store_read(store, scope_whole(scope), SQL(query_text_list), &params, arena, &result, error);
    for (size_t i = 0; status == STATUS_OK && i < wanted; i++)
        for (int row = 0; row < PQntuples(result); row++)
            if (row_int64(result, row, QUERY_TEXT_LIST_FINGERPRINT_ID) == fingerprint_ids[i]) {
                struct query_summary *summary = &out_summaries[*count];

                *summary = read_text(result, row, LIST_FIRST, arena);
                summary->fingerprint = text_cut_utf8(summary->fingerprint, LIST_TEXT_BYTES);
                fingerprint_ids[(*count)++] = fingerprint_ids[i];
                break; /* an id names one fingerprint: there is room for one */
            }
    return status;
}

enum status text_read(struct store *store, const struct scope *scope, struct sql_hash hash, struct arena *arena,
                      struct query_summary *out_summary, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_hash(&params, hash);
    status = store_read(store, scope, SQL(query_text_get), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "There is no such query.");
    *out_summary = read_text(result, 0, QUERY_TEXT_GET_SQL_HASH, arena);
    return STATUS_OK;
}

enum status fingerprint_id_read(struct store *store, const struct scope *scope, struct sql_hash hash,
                                struct arena *arena, int64_t *out_fingerprint_id, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_hash(&params, hash);
    status = store_read(store, scope, SQL(fingerprint_id_get), &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_fingerprint_id = PQntuples(result) > 0 ? row_int64(result, 0, FINGERPRINT_ID_GET_FINGERPRINT_ID) : 0;
    return status;
}
