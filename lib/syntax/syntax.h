/* A statement as a tree: parser, writer, comparison. PostgreSQL 13 to 18, MySQL 8 and MariaDB 10.11; SELECT, INSERT,
 * UPDATE, DELETE, and of DDL what a schema's dump has. Pure functions over hostile bytes: a statement has bounds in
 * bytes, nodes and depth, and takes linear time.
 *
 * What cannot be read is a status with its place, never a guess. The tree keeps what the statement spells: names with
 * their quotes, parentheses, optional words. So a tree that was not changed is written as the same statement, but for
 * blanks, comments and the case of keywords. */
#ifndef POTTO_SYNTAX_SYNTAX_H
#define POTTO_SYNTAX_SYNTAX_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/engine.h"
#include "base/error.h"
#include "base/text.h"

enum {
    SYNTAX_BYTES_MAX = 1024 * 1024,
    SYNTAX_NODES_MAX = 400 * 1000,
    SYNTAX_DEPTH_MAX = 500, /* of the tree, which all walks hold to */
};

/* Name, and how the node is written: %a is its first item, $ its text, […] is left out if the first of them inside is
 * missing, {} are brackets. Lists have a separator instead: items joined by it. */
#define SYNTAX_KINDS(X)                                                                                                \
    /* lists */                                                                                                        \
    X(LIST, ", ")                                                                                                      \
    X(SEQUENCE, " ")                                                                                                   \
    X(NAME, ".") /* of IDENT, perhaps with a STAR at its end: a column, table, function */                             \
    X(CHAIN, "") /* AND, OR, &&, ||: the text is between the items */                                                  \
    X(TUPLE, "") /* (a, b): a row, or the list of IN */                                                                \
    /* leaves */                                                                                                       \
    X(IDENT, "$")                                                                                                      \
    X(STAR, "*")                                                                                                       \
    X(LITERAL, "$")                                                                                                    \
    X(PARAMETER, "$")                                                                                                  \
    X(VARIABLE, "$")                                                                                                   \
    X(NILADIC, "$") /* CURRENT_DATE */                                                                                 \
    X(RAW, "$")     /* words that are kept, not read */                                                                \
    /* expressions */                                                                                                  \
    X(PAREN, "(%a)")                                                                                                   \
    X(UNARY, "")                                                                                                       \
    X(BINARY, "%a $ %b")                                                                                               \
    X(IS, "%a $")                                                                                                      \
    X(LIKE, "%a $ %b[ ESCAPE %c]")                                                                                     \
    X(BETWEEN, "%a $ %b AND %c")                                                                                       \
    X(IN, "%a $ %b") /* b: TUPLE, SUBQUERY, or an array of a parameter */                                              \
    X(QUANTIFIED, "$ (%a)")                                                                                            \
    X(QUANTIFIED_QUERY, "$ %a")                                                                                        \
    X(CASE, "CASE[ %a] %b[ ELSE %c] END")                                                                              \
    X(WHEN, "WHEN %a THEN %b")                                                                                         \
    X(CAST, "$(%a AS %b[ %c])")                                                                                        \
    X(CAST_COLONS, "%a::%b")                                                                                           \
    X(CONVERT, "CONVERT(%a, %b)")                                                                                      \
    X(TYPE, "$[(%a)][ %b][%c]")                                                                                        \
    X(TYPED_LITERAL, "%a %b[ %c]")                                                                                     \
    X(INTERVAL, "INTERVAL %a $")                                                                                       \
    X(CALL, "%a([$ ][%b][ %c])[ %d]")                                                                                  \
    X(ARGUMENT, "$[ %a]") /* a word between arguments and what it leads: FROM x */                                     \
    X(NAMED_ARGUMENT, "%a $ %b")                                                                                       \
    X(WITHIN_GROUP, "WITHIN GROUP (%a)")                                                                               \
    X(FILTER, "FILTER (WHERE %a)")                                                                                     \
    X(OVER, "OVER %a")                                                                                                 \
    X(WINDOW_SPEC, "([%a])")                                                                                           \
    X(ROW, "$([%a])")                                                                                                  \
    X(SUBQUERY, "(%a)")                                                                                                \
    X(EXISTS, "EXISTS %a")                                                                                             \
    X(ARRAY, "[$]{[%a]}")                                                                                              \
    X(ARRAY_QUERY, "ARRAY%a")                                                                                          \
    X(COLLATE, "%a COLLATE %b")                                                                                        \
    X(AT_ZONE, "%a $[ %b]")                                                                                            \
    X(SUBSCRIPT, "%a{%b}")                                                                                             \
    X(SLICE, "[%a]:[%b]")                                                                                              \
    X(FIELD, "%a.%b")                                                                                                  \
    X(MATCH, "MATCH %a AGAINST (%b[ $])")                                                                              \
    /* queries: WITH is the first item, what follows the last clause the second */                                     \
    X(SELECT, "[%a ]SELECT[ %c][ %d][ %e][ FROM %f][ WHERE %g][ GROUP BY %h][ HAVING %i][ WINDOW %j][ %b]")            \
    X(SET_OPERATION, "[%a ]%c $ %d[ %b]")                                                                              \
    X(QUERY_PAREN, "[%a ](%c)[ %b]")                                                                                   \
    X(VALUES, "[%a ]$ %c[ %b]")                                                                                        \
    X(TABLE_QUERY, "[%a ]TABLE %c[ %b]")                                                                               \
    X(WITH, "WITH[ $] %a")                                                                                             \
    X(CTE, "%a[ (%b)] AS[ $] (%c)[ %d]")                                                                               \
    X(TARGET, "%a[ $][ %b]")                                                                                           \
    X(GROUPING_SETS, "GROUPING SETS (%a)")                                                                             \
    X(GROUP, "[$ ]%a[ %b]")                                                                                            \
    X(WINDOW, "%a AS %b")                                                                                              \
    X(ORDER, "ORDER BY %a")                                                                                            \
    X(SORT, "%a[ $]")                                                                                                  \
    X(LIMIT, "LIMIT %a")                                                                                               \
    X(LIMIT_PAIR, "LIMIT %a, %b") /* offset, count */                                                                  \
    X(OFFSET, "OFFSET %a[ $]")                                                                                         \
    X(FETCH, "$[ %a] %b")                                                                                              \
    X(LOCK, "$")                                                                                                       \
    X(INTO, "$")                                                                                                       \
    X(CLAUSE, "$[ %a]")                                                                                                \
    /* what stands in FROM */                                                                                          \
    X(TABLE, "[$ ]%a[ %b][ %c][ %d]")     /* name, PARTITION and the like, alias, hints or TABLESAMPLE */              \
    X(DERIVED, "[$ ]%a[ %b]")             /* SUBQUERY, alias; text: LATERAL */                                         \
    X(TABLE_FUNCTION, "[$ ]%a[ %b][ %c]") /* call, WITH ORDINALITY, alias */                                           \
    X(ROWS_FROM, "ROWS FROM (%a)")                                                                                     \
    X(ALIAS, "[$ ][%a][ (%b)]")                                                                                        \
    X(JOIN, "%a $ %b[ ON %c][ USING (%d)[ AS %e]]")                                                                    \
    X(TABLE_PAREN, "(%a)[ %b]")                                                                                        \
    /* statements that write */                                                                                        \
    X(INSERT, "[%a ]$ %c[ (%d)][ %e] %f[ %g][ %h][ %b]")                                                               \
    X(ON_CONFLICT, "ON CONFLICT[ %a][ WHERE %b] $[ SET %c][ WHERE %d]")                                                \
    X(ON_DUPLICATE, "ON DUPLICATE KEY UPDATE %a")                                                                      \
    X(UPDATE, "[%a ]$ %c SET %d[ FROM %e][ WHERE %f][ %b][ %g]")                                                       \
    X(DELETE, "[%a ]$ %c[ %d][ WHERE %f][ %b][ %g]")                                                                   \
    X(USING, "$ %a") /* of DELETE: USING or FROM, and its tables */                                                    \
    X(ASSIGN, "%a $ %b")                                                                                               \
    X(RETURNING, "RETURNING %a")                                                                                       \
    /* schema */                                                                                                       \
    X(CREATE_TABLE, "$ %a[ (%b)][ %c]")                                                                                \
    X(CREATE_INDEX, "$[ %a] ON %b[ USING %c] (%d)[ %e][ %f][ WHERE %g][ %h]")                                          \
    X(ALTER_TABLE, "$ %a[ %b]")                                                                                        \
    X(ADD, "$ %a")                                                                                                     \
    X(COLUMN_DEF, "%a %b[ %c]")                                                                                        \
    X(CONSTRAINT, "[CONSTRAINT %a ]$[ (%b)][ REFERENCES %c][ %d]")                                                     \
    X(CONSTRAINT_EXPR, "[CONSTRAINT %a ]$ %b[ %c]") /* CHECK (…), DEFAULT …, GENERATED ALWAYS AS (…) */          \
    X(REFERENCES, "%a[ (%b)]")                                                                                         \
    X(KEY, "[$][ %a][ %b] (%c)[ %d]") /* of CREATE TABLE in MySQL */                                                   \
    X(INDEX_ELEMENT, "%a[ %b][ $]")                                                                                    \
    X(INCLUDE, "INCLUDE (%a)")

enum syntax_kind {
    SYNTAX_UNSET,
#define X(name, how) SYNTAX_##name,
    SYNTAX_KINDS(X)
#undef X
        SYNTAX_KIND_COUNT
};

/* What a node means, where its kind does not tell. */
enum syntax_form {
    FORM_UNSET,
    FORM_NUMBER, /* of LITERAL */
    FORM_STRING,
    FORM_NULL,
    FORM_TRUE,
    FORM_FALSE,
    FORM_DEFAULT,
    FORM_BITS,  /* and hexadecimal strings */
    FORM_EQUAL, /* of BINARY */
    FORM_NOT_EQUAL,
    FORM_LESS,
    FORM_LESS_EQUAL,
    FORM_GREATER,
    FORM_GREATER_EQUAL,
    FORM_SAME,     /* <=>, IS NOT DISTINCT FROM */
    FORM_NOT_SAME, /* IS DISTINCT FROM */
    FORM_ADD,
    FORM_SUBTRACT,
    FORM_MULTIPLY,
    FORM_DIVIDE,
    FORM_MODULO,
    FORM_CONCAT, /* of PostgreSQL */
    FORM_XOR,
    FORM_OTHER,
    FORM_AND, /* of CHAIN */
    FORM_OR,
    FORM_NOT, /* of UNARY; of LIKE, BETWEEN and IN: negated */
    FORM_MINUS,
    FORM_PLUS,
    FORM_IS_NULL, /* of IS */
    FORM_IS_NOT_NULL,
    FORM_LIKE, /* of LIKE */
    FORM_ILIKE,
    FORM_SIMILAR,
    FORM_REGEXP,
    FORM_NOT_LIKE,
    FORM_NOT_ILIKE,
    FORM_NOT_SIMILAR,
    FORM_NOT_REGEXP,
    FORM_DISTINCT, /* of SELECT and CALL */
    FORM_DISTINCT_ON,
    FORM_UNION, /* of SET_OPERATION */
    FORM_UNION_ALL,
    FORM_EXCEPT,
    FORM_EXCEPT_ALL,
    FORM_INTERSECT,
    FORM_INTERSECT_ALL,
    FORM_INNER, /* of JOIN */
    FORM_CROSS,
    FORM_LEFT,
    FORM_RIGHT,
    FORM_FULL,
    FORM_NATURAL_INNER,
    FORM_NATURAL_LEFT,
    FORM_NATURAL_RIGHT,
    FORM_NATURAL_FULL,
    FORM_DESC,      /* of SORT */
    FORM_RECURSIVE, /* of WITH */
    FORM_REPLACE,   /* of INSERT */
    FORM_ONLY,      /* of TABLE */
    FORM_UNIQUE,    /* of CREATE_INDEX, KEY, CONSTRAINT */
    FORM_PRIMARY,
    FORM_FOREIGN,
    FORM_CHECK,
    FORM_NOT_NULL,
    FORM_NULLABLE,
    FORM_DEFAULT_VALUE,
    FORM_GENERATED,
    FORM_IDENTITY, /* AUTO_INCREMENT as well */
    FORM_INDEX,    /* of KEY */
    FORM_FULLTEXT,
    FORM_SPATIAL,
};

struct syntax_node {
    uint16_t kind, form; /* enum syntax_kind, enum syntax_form */
    uint32_t depth;      /* 1: a leaf */
    uint32_t from, to;   /* bytes of the statement */
    uint32_t count;
    struct syntax_node **items; /* NULL where a part is missing; of lists never */
    struct text text;           /* what `$` stands for in SYNTAX_KINDS: as it is spelled */
};

/* Places of items, where code asks for them. */
enum { QUERY_WITH, QUERY_TAIL, QUERY_BODY };
enum {
    SELECT_OPTIONS = 2,
    SELECT_TARGETS,
    SELECT_INTO,
    SELECT_FROM,
    SELECT_WHERE,
    SELECT_GROUP,
    SELECT_HAVING,
    SELECT_WINDOWS
};
enum { SET_LEFT = 2, SET_RIGHT };
enum { INSERT_TABLE = 2, INSERT_COLUMNS, INSERT_ALIAS, INSERT_SOURCE, INSERT_ON, INSERT_RETURNING };
enum { UPDATE_TABLES = 2, UPDATE_SET, UPDATE_FROM, UPDATE_WHERE, UPDATE_RETURNING };
enum { DELETE_TABLES = 2, DELETE_USING, DELETE_WHERE = 5, DELETE_RETURNING };
enum { CTE_NAME, CTE_COLUMNS, CTE_BODY };
enum { CALL_NAME, CALL_ARGUMENTS, CALL_TAIL, CALL_AFTER };
enum { TABLE_NAME, TABLE_PARTS, TABLE_ALIAS, TABLE_HINTS };
enum { JOIN_LEFT, JOIN_RIGHT, JOIN_ON, JOIN_USING };
enum { INDEX_NAME, INDEX_TABLE, INDEX_METHOD, INDEX_ELEMENTS, INDEX_INCLUDE, INDEX_OPTIONS, INDEX_WHERE };
enum { KEY_NAME, KEY_METHOD, KEY_ELEMENTS };

struct syntax_tree {
    enum sql_dialect dialect;
    struct text sql;
    const struct syntax_node *root;
    size_t node_count;
};

struct syntax_problem {
    const char *message; /* static: "too deep", "a word that cannot stand here" */
    size_t at;           /* the byte where reading ended */
};

/* Read one statement, with or without a semicolon at its end.
 *
 * Memory: the tree lives in `arena`; its texts are in `arena` or point into `sql`.
 * Errors: STATUS_MALFORMED (no statement of a kind that is read, or not in this dialect), STATUS_TOO_LARGE (bytes,
 * nodes, depth); *out_problem says why and where. SQL_DIALECT_UNSET is read as PostgreSQL. */
enum status syntax_parse(enum sql_dialect dialect, struct text sql, struct arena *arena, struct syntax_tree *out_tree,
                         struct syntax_problem *out_problem);

/* Write a node as SQL. Parentheses are added where a tree that was changed needs them. */
void syntax_write(enum sql_dialect dialect, const struct syntax_node *node, struct buffer *out);

/* Do both mean the same by their spelling: kinds, forms and texts are equal? Words are compared without case, names as
 * spelled. Parentheses around an expression do not count. */
bool syntax_equal(const struct syntax_node *left, const struct syntax_node *right);

/* The item, or NULL if the node or the item is missing. */
static inline const struct syntax_node *syntax_item(const struct syntax_node *node, size_t index)
{
    return node == NULL || index >= node->count ? NULL : node->items[index];
}

/* The node without the parentheses around it. */
const struct syntax_node *syntax_bare(const struct syntax_node *node);
/* What follows a query's last clause: its first item of this kind (ORDER, LIMIT, OFFSET, …), or NULL. */
const struct syntax_node *syntax_tail(const struct syntax_node *query, enum syntax_kind kind);
/* Is it SELECT, SET_OPERATION, QUERY_PAREN, VALUES or TABLE_QUERY? */
bool syntax_is_query(const struct syntax_node *node);

#endif
