/* GET /api/v1/slow-queries/fingerprints/{hash}/plans: plans over time, and the effect of each change of plan; and
 * …/plans/compare: what changed between two of them. */
#include <math.h>

#include "base/clock.h"
#include "fcgi/api/plan_json.h"
#include "fcgi/api/stats_params.h"
#include "fcgi/handlers.h"
#include "fcgi/request/cursor.h"
#include "fcgi/request/literals.h"
#include "plan/compare.h"
#include "store/read/plan_history.h"
#include "store/read/summary.h"

static const char LIST[] = "fingerprint-plans";

static enum status read_cursor(const struct request *request, struct query_plan *out_after, bool *out_is_given,
                               struct error *error)
{
    struct cursor cursor;
    enum status status = cursor_read(request, LIST, 4, &cursor, out_is_given, error);

    if (status != STATUS_OK || !*out_is_given)
        return status;
    if (!cursor_is_time(cursor.numbers[0]))
        return error_set(error, STATUS_MALFORMED, "The cursor is not one of this list.");
    *out_after = (struct query_plan){.first_seen_us = cursor.numbers[0],
                                     .connection_id = cursor.numbers[1],
                                     .plan_hash = cursor_take_hash(&cursor.numbers[2])};
    return STATUS_OK;
}

static struct text next_cursor(const struct plan_history *history, struct arena *arena)
{
    struct cursor cursor = {.number_count = 4};
    const struct query_plan *last;

    if (!history->has_more || history->count == 0)
        return (struct text){NULL, 0};
    last = &history->steps[history->count - 1].plan;
    cursor.numbers[0] = last->first_seen_us;
    cursor.numbers[1] = last->connection_id;
    cursor_put_hash(&cursor.numbers[2], last->plan_hash);
    return cursor_write(LIST, &cursor, arena);
}

static void write_times(struct json_writer *json, const char *key, const struct plan_times *times)
{
    json_key(json, key);
    json_object_begin(json);
    sums_side_members_write(json, &times->sums);
    json_member_percentiles(json, &times->percentiles);
    json_object_end(json);
}

/* Write what changed with this plan; null for the first plan of its connection. */
static void write_change(struct json_writer *json, const struct plan_step *step)
{
    json_key(json, "change");
    if (!step->has_previous) {
        json_null(json);
        return;
    }
    json_object_begin(json);
    json_member_hash(json, "previous_plan_hash", step->previous_hash);
    json_member_time(json, "changed_at", step->plan.first_seen_us);
    json_member_bool(json, "is_back_and_forth", step->is_back_and_forth);
    write_times(json, "before", &step->before);
    write_times(json, "after", &step->after);
    if (step->is_comparable)
        json_member_double(json, "mean_ratio", stats_share(step->change_ratio));
    else
        json_member_null(json, "mean_ratio");
    json_member_string(json, "difference", difference_name(step->difference));
    json_member_bool(json, "is_regression", step->difference == DIFFERENCE_SLOWER);
    json_object_end(json);
}

/* *hash may be the MD5 by which systems before Potto name the statement, and becomes its own hash. */
static enum status read_history(const struct request *request, const struct scope *scope, struct sql_hash *hash,
                                const struct query_plan *after, int limit, struct plan_history *out_history,
                                struct error *error)
{
    enum status status =
        store_plan_history(request->store, scope, *hash, after, limit, request->arena, out_history, error);

    if (status != STATUS_ABSENT)
        return status;
    *error = (struct error){0};
    status = store_query_find_by_md5(request->store, scope, *hash, request->arena, hash, error);
    return status == STATUS_OK
               ? store_plan_history(request->store, scope, *hash, after, limit, request->arena, out_history, error)
               : status;
}

enum status fingerprint_plans(const struct request *request, const struct scope *scope, struct response *response,
                              struct error *error)
{
    static const char *const allowed[] = {"connection_id", "limit", "cursor", NULL};
    struct plan_history history;
    const struct text *plans;
    struct query_plan after;
    struct sql_hash hash;
    struct json_writer *json;
    const struct scope *chosen;
    int64_t regressions = 0;
    int limit = LIST_LIMIT_DEFAULT;
    bool has_cursor = false;
    enum status status;

    if (!sql_hash_parse(request_path_param(request, "hash"), &hash))
        return error_set(error, STATUS_ABSENT, "There is no such query.");
    request_query_only(request, allowed, error);
    param_limit(request, &limit, error);
    status = param_connections(request, scope, (struct connection_filter){0}, &chosen, error);
    if (status == STATUS_OK)
        status = read_cursor(request, &after, &has_cursor, error);
    if (status == STATUS_OK)
        status = read_history(request, chosen, &hash, has_cursor ? &after : NULL, limit, &history, error);
    if (status == STATUS_OK)
        status = literals_open_history(request, scope, &history, &plans, error);
    if (status != STATUS_OK)
        return status;
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_hash(json, "sql_hash", hash);
    json_key(json, "items");
    json_array_begin(json);
    for (size_t i = 0; i < history.count; i++) {
        json_object_begin(json);
        plan_members_write(json, &history.steps[i].plan, plans[i], request->arena);
        write_change(json, &history.steps[i]);
        json_object_end(json);
        regressions += history.steps[i].difference == DIFFERENCE_SLOWER;
    }
    json_array_end(json);
    json_member_int64(json, "regression_count", regressions);
    json_member_next_cursor(json, next_cursor(&history, request->arena));
    json_object_end(json);
    return STATUS_OK;
}

/* ---- two plans ---- */

static const char *const pair_names[] = {"before", "after"};

static void read_hashes(const struct request *request, struct sql_hash out_hashes[2], struct error *error)
{
    for (int i = 0; i < 2; i++) {
        struct text given = request_query(request, pair_names[i]);

        if (given.data != NULL && !sql_hash_parse(given, &out_hashes[i]))
            error_field(error, pair_names[i], "must be a plan_hash, 32 hexadecimal digits");
    }
}

/* A statement that is hidden or absent goes before a parameter that is missing. */
static enum status check_hashes_given(const struct request *request, struct error *error)
{
    enum status status = STATUS_OK;

    for (int i = 0; i < 2; i++)
        if (request_query(request, pair_names[i]).data == NULL)
            status = error_field(error, pair_names[i], "is missing");
    return status;
}

static void write_sentence(struct json_writer *json, const char *kind, struct text sentence)
{
    json_object_begin(json);
    json_member_string(json, "kind", kind);
    json_member_text(json, "sentence", sentence);
}

static void write_comparison(struct json_writer *json, const struct plan_comparison *comparison,
                             const struct plan *before, const struct plan *after)
{
    json_member_bool(json, "is_same", comparison->is_same);
    json_key(json, "changes");
    json_array_begin(json);
    for (size_t i = 0; i < comparison->change_count; i++) {
        const struct plan_change *change = &comparison->changes[i];

        write_sentence(json, plan_change_name(change->kind), change->sentence);
        plan_node_write(json, "before", before, change->before);
        plan_node_write(json, "after", after, change->after);
        json_object_end(json);
    }
    json_array_end(json);
    json_member_int64(json, "more_changes", (int64_t)comparison->more_changes);
    json_key(json, "reasons");
    json_array_begin(json);
    for (size_t i = 0; i < comparison->reason_count; i++) {
        write_sentence(json, plan_reason_name(comparison->reasons[i].kind), comparison->reasons[i].sentence);
        json_object_end(json);
    }
    json_array_end(json);
    json_key(json, "relations");
    json_array_begin(json);
    for (size_t i = 0; i < comparison->relation_count; i++) {
        const struct plan_relation *relation = &comparison->relations[i];

        json_object_begin(json);
        json_member_text(json, "name", relation->name);
        plan_node_write(json, "before", before, relation->before);
        plan_node_write(json, "after", after, relation->after);
        json_member_double(json, "rows_ratio", relation->rows_ratio > 0 ? stats_share(relation->rows_ratio) : NAN);
        json_object_end(json);
    }
    json_array_end(json);
    json_member_int64(json, "more_relations", (int64_t)comparison->more_relations);
}

static void write_side(struct json_writer *json, const char *key, const struct query_plan *plan)
{
    json_key(json, key);
    json_object_begin(json);
    plan_about_write(json, plan);
    json_object_end(json);
}

/* *hash as for read_history(). */
static enum status find_statement(const struct request *request, const struct scope *scope, struct sql_hash *hash,
                                  struct error *error)
{
    enum status status = store_query_check_seen(request->store, scope, *hash, request->arena, error);

    if (status != STATUS_ABSENT)
        return status;
    *error = (struct error){0};
    return store_query_find_by_md5(request->store, scope, *hash, request->arena, hash, error);
}

static enum status read_pair(const struct request *request, const struct scope *scope, struct sql_hash hash,
                             const struct sql_hash plan_hashes[2], struct query_plan out_plans[2], struct error *error)
{
    enum status status = check_hashes_given(request, error);

    for (int i = 0; status == STATUS_OK && i < 2; i++)
        status =
            store_query_plan_get(request->store, scope, hash, plan_hashes[i], request->arena, &out_plans[i], error);
    return status;
}

static enum status read_trees(const struct request *request, const struct scope *scope,
                              const struct query_plan plans[2], struct plan out_trees[2], struct error *error)
{
    const struct literal_text *const literals[] = {plans[0].plan, plans[1].plan};
    const struct text *texts;
    enum status status = literals_open(request, scope, literals, 2, &texts, error);

    for (int i = 0; status == STATUS_OK && i < 2; i++)
        status = plan_json_read(texts[i], request->arena, &out_trees[i], error);
    if (status == STATUS_OK && out_trees[0].dialect != out_trees[1].dialect)
        return error_set(error, STATUS_INVALID, "The two plans are of different engines.");
    return status;
}

enum status fingerprint_plans_compare(const struct request *request, const struct scope *scope,
                                      struct response *response, struct error *error)
{
    static const char *const allowed[] = {"connection_id", "before", "after", NULL};
    struct sql_hash hash, plan_hashes[2] = {{{0}}, {{0}}};
    struct query_plan plans[2];
    struct plan trees[2];
    struct plan_comparison comparison;
    const struct scope *chosen;
    struct json_writer *json;
    enum status status;

    if (!sql_hash_parse(request_path_param(request, "hash"), &hash))
        return error_set(error, STATUS_ABSENT, "There is no such query.");
    request_query_only(request, allowed, error);
    read_hashes(request, plan_hashes, error);
    status = param_connections(request, scope, (struct connection_filter){0}, &chosen, error);
    if (status == STATUS_OK)
        status = find_statement(request, chosen, &hash, error);
    if (status == STATUS_OK)
        status = read_pair(request, chosen, hash, plan_hashes, plans, error);
    if (status == STATUS_OK)
        status = read_trees(request, scope, plans, trees, error);
    if (status != STATUS_OK)
        return status;
    plan_compare(&(struct plan_side){&trees[0], plan_has_values(&plans[0])},
                 &(struct plan_side){&trees[1], plan_has_values(&plans[1])}, request->arena, &comparison);
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_hash(json, "sql_hash", hash);
    write_side(json, "before", &plans[0]);
    write_side(json, "after", &plans[1]);
    write_comparison(json, &comparison, &trees[0], &trees[1]);
    json_object_end(json);
    return STATUS_OK;
}
