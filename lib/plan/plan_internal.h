/* Shared by plan.c and the readers of each engine's plans. */
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

/* What a reader found of one node, before it is kept in as little memory as it takes. */
struct plan_details {
    double numbers[PLAN_NUMBER_COUNT]; /* < 0: unknown */
    struct text words[PLAN_WORD_COUNT];
};

/* A member of a node's JSON that is one of a node's numbers or words. */
struct plan_number_key {
    const char *key;
    enum plan_number name;
};
struct plan_word_key {
    const char *key;
    enum plan_word name;
};

/* Add a node below `parent` (NULL: the root), after its siblings. Returns NULL and sets is_too_large if the
 * plan is too large; the reader then returns. */
struct plan_node *plan_builder_add(struct plan_builder *builder, struct plan_node *parent, struct text label);

void plan_details_init(struct plan_details *details);
/* Set a number, unless it is no number that a plan may have. */
void plan_details_number(struct plan_details *details, enum plan_number name, double value);
void plan_details_keep(const struct plan_details *details, struct plan_builder *builder, struct plan_node *node);

/* A member of a JSON object; texts are copied to the arena. If it is absent or of another kind: data NULL, or
 * `fallback`. */
struct text plan_json_text(struct arena *arena, const struct json_object *object, const char *key);
double plan_json_number(const struct json_object *object, const char *key, double fallback);
/* A text, or the texts of an array with ", " between them. */
struct text plan_json_list(struct arena *arena, const struct json_object *object, const char *key);
bool plan_json_is(const struct json_object *object, const char *key, const char *wanted);

/* Append "name: text" of a member, a text or an array of texts, to a node's condition. */
void plan_json_condition(struct arena *arena, const struct json_object *object, const char *key, const char *name,
                         struct text *condition);

/* Complete the nodes' own and total times from those that the readers set; see plan_times.c. */
void plan_times_fill(struct plan_node *const *nodes, size_t count);

/* Each engine's reader. Errors: STATUS_INVALID, STATUS_TOO_LARGE. */
enum status plan_postgresql_read(struct plan_builder *builder, struct json_object *document, struct error *error);
enum status plan_mysql_read(struct plan_builder *builder, struct json_object *document, struct error *error);
/* MySQL's second version of its format: a tree of operations, also as plan_mysql_tree_parse() makes it. */
bool plan_mysql_is_tree(struct json_object *document);
enum status plan_mysql_tree_read(struct plan_builder *builder, struct json_object *document, struct error *error);

/* What was pasted without what a client wrote around it: borders, headings, the number of rows, marks of lines that go
 * on. In `arena`. */
struct text plan_paste_clean(struct text pasted, struct arena *arena);

/* Text forms become the JSON that the engine would have written of the same plan. The caller puts *out_document.
 * Errors: STATUS_INVALID, STATUS_TOO_LARGE. */
enum status plan_postgresql_parse(struct text text, struct arena *arena, struct json_object **out_document,
                                  struct error *error);
enum status plan_mysql_tree_parse(struct text text, struct arena *arena, struct json_object **out_document,
                                  struct error *error);
bool plan_mysql_is_tree_text(struct text text);

#endif
