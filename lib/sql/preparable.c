/* From a text of pg_stat_statements to one that PREPARE takes. The literals of such a text are $1, $2, …, also where
 * the grammar wants a literal and no parameter: DATE $1 is no expression. */
#include "base/buffer.h"
#include "base/vector.h"
#include "sql/lexer.h"

enum {
    TOKENS_MAX = 20000,
    PARAMETERS_MAX = 1000,
    TOKEN_GROWTH_BYTES_MAX = 8 /* "::", two blanks, and a number with three digits more; or "epoch" for "$1" */
};

struct tokens {
    struct sql_token *items;
    size_t count, capacity;
};

/* Words that a value may follow. Any other word before a parameter is the name of a type. */
static const char *const syntax_words[] = {
    "all",       "and",      "any",   "array",     "as",        "asymmetric", "between",  "both",   "by",
    "case",      "content",  "cube",  "default",   "distinct",  "document",   "else",     "escape", "except",
    "fetch",     "filter",   "first", "for",       "from",      "groups",     "having",   "ilike",  "in",
    "intersect", "into",     "is",    "isnull",    "join",      "leading",    "like",     "limit",  "next",
    "not",       "notnull",  "of",    "offset",    "on",        "only",       "operator", "or",     "overlaps",
    "placing",   "passing",  "range", "repeat",    "returning", "rollup",     "row",      "rows",   "select",
    "set",       "similar",  "some",  "symmetric", "then",      "to",         "trailing", "union",  "using",
    "values",    "variadic", "when",  "where",     "with",      "zone"};

static bool is_syntax(struct sql_token token)
{
    return sql_token_is_one_of(token, syntax_words, sizeof syntax_words / sizeof syntax_words[0]);
}

/* n of $n; 0: not a parameter. */
static int parameter_of(struct sql_token token)
{
    struct text digits = token.text;
    int64_t number = 0;

    if (token.kind != TOKEN_CONSTANT || digits.size < 2 || digits.data[0] != '$')
        return 0;
    digits.data++;
    digits.size--;
    return text_to_int64(digits, &number) && number > 0 && number <= PARAMETERS_MAX ? (int)number : 0;
}

static bool is_word(const struct tokens *tokens, size_t at, const char *word)
{
    return sql_token_is(tokens->items[at], text_of(word));
}

/* Where the parenthesis with the numbers of a type begins that ends before `end`: NUMERIC(10, 2). `end`: there is none.
 */
static size_t modifier_begins(const struct tokens *tokens, size_t end)
{
    size_t at = end;

    if (end == 0 || tokens->items[end - 1].kind != TOKEN_CLOSE)
        return end;
    for (at = end - 1; at > 0; at--) {
        enum sql_token_kind kind = tokens->items[at - 1].kind;

        if (kind == TOKEN_OPEN)
            return at - 1;
        if (kind != TOKEN_COMMA && (kind != TOKEN_CONSTANT || parameter_of(tokens->items[at - 1]) != 0))
            return end;
    }
    return end;
}

/* TIMESTAMP WITH TIME ZONE has its words before `end`; returns where WITH or WITHOUT is. */
static size_t zone_begins(const struct tokens *tokens, size_t end)
{
    if (end >= 3 && is_word(tokens, end - 1, "zone") && is_word(tokens, end - 2, "time") &&
        (is_word(tokens, end - 3, "with") || is_word(tokens, end - 3, "without")))
        return end - 3;
    return end;
}

/* The first token of the type whose name ends before `end`. `end`: no type's name does. */
static size_t type_begins(const struct tokens *tokens, size_t end)
{
    size_t at = modifier_begins(tokens, zone_begins(tokens, end));
    struct sql_token last;

    if (at == 0)
        return end;
    last = tokens->items[at - 1];
    if ((last.kind != TOKEN_WORD && last.kind != TOKEN_NAME) || is_syntax(last))
        return end;
    at--;
    if (at > 0 && ((is_word(tokens, at, "precision") && is_word(tokens, at - 1, "double")) ||
                   (is_word(tokens, at, "varying") && tokens->items[at - 1].kind == TOKEN_WORD)))
        return at - 1;
    while (at >= 2 && tokens->items[at - 1].kind == TOKEN_DOT &&
           (tokens->items[at - 2].kind == TOKEN_WORD || tokens->items[at - 2].kind == TOKEN_NAME))
        at -= 2;
    return at;
}

/* EXTRACT($1 FROM …): any field has the same plan. */
static bool is_extracted_field(const struct tokens *tokens, size_t at)
{
    return at >= 2 && at + 1 < tokens->count && tokens->items[at - 1].kind == TOKEN_OPEN &&
           is_word(tokens, at - 2, "extract") && is_word(tokens, at + 1, "from");
}

struct writer {
    const struct tokens *tokens;
    struct buffer out;
    int numbers[PARAMETERS_MAX + 1]; /* of parameters in the result; 0: not met yet */
    int last_number;
};

/* Parameters are numbered anew, since PREPARE refuses a gap. */
static void write_parameter(struct writer *writer, int old_number)
{
    int *number = &writer->numbers[old_number];

    if (*number == 0)
        *number = ++writer->last_number;
    buffer_printf(&writer->out, "$%d", *number);
}

/* Tokens [from, to), and what is between them. */
static void write_tokens(struct writer *writer, size_t from, size_t to)
{
    const struct sql_token *items = writer->tokens->items;

    if (from < to) {
        const char *begin = items[from].text.data, *end = items[to - 1].text.data + items[to - 1].text.size;

        buffer_append(&writer->out, begin, (size_t)(end - begin));
    }
}

/* Tokens from `at` on, up to and with the next parameter. Returns the place of that one; the count: there is none. */
static size_t write_piece(struct writer *writer, size_t at)
{
    const struct tokens *tokens = writer->tokens;
    size_t place = at, type;
    int number = 0;

    while (place < tokens->count && (number = parameter_of(tokens->items[place])) == 0)
        place++;
    type = number == 0 ? place : type_begins(tokens, place);
    if (type < at)
        type = place;
    write_tokens(writer, at, type);
    buffer_append_byte(&writer->out, ' ');
    if (number != 0 && is_extracted_field(tokens, place)) {
        buffer_append_string(&writer->out, "epoch");
    } else if (number != 0) {
        write_parameter(writer, number);
        if (type < place)
            buffer_append_string(&writer->out, "::");
        write_tokens(writer, type, place);
    }
    buffer_append_byte(&writer->out, ' ');
    return place;
}

struct text sql_preparable(struct text sql, struct arena *arena)
{
    struct tokens tokens = {.count = 0};
    struct writer writer = {.tokens = &tokens};
    struct sql_lexer lexer;
    struct sql_token token;

    sql_lexer_init(&lexer, SQL_DIALECT_POSTGRESQL, sql);
    while ((token = sql_lexer_next(&lexer)).kind != TOKEN_END) {
        struct sql_token *added = vector_add(&tokens, TOKENS_MAX, arena);

        if (added == NULL)
            return sql;
        *added = token;
    }
    if (lexer.has_unterminated || lexer.has_ambiguous)
        return sql;
    buffer_init(&writer.out, sql.size + TOKEN_GROWTH_BYTES_MAX * tokens.count);
    for (size_t at = 0; at < tokens.count; at++)
        at = write_piece(&writer, at);
    if (!writer.out.has_failed && writer.out.size_bytes > 0)
        sql = (struct text){arena_copy(arena, writer.out.data, writer.out.size_bytes), writer.out.size_bytes};
    buffer_free(&writer.out);
    return sql;
}
