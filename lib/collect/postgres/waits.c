/* A look at the sessions of PostgreSQL; see collect/waits_look.h.
 *
 * pg_stat_activity takes no lock that others wait for. pg_blocking_pids() takes all partitions of the lock table for a
 * moment, so it is asked only about sessions that wait for a lock, a hundred of them at most. */
#include <stdio.h>

#include "collect/postgres/postgres.h"
#include "collect/waits_look.h"

enum { WAITERS_MAX = 100, TEXT_BYTES_MAX = 16384, NAME_BYTES_MAX = 512, COST_MAX = 8 << 20 };

_Static_assert(TEXT_BYTES_MAX == 16384, "the statements below");

/* A worker of a parallel query has its leader's statement. Sessions beyond the limit are counted. */
#define SESSIONS(query_id)                                                                                             \
    "SELECT /* potto */ pid, wait_event_type, wait_event, usename, "                                                   \
    "coalesce(host(client_addr), client_hostname), application_name, "                                                 \
    "CASE WHEN octet_length(query) <= 16384 THEN query END, "                                                          \
    "octet_length(query) >= pg_size_bytes(current_setting('track_activity_query_size')) - 4, "                         \
    "usesysid || '/' || datid || '/' || " query_id ", count(*) OVER () "                                               \
    "FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND datname = current_database() "       \
    "AND backend_type IN ('client backend', 'parallel worker') LIMIT 500"
enum {
    SESSION_PID,
    SESSION_WAIT_TYPE,
    SESSION_WAIT,
    SESSION_USER,
    SESSION_HOST,
    SESSION_APPLICATION,
    SESSION_QUERY,
    SESSION_IS_CUT,
    SESSION_KEY,
    SESSION_COUNT
};
#define NAME_OR_NULL TARGET_TEXT, .may_be_null = true, .max_bytes = NAME_BYTES_MAX
static const struct target_column session_columns[] = {
    [SESSION_PID] = {"pid", .kind = TARGET_COUNT},
    [SESSION_WAIT_TYPE] = {"wait_event_type", NAME_OR_NULL},
    [SESSION_WAIT] = {"wait_event", NAME_OR_NULL},
    [SESSION_USER] = {"usename", NAME_OR_NULL},
    [SESSION_HOST] = {"host", NAME_OR_NULL},
    [SESSION_APPLICATION] = {"application_name", NAME_OR_NULL},
    [SESSION_QUERY] = {"query", TARGET_TEXT, .may_be_null = true, .max_bytes = TEXT_BYTES_MAX},
    [SESSION_IS_CUT] = {"is_cut", TARGET_BOOL, .may_be_null = true},
    [SESSION_KEY] = {"key", TARGET_KEY, .may_be_null = true, .max_bytes = WAITS_KEY_BYTES_MAX},
    [SESSION_COUNT] = {"count", .kind = TARGET_COUNT},
};
#define SESSIONS_STATEMENT(query_id)                                                                                   \
    {                                                                                                                  \
        .sql = SESSIONS(query_id), TARGET_COLUMNS(session_columns), .rows_max = 500, .cost_max = COST_MAX              \
    }
static const struct target_statement sessions_statement = SESSIONS_STATEMENT("nullif(query_id, 0)"),
                                     sessions_13_statement = SESSIONS_STATEMENT("NULL");

/* Who blocks the sessions $1, and who blocks those in turn: a session that began to wait after the list was read, or
 * that is of another database, is followed as well. Those who wait for nobody go first. Process 0 is a prepared
 * transaction. Nothing is said of one that has begun or ended something since it was asked: what it does now is not
 * what it kept others waiting with. */
#define BLOCKERS(query_id)                                                                                             \
    "WITH /* potto */ RECURSIVE asked (pid, blockers, depth) AS ("                                                     \
    "SELECT pid, pg_blocking_pids(pid), 0 FROM unnest($1::int[]) AS pid "                                              \
    "UNION ALL SELECT held.pid, pg_blocking_pids(held.pid), held.depth "                                               \
    "FROM (SELECT DISTINCT unnest(asked.blockers) AS pid, asked.depth + 1 AS depth FROM asked) AS held "               \
    "WHERE held.depth <= 4 AND held.pid <> 0 AND held.pid <> ALL ($1::int[])), "                                       \
    "edge AS MATERIALIZED (SELECT asked.pid AS waiter, blocker FROM asked, unnest(asked.blockers) AS blocker "         \
    "GROUP BY 1, 2 ORDER BY blocker = ANY ($1::int[]) LIMIT 2000) "                                                    \
    "SELECT waiter, blocker, state, usename, coalesce(host(client_addr), client_hostname), "                           \
    "application_name, CASE WHEN octet_length(query) <= 16384 THEN query END, "                                        \
    "octet_length(query) >= pg_size_bytes(current_setting('track_activity_query_size')) - 4, "                         \
    "usesysid || '/' || datid || '/' || " query_id " FROM edge LEFT JOIN pg_stat_activity "                            \
    "ON pid = blocker AND coalesce(state_change <= statement_timestamp(), true)"
enum {
    BLOCKER_WAITER,
    BLOCKER_PID,
    BLOCKER_STATE,
    BLOCKER_USER,
    BLOCKER_HOST,
    BLOCKER_APPLICATION,
    BLOCKER_QUERY,
    BLOCKER_IS_CUT,
    BLOCKER_KEY
};
static const struct target_column blocker_columns[] = {
    [BLOCKER_WAITER] = {"waiter", .kind = TARGET_COUNT},
    [BLOCKER_PID] = {"blocker", .kind = TARGET_COUNT},
    [BLOCKER_STATE] = {"state", NAME_OR_NULL},
    [BLOCKER_USER] = {"usename", NAME_OR_NULL},
    [BLOCKER_HOST] = {"host", NAME_OR_NULL},
    [BLOCKER_APPLICATION] = {"application_name", NAME_OR_NULL},
    [BLOCKER_QUERY] = {"query", TARGET_TEXT, .may_be_null = true, .max_bytes = TEXT_BYTES_MAX},
    [BLOCKER_IS_CUT] = {"is_cut", TARGET_BOOL, .may_be_null = true},
    [BLOCKER_KEY] = {"key", TARGET_KEY, .may_be_null = true, .max_bytes = WAITS_KEY_BYTES_MAX},
};
#define BLOCKERS_STATEMENT(query_id)                                                                                   \
    {                                                                                                                  \
        .sql = BLOCKERS(query_id), TARGET_COLUMNS(blocker_columns), .rows_max = 2000, .cost_max = COST_MAX             \
    }
static const struct target_statement blockers_statement = BLOCKERS_STATEMENT("nullif(query_id, 0)"),
                                     blockers_13_statement = BLOCKERS_STATEMENT("NULL");

/* So that nothing of the database's own can stand in for a function of the system. */
static const struct target_column path_columns[] = {{"search_path", TARGET_TEXT, .max_bytes = 1024}};
static const struct target_statement path_statement = {
    .sql = "SELECT /* potto */ pg_catalog.set_config('search_path', 'pg_catalog', false)",
    TARGET_COLUMNS(path_columns),
    .rows_min = 1,
    .rows_max = 1,
    .cost_max = 4096};

static enum wait_class class_of(struct text type)
{
    static const struct {
        struct text type;
        enum wait_class wait_class;
    } classes[] = {
        {TEXT("Lock"), WAIT_CLASS_LOCK},
        {TEXT("LWLock"), WAIT_CLASS_LWLOCK},
        {TEXT("IO"), WAIT_CLASS_IO},
        {TEXT("BufferPin"), WAIT_CLASS_BUFFER_PIN},
        {TEXT("Buffer"), WAIT_CLASS_BUFFER_PIN},
        {TEXT("Client"), WAIT_CLASS_CLIENT},
        {TEXT("IPC"), WAIT_CLASS_IPC},
        {TEXT("Timeout"), WAIT_CLASS_TIMEOUT},
        {TEXT("Activity"), WAIT_CLASS_ACTIVITY},
        {TEXT("Extension"), WAIT_CLASS_EXTENSION},
    };

    if (type.size == 0)
        return WAIT_CLASS_CPU;
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (text_equal(type, classes[i].type))
            return classes[i].wait_class;
    return WAIT_CLASS_OTHER;
}

static enum block_state state_of(struct text state, int64_t pid)
{
    if (pid == 0)
        return BLOCK_STATE_PREPARED;
    if (text_equal(state, TEXT("active")) || text_equal(state, TEXT("fastpath function call")))
        return BLOCK_STATE_ACTIVE;
    if (text_starts(state, TEXT("idle in transaction")))
        return BLOCK_STATE_IDLE_IN_TRANSACTION;
    return text_equal(state, TEXT("idle")) ? BLOCK_STATE_IDLE : BLOCK_STATE_UNKNOWN;
}

/* What a user who may not see it gets to see. */
static struct text seen(struct text sql)
{
    return text_equal(sql, TEXT("<insufficient privilege>")) ? (struct text){NULL, 0} : sql;
}

/* "{1,2,3}": those that wait for a lock. NULL: none does. */
static const char *add_sessions(struct waits_look *look, const struct target_rows *rows)
{
    size_t room = WAITERS_MAX * 24 + 3, size = 0, count = 0;
    char *waiters = arena_alloc(look->arena, room);

    for (int row = 0; row < rows->row_count; row++) {
        struct wait_session *session = vector_add(&look->sessions, WAITS_SESSIONS_MAX, look->arena);

        if (session == NULL)
            break;
        *session = (struct wait_session){.id = target_int64(rows, row, SESSION_PID),
                                         .is_active = true,
                                         .wait_class = class_of(target_text(rows, row, SESSION_WAIT_TYPE)),
                                         .event = target_text(rows, row, SESSION_WAIT),
                                         .sql = seen(target_text(rows, row, SESSION_QUERY)),
                                         .is_cut = target_is_true(rows, row, SESSION_IS_CUT),
                                         .counter_key = target_text(rows, row, SESSION_KEY),
                                         .user = target_text(rows, row, SESSION_USER),
                                         .host = target_text(rows, row, SESSION_HOST),
                                         .application = target_text(rows, row, SESSION_APPLICATION),
                                         .state = BLOCK_STATE_ACTIVE};
        look->active_count = target_int64(rows, row, SESSION_COUNT);
        if (session->wait_class == WAIT_CLASS_LOCK && count++ < WAITERS_MAX)
            size +=
                (size_t)snprintf(waiters + size, room - size, "%c%lld", size == 0 ? '{' : ',', (long long)session->id);
    }
    if (count == 0)
        return NULL;
    waiters[size++] = '}';
    waiters[size] = '\0';
    return waiters;
}

/* What a blocker does is said by the same statement that found it: the list of sessions is older. */
static void add_blocker(struct waits_look *look, const struct target_rows *rows, int row)
{
    int64_t pid = target_int64(rows, row, BLOCKER_PID);
    struct wait_session *holder;

    if (!waits_add_edge(look, target_int64(rows, row, BLOCKER_WAITER), pid))
        return;
    for (size_t i = 0; i < look->holders.count; i++)
        if (look->holders.items[i].id == pid)
            return;
    holder = vector_add(&look->holders, WAITS_SESSIONS_MAX, look->arena);
    if (holder == NULL)
        return;
    *holder = (struct wait_session){.id = pid,
                                    .sql = seen(target_text(rows, row, BLOCKER_QUERY)),
                                    .is_cut = target_is_true(rows, row, BLOCKER_IS_CUT),
                                    .counter_key = target_text(rows, row, BLOCKER_KEY),
                                    .user = target_text(rows, row, BLOCKER_USER),
                                    .host = target_text(rows, row, BLOCKER_HOST),
                                    .application = target_text(rows, row, BLOCKER_APPLICATION),
                                    .state = state_of(target_text(rows, row, BLOCKER_STATE), pid)};
}

enum status collect_postgres_look(struct waits_look *look)
{
    bool has_query_id = target_version_number(look->target) >= 140000;
    struct target_rows rows;
    struct text waiters;
    enum status status = look->is_first ? waits_run(look, &path_statement, NULL, 0, &rows) : STATUS_OK;

    if (status == STATUS_OK)
        status = waits_run(look, has_query_id ? &sessions_statement : &sessions_13_statement, NULL, 0, &rows);
    if (status != STATUS_OK)
        return status;
    waiters = text_of(add_sessions(look, &rows));
    if (waiters.data == NULL)
        return STATUS_OK;
    status = waits_run(look, has_query_id ? &blockers_statement : &blockers_13_statement, &waiters, 1, &rows);
    for (int row = 0; status == STATUS_OK && row < rows.row_count; row++)
        add_blocker(look, &rows, row);
    return status;
}
