/* The hash that identifies a fingerprint: 128 bits (XXH3), the same for all literals,
 * on all machines, in all releases. Printed as 32 hexadecimal digits, stored as uuid. */
#ifndef POTTO_SQL_SQL_HASH_H
#define POTTO_SQL_SQL_HASH_H

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

struct sql_hash {
    unsigned char bytes[16];
};

static inline bool sql_hash_equal(struct sql_hash left, struct sql_hash right)
{
    return memcmp(left.bytes, right.bytes, sizeof left.bytes) == 0;
}

enum { SQL_HASH_HEX_BYTES = 33 }; /* with NUL */

char *sql_hash_format(struct sql_hash hash, char out[SQL_HASH_HEX_BYTES]); /* lower case; returns out */
bool sql_hash_parse(struct text text, struct sql_hash *out_hash);          /* 32 digits, either case */

#endif
