/* Runs statements within a scope; see store.h. The scope is sent in the same round trip as the statement, as settings
 * of the transaction, which row policies read (migrations/012_row_policies.sql). */
#include "store/scope/store.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "db/db.h"
#include "store/scope/scope_internal.h"
#include "store/scope/statement.h"
#include "store/scope/store_internal.h"

enum { CONNECTION_IDS_BYTES_MAX = 64 * 1024 * 1024, CONNECTION_ID_CHARS_MAX = 21 /* with its comma */ };

struct store *store_new(const char *url, const char *application_name)
{
    struct store *store = calloc(1, sizeof *store);

    if (store == NULL)
        abort();
    store->db = db_new(url, application_name, STORE_SQL_COUNT);
    store->bound.hurry_until_us = INT64_MAX;
    buffer_init(&store->bound.connection_ids, CONNECTION_IDS_BYTES_MAX);
    return store;
}

void store_destroy(struct store *store)
{
    if (store == NULL)
        return;
    db_destroy(store->db);
    free(store->ingest_seen);
    free(store->budget_pending);
    free(store->literals_noted);
    buffer_free(&store->bound.connection_ids);
    free(store);
}

bool store_is_healthy(struct store *store, int fresh_ms)
{
    return db_is_healthy(store->db, fresh_ms);
}

void store_set_deadline(struct store *store, int64_t deadline_us)
{
    db_set_deadline(store->db, deadline_us);
}

void store_stop_by(int64_t deadline_us)
{
    db_stop_by(deadline_us);
}

enum status store_set_limit(struct store *store, int64_t limit_ms, struct error *error)
{
    return db_set_limit(store->db, limit_ms, error);
}

const char *store_sqlstate(const struct store *store)
{
    return db_sqlstate(store->db);
}

/* ---- the scope ---- */

void store_enter(struct store *store, const struct scope *scope)
{
    store->bound.scope = scope;
    store->bound.made_id = 0;
    store->bound.is_written = false;
    store->bound.is_administering = false;
    store->bound.hurry_until_us = INT64_MAX;
}

void store_hurry(struct store *store, int64_t until_us)
{
    store->bound.hurry_until_us = until_us;
}

void store_administer(struct store *store)
{
    store->bound.is_administering = true;
}

void store_enter_made(struct store *store, int64_t connection_id)
{
    store->bound.made_id = connection_id;
    store->bound.is_written = false;
}

/* Must the scope be sent before a statement? Yes, if there is one and no transaction that has it already. */
static bool must_bind(const struct store *store)
{
    return store->bound.scope != NULL && db_is_idle(store->db);
}

static void write_ids(struct bound_scope *bound)
{
    const struct scope *scope = bound->scope;
    struct buffer *ids = &bound->connection_ids;

    buffer_clear(ids);
    buffer_reserve(ids, (scope->connection_count + 2) * CONNECTION_ID_CHARS_MAX);
    buffer_append_byte(ids, '{');
    for (size_t i = 0; i < scope->connection_count; i++)
        buffer_printf(ids, "%s%" PRId64, i == 0 ? "" : ",", scope->connection_ids[i]);
    if (bound->made_id != 0)
        buffer_printf(ids, "%s%" PRId64, scope->connection_count == 0 ? "" : ",", bound->made_id);
    buffer_append_byte(ids, '}');
}

/* The parameters of scope_set.sql; they point into `store`. Errors: STATUS_INTERNAL (out of memory). */
static enum status bind_params(struct store *store, struct db_params *params, struct error *error)
{
    static const char *const roles[] = {"agent", "viewer", "member", "admin"}; /* by enum role */
    struct bound_scope *bound = &store->bound;

    if (!bound->is_written) {
        snprintf(bound->organization_id, sizeof bound->organization_id, "%" PRId64, bound->scope->organization_id);
        snprintf(bound->user_id, sizeof bound->user_id, "%" PRId64, bound->scope->user_id);
        write_ids(bound);
        bound->is_written = true;
    }
    if (bound->connection_ids.has_failed) {
        error_set(error, STATUS_INTERNAL, "Something went wrong on our side.");
        return error_detail(error, "no memory for the ids of %zu connections", bound->scope->connection_count);
    }
    params_string(params, bound->organization_id);
    params_string(params, bound->user_id);
    params_string(params, roles[bound->scope->role]);
    params_text(params, buffer_text(&bound->connection_ids));
    params_string(params, bound->is_administering ? "on" : "off");
    bound->is_administering = false;
    return STATUS_OK;
}

/* The calls of a round trip: those that go before the caller's statement, and that. Parameters point into `store`. */
struct bind {
    struct db_params scope, limit; /* of scope_set.sql and statement_limit_set.sql */
    struct db_call calls[4];
    size_t count;
};

static enum status add_bind_calls(struct store *store, struct bind *bind, struct error *error)
{
    int64_t left_us = store->bound.hurry_until_us - clock_monotonic_us();
    enum status status = STATUS_OK;

    if (left_us <= 0)
        return error_set(error, STATUS_TIMEOUT, "The store took too long.");
    if (!must_bind(store))
        return STATUS_OK;
    status = bind_params(store, &bind->scope, error);
    bind->calls[bind->count++] = (struct db_call){SQL(scope_set), &bind->scope};
    if (status != STATUS_OK || store->bound.hurry_until_us == INT64_MAX)
        return status;
    snprintf(store->bound.limit_ms, sizeof store->bound.limit_ms, "%" PRId64, left_us / 1000 + 1);
    params_string(&bind->limit, store->bound.limit_ms);
    bind->calls[bind->count++] = (struct db_call){SQL(statement_limit_set), &bind->limit};
    return STATUS_OK;
}

/* ---- statements ---- */

enum status store_run(struct store *store, const struct db_sql *sql, const struct db_params *params,
                      struct arena *arena, PGresult **out_result, struct error *error)
{
    struct bind bind = {0};
    enum status status = add_bind_calls(store, &bind, error);

    bind.calls[bind.count++] = (struct db_call){sql, params};
    if (status == STATUS_OK)
        status = db_run(store->db, bind.calls, bind.count, arena, out_result, error);
    store->bound.is_administering = false; /* a transaction got it at its start */
    return status;
}

enum status store_read(struct store *store, const struct scope *scope, const struct db_sql *sql,
                       const struct db_params *params, struct arena *arena, PGresult **out_result, struct error *error)
{
    struct db_params all = {.arena = arena};

    params_int64(&all, scope->organization_id);
    params_int64_array(&all, scope->connection_ids, scope->connection_count);
    if (params != NULL)
        params_append(&all, params);
    return store_run(store, sql, &all, arena, out_result, error);
}

/* ---- transactions ---- */

enum status store_begin(struct store *store, struct error *error)
{
    struct bind bind = {.calls = {{SQL(transaction_begin), NULL}}, .count = 1};
    enum status status = add_bind_calls(store, &bind, error);

    return status == STATUS_OK ? db_begin(store->db, bind.calls, bind.count, error) : status;
}

enum status store_begin_ingest(struct store *store, struct error *error)
{
    static const struct db_call calls[] = {{SQL(transaction_begin), NULL}, {SQL(ingest_role), NULL}};
    enum status status = db_begin(store->db, calls, 2, error);

    /* These errors mean that the role is missing, not that the sender's data is wrong. */
    if (status == STATUS_INVALID || status == STATUS_CONFLICT)
        status = error_set(error, STATUS_INTERNAL, "Something went wrong on our side.");
    return status;
}

enum status store_commit(struct store *store, struct error *error)
{
    return db_commit(store->db, error);
}

void store_rollback(struct store *store)
{
    db_rollback(store->db);
}

enum status store_end(struct store *store, enum status status, struct error *error)
{
    if (status == STATUS_OK)
        status = store_commit(store, error);
    if (status != STATUS_OK)
        store_rollback(store);
    return status;
}

enum status store_script(struct store *store, const char *script, struct error *error)
{
    return db_script(store->db, script, error);
}
