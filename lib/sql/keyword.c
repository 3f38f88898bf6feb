/* A perfect hash over the keywords (hash and displace), filled before main: each of 256 buckets has a displacement,
 * chosen so that no two words share a slot. A look-up is one multiplication and one comparison of 16 bytes. */
#include "sql/keyword.h"

#include <assert.h>
#include <stdlib.h>

enum { BUCKETS = 256, SLOTS = 2048, WORDS_MAX = 1024 };

static const struct {
    unsigned flags;
    const char *words;
} word_lists[] = {
    {KEYWORD_IS_SYNTAX | KEYWORD_IS_IN, "in"},
    {KEYWORD_IS_SYNTAX | KEYWORD_IS_VALUES, "values"},
    {KEYWORD_IS_MYSQL | KEYWORD_IS_VALUE, "value"},
    {KEYWORD_IS_SYNTAX | KEYWORD_IS_ARRAY | KEYWORD_IS_CALL | KEYWORD_IS_RESERVED, "array"},
    {KEYWORD_IS_SYNTAX | KEYWORD_IS_IS | KEYWORD_IS_KEPT_NULL | KEYWORD_IS_RESERVED, "is"},
    {KEYWORD_IS_SYNTAX | KEYWORD_IS_NOT | KEYWORD_IS_KEPT_NULL | KEYWORD_IS_RESERVED, "not"},
    {KEYWORD_IS_SYNTAX | KEYWORD_IS_KEPT_NULL, "set"},
    {KEYWORD_IS_SYNTAX | KEYWORD_IS_KEPT_NULL | KEYWORD_IS_RESERVED, "as"},
    {KEYWORD_IS_SYNTAX | KEYWORD_IS_RESERVED,
     "all analyse analyze and asc asymmetric both case check collate column constraint create cross deferrable desc "
     "distinct do else except fetch for foreign from full grant group having ilike initially inner intersect into "
     "join lateral leading like limit natural offset on only or order outer overlaps placing primary references "
     "returning select similar symmetric table then to trailing union unique using variadic when where window with "
     "freeze verbose tablesample authorization collation concurrently"},
    {KEYWORD_IS_SYNTAX, "between by update delete insert exists escape return uescape interval call"},
    {KEYWORD_IS_OPERAND, "over filter"},
    {KEYWORD_IS_OPERAND | KEYWORD_IS_CALL | KEYWORD_IS_EXTRACT, "extract"},
    {KEYWORD_IS_OPERAND | KEYWORD_IS_RESERVED,
     "end null true false default current_catalog current_date current_role current_time current_user localtime "
     "localtimestamp session_user user isnull notnull current_schema"},
    {KEYWORD_IS_SYNTAX | KEYWORD_IS_CALL | KEYWORD_IS_RESERVED, "any some left right cast"},
    {KEYWORD_IS_SYNTAX | KEYWORD_IS_CALL, "row if"},
    {KEYWORD_IS_MYSQL | KEYWORD_IS_SYNTAX | KEYWORD_IS_CALL, "replace"},
    {KEYWORD_IS_MYSQL | KEYWORD_IS_SYNTAX,
     "xor div regexp rlike straight_join high_priority low_priority delayed ignore binary sql_no_cache sql_cache "
     "sql_big_result sql_small_result distinctrow use force show describe load infile outfile lock unlock separator "
     "lines terminated enclosed escaped starting optionally kill change rename optimize revoke require signal "
     "resignal iterate leave loop repeat while declare condition each out inout sql trigger procedure function index "
     "key keys fulltext spatial database databases schema schemas cascade restrict generated virtual stored add "
     "release recursive except alter drop explain partition rows range groups of analyze"},
    {KEYWORD_IS_MYSQL | KEYWORD_IS_OPERAND,
     "truncate begin merge execute prepare deallocate duplicate quick against data dumpfile share mode locked nowait "
     "skip at fields handler purge reset restart until cursor exit continue undo event view tables columns before "
     "after "
     "always modify rollup check commit rollback start transaction savepoint work global session local persist names "
     "charset engine comment first last next new old unbounded preceding following sounds sqlexception sqlstate "
     "sqlwarning unknown temporary partitions status variables processlist warnings errors grants engines plugins "
     "action no ordinality path nested empty error system period versioning auto_increment unsigned signed zerofill "
     "xa do help flush repair checksum install uninstall grant cache stop shutdown binlog"},
    {KEYWORD_IS_MYSQL | KEYWORD_IS_CALL | KEYWORD_IS_OPERAND,
     "match mod char varchar decimal numeric int integer tinyint smallint mediumint bigint float double real bit "
     "bool boolean date time datetime timestamp year text tinytext mediumtext longtext blob tinyblob mediumblob "
     "longblob varbinary json enum precision character varcharacter utc_date utc_time utc_timestamp "
     "microsecond second minute hour day week month quarter day_hour day_minute day_second hour_minute hour_second "
     "year_month count sum min max avg now concat ifnull coalesce nullif substring substr trim lower upper length "
     "dual convert position greatest least"},
};

static const char *const long_words[] = {"current_timestamp",  "sql_calc_found_rows", "minute_microsecond",
                                         "second_microsecond", "day_microsecond",     "hour_microsecond",
                                         "minute_second",      "no_write_to_binlog",  "sql_buffer_result"};

static struct {
    bytes16 words[WORDS_MAX + 1]; /* word 0 stands for an empty slot; only an empty word equals it, and none is asked */
    uint16_t flags[WORDS_MAX + 1];
    uint16_t slots[SLOTS];
    uint16_t displacements[BUCKETS];
    unsigned count;
} table;

struct key {
    unsigned bucket, slot;
};

static inline struct key key_of(bytes16 lower)
{
    uint64_t halves[2];
    uint64_t hash;

    memcpy(halves, &lower, sizeof halves);
    hash = (halves[0] ^ (halves[1] * UINT64_C(0x9E3779B97F4A7C15))) * UINT64_C(0xD6E8FEB86659FD93);
    hash ^= hash >> 32;
    hash *= UINT64_C(0xA0761D6478BD642F);
    return (struct key){(unsigned)(hash >> 56), (unsigned)(hash >> 32) & 0xFFFF};
}

static inline unsigned slot_of(struct key key)
{
    return (key.slot + table.displacements[key.bucket]) % SLOTS;
}

unsigned keyword_find(bytes16 lower)
{
    unsigned word = table.slots[slot_of(key_of(lower))];

    return bytes16_mask((bytes16)(table.words[word] == lower)) == 0xFFFF ? table.flags[word] : 0;
}

unsigned keyword_find_text(struct text word)
{
    uint8_t padded[16] = {0};

    if (word.size == 0)
        return 0;
    if (word.size <= KEYWORD_BYTES_MAX) {
        memcpy(padded, word.data, word.size);
        return keyword_find(bytes16_lower(bytes16_load(padded)));
    }
    for (size_t i = 0; i < sizeof long_words / sizeof long_words[0]; i++)
        if (text_equal_nocase(word, text_of(long_words[i])))
            return KEYWORD_IS_OPERAND | KEYWORD_IS_CALL | KEYWORD_IS_RESERVED;
    return 0;
}

static void word_add(struct text word, unsigned flags)
{
    uint8_t padded[16] = {0};

    assert(word.size <= KEYWORD_BYTES_MAX && table.count < WORDS_MAX);
    memcpy(padded, word.data, word.size);
    for (unsigned i = 1; i <= table.count; i++)
        if (memcmp(&table.words[i], padded, 16) == 0)
            return; /* a word in two lists has the flags of the first */
    table.count++;
    table.words[table.count] = bytes16_load(padded);
    table.flags[table.count] = (uint16_t)flags;
}

static bool bucket_place(const struct key *keys, unsigned bucket, unsigned displacement)
{
    unsigned placed[WORDS_MAX];
    unsigned count = 0;

    table.displacements[bucket] = (uint16_t)displacement;
    for (unsigned i = 1; i <= table.count; i++) {
        unsigned slot = slot_of(keys[i]);

        if (keys[i].bucket != bucket)
            continue;
        if (table.slots[slot] != 0) {
            while (count > 0)
                table.slots[placed[--count]] = 0;
            return false;
        }
        table.slots[slot] = (uint16_t)i;
        placed[count++] = slot;
    }
    return true;
}

__attribute__((constructor)) static void table_fill(void)
{
    static struct key keys[WORDS_MAX + 1];
    unsigned sizes[BUCKETS] = {0};

    for (size_t list = 0; list < sizeof word_lists / sizeof word_lists[0]; list++) {
        struct text words = text_of(word_lists[list].words), word;

        while (text_split(&words, ' ', &word))
            word_add(word, word_lists[list].flags);
    }
    for (unsigned i = 1; i <= table.count; i++) {
        keys[i] = key_of(table.words[i]);
        sizes[keys[i].bucket]++;
    }
    for (unsigned size = WORDS_MAX; size > 0; size--) /* the fullest buckets first, while most slots are free */
        for (unsigned bucket = 0; bucket < BUCKETS; bucket++) {
            unsigned displacement = 0;

            if (sizes[bucket] != size)
                continue;
            while (!bucket_place(keys, bucket, displacement))
                if (++displacement == SLOTS)
                    abort(); /* no displacement fits after a change of the lists above; every test shows it */
        }
}
