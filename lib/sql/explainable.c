/* May a statement be given to EXPLAIN? Anything not understood is refused: a wrong "no" costs a plan, a wrong "yes"
 * could change somebody's data. */
#include "sql/lexer.h"

/* Words that, without quotes, change or lock something at any position. */
static const char *const refused_words[] = {
    "into", "insert",  "update", "delete",   "merge",     "truncate", "drop",    "alter", "create", "grant",  "revoke",
    "copy", "outfile", "infile", "dumpfile", "procedure", "handler",  "execute", "call",  "vacuum", "refresh"};

/* Functions that wait, lock, read or write files, contact other servers or advance sequences. EXPLAIN runs none of them
 * in PostgreSQL; in MySQL and MariaDB it may run a derived table. `*` at the end of a name stands for any rest. */
static const char *const refused_functions[] = {"sleep",
                                                "benchmark",
                                                "get_lock",
                                                "release_lock",
                                                "release_all_locks",
                                                "load_file",
                                                "master_pos_wait",
                                                "source_pos_wait",
                                                "master_gtid_wait",
                                                "wait_for_executed_gtid_set",
                                                "wait_until_sql_thread_after_gtids",
                                                "last_insert_id",
                                                "nextval",
                                                "setval",
                                                "lastval",
                                                "sys_*",
                                                "lib_mysqludf*",
                                                "set_config",
                                                "pg_sleep*",
                                                "pg_read_*",
                                                "pg_ls_*",
                                                "pg_stat_file",
                                                "pg_write_*",
                                                "pg_file_*",
                                                "lo_*",
                                                "lowrite",
                                                "loread",
                                                "dblink*",
                                                "pg_advisory_*",
                                                "pg_try_advisory_*",
                                                "pg_terminate_backend",
                                                "pg_cancel_backend",
                                                "pg_reload_conf",
                                                "pg_rotate_logfile",
                                                "pg_switch_*",
                                                "pg_create_*",
                                                "pg_drop_*",
                                                "pg_replication_*",
                                                "pg_logical_*",
                                                "pg_promote",
                                                "pg_start_*",
                                                "pg_stop_*",
                                                "pg_backup_*",
                                                "pg_wal_*",
                                                "pg_stat_reset*",
                                                "pg_stat_statements_reset",
                                                "pg_notify",
                                                "pg_import_*",
                                                "pg_export_snapshot",
                                                "query_to_*",
                                                "table_to_*",
                                                "schema_to_*",
                                                "database_to_*",
                                                "cursor_to_*",
                                                "pg_execute_*",
                                                "ts_stat",
                                                "crosstab*",
                                                "xpath_table",
                                                "connectby"};

static bool is_refused_word(struct sql_token token)
{
    return sql_token_is_one_of(token, refused_words, sizeof refused_words / sizeof refused_words[0]);
}

static bool is_refused_function(struct sql_token token)
{
    struct text name = token.text;

    if (token.kind == TOKEN_NAME) {
        if (name.size < 2 || (name.data[0] != '"' && name.data[0] != '`'))
            return true; /* U&"…" can hold any name, as escapes */
        name.data++;
        name.size -= 2;
    }
    for (size_t i = 0; i < sizeof refused_functions / sizeof refused_functions[0]; i++) {
        struct text refused = text_of(refused_functions[i]);
        struct text start = name;

        if (refused.data[refused.size - 1] == '*') {
            refused.size--;
            if (start.size > refused.size)
                start.size = refused.size;
        }
        if (text_equal_nocase(start, refused))
            return true;
    }
    return false;
}

/* FOR UPDATE is not here: "update" is a refused word. */
static bool is_locking(struct sql_token before, struct sql_token token)
{
    if (sql_token_is(before, TEXT("for")))
        return sql_token_is(token, TEXT("share")) || sql_token_is(token, TEXT("no")) ||
               sql_token_is(token, TEXT("key"));
    return (sql_token_is(before, TEXT("lock")) && sql_token_is(token, TEXT("in"))) ||
           (sql_token_is(before, TEXT("next")) && sql_token_is(token, TEXT("value"))) ||
           (sql_token_is(before, TEXT("previous")) && sql_token_is(token, TEXT("value")));
}

static bool is_query_verb(struct sql_token token)
{
    return sql_token_is(token, TEXT("select")) || sql_token_is(token, TEXT("values")) ||
           sql_token_is(token, TEXT("table"));
}

bool sql_is_explainable(enum sql_dialect dialect, struct text sql)
{
    struct sql_lexer lexer;
    struct sql_token token, before = {TOKEN_END, {NULL, 0}};
    bool has_begun = false, has_query = false, is_first = false, has_ended = false;
    size_t depth = 0, begin_depth = 0;

    /* For the server a NUL would end the text early, and bytes that are not UTF-8 depend on an encoding. */
    if (dialect == SQL_DIALECT_UNSET || text_valid_utf8(sql) != sql.size)
        return false;
    sql_lexer_init(&lexer, dialect, sql);
    while ((token = sql_lexer_next(&lexer)).kind != TOKEN_END) {
        if (lexer.has_executable || lexer.has_unterminated || lexer.has_ambiguous || has_ended)
            return false;
        is_first = false;
        if (token.kind == TOKEN_SEMICOLON) {
            has_ended = true;
            continue;
        }
        if (!has_begun && token.kind != TOKEN_OPEN) {
            if (!is_query_verb(token) && !sql_token_is(token, TEXT("with")))
                return false;
            has_begun = is_first = true;
            begin_depth = depth;
        }
        if (depth == begin_depth && is_query_verb(token) && (before.kind == TOKEN_CLOSE || is_first))
            has_query = true; /* after WITH's expressions a query must follow */
        if (token.kind == TOKEN_OPEN)
            depth++;
        if (token.kind == TOKEN_CLOSE && depth-- == 0)
            return false;
        if (sql_token_is(before, TEXT("with")) && token.kind != TOKEN_WORD && token.kind != TOKEN_NAME)
            return false;
        if (is_refused_word(token) || is_locking(before, token))
            return false;
        if (token.kind == TOKEN_OPEN && (before.kind == TOKEN_WORD || before.kind == TOKEN_NAME) &&
            is_refused_function(before))
            return false;
        if (token.kind == TOKEN_OPERATOR && text_equal(token.text, TEXT(":=")) && dialect == SQL_DIALECT_MYSQL)
            return false;
        if (token.kind == TOKEN_OTHER && token.text.data[0] == '\\')
            return false;
        before = token;
    }
    return has_query && depth == 0 && !lexer.has_executable && !lexer.has_unterminated && !lexer.has_ambiguous;
}
