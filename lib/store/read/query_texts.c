/* Texts of fingerprints; see query_texts.h. */
#include "store/read/query_texts.h"
#include "store/scope/statement.h"

enum { LIST_TEXT_BYTES = 2000 };

void query_text_read(const PGresult *result, int row, int first, struct arena *arena, struct query_summary *out)
{
    *out = (struct query_summary){
        .hash = row_hash(result, row, first),
        .fingerprint = row_text(result, row, first + 1),
        .statement_kind = row_text(result, row, first + 2),
        .first_seen_us = row_time(result, row, first + 4),
        .last_seen_us = row_time(result, row, first + 5),
    };
    out->tables = row_text_array(result, row, first + 3, arena, &out->table_count);
}

enum status query_texts_read(struct store *store, const struct scope *scope, int64_t *numbers, size_t *count,
                             struct arena *arena, struct query_summary *out_summaries, struct error *error)
{
    struct db_params params = {.arena = arena};
    size_t wanted = *count;
    PGresult *result;
    enum status status;

    *count = 0;
    if (wanted == 0)
        return STATUS_OK;
    params_int64_array(&params, numbers, wanted);
    status = store_read(store, scope, SQL(query_text_list), &params, arena, &result, error);
    for (size_t i = 0; status == STATUS_OK && i < wanted; i++)
        for (int row = 0; row < PQntuples(result); row++)
            if (row_int64(result, row, QUERY_TEXT_LIST_NUMBER) == numbers[i]) {
                struct query_summary *summary = &out_summaries[*count];

                query_text_read(result, row, 1, arena, summary);
                summary->fingerprint = text_cut_utf8(summary->fingerprint, LIST_TEXT_BYTES);
                numbers[(*count)++] = numbers[i];
                break; /* a number names one fingerprint: there is room for one */
            }
    return status;
}

enum status query_number_read(struct store *store, const struct scope *scope, struct sql_hash hash, struct arena *arena,
                              int64_t *out_number, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_hash(&params, hash);
    status = store_read(store, scope, SQL(query_number_get), &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_number = PQntuples(result) > 0 ? row_int64(result, 0, QUERY_NUMBER_GET_NUMBER) : 0;
    return status;
}
