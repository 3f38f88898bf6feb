/* Between the table of rules, their checks, and the walk that asks them. Private to lib/advise. */
#ifndef POTTO_ADVISE_EXAMINE_H
#define POTTO_ADVISE_EXAMINE_H

#include "advise/statement.h"
#include "base/vector.h"
#include "syntax/resolve.h"

typedef const struct syntax_node node;

enum { RULE_KINDS_MAX = 4, PARTS_MAX = 2000 };

struct statement_rule;

struct examiner {
    const struct syntax_tree *tree;
    const struct resolution *names;
    const struct statement_rule *rule; /* that is being asked */
    const struct block *block;         /* the query that the node stands in; NULL: none */
    bool is_condition;                 /* the node stands in WHERE, ON or HAVING */
    bool is_top;                       /* the node is the whole statement */
    bool is_target;                    /* the node stands in a select list */
    VECTOR(struct statement_finding) found;
    size_t left_out;
    size_t steps;
    bool is_cut; /* something was too large to be examined */
    struct arena *arena;
};

struct statement_rule {
    const char *name, *title, *condition, *remedy;
    unsigned dialects; /* bits of enum sql_dialect */
    enum statement_severity severity;
    bool needs_schema;
    enum syntax_kind kinds[RULE_KINDS_MAX];
    void (*check)(struct examiner *e, node *at);
};

extern const struct statement_rule statement_rules[];
extern const size_t statement_rule_count;

/* Note that the rule holds here. */
void found(struct examiner *e, node *at, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* ---- looking at nodes ---- */

/* The column that a node is, behind parentheses; NULL: it is none, or it is not known. */
const struct schema_column *column_of(const struct examiner *e, node *at, const struct source **out_source);
/* The source that a name is bound to; NULL: the node is no name, or not bound for certain. */
const struct source *source_of(const struct examiner *e, node *at);
/* Does the subtree stand for the same value in every row: no column, no subquery? */
bool is_constant(node *at);
bool is_null(node *at);
/* The first name below that is a column, and how many there are; subqueries are not entered. */
node *only_column(node *at, size_t *count);
/* The function's name is one of these, in any case; up to NULL. */
bool is_call_of(node *at, const char *const *names);
/* Has the table an index whose first column this is? */
bool is_indexed(const struct schema_table *table, struct text column);
bool has_expression_index(const struct schema_table *table);
/* The conditions that all must hold: WHERE a AND b gives two. Returns their number, at most `max`. */
size_t conjuncts(node *condition, node **out_parts, size_t max);
/* A number without a sign; -1: it is none. */
double number_of(node *at);
/* Text of a node for people. */
const char *shown(const struct examiner *e, node *at);

/* ---- checks: conditions.c ---- */

void check_leading_wildcard(struct examiner *e, node *at);
void check_implicit_conversion(struct examiner *e, node *at);
void check_function_on_column(struct examiner *e, node *at);
void check_not_in_nullable(struct examiner *e, node *at);
void check_equals_null(struct examiner *e, node *at);
void check_in_list_long(struct examiner *e, node *at);
void check_or_over_tables(struct examiner *e, node *at);
void check_or_over_columns(struct examiner *e, node *at);
void check_count_for_exists(struct examiner *e, node *at);

/* ---- queries.c ---- */

void check_order_by_random(struct examiner *e, node *at);
void check_offset_large(struct examiner *e, node *at);
void check_offset_without_order(struct examiner *e, node *at);
void check_limit_without_order(struct examiner *e, node *at);
void check_write_without_where(struct examiner *e, node *at);
void check_write_limit_without_order(struct examiner *e, node *at);
void check_lock_without_where(struct examiner *e, node *at);
void check_select_star_wide(struct examiner *e, node *at);
void check_correlated_subquery(struct examiner *e, node *at);
void check_having_could_be_where(struct examiner *e, node *at);
void check_order_in_subquery(struct examiner *e, node *at);

/* ---- joins.c ---- */

void check_cartesian_join(struct examiner *e, node *at);
void check_outer_join_undone(struct examiner *e, node *at);
void check_outer_join_dead(struct examiner *e, node *at);
void check_distinct_needless(struct examiner *e, node *at);
void check_union_for_union_all(struct examiner *e, node *at);

#endif
