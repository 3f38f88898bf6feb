/* Statements that read a database's own catalogues: what psql's \d, drivers and monitoring ask. */
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

bool sql_reads_catalogs_alone(enum sql_dialect dialect, const struct text *tables, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (tables[i].size == 0 || !is_catalog_table(dialect, tables[i]))
            return false;
    return count > 0;
}
