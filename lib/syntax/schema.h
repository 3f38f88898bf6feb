/* Tables with their columns and keys, read from the text of a schema: what pg_dump --schema-only, mysqldump --no-data
 * or SHOW CREATE TABLE give. Other statements are passed over. Pure; the text is hostile and has bounds. */
#ifndef POTTO_SYNTAX_SCHEMA_H
#define POTTO_SYNTAX_SCHEMA_H

#include "syntax/syntax.h"

enum {
    SCHEMA_BYTES_MAX = 32 * 1024 * 1024,
    SCHEMA_TABLES_MAX = 20 * 1000,
    SCHEMA_COLUMNS_MAX = 4096, /* of a table */
    SCHEMA_KEYS_MAX = 1000,    /* of a table */
};

/* As far as a comparison asks. */
enum column_type {
    COLUMN_TYPE_UNSET, /* one that is not known here */
    COLUMN_TYPE_INTEGER,
    COLUMN_TYPE_NUMBER, /* decimal and floating */
    COLUMN_TYPE_TEXT,
    COLUMN_TYPE_TIME, /* dates and times */
    COLUMN_TYPE_BOOLEAN,
    COLUMN_TYPE_COUNT
};

struct schema_column {
    struct text name; /* without quotes, folded as the dialect does */
    enum column_type type;
    bool is_not_null;
};

struct schema_key {
    struct text name; /* may be empty */
    bool is_unique, is_primary;
    bool is_partial;      /* has a WHERE */
    bool is_expression;   /* not all of its elements are columns */
    struct text *columns; /* its first elements, as far as they are columns */
    size_t column_count;
};

struct schema_table {
    struct text schema, name;
    struct {
        struct schema_column *items;
        size_t count, capacity;
    } columns;
    struct {
        struct schema_key *items;
        size_t count, capacity;
    } keys;
};

struct schema {
    enum sql_dialect dialect;
    struct {
        struct schema_table *items;
        size_t count, capacity;
    } tables;
    size_t statement_count;      /* that a table, an index or a constraint stands in */
    size_t refused_count;        /* of these: could not be read */
    struct syntax_problem first; /* the first refusal; `at` is the byte of the whole text */
};

/* Memory: `arena`; names may point into `ddl`. Takes time in proportion to the text and its keys.
 * Errors: STATUS_TOO_LARGE. A statement that cannot be read is counted, and the others are read all the same. */
enum status schema_read(enum sql_dialect dialect, struct text ddl, struct arena *arena, struct schema *out_schema,
                        struct error *error);

/* Find a table by its name, and by its schema unless that is empty; NULL: there is none. */
const struct schema_table *schema_table_find(const struct schema *schema, struct text schema_name, struct text name);
const struct schema_column *schema_column_find(const struct schema_table *table, struct text name);

/* A name as it is compared: without quotes; in lower case where the dialect ignores case. */
struct text schema_name_of(enum sql_dialect dialect, const struct syntax_node *ident, struct arena *arena);

#endif
