/* Statements that read a database's own catalogues: what psql's \d, drivers and monitoring ask. */
#include "sql/lexer.h"
#include "sql/statement.h"

/* The schemas of catalogues, and what a name without a schema begins with. */
static const struct {
    enum sql_dialect dialect;
    struct text prefix;
    bool is_schema;
} prefixes[] = {
    {SQL_DIALECT_POSTGRESQL, TEXT("pg_catalog."), true},
    {SQL_DIALECT_POSTGRESQL, TEXT("information_schema."), true},
    {SQL_DIALECT_POSTGRESQL, TEXT("pg_toast."), true},
    {SQL_DIALECT_POSTGRESQL, TEXT("pg_"), false},
    {SQL_DIALECT_MYSQL, TEXT("information_schema."), true},
    {SQL_DIALECT_MYSQL, TEXT("performance_schema."), true},
    {SQL_DIALECT_MYSQL, TEXT("mysql."), true},
    {SQL_DIALECT_MYSQL, TEXT("sys."), true},
};

static bool is_catalog_table(enum sql_dialect dialect, struct text name)
{
    bool has_schema = memchr(name.data, '.', name.size) != NULL;

    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        struct text prefix = prefixes[i].prefix;

        if (prefixes[i].dialect == dialect && prefixes[i].is_schema == has_schema && name.size > prefix.size &&
            text_equal_nocase((struct text){name.data, prefix.size}, prefix))
            return true;
    }
    return false;
}

static bool begins_with_any(struct text name, const struct text *prefixes_of, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (name.size >= prefixes_of[i].size &&
            text_equal_nocase((struct text){name.data, prefixes_of[i].size}, prefixes_of[i]))
            return true;
    return false;
}

/* Whether a SELECT without a table looks something up in PostgreSQL's catalogues, as psql's \sf and \sv do: each
 * function that it calls is one of those that describe an object, or it turns a name into an object's number. */
static bool calls_catalogs_alone(struct text sql)
{
    static const struct text describing[] = {TEXT("pg_get_"), TEXT("format_type"), TEXT("to_reg"), TEXT("reg")};
    struct sql_token last[3] = {0}; /* the newest first */
    struct sql_lexer lexer;
    bool is_describing = false;

    sql_lexer_init(&lexer, SQL_DIALECT_POSTGRESQL, sql);
    last[0] = sql_lexer_next(&lexer);
    if (!sql_token_is(last[0], TEXT("select")))
        return false;
    while (last[0].kind != TOKEN_END) {
        bool is_described = last[0].kind == TOKEN_WORD && last[1].kind == TOKEN_DOT &&
                            sql_token_is(last[2], TEXT("pg_catalog")) &&
                            begins_with_any(last[0].text, describing, sizeof describing / sizeof describing[0]);
        struct sql_token next = sql_lexer_next(&lexer);

        if (next.kind == TOKEN_OPEN && (last[0].kind == TOKEN_WORD || last[0].kind == TOKEN_NAME) && !is_described)
            return false;
        is_describing = is_describing || is_described;
        last[2] = last[1];
        last[1] = last[0];
        last[0] = next;
    }
    return is_describing;
}

bool sql_reads_catalogs_alone(enum sql_dialect dialect, struct text sql, const struct text *tables, size_t count)
{
    if (count == 0)
        return dialect == SQL_DIALECT_POSTGRESQL && calls_catalogs_alone(sql);
    for (size_t i = 0; i < count; i++)
        if (tables[i].size == 0 || !is_catalog_table(dialect, tables[i]))
            return false;
    return true;
}
