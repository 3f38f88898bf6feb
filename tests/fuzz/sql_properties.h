/* Properties that must hold for every input of lib/sql, even one that is not SQL; shared by the fuzzer and the test of
 * random statements. */
#ifndef POTTO_TESTS_FUZZ_SQL_PROPERTIES_H
#define POTTO_TESTS_FUZZ_SQL_PROPERTIES_H

#include "sql/statement.h"
#include "sql/tags.h"

/* Returns NULL if all properties hold, else a sentence about one that does not. `sql` should end where its memory ends,
 * so that the sanitizer sees a read past it. */
static const char *sql_property_broken(enum sql_dialect dialect, struct text sql, struct arena *arena)
{
    struct sql_fingerprint first = sql_fingerprint(dialect, sql, arena), again;
    const struct tag_keys keys = {{TEXT("a"), TEXT("action"), TEXT("b")}, 3};
    struct sql_tag tags[SQL_TAGS_MAX];
    struct text tables[16];
    size_t count;
    char *shifted;

    if (first.text.size == 0)
        return "the fingerprint is empty";
    if (text_valid_utf8(first.text) != first.text.size)
        return "the fingerprint is not UTF-8";
    for (size_t i = 0; i < first.text.size; i++)
        if ((unsigned char)first.text.data[i] < 0x20 || first.text.data[i] == 0x7F)
            return "the fingerprint has control characters";
    if (first.kind >= SQL_KIND_COUNT)
        return "the kind is none";
    again = sql_fingerprint(dialect, first.text, arena);
    if (!text_equal(first.text, again.text))
        return "the fingerprint's fingerprint is another text";
    if (memcmp(&first.hash, &again.hash, sizeof first.hash) != 0)
        return "the fingerprint's fingerprint has another hash";
    /* The positions of the windows must not matter. */
    shifted = arena_alloc(arena, sql.size + 37);
    memset(shifted, ' ', 37);
    if (sql.size > 0)
        memcpy(shifted + 37, sql.data, sql.size);
    again = sql_fingerprint(dialect, (struct text){shifted, sql.size + 37}, arena);
    if (!text_equal(first.text, again.text))
        return "blanks before it change the fingerprint";
    count = sql_tables(dialect, sql, tables, 16, arena);
    if (count > 16)
        return "too many tables";
    for (size_t i = 0; i < count; i++)
        if (text_valid_utf8(tables[i]) != tables[i].size)
            return "a table is not UTF-8";
    (void)sql_reads_catalogs_alone(dialect, sql, tables, count);
    count = sql_tags_find(dialect, sql, &keys, arena, tags);
    if (count > SQL_TAGS_MAX)
        return "too many tags";
    for (size_t i = 0; i < count; i++)
        if (tags[i].key >= keys.count || tags[i].value.size == 0 || tags[i].value.size > SQL_TAG_VALUE_BYTES_MAX ||
            text_valid_utf8(tags[i].value) != tags[i].value.size || (i > 0 && tags[i].key <= tags[i - 1].key))
            return "a tag is not as it should be";
    if (sql_is_explainable(dialect, sql) && first.kind != SQL_KIND_SELECT)
        return "explainable, but no SELECT";
    return NULL;
}

#endif
