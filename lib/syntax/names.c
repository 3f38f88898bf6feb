/* Names: which words may be one, depends on the dialect and the place. */
#include "syntax/parser.h"

static unsigned flags_at(const struct parser *p, size_t ahead)
{
    return word_flags_of(word_at(p, ahead));
}

static bool is_word(const struct parser *p, size_t ahead)
{
    return token_at(p, ahead)->kind == TOKEN_WORD;
}

/* A quoted name, or a word without any of these flags. */
static bool is_name_without(const struct parser *p, size_t ahead, unsigned postgresql, unsigned mysql)
{
    if (token_at(p, ahead)->kind == TOKEN_NAME)
        return true;
    return is_word(p, ahead) && (flags_at(p, ahead) & (p->is_mysql ? mysql : postgresql)) == 0;
}

bool is_name(const struct parser *p, size_t ahead)
{
    return is_name_without(p, ahead, WORD_RESERVED | WORD_IS_TYPE_OR_FUNCTION, WORD_RESERVED_MYSQL);
}

static bool is_type_name(const struct parser *p, size_t ahead)
{
    return is_name_without(p, ahead, WORD_RESERVED, WORD_RESERVED_MYSQL);
}

bool is_any_name(const struct parser *p, size_t ahead)
{
    return token_at(p, ahead)->kind == TOKEN_NAME || is_word(p, ahead);
}

bool is_table_alias(const struct parser *p, size_t ahead)
{
    if (word_at(p, ahead) == W_SET) /* UPDATE t SET …; PostgreSQL knows by the place */
        return false;
    return is_name(p, ahead) && !(p->is_mysql && (flags_at(p, ahead) & WORD_FOLLOWS_TABLE) != 0);
}

bool is_label(const struct parser *p, size_t ahead)
{
    if (p->is_mysql)
        return is_table_alias(p, ahead) || (is_string(p, ahead) && token_text(p, ahead).data[0] != '_');
    return is_name_without(p, ahead, WORD_NEEDS_AS, 0);
}

node *any_ident_parse(struct parser *p)
{
    size_t from = p->at;

    if (is_any_name(p, 0))
        skip(p, 1);
    else
        parser_fail(p, "a name belongs here");
    return leaf_make(p, SYNTAX_IDENT, from);
}

node *ident_parse(struct parser *p)
{
    if (!is_name(p, 0))
        parser_fail(p, "a name belongs here");
    return any_ident_parse(p);
}

static node *parts_parse(struct parser *p, bool may_be_star)
{
    node_list parts = {0};
    size_t from = p->at;

    list_add(p, &parts, any_ident_parse(p));
    while (sees_kind(p, TOKEN_DOT)) {
        skip(p, 1);
        if (may_be_star && is_operator(p, 0, "*")) {
            skip(p, 1);
            list_add(p, &parts, leaf_make(p, SYNTAX_STAR, p->at - 1));
            break;
        }
        list_add(p, &parts, any_ident_parse(p));
    }
    return list_make(p, SYNTAX_NAME, from, &parts);
}

/* MySQL reads .t as t of the current database. */
static void skip_leading_dot(struct parser *p)
{
    if (p->is_mysql && sees_kind(p, TOKEN_DOT) && is_any_name(p, 1))
        skip(p, 1);
}

node *name_parse(struct parser *p)
{
    skip_leading_dot(p);
    if (!is_type_name(p, 0))
        parser_fail(p, "a name belongs here");
    return parts_parse(p, false);
}

node *name_or_star_parse(struct parser *p)
{
    return parts_parse(p, true);
}
