/* Looks at sessions in the store; see waits.h. */
#include "store/collect/waits.h"

#include "store/collect/collect_internal.h"
#include "store/ingest/fingerprints.h"

enum { PLACE_BYTES = 50 /* of a place of the arrays, without its names */ };

enum status store_waits_take(struct store *store, struct text owner, int lease_s, const int64_t *full,
                             size_t full_count, int host_max, int max, struct arena *arena, struct lease **out_leases,
                             size_t *out_count, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct lease *leases;
    PGresult *result;
    enum status status;

    params_text(&params, owner);
    params_int32(&params, lease_s);
    params_int64_array(&params, full, full_count);
    params_int32(&params, host_max);
    params_int32(&params, max);
    status = store_run(store, SQL(waits_take), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    *out_count = (size_t)PQntuples(result);
    leases = arena_alloc_array(arena, *out_count, sizeof *leases);
    for (int row = 0; row < PQntuples(result); row++)
        lease_read(result, row, owner, &leases[row]);
    *out_leases = leases;
    return STATUS_OK;
}

enum status store_waits_release(struct store *store, const struct lease *lease, struct arena *arena,
                                struct error *error)
{
    struct db_params params = {.arena = arena};

    lease_bind(&params, lease);
    return store_run(store, SQL(waits_release), &params, arena, NULL, error);
}

/* ---- what was seen ---- */

static enum status finish(struct store *store, const struct lease *lease, const struct waits_write *write,
                          struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};

    lease_bind(&params, lease);
    params_string(&params, write->state);
    params_text(&params, write->problem);
    params_text(&params, write->remedy);
    return lease_finish(store, SQL(waits_finish), &params, arena, error);
}

/* Statements as parameters: their hashes, zeros for one that is not known, and their keys. */
struct statement_columns {
    struct sql_hash *hashes;
    struct text *keys;
};

static struct statement_columns columns_new(size_t count, struct arena *arena)
{
    return (struct statement_columns){arena_alloc_array(arena, count, sizeof(struct sql_hash)),
                                      arena_alloc_array(arena, count, sizeof(struct text))};
}

static void columns_set(struct statement_columns *columns, size_t i, const struct wait_statement *statement)
{
    if (statement->is_known)
        columns->hashes[i] = statement->hash;
    columns->keys[i] = statement->counter_key;
}

static void columns_bind(struct db_params *params, const struct statement_columns *columns, size_t count)
{
    params_hash_array(params, columns->hashes, count);
    params_text_array(params, columns->keys, count);
}

static void bind_waits(struct db_params *params, const struct wait_part *part, struct arena *arena)
{
    size_t count = part->wait_count;
    struct statement_columns statements = columns_new(count, arena);
    int64_t *classes = arena_alloc_array(arena, count, sizeof *classes);
    int64_t *times_ms = arena_alloc_array(arena, count, sizeof *times_ms);
    struct text *events = arena_alloc_array(arena, count, sizeof *events);
    struct text *users = arena_alloc_array(arena, count, sizeof *users);
    struct text *hosts = arena_alloc_array(arena, count, sizeof *hosts);
    struct text *applications = arena_alloc_array(arena, count, sizeof *applications);

    for (size_t i = 0; i < count; i++) {
        const struct wait_fact *wait = &part->waits[i];

        classes[i] = wait->wait_class;
        events[i] = wait->event;
        columns_set(&statements, i, &wait->statement);
        users[i] = wait->user;
        hosts[i] = wait->host;
        applications[i] = wait->application;
        times_ms[i] = wait->session_ms;
    }
    params_int64_array(params, classes, count);
    params_text_array(params, events, count);
    columns_bind(params, &statements, count);
    params_text_array(params, users, count);
    params_text_array(params, hosts, count);
    params_text_array(params, applications, count);
    params_int64_array(params, times_ms, count);
}

static void bind_blocks(struct db_params *params, const struct wait_part *part, struct arena *arena)
{
    size_t count = part->block_count;
    struct statement_columns roots = columns_new(count, arena), statements = columns_new(count, arena);
    int64_t *states = arena_alloc_array(arena, count, sizeof *states);
    int64_t *times_ms = arena_alloc_array(arena, count, sizeof *times_ms);
    int64_t *depths = arena_alloc_array(arena, count, sizeof *depths);
    int64_t *waiters = arena_alloc_array(arena, count, sizeof *waiters);
    struct text *users = arena_alloc_array(arena, count, sizeof *users);
    struct text *applications = arena_alloc_array(arena, count, sizeof *applications);

    for (size_t i = 0; i < count; i++) {
        const struct block_fact *block = &part->blocks[i];

        states[i] = block->state;
        columns_set(&roots, i, &block->root);
        users[i] = block->user;
        applications[i] = block->application;
        columns_set(&statements, i, &block->statement);
        times_ms[i] = block->session_ms;
        depths[i] = block->depth_max;
        waiters[i] = block->waiters_max;
    }
    params_int64_array(params, states, count);
    columns_bind(params, &roots, count);
    params_text_array(params, users, count);
    params_text_array(params, applications, count);
    columns_bind(params, &statements, count);
    params_int64_array(params, times_ms, count);
    params_int64_array(params, depths, count);
    params_int64_array(params, waiters, count);
}

/* What a part may take in the store, where a bucket has several of them. */
static double bytes_of(const struct wait_part *part)
{
    double bytes = BUDGET_ROW_BYTES;

    for (size_t i = 0; i < part->wait_count; i++) {
        const struct wait_fact *wait = &part->waits[i];

        bytes += (double)(wait->event.size + wait->user.size + wait->host.size + wait->application.size) + PLACE_BYTES;
    }
    for (size_t i = 0; i < part->block_count; i++)
        bytes += (double)(part->blocks[i].user.size + part->blocks[i].application.size) + PLACE_BYTES;
    return bytes;
}

static enum status add_part(struct store *store, const struct lease *lease, const struct wait_part *part,
                            int64_t bucket_us, struct arena *arena, struct budget_spent *spent, struct error *error)
{
    struct db_params params = {.arena = arena};

    if (part->look_count == 0)
        return STATUS_OK;
    lease_bind_connection(&params, lease);
    params_time(&params, bucket_us);
    params_int64(&params, part->watched_ms);
    params_int64(&params, part->look_count);
    params_int64(&params, part->cost_us);
    bind_waits(&params, part, arena);
    bind_blocks(&params, part, arena);
    spent->rows++;
    spent->bytes += bytes_of(part);
    return store_run(store, SQL(waits_add), &params, arena, NULL, error);
}

/* The connection has run the statements: who sees it sees their texts. */
static enum status write_sightings(struct store *store, const struct lease *lease, const struct waits_write *write,
                                   struct arena *arena, struct error *error)
{
    const struct statement_list *list = &write->facts->statements;
    struct ingest_statement *seen = arena_alloc_array(arena, list->count, sizeof *seen);
    size_t count = 0;

    for (size_t i = 0; i < list->count; i++)
        seen[i] = (struct ingest_statement){
            .fingerprint = &list->items[i], .first_us = write->bucket_us[0], .last_us = write->bucket_us[1]};
    ingest_statements_sort(seen, list->count);
    for (size_t i = 0; i < list->count; i++)
        if (count == 0 || !sql_hash_equal(seen[count - 1].fingerprint->hash, seen[i].fingerprint->hash))
            seen[count++] = seen[i];
    return ingest_fingerprints_seen(store, lease->organization_id, lease->connection_id, seen, count, arena, error);
}

static enum status write_facts(struct store *store, const struct lease *lease, const struct waits_write *write,
                               struct arena *arena, struct error *error)
{
    const struct overhead_cost cost = {.sessions_us =
                                           (double)(write->facts->parts[0].cost_us + write->facts->parts[1].cost_us)};
    const struct overhead_stage *stage;
    struct budget_spent spent = {0};
    enum status status = lease_charge_overhead(store, lease, &cost, arena, &stage, error);

    if (status == STATUS_OK)
        status = lease_write_statements(store, lease, &write->facts->statements, arena, &spent, error);
    if (status == STATUS_OK && write->facts->statements.count > 0)
        status = write_sightings(store, lease, write, arena, error);
    for (int i = 0; i < WAITS_PARTS && status == STATUS_OK; i++)
        status = add_part(store, lease, &write->facts->parts[i], write->bucket_us[i], arena, &spent, error);
    return status == STATUS_OK ? lease_charge(store, lease, &spent, arena, error) : status;
}

static enum status write_all(struct store *store, const struct lease *lease, const struct waits_write *write,
                             struct arena *arena, struct error *error)
{
    enum status status = store_begin(store, error);

    if (status == STATUS_OK)
        status = finish(store, lease, write, arena, error);
    if (status == STATUS_OK)
        status = write_facts(store, lease, write, arena, error);
    if (status == STATUS_OK)
        status = store_commit(store, error);
    return status;
}

enum status store_waits_write(struct store *store, const struct lease *lease, const struct waits_write *write,
                              struct arena *arena, struct error *error)
{
    for (int attempts = 1;; attempts++) {
        enum status status = write_all(store, lease, write, arena, error);

        if (status == STATUS_OK || !lease_may_try_again(store, attempts))
            return status;
    }
}
