/* The tables that a statement reads or writes: the names after FROM, JOIN, INTO, UPDATE, TABLE and the like, but not
 * functions, common table expressions or the FROM of EXTRACT and IS DISTINCT FROM. There is no grammar: each token is
 * read once, with one state for each open parenthesis. */
#include "sql/lexer.h"

enum { DEPTH_MAX = 64, EXPRESSIONS_MAX = 256 };

enum expect {
    EXPECT_NOTHING,
    EXPECT_TABLE,    /* the next name is a table */
    EXPECT_MORE,     /* after a table: a comma means that another follows */
    EXPECT_ONE_ONLY, /* the next name is a table, but a comma brings no other: ALTER TABLE t ADD a int, ADD b int */
};

/* WITH name (columns) AS MATERIALIZED (query), … */
enum with { WITH_NONE, WITH_NAME, WITH_AS, WITH_QUERY, WITH_COMMA };

struct level {
    enum expect expect;
    enum with with;
    bool is_call;          /* arguments of a function: FROM belongs to the function, until a SELECT is seen */
    bool may_have_columns; /* a parenthesis after the expected name lists columns: INSERT INTO t (a) */
    bool is_recursive;
    struct text expression; /* the common table expression being defined */
};

struct table_scan {
    enum sql_dialect dialect;
    struct arena *arena;
    struct text *tables;
    size_t count, max;
    struct text expressions[EXPRESSIONS_MAX]; /* names of the common table expressions seen so far */
    size_t expression_count;
    struct level levels[DEPTH_MAX]; /* deeper levels share the last one */
    size_t depth;
    struct sql_token verb; /* the last word that began a statement, query or clause with rules of its own */
};

static struct level *level_of(struct table_scan *scan)
{
    return &scan->levels[scan->depth < DEPTH_MAX ? scan->depth : DEPTH_MAX - 1];
}

static bool is_any(struct sql_token token, const char *words)
{
    struct text list = text_of(words), word;

    if (token.kind != TOKEN_WORD)
        return false;
    while (text_split(&list, ' ', &word))
        if (text_equal_nocase(token.text, word))
            return true;
    return false;
}

static bool name_equal(const struct table_scan *scan, struct text left, struct text right)
{
    return scan->dialect == SQL_DIALECT_MYSQL ? text_equal(left, right) : text_equal_nocase(left, right);
}

static void expression_add(struct table_scan *scan, struct text name)
{
    if (scan->expression_count < EXPRESSIONS_MAX)
        scan->expressions[scan->expression_count++] = name;
}

static void table_add(struct table_scan *scan, struct text name, bool is_qualified)
{
    if (!is_qualified) {
        if (scan->dialect == SQL_DIALECT_MYSQL && text_equal_nocase(name, TEXT("dual")))
            return;
        for (size_t i = 0; i < scan->expression_count; i++)
            if (text_equal_nocase(name, scan->expressions[i]))
                return;
    }
    for (size_t i = 0; i < scan->count; i++)
        if (name_equal(scan, scan->tables[i], name))
            return;
    if (scan->count < scan->max)
        scan->tables[scan->count++] = name;
}

/* Read the name that begins with `token`, with its schema and database. Returns the token after it. */
static struct sql_token read_name(struct table_scan *scan, struct sql_lexer *lexer, struct sql_token token,
                                  struct text *out_name, bool *out_is_qualified)
{
    struct text name = sql_token_name(token, scan->arena);
    struct sql_token next = sql_lexer_next(lexer);

    *out_is_qualified = false;
    for (int parts = 1; next.kind == TOKEN_DOT && parts < 4; parts++) {
        struct sql_token part = sql_lexer_next(lexer);
        struct text more;
        char *joined;

        if (part.kind != TOKEN_WORD && part.kind != TOKEN_NAME) {
            next = part;
            break;
        }
        more = sql_token_name(part, scan->arena);
        joined = arena_alloc(scan->arena, name.size + 1 + more.size);
        memcpy(joined, name.data, name.size);
        joined[name.size] = '.';
        memcpy(joined + name.size + 1, more.data, more.size);
        name = (struct text){joined, name.size + 1 + more.size};
        *out_is_qualified = true;
        next = sql_lexer_next(lexer);
    }
    *out_name = name;
    return next;
}

/* Decide from a word whether tables follow. `before` is the token before it. */
static void read_word(struct table_scan *scan, struct sql_token before, struct sql_token word)
{
    struct level *level = level_of(scan);
    bool begins = before.kind == TOKEN_END || before.kind == TOKEN_OPEN || before.kind == TOKEN_CLOSE ||
                  before.kind == TOKEN_SEMICOLON ||
                  is_any(before, "explain analyze verbose as all union except intersect");

    if (is_any(word, "select values")) {
        level->expect = EXPECT_NOTHING;
        level->is_call = false;
        scan->verb = word;
    } else if (is_any(word, "from")) {
        if (level->is_call || is_any(before, "distinct") || is_any(scan->verb, "grant revoke fetch move copy"))
            return;
        level->expect = EXPECT_TABLE;
        level->may_have_columns = false;
    } else if ((is_any(word, "join") && !is_any(before, "for")) ||
               (is_any(word, "straight_join") && !is_any(before, "select"))) {
        level->expect = EXPECT_TABLE;
        level->may_have_columns = false;
    } else if (is_any(word, "into")) {
        level->expect = EXPECT_ONE_ONLY;
        level->may_have_columns = true;
    } else if (is_any(word, "update") && begins) {
        level->expect = EXPECT_TABLE;
        level->may_have_columns = false;
        scan->verb = word;
    } else if (is_any(word, "delete merge grant revoke fetch move") && begins) {
        level->expect = EXPECT_NOTHING;
        scan->verb = word;
    } else if (is_any(word, "insert replace") && begins && scan->dialect == SQL_DIALECT_MYSQL) {
        level->expect = EXPECT_ONE_ONLY; /* MySQL may omit INTO */
        level->may_have_columns = true;
        scan->verb = word;
    } else if (is_any(word, "using") && is_any(scan->verb, "delete merge")) {
        level->expect = EXPECT_TABLE;
        level->may_have_columns = true;
    } else if (is_any(word, "table") || (is_any(word, "tables") && is_any(before, "lock")) ||
               (is_any(word, "truncate copy describe vacuum") && begins)) {
        bool is_list = is_any(word, "truncate tables") || is_any(before, "drop truncate lock analyze optimize check");

        level->expect = is_list ? EXPECT_TABLE : EXPECT_ONE_ONLY;
        level->may_have_columns = true;
        scan->verb = word;
    } else if (is_any(word, "index") && !is_any(before, "use force ignore add drop rename")) {
        scan->verb = word;
    } else if (is_any(word, "on") && is_any(scan->verb, "index")) {
        level->expect = EXPECT_ONE_ONLY; /* CREATE INDEX … ON t */
        level->may_have_columns = true;
        scan->verb = before;
    } else if (is_any(word, "with") && before.kind != TOKEN_WORD) {
        level->with = WITH_NAME;
        level->is_recursive = false;
    } else if (is_any(word, "with") && (begins || is_any(scan->verb, "insert into"))) {
        level->with = WITH_NAME;
        level->is_recursive = false;
    } else if (is_any(word, "where set group order having limit union except intersect returning window for default "
                            "fetch offset when as")) {
        if (!is_any(word, "as for") || level->expect != EXPECT_MORE) /* an alias or FOR SYSTEM_TIME ends no list */
            level->expect = EXPECT_NOTHING;
    }
}

/* A word that may stand between a word such as FROM and the table? */
static bool is_modifier(struct sql_token token)
{
    return is_any(token, "only lateral if not exists ignore low_priority delayed high_priority quick table into "
                         "full freeze verbose analyze concurrently temporary");
}

/* Follow WITH … AS (…). True if the token belongs to it. */
static bool read_with(struct table_scan *scan, struct sql_token token)
{
    struct level *level = level_of(scan);

    switch (level->with) {
    case WITH_NAME:
        if (is_any(token, "recursive")) {
            level->is_recursive = true;
            return true;
        }
        level->with = WITH_NONE;
        if (token.kind != TOKEN_WORD && token.kind != TOKEN_NAME)
            return false;
        level->expression = sql_token_name(token, scan->arena);
        level->with = WITH_AS;
        return true;
    case WITH_AS:
        if (token.kind == TOKEN_OPEN)
            return false; /* the list of its columns */
        level->with = WITH_NONE;
        if (!is_any(token, "as"))
            return false;
        level->with = WITH_QUERY;
        if (level->is_recursive)
            expression_add(scan, level->expression); /* visible in its own query */
        return true;
    case WITH_QUERY:
        if (is_any(token, "not materialized"))
            return true;
        if (token.kind == TOKEN_OPEN)
            level->with = WITH_COMMA;
        else
            level->with = WITH_NONE;
        return false;
    case WITH_COMMA:
        expression_add(scan, level->expression);
        level->with = token.kind == TOKEN_COMMA ? WITH_NAME : WITH_NONE;
        return token.kind == TOKEN_COMMA;
    default:
        return false;
    }
}

static void open_level(struct table_scan *scan, struct sql_token before)
{
    struct level *outer = level_of(scan);
    bool is_list = outer->expect == EXPECT_TABLE && !outer->may_have_columns;

    if (outer->expect == EXPECT_TABLE || outer->expect == EXPECT_ONE_ONLY)
        outer->expect = outer->expect == EXPECT_TABLE ? EXPECT_MORE : EXPECT_NOTHING;
    scan->depth++;
    if (scan->depth < DEPTH_MAX)
        *level_of(scan) = (struct level){
            .expect = is_list ? EXPECT_TABLE : EXPECT_NOTHING,
            .is_call = !is_list && (before.kind == TOKEN_WORD || before.kind == TOKEN_NAME) && !is_any(before, "as in"),
        };
}

size_t sql_tables(enum sql_dialect dialect, struct text sql, struct text *out_tables, size_t max, struct arena *arena)
{
    struct table_scan *scan = arena_zalloc(arena, sizeof *scan);
    struct sql_lexer lexer;
    struct sql_token token, before = {TOKEN_END, {NULL, 0}};

    scan->dialect = dialect;
    scan->arena = arena;
    scan->tables = out_tables;
    scan->max = max;
    sql_lexer_init(&lexer, dialect, sql);
    token = sql_lexer_next(&lexer);
    while (token.kind != TOKEN_END && scan->count < max) {
        struct level *level = level_of(scan);
        struct sql_token next = {TOKEN_END, {NULL, 0}};
        bool is_expected = level->expect == EXPECT_TABLE || level->expect == EXPECT_ONE_ONLY;

        if (level->with != WITH_NONE && read_with(scan, token)) {
            before = token;
            token = sql_lexer_next(&lexer);
            continue;
        }
        if (is_expected &&
            (token.kind == TOKEN_NAME || (token.kind == TOKEN_WORD && !is_modifier(token) &&
                                          !is_any(token, "select with values set outfile dumpfile on")))) {
            struct text name;
            bool is_qualified;

            next = read_name(scan, &lexer, token, &name, &is_qualified);
            if ((next.kind != TOKEN_OPEN || level->may_have_columns) &&
                !(is_any(token, "rows") && is_any(next, "from")))
                table_add(scan, name, is_qualified);
            level->expect = level->expect == EXPECT_TABLE ? EXPECT_MORE : EXPECT_NOTHING;
            before = token;
            token = next;
            continue;
        }
        if (token.kind == TOKEN_WORD && before.kind != TOKEN_DOT) {
            if (!is_expected || !is_modifier(token))
                read_word(scan, before, token);
        } else if (token.kind == TOKEN_COMMA && level->expect == EXPECT_MORE) {
            level->expect = EXPECT_TABLE;
        } else if (token.kind == TOKEN_OPEN) {
            open_level(scan, before);
        } else if (token.kind == TOKEN_CLOSE && scan->depth > 0) {
            scan->depth--;
        } else if (token.kind == TOKEN_SEMICOLON) {
            scan->depth = 0;
            scan->levels[0] = (struct level){.expect = EXPECT_NOTHING};
        } else if (is_expected && (token.kind == TOKEN_CONSTANT || token.kind == TOKEN_OPERATOR)) {
            level->expect = EXPECT_NOTHING; /* INTO @x, COPY … FROM 'file' */
        }
        before = token;
        token = sql_lexer_next(&lexer);
    }
    return scan->count;
}
