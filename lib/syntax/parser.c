/* Tokens and nodes, the beginning and the end of reading a statement; see parser.h. */
#include "syntax/parser.h"

enum { PROBLEM_TOKENS_MAX = SYNTAX_NODES_MAX };

void parser_fail(struct parser *p, const char *message)
{
    if (p->has_failed)
        return;
    p->has_failed = true;
    p->status = STATUS_MALFORMED;
    p->problem = (struct syntax_problem){message, p->tokens[p->at].from};
    p->at = p->token_count - 1;
}

static void fail_too_large(struct parser *p, const char *message)
{
    if (p->has_failed)
        return;
    parser_fail(p, message);
    p->status = STATUS_TOO_LARGE;
}

struct text token_text(const struct parser *p, size_t ahead)
{
    const struct token *token = token_at(p, ahead);

    return (struct text){p->sql.data + token->from, token->to - token->from};
}

bool is_operator(const struct parser *p, size_t ahead, const char *spelling)
{
    return token_at(p, ahead)->kind == TOKEN_OPERATOR && text_equal(token_text(p, ahead), text_of(spelling));
}

bool is_string(const struct parser *p, size_t ahead)
{
    struct text text = token_text(p, ahead);

    return token_at(p, ahead)->kind == TOKEN_CONSTANT && text.size > 1 &&
           (memchr(text.data, '\'', text.size) != NULL || text.data[0] == '"' || text.data[text.size - 1] == '"' ||
            (text.data[0] == '$' && text.data[text.size - 1] == '$'));
}

bool is_symbol(const struct parser *p, size_t ahead, char byte)
{
    return token_at(p, ahead)->kind == TOKEN_OTHER && p->sql.data[token_at(p, ahead)->from] == byte;
}

bool are_adjacent(const struct parser *p, size_t ahead)
{
    return token_at(p, ahead)->to == token_at(p, ahead + 1)->from;
}

void expect(struct parser *p, enum word word)
{
    if (!take(p, word))
        parser_fail(p, "another word belongs here");
}

void expect_kind(struct parser *p, enum sql_token_kind kind)
{
    if (!take_kind(p, kind))
        parser_fail(p, kind == TOKEN_CLOSE  ? "a closing parenthesis belongs here"
                       : kind == TOKEN_OPEN ? "an opening parenthesis belongs here"
                                            : "another sign belongs here");
}

bool take_words(struct parser *p, const enum word *words)
{
    size_t count = 0;

    for (; words[count] != W_NONE; count++)
        if (word_at(p, count) != words[count])
            return false;
    skip(p, count);
    return true;
}

bool enter(struct parser *p)
{
    if (++p->levels > PARSER_LEVELS_MAX)
        fail_too_large(p, "too many levels inside each other");
    return !p->has_failed;
}

void leave(struct parser *p)
{
    p->levels--;
}

/* The blank between two tokens. Strings that are one in PostgreSQL need a line break between them; two signs of MySQL
 * would begin a comment if a blank came to stand behind them. */
static struct text blank_between(const struct parser *p, const struct token *left, const struct token *right)
{
    bool is_split_string = left->kind == TOKEN_CONSTANT && right->kind == TOKEN_CONSTANT;
    bool is_comment = p->is_mysql && p->sql.data[right->from - 1] == '-' && p->sql.data[right->from] == '-';

    if (left->to == right->from)
        return is_comment ? TEXT(" ") : TEXT("");
    return is_split_string && !p->is_mysql ? TEXT("\n") : TEXT(" ");
}

struct text phrase(const struct parser *p, size_t from)
{
    size_t size = 0, count = p->at > from ? p->at - from : 0;
    char *text;

    if (count == 0 || p->has_failed)
        return TEXT("");
    if (count == 1)
        return (struct text){p->sql.data + p->tokens[from].from, p->tokens[from].to - p->tokens[from].from};
    for (size_t i = from; i < p->at; i++)
        size += p->tokens[i].to - p->tokens[i].from + 1;
    text = arena_alloc(p->arena, size);
    size = 0;
    for (size_t i = from; i < p->at; i++) {
        const struct token *token = &p->tokens[i];
        struct text blank = i == from ? TEXT("") : blank_between(p, token - 1, token);

        memcpy(text + size, blank.data, blank.size);
        size += blank.size;
        memcpy(text + size, p->sql.data + token->from, token->to - token->from);
        size += token->to - token->from;
    }
    return (struct text){text, size};
}

node *node_make(struct parser *p, enum syntax_kind kind, size_t from, node *const *items, size_t count)
{
    node *made = arena_zalloc(p->arena, sizeof *made);

    made->kind = (uint16_t)kind;
    made->from = p->tokens[from].from;
    made->to = p->at > from ? p->tokens[p->at - 1].to : made->from;
    made->count = (uint32_t)count;
    made->depth = 1;
    if (count > 0)
        made->items = arena_copy(p->arena, items, count * sizeof *items);
    for (size_t i = 0; i < count; i++) {
        if (items[i] == NULL)
            continue;
        if (items[i]->depth >= made->depth)
            made->depth = items[i]->depth + 1;
        if (items[i]->from < made->from)
            made->from = items[i]->from;
    }
    if (made->depth > SYNTAX_DEPTH_MAX)
        fail_too_large(p, "too many levels inside each other");
    if (++p->nodes > SYNTAX_NODES_MAX)
        fail_too_large(p, "too many parts");
    return made;
}

node *list_make(struct parser *p, enum syntax_kind kind, size_t from, const node_list *list)
{
    return node_make(p, kind, from, list->items, list->count);
}

node *leaf_make(struct parser *p, enum syntax_kind kind, size_t from)
{
    node *made = node_make(p, kind, from, NULL, 0);

    made->text = phrase(p, from);
    return made;
}

node *leaf_of_form(struct parser *p, enum syntax_kind kind, size_t from, enum syntax_form form)
{
    node *made = leaf_make(p, kind, from);

    made->form = (uint16_t)form;
    return made;
}

void list_add(struct parser *p, node_list *list, node *item)
{
    if (item != NULL)
        *vector_push(list, p->arena) = item;
}

node *list_parse(struct parser *p, node *(*item)(struct parser *p))
{
    node_list list = {0};
    size_t from = p->at;

    do {
        node *made = item(p);

        if (made == NULL)
            parser_fail(p, "a part of the list is missing");
        list_add(p, &list, made);
    } while (take_kind(p, TOKEN_COMMA));
    return list_make(p, SYNTAX_LIST, from, &list);
}

node *parens_parse(struct parser *p, node *(*item)(struct parser *p))
{
    node *list;

    expect_kind(p, TOKEN_OPEN);
    list = list_parse(p, item);
    expect_kind(p, TOKEN_CLOSE);
    return list;
}

static node *raw_parse(struct parser *p, bool ends_at_comma)
{
    size_t from = p->at, opens = 0;

    for (; !sees_kind(p, TOKEN_END) && !sees_kind(p, TOKEN_SEMICOLON); skip(p, 1)) {
        if (opens == 0 && (sees_kind(p, TOKEN_CLOSE) || (ends_at_comma && sees_kind(p, TOKEN_COMMA))))
            break;
        if (sees_kind(p, TOKEN_OPEN))
            opens++;
        else if (sees_kind(p, TOKEN_CLOSE))
            opens--;
    }
    return p->at == from ? NULL : leaf_make(p, SYNTAX_RAW, from);
}

node *raw_to_close(struct parser *p)
{
    return raw_parse(p, false);
}

node *raw_to_comma(struct parser *p)
{
    return raw_parse(p, true);
}

node *raw_words_take(struct parser *p, const enum word *words)
{
    size_t from = p->at;
    bool is_taken = true;

    while (is_taken) {
        is_taken = false;
        for (size_t i = 0; words[i] != W_NONE && !is_taken; i++)
            is_taken = take(p, words[i]);
    }
    return p->at == from ? NULL : leaf_make(p, SYNTAX_RAW, from);
}

/* The tokens of the statement; the last one is TOKEN_END. */
static void tokens_read(struct parser *p)
{
    VECTOR(struct token) tokens = {0};
    struct sql_lexer lexer;
    struct sql_token read;

    sql_lexer_init(&lexer, p->dialect, p->sql);
    do {
        struct token *token = vector_push(&tokens, p->arena);
        size_t from;

        read = sql_lexer_next(&lexer);
        from = read.text.size == 0 ? p->sql.size : (size_t)(read.text.data - p->sql.data);
        *token = (struct token){.kind = read.kind, .from = (uint32_t)from, .to = (uint32_t)(from + read.text.size)};
        if (read.kind == TOKEN_WORD)
            token->word = (uint16_t)word_find(read.text);
    } while (read.kind != TOKEN_END && tokens.count < PROBLEM_TOKENS_MAX);
    tokens.items[tokens.count - 1].kind = TOKEN_END;
    tokens.items[tokens.count - 1].word = W_NONE;
    for (size_t i = tokens.count; i-- > 0;)
        tokens.items[i].after_opens =
            (uint32_t)(tokens.items[i].kind != TOKEN_OPEN ? i : tokens.items[i + 1].after_opens);
    p->tokens = tokens.items;
    p->token_count = tokens.count;
    if (read.kind != TOKEN_END)
        fail_too_large(p, "too many words");
    if (lexer.has_unterminated) {
        p->at = tokens.count - 1;
        parser_fail(p, "a string, name or comment does not end");
    }
}

enum status syntax_parse(enum sql_dialect dialect, struct text sql, struct arena *arena, struct syntax_tree *out_tree,
                         struct syntax_problem *out_problem)
{
    struct parser p = {.dialect = dialect, .is_mysql = dialect == SQL_DIALECT_MYSQL, .sql = sql, .arena = arena};
    node *root;

    if (sql.size > SYNTAX_BYTES_MAX) {
        *out_problem = (struct syntax_problem){"the statement is too long", SYNTAX_BYTES_MAX};
        return STATUS_TOO_LARGE;
    }
    tokens_read(&p);
    root = statement_parse(&p);
    take_kind(&p, TOKEN_SEMICOLON);
    if (!sees_kind(&p, TOKEN_END))
        parser_fail(&p, "this word or sign cannot stand here");
    if (p.has_failed) {
        *out_problem = p.problem;
        return p.status;
    }
    *out_tree = (struct syntax_tree){dialect, sql, root, p.nodes};
    return STATUS_OK;
}
