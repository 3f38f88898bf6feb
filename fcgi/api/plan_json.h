/* Plans as JSON: which plan it is, its JSON as the engine wrote it, its nodes, and what was found in it. */
#ifndef POTTO_FCGI_API_PLAN_JSON_H
#define POTTO_FCGI_API_PLAN_JSON_H

#include "base/json_write.h"
#include "plan/findings.h"
#include "store/read/plan.h"

enum { PLAN_FINDINGS_TOLD = 20 }; /* of a plan in a list; the others are counted */

/* Write the members that tell which plan it is, without braces and without the plan. */
void plan_about_write(struct json_writer *json, const struct query_plan *plan);
/* Write the members of one plan, without braces: plan_about_write(), the plan, and what is found in it. plan_json: the
 * JSON of the plan, opened (fcgi/request/literals.h). */
void plan_members_write(struct json_writer *json, const struct query_plan *plan, struct text plan_json,
                        struct arena *arena);
/* The same as an object. */
void plan_write(struct json_writer *json, const struct query_plan *plan, struct text plan_json, struct arena *arena);

/* Write one node of a plan as an object; null for NULL. */
void plan_node_write(struct json_writer *json, const char *key, const struct plan *plan, const struct plan_node *node);

/* Read a stored plan, whose engine its JSON tells. Errors: STATUS_INVALID. */
enum status plan_json_read(struct text plan_json, struct arena *arena, struct plan *out_plan, struct error *error);

#endif
