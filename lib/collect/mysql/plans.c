/* Plans by EXPLAIN; see mysql.h. */
#include <string.h>

#include "collect/explain.h"
#include "collect/mysql/mysql.h"

static enum plan_refusal meaning(const struct target_problem *failure)
{
    static const struct {
        char code[6];
        enum plan_refusal refusal;
    } meanings[] = {
        {"1146", PLAN_REFUSAL_OBJECTS}, /* table */
        {"1054", PLAN_REFUSAL_OBJECTS}, /* column */
        {"1305", PLAN_REFUSAL_OBJECTS}, /* function */
        {"1205", PLAN_REFUSAL_NO_TIME}, /* lock */
        {"1969", PLAN_REFUSAL_NO_TIME}, /* MariaDB's max_statement_time */
        {"3024", PLAN_REFUSAL_NO_TIME}, /* MySQL's max_execution_time */
    };

    if (failure->failure == TARGET_FAILURE_PERMISSION || failure->failure == TARGET_FAILURE_DATABASE)
        return PLAN_REFUSAL_NO_RIGHT;
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (strcmp(failure->code, meanings[i].code) == 0)
            return meanings[i].refusal;
    return PLAN_REFUSAL_SERVER;
}

static void explain(struct collect_cycle *cycle, const struct plan_candidate *candidate)
{
    struct text json;
    enum status status = STATUS_OK;
    enum plan_refusal refusal;

    if (candidate->schema.size > 0)
        status = collect_command(cycle, arena_printf(cycle->arena, "USE /* potto */ %s",
                                                     collect_mysql_quote(candidate->schema, cycle->arena)));
    if (status == STATUS_OK)
        status = collect_explain(cycle,
                                 arena_printf(cycle->arena, "EXPLAIN /* potto */ FORMAT=JSON %.*s",
                                              (int)candidate->sql.size, candidate->sql.data),
                                 &json);
    if (status == STATUS_OK) {
        explain_set_denied(cycle, false);
        explain_keep(cycle, candidate, json, PLAN_PROVENANCE_EXPLAIN);
        return;
    }
    refusal = meaning(&cycle->failure);
    if (refusal == PLAN_REFUSAL_NO_RIGHT)
        json_object_object_add(cycle->cursor, "plans_denied_in",
                               json_object_new_string(collect_mysql_quote(candidate->schema, cycle->arena)));
    explain_failed(cycle, candidate, refusal);
}

static void tell_denied(struct collect_cycle *cycle, const char *account)
{
    struct json_object *schema = NULL;

    if (!explain_is_denied(cycle) || !json_object_object_get_ex(cycle->cursor, "plans_denied_in", &schema))
        return;
    collect_hint(
        cycle, "Plans are missing: the user may not read the tables whose statements Potto would explain.",
        arena_printf(cycle->arena, "GRANT SELECT, SHOW VIEW ON %s.* TO %s;", json_object_get_string(schema), account));
}

/* Digests have no values; only the slow log's statements can be explained. */
static void drop_digests(struct collect_cycle *cycle)
{
    size_t count = 0;

    for (size_t i = 0; i < cycle->candidates.count; i++)
        if (!cycle->candidates.items[i].is_normalized)
            cycle->candidates.items[count++] = cycle->candidates.items[i];
    cycle->candidates.count = count;
}

void collect_mysql_plans(struct collect_cycle *cycle, const char *account)
{
    drop_digests(cycle);
    explain_choose(cycle);
    if (!cycle->input->keeps_literals)
        cycle->result->facts.plans.off = PLAN_REFUSAL_LITERALS_OFF;
    for (size_t i = 0; i < cycle->candidates.count && explain_has_time(cycle); i++)
        explain(cycle, &cycle->candidates.items[i]);
    tell_denied(cycle, account);
}
