/* What a condition says, as engines print it in plans: "((lower(name) = 'x'::text) AND (age > 5))". It is text for
 * people, so this reads what is plain and says nothing of the rest. Bounded: the first CONDITION_TOKENS_MAX tokens. */
#ifndef POTTO_PLAN_CONDITION_H
#define POTTO_PLAN_CONDITION_H

#include <stdbool.h>

#include "plan/plan.h"

enum { CONDITION_TOKENS_MAX = 200, CONDITION_COLUMNS_MAX = 6 };

/* The columns of the node's table that a condition compares, each once, with ", " between them; "" if none is seen. */
const char *condition_columns(struct text condition, const struct plan_node *node, struct arena *arena);

/* A function over a column of the node's table, compared with something: "lower(name) = …". Fills both names. */
bool condition_has_function(struct text condition, const struct plan_node *node, struct text *out_function,
                            struct text *out_column);

/* Arithmetic over one column of the node's table and constants, compared with something: "(a + 1) = …". */
bool condition_has_arithmetic(struct text condition, const struct plan_node *node, struct text *out_column);

/* A column that is cast to another type before it is compared: "(created_at)::date = …", "cast(t.day as date) = …".
 * A cast to text is none: so PostgreSQL prints each comparison of a varchar. */
bool condition_has_cast(struct text condition, const struct plan_node *node, struct text *out_column,
                        struct text *out_type);

/* "name ~~ '%x'", "name like '%x'": no b-tree serves it. ILIKE and regular expressions are the same. */
bool condition_has_leading_wildcard(struct text condition, const struct plan_node *node, struct text *out_column);

/* "code = 12345", "code in (1,2)": a column of the node's table and numbers. */
bool condition_equals_number(struct text condition, const struct plan_node *node);

bool condition_has_or(struct text condition);

/* Is something compared with what a subquery gives? */
bool condition_has_subquery(struct text condition);

bool condition_contains(struct text condition, const char *words);

#endif
