/* Commands of MySQL's protocol that are logged like statements: see statement.h. */
#include "sql/statement.h"

/* As MySQL 8 spells them, with blanks and capital letters; `SHUTDOWN` is a statement, `Shutdown` is none. */
static const char *const commands[] = {
    "Sleep",
    "Quit",
    "Init DB",
    "Query",
    "Field List",
    "Create DB",
    "Drop DB",
    "Refresh",
    "Shutdown",
    "Statistics",
    "Processlist",
    "Connect",
    "Kill",
    "Debug",
    "Ping",
    "Time",
    "Delayed insert",
    "Change user",
    "Binlog Dump",
    "Table Dump",
    "Connect Out",
    "Register Slave",
    "Register Replica",
    "Prepare",
    "Execute",
    "Long Data",
    "Close stmt",
    "Reset stmt",
    "Set option",
    "Fetch",
    "Daemon",
    "Error",
    "Clone",
    "Binlog Dump GTID",
    "Reset Connection",
    "Group Replication Data Stream subscription",
};

bool sql_is_protocol_command(struct text sql)
{
    static const struct text prefix = TEXT("# administrator command: ");

    if (sql.size >= prefix.size && memcmp(sql.data, prefix.data, prefix.size) == 0)
        return true;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (text_equal(sql, text_of(commands[i])))
            return true;
    return false;
}
