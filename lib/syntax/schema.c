/* A schema from its text; see schema.h. */
#include "syntax/schema.h"

#include "base/vector.h"
#include "sql/lexer.h"
#include "syntax/split.h"

struct reader {
    enum sql_dialect dialect;
    struct schema *schema;
    struct arena *arena;
};

/* ---- names ---- */

struct text schema_name_of(enum sql_dialect dialect, const struct syntax_node *ident, struct arena *arena)
{
    struct text spelled = ident->text;
    bool is_quoted = spelled.size > 1 && strchr("\"`'", spelled.data[spelled.size - 1]) != NULL;
    struct sql_token token = {is_quoted ? TOKEN_NAME : TOKEN_WORD, spelled};
    struct text name = sql_token_name(token, arena);
    char *folded;

    if (is_quoted && dialect != SQL_DIALECT_MYSQL)
        return name;
    folded = arena_string(arena, name.data, name.size);
    for (size_t i = 0; i < name.size; i++)
        if (folded[i] >= 'A' && folded[i] <= 'Z')
            folded[i] = (char)(folded[i] | 0x20);
    return (struct text){folded, name.size};
}

/* The last part of a NAME, and the one before it as its schema. */
static struct text last_name(struct reader *reader, const struct syntax_node *name, struct text *out_schema)
{
    uint32_t count = name->count;

    *out_schema = count > 1 ? schema_name_of(reader->dialect, name->items[count - 2], reader->arena) : TEXT("");
    return schema_name_of(reader->dialect, name->items[count - 1], reader->arena);
}

const struct schema_table *schema_table_find(const struct schema *schema, struct text schema_name, struct text name)
{
    for (size_t i = 0; schema != NULL && i < schema->tables.count; i++) {
        const struct schema_table *table = &schema->tables.items[i];

        if (text_equal(table->name, name) &&
            (schema_name.size == 0 || table->schema.size == 0 || text_equal(table->schema, schema_name)))
            return table;
    }
    return NULL;
}

const struct schema_column *schema_column_find(const struct schema_table *table, struct text name)
{
    for (size_t i = 0; i < table->columns.count; i++)
        if (text_equal(table->columns.items[i].name, name))
            return &table->columns.items[i];
    return NULL;
}

/* ---- columns ---- */

static enum column_type type_of(const struct syntax_node *type)
{
    static const struct {
        const char *begin;
        enum column_type type;
    } types[] = {
        {"tinyint", COLUMN_TYPE_INTEGER},   {"smallint", COLUMN_TYPE_INTEGER}, {"mediumint", COLUMN_TYPE_INTEGER},
        {"bigint", COLUMN_TYPE_INTEGER},    {"interval", COLUMN_TYPE_UNSET},   {"int4range", COLUMN_TYPE_UNSET},
        {"int8range", COLUMN_TYPE_UNSET},   {"int", COLUMN_TYPE_INTEGER},      {"serial", COLUMN_TYPE_INTEGER},
        {"bigserial", COLUMN_TYPE_INTEGER}, {"numeric", COLUMN_TYPE_NUMBER},   {"decimal", COLUMN_TYPE_NUMBER},
        {"float", COLUMN_TYPE_NUMBER},      {"double", COLUMN_TYPE_NUMBER},    {"real", COLUMN_TYPE_NUMBER},
        {"varchar", COLUMN_TYPE_TEXT},      {"char", COLUMN_TYPE_TEXT},        {"text", COLUMN_TYPE_TEXT},
        {"longtext", COLUMN_TYPE_TEXT},     {"mediumtext", COLUMN_TYPE_TEXT},  {"tinytext", COLUMN_TYPE_TEXT},
        {"bpchar", COLUMN_TYPE_TEXT},       {"daterange", COLUMN_TYPE_UNSET},  {"date", COLUMN_TYPE_TIME},
        {"timestamp", COLUMN_TYPE_TIME},    {"bool", COLUMN_TYPE_BOOLEAN},
    };

    if (type->count > 2 && type->items[2] != NULL) /* an array */
        return COLUMN_TYPE_UNSET;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        struct text begin = text_of(types[i].begin);

        if (type->text.size >= begin.size && text_equal_nocase((struct text){type->text.data, begin.size}, begin))
            return types[i].type;
    }
    return COLUMN_TYPE_UNSET;
}

static struct schema_key *key_add(struct reader *reader, struct schema_table *table)
{
    struct schema_key *key = vector_add(&table->keys, SCHEMA_KEYS_MAX, reader->arena);

    if (key != NULL)
        *key = (struct schema_key){0};
    return key;
}

/* The columns of a key or an index; a primary key's are NOT NULL. */
static void key_fill(struct reader *reader, struct schema_key *key, const struct syntax_node *elements)
{
    key->columns = arena_alloc_array(reader->arena, elements->count, sizeof *key->columns);
    for (uint32_t i = 0; i < elements->count; i++) {
        const struct syntax_node *element = elements->items[i];
        const struct syntax_node *value = element->kind == SYNTAX_INDEX_ELEMENT ? element->items[0] : element;

        if (value == NULL || value->kind != SYNTAX_NAME || value->count != 1) {
            key->is_expression = true;
            return;
        }
        key->columns[key->column_count++] = schema_name_of(reader->dialect, value->items[0], reader->arena);
    }
}

static void primary_apply(struct schema_table *table, const struct schema_key *key)
{
    for (size_t k = 0; k < key->column_count; k++)
        for (size_t i = 0; i < table->columns.count; i++)
            if (text_equal(table->columns.items[i].name, key->columns[k]))
                table->columns.items[i].is_not_null = true;
}

static void column_add(struct reader *reader, struct schema_table *table, const struct syntax_node *definition)
{
    struct schema_column *column = vector_add(&table->columns, SCHEMA_COLUMNS_MAX, reader->arena);
    const struct syntax_node *constraints = syntax_item(definition, 2), *type = definition->items[1];

    if (column == NULL)
        return;
    *column = (struct schema_column){.name = schema_name_of(reader->dialect, definition->items[0], reader->arena)};
    column->type = type_of(type);
    column->is_not_null =
        text_equal_nocase(type->text, TEXT("serial")) || text_equal_nocase(type->text, TEXT("bigserial"));
    for (uint32_t i = 0; constraints != NULL && i < constraints->count; i++) {
        enum syntax_form form = (enum syntax_form)constraints->items[i]->form;
        struct schema_key *key;

        column->is_not_null |= form == FORM_NOT_NULL || form == FORM_PRIMARY || form == FORM_IDENTITY;
        if (form != FORM_PRIMARY && form != FORM_UNIQUE)
            continue;
        key = key_add(reader, table);
        if (key == NULL)
            continue;
        key->is_unique = true;
        key->is_primary = form == FORM_PRIMARY;
        key->columns = arena_copy(reader->arena, &column->name, sizeof column->name);
        key->column_count = 1;
    }
}

/* ---- constraints, indexes, tables ---- */

static void constraint_add(struct reader *reader, struct schema_table *table, const struct syntax_node *constraint)
{
    bool is_key = constraint->kind == SYNTAX_KEY;
    const struct syntax_node *elements = syntax_item(constraint, is_key ? KEY_ELEMENTS : 1);
    const struct syntax_node *name = syntax_item(constraint, 0);
    struct schema_key *key;

    if (elements == NULL || (!is_key && constraint->form != FORM_PRIMARY && constraint->form != FORM_UNIQUE) ||
        constraint->form == FORM_FULLTEXT || constraint->form == FORM_SPATIAL)
        return;
    key = key_add(reader, table);
    if (key == NULL)
        return;
    key->is_primary = constraint->form == FORM_PRIMARY;
    key->is_unique = key->is_primary || constraint->form == FORM_UNIQUE;
    if (name != NULL && name->text.size > 0)
        key->name = schema_name_of(reader->dialect, name, reader->arena);
    key_fill(reader, key, elements);
    if (key->is_primary)
        primary_apply(table, key);
}

static void element_add(struct reader *reader, struct schema_table *table, const struct syntax_node *element)
{
    if (element->kind == SYNTAX_COLUMN_DEF)
        column_add(reader, table, element);
    else if (element->kind == SYNTAX_CONSTRAINT || element->kind == SYNTAX_KEY)
        constraint_add(reader, table, element);
}

static struct schema_table *table_of(struct reader *reader, const struct syntax_node *name)
{
    struct text schema_name, table_name = last_name(reader, name, &schema_name);

    /* The schema is being made: what it holds may change. */
    return (struct schema_table *)schema_table_find(reader->schema, schema_name, table_name);
}

static void create_table(struct reader *reader, const struct syntax_node *statement)
{
    struct schema_table *table = vector_add(&reader->schema->tables, SCHEMA_TABLES_MAX, reader->arena);
    const struct syntax_node *elements = statement->items[1];

    if (table == NULL)
        return;
    *table = (struct schema_table){0};
    table->name = last_name(reader, statement->items[0], &table->schema);
    for (int pass = 0; pass < 2; pass++) /* columns first, since keys say something about them */
        for (uint32_t i = 0; elements != NULL && i < elements->count; i++)
            if ((elements->items[i]->kind == SYNTAX_COLUMN_DEF) == (pass == 0))
                element_add(reader, table, elements->items[i]);
}

static void create_index(struct reader *reader, const struct syntax_node *statement)
{
    struct schema_table *table = table_of(reader, statement->items[INDEX_TABLE]->items[TABLE_NAME]);
    const struct syntax_node *name = statement->items[INDEX_NAME], *method = statement->items[INDEX_METHOD];
    struct schema_key *key;
    struct text ignored;

    if (table == NULL || statement->form == FORM_FULLTEXT || statement->form == FORM_SPATIAL ||
        (method != NULL && !text_equal_nocase(method->text, TEXT("btree"))))
        return;
    key = key_add(reader, table);
    if (key == NULL)
        return;
    key->is_unique = statement->form == FORM_UNIQUE;
    key->is_partial = statement->items[INDEX_WHERE] != NULL;
    if (name != NULL && name->kind == SYNTAX_NAME)
        key->name = last_name(reader, name, &ignored);
    key_fill(reader, key, statement->items[INDEX_ELEMENTS]);
}

static void alter_table(struct reader *reader, const struct syntax_node *statement)
{
    struct schema_table *table = table_of(reader, statement->items[0]);
    const struct syntax_node *actions = statement->items[1];

    for (uint32_t i = 0; table != NULL && actions != NULL && i < actions->count; i++)
        if (actions->items[i]->kind == SYNTAX_ADD && !text_starts(actions->items[i]->text, TEXT("M")) &&
            !text_starts(actions->items[i]->text, TEXT("m")))
            element_add(reader, table, actions->items[i]->items[0]);
}

/* ---- statements of the text ---- */

static bool is_of_interest(struct sql_token first, struct sql_token second, struct sql_token third)
{
    static const char *const what[] = {"table", "index", "unique", "unlogged", "fulltext", "spatial"};

    if (sql_token_is(first, TEXT("alter")))
        return sql_token_is(second, TEXT("table"));
    if (!sql_token_is(first, TEXT("create")))
        return false;
    return sql_token_is_one_of(second, what, sizeof what / sizeof what[0]) ||
           (sql_token_is(second, TEXT("temporary")) && sql_token_is(third, TEXT("table")));
}

static void statement_read(struct reader *reader, struct text sql, size_t offset)
{
    struct schema *schema = reader->schema;
    struct syntax_problem problem = {NULL, 0};
    struct syntax_tree tree;

    schema->statement_count++;
    if (syntax_parse(reader->dialect, sql, reader->arena, &tree, &problem) != STATUS_OK) {
        if (schema->refused_count++ == 0)
            schema->first = (struct syntax_problem){problem.message, offset + problem.at};
        return;
    }
    if (tree.root->kind == SYNTAX_CREATE_TABLE)
        create_table(reader, tree.root);
    else if (tree.root->kind == SYNTAX_CREATE_INDEX)
        create_index(reader, tree.root);
    else if (tree.root->kind == SYNTAX_ALTER_TABLE)
        alter_table(reader, tree.root);
}

static bool is_wanted(enum sql_dialect dialect, struct text sql)
{
    struct sql_token tokens[3];
    struct sql_lexer lexer;

    sql_lexer_init(&lexer, dialect, sql);
    for (size_t i = 0; i < 3; i++)
        tokens[i] = sql_lexer_next(&lexer);
    return is_of_interest(tokens[0], tokens[1], tokens[2]);
}

enum status schema_read(enum sql_dialect dialect, struct text ddl, struct arena *arena, struct schema *out_schema,
                        struct error *error)
{
    struct schema schema = {.dialect = dialect};
    struct reader reader = {dialect, &schema, arena};
    struct text rest = ddl, sql;

    if (ddl.size > SCHEMA_BYTES_MAX)
        return error_set(error, STATUS_TOO_LARGE, "A schema may have %d bytes.", SCHEMA_BYTES_MAX);
    while (syntax_split(dialect, &rest, &sql))
        if (is_wanted(dialect, sql))
            statement_read(&reader, sql, (size_t)(sql.data - ddl.data));
    *out_schema = schema;
    return STATUS_OK;
}
