/* What the words of MariaDB and MySQL say about a wait; see waits.h. */
#include "collect/mysql/waits.h"

/* Words of the list of processes, by how they begin and end. The first that fits counts. What is not here is work: the
 * server names its steps in the same place ("Sending data", "updating"). */
static const struct {
    struct text begin, end;
    struct mysql_wait wait;
} states[] = {
    {TEXT("Waiting for"), TEXT("metadata lock"), {WAIT_CLASS_LOCK, TEXT("metadata")}},
    {TEXT("Waiting for"), TEXT("level lock"), {WAIT_CLASS_LOCK, TEXT("table")}},
    {TEXT("Table lock"), TEXT(""), {WAIT_CLASS_LOCK, TEXT("table")}},
    {TEXT("User lock"), TEXT(""), {WAIT_CLASS_LOCK, TEXT("user")}},
    {TEXT("Waiting for backup lock"), TEXT(""), {WAIT_CLASS_LOCK, TEXT("metadata")}},
    {TEXT("Waiting for global read lock"), TEXT(""), {WAIT_CLASS_LOCK, TEXT("metadata")}},
    {TEXT("Waiting for commit lock"), TEXT(""), {WAIT_CLASS_LOCK, TEXT("metadata")}},
    {TEXT("Waiting for locking service lock"), TEXT(""), {WAIT_CLASS_LOCK, TEXT("user")}},
    {TEXT("Waiting for table flush"), TEXT(""), {WAIT_CLASS_LOCK, TEXT("flush")}},
    {TEXT("Waiting for tables"), TEXT(""), {WAIT_CLASS_LOCK, TEXT("flush")}},
    {TEXT("Waiting for query cache lock"), TEXT(""), {WAIT_CLASS_LWLOCK, TEXT("query cache")}},
    {TEXT("Waiting on query cache mutex"), TEXT(""), {WAIT_CLASS_LWLOCK, TEXT("query cache")}},
    {TEXT("Waiting for prior transaction"), TEXT(""), {WAIT_CLASS_IPC, TEXT("commit order")}},
    {TEXT("Waiting for semi-sync"), TEXT(""), {WAIT_CLASS_IPC, TEXT("semi-sync")}},
    {TEXT("waiting for handler commit"), TEXT(""), {WAIT_CLASS_IO, TEXT("commit")}},
    {TEXT("Commit"), TEXT(""), {WAIT_CLASS_IO, TEXT("commit")}},
    {TEXT("Writing to binlog"), TEXT(""), {WAIT_CLASS_IO, TEXT("binlog")}},
    {TEXT("Copying to tmp table on disk"), TEXT(""), {WAIT_CLASS_IO, TEXT("temporary table")}},
    {TEXT("converting HEAP to"), TEXT(""), {WAIT_CLASS_IO, TEXT("temporary table")}},
    {TEXT("Writing to net"), TEXT(""), {WAIT_CLASS_CLIENT, TEXT("write")}},
    {TEXT("Sending to client"), TEXT(""), {WAIT_CLASS_CLIENT, TEXT("write")}},
    {TEXT("Reading from net"), TEXT(""), {WAIT_CLASS_CLIENT, TEXT("read")}},
    {TEXT("Receiving from client"), TEXT(""), {WAIT_CLASS_CLIENT, TEXT("read")}},
    {TEXT("User sleep"), TEXT(""), {WAIT_CLASS_TIMEOUT, TEXT("sleep")}},
};

/* Events of the performance schema. A call of the storage engine is an event, too: most of it is work. */
static const struct {
    struct text begin;
    enum wait_class wait_class;
} events[] = {
    {TEXT("wait/io/table/"), WAIT_CLASS_CPU}, {TEXT("wait/io/socket/"), WAIT_CLASS_CLIENT},
    {TEXT("wait/io/"), WAIT_CLASS_IO},        {TEXT("wait/lock/"), WAIT_CLASS_LOCK},
    {TEXT("wait/synch/"), WAIT_CLASS_LWLOCK}, {TEXT("idle"), WAIT_CLASS_CPU},
};

static struct mysql_wait by_event(struct text event)
{
    enum wait_class wait_class = event.size == 0 ? WAIT_CLASS_CPU : WAIT_CLASS_OTHER;

    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        if (text_starts(event, events[i].begin)) {
            wait_class = events[i].wait_class;
            break;
        }
    if (wait_class == WAIT_CLASS_CPU)
        return (struct mysql_wait){WAIT_CLASS_CPU, TEXT("")};
    text_take_off(&event, TEXT("wait/"));
    return (struct mysql_wait){wait_class, event};
}

struct mysql_wait mysql_wait_of(struct text state, struct text event, bool waits_for_row)
{
    struct mysql_wait wait;

    if (waits_for_row)
        return (struct mysql_wait){WAIT_CLASS_LOCK, TEXT("row")};
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (text_starts(state, states[i].begin) && text_ends(state, states[i].end))
            return states[i].wait;
    wait = by_event(event);
    if (wait.wait_class == WAIT_CLASS_CPU && text_starts(state, TEXT("Waiting")))
        return (struct mysql_wait){WAIT_CLASS_OTHER, state};
    return wait;
}
