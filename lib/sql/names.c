/* Names that are values; see names.h. A statement is changed only if all of it is understood, so that the fingerprint
 * of a fingerprint is itself. */
#include "sql/names.h"

#include "sql/scan.h"

enum {
    NAMES_MAX = 64, /* statements and assignments of one text that are looked at; each may make it a byte longer */
    WORDS_MAX = 5   /* before a name */
};

struct names {
    enum sql_dialect dialect;
    char *text, *canonical;
    size_t size;
    size_t at, end; /* the next token of the statement, and the statement's end */
    int left;       /* of NAMES_MAX */
};

/* One token of the shape: [at, end); empty at the statement's end. */
struct piece {
    size_t at, end;
};

static bool is_name_byte(char byte)
{
    return scan_is_word_byte((uint8_t)byte) || byte == '.' || byte == '@';
}

static char quote_of_names(const struct names *names)
{
    return names->dialect == SQL_DIALECT_MYSQL ? '`' : '"';
}

static struct piece piece_at(const struct names *names, size_t at)
{
    const char *canonical = names->canonical;
    char quote = quote_of_names(names);
    struct piece piece;
    bool is_terminated;

    while (at < names->end && canonical[at] == ' ')
        at++;
    piece = (struct piece){at, at};
    if (at == names->end)
        return piece;
    if (names->end - at > 3 && quote == '"' && memcmp(canonical + at, "U&\"", 3) == 0)
        piece.end += 2;
    if (canonical[piece.end] == quote) {
        const uint8_t *after =
            scan_quoted((const uint8_t *)canonical + piece.end + 1, (const uint8_t *)canonical + names->end,
                        (uint8_t)quote, false, &is_terminated);

        piece.end = (size_t)((const char *)after - canonical);
        return piece;
    }
    while (piece.end < names->end && is_name_byte(canonical[piece.end]))
        piece.end++;
    if (piece.end == at)
        piece.end++;
    return piece;
}

static bool piece_is(const struct names *names, struct piece piece, const char *word)
{
    size_t size = strlen(word);

    return piece.end - piece.at == size && memcmp(names->canonical + piece.at, word, size) == 0;
}

/* MySQL's canonical bytes keep the case of words that may be names. */
static bool piece_is_any(const struct names *names, struct piece piece, const char *words)
{
    struct text left = text_of(words), word;

    while (text_split(&left, ' ', &word))
        if (text_equal_nocase(word, (struct text){names->canonical + piece.at, piece.end - piece.at}))
            return true;
    return false;
}

static bool piece_is_name(const struct names *names, struct piece piece)
{
    char first = names->canonical[piece.at];

    return piece.end > piece.at && (scan_is_word_byte((uint8_t)first) || first == quote_of_names(names));
}

static bool is_end(const struct names *names, struct piece piece)
{
    return piece.at >= names->end;
}

/* Take the word if it is next. */
static bool names_take(struct names *names, const char *word)
{
    struct piece piece = piece_at(names, names->at);

    if (!piece_is(names, piece, word))
        return false;
    names->at = piece.end;
    return true;
}

/* Put `?` for [from, to), and go on after it. A name and a parenthesis have no blank between them; a constant and a
 * parenthesis have one. */
static void names_put(struct names *names, size_t from, size_t to)
{
    bool is_before_open = to < names->end && names->canonical[to] == '(';
    size_t put = is_before_open ? 2 : 1, left = names->size - to;

    memmove(names->text + from + put, names->text + to, left);
    memmove(names->canonical + from + put, names->canonical + to, left);
    memcpy(names->text + from, "? ", put);
    memcpy(names->canonical + from, "? ", put);
    names->size = names->size - to + from + put;
    names->end = names->end - to + from + put;
    names->at = from + put;
}

enum follows { FOLLOWS_END, FOLLOWS_PAYLOAD, FOLLOWS_CALL, FOLLOWS_BODY, FOLLOWS_CURSOR };

static bool follows(const struct names *names, struct piece next, enum follows what)
{
    switch (what) {
    case FOLLOWS_PAYLOAD:
        return is_end(names, next) || piece_is(names, next, ",");
    case FOLLOWS_CALL:
        return is_end(names, next) || piece_is(names, next, "(") || piece_is_any(names, next, "using");
    case FOLLOWS_BODY:
        return piece_is_any(names, next, "( as from");
    case FOLLOWS_CURSOR:
        return piece_is_any(names, next, "cursor binary insensitive asensitive no scroll");
    default:
        return is_end(names, next);
    }
}

enum { IN_POSTGRESQL = 1, IN_MYSQL = 2, IN_OTHER = 4, IN_EVERY = 7 };

/* Where a name stands: after the words, of which those in [] may be missing. It stays if it is `kept`. */
static const struct place {
    int dialects;
    const char *words[WORDS_MAX];
    enum follows follows;
    const char *kept;
} places[] = {
    {IN_EVERY, {"savepoint"}, FOLLOWS_END, ""},
    {IN_EVERY, {"release", "[savepoint]"}, FOLLOWS_END, "savepoint"},
    {IN_EVERY, {"rollback", "[work]", "[transaction]", "to", "[savepoint]"}, FOLLOWS_END, "savepoint"},
    {IN_POSTGRESQL | IN_MYSQL, {"deallocate", "[prepare]"}, FOLLOWS_END, "all prepare"},
    {IN_MYSQL, {"drop", "prepare"}, FOLLOWS_END, ""},
    {IN_POSTGRESQL | IN_MYSQL, {"execute"}, FOLLOWS_CALL, "immediate"},
    {IN_POSTGRESQL | IN_MYSQL, {"prepare"}, FOLLOWS_BODY, "transaction"},
    {IN_POSTGRESQL, {"listen"}, FOLLOWS_END, ""},
    {IN_POSTGRESQL, {"unlisten"}, FOLLOWS_END, ""},
    {IN_POSTGRESQL, {"notify"}, FOLLOWS_PAYLOAD, ""},
    {IN_POSTGRESQL, {"declare"}, FOLLOWS_CURSOR, ""},
    {IN_POSTGRESQL, {"close"}, FOLLOWS_END, "all"},
    {IN_POSTGRESQL, {"set", "[session]", "[local]", "role"}, FOLLOWS_END, ""},
    {IN_POSTGRESQL, {"set", "session", "authorization"}, FOLLOWS_END, "default"},
    {IN_POSTGRESQL, {"set", "local", "session", "authorization"}, FOLLOWS_END, "default"},
    {IN_POSTGRESQL, {"set", "[session]", "[local]", "time", "zone"}, FOLLOWS_END, "default local"},
    {IN_MYSQL, {"set", "names"}, FOLLOWS_END, "default"},
    {IN_MYSQL, {"set", "charset"}, FOLLOWS_END, "default"},
    {IN_MYSQL, {"set", "character", "set"}, FOLLOWS_END, "default"},
    {IN_MYSQL, {"set", "role"}, FOLLOWS_END, "default none all"},
};

static bool take_words(struct names *names, const struct place *place, size_t start)
{
    names->at = start;
    for (int i = 0; i < WORDS_MAX && place->words[i] != NULL; i++) {
        char word[16] = {0};
        size_t size = strlen(place->words[i]);

        if (place->words[i][0] == '[')
            names_take(names, memcpy(word, place->words[i] + 1, size - 2));
        else if (!names_take(names, place->words[i]))
            return false;
    }
    return true;
}

static int dialect_bit(enum sql_dialect dialect)
{
    if (dialect == SQL_DIALECT_UNSET)
        return IN_OTHER;
    return dialect == SQL_DIALECT_MYSQL ? IN_MYSQL : IN_POSTGRESQL;
}

/* Returns true if the statement is one of `places`, whether it has a name or not. */
static bool fold_place(struct names *names, size_t start)
{
    int dialect = dialect_bit(names->dialect);

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct piece name;

        if ((places[i].dialects & dialect) == 0 || !take_words(names, &places[i], start))
            continue;
        name = piece_at(names, names->at);
        if (piece_is_name(names, name) && !piece_is_any(names, name, places[i].kept) &&
            follows(names, piece_at(names, name.end), places[i].follows)) {
            names_put(names, name.at, name.end);
            return true;
        }
    }
    return false;
}

/* PostgreSQL: SET [SESSION | LOCAL] name {= | TO} values: whatever they are, they are one. DEFAULT is none. */
static void fold_setting(struct names *names)
{
    struct piece piece;

    if (!names_take(names, "session"))
        names_take(names, "local");
    piece = piece_at(names, names->at);
    if (!piece_is_name(names, piece))
        return;
    names->at = piece.end;
    if (!names_take(names, "=") && !names_take(names, "to"))
        return;
    if (names->at == names->end || names->canonical[names->at] != ' ')
        return; /* a longer operator */
    piece = piece_at(names, names->at);
    if (!is_end(names, piece) && !(piece_is(names, piece, "default") && is_end(names, piece_at(names, piece.end))))
        names_put(names, piece.at, names->end);
}

/* The next assignment of MySQL's SET, to behind its comma. A value that is one bare word is none of its words. */
static void fold_assignment(struct names *names, bool is_statement)
{
    struct piece piece, next;
    size_t depth = 0;
    bool is_seen = false;

    while (!is_end(names, piece = piece_at(names, names->at))) {
        names->at = piece.end;
        if (depth == 0 && piece_is(names, piece, ","))
            return;
        depth += piece_is(names, piece, "(");
        depth -= depth > 0 && piece_is(names, piece, ")");
        if (is_seen || depth > 0 || !piece_is(names, piece, "="))
            continue;
        is_seen = true;
        piece = piece_at(names, names->at);
        next = piece_at(names, piece.end);
        if (piece_is_name(names, piece) && names->canonical[piece.at] != '@' &&
            !piece_is_any(names, piece, "default") &&
            (is_end(names, next) || piece_is(names, next, ",") || (is_statement && piece_is(names, next, "for"))))
            names_put(names, piece.at, piece.end);
    }
}

/* FETCH and MOVE: the cursor's name is the last of the words and numbers. */
static void fold_last(struct names *names)
{
    struct piece last = piece_at(names, names->at), next;

    for (; piece_is_name(names, last) || piece_is(names, last, "?"); last = next) {
        next = piece_at(names, last.end);
        if (is_end(names, next)) {
            names_put(names, last.at, last.end);
            return;
        }
    }
}

static void fold_statement(struct names *names)
{
    size_t start = names->at;

    if (fold_place(names, start))
        return;
    names->at = start;
    if (names->dialect == SQL_DIALECT_POSTGRESQL && (names_take(names, "fetch") || names_take(names, "move"))) {
        fold_last(names);
    } else if (names->dialect == SQL_DIALECT_POSTGRESQL && names_take(names, "set")) {
        fold_setting(names);
    } else if (names->dialect == SQL_DIALECT_MYSQL && names_take(names, "set")) {
        bool is_statement = names_take(names, "statement");

        for (; names->left > 0 && names->at < names->end; names->left--)
            fold_assignment(names, is_statement);
    }
}

/* The end of the statement at `at`: quoted names may hold semicolons, nothing else of a shape does. */
static size_t statement_end(const struct names *names, size_t at)
{
    char quote = quote_of_names(names);
    bool is_terminated;

    for (; at < names->size && names->canonical[at] != ';'; at++)
        if (names->canonical[at] == quote)
            at = (size_t)((const char *)scan_quoted((const uint8_t *)names->canonical + at + 1,
                                                    (const uint8_t *)names->canonical + names->size, (uint8_t)quote,
                                                    false, &is_terminated) -
                          names->canonical) -
                 1;
    return at;
}

size_t names_fold(enum sql_dialect dialect, bool has_semicolon, char *text, char *canonical, size_t size)
{
    struct names names = {
        .dialect = dialect, .text = text, .canonical = canonical, .size = size, .end = size, .left = NAMES_MAX};

    /* The body of a function is no statement of a session. */
    if (size > 7 && (memcmp(canonical, "create ", 7) == 0 || memcmp(canonical, "alter ", 6) == 0))
        return size;
    for (; names.left > 0 && names.at < names.size; names.left--) {
        if (has_semicolon)
            names.end = statement_end(&names, names.at);
        fold_statement(&names);
        names.at = names.end + 1;
        names.end = names.size;
    }
    return names.size;
}
