/* Tags: keys and values that an application writes into the comments of its statements, as sqlcommenter
 * (key='url%20encoded',…) and marginalia (key:value,…) do. Keys that are not asked for are left alone. Pure; any bytes
 * give a result, in linear time. */
#ifndef POTTO_SQL_TAGS_H
#define POTTO_SQL_TAGS_H

#include "base/tag_keys.h"
#include "sql/statement.h"

enum {
    SQL_TAGS_MAX = 8,              /* of a statement */
    SQL_TAG_VALUE_BYTES_MAX = 128, /* longer ones are cut */
};

struct sql_tag {
    size_t key;        /* its place among the keys */
    struct text value; /* valid UTF-8 without control characters, never empty */
};

/* Fill `tags` and return how many there are, ascending by key, one of each: that of the first comment that has it. A
 * comment of which one part is neither key='value' nor key:value has no tags: it is prose. Memory: `arena`. */
size_t sql_tags_find(enum sql_dialect dialect, struct text sql, const struct tag_keys *keys, struct arena *arena,
                     struct sql_tag tags[SQL_TAGS_MAX]);

#endif
