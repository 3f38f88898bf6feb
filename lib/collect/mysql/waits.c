/* A look at the sessions of MariaDB and MySQL; see collect/waits_look.h.
 *
 * What a session does comes from the list of processes, and from INNODB_TRX that it waits for a row's lock. These are
 * read in one statement. Whose lock it waits for is asked only where somebody waits. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "collect/mysql/mysql.h"
#include "collect/mysql/waits.h"

enum { SESSIONS_READ_MAX = 500, ROOTS_MAX = 100, TEXT_BYTES_MAX = 16384, NAME_BYTES_MAX = 512, COST_MAX = 8 << 20 };
enum { ANSWER_MS = 5 }; /* an answer may always take so long */
/* A session of nobody: who holds a lock that we may not see. */
#define UNSEEN_SESSION INT64_MAX

_Static_assert(TEXT_BYTES_MAX == 16384 && SESSIONS_READ_MAX == 500 && MYSQL_LOCKS_MAX == 1000, "statements below");

/* ---- what a server shows ---- */

enum shows {
    SHOWS_LOCK_WAITS = 1 << 0,     /* INNODB_LOCK_WAITS, which MySQL had before 8.0 */
    SHOWS_THREADS = 1 << 1,        /* MySQL's performance_schema.threads */
    SHOWS_METADATA_LOCKS = 1 << 2, /* performance_schema.metadata_locks */
    SHOWS_WAITS = 1 << 3,          /* performance_schema.events_waits_current */
    SHOWS_STATEMENTS = 1 << 4,     /* performance_schema.events_statements_current */
    SHOWS_SCHEMA = 1 << 5,         /* anything of the performance schema */
    SHOWS_TIME_MS = 1 << 6,        /* MariaDB's PROCESSLIST.TIME_MS */
};

/* What the sessions' columns are read from. The first row of a column counts whose views the server shows. */
enum part {
    PART_FROM,
    PART_ID,
    PART_COMMAND,
    PART_STATE,
    PART_USER,
    PART_HOST,
    PART_TEXT,
    PART_IS_CUT,
    PART_EVENT,
    PART_LAST,
    PART_PROGRAM,
    PARTS_COUNT
};
static const struct view {
    enum part part;
    unsigned needs;
    const char *column, *join;
} views[] = {
    {PART_FROM, SHOWS_THREADS, "performance_schema.threads AS s", ""},
    {PART_FROM, SHOWS_WAITS,
     "information_schema.PROCESSLIST AS s LEFT JOIN performance_schema.threads AS h ON h.PROCESSLIST_ID = s.ID", ""},
    {PART_FROM, SHOWS_STATEMENTS,
     "information_schema.PROCESSLIST AS s LEFT JOIN performance_schema.threads AS h ON h.PROCESSLIST_ID = s.ID", ""},
    {PART_FROM, 0, "information_schema.PROCESSLIST AS s", ""},
    {PART_ID, SHOWS_THREADS, "s.PROCESSLIST_ID", ""},
    {PART_ID, 0, "s.ID", ""},
    {PART_COMMAND, SHOWS_THREADS, "s.PROCESSLIST_COMMAND", ""},
    {PART_COMMAND, 0, "s.COMMAND", ""},
    {PART_STATE, SHOWS_THREADS, "s.PROCESSLIST_STATE", ""},
    {PART_STATE, 0, "s.STATE", ""},
    {PART_USER, SHOWS_THREADS, "s.PROCESSLIST_USER", ""},
    {PART_USER, 0, "s.USER", ""},
    {PART_HOST, SHOWS_THREADS, "s.PROCESSLIST_HOST", ""},
    {PART_HOST, 0, "s.HOST", ""}, /* with a port */
    {PART_TEXT, SHOWS_THREADS, "s.PROCESSLIST_INFO", ""},
    {PART_TEXT, 0, "s.INFO", ""},
    {PART_IS_CUT, SHOWS_THREADS, "OCTET_LENGTH(s.PROCESSLIST_INFO) >= 1020", ""},
    {PART_IS_CUT, 0, "0", ""},
    {PART_EVENT, SHOWS_THREADS | SHOWS_WAITS, "w.EVENT_NAME",
     "LEFT JOIN performance_schema.events_waits_current AS w ON w.THREAD_ID = s.THREAD_ID AND w.END_EVENT_ID IS NULL "},
    {PART_EVENT, SHOWS_WAITS, "w.EVENT_NAME",
     "LEFT JOIN performance_schema.events_waits_current AS w ON w.THREAD_ID = h.THREAD_ID AND w.END_EVENT_ID IS NULL "},
    {PART_EVENT, 0, "NULL", ""},
    {PART_LAST, SHOWS_THREADS | SHOWS_STATEMENTS, "e.SQL_TEXT",
     "LEFT JOIN performance_schema.events_statements_current AS e ON e.THREAD_ID = s.THREAD_ID "
     "AND e.NESTING_EVENT_LEVEL = 0 "},
    {PART_LAST, SHOWS_STATEMENTS, "e.SQL_TEXT",
     "LEFT JOIN performance_schema.events_statements_current AS e ON e.THREAD_ID = h.THREAD_ID "
     "AND e.NESTING_EVENT_LEVEL = 0 "},
    {PART_LAST, 0, "NULL", ""},
    {PART_PROGRAM, SHOWS_THREADS, "a.ATTR_VALUE",
     "LEFT JOIN performance_schema.session_connect_attrs AS a ON a.PROCESSLIST_ID = s.PROCESSLIST_ID "
     "AND a.ATTR_NAME = 'program_name' "},
    {PART_PROGRAM, 0, "NULL", ""},
};

static const struct view *view_of(const struct waits_look *look, enum part part)
{
    size_t i = 0;

    while (views[i].part != part || (look->server_shows & views[i].needs) != views[i].needs)
        i++;
    return &views[i];
}

/* ---- the first look: what there is ---- */

static const struct target_column about_columns[] = {
    {"version", TARGET_TEXT, .max_bytes = 256},
    {"user", TARGET_TEXT, .may_be_null = true, .max_bytes = 1024},
    {"performance_schema", TARGET_BOOL, .may_be_null = true},
};
enum { ABOUT_VERSION, ABOUT_USER, ABOUT_SCHEMA };
static const struct target_statement about_statement = {
    .sql = "SELECT /* potto */ VERSION() AS potto, CURRENT_USER(), @@GLOBAL.performance_schema",
    TARGET_COLUMNS(about_columns),
    .rows_min = 1,
    .rows_max = 1,
    .cost_max = 8192};

/* What of the performance schema is switched on. */
static const struct target_column switch_columns[] = {{"name", TARGET_TEXT, .max_bytes = 128}};
static const struct target_statement switches_statement = {
    .sql = "SELECT /* potto */ NAME AS potto FROM performance_schema.setup_consumers WHERE ENABLED = 'YES' UNION ALL "
           "SELECT NAME FROM performance_schema.setup_instruments WHERE ENABLED = 'YES' "
           "AND NAME = 'wait/lock/metadata/sql/mdl'",
    TARGET_COLUMNS(switch_columns),
    .rows_max = 64,
    .cost_max = 64 << 10};
static const struct {
    struct text name;
    unsigned shows;
} switches[] = {
    {TEXT("events_waits_current"), SHOWS_WAITS},
    {TEXT("events_statements_current"), SHOWS_STATEMENTS},
    {TEXT("wait/lock/metadata/sql/mdl"), SHOWS_METADATA_LOCKS},
};

static void tell_unseen(struct waits_look *look, const char *problem, const char *remedy)
{
    snprintf(look->unseen_problem, sizeof look->unseen_problem, "%s", problem);
    snprintf(look->unseen_remedy, sizeof look->unseen_remedy, "%s", remedy);
}

/* What is not shown without a setting or a grant. */
static void tell_metadata_locks(struct waits_look *look, bool has_schema, bool is_old)
{
    const char *problem = (look->server_shows & (SHOWS_LOCK_WAITS | SHOWS_THREADS)) != 0
                              ? "Who holds metadata and user locks is not known, only who waits for them."
                              : "Who holds locks is not known, only who waits for them.";

    if ((look->server_shows & SHOWS_METADATA_LOCKS) != 0)
        return;
    if (is_old)
        tell_unseen(look, problem, "MariaDB shows it from 10.5 on.");
    else if (!has_schema)
        tell_unseen(look, problem,
                    "performance_schema = ON and performance-schema-instrument = 'wait/lock/metadata/sql/mdl=ON' under "
                    "[mysqld] in the server's configuration, and a restart.");
    else if ((look->server_shows & SHOWS_SCHEMA) == 0)
        tell_unseen(look, problem,
                    arena_printf(look->arena, "GRANT SELECT ON performance_schema.* TO %s;", look->account));
    else
        tell_unseen(look, problem,
                    "UPDATE performance_schema.setup_instruments SET ENABLED = 'YES' WHERE NAME = "
                    "'wait/lock/metadata/sql/mdl'; and performance-schema-instrument = "
                    "'wait/lock/metadata/sql/mdl=ON' under [mysqld] in the server's configuration.");
}

/* 1005 for "10.5.19-MariaDB". */
static int version_of(struct text words)
{
    struct text piece = TEXT("");
    int64_t major = 0, minor = 0;

    text_split(&words, '.', &piece);
    if (!text_to_int64(piece, &major) || !text_split(&words, '.', &piece) || !text_to_int64(piece, &minor) ||
        major < 0 || major > 1000 || minor < 0 || minor > 99)
        return 0;
    return (int)(major * 100 + minor);
}

static enum status read_switches(struct waits_look *look)
{
    struct target_rows rows;
    enum status status = waits_run(look, &switches_statement, NULL, 0, &rows);

    if (status != STATUS_OK)
        return status;
    look->server_shows |= SHOWS_SCHEMA;
    for (int row = 0; row < rows.row_count; row++)
        for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++)
            if (text_equal(target_text(&rows, row, 0), switches[i].name))
                look->server_shows |= switches[i].shows;
    return STATUS_OK;
}

static bool is_denied(const struct waits_look *look, enum status status)
{
    return status != STATUS_OK && look->failure.failure == TARGET_FAILURE_PERMISSION;
}

static enum status find_out(struct waits_look *look)
{
    struct target_rows about;
    enum status status = waits_run(look, &about_statement, NULL, 0, &about);
    bool has_schema, is_mariadb, is_old;
    int version;

    if (status != STATUS_OK)
        return status;
    is_mariadb = strstr(target_string(&about, 0, ABOUT_VERSION), "MariaDB") != NULL;
    version = version_of(target_text(&about, 0, ABOUT_VERSION));
    is_old = version < (is_mariadb ? 1005 : 800);
    has_schema = target_is_true(&about, 0, ABOUT_SCHEMA);
    look->server_shows = (is_mariadb || is_old ? SHOWS_LOCK_WAITS : 0) | (is_mariadb ? SHOWS_TIME_MS : 0);
    look->account = collect_mysql_account(target_text(&about, 0, ABOUT_USER), look->session_arena);
    if (has_schema && !is_old)
        status = read_switches(look);
    if (!is_mariadb && (look->server_shows & SHOWS_SCHEMA) != 0)
        look->server_shows |= SHOWS_THREADS;
    if (is_denied(look, status))
        status = STATUS_OK;
    tell_metadata_locks(look, has_schema, is_old);
    return status;
}

/* ---- sessions ---- */

static const struct target_column session_columns[] = {
    {"id", .kind = TARGET_COUNT},
    {"command", TARGET_TEXT, .may_be_null = true, .max_bytes = NAME_BYTES_MAX},
    {"state", TARGET_TEXT, .may_be_null = true, .max_bytes = NAME_BYTES_MAX},
    {"user", TARGET_TEXT, .may_be_null = true, .max_bytes = NAME_BYTES_MAX},
    {"host", TARGET_TEXT, .may_be_null = true, .max_bytes = NAME_BYTES_MAX},
    {"text", TARGET_TEXT, .may_be_null = true, .max_bytes = TEXT_BYTES_MAX},
    {"is_cut", TARGET_BOOL, .may_be_null = true},
    {"transaction", TARGET_TEXT, .may_be_null = true, .max_bytes = NAME_BYTES_MAX},
    {"event", TARGET_TEXT, .may_be_null = true, .max_bytes = NAME_BYTES_MAX},
    {"last", TARGET_TEXT, .may_be_null = true, .max_bytes = TEXT_BYTES_MAX},
    {"program", TARGET_TEXT, .may_be_null = true, .max_bytes = NAME_BYTES_MAX},
};
enum {
    SESSION_ID,
    SESSION_COMMAND,
    SESSION_STATE,
    SESSION_USER,
    SESSION_HOST,
    SESSION_TEXT,
    SESSION_IS_CUT,
    SESSION_TRANSACTION,
    SESSION_EVENT,
    SESSION_LAST,
    SESSION_PROGRAM
};

/* Sessions that work for nobody outside, and those that do nothing. */
#define IS_AT_WORK                                                                                                     \
    "%1$s <> CONNECTION_ID() AND %2$s NOT IN ('Sleep', 'Daemon', 'Connect', 'Connect Out', 'Binlog Dump', "            \
    "'Binlog Dump GTID', 'Slave_IO', 'Slave_SQL', 'Slave_worker', 'Delayed insert') "                                  \
    "AND coalesce(%3$s, '') NOT IN ('system user', 'event_scheduler', '')"

static const char *at_work(const struct waits_look *look)
{
    return arena_printf(look->arena, IS_AT_WORK, view_of(look, PART_ID)->column, view_of(look, PART_COMMAND)->column,
                        view_of(look, PART_USER)->column);
}

static const char *sessions_sql(const struct waits_look *look, bool wants_last, const char *where, int limit)
{
    const struct view *parts[PARTS_COUNT];

    for (int i = 0; i < PARTS_COUNT; i++)
        parts[i] = view_of(look, (enum part)i);
    return arena_printf(
        look->arena,
        "SELECT /* potto */ %s AS potto, %s, %s, %s, %s, CASE WHEN OCTET_LENGTH(%s) <= 16384 THEN %s END, %s, "
        "x.trx_state, %s, "
        "%s, %s FROM %s LEFT JOIN information_schema.INNODB_TRX AS x ON x.trx_mysql_thread_id = %s %s%s%sWHERE %s "
        "LIMIT %d",
        parts[PART_ID]->column, parts[PART_COMMAND]->column, parts[PART_STATE]->column, parts[PART_USER]->column,
        parts[PART_HOST]->column, parts[PART_TEXT]->column, parts[PART_TEXT]->column, parts[PART_IS_CUT]->column,
        parts[PART_EVENT]->column, wants_last ? parts[PART_LAST]->column : "NULL", parts[PART_PROGRAM]->column,
        parts[PART_FROM]->column, parts[PART_ID]->column, parts[PART_EVENT]->join,
        wants_last ? parts[PART_LAST]->join : "", parts[PART_PROGRAM]->join, where, limit);
}

static enum status run_sessions(struct waits_look *look, const char *sql, int max, struct target_rows *out_rows)
{
    struct target_statement statement = {
        .sql = sql, TARGET_COLUMNS(session_columns), .rows_max = max, .cost_max = COST_MAX};

    return waits_run(look, &statement, NULL, 0, out_rows);
}

static struct text without_port(const struct waits_look *look, struct text host)
{
    size_t size = host.size;

    if ((look->server_shows & SHOWS_THREADS) != 0)
        return host;
    while (size > 0 && host.data[size - 1] >= '0' && host.data[size - 1] <= '9')
        size--;
    return size > 1 && size < host.size && host.data[size - 1] == ':' ? (struct text){host.data, size - 1} : host;
}

static bool is_idle(const struct target_rows *rows, int row)
{
    return text_equal(target_text(rows, row, SESSION_COMMAND), TEXT("Sleep"));
}

static bool waits_for_row(const struct target_rows *rows, int row)
{
    return text_equal(target_text(rows, row, SESSION_TRANSACTION), TEXT("LOCK WAIT"));
}

/* A session has several rows where an event of it is within another. */
static void add_session(struct waits_look *look, const struct target_rows *rows, int row, bool is_active)
{
    int64_t id = target_int64(rows, row, SESSION_ID);
    struct mysql_wait wait = mysql_wait_of(target_text(rows, row, SESSION_STATE), target_text(rows, row, SESSION_EVENT),
                                           waits_for_row(rows, row));
    struct text sql = target_text(rows, row, SESSION_TEXT), last = target_text(rows, row, SESSION_LAST);
    struct wait_session *session = look->sessions.count == 0 ? NULL : &look->sessions.items[look->sessions.count - 1];

    if (session != NULL && session->id == id) {
        if (session->wait_class == WAIT_CLASS_CPU) {
            session->wait_class = wait.wait_class;
            session->event = wait.event;
        }
        return;
    }
    session = vector_add(&look->sessions, WAITS_SESSIONS_MAX, look->arena);
    if (session == NULL)
        return;
    *session = (struct wait_session){
        .id = id,
        .is_active = is_active,
        .wait_class = wait.wait_class,
        .event = wait.event,
        .sql = sql.size == 0 ? last : sql,
        /* The performance schema keeps so much of a text by default. */
        .is_cut = sql.size == 0 ? last.size >= 1020 : target_is_true(rows, row, SESSION_IS_CUT),
        .user = target_text(rows, row, SESSION_USER),
        .host = without_port(look, target_text(rows, row, SESSION_HOST)),
        .application = target_text(rows, row, SESSION_PROGRAM),
        .state = !is_idle(rows, row)                              ? BLOCK_STATE_ACTIVE
                 : target_is_null(rows, row, SESSION_TRANSACTION) ? BLOCK_STATE_IDLE
                                                                  : BLOCK_STATE_IDLE_IN_TRANSACTION};
}

static enum status count_sessions(struct waits_look *look)
{
    static const struct target_column columns[] = {{"count", .kind = TARGET_COUNT}};
    struct target_statement statement = {.sql = arena_printf(look->arena,
                                                             "SELECT /* potto */ COUNT(*) AS potto FROM %s WHERE %s",
                                                             view_of(look, PART_FROM)->column, at_work(look)),
                                         TARGET_COLUMNS(columns),
                                         .rows_min = 1,
                                         .rows_max = 1,
                                         .cost_max = 1024};
    struct target_rows rows;
    enum status status = waits_run(look, &statement, NULL, 0, &rows);

    if (status == STATUS_OK)
        look->active_count = target_int64(&rows, 0, 0);
    return status;
}

static enum status read_sessions(struct waits_look *look)
{
    struct target_rows rows;
    enum status status =
        run_sessions(look, sessions_sql(look, false, at_work(look), SESSIONS_READ_MAX), SESSIONS_READ_MAX, &rows);

    if (status != STATUS_OK)
        return status;
    for (int row = 0; row < rows.row_count; row++)
        add_session(look, &rows, row, true);
    look->active_count = (int64_t)look->sessions.count;
    return rows.row_count == SESSIONS_READ_MAX ? count_sessions(look) : STATUS_OK;
}

/* ---- who waits for whom ---- */

static bool has_wait(const struct waits_look *look, struct text event)
{
    for (size_t i = 0; i < look->sessions.count; i++)
        if (look->sessions.items[i].wait_class == WAIT_CLASS_LOCK && text_equal(look->sessions.items[i].event, event))
            return true;
    return false;
}

/* Those who hold a lock go before those who wait for it, too, so that a list that is cut has the former. A transaction
 * that is of no session has thread 0: a prepared one. */
static const struct target_column edge_columns[] = {
    {"waiter", .kind = TARGET_COUNT},
    {"blocker", .kind = TARGET_COUNT, .may_be_null = true},
    {"is_waiting", TARGET_BOOL, .may_be_null = true},
};
#define EDGES_STATEMENT(text)                                                                                          \
    {                                                                                                                  \
        .sql = (text), TARGET_COLUMNS(edge_columns), .rows_max = WAITS_EDGES_MAX, .cost_max = COST_MAX                 \
    }
static const struct target_statement
    edges_statement =
        EDGES_STATEMENT("SELECT /* potto */ DISTINCT waiter.trx_mysql_thread_id AS potto, holder.trx_mysql_thread_id, "
                        "holder.trx_state = 'LOCK WAIT' AS is_waiting "
                        "FROM information_schema.INNODB_LOCK_WAITS AS w "
                        "JOIN information_schema.INNODB_TRX AS waiter ON waiter.trx_id = w.requesting_trx_id "
                        "JOIN information_schema.INNODB_TRX AS holder ON holder.trx_id = w.blocking_trx_id "
                        "ORDER BY is_waiting LIMIT 4000"),
    edges_8_statement = EDGES_STATEMENT(
        "SELECT /* potto */ DISTINCT waiter.PROCESSLIST_ID AS potto, coalesce(holder.trx_mysql_thread_id, "
        "thread.PROCESSLIST_ID), holder.trx_state = 'LOCK WAIT' AS is_waiting "
        "FROM performance_schema.data_lock_waits AS w "
        "JOIN performance_schema.threads AS waiter ON waiter.THREAD_ID = w.REQUESTING_THREAD_ID "
        "LEFT JOIN performance_schema.threads AS thread ON thread.THREAD_ID = w.BLOCKING_THREAD_ID "
        "LEFT JOIN information_schema.INNODB_TRX AS holder ON holder.trx_id = w.BLOCKING_ENGINE_TRANSACTION_ID "
        "WHERE waiter.PROCESSLIST_ID IS NOT NULL ORDER BY is_waiting LIMIT 4000");
_Static_assert(WAITS_EDGES_MAX == 4000, "the statements above");

static enum status read_row_edges(struct waits_look *look)
{
    bool has_threads = (look->server_shows & SHOWS_THREADS) != 0;
    struct target_rows rows;
    enum status status = waits_run(look, has_threads ? &edges_8_statement : &edges_statement, NULL, 0, &rows);

    for (int row = 0; status == STATUS_OK && row < rows.row_count; row++)
        waits_add_edge(look, target_int64(&rows, row, 0), target_int64(&rows, row, 1));
    return status;
}

/* All locks of what somebody waits for. */
static const struct target_column lock_columns[] = {
    {"session", .kind = TARGET_COUNT, .may_be_null = true},
    {"type", TARGET_TEXT, .may_be_null = true, .max_bytes = NAME_BYTES_MAX},
    {"schema", TARGET_TEXT, .may_be_null = true, .max_bytes = NAME_BYTES_MAX},
    {"name", TARGET_TEXT, .may_be_null = true, .max_bytes = NAME_BYTES_MAX},
    {"mode", TARGET_TEXT, .may_be_null = true, .max_bytes = NAME_BYTES_MAX},
    {"is_pending", TARGET_BOOL, .may_be_null = true},
    {"is_of_transaction", TARGET_BOOL, .may_be_null = true},
};
enum { LOCK_SESSION, LOCK_TYPE, LOCK_SCHEMA, LOCK_NAME, LOCK_MODE, LOCK_IS_PENDING, LOCK_IS_OF_TRANSACTION };
static const struct target_statement locks_statement = {
    .sql = "SELECT /* potto */ t.PROCESSLIST_ID AS potto, l.OBJECT_TYPE, l.OBJECT_SCHEMA, l.OBJECT_NAME, l.LOCK_TYPE, "
           "l.LOCK_STATUS = 'PENDING', l.LOCK_DURATION = 'TRANSACTION' FROM performance_schema.metadata_locks AS l "
           "JOIN performance_schema.threads AS t ON t.THREAD_ID = l.OWNER_THREAD_ID "
           "WHERE (l.OBJECT_TYPE, coalesce(l.OBJECT_SCHEMA, ''), coalesce(l.OBJECT_NAME, '')) IN "
           "(SELECT p.OBJECT_TYPE, coalesce(p.OBJECT_SCHEMA, ''), coalesce(p.OBJECT_NAME, '') "
           "FROM performance_schema.metadata_locks AS p WHERE p.LOCK_STATUS = 'PENDING') "
           "ORDER BY l.LOCK_STATUS = 'PENDING' LIMIT 1000",
    TARGET_COLUMNS(lock_columns),
    .rows_max = MYSQL_LOCKS_MAX,
    .cost_max = COST_MAX};

/* A transaction may hold such locks and none of InnoDB's. */
static void mark_transactions(struct waits_look *look, const struct mysql_metadata_lock *locks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; locks[i].is_of_transaction && j < look->sessions.count; j++)
            if (look->sessions.items[j].id == locks[i].session_id && look->sessions.items[j].state == BLOCK_STATE_IDLE)
                look->sessions.items[j].state = BLOCK_STATE_IDLE_IN_TRANSACTION;
}

static enum status read_locks(struct waits_look *look, struct mysql_metadata_lock **out_locks, size_t *out_count)
{
    struct target_rows rows;
    enum status status = waits_run(look, &locks_statement, NULL, 0, &rows);
    struct mysql_metadata_lock *locks;

    *out_locks = NULL;
    *out_count = 0;
    if (status != STATUS_OK)
        return status;
    locks = arena_alloc_array(look->arena, (size_t)rows.row_count, sizeof *locks);
    for (int row = 0; row < rows.row_count; row++)
        locks[row] =
            (struct mysql_metadata_lock){.session_id = target_int64(&rows, row, LOCK_SESSION),
                                         .type = target_text(&rows, row, LOCK_TYPE),
                                         .schema = target_text(&rows, row, LOCK_SCHEMA),
                                         .name = target_text(&rows, row, LOCK_NAME),
                                         .mode = target_text(&rows, row, LOCK_MODE),
                                         .is_pending = target_is_true(&rows, row, LOCK_IS_PENDING),
                                         .is_of_transaction = target_is_true(&rows, row, LOCK_IS_OF_TRANSACTION)};
    *out_locks = locks;
    *out_count = (size_t)rows.row_count;
    mysql_metadata_edges(look, locks, *out_count);
    return STATUS_OK;
}

static void add_unseen_edges(struct waits_look *look)
{
    for (size_t i = 0; i < look->sessions.count; i++) {
        const struct wait_session *session = &look->sessions.items[i];
        bool is_seen = session->wait_class != WAIT_CLASS_LOCK;

        for (size_t j = 0; !is_seen && j < look->edges.count; j++)
            is_seen = look->edges.items[j].waiter == session->id;
        if (!is_seen)
            waits_add_edge(look, session->id, UNSEEN_SESSION);
    }
}

/* Whether a session that others wait for does not work: nobody listed it. */
static bool is_idle_holder(const struct waits_look *look, int64_t id)
{
    return id != 0 && id != UNSEEN_SESSION && !waits_has_session(look, id);
}

/* How long the answer may take in which sessions say since when they do what they do: as long as what was asked before
 * took. */
static int64_t answer_ms(int64_t passed_ms)
{
    return passed_ms + ANSWER_MS;
}

/* Sessions that have not begun or ended anything since the locks were read, `passed_ms` ago. What others do now is not
 * what they did when they kept somebody waiting. */
static const char *unchanged_condition(const struct waits_look *look, int64_t passed_ms)
{
    int64_t since_ms = passed_ms + answer_ms(passed_ms);

    if ((look->server_shows & SHOWS_TIME_MS) == 0)
        return "";
    return arena_printf(look->arena, " AND (s.USER = 'system user' OR s.TIME_MS >= %lld)", (long long)since_ms);
}

/* The condition that picks them. NULL: there are none. */
static const char *roots_condition(const struct waits_look *look, int64_t passed_ms)
{
    size_t room = ROOTS_MAX * 24 + 128, count = 0;
    char *condition = arena_alloc(look->arena, room);
    size_t size = (size_t)snprintf(condition, room, "%s IN (", view_of(look, PART_ID)->column);

    for (size_t i = 0; i < look->edges.count && count < ROOTS_MAX; i++) {
        int64_t id = look->edges.items[i].blocker;

        if (!is_idle_holder(look, id) || (i > 0 && look->edges.items[i - 1].blocker == id))
            continue;
        size += (size_t)snprintf(condition + size, room - size, "%s%lld", count++ == 0 ? "" : ", ", (long long)id);
    }
    snprintf(condition + size, room - size, ")%s", unchanged_condition(look, passed_ms));
    return count == 0 ? NULL : condition;
}

/* Sessions that are gone by now, or do something else: nothing of them is known but that they kept others waiting. */
static void add_gone_roots(struct waits_look *look, size_t row_edge_count)
{
    if (look->active_count >= SESSIONS_READ_MAX)
        return; /* they may be at work, and not be listed */
    for (size_t i = 0; i < look->edges.count; i++) {
        int64_t id = look->edges.items[i].blocker;
        struct wait_session *session = NULL;

        if (is_idle_holder(look, id))
            session = vector_add(&look->sessions, WAITS_SESSIONS_MAX, look->arena);
        if (session != NULL)
            *session = (struct wait_session){
                .id = id, .state = i < row_edge_count ? BLOCK_STATE_IDLE_IN_TRANSACTION : BLOCK_STATE_IDLE};
    }
}

static bool has_prepared(const struct waits_look *look)
{
    for (size_t i = 0; i < look->edges.count; i++)
        if (look->edges.items[i].blocker == 0)
            return true;
    return false;
}

/* An answer that comes too late may tell of those who have gone on: it counts for nothing. */
static enum status read_roots(struct waits_look *look, int64_t listed_us)
{
    int64_t asked_us = clock_monotonic_us(), passed_ms = (asked_us - listed_us) / 1000 + 1, late_us;
    const char *condition = roots_condition(look, passed_ms);
    struct wait_session *prepared =
        has_prepared(look) ? vector_add(&look->sessions, WAITS_SESSIONS_MAX, look->arena) : NULL;
    struct target_rows rows;
    enum status status;

    if (prepared != NULL)
        *prepared = (struct wait_session){.id = 0, .state = BLOCK_STATE_PREPARED};
    if (condition == NULL)
        return STATUS_OK;
    status = run_sessions(look, sessions_sql(look, true, condition, SESSIONS_READ_MAX), SESSIONS_READ_MAX, &rows);
    late_us = clock_monotonic_us() - asked_us - answer_ms(passed_ms) * 1000;
    if ((look->server_shows & SHOWS_TIME_MS) != 0 && late_us > 0)
        return status;
    for (int row = 0; status == STATUS_OK && row < rows.row_count; row++)
        add_session(look, &rows, row, false);
    return status;
}

/* ---- the look ---- */

/* What InnoDB says of transactions is of one moment in a look: it answers from a copy for a tenth of a second. */
static enum status look_once(struct waits_look *look)
{
    struct mysql_metadata_lock *locks = NULL;
    size_t count = 0, row_edge_count;
    enum status status = look->is_first ? find_out(look) : STATUS_OK;
    int64_t listed_us = clock_monotonic_us();

    if (status == STATUS_OK)
        status = read_sessions(look);
    if (status == STATUS_OK && (look->server_shows & (SHOWS_LOCK_WAITS | SHOWS_THREADS)) != 0 &&
        has_wait(look, TEXT("row")))
        status = read_row_edges(look);
    row_edge_count = look->edges.count;
    if (status == STATUS_OK && (look->server_shows & SHOWS_METADATA_LOCKS) != 0 &&
        (has_wait(look, TEXT("metadata")) || has_wait(look, TEXT("user"))))
        status = read_locks(look, &locks, &count);
    if (status != STATUS_OK)
        return status;
    add_unseen_edges(look);
    status = read_roots(look, listed_us);
    add_gone_roots(look, row_edge_count);
    mark_transactions(look, locks, count);
    return status;
}

enum status collect_mysql_look(struct waits_look *look)
{
    enum status status = look_once(look);

    if (!is_denied(look, status))
        return status;
    snprintf(look->failure.problem, sizeof look->failure.problem, "The user may not see what sessions of others do.");
    snprintf(look->failure.remedy, sizeof look->failure.remedy,
             (look->server_shows & SHOWS_LOCK_WAITS) != 0
                 ? "GRANT PROCESS ON *.* TO %1$s;"
                 : "GRANT PROCESS ON *.* TO %1$s; GRANT SELECT ON performance_schema.* TO %1$s;",
             look->account == NULL ? "…" : look->account);
    return status;
}
