/* The engine table; see engine.h. */
#include "base/engine.h"

#include <assert.h>
#include <stdio.h>

static const struct engine engines[ENGINE_KIND_COUNT] = {
    [ENGINE_POSTGRESQL] = {.kind = ENGINE_POSTGRESQL,
                           .name = "postgresql",
                           .older_name = "postgres",
                           .aliases = {"postgres", "pg"},
                           .label = "PostgreSQL",
                           .default_port = 5432,
                           .dialect = SQL_DIALECT_POSTGRESQL,
                           .is_collected = true},
    [ENGINE_MYSQL] = {.kind = ENGINE_MYSQL,
                      .name = "mysql",
                      .older_name = "mysql",
                      .aliases = {"mariadb"},
                      .label = "MySQL",
                      .fork_label = "MariaDB",
                      .default_port = 3306,
                      .dialect = SQL_DIALECT_MYSQL,
                      .is_collected = true},
    [ENGINE_MSSQL] = {.kind = ENGINE_MSSQL,
                      .name = "mssql",
                      .older_name = "mssql",
                      .aliases = {"sqlserver"},
                      .label = "SQL Server",
                      .default_port = 1433},
    [ENGINE_ORACLE] =
        {.kind = ENGINE_ORACLE, .name = "oracle", .older_name = "oracle", .label = "Oracle", .default_port = 1521},
    [ENGINE_MONGODB] = {.kind = ENGINE_MONGODB,
                        .name = "mongodb",
                        .older_name = "mongodb",
                        .aliases = {"mongo"},
                        .label = "MongoDB",
                        .default_port = 27017},
};

const struct engine *engine_of_kind(enum engine_kind kind)
{
    assert(kind > ENGINE_UNSET && kind < ENGINE_KIND_COUNT);
    return &engines[kind];
}

const struct engine *engine_of(struct text name)
{
    for (int kind = ENGINE_UNSET + 1; kind < ENGINE_KIND_COUNT; kind++)
        if (text_equal(name, text_of(engines[kind].name)))
            return &engines[kind];
    return NULL;
}

const struct engine *engine_find(struct text name_or_alias)
{
    for (int kind = ENGINE_UNSET + 1; kind < ENGINE_KIND_COUNT; kind++) {
        if (text_equal_nocase(name_or_alias, text_of(engines[kind].name)))
            return &engines[kind];
        for (int i = 0; i < ENGINE_ALIASES_MAX && engines[kind].aliases[i] != NULL; i++)
            if (text_equal_nocase(name_or_alias, text_of(engines[kind].aliases[i])))
                return &engines[kind];
    }
    return NULL;
}

const char *engine_names(const char *separator, char *out)
{
    int used = 0;

    for (int kind = ENGINE_UNSET + 1; kind < ENGINE_KIND_COUNT; kind++) {
        used += snprintf(out + used, (size_t)(ENGINE_NAMES_BYTES - used), "%s%s", used == 0 ? "" : separator,
                         engines[kind].name);
        assert(used < ENGINE_NAMES_BYTES);
    }
    return out;
}

size_t engine_collected(struct text out_names[ENGINE_KIND_COUNT])
{
    size_t count = 0;

    for (int kind = ENGINE_UNSET + 1; kind < ENGINE_KIND_COUNT; kind++)
        if (engines[kind].is_collected)
            out_names[count++] = text_of(engines[kind].name);
    return count;
}
