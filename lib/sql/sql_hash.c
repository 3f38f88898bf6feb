/* Printing and reading hashes; see sql_hash.h. */
#include "sql/sql_hash.h"

char *sql_hash_format(struct sql_hash hash, char out[SQL_HASH_HEX_BYTES])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < sizeof hash.bytes; i++) {
        out[2 * i] = digits[hash.bytes[i] >> 4];
        out[2 * i + 1] = digits[hash.bytes[i] & 15];
    }
    out[2 * sizeof hash.bytes] = '\0';
    return out;
}

bool sql_hash_parse(struct text text, struct sql_hash *out_hash)
{
    struct sql_hash hash;

    if (text.size != 2 * sizeof hash.bytes)
        return false;
    for (size_t i = 0; i < sizeof hash.bytes; i++) {
        int high = text_hex_digit(text.data[2 * i]), low = text_hex_digit(text.data[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        hash.bytes[i] = (unsigned char)(high << 4 | low);
    }
    *out_hash = hash;
    return true;
}
