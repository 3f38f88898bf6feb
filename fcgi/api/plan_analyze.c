/* POST /api/v1/plans/analyze: what is wrong with a plan that somebody pasted. Nothing is stored. */
#include <stddef.h>

#include "base/engine.h"
#include "fcgi/api/plan_json.h"
#include "fcgi/api/stats_params.h"
#include "fcgi/handlers.h"
#include "fcgi/pasted_plan.h"
#include "fcgi/request/body.h"

struct analyze_body {
    struct text engine, plan;
};

static const struct body_field fields[] = {
    {"engine", BODY_ENGINE, offsetof(struct analyze_body, engine), 0, 0, false, NULL},
    {"plan", BODY_PASTED, offsetof(struct analyze_body, plan), 0, PASTED_PLAN_BYTES_MAX, true, NULL},
};

static void write_nodes(struct json_writer *json, const struct plan *plan)
{
    json_key(json, "nodes");
    json_array_begin(json);
    for (size_t i = 0; i < plan->node_count; i++) {
        const struct plan_node *node = plan->nodes[i];

        json_object_begin(json);
        json_member_int64(json, "depth", node->depth);
        json_member_text(json, "label", node->label);
        json_member_text_or_null(json, "relation", node->relation);
        json_member_text_or_null(json, "alias", node->alias);
        json_member_text_or_null(json, "index", node->index);
        json_member_text_or_null(json, "condition", node->condition);
        json_member_known(json, "rows", node->rows);
        json_member_known(json, "cost", node->cost);
        json_member_double(json, "cost_share", stats_share(node->cost_share));
        json_member_known(json, "actual_rows", plan_number(node, PLAN_ROWS));
        json_member_known(json, "loops", plan_number(node, PLAN_LOOPS));
        json_member_known(json, "total_ms", node->total_ms);
        json_member_known(json, "own_ms", node->own_ms);
        json_object_end(json);
    }
    json_array_end(json);
}

enum status plans_analyze(const struct request *request, const struct scope *scope, struct response *response,
                          struct error *error)
{
    static const char *const no_params[] = {NULL};
    struct analyze_body body = {0};
    struct plan_findings findings;
    struct plan plan;
    struct json_writer *json;
    enum status status = request_query_only(request, no_params, error);

    (void)scope;
    if (status == STATUS_OK)
        status = body_read(request, fields, sizeof fields / sizeof fields[0], &body, error);
    if (status == STATUS_OK)
        status = pasted_plan_read(body.engine, body.plan, request->arena, &plan, error);
    if (status != STATUS_OK)
        return status;
    plan_find(&plan, request->arena, &findings);
    json = response_json(response, 200);
    json_object_begin(json);
    json_member_string(json, "engine", pasted_plan_engine(&plan)->name);
    json_member_bool(json, "has_actuals", plan.has_actuals);
    json_member_known(json, "total_cost", plan.total_cost);
    json_member_known(json, "total_ms", plan.total_ms);
    write_nodes(json, &plan);
    plan_findings_write(&plan, &findings, json);
    json_object_end(json);
    return STATUS_OK;
}
