/* Reports into metrics_mongodb, by COPY or by checked INSERT, and their sums into mongodb_deltas; see mongodb.h. */
#include "store/ingest/mongodb.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/vector.h"
#include "db/copy.h"
#include "db/copy_fields.h"
#include "store/ingest/batch_id.h"
#include "store/scope/scope_internal.h"
#include "store/scope/statement.h"
#include "store/scope/store_internal.h"

enum { INSERT_ROWS_MAX = 1000, NODE_NOTED_S = 300 };

/* A report once, with the bucket of the sums that it belongs to. */
struct row {
    const struct mongodb_report *report;
    int64_t bucket_us;
    bool is_new; /* was not stored before this transaction */
};

/* Ascending by node, then by time. Neighbours in the list are neighbours in the index, and all transactions lock in one
 * order. */
struct rows {
    struct row *items;
    size_t count;
};

/* What new reports of a node add up to in five minutes. */
struct delta {
    struct text node_id;
    int64_t bucket_us, reports;
    int64_t totals[MONGODB_VALUES], counts[MONGODB_VALUES];
};
struct deltas {
    struct delta *items;
    size_t count, capacity;
};

/* ---- whose reports ---- */

static const struct scope *writer_of(const struct scope *scope, int64_t connection_id, const PGresult *result,
                                     struct arena *arena)
{
    struct scope *writer = arena_copy(arena, scope, sizeof *scope);

    writer->connection_id = connection_id;
    writer->connection_ids = arena_copy(arena, &connection_id, sizeof connection_id);
    writer->connection_count = 1;
    writer->whole = scope_whole(scope);
    writer->spending = scope_spending_read(result, MONGODB_TARGET_BYTES);
    writer->organization_spending = scope_spending_read(result, MONGODB_TARGET_ORGANIZATION_BYTES);
    writer->is_store_full = row_bool(result, 0, MONGODB_TARGET_IS_STORE_FULL);
    return writer;
}

enum status store_mongodb_target(struct store *store, const struct scope *scope, int64_t connection_id,
                                 struct arena *arena, struct mongodb_target *out_target, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct mongodb_target target = {.organization_id = scope->organization_id, .connection_id = connection_id};
    struct text engine;
    size_t age_count;
    PGresult *result;
    enum status status;

    params_int64(&params, connection_id);
    params_bool(&params, scope->connection_id == connection_id);
    params_int64(&params, scope->user_id);
    params_bool(&params, scope->role == ROLE_ADMIN);
    status = store_read(store, scope, SQL(mongodb_target), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        return error_set(error, STATUS_ABSENT, "No such connection.");
    if (!row_bool(result, 0, MONGODB_TARGET_IS_ALLOWED))
        return error_set(error, STATUS_FORBIDDEN,
                         "Only members of the connection's team, its owner and admins may send reports for it.");
    engine = row_text(result, 0, MONGODB_TARGET_ENGINE);
    if (!text_equal(engine, TEXT("mongodb")))
        return error_field(error, "type", "is mongodb, but the connection is of engine %.*s", (int)engine.size,
                           engine.data);
    target.writer = writer_of(scope, connection_id, result, arena);
    target.nodes = row_text_array(result, 0, MONGODB_TARGET_NODES, arena, &target.node_count);
    target.node_ages_s = row_int64_array(result, 0, MONGODB_TARGET_NODE_AGES_S, arena, &age_count);
    *out_target = target;
    return STATUS_OK;
}

/* ---- rows ---- */

static int compare_keys(const struct row *left, const struct row *right)
{
    int order = text_compare(left->report->node_id, right->report->node_id);

    if (order != 0)
        return order;
    return (left->report->time_us > right->report->time_us) - (left->report->time_us < right->report->time_us);
}

/* Of two reports with one key the one sent first comes first. */
static int compare_rows(const void *left_row, const void *right_row)
{
    const struct row *left = left_row, *right = right_row;
    int order = compare_keys(left, right);

    return order != 0 ? order : (left->report > right->report) - (left->report < right->report);
}

static struct rows rows_make(const struct mongodb_reports *reports, struct arena *arena)
{
    const int64_t bucket_us = MONGODB_BUCKET_S * CLOCK_SECOND_US;
    struct rows rows = {arena_alloc_array(arena, reports->count, sizeof *rows.items), 0};

    for (size_t i = 0; i < reports->count; i++)
        rows.items[i] = (struct row){&reports->items[i], reports->items[i].time_us / bucket_us * bucket_us, false};
    qsort(rows.items, reports->count, sizeof *rows.items, compare_rows);
    for (size_t i = 0; i < reports->count; i++)
        if (rows.count == 0 || compare_keys(&rows.items[rows.count - 1], &rows.items[i]) != 0)
            rows.items[rows.count++] = rows.items[i];
    return rows;
}

static void bind_values(struct db_params *params, const struct row *rows, size_t count, enum mongodb_value value)
{
    int64_t *values = arena_alloc_array(params->arena, count, sizeof *values);

    for (size_t i = 0; i < count; i++)
        values[i] = rows[i].report->values[value];
    params_int64_array(params, values, count);
}

static void bind_rows(struct db_params *params, const struct mongodb_target *target, const struct row *rows,
                      size_t count)
{
    struct text *nodes = arena_alloc_array(params->arena, count, sizeof *nodes);
    struct text *roles = arena_alloc_array(params->arena, count, sizeof *roles);
    int64_t *times_us = arena_alloc_array(params->arena, count, sizeof *times_us);

    for (size_t i = 0; i < count; i++) {
        nodes[i] = rows[i].report->node_id;
        roles[i] = rows[i].report->role;
        times_us[i] = rows[i].report->time_us;
    }
    params_int64(params, target->organization_id);
    params_int64(params, target->connection_id);
    params_text_array(params, nodes, count);
    params_time_array(params, times_us, count);
    params_text_array(params, roles, count);
    for (int value = 0; value < MONGODB_VALUES; value++)
        bind_values(params, rows, count, (enum mongodb_value)value);
}

/* The result has the reports that were stored, in the order in which all were sent. */
static void mark_new(struct row *rows, size_t count, const PGresult *result)
{
    int at = 0, stored = PQntuples(result);

    for (size_t i = 0; i < count; i++) {
        rows[i].is_new = at < stored && row_time(result, at, MONGODB_REPORTS_TIME) == rows[i].report->time_us &&
                         text_equal(row_text(result, at, MONGODB_REPORTS_NODE_ID), rows[i].report->node_id);
        at += rows[i].is_new;
    }
}

/* The sure way: rows that are stored already are left alone. */
static enum status insert_rows(struct store *store, const struct mongodb_target *target, struct rows *rows,
                               struct error *error)
{
    enum status status = STATUS_OK;
    struct arena *scratch = arena_new(0);

    for (size_t from = 0, count; status == STATUS_OK && from < rows->count; from += count) {
        struct db_params params = {.arena = scratch};
        PGresult *result;

        count = rows->count - from < INSERT_ROWS_MAX ? rows->count - from : INSERT_ROWS_MAX;
        bind_rows(&params, target, rows->items + from, count);
        status = store_run(store, SQL(mongodb_reports), &params, scratch, &result, error);
        if (status == STATUS_OK)
            mark_new(rows->items + from, count, result);
        arena_reset(scratch);
    }
    arena_destroy(scratch);
    return status;
}

/* ---- rows by COPY ---- */

static const char copy_command[] =
    "COPY metrics_mongodb (organization_id, database_connection_id, node_id, time, role, connections_current, "
    "connections_available, ops_insert, ops_query, ops_update, ops_delete, ops_command, repl_lag_seconds, "
    "data_size_bytes, index_size_bytes, storage_size_bytes, oplog_window_hours, wt_cache_used_bytes, "
    "wt_cache_max_bytes) FROM STDIN (FORMAT binary)";
enum {
    COPY_COLUMNS = 5 + MONGODB_VALUES,
    COPY_FIXED_BYTES = COPY_COUNT_BYTES + COPY_COLUMNS * COPY_SIZE_BYTES + (3 + MONGODB_VALUES) * 8,
};

struct copied_rows {
    const struct mongodb_target *target;
    const struct row *rows;
};

static void put_row(struct buffer *buffer, const void *context, size_t index)
{
    const struct copied_rows *copied = context;
    const struct mongodb_report *report = copied->rows[index].report;
    char *at;

    if (!buffer_reserve(buffer, COPY_FIXED_BYTES + report->node_id.size + report->role.size))
        return;
    at = copy_int16(buffer->data + buffer->size_bytes, COPY_COLUMNS);
    at = copy_int64_field(at, copied->target->organization_id);
    at = copy_int64_field(at, copied->target->connection_id);
    at = copy_text_field(at, report->node_id);
    at = copy_int64_field(at, report->time_us - CLOCK_POSTGRES_EPOCH_US);
    at = copy_text_field(at, report->role);
    for (int value = 0; value < MONGODB_VALUES; value++) {
        int64_t number = report->values[value];

        if (mongodb_value_kinds[value].is_fraction && number >= 0)
            at = copy_double_field(at, (double)number / MONGODB_MILLIONTHS);
        else
            at = copy_count_field(at, number);
    }
    buffer->size_bytes = (size_t)(at - buffer->data);
}

/* The fast way: all rows or none. STATUS_CONFLICT if one is stored already; the transaction has failed then. */
static enum status copy_rows(struct store *store, const struct mongodb_target *target, struct rows *rows,
                             struct error *error)
{
    const struct copied_rows copied = {target, rows->items};
    enum status status = db_copy_rows(store->db, copy_command, put_row, &copied, rows->count, error);

    for (size_t i = 0; status == STATUS_OK && i < rows->count; i++)
        rows->items[i].is_new = true;
    return status;
}

/* ---- sums ---- */

static void add_report(struct delta *delta, const struct mongodb_report *report)
{
    delta->reports++;
    for (int value = 0; value < MONGODB_VALUES; value++) {
        int64_t *total = &delta->totals[value];

        if (report->values[value] < 0)
            continue;
        delta->counts[value]++;
        if (mongodb_value_kinds[value].fold != MONGODB_FOLD_MAX)
            *total += report->values[value];
        else if (report->values[value] > *total)
            *total = report->values[value];
    }
}

static struct deltas add_up(const struct rows *rows, struct arena *arena)
{
    struct deltas deltas = {0};
    struct delta *last = NULL;

    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->items[i];

        if (!row->is_new)
            continue;
        if (last == NULL || last->bucket_us != row->bucket_us || !text_equal(last->node_id, row->report->node_id)) {
            last = vector_push(&deltas, arena);
            *last = (struct delta){.node_id = row->report->node_id, .bucket_us = row->bucket_us};
        }
        add_report(last, row->report);
    }
    return deltas;
}

static enum status write_deltas(struct store *store, const struct mongodb_target *target, const struct deltas *deltas,
                                struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct text *nodes = arena_alloc_array(arena, deltas->count, sizeof *nodes);
    int64_t *buckets_us = arena_alloc_array(arena, deltas->count, sizeof *buckets_us);
    int64_t *reports = arena_alloc_array(arena, deltas->count, sizeof *reports);
    int64_t *totals = arena_alloc_array(arena, deltas->count * MONGODB_VALUES, sizeof *totals);
    int64_t *counts = arena_alloc_array(arena, deltas->count * MONGODB_VALUES, sizeof *counts);

    for (size_t i = 0; i < deltas->count; i++) {
        nodes[i] = deltas->items[i].node_id;
        buckets_us[i] = deltas->items[i].bucket_us;
        reports[i] = deltas->items[i].reports;
        memcpy(totals + i * MONGODB_VALUES, deltas->items[i].totals, sizeof deltas->items[i].totals);
        memcpy(counts + i * MONGODB_VALUES, deltas->items[i].counts, sizeof deltas->items[i].counts);
    }
    params_int64(&params, target->organization_id);
    params_int64(&params, target->connection_id);
    params_text_array(&params, nodes, deltas->count);
    params_time_array(&params, buckets_us, deltas->count);
    params_int64_array(&params, reports, deltas->count);
    params_int64_array(&params, totals, deltas->count * MONGODB_VALUES);
    params_int64_array(&params, counts, deltas->count * MONGODB_VALUES);
    params_int32(&params, MONGODB_VALUES);
    return store_run(store, SQL(mongodb_deltas), &params, arena, NULL, error);
}

/* ---- nodes ---- */

/* Nodes that must be noted: those not noted for a while. */
struct unnoted {
    struct text *items;
    size_t count;
    size_t unknown; /* not noted within a day */
};

static struct unnoted find_unnoted(const struct mongodb_target *target, const struct rows *rows, struct arena *arena)
{
    struct unnoted found = {0};
    size_t capacity = 0, at = 0;

    for (size_t i = 0; i < rows->count; i++) {
        struct text node = rows->items[i].report->node_id;
        int order = 1;

        if (i > 0 && text_equal(node, rows->items[i - 1].report->node_id))
            continue;
        while (at < target->node_count && (order = text_compare(target->nodes[at], node)) < 0)
            at++;
        if (at < target->node_count && order == 0 && target->node_ages_s[at] < NODE_NOTED_S)
            continue;
        found.unknown += at == target->node_count || order != 0;
        if (found.count == capacity)
            found.items = vector_grow(found.items, found.count, &capacity, sizeof *found.items, rows->count, arena);
        found.items[found.count++] = node;
    }
    return found;
}

static enum status write_nodes(struct store *store, const struct mongodb_target *target, const struct unnoted *nodes,
                               struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};

    if (nodes->count == 0)
        return STATUS_OK;
    params_int64(&params, target->organization_id);
    params_int64(&params, target->connection_id);
    params_text_array(&params, nodes->items, nodes->count);
    return store_run(store, SQL(mongodb_nodes_seen), &params, arena, NULL, error);
}

/* ---- the newest reports ---- */

/* Of each node of a batch: its newest new report, and the times and operations of up to MONGODB_RECENT_MAX of them, the
 * newest first, one node's behind the other's. */
struct newest {
    struct text *nodes, *roles;
    int64_t *numbers;               /* MONGODB_VALUES of each node */
    int64_t *ends;                  /* where the node's times and operations end */
    int64_t *times_us, *operations; /* `ends[count - 1]` of them */
    size_t count;
};

/* The rows are a node's new ones, ascending. */
static void add_newest(struct newest *newest, const struct row *rows, size_t count)
{
    size_t end = newest->count == 0 ? 0 : (size_t)newest->ends[newest->count - 1];
    size_t kept = 0;

    for (size_t i = count; i > 0 && kept < MONGODB_RECENT_MAX; i--) {
        const struct mongodb_report *report = rows[i - 1].report;

        if (!rows[i - 1].is_new)
            continue;
        if (kept == 0) {
            newest->nodes[newest->count] = report->node_id;
            newest->roles[newest->count] = report->role;
            memcpy(newest->numbers + newest->count * MONGODB_VALUES, report->values, sizeof report->values);
        }
        newest->times_us[end + kept] = report->time_us;
        newest->operations[end + kept++] = mongodb_operations(report);
    }
    if (kept > 0)
        newest->ends[newest->count++] = (int64_t)(end + kept);
}

static struct newest find_newest(const struct rows *rows, struct arena *arena)
{
    struct newest newest = {0};
    size_t nodes = 0;

    for (size_t i = 0; i < rows->count; i++)
        nodes += i == 0 || !text_equal(rows->items[i - 1].report->node_id, rows->items[i].report->node_id);
    newest.nodes = arena_alloc_array(arena, nodes, sizeof *newest.nodes);
    newest.roles = arena_alloc_array(arena, nodes, sizeof *newest.roles);
    newest.numbers = arena_alloc_array(arena, nodes * MONGODB_VALUES, sizeof *newest.numbers);
    newest.ends = arena_alloc_array(arena, nodes, sizeof *newest.ends);
    newest.times_us = arena_alloc_array(arena, nodes * MONGODB_RECENT_MAX, sizeof *newest.times_us);
    newest.operations = arena_alloc_array(arena, nodes * MONGODB_RECENT_MAX, sizeof *newest.operations);
    for (size_t first = 0, end; first < rows->count; first = end) {
        for (end = first + 1; end < rows->count; end++)
            if (!text_equal(rows->items[first].report->node_id, rows->items[end].report->node_id))
                break;
        add_newest(&newest, rows->items + first, end - first);
    }
    return newest;
}

/* The last statement of the transaction, as it locks the nodes' rows: another batch of a node waits for the commit. */
static enum status write_newest(struct store *store, const struct mongodb_target *target, const struct rows *rows,
                                struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct newest newest = find_newest(rows, arena);
    size_t times = newest.count == 0 ? 0 : (size_t)newest.ends[newest.count - 1];

    params_int64(&params, target->organization_id);
    params_int64(&params, target->connection_id);
    params_text_array(&params, newest.nodes, newest.count);
    params_text_array(&params, newest.roles, newest.count);
    params_int64_array(&params, newest.numbers, newest.count * MONGODB_VALUES);
    params_int64_array(&params, newest.ends, newest.count);
    params_time_array(&params, newest.times_us, times);
    params_int64_array(&params, newest.operations, times);
    params_int32(&params, MONGODB_VALUES);
    params_int32(&params, MONGODB_RECENT_MAX);
    return store_run(store, SQL(mongodb_newest_keep), &params, arena, NULL, error);
}

/* ---- a batch ---- */

static struct ingest_batch_id id_of(const struct mongodb_batch *batch)
{
    return (struct ingest_batch_id){.organization_id = batch->target.organization_id,
                                    .connection_id = batch->target.connection_id,
                                    .id = batch->batch_id,
                                    .body_digest = batch->body_digest};
}

enum status store_mongodb_replay(struct store *store, const struct mongodb_batch *batch, struct arena *arena,
                                 struct ingest_outcome *out_outcome, struct error *error)
{
    const struct ingest_batch_id id = id_of(batch);

    return ingest_batch_replay(store, &id, arena, out_outcome, error);
}

/* What store_mongodb_ingest() writes. */
struct items {
    const struct mongodb_batch *batch;
    struct rows rows;
    struct unnoted nodes;
};

static enum status write_items(struct store *store, void *context, bool by_copy, int64_t *out_new, struct error *error)
{
    struct items *items = context;
    enum status status = by_copy ? copy_rows(store, &items->batch->target, &items->rows, error)
                                 : insert_rows(store, &items->batch->target, &items->rows, error);

    *out_new = 0;
    for (size_t i = 0; status == STATUS_OK && i < items->rows.count; i++)
        *out_new += items->rows.items[i].is_new;
    return status;
}

static enum status write_sums(struct store *store, void *context, struct arena *arena, struct budget_spent *out_spent,
                              struct error *error)
{
    const struct items *items = context;
    const struct mongodb_target *target = &items->batch->target;
    struct deltas deltas = add_up(&items->rows, arena);
    enum status status = write_deltas(store, target, &deltas, arena, error);

    for (size_t i = 0; i < items->rows.count; i++)
        if (items->rows.items[i].is_new) {
            out_spent->rows++;
            out_spent->bytes += (double)(BUDGET_ROW_BYTES + items->rows.items[i].report->node_id.size);
        }
    if (status == STATUS_OK)
        status = write_nodes(store, target, &items->nodes, arena, error);
    return status == STATUS_OK ? write_newest(store, target, &items->rows, arena, error) : status;
}

enum status store_mongodb_ingest(struct store *store, const struct mongodb_batch *batch, struct arena *arena,
                                 struct ingest_outcome *out_outcome, struct error *error)
{
    static const struct ingest_batch_writer writer = {write_items, write_sums};
    struct items items = {.batch = batch, .rows = rows_make(&batch->reports, arena)};
    const struct ingest_batch_id id = id_of(batch);
    const struct ingest_batch_counts counts = {
        .sent = (int64_t)batch->reports.count, .distinct = (int64_t)items.rows.count, .rejected = batch->rejected};

    items.nodes = find_unnoted(&batch->target, &items.rows, arena);
    if (items.nodes.unknown > 0 && batch->target.node_count + items.nodes.unknown > MONGODB_NODES_MAX)
        return error_field(error, "data", "names too many nodes: a connection has at most %d in a day",
                           MONGODB_NODES_MAX);
    return ingest_batch_store(store, &id, &counts, &writer, &items, arena, out_outcome, error);
}
