/* A perfect hash over the keywords (hash and displace), filled before main: each of 256 buckets has a displacement,
 * chosen so that no two words share a slot. A look-up is one multiplication and one comparison of 16 bytes. */
#include "sql/keyword.h"

#include <assert.h>
#include <stdlib.h>
#include <strings.h>

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
    {KEYWORD_IS_SYNTAX | KEYWORD_IS_CALL | KEYWORD_IS_ROW, "row"},
    {KEYWORD_IS_SYNTAX | KEYWORD_IS_CALL, "if"},
    {KEYWORD_IS_MYSQL | KEYWORD_IS_SYNTAX | KEYWORD_IS_CALL, "replace mod"},
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
     "match char varchar decimal numeric int integer tinyint smallint mediumint bigint float double real bit "
     "bool boolean date time datetime timestamp year text tinytext mediumtext longtext blob tinyblob mediumblob "
     "longblob varbinary json enum precision character varcharacter utc_date utc_time utc_timestamp "
     "microsecond second minute hour day week month quarter day_hour day_minute day_second hour_minute hour_second "
     "year_month count sum min max avg now concat ifnull coalesce nullif substring substr trim lower upper length "
     "dual convert position greatest least"},
    /* The other keywords of MySQL (8.0 and 8.4, information_schema.keywords) and MariaDB (10.11). */
    {KEYWORD_IS_MYSQL | KEYWORD_IS_CASE,
     "day_microsecond hour_microsecond minute_second "
     "accessible account active admin aggregate algorithm ascii asensitive atomic attribute authentication "
     "authors auto autoextend_size avg_row_length backup block body btree buckets bulk byte cascaded catalog_name "
     "chain changed channel checkpoint cipher class_origin client clob clone close code column_add column_check "
     "column_create column_delete column_format column_get column_name committed compact completion component "
     "compressed compression concurrent connection consistent constraint_name contains context contributors cpu "
     "cube cume_dist current current_pos cursor_name cycle datafile dec default_auth definer definition "
     "delay_key_write delete_domain_id dense_rank des_key_file description deterministic diagnostics directory "
     "disable discard disk do_domain_ids dynamic elseif elsif enable encryption ends engine_attribute events "
     "every examined exception exchange exclude expansion expire export extended extent_size factor fast faults "
     "federated file file_block_size finish first_value fixed float4 float8 follows format found general generate "
     "geomcollection geometry get get_format goto grouping gtid_only gtids hard hash histogram history host hosts "
     "id identified ignored immediate import inactive increment indexes initial initial_size insensitive "
     "insert_method instance int1 int2 int3 int4 int8 invisible invoker io io_after_gtids io_before_gtids "
     "io_thread ipc isolation isopen issuer json_table json_value key_block_size keyring lag language last_value "
     "lastval lead leaves less level library linear linestring list locks log logfile logs long manual master "
     "master_bind master_delay master_gtid_pos master_host master_log_file master_log_pos master_password "
     "master_port master_server_id master_ssl master_ssl_ca master_ssl_cert master_ssl_crl master_ssl_key "
     "master_use_gtid master_user max_rows max_size maxvalue medium member memory message_text middleint migrate "
     "min_rows minus minvalue modifies monitor multilinestring multipoint multipolygon mutex mysql mysql_errno "
     "name national nchar ndb ndbcluster never nextval no_wait nocache nocycle nodegroup nomaxvalue nominvalue "
     "none notfound nth_value ntile nulls number nvarchar off old_password one online open optimizer_costs option "
     "optional options organization others owner pack_keys package page page_checksum parallel parse_tree "
     "parse_vcol_expr parser partial partitioning password percent_rank persist_only persistent phase plugin "
     "plugin_dir point polygon port portion precedes preserve prev previous privileges process profile profiles "
     "proxy qualify query raise random rank raw read read_only read_write reads rebuild recover redo_buffer_size "
     "redofile redundant ref_system_id reference registration relay relay_log_file relay_log_pos relay_thread "
     "relaylog reload remove reorganize repeatable replay replica replica_pos replicas replicate_do_db "
     "replication resource respect restore resume retain returns reuse reverse role rotate routine row_count "
     "row_format row_number rowcount rownum rowtype rtree s3 schedule schema_name secondary_engine secondary_load "
     "secondary_unload security sensitive sequence serial serializable server setval simple slave slave_pos "
     "slaves slow snapshot socket soft soname source source_bind source_delay source_host source_log_file "
     "source_log_pos source_password source_port source_ssl source_ssl_ca source_ssl_cert source_ssl_crl "
     "source_ssl_key source_user specific sql_after_gtids sql_before_gtids sql_thread sql_tsi_day sql_tsi_hour "
     "sql_tsi_minute sql_tsi_month sql_tsi_quarter sql_tsi_second sql_tsi_week sql_tsi_year srid ssl ssl_ca "
     "stacked stage starts statement stats_persistent storage stream string subclass_origin subject subpartition "
     "subpartitions super suspend swaps switches sysdate system_time table_checksum table_name tablespace "
     "temptable than thread_priority threads ties timestampadd timestampdiff tls transactional triggers type "
     "types uncommitted undefined undo_buffer_size undofile unicode unregister upgrade url usage use_frm "
     "user_resources validation varchar2 varying vcpu via visible wait weight_string within without wrapper write "
     "x509 xid xml zone"},
};

static const char *const long_words[] = {"current_timestamp",  "sql_calc_found_rows", "minute_microsecond",
                                         "second_microsecond", "no_write_to_binlog",  "sql_buffer_result"};

/* Of KEYWORD_IS_CASE, sorted for bsearch. */
static const char *const long_case_words[] = {
    "assign_gtids_to_anonymous_transactions",
    "challenge_response",
    "constraint_catalog",
    "constraint_schema",
    "failed_login_attempts",
    "geometrycollection",
    "get_master_public_key",
    "get_source_public_key",
    "group_replication",
    "ignore_domain_ids",
    "ignore_server_ids",
    "master_auto_position",
    "master_compression_algorithms",
    "master_connect_retry",
    "master_demote_to_replica",
    "master_demote_to_slave",
    "master_heartbeat_period",
    "master_public_key_path",
    "master_retry_count",
    "master_ssl_capath",
    "master_ssl_cipher",
    "master_ssl_crlpath",
    "master_ssl_verify_server_cert",
    "master_tls_ciphersuites",
    "master_tls_version",
    "master_zstd_compression_level",
    "max_connections_per_hour",
    "max_queries_per_hour",
    "max_statement_time",
    "max_updates_per_hour",
    "max_user_connections",
    "network_namespace",
    "password_lock_time",
    "privilege_checks_user",
    "replicate_do_table",
    "replicate_ignore_db",
    "replicate_ignore_table",
    "replicate_rewrite_db",
    "replicate_wild_do_table",
    "replicate_wild_ignore_table",
    "require_row_format",
    "require_table_primary_key_check",
    "returned_sqlstate",
    "secondary_engine_attribute",
    "source_auto_position",
    "source_compression_algorithms",
    "source_connect_retry",
    "source_heartbeat_period",
    "source_public_key_path",
    "source_retry_count",
    "source_ssl_capath",
    "source_ssl_cipher",
    "source_ssl_crlpath",
    "source_ssl_verify_server_cert",
    "source_tls_ciphersuites",
    "source_tls_version",
    "source_zstd_compression_level",
    "sql_after_mts_gaps",
    "stats_auto_recalc",
    "stats_sample_pages",
};

/* One for each dialect: PostgreSQL's is small, and stays in the processor's nearest cache. */
static struct table {
    bytes16 words[WORDS_MAX + 1]; /* word 0 stands for an empty slot; only an empty word equals it, and none is asked */
    uint16_t flags[WORDS_MAX + 1];
    uint16_t slots[SLOTS];
    uint16_t displacements[BUCKETS];
    unsigned count;
} tables[2];

static inline struct table *table_of(enum sql_dialect dialect)
{
    return &tables[dialect == SQL_DIALECT_MYSQL];
}

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

static inline unsigned slot_of(const struct table *table, struct key key)
{
    return (key.slot + table->displacements[key.bucket]) % SLOTS;
}

unsigned keyword_find(enum sql_dialect dialect, bytes16 lower)
{
    const struct table *table = table_of(dialect);
    unsigned word = table->slots[slot_of(table, key_of(lower))];

    return bytes16_mask((bytes16)(table->words[word] == lower)) == 0xFFFF ? table->flags[word] : 0;
}

static int compare_word(const void *key, const void *row)
{
    const struct text *word = key;
    const char *other = *(const char *const *)row;
    int order = strncasecmp(word->data, other, word->size);

    return order != 0 ? order : -(other[word->size] != '\0');
}

unsigned keyword_find_text(enum sql_dialect dialect, struct text word)
{
    uint8_t padded[16] = {0};

    if (word.size == 0)
        return 0;
    if (word.size <= KEYWORD_BYTES_MAX) {
        memcpy(padded, word.data, word.size);
        return keyword_find(dialect, bytes16_lower(bytes16_load(padded)));
    }
    for (size_t i = 0; i < sizeof long_words / sizeof long_words[0]; i++)
        if (text_equal_nocase(word, text_of(long_words[i])))
            return KEYWORD_IS_OPERAND | KEYWORD_IS_CALL | KEYWORD_IS_RESERVED;
    if (dialect == SQL_DIALECT_MYSQL && word.size <= KEYWORD_LONG_BYTES_MAX &&
        bsearch(&word, long_case_words, sizeof long_case_words / sizeof long_case_words[0], sizeof long_case_words[0],
                compare_word) != NULL)
        return KEYWORD_IS_MYSQL | KEYWORD_IS_CASE;
    return 0;
}

static void word_add(struct table *table, struct text word, unsigned flags)
{
    uint8_t padded[16] = {0};

    assert(word.size <= KEYWORD_BYTES_MAX && table->count < WORDS_MAX);
    memcpy(padded, word.data, word.size);
    for (unsigned i = 1; i <= table->count; i++)
        if (memcmp(&table->words[i], padded, 16) == 0)
            return; /* a word in two lists has the flags of the first */
    table->count++;
    table->words[table->count] = bytes16_load(padded);
    table->flags[table->count] = (uint16_t)flags;
}

static bool bucket_place(struct table *table, const struct key *keys, unsigned bucket, unsigned displacement)
{
    unsigned placed[WORDS_MAX];
    unsigned count = 0;

    table->displacements[bucket] = (uint16_t)displacement;
    for (unsigned i = 1; i <= table->count; i++) {
        unsigned slot = slot_of(table, keys[i]);

        if (keys[i].bucket != bucket)
            continue;
        if (table->slots[slot] != 0) {
            while (count > 0)
                table->slots[placed[--count]] = 0;
            return false;
        }
        table->slots[slot] = (uint16_t)i;
        placed[count++] = slot;
    }
    return true;
}

static void table_fill(struct table *table, bool is_mysql)
{
    static struct key keys[WORDS_MAX + 1];
    unsigned sizes[BUCKETS] = {0};

    for (size_t list = 0; list < sizeof word_lists / sizeof word_lists[0]; list++) {
        struct text words = text_of(word_lists[list].words), word;

        if (!is_mysql && (word_lists[list].flags & KEYWORD_IS_MYSQL) != 0)
            continue;
        while (text_split(&words, ' ', &word))
            word_add(table, word, word_lists[list].flags);
    }
    for (unsigned i = 1; i <= table->count; i++) {
        keys[i] = key_of(table->words[i]);
        sizes[keys[i].bucket]++;
    }
    for (unsigned size = WORDS_MAX; size > 0; size--) /* the fullest buckets first, while most slots are free */
        for (unsigned bucket = 0; bucket < BUCKETS; bucket++) {
            unsigned displacement = 0;

            if (sizes[bucket] != size)
                continue;
            while (!bucket_place(table, keys, bucket, displacement))
                if (++displacement == SLOTS)
                    abort(); /* no displacement fits after a change of the lists above; every test shows it */
        }
}

__attribute__((constructor)) static void tables_fill(void)
{
    table_fill(table_of(SQL_DIALECT_POSTGRESQL), false);
    table_fill(table_of(SQL_DIALECT_MYSQL), true);
}
