/* Plans by EXPLAIN; see mysql.h. */
#include "collect/explain.h"
#include "collect/mysql/mysql.h"

static void explain(struct collect_cycle *cycle, const struct plan_candidate *candidate)
{
    struct text json;
    enum status status = STATUS_OK;
    bool is_denied;

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
    is_denied = status != STATUS_OK && (cycle->failure.failure == TARGET_FAILURE_PERMISSION ||
                                        cycle->failure.failure == TARGET_FAILURE_DATABASE);
    explain_refused(cycle, candidate, is_denied ? EXPLAIN_DENIED_PAUSE_S : COLLECT_PLAN_PAUSE_S);
    if (is_denied) {
        explain_set_denied(cycle, true);
        json_object_object_add(cycle->cursor, "plans_denied_in",
                               json_object_new_string(collect_mysql_quote(candidate->schema, cycle->arena)));
    }
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

void collect_mysql_plans(struct collect_cycle *cycle, const char *account)
{
    explain_choose(cycle);
    for (size_t i = 0; i < cycle->candidates.count && explain_has_time(cycle); i++)
        explain(cycle, &cycle->candidates.items[i]);
    tell_denied(cycle, account);
}
