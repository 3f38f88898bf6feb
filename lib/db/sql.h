/* A statement of the store: one file, sql/<name>.sql in a room of lib/store, embedded at build time and named
 * SQL(<name>) in C. cmake/embed_sql.py reads the types from the file: those of parameters from their casts
 * (`$1::bigint`), those of columns from the line `-- returns: id bigint, name text`. The names of the columns become an
 * enum (TEAM_LIST_ID, TEAM_LIST_NAME, …). */
#ifndef POTTO_DB_SQL_H
#define POTTO_DB_SQL_H

#include <stdbool.h>
#include <stdint.h>

/* Object ids of PostgreSQL's types, which never change (catalog/pg_type.dat). The names are those in the SQL files,
 * with _array for []. */
enum db_type {
    DB_TYPE_UNSET,
    DB_TYPE_BOOLEAN = 16,
    DB_TYPE_BYTEA = 17,
    DB_TYPE_CHAR = 18,
    DB_TYPE_BIGINT = 20,
    DB_TYPE_SMALLINT = 21,
    DB_TYPE_INT = 23,
    DB_TYPE_TEXT = 25,
    DB_TYPE_OID = 26,
    DB_TYPE_REAL = 700,
    DB_TYPE_FLOAT8 = 701,
    DB_TYPE_INT_ARRAY = 1007,
    DB_TYPE_TEXT_ARRAY = 1009,
    DB_TYPE_BIGINT_ARRAY = 1016,
    DB_TYPE_FLOAT8_ARRAY = 1022,
    DB_TYPE_DATE = 1082,
    DB_TYPE_TIMESTAMPTZ = 1184,
    DB_TYPE_TIMESTAMPTZ_ARRAY = 1185,
    DB_TYPE_VOID = 2278,
    DB_TYPE_UUID = 2950,
    DB_TYPE_UUID_ARRAY = 2951,
    DB_TYPE_JSONB = 3802,
};

struct db_sql {
    const char *name;
    const char *text;
    int index;                 /* position in the program's list; a connection notes by it what it has prepared */
    bool is_planned_each_time; /* if false, PostgreSQL may use one plan for all parameters */
    int param_count, column_count;
    const enum db_type *param_types;
    const enum db_type *column_types;
};
#define SQL(name) (&store_sql_##name)

#endif
