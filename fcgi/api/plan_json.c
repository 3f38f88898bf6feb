/* See plan_json.h. */
#include "fcgi/api/plan_json.h"

#include "fcgi/api/query_params.h"

void plan_about_write(struct json_writer *json, const struct query_plan *plan)
{
    json_member_hash(json, "plan_hash", plan->plan_hash);
    json_member_int64(json, "database_connection_id", plan->connection_id);
    json_member_string(json, "provenance", plan_provenance_name(plan->provenance));
    if (plan->total_cost > 0)
        json_member_double(json, "total_cost", plan->total_cost);
    else
        json_member_null(json, "total_cost");
    json_member_time(json, "first_seen_at", plan->first_seen_us);
    json_member_time(json, "last_seen_at", plan->last_seen_us);
}

enum status plan_json_read(struct text plan_json, struct arena *arena, struct plan *out_plan, struct error *error)
{
    for (int dialect = PLAN_DIALECT_UNSET + 1; dialect < PLAN_DIALECT_COUNT; dialect++)
        if (plan_read((enum plan_dialect)dialect, plan_json, arena, out_plan, NULL) == STATUS_OK)
            return STATUS_OK;
    return error_set(error, STATUS_INVALID, "A plan is of a kind that Potto cannot read as a tree.");
}

/* A plan that cannot be read was not examined. */
static void write_findings(struct json_writer *json, struct text plan_json, struct arena *arena)
{
    struct plan_findings findings = {.not_examined = {"This plan is of a kind that Potto cannot read as a tree."},
                                     .not_examined_count = 1};
    struct plan plan = {0};

    if (plan_json_read(plan_json, arena, &plan, NULL) == STATUS_OK)
        plan_find(&plan, arena, &findings);
    if (findings.count > PLAN_FINDINGS_TOLD) {
        findings.left_out += findings.count - PLAN_FINDINGS_TOLD;
        findings.count = PLAN_FINDINGS_TOLD;
    }
    plan_findings_write(&plan, &findings, json);
}

void plan_members_write(struct json_writer *json, const struct query_plan *plan, struct text plan_json,
                        struct arena *arena)
{
    plan_about_write(json, plan);
    json_key(json, "plan");
    json_raw(json, plan_json);
    write_findings(json, plan_json, arena);
}

void plan_write(struct json_writer *json, const struct query_plan *plan, struct text plan_json, struct arena *arena)
{
    json_object_begin(json);
    plan_members_write(json, plan, plan_json, arena);
    json_object_end(json);
}

void plan_node_write(struct json_writer *json, const char *key, const struct plan *plan, const struct plan_node *node)
{
    json_key(json, key);
    if (node == NULL) {
        json_null(json);
        return;
    }
    json_object_begin(json);
    json_member_int64(json, "number", (int64_t)plan_node_number(plan, node));
    json_member_text(json, "label", node->label);
    json_member_text_or_null(json, "relation", node->relation);
    json_member_text_or_null(json, "alias", node->alias);
    json_member_text_or_null(json, "index", node->index);
    json_member_known(json, "rows", node->rows);
    json_member_known(json, "cost", node->cost);
    json_object_end(json);
}
