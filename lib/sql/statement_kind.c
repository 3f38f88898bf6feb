/* What a statement does: its first word, or for WITH the first verb after the common table expressions. */
#include "sql/statement_kind.h"

#include "sql/scan.h"

static const struct verb {
    const char *word;
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
    if (text_equal_nocase(name, TEXT("postgresql")))
        return SQL_DIALECT_POSTGRESQL;
    if (text_equal_nocase(name, TEXT("mysql")) || text_equal_nocase(name, TEXT("mariadb")))
        return SQL_DIALECT_MYSQL;
    return SQL_DIALECT_UNSET;
}

static enum sql_kind kind_of_word(struct text word)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (text_equal_nocase(word, text_of(verbs[i].word)))
            return verbs[i].kind;
    return SQL_KIND_OTHER;
}

/* After WITH: the first verb outside parentheses. Quoted names are skipped, they are all that may hold a parenthesis.
 */
static enum sql_kind kind_after_with(uint8_t name_quote, const uint8_t *at, const uint8_t *end)
{
    enum sql_kind first = SQL_KIND_OTHER;
    size_t depth = 0;

    while (at < end) {
        const uint8_t *start = at;
        bool is_terminated;
        enum sql_kind kind;

        if (*at == name_quote) {
            at = scan_quoted(at + 1, end, *at, false, &is_terminated);
            continue;
        }
        if (!scan_is_word_byte(*at)) {
            depth += *at == '(';
            depth -= *at == ')' && depth > 0;
            at++;
            continue;
        }
        at = scan_word(at, end);
        if (depth > 0)
            continue;
        kind = kind_of_word((struct text){(const char *)start, (size_t)(at - start)});
        if (kind < SQL_KIND_SELECT || kind > SQL_KIND_REPLACE)
            continue;
        if (start[-1] == ' ' && start[-2] == ')')
            return kind;
        if (first == SQL_KIND_OTHER)
            first = kind;
    }
    return first;
}

enum sql_kind statement_kind(enum sql_dialect dialect, struct text canonical)
{
    const uint8_t *at = (const uint8_t *)canonical.data, *end = at + canonical.size, *start;
    struct text word;

    if (text_equal(canonical, TEXT("(empty)")))
        return SQL_KIND_UNSET;
    while (at < end && (*at == '(' || *at == ' '))
        at++;
    start = at;
    at = scan_word(at, end);
    word = (struct text){(const char *)start, (size_t)(at - start)};
    if (text_equal(word, TEXT("with")))
        return kind_after_with(dialect == SQL_DIALECT_MYSQL ? '`' : '"', at, end);
    if (text_equal(word, TEXT("prepare")) &&
        text_starts((struct text){(const char *)at, (size_t)(end - at)}, TEXT(" transaction")))
        return SQL_KIND_TRANSACTION;
    return word.size == 0 ? SQL_KIND_UNSET : kind_of_word(word);
}
