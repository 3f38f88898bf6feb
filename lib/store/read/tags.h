/* What samples add up to by the tags of their statements (docs/data.md). Everything returned lives in `arena`. Errors:
 * STATUS_UNAVAILABLE when the store is away. */
#ifndef POTTO_STORE_READ_TAGS_H
#define POTTO_STORE_READ_TAGS_H

#include "base/tag_keys.h"
#include "sql/sql_hash.h"
#include "store/read/period.h"
#include "store/scope/scope.h"
#include "store/scope/store.h"

/* "key:value"; data NULL: none. */
struct tag_filter {
    struct text key, value;
};

/* False: `text` has no colon after a key, or no value. */
bool tag_filter_parse(struct text text, struct tag_filter *out_filter);

/* A value of a key; of all keys and values of one fingerprint. */
struct tag_row {
    struct text key, value;
    int64_t calls; /* samples */
    double total_ms, max_ms;
    int64_t fingerprint_count;
};

struct tag_key_row {
    struct text key;
    int64_t value_count; /* that were ever seen, and are not forgotten */
};

struct tag_list {
    struct tag_key_row *keys; /* of the connections, most values first; at most TAG_KEYS_MAX of each setting that was */
    size_t key_count;
    struct tag_row *items; /* most time first */
    size_t count;
    int64_t total_count; /* values of the period */
    int64_t calls;       /* samples that have the key */
    double total_ms;
    int64_t from_us, to_us; /* the period in whole hours */
};

enum { TAG_ROWS_MAX = 500 };

/* The keys and, if `key` is not empty, its values in the period. SQL: sql/tag_keys_list.sql, sql/tag_values_list.sql */
enum status store_tag_list(struct store *store, const struct scope *scope, const struct period *period, struct text key,
                           int limit, struct arena *arena, struct tag_list *out_list, struct error *error);

/* The tags of one fingerprint: items alone, with keys and values. SQL: sql/tag_fingerprint_list.sql */
enum status store_tag_fingerprint_list(struct store *store, const struct scope *scope, struct sql_hash hash,
                                       const struct period *period, int limit, struct arena *arena,
                                       struct tag_list *out_list, struct error *error);

/* The period in whole hours that cover it, as the sums by tag are kept. */
void tags_period(const struct period *period, int64_t *out_from_us, int64_t *out_to_us);

#endif
