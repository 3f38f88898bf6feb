/* What a statement does: its first word, or for WITH the first verb after the common table expressions. */
#include "sql/statement_kind.h"

#include "sql/bytes16.h"
#include "sql/scan.h"

static const struct verb {
    char word[16]; /* padded with zeros; all 16 bytes are compared at once */
    enum sql_kind kind;
} verbs[] = {
    {"select", SQL_KIND_SELECT},
    {"insert", SQL_KIND_INSERT},
    {"update", SQL_KIND_UPDATE},
    {"delete", SQL_KIND_DELETE},
    {"values", SQL_KIND_SELECT},
    {"table", SQL_KIND_SELECT},
    {"merge", SQL_KIND_MERGE},
    {"replace", SQL_KIND_REPLACE},
    {"begin", SQL_KIND_TRANSACTION},
    {"commit", SQL_KIND_TRANSACTION},
    {"rollback", SQL_KIND_TRANSACTION},
    {"start", SQL_KIND_TRANSACTION},
    {"savepoint", SQL_KIND_TRANSACTION},
    {"release", SQL_KIND_TRANSACTION},
    {"abort", SQL_KIND_TRANSACTION},
    {"end", SQL_KIND_TRANSACTION},
    {"xa", SQL_KIND_TRANSACTION},
    {"create", SQL_KIND_DDL},
    {"alter", SQL_KIND_DDL},
    {"drop", SQL_KIND_DDL},
    {"truncate", SQL_KIND_DDL},
    {"rename", SQL_KIND_DDL},
    {"comment", SQL_KIND_DDL},
    {"grant", SQL_KIND_DDL},
    {"revoke", SQL_KIND_DDL},
    {"security", SQL_KIND_DDL},
    {"reindex", SQL_KIND_DDL},
    {"refresh", SQL_KIND_DDL},
    {"reassign", SQL_KIND_DDL},
    {"import", SQL_KIND_DDL},
    {"set", SQL_KIND_UTILITY},
    {"reset", SQL_KIND_UTILITY},
    {"show", SQL_KIND_UTILITY},
    {"explain", SQL_KIND_UTILITY},
    {"describe", SQL_KIND_UTILITY},
    {"desc", SQL_KIND_UTILITY},
    {"analyze", SQL_KIND_UTILITY},
    {"analyse", SQL_KIND_UTILITY},
    {"vacuum", SQL_KIND_UTILITY},
    {"copy", SQL_KIND_UTILITY},
    {"lock", SQL_KIND_UTILITY},
    {"unlock", SQL_KIND_UTILITY},
    {"use", SQL_KIND_UTILITY},
    {"prepare", SQL_KIND_UTILITY},
    {"execute", SQL_KIND_UTILITY},
    {"deallocate", SQL_KIND_UTILITY},
    {"call", SQL_KIND_UTILITY},
    {"do", SQL_KIND_UTILITY},
    {"listen", SQL_KIND_UTILITY},
    {"unlisten", SQL_KIND_UTILITY},
    {"notify", SQL_KIND_UTILITY},
    {"declare", SQL_KIND_UTILITY},
    {"fetch", SQL_KIND_UTILITY},
    {"move", SQL_KIND_UTILITY},
    {"close", SQL_KIND_UTILITY},
    {"cluster", SQL_KIND_UTILITY},
    {"checkpoint", SQL_KIND_UTILITY},
    {"discard", SQL_KIND_UTILITY},
    {"load", SQL_KIND_UTILITY},
    {"optimize", SQL_KIND_UTILITY},
    {"check", SQL_KIND_UTILITY},
    {"checksum", SQL_KIND_UTILITY},
    {"repair", SQL_KIND_UTILITY},
    {"flush", SQL_KIND_UTILITY},
    {"kill", SQL_KIND_UTILITY},
    {"handler", SQL_KIND_UTILITY},
    {"purge", SQL_KIND_UTILITY},
    {"change", SQL_KIND_UTILITY},
    {"stop", SQL_KIND_UTILITY},
    {"install", SQL_KIND_UTILITY},
    {"uninstall", SQL_KIND_UTILITY},
    {"cache", SQL_KIND_UTILITY},
    {"help", SQL_KIND_UTILITY},
    {"binlog", SQL_KIND_UTILITY},
    {"shutdown", SQL_KIND_UTILITY},
    {"signal", SQL_KIND_UTILITY},
    {"resignal", SQL_KIND_UTILITY},
    {"get", SQL_KIND_UTILITY},
};

static const char *const names[SQL_KIND_COUNT] = {"unset",   "select", "insert",      "update",  "delete", "merge",
                                                  "replace", "ddl",    "transaction", "utility", "other"};

const char *sql_kind_name(enum sql_kind kind)
{
    return (unsigned)kind < SQL_KIND_COUNT ? names[kind] : names[SQL_KIND_OTHER];
}

enum sql_dialect sql_dialect_of(struct text name)
{
    const struct engine *engine = engine_find(name);

    return engine == NULL ? SQL_DIALECT_UNSET : engine->dialect;
}

/* `word` ends at `end` or before the first byte that cannot be part of a word. */
static enum sql_kind kind_of_word(const uint8_t *word, const uint8_t *end)
{
    uint8_t padded[16] = {0};
    size_t size = 0;
    bytes16 lower;

    while (word + size < end && size < sizeof padded && scan_is_word_byte(word[size])) {
        padded[size] = word[size];
        size++;
    }
    lower = bytes16_lower(bytes16_load(padded));
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (bytes16_mask((bytes16)(bytes16_load(verbs[i].word) == lower)) == 0xFFFF)
            return verbs[i].kind;
    return SQL_KIND_OTHER;
}

static bool is_query(enum sql_kind kind)
{
    return kind >= SQL_KIND_SELECT && kind <= SQL_KIND_REPLACE;
}

/* The first byte that is `one`, `two` or `three`; `end` if there is none. */
static const uint8_t *find_any(const uint8_t *at, const uint8_t *end, uint8_t one, uint8_t two, uint8_t three)
{
    for (; end - at >= 16; at += 16) {
        bytes16 bytes = bytes16_load(at);
        uint32_t found =
            bytes16_mask(bytes16_equal(bytes, one) | bytes16_equal(bytes, two) | bytes16_equal(bytes, three));

        if (found != 0)
            return at + __builtin_ctz(found);
    }
    while (at < end && *at != one && *at != two && *at != three)
        at++;
    return at;
}

/* After WITH: the first verb that follows a closing parenthesis. Quoted names are skipped; in the canonical text
 * nothing else can hold a stray parenthesis. */
static enum sql_kind kind_after_with(uint8_t quote, const uint8_t *at, const uint8_t *end)
{
    size_t depth = 0;

    while ((at = find_any(at, end, '(', ')', quote)) < end) {
        uint8_t byte = *at++;
        bool is_terminated;

        if (byte == quote) {
            at = scan_quoted(at, end, quote, false, &is_terminated);
        } else if (byte == '(') {
            depth++;
        } else if (depth > 0 && --depth == 0 && end - at > 1 && at[0] == ' ') {
            enum sql_kind kind = kind_of_word(at + 1, end);

            if (is_query(kind))
                return kind;
        }
    }
    return SQL_KIND_OTHER;
}

/* WITH … SEARCH or CYCLE …: the first verb outside parentheses. */
static enum sql_kind kind_after_clauses(uint8_t quote, const uint8_t *at, const uint8_t *end)
{
    size_t depth = 0;

    while (at < end) {
        const uint8_t *start = at;
        bool is_terminated;

        if (*at == quote) {
            at = scan_quoted(at + 1, end, quote, false, &is_terminated);
        } else if (scan_is_word_byte(*at)) {
            at = scan_word(at, end);
            if (depth == 0 && is_query(kind_of_word(start, end)))
                return kind_of_word(start, end);
        } else {
            depth += *at == '(';
            depth -= *at == ')' && depth > 0;
            at++;
        }
    }
    return SQL_KIND_OTHER;
}

#define STARTS(at, end, prefix)                                                                                        \
    ((size_t)((end) - (at)) >= sizeof(prefix) - 1 && memcmp(at, prefix, sizeof(prefix) - 1) == 0)

enum sql_kind statement_kind(enum sql_dialect dialect, struct text canonical)
{
    const uint8_t *at = (const uint8_t *)canonical.data, *end = at + canonical.size;
    uint8_t quote = dialect == SQL_DIALECT_MYSQL ? '`' : '"';
    enum sql_kind kind;

    if (STARTS(at, end, "select "))
        return SQL_KIND_SELECT;
    if (canonical.size == 7 && STARTS(at, end, "(empty)"))
        return SQL_KIND_UNSET;
    while (at < end && (*at == '(' || *at == ' '))
        at++;
    if (at == end || !scan_is_word_byte(*at))
        return SQL_KIND_UNSET;
    if (STARTS(at, end, "with ")) {
        kind = kind_after_with(quote, at + 5, end);
        return kind == SQL_KIND_OTHER ? kind_after_clauses(quote, at + 5, end) : kind;
    }
    if (STARTS(at, end, "prepare transaction"))
        return SQL_KIND_TRANSACTION;
    return kind_of_word(at, end);
}
