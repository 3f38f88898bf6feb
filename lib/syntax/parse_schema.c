/* CREATE TABLE, CREATE INDEX, ALTER TABLE … ADD: what dumps of a schema have. Options are kept, not read. */
#include "syntax/parser.h"

/* ---- columns of indexes ---- */

static node *prefix_length_parse(struct parser *p)
{
    size_t from = p->at;

    if (!sees_kind(p, TOKEN_OPEN))
        return NULL;
    skip(p, 1);
    raw_to_close(p);
    expect_kind(p, TOKEN_CLOSE);
    return leaf_make(p, SYNTAX_RAW, from);
}

static node *operator_class_parse(struct parser *p)
{
    size_t from = p->at;

    if (take(p, W_COLLATE))
        name_parse(p);
    if (is_any_name(p, 0) && !sees(p, W_ASC) && !sees(p, W_DESC) && !sees(p, W_NULLS) && !sees(p, W_WITH)) {
        name_parse(p);
        prefix_length_parse(p);
    }
    return p->at == from ? NULL : leaf_make(p, SYNTAX_RAW, from);
}

static node *plain_column_parse(struct parser *p)
{
    size_t from = p->at;

    return NODE(p, NAME, from, any_ident_parse(p));
}

node *index_element_parse(struct parser *p)
{
    size_t from = p->at, begin;
    bool is_plain =
        is_any_name(p, 0) && (p->is_mysql || (token_at(p, 1)->kind != TOKEN_OPEN && token_at(p, 1)->kind != TOKEN_DOT));
    node *value = is_plain ? plain_column_parse(p) : operand_parse(p);
    node *more = p->is_mysql ? prefix_length_parse(p) : operator_class_parse(p);
    node *made;

    begin = p->at;
    if (!take(p, W_ASC))
        take(p, W_DESC);
    if (take(p, W_NULLS) && !take(p, W_FIRST))
        expect(p, W_LAST);
    if (!p->is_mysql && take(p, W_WITH)) { /* of EXCLUDE */
        skip(p, 1);
    }
    made = NODE(p, INDEX_ELEMENT, from, value, more);
    made->text = phrase(p, begin);
    return made;
}

/* ---- constraints ---- */

static node *references_parse(struct parser *p)
{
    size_t from = p->at;
    node *table, *columns = NULL;

    if (!take(p, W_REFERENCES))
        return NULL;
    table = name_parse(p);
    if (sees_kind(p, TOKEN_OPEN))
        columns = parens_parse(p, any_ident_parse);
    return NODE(p, REFERENCES, from, table, columns);
}

/* MATCH FULL, ON DELETE CASCADE, DEFERRABLE, NOT VALID, … */
static node *constraint_options_parse(struct parser *p)
{
    static const enum word words[] = {W_DEFERRABLE, W_INITIALLY, W_DEFERRED, W_IMMEDIATE,
                                      W_ENFORCED,   W_VALID,     W_INHERIT,  W_NONE};
    size_t from = p->at;

    for (;;) {
        if (sees(p, W_MATCH) || (sees(p, W_ON) && (word_at(p, 1) == W_DELETE || word_at(p, 1) == W_UPDATE)) ||
            sees(p, W_NO) || (sees(p, W_NOT) && word_at(p, 1) != W_NULL)) {
            bool is_on = sees(p, W_ON);

            skip(p, 2);
            if (is_on)
                skip(p, sees(p, W_SET) || sees(p, W_NO) ? 2 : 1);
            if (is_on && sees_kind(p, TOKEN_OPEN))
                prefix_length_parse(p);
        } else if (raw_words_take(p, words) == NULL) {
            break;
        }
    }
    return p->at == from ? NULL : leaf_make(p, SYNTAX_RAW, from);
}

static node *constraint_make(struct parser *p, size_t from, node *name, struct text text, enum syntax_form form,
                             node *columns, node *references)
{
    node *options = p->is_mysql ? NULL : constraint_options_parse(p);
    node *made;

    if (p->is_mysql && references != NULL)
        options = constraint_options_parse(p);
    made = NODE(p, CONSTRAINT, from, name, columns, references, options);
    made->text = text;
    made->form = (uint16_t)form;
    return made;
}

static node *constraint_name_parse(struct parser *p)
{
    if (!take(p, W_CONSTRAINT))
        return NULL;
    if (p->is_mysql && (sees(p, W_PRIMARY) || sees(p, W_UNIQUE) || sees(p, W_FOREIGN) || sees(p, W_CHECK)))
        return node_make(p, SYNTAX_IDENT, p->at - 1, NULL, 0); /* without a name */
    return any_ident_parse(p);
}

static node *expression_constraint(struct parser *p, size_t from, node *name, size_t begin, enum syntax_form form)
{
    struct text text = phrase(p, begin);
    node *value = form == FORM_DEFAULT_VALUE ? expression_from(p, LEVEL_PREDICATE + 1) : paren_parse(p);
    size_t after = p->at;
    node *options = NULL, *made;

    if (form == FORM_GENERATED)
        (void)(take(p, W_STORED) || take(p, W_VIRTUAL) || take(p, W_PERSISTENT));
    else if (form == FORM_CHECK)
        constraint_options_parse(p);
    if (p->at > after)
        options = leaf_make(p, SYNTAX_RAW, after);
    made = NODE(p, CONSTRAINT_EXPR, from, name, value, options);
    made->text = text;
    made->form = (uint16_t)form;
    return made;
}

static node *generated_parse(struct parser *p, size_t from, node *name)
{
    size_t begin = p->at;

    if (TAKE(p, W_GENERATED, W_ALWAYS, W_AS, W_IDENTITY) || TAKE(p, W_GENERATED, W_BY, W_DEFAULT, W_AS, W_IDENTITY)) {
        prefix_length_parse(p);
        return constraint_make(p, from, name, phrase(p, begin), FORM_IDENTITY, NULL, NULL);
    }
    TAKE(p, W_GENERATED, W_ALWAYS);
    expect(p, W_AS);
    if (p->is_mysql && sees(p, W_ROW)) {
        skip(p, 2); /* ROW START, ROW END */
        return constraint_make(p, from, name, phrase(p, begin), FORM_OTHER, NULL, NULL);
    }
    return expression_constraint(p, from, name, begin, FORM_GENERATED);
}

/* Words about a column that say nothing about its values. */
static node *column_words_parse(struct parser *p)
{
    size_t from = p->at;

    if (take(p, W_COMMENT) || take(p, W_COLLATE) || take(p, W_CHARSET) || TAKE(p, W_CHARACTER, W_SET) ||
        take(p, W_STORAGE) || take(p, W_COMPRESSION)) {
        if (is_string(p, 0) || (p->is_mysql && is_any_name(p, 0)))
            skip(p, 1);
        else
            name_parse(p);
    } else if (TAKE(p, W_ON, W_UPDATE)) {
        operand_parse(p);
    } else if (!take(p, W_INVISIBLE) && !take(p, W_VISIBLE) && !take(p, W_BINARY) && !take(p, W_ASCII) &&
               !take(p, W_UNICODE) && !take(p, W_COMPRESSED)) {
        return raw_to_comma(p);
    }
    return leaf_make(p, SYNTAX_RAW, from);
}

static node *column_constraint_parse(struct parser *p)
{
    size_t from = p->at, begin;
    node *name = constraint_name_parse(p);

    begin = p->at;
    if (TAKE(p, W_NOT, W_NULL))
        return constraint_make(p, from, name, phrase(p, begin), FORM_NOT_NULL, NULL, NULL);
    if (take(p, W_NULL))
        return constraint_make(p, from, name, phrase(p, begin), FORM_NULLABLE, NULL, NULL);
    if (TAKE(p, W_PRIMARY, W_KEY) || (p->is_mysql && take(p, W_KEY)))
        return constraint_make(p, from, name, phrase(p, begin), FORM_PRIMARY, NULL, NULL);
    if (take(p, W_UNIQUE)) {
        if (p->is_mysql)
            take(p, W_KEY);
        else if (!TAKE(p, W_NULLS, W_NOT, W_DISTINCT))
            TAKE(p, W_NULLS, W_DISTINCT);
        return constraint_make(p, from, name, phrase(p, begin), FORM_UNIQUE, NULL, NULL);
    }
    if (take(p, W_AUTO_INCREMENT))
        return constraint_make(p, from, name, phrase(p, begin), FORM_IDENTITY, NULL, NULL);
    if (sees(p, W_REFERENCES)) {
        node *references = references_parse(p);

        return constraint_make(p, from, name, TEXT(""), FORM_FOREIGN, NULL, references);
    }
    if (take(p, W_DEFAULT))
        return expression_constraint(p, from, name, begin, FORM_DEFAULT_VALUE);
    if (take(p, W_CHECK))
        return expression_constraint(p, from, name, begin, FORM_CHECK);
    if (sees(p, W_GENERATED) || (p->is_mysql && sees(p, W_AS)))
        return generated_parse(p, from, name);
    return column_words_parse(p);
}

static node *column_parse(struct parser *p)
{
    size_t from = p->at, begin;
    node *name = any_ident_parse(p), *type = type_parse(p);
    node_list constraints = {0};

    begin = p->at;
    while (!sees_kind(p, TOKEN_COMMA) && !sees_kind(p, TOKEN_CLOSE) && !sees_kind(p, TOKEN_END) &&
           !sees_kind(p, TOKEN_SEMICOLON)) {
        node *constraint = column_constraint_parse(p);

        if (constraint == NULL)
            break;
        list_add(p, &constraints, constraint);
    }
    return NODE(p, COLUMN_DEF, from, name, type,
                constraints.count == 0 ? NULL : list_make(p, SYNTAX_SEQUENCE, begin, &constraints));
}

/* ---- constraints and keys of tables ---- */

static node *method_parse(struct parser *p)
{
    size_t from = p->at;

    if (!take(p, W_USING))
        return NULL;
    skip(p, 1);
    return leaf_make(p, SYNTAX_RAW, from);
}

/* KEY name (a, b(10)), UNIQUE INDEX …, FULLTEXT KEY … of MySQL */
static node *key_parse(struct parser *p, size_t from)
{
    size_t begin = p->at;
    enum syntax_form form = FORM_INDEX;
    node *name = NULL, *method, *elements, *made;
    struct text text;

    if (take(p, W_UNIQUE))
        form = FORM_UNIQUE;
    else if (take(p, W_FULLTEXT))
        form = FORM_FULLTEXT;
    else if (take(p, W_SPATIAL))
        form = FORM_SPATIAL;
    if (!take(p, W_KEY))
        take(p, W_INDEX);
    text = phrase(p, begin);
    if (!sees_kind(p, TOKEN_OPEN) && !sees(p, W_USING))
        name = any_ident_parse(p);
    method = method_parse(p);
    elements = parens_parse(p, index_element_parse);
    made = NODE(p, KEY, from, name, method, elements, raw_to_comma(p));
    made->text = text;
    made->form = (uint16_t)form;
    return made;
}

static node *key_constraint_parse(struct parser *p, size_t from, node *name, enum syntax_form form)
{
    size_t begin = p->at;
    struct text text;
    node *columns = NULL, *references = NULL, *made;

    skip(p, form == FORM_UNIQUE ? 1 : 2);
    if (form == FORM_UNIQUE && !TAKE(p, W_NULLS, W_NOT, W_DISTINCT))
        TAKE(p, W_NULLS, W_DISTINCT);
    if (form == FORM_UNIQUE && p->is_mysql && !take(p, W_KEY))
        take(p, W_INDEX);
    if (!sees_kind(p, TOKEN_OPEN) && !TAKE(p, W_USING, W_INDEX) && p->is_mysql && !sees(p, W_USING))
        any_ident_parse(p);
    if (p->is_mysql)
        method_parse(p);
    text = phrase(p, begin);
    if (sees_kind(p, TOKEN_OPEN))
        columns = parens_parse(p, index_element_parse);
    if (form == FORM_FOREIGN) {
        references = references_parse(p);
        return constraint_make(p, from, name, text, form, columns, references);
    }
    made = NODE(p, CONSTRAINT, from, name, columns, NULL, raw_to_comma(p));
    made->text = text;
    made->form = (uint16_t)form;
    return made;
}

/* NULL: it is a column. */
static node *table_constraint_parse(struct parser *p)
{
    size_t from = p->at, begin;
    node *name;

    if (p->is_mysql &&
        (sees(p, W_KEY) || sees(p, W_INDEX) || sees(p, W_FULLTEXT) || sees(p, W_SPATIAL) || sees(p, W_UNIQUE)))
        return key_parse(p, from);
    if (sees(p, W_PERIOD) || (sees(p, W_LIKE) && !p->is_mysql))
        return raw_to_comma(p);
    name = constraint_name_parse(p);
    begin = p->at;
    if (sees(p, W_PRIMARY) && word_at(p, 1) == W_KEY)
        return key_constraint_parse(p, from, name, FORM_PRIMARY);
    if (sees(p, W_UNIQUE))
        return key_constraint_parse(p, from, name, FORM_UNIQUE);
    if (sees(p, W_FOREIGN) && word_at(p, 1) == W_KEY)
        return key_constraint_parse(p, from, name, FORM_FOREIGN);
    if (take(p, W_CHECK))
        return expression_constraint(p, from, name, begin, FORM_CHECK);
    if (p->at > from || sees(p, W_EXCLUDE)) { /* EXCLUDE, NOT NULL column */
        raw_to_comma(p);
        return leaf_make(p, SYNTAX_RAW, from);
    }
    return NULL;
}

static node *table_element_parse(struct parser *p)
{
    node *made = table_constraint_parse(p);

    return made != NULL ? made : column_parse(p);
}

/* ---- statements ---- */

static node *create_table_parse(struct parser *p, size_t from)
{
    struct text text;
    node *name, *elements = NULL, *made;

    TAKE(p, W_IF, W_NOT, W_EXISTS);
    text = phrase(p, from);
    name = name_parse(p);
    if (sees_kind(p, TOKEN_OPEN) && !begins_query(p, 0) && word_at(p, 1) != W_LIKE &&
        token_at(p, 1)->kind != TOKEN_CLOSE)
        elements = parens_parse(p, table_element_parse);
    made = NODE(p, CREATE_TABLE, from, name, elements, raw_to_close(p)); /* () INHERITS (a) is an option, too */
    made->text = text;
    return made;
}

static node *index_name_parse(struct parser *p)
{
    size_t from = p->at;
    node *name, *method;

    if (sees(p, W_ON))
        return NULL;
    name = name_parse(p);
    method = p->is_mysql ? method_parse(p) : NULL;
    return method == NULL ? name : NODE(p, SEQUENCE, from, name, method);
}

static node *include_parse(struct parser *p)
{
    size_t from = p->at;

    if (!take(p, W_INCLUDE))
        return NULL;
    return NODE(p, INCLUDE, from, parens_parse(p, any_ident_parse));
}

static node *index_options_parse(struct parser *p)
{
    size_t from = p->at;

    while (!sees(p, W_WHERE) && !sees_kind(p, TOKEN_END) && !sees_kind(p, TOKEN_SEMICOLON))
        skip(p, 1);
    return p->at == from ? NULL : leaf_make(p, SYNTAX_RAW, from);
}

static node *create_index_parse(struct parser *p, size_t from, enum syntax_form form)
{
    struct text text, only;
    node *name, *table, *method = NULL, *elements, *include, *options, *where = NULL, *made;
    size_t begin;

    take(p, W_CONCURRENTLY);
    TAKE(p, W_IF, W_NOT, W_EXISTS);
    text = phrase(p, from);
    name = index_name_parse(p);
    expect(p, W_ON);
    begin = p->at;
    take(p, W_ONLY);
    only = phrase(p, begin);
    table = NODE(p, TABLE, begin, name_parse(p), NULL, NULL, NULL);
    table->text = only;
    if (take(p, W_USING))
        method = any_ident_parse(p);
    elements = parens_parse(p, index_element_parse);
    include = include_parse(p);
    options = index_options_parse(p);
    if (take(p, W_WHERE))
        where = expression_parse(p);
    made = NODE(p, CREATE_INDEX, from, name, table, method, elements, include, options, where, NULL);
    made->text = text;
    made->form = (uint16_t)form;
    return made;
}

static node *action_parse(struct parser *p)
{
    size_t from = p->at;
    struct text text;
    node *what, *made;

    if (!take(p, W_ADD) && !(p->is_mysql && take(p, W_MODIFY)))
        return raw_to_comma(p);
    if (take(p, W_COLUMN) || (!p->is_mysql && TAKE(p, W_IF, W_NOT, W_EXISTS)) || sees(p, W_PARTITION) ||
        sees_kind(p, TOKEN_OPEN)) {
        if (sees(p, W_PARTITION) || sees_kind(p, TOKEN_OPEN)) {
            raw_to_comma(p);
            return leaf_make(p, SYNTAX_RAW, from);
        }
        TAKE(p, W_IF, W_NOT, W_EXISTS);
        text = phrase(p, from);
        what = column_parse(p);
    } else {
        text = phrase(p, from);
        what = table_element_parse(p);
    }
    made = NODE(p, ADD, from, what);
    made->text = text;
    return made;
}

static node *alter_table_parse(struct parser *p)
{
    size_t from = p->at;
    struct text text;
    node *name, *actions = NULL, *made;

    skip(p, 1);
    expect(p, W_TABLE);
    TAKE(p, W_IF, W_EXISTS);
    if (!p->is_mysql)
        take(p, W_ONLY);
    text = phrase(p, from);
    name = name_parse(p);
    if (!p->is_mysql || (!sees_kind(p, TOKEN_END) && !sees_kind(p, TOKEN_SEMICOLON)))
        actions = list_parse(p, action_parse);
    made = NODE(p, ALTER_TABLE, from, name, actions);
    made->text = text;
    return made;
}

node *schema_statement_parse(struct parser *p)
{
    static const enum word words[] = {W_TEMPORARY, W_TEMP, W_LOCAL, W_GLOBAL, W_UNLOGGED, W_NONE};
    size_t from = p->at;
    enum syntax_form form = FORM_INDEX;

    if (sees(p, W_ALTER) && word_at(p, 1) == W_TABLE)
        return alter_table_parse(p);
    if (take(p, W_CREATE)) {
        if (p->is_mysql)
            TAKE(p, W_OR, W_REPLACE);
        raw_words_take(p, words);
        if (take(p, W_TABLE))
            return create_table_parse(p, from);
        if (take(p, W_UNIQUE))
            form = FORM_UNIQUE;
        else if (p->is_mysql && take(p, W_FULLTEXT))
            form = FORM_FULLTEXT;
        else if (p->is_mysql && take(p, W_SPATIAL))
            form = FORM_SPATIAL;
        if (take(p, W_INDEX))
            return create_index_parse(p, from, form);
    }
    parser_fail(p, "a statement of a kind that is not examined");
    return node_make(p, SYNTAX_RAW, p->at, NULL, 0);
}
