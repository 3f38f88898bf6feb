/* The parser's hands: tokens, nodes, and the functions of the grammar that call each other. Private to lib/syntax.
 *
 * A failure is noted once, with its place, and takes all tokens away: from then on everything sees the end, makes
 * nodes that nobody will read, and returns. So only what loops or looks at a node asks for `has_failed`. */
#ifndef POTTO_SYNTAX_PARSER_H
#define POTTO_SYNTAX_PARSER_H

#include "base/vector.h"
#include "sql/lexer.h"
#include "syntax/syntax.h"
#include "syntax/words.h"

enum {
    PARSER_LEVELS_MAX = 200, /* of expressions, queries and tables inside each other */
};

struct token {
    enum sql_token_kind kind;
    uint16_t word;        /* enum word, of unquoted words that have a meaning; else W_NONE */
    uint32_t from, to;    /* bytes of the statement */
    uint32_t after_opens; /* of TOKEN_OPEN: the first token that is none */
};

struct parser {
    enum sql_dialect dialect;
    bool is_mysql;
    struct text sql;
    const struct token *tokens; /* the last one is TOKEN_END */
    size_t token_count, at;
    size_t levels, nodes;
    bool has_failed;
    enum status status;
    struct syntax_problem problem;
    struct arena *arena;
};

/* How tightly operators bind: PostgreSQL's and MySQL's levels side by side. */
enum level {
    LEVEL_NONE,
    LEVEL_OR,
    LEVEL_XOR,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_IS,
    LEVEL_COMPARE,
    LEVEL_PREDICATE, /* IN, BETWEEN, LIKE */
    LEVEL_OTHER,     /* all other operators of PostgreSQL; | of MySQL */
    LEVEL_BIT_AND,
    LEVEL_SHIFT,
    LEVEL_ADD,
    LEVEL_MULTIPLY,
    LEVEL_POWER,
    LEVEL_ZONE,
    LEVEL_COLLATE,
    LEVEL_SIGN,
};

typedef struct syntax_node node;
typedef VECTOR(node *) node_list;

/* ---- parser.c ---- */

void parser_fail(struct parser *p, const char *message);

static inline const struct token *token_at(const struct parser *p, size_t ahead)
{
    size_t at = p->at + ahead;

    return &p->tokens[at < p->token_count ? at : p->token_count - 1];
}

static inline enum word word_at(const struct parser *p, size_t ahead)
{
    return (enum word)token_at(p, ahead)->word;
}

static inline bool sees(const struct parser *p, enum word word)
{
    return word_at(p, 0) == word;
}

static inline bool sees_kind(const struct parser *p, enum sql_token_kind kind)
{
    return token_at(p, 0)->kind == kind;
}

static inline void skip(struct parser *p, size_t count)
{
    p->at = p->at + count < p->token_count ? p->at + count : p->token_count - 1;
}

static inline bool take(struct parser *p, enum word word)
{
    bool is_there = sees(p, word);

    skip(p, is_there);
    return is_there;
}

static inline bool take_kind(struct parser *p, enum sql_token_kind kind)
{
    bool is_there = sees_kind(p, kind);

    skip(p, is_there);
    return is_there;
}

struct text token_text(const struct parser *p, size_t ahead);
bool is_operator(const struct parser *p, size_t ahead, const char *spelling);
bool is_string(const struct parser *p, size_t ahead);            /* a quoted constant */
bool is_symbol(const struct parser *p, size_t ahead, char byte); /* a TOKEN_OTHER */
bool are_adjacent(const struct parser *p, size_t ahead);         /* nothing between this token and the next one */
void expect(struct parser *p, enum word word);
void expect_kind(struct parser *p, enum sql_token_kind kind);
/* Take the words if all of them are there, in this order; up to W_NONE. */
bool take_words(struct parser *p, const enum word *words);
#define TAKE(p, ...) take_words(p, (const enum word[]){__VA_ARGS__, W_NONE})

bool enter(struct parser *p); /* one level deeper; false: too deep, which is a failure */
void leave(struct parser *p);

/* The tokens from `from` to here, with one blank where there was any white space or comment. */
struct text phrase(const struct parser *p, size_t from);
node *node_make(struct parser *p, enum syntax_kind kind, size_t from, node *const *items, size_t count);
node *list_make(struct parser *p, enum syntax_kind kind, size_t from, const node_list *list);
node *leaf_make(struct parser *p, enum syntax_kind kind, size_t from); /* its text is phrase(from) */
node *leaf_of_form(struct parser *p, enum syntax_kind kind, size_t from, enum syntax_form form);
void list_add(struct parser *p, node_list *list, node *item); /* NULL is left out */
#define NODE(p, kind, from, ...)                                                                                       \
    node_make(p, SYNTAX_##kind, from, (node *const[]){__VA_ARGS__},                                                    \
              sizeof((node *const[]){__VA_ARGS__}) / sizeof(node *))

/* Items with commas between them, at least one. */
node *list_parse(struct parser *p, node *(*item)(struct parser *p));
/* The same in parentheses, which are not part of the result. */
node *parens_parse(struct parser *p, node *(*item)(struct parser *p));
/* Everything up to the closing parenthesis that belongs to the one before, which stays. */
node *raw_to_close(struct parser *p);
/* Everything up to a comma or a closing parenthesis outside of further ones, or the end; NULL if that is nothing. */
node *raw_to_comma(struct parser *p);

/* ---- names ---- */

bool is_name(const struct parser *p, size_t ahead);        /* may stand for a column or a table */
bool is_table_alias(const struct parser *p, size_t ahead); /* without AS */
bool is_label(const struct parser *p, size_t ahead);       /* of a column, without AS */
bool is_any_name(const struct parser *p, size_t ahead);    /* any word, as after AS */
node *ident_parse(struct parser *p);                       /* a name that may stand for a column */
node *any_ident_parse(struct parser *p);
node *name_parse(struct parser *p);         /* a.b.c */
node *name_or_star_parse(struct parser *p); /* a.b.* too */

/* ---- expressions ---- */

node *expression_parse(struct parser *p);
node *expression_from(struct parser *p, enum level least);
node *expression_rest(struct parser *p, node *left, enum level least); /* what follows an operand */
node *operand_parse(struct parser *p);
node *operand_rest(struct parser *p, node *operand, size_t from); /* subscripts, fields, :: */
node *type_parse(struct parser *p);
node *call_parse(struct parser *p, node *name, size_t from);
node *window_spec_parse(struct parser *p);
/* At a parenthesis: PAREN, TUPLE, or SUBQUERY. */
node *paren_parse(struct parser *p);
node *expression_or_default_parse(struct parser *p);
bool is_typed_constant(const struct parser *p);
node *typed_constant_parse(struct parser *p);

/* ---- queries ---- */

bool begins_query(const struct parser *p, size_t ahead); /* also behind parentheses */
node *query_parse(struct parser *p);
/* A query goes on after its part in parentheses, `left`, a SUBQUERY: with UNION, ORDER BY, … Returns the query. */
node *query_rest(struct parser *p, node *left);
bool continues_query(const struct parser *p);
node *subquery_parse(struct parser *p); /* with its parentheses */
node *with_parse(struct parser *p);     /* NULL if there is none */
node *tail_parse(struct parser *p);     /* NULL if there is none */
node *order_parse(struct parser *p);    /* at ORDER */
node *targets_parse(struct parser *p);
node *tables_parse(struct parser *p); /* with commas */
node *table_reference_parse(struct parser *p);
node *table_alias_parse(struct parser *p);                      /* NULL if there is none */
node *row_parse(struct parser *p);                              /* of VALUES */
node *raw_words_take(struct parser *p, const enum word *words); /* any number of these, up to W_NONE in the list */

/* ---- statements ---- */

node *statement_parse(struct parser *p);
node *write_parse(struct parser *p, node *with, size_t from); /* INSERT, UPDATE, DELETE; NULL: it is none of these */
node *schema_statement_parse(struct parser *p);               /* CREATE, ALTER */
node *index_element_parse(struct parser *p);

#endif
