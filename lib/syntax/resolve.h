/* Which table does a column's name stand for? Names of a statement bound to its tables, by the scopes of SQL: aliases,
 * common table expressions, LATERAL, outer queries. What is not certain is said to be unknown. Pure. */
#ifndef POTTO_SYNTAX_RESOLVE_H
#define POTTO_SYNTAX_RESOLVE_H

#include "base/map.h"
#include "syntax/schema.h"

enum {
    RESOLVE_SOURCES_MAX = 500,   /* of a query; further ones are not searched, and names are then unknown */
    RESOLVE_LABELS_MAX = 2000,   /* columns of a query in FROM */
    RESOLVE_STEPS_MAX = 2000000, /* comparisons of names; beyond them names are unknown */
};

/* Something in FROM that has a name and columns. */
struct source {
    struct text name;                 /* its alias, or the table's name; folded */
    const struct syntax_node *node;   /* TABLE, DERIVED or TABLE_FUNCTION */
    const struct schema_table *table; /* NULL: no table of the schema */
    const struct syntax_node *query;  /* what it is made of, where it is a query or a common table expression */
    const struct text *labels;        /* the columns of that; "" where one has no name that is known */
    size_t label_count;
    bool has_all_labels; /* of a query: no further column is possible */
    bool is_optional;    /* rows may be missing: the inner side of an outer join */
};

/* A SELECT, UPDATE, DELETE or INSERT: what has FROM of its own. */
struct block {
    const struct syntax_node *query;
    struct block *outer; /* NULL: none */
    struct {
        struct source *items;
        size_t count, capacity;
    } sources;
    bool has_more_sources;               /* than RESOLVE_SOURCES_MAX */
    const struct syntax_node *reference; /* the first name in it that stands for a column of an outer query, or NULL */
};

enum binding_state {
    BINDING_UNSET,
    BINDING_COLUMN,    /* a column of the schema */
    BINDING_SOURCE,    /* a column of this source; the schema does not say which */
    BINDING_UNKNOWN,   /* of none that is known */
    BINDING_AMBIGUOUS, /* of several */
};

struct binding {
    const struct syntax_node *reference; /* NAME */
    enum binding_state state;
    const struct block *block; /* the query whose FROM has the source */
    size_t source_index;       /* into its sources */
    const struct schema_column *column;
};

struct resolution {
    const struct syntax_tree *tree;
    const struct schema *schema; /* NULL: none */
    struct {
        struct binding *items;
        size_t count, capacity;
    } bindings;
    struct {
        struct block **items;
        size_t count, capacity;
    } blocks;
    struct map by_node; /* of bindings, and after them of blocks */
    bool is_cut;        /* RESOLVE_STEPS_MAX was reached */
    struct arena *arena;
};

/* `schema` may be NULL. Memory: `arena`; *out_resolution points into the tree and the schema. */
void syntax_resolve(const struct syntax_tree *tree, const struct schema *schema, struct arena *arena,
                    struct resolution *out_resolution);

/* NULL: the node is no reference of a column. */
const struct binding *resolve_binding(const struct resolution *resolution, const struct syntax_node *reference);
/* The source that a bound reference means; NULL: it is unknown. */
const struct source *resolve_source(const struct binding *binding);
/* NULL: the node is no SELECT, UPDATE, DELETE or INSERT. */
const struct block *resolve_block(const struct resolution *resolution, const struct syntax_node *query);

#endif
