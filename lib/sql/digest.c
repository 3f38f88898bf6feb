/* What MySQL says of a statement; see digest.h. */
#include "sql/digest.h"

#include <string.h>

#include "base/buffer.h"
#include "sql/keyword.h"
#include "sql/lexer.h"

enum { COLUMNS_MAX = 4096 };

static const struct text any_value = {"?", 1}, values = {"?*", 2}, value_list = {"(?)", 3}, values_list = {"(?*)", 4};

/* The words that a digest has for others. */
static const struct {
    const char *digest, *usual;
} synonyms[] = {
    {"varcharacter", "varchar"}, {"character", "char"},          {"integer", "int"},
    {"distinctrow", "distinct"}, {"sql_tsi_second", "second"},   {"sql_tsi_minute", "minute"},
    {"sql_tsi_hour", "hour"},    {"sql_tsi_day", "day"},         {"sql_tsi_week", "week"},
    {"sql_tsi_month", "month"},  {"sql_tsi_quarter", "quarter"}, {"sql_tsi_year", "year"},
};

static struct text usual_word(struct text word)
{
    for (size_t i = 0; i < sizeof synonyms / sizeof synonyms[0]; i++)
        if (text_equal_nocase(word, text_of(synonyms[i].digest)))
            return text_of(synonyms[i].usual);
    return word;
}

/* ---- a statement ---- */

struct reader {
    struct sql_lexer lexer;
    struct buffer out;
    struct sql_token before, token, next;
    /* Names in the innermost parenthesis that is open or was closed last; 0: it has more than names. */
    size_t names;
    size_t columns; /* of the INSERT whose VALUES are read; 0: unknown */
};

static void step(struct reader *reader)
{
    reader->before = reader->token;
    reader->token = reader->next;
    reader->next = sql_lexer_next(&reader->lexer);
}

static bool is_operator(struct sql_token token, char operator)
{
    return token.kind == TOKEN_OPERATOR && token.text.size == 1 && token.text.data[0] == operator;
}

static bool is_question(struct sql_token token)
{
    return token.kind == TOKEN_CONSTANT && text_equal(token.text, any_value);
}

/* Whether `(` begins "(...)", and then goes on behind it. */
static bool take_values(struct reader *reader)
{
    struct text rest = {reader->token.text.data, (size_t)((const char *)reader->lexer.end - reader->token.text.data)};

    if (!text_starts(rest, TEXT("(...)")))
        return false;
    while (reader->next.kind == TOKEN_DOT)
        reader->next = sql_lexer_next(&reader->lexer);
    reader->token.kind = TOKEN_CLOSE;
    reader->next = sql_lexer_next(&reader->lexer);
    return true;
}

/* A list of more than one value, as often as such lists have so many. */
static void write_values(struct reader *reader)
{
    bool is_insert = sql_token_is(reader->before, TEXT("values")) || sql_token_is(reader->before, TEXT("value"));
    size_t count = is_insert ? reader->columns : sql_token_is(reader->before, TEXT("in")) ? 1 : 2;

    buffer_append_string(&reader->out, "(?");
    for (size_t i = 1; i < count; i++)
        buffer_append_string(&reader->out, ",?");
    buffer_append_string(&reader->out, ")");
}

/* A function that is no word of the grammar stands in quotes. */
static bool is_called(const struct reader *reader)
{
    static const char *const tables[] = {"into", "table", "update", "from", "join", "references", "exists"};

    if (reader->next.kind != TOKEN_OPEN || reader->before.kind == TOKEN_DOT)
        return false;
    if (sql_token_is_one_of(reader->before, tables, sizeof tables / sizeof tables[0]))
        return false;
    for (size_t i = 1; i + 1 < reader->token.text.size; i++) {
        char byte = reader->token.text.data[i];

        if (!(byte >= 'a' && byte <= 'z') && !(byte >= 'A' && byte <= 'Z') && !(byte >= '0' && byte <= '9') &&
            byte != '_')
            return false;
    }
    return reader->token.text.size > 2;
}

static void count_names(struct reader *reader)
{
    switch (reader->token.kind) {
    case TOKEN_OPEN:
        reader->names = 1;
        break;
    case TOKEN_COMMA:
        reader->names += reader->names > 0 && reader->names < COLUMNS_MAX;
        break;
    case TOKEN_NAME:
    case TOKEN_CLOSE:
        break;
    case TOKEN_WORD:
        if (reader->before.kind == TOKEN_CLOSE &&
            (sql_token_is(reader->token, TEXT("values")) || sql_token_is(reader->token, TEXT("value"))))
            reader->columns = reader->names;
        break;
    default:
        reader->names = 0;
        break;
    }
}

static void write_token(struct reader *reader)
{
    struct text text = reader->token.text;

    if (reader->token.kind == TOKEN_OPEN && take_values(reader)) {
        write_values(reader);
    } else if (is_operator(reader->token, '-') && is_question(reader->next)) {
        buffer_append_string(&reader->out, "-0"); /* whose minus it is, the fingerprint knows */
        step(reader);
    } else if (is_operator(reader->token, '@') && is_question(reader->next)) {
        buffer_append_string(&reader->out, "@x");
        step(reader);
    } else if (reader->token.kind == TOKEN_NAME && is_called(reader)) {
        buffer_append(&reader->out, text.data + 1, text.size - 2);
    } else if (sql_token_is(reader->token, TEXT("character")) && sql_token_is(reader->next, TEXT("set"))) {
        buffer_append_text(&reader->out, text);
    } else if (reader->token.kind == TOKEN_WORD) {
        buffer_append_text(&reader->out, usual_word(text));
    } else {
        buffer_append_text(&reader->out, text);
    }
}

/* Is it "(_charset)"? It belongs to the constant after it. */
static bool skip_charset(struct reader *reader)
{
    if (reader->token.kind != TOKEN_OPEN || !sql_token_is(reader->next, TEXT("_charset")))
        return false;
    step(reader);
    step(reader);
    return true;
}

struct text sql_digest_statement(struct text digest, struct arena *arena)
{
    struct reader reader = {.names = 0};
    struct text statement;

    sql_lexer_init(&reader.lexer, SQL_DIALECT_MYSQL, digest);
    buffer_init(&reader.out, digest.size * 4 + 4 * COLUMNS_MAX);
    step(&reader);
    for (step(&reader); reader.token.kind != TOKEN_END; step(&reader)) {
        bool is_apart = reader.token.text.data > digest.data && reader.token.text.data[-1] == ' ';

        if (skip_charset(&reader))
            continue;
        if (is_apart && reader.out.size_bytes > 0)
            buffer_append_byte(&reader.out, ' ');
        count_names(&reader);
        write_token(&reader);
    }
    statement = TEXT("");
    if (reader.out.size_bytes > 0)
        statement = (struct text){arena_string(arena, reader.out.data, reader.out.size_bytes), reader.out.size_bytes};
    buffer_free(&reader.out);
    return statement;
}

/* ---- a shape ---- */

enum { DEPTH_MAX = 64 };

struct shape {
    struct text *tokens;
    size_t count;
    size_t opened[DEPTH_MAX]; /* where the parentheses that are open begin */
    size_t depth;
};

static bool ends_with(const struct shape *shape, size_t back, struct text text)
{
    return shape->count >= back && text_equal(shape->tokens[shape->count - back], text);
}

static bool ends_with_values(const struct shape *shape, size_t back)
{
    return ends_with(shape, back, any_value) || ends_with(shape, back, values);
}

static void add_value(struct shape *shape, bool is_more)
{
    if (ends_with(shape, 1, TEXT("-")))
        shape->count--;
    if (ends_with(shape, 1, TEXT(",")) && ends_with_values(shape, 2)) {
        shape->count--;
        shape->tokens[shape->count - 1] = values;
    } else {
        shape->tokens[shape->count++] = is_more ? values : any_value;
    }
}

/* A parenthesis like the one before it, after a comma, is left out: rows. */
static void leave_out_row(struct shape *shape, size_t begin)
{
    size_t size = shape->count - begin;

    if (begin < size + 1 || !text_equal(shape->tokens[begin - 1], TEXT(",")))
        return;
    for (size_t i = 0; i < size; i++)
        if (!text_equal(shape->tokens[begin - 1 - size + i], shape->tokens[begin + i]))
            return;
    shape->count = begin - 1;
}

static void close(struct shape *shape)
{
    size_t begin;

    shape->tokens[shape->count++] = TEXT(")");
    if (shape->depth == 0)
        return;
    begin = shape->opened[--shape->depth];
    if (shape->count == begin + 3 && ends_with_values(shape, 2)) {
        bool is_list = begin > 0 && text_equal(shape->tokens[begin - 1], TEXT("in"));

        shape->tokens[begin] = is_list || ends_with(shape, 2, any_value) ? value_list : values_list;
        shape->count = begin + 1;
    }
    leave_out_row(shape, begin);
}

static void open(struct shape *shape)
{
    if (shape->depth < DEPTH_MAX)
        shape->opened[shape->depth++] = shape->count;
    shape->tokens[shape->count++] = TEXT("(");
}

static struct text lower(struct text word, struct arena *arena)
{
    char *copy = arena_alloc(arena, word.size);

    for (size_t i = 0; i < word.size; i++)
        copy[i] = (char)(word.data[i] >= 'A' && word.data[i] <= 'Z' ? word.data[i] | 0x20 : word.data[i]);
    return (struct text){copy, word.size};
}

static void add_word(struct shape *shape, struct sql_token token, struct arena *arena)
{
    static const char *const constants[] = {"null", "true", "false"};

    if (sql_token_is_one_of(token, constants, sizeof constants / sizeof constants[0]))
        add_value(shape, false);
    else if (sql_token_is(token, TEXT("_charset")) && ends_with(shape, 1, TEXT("(")))
        shape->count--; /* and its end is not read */
    else
        shape->tokens[shape->count++] = usual_word(lower(sql_token_name(token, arena), arena));
}

static void add_operator(struct shape *shape, struct text operator)
{
    shape->tokens[shape->count++] = text_equal(operator, TEXT("!=")) ? TEXT("<>") : operator;
}

/* What begins with `token`. `dots`: of "..." so far. */
static void add(struct shape *shape, struct sql_lexer *lexer, struct sql_token token, struct arena *arena, int *dots)
{
    switch (token.kind) {
    case TOKEN_CONSTANT:
        if (ends_with(shape, 1, TEXT("@")))
            shape->count--;
        add_value(shape, false);
        break;
    case TOKEN_DOT:
        if (++*dots < 3) {
            shape->tokens[shape->count++] = token.text;
            break;
        }
        *dots = 0;
        shape->count -= 2;
        add_value(shape, true);
        break;
    case TOKEN_WORD:
    case TOKEN_NAME:
        add_word(shape, token, arena);
        if (sql_token_is(token, TEXT("_charset"))) {
            if (shape->depth > 0)
                shape->depth--;
            sql_lexer_next(lexer);
        }
        break;
    case TOKEN_OPEN:
        open(shape);
        break;
    case TOKEN_CLOSE:
        close(shape);
        break;
    default:
        add_operator(shape, token.text);
        break;
    }
}

static struct text join(const struct shape *shape, struct arena *arena)
{
    size_t size = 0;
    char *joined, *at;

    for (size_t i = 0; i < shape->count; i++)
        size += shape->tokens[i].size + 1;
    joined = at = arena_alloc(arena, size + 1);
    for (size_t i = 0; i < shape->count; i++) {
        memcpy(at, shape->tokens[i].data, shape->tokens[i].size);
        at += shape->tokens[i].size;
        *at++ = ' ';
    }
    return (struct text){joined, size};
}

struct text sql_digest_shape(struct text sql, struct arena *arena)
{
    struct shape shape = {.tokens = arena_alloc_array(arena, sql.size + 1, sizeof *shape.tokens)};
    struct sql_lexer lexer;
    struct sql_token token;
    int dots = 0;

    sql_lexer_init(&lexer, SQL_DIALECT_MYSQL, sql);
    for (token = sql_lexer_next(&lexer); token.kind != TOKEN_END; token = sql_lexer_next(&lexer)) {
        if (token.kind != TOKEN_DOT)
            dots = 0;
        add(&shape, &lexer, token, arena, &dots);
    }
    return join(&shape, arena);
}

bool sql_digest_shape_begins(struct text digest, struct text statement)
{
    static const char *const open_ends[] = {"( ", ", ", "? ", "?* ", ". ", "- "};
    bool is_open = true;

    while (is_open) { /* of a list that was cut off nothing is known */
        is_open = false;
        for (size_t i = 0; i < sizeof open_ends / sizeof open_ends[0]; i++)
            if (text_ends(digest, text_of(open_ends[i]))) {
                digest.size -= strlen(open_ends[i]);
                is_open = true;
            }
    }
    return digest.size > 0 && text_starts(statement, digest);
}
