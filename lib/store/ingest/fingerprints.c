/* Writing fingerprints; see fingerprints.h. */
#include "store/ingest/fingerprints.h"

#include <stdlib.h>
#include <string.h>

#include "store/scope/statement.h"

enum { TABLES_MAX = 32, TABLE_SEPARATOR = 0x1F };

static int compare_statements(const void *left, const void *right)
{
    return memcmp(&((const struct ingest_statement *)left)->fingerprint->hash,
                  &((const struct ingest_statement *)right)->fingerprint->hash, sizeof(struct sql_hash));
}

void ingest_statements_sort(struct ingest_statement *statements, size_t count)
{
    qsort(statements, count, sizeof *statements, compare_statements);
}

/* The statement's tables as sql/ingest_fingerprints.sql takes them: names with U+001F between them. A name that holds
 * U+001F itself is left out. *out_is_catalog: "true" if all of them belong to the database's own catalogues. */
static struct text join_tables(enum sql_dialect dialect, struct text sql, struct arena *arena,
                               struct text *out_is_catalog)
{
    struct text names[TABLES_MAX];
    size_t count = sql_tables(dialect, sql, names, TABLES_MAX, arena), size = 0;
    char *joined, *at;

    *out_is_catalog = sql_reads_catalogs_alone(dialect, sql, names, count) ? TEXT("true") : TEXT("false");
    for (size_t i = 0; i < count; i++)
        size += names[i].size + 1;
    joined = at = arena_alloc(arena, size + 1);
    for (size_t i = 0; i < count; i++) {
        struct text name = text_to_utf8(names[i], arena);

        if (name.size != names[i].size || name.size == 0 || memchr(name.data, TABLE_SEPARATOR, name.size) != NULL)
            continue;
        if (at != joined)
            *at++ = TABLE_SEPARATOR;
        memcpy(at, name.data, name.size);
        at += name.size;
    }
    return (struct text){joined, (size_t)(at - joined)};
}

enum status ingest_fingerprints_write(struct store *store, int64_t organization_id,
                                      const struct ingest_statement *statements, size_t count, struct arena *arena,
                                      struct budget_spent *spent, struct error *error)
{
    struct db_params params = {.arena = arena};
    double text_bytes = 0, new_count;
    PGresult *result;
    enum status status;
    struct sql_hash *hashes = arena_alloc_array(arena, count, sizeof *hashes);
    struct text *texts = arena_alloc_array(arena, count, sizeof *texts);
    struct text *kinds = arena_alloc_array(arena, count, sizeof *kinds);
    struct text *tables = arena_alloc_array(arena, count, sizeof *tables);
    struct text *is_catalog = arena_alloc_array(arena, count, sizeof *is_catalog);

    if (count == 0)
        return STATUS_OK;
    for (size_t i = 0; i < count; i++) {
        const struct sql_fingerprint *fingerprint = statements[i].fingerprint;

        hashes[i] = fingerprint->hash;
        texts[i] = fingerprint->text;
        kinds[i] = text_of(sql_kind_name(fingerprint->kind));
        tables[i] = join_tables(statements[i].dialect, fingerprint->text, arena, &is_catalog[i]);
        text_bytes += (double)(fingerprint->text.size + tables[i].size);
    }
    params_int64(&params, organization_id);
    params_hash_array(&params, hashes, count);
    params_text_array(&params, texts, count);
    params_text_array(&params, kinds, count);
    params_text_array(&params, tables, count);
    params_text_array(&params, is_catalog, count);
    status = store_run(store, SQL(ingest_fingerprints), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    /* Which ones were new is not known, so their texts count as long as the mean. */
    new_count = (double)row_changed_count(result);
    spent->bytes += new_count * (text_bytes / (double)count + BUDGET_ROW_BYTES);
    spent->rows += new_count;
    spent->statements += new_count;
    return STATUS_OK;
}

enum status ingest_fingerprints_seen(struct store *store, int64_t organization_id, int64_t connection_id,
                                     const struct ingest_statement *statements, size_t count, struct arena *arena,
                                     struct error *error)
{
    struct ingest_sightings sightings = ingest_sightings_new(count, arena);

    for (size_t i = 0; i < count; i++) {
        sightings.hashes[i] = statements[i].fingerprint->hash;
        sightings.first_us[i] = statements[i].first_us;
        sightings.last_us[i] = statements[i].last_us;
    }
    sightings.count = count;
    return ingest_sightings_write(store, organization_id, connection_id, &sightings, arena, error);
}

struct ingest_sightings ingest_sightings_new(size_t capacity, struct arena *arena)
{
    return (struct ingest_sightings){.hashes = arena_alloc_array(arena, capacity, sizeof(struct sql_hash)),
                                     .first_us = arena_alloc_array(arena, capacity, sizeof(int64_t)),
                                     .last_us = arena_alloc_array(arena, capacity, sizeof(int64_t))};
}

enum status ingest_sightings_write(struct store *store, int64_t organization_id, int64_t connection_id,
                                   const struct ingest_sightings *sightings, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};

    if (sightings->count == 0)
        return STATUS_OK;
    params_int64(&params, organization_id);
    params_int64(&params, connection_id);
    params_hash_array(&params, sightings->hashes, sightings->count);
    params_time_array(&params, sightings->first_us, sightings->count);
    params_time_array(&params, sightings->last_us, sightings->count);
    return store_run(store, SQL(ingest_fingerprint_connections), &params, arena, NULL, error);
}
