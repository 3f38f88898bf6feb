/* Plans by EXPLAIN: of a text with its literals, and the generic plan of a normalized one, whose literals are $1, $2, …
 *
 * A generic plan is made by PREPARE, plan_cache_mode = force_generic_plan and EXPLAIN EXECUTE with NULLs. That asks
 * nothing of the values, and works in all versions alike, also in those without EXPLAIN (GENERIC_PLAN).
 *
 * Planning runs a statement's immutable functions, which anybody may have written who may create one. So nothing is
 * explained as a superuser. */
#include <stdio.h>
#include <string.h>

#include "collect/explain.h"
#include "collect/postgres/postgres.h"

enum { PARAMETERS_MAX = 200, TEXT_BYTES_MAX = 400000, TEXTS_MAX = 1000, TEXTS_BYTES_MAX = 16 << 20 };

static const struct target_column text_columns[] = {
    {"queryid", TARGET_KEY, .may_be_null = true, .max_bytes = 20},
    {"query", TARGET_TEXT, .may_be_null = true, .max_bytes = TEXT_BYTES_MAX}};
static const struct target_statement texts_statement = {
    .sql = "SELECT /* potto */ queryid, query FROM pg_stat_statements(true) WHERE dbid = (SELECT oid FROM pg_database "
           "WHERE datname = current_database()) AND queryid = ANY ($1::bigint[]) AND length(query) < 100000 "
           "LIMIT 1000",
    TARGET_COLUMNS(text_columns),
    .rows_max = TEXTS_MAX,
    .cost_max = TEXTS_BYTES_MAX};
_Static_assert(TEXTS_MAX == 1000, "the LIMIT above");

static const struct target_column parameters_columns[] = {{"parameters", .kind = TARGET_COUNT}};
static const struct target_statement parameters_statement = {
    .sql = "SELECT /* potto */ coalesce(pg_catalog.cardinality(parameter_types), 0) "
           "FROM pg_catalog.pg_prepared_statements WHERE name = 'potto_plan'",
    TARGET_COLUMNS(parameters_columns),
    .rows_min = 1,
    .rows_max = 1,
    .cost_max = 1024};

/* Texts of the entries that were chosen. */
static enum status read_texts(struct collect_cycle *cycle)
{
    const char *list = "";
    struct target_rows rows;
    struct text param;
    enum status status;

    for (size_t i = 0; i < cycle->candidates.count; i++)
        if (cycle->candidates.items[i].sql.data == NULL)
            list = arena_printf(cycle->arena, "%s%s%.*s", list, *list == '\0' ? "" : ",",
                                (int)cycle->candidates.items[i].key.size, cycle->candidates.items[i].key.data);
    if (*list == '\0')
        return STATUS_OK;
    param = text_of(arena_printf(cycle->arena, "{%s}", list));
    status = collect_run(cycle, &texts_statement, &param, 1, &rows);
    for (int row = 0; status == STATUS_OK && row < rows.row_count; row++)
        for (size_t i = 0; i < cycle->candidates.count; i++) {
            struct plan_candidate *candidate = &cycle->candidates.items[i];

            if (candidate->sql.data == NULL && text_equal(candidate->key, target_text(&rows, row, 0)))
                candidate->sql = target_text(&rows, row, 1);
        }
    return status;
}

/* EXECUTE with as many NULLs as the statement has parameters. */
static const char *execute_sql(struct collect_cycle *cycle, int64_t parameter_count)
{
    char *nulls = arena_alloc(cycle->arena, PARAMETERS_MAX * strlen(", NULL") + 1), *end = nulls;

    for (int64_t i = 0; i < parameter_count; i++, end += strlen(", NULL"))
        memcpy(end, i == 0 ? " (NULL" : ", NULL", strlen(", NULL"));
    *end = '\0';
    return arena_printf(cycle->arena, "EXPLAIN /* potto */ (FORMAT JSON) EXECUTE potto_plan%s%s", nulls,
                        parameter_count > 0 ? ")" : "");
}

/* Within the transaction. *out_is_prepared: potto_plan is there and wants to be deallocated. */
static enum status explain_generic(struct collect_cycle *cycle, struct text sql, bool *out_is_prepared,
                                   struct text *out_json)
{
    struct target_rows rows;
    int64_t parameter_count;
    enum status status = collect_command(cycle, "SET /* potto */ LOCAL plan_cache_mode = force_generic_plan");

    if (status == STATUS_OK)
        status = collect_command(
            cycle, arena_printf(cycle->arena, "PREPARE /* potto */ potto_plan AS %.*s", (int)sql.size, sql.data));
    if (status != STATUS_OK)
        return status;
    *out_is_prepared = true;
    status = collect_run(cycle, &parameters_statement, NULL, 0, &rows);
    if (status != STATUS_OK)
        return status;
    parameter_count = target_int64(&rows, 0, 0);
    if (parameter_count > PARAMETERS_MAX)
        return STATUS_TOO_LARGE;
    return collect_explain(cycle, execute_sql(cycle, parameter_count), out_json);
}

static enum status explain_text(struct collect_cycle *cycle, struct text sql, struct text *out_json)
{
    return collect_explain(
        cycle, arena_printf(cycle->arena, "EXPLAIN /* potto */ (FORMAT JSON) %.*s", (int)sql.size, sql.data), out_json);
}

/* A failure is in cycle->failure. */
static enum status explain_in_transaction(struct collect_cycle *cycle, struct text sql, bool is_normalized,
                                          struct text *out_json)
{
    struct target_problem failure;
    bool is_prepared = false;
    enum status status = collect_command(cycle, "BEGIN /* potto */ TRANSACTION READ ONLY");

    if (status == STATUS_OK)
        status =
            is_normalized ? explain_generic(cycle, sql, &is_prepared, out_json) : explain_text(cycle, sql, out_json);
    failure = cycle->failure;
    collect_command(cycle, "ROLLBACK /* potto */");
    if (is_prepared)
        collect_command(cycle, "DEALLOCATE /* potto */ potto_plan");
    cycle->failure = failure;
    return status;
}

/* PREPARE refuses a parameter where the grammar wants a literal, and numbers with a gap. */
static bool is_refused_for_parameters(const struct target_problem *failure)
{
    return strcmp(failure->code, "42601") == 0 || strcmp(failure->code, "42P18") == 0;
}

static enum plan_refusal meaning(const struct target_problem *failure)
{
    static const struct {
        char code[6];
        enum plan_refusal refusal;
    } meanings[] = {
        {"42601", PLAN_REFUSAL_PARAMETERS}, /* syntax: $1 where only a literal may be */
        {"42P18", PLAN_REFUSAL_PARAMETERS}, /* no type */
        {"42P08", PLAN_REFUSAL_PARAMETERS}, /* two types */
        {"42P02", PLAN_REFUSAL_PARAMETERS}, /* no such parameter */
        {"42725", PLAN_REFUSAL_PARAMETERS}, /* several functions fit */
        {"42804", PLAN_REFUSAL_PARAMETERS}, /* types differ */
        {"42P01", PLAN_REFUSAL_OBJECTS},    /* table */
        {"42703", PLAN_REFUSAL_OBJECTS},    /* column */
        {"42704", PLAN_REFUSAL_OBJECTS},    /* type */
        {"42883", PLAN_REFUSAL_OBJECTS},    /* function, operator */
        {"3F000", PLAN_REFUSAL_OBJECTS},    /* schema */
        {"42501", PLAN_REFUSAL_NO_RIGHT},   {"57014", PLAN_REFUSAL_NO_TIME}, {"55P03", PLAN_REFUSAL_NO_TIME},
    };

    if (failure->failure == TARGET_FAILURE_PERMISSION)
        return PLAN_REFUSAL_NO_RIGHT;
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (strcmp(failure->code, meanings[i].code) == 0)
            return meanings[i].refusal;
    return PLAN_REFUSAL_SERVER;
}

static void explain(struct collect_cycle *cycle, const struct plan_candidate *candidate)
{
    struct text json = {NULL, 0};
    enum status status = explain_in_transaction(cycle, candidate->sql, candidate->is_normalized, &json);

    if (status == STATUS_INVALID && candidate->is_normalized && target_is_usable(cycle->target) &&
        is_refused_for_parameters(&cycle->failure)) {
        struct text sql = sql_preparable(candidate->sql, cycle->arena);

        if (sql_is_explainable(SQL_DIALECT_POSTGRESQL, sql))
            status = explain_in_transaction(cycle, sql, true, &json);
    }
    if (status == STATUS_OK) {
        explain_set_denied(cycle, false);
        explain_keep(cycle, candidate, json,
                     candidate->is_normalized ? PLAN_PROVENANCE_GENERIC_PLAN : PLAN_PROVENANCE_EXPLAIN);
        return;
    }
    explain_failed(cycle, candidate, status == STATUS_TOO_LARGE ? PLAN_REFUSAL_NOT_SAFE : meaning(&cycle->failure));
}

/* A plan shows the statement's literals in its conditions. A text of the statistics may have literals too, if the entry
 * was evicted and made again while the statement ran. */
static enum plan_refusal hindrance(const struct collect_cycle *cycle, struct text sql)
{
    if (sql.data == NULL)
        return PLAN_REFUSAL_TEXT_MISSING;
    if (!sql_is_explainable(SQL_DIALECT_POSTGRESQL, sql))
        return PLAN_REFUSAL_NOT_SAFE;
    return cycle->input->keeps_literals || !sql_has_literals(SQL_DIALECT_POSTGRESQL, sql) ? PLAN_REFUSAL_UNSET
                                                                                          : PLAN_REFUSAL_LITERALS;
}

/* Those that were chosen. */
static void explain_all(struct collect_cycle *cycle)
{
    for (size_t i = 0; i < cycle->candidates.count && explain_has_time(cycle); i++) {
        const struct plan_candidate *candidate = &cycle->candidates.items[i];
        enum plan_refusal refusal = hindrance(cycle, candidate->sql);

        if (refusal == PLAN_REFUSAL_UNSET)
            explain(cycle, candidate);
        else
            explain_refused(cycle, candidate, refusal, "", COLLECT_PLAN_PAUSE_S);
    }
}

void collect_postgres_plans(struct collect_cycle *cycle, const struct postgres_about *about)
{
    const char *name = arena_printf(cycle->arena, "%.*s", (int)about->user.size, about->user.data);

    if (about->forbids_plans) {
        cycle->result->facts.plans.off = PLAN_REFUSAL_OFF;
        return;
    }
    if (about->is_superuser) {
        cycle->result->facts.plans.off = PLAN_REFUSAL_SUPERUSER;
        collect_tell(
            cycle, COLLECT_STATE_WARNING,
            arena_printf(cycle->arena,
                         "Potto signs in as the superuser %s, and makes no plans as a superuser: "
                         "planning can run functions that other people wrote.",
                         name),
            "CREATE ROLE potto_monitor LOGIN PASSWORD '…'; GRANT pg_monitor, pg_read_all_data TO potto_monitor; and "
            "give the connection that user.");
        return;
    }
    explain_choose(cycle);
    /* Sessions bring their texts with them, so that the others may be missing. */
    if (cycle->candidates.count > 0 && (read_texts(cycle) == STATUS_OK || target_is_usable(cycle->target)) &&
        collect_command(cycle, "RESET /* potto */ search_path") == STATUS_OK)
        explain_all(cycle);
    if (explain_is_denied(cycle))
        collect_hint(
            cycle, "Plans are missing: the user may not read the tables whose statements Potto would explain.",
            arena_printf(cycle->arena,
                         "GRANT pg_read_all_data TO %s; (PostgreSQL 14 and newer), or GRANT USAGE ON SCHEMA … and "
                         "SELECT ON ALL TABLES IN SCHEMA … TO %s;",
                         about->quoted_user.data, about->quoted_user.data));
}
