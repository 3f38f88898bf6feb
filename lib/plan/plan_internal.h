/* Shared by plan.c and the readers of each engine's JSON. */
#ifndef POTTO_PLAN_PLAN_INTERNAL_H
#define POTTO_PLAN_PLAN_INTERNAL_H

#include <json-c/json.h>

#include "plan/plan.h"

struct plan_builder {
    struct arena *arena;
    struct plan_node **nodes; /* in the order they were added: parents before children, depth first */
    size_t node_count;
    bool is_too_large;
};

/* Add a node below `parent` (NULL: the root), after its siblings. Returns NULL and sets is_too_large if the
 * plan is too large; the reader then returns. */
struct plan_node *plan_builder_add(struct plan_builder *builder, struct plan_node *parent, struct text label);
void plan_node_warn(struct plan_node *node, const char *sentence);

/* A member of a JSON object; texts are copied to the arena. If it is absent or of another kind: data NULL, or
 * `fallback`. */
struct text plan_json_text(struct arena *arena, const struct json_object *object, const char *key);
double plan_json_number(const struct json_object *object, const char *key,
                        double fallback); /* also reads a number in a string */

/* Appends "name: value" to *condition if the member is there; arrays are joined by ", ". */
void plan_json_condition(struct arena *arena, const struct json_object *object, const char *key, const char *name,
                         struct text *condition);

/* Each reads one engine's document and adds its nodes. STATUS_INVALID: not a plan of that engine. */
enum status plan_postgresql_read(struct plan_builder *builder, struct json_object *document, struct error *error);
enum status plan_mysql_read(struct plan_builder *builder, struct json_object *document, struct error *error);

#endif
