/* Each engine has a room of its own; see engine.h. */
#include "collect/engine.h"

#include "base/engine.h"
#include "collect/mysql/mysql.h"
#include "collect/postgres/postgres.h"

static const struct collect_engine engines[ENGINE_KIND_COUNT] = {
    [ENGINE_POSTGRESQL] = {collect_postgres, collect_postgres_probe, collect_postgres_look},
    [ENGINE_MYSQL] = {collect_mysql, collect_mysql_probe, collect_mysql_look},
};

const struct collect_engine *collect_engine_of(const char *name)
{
    return &engines[engine_of(text_of(name))->kind];
}
