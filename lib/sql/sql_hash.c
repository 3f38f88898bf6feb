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

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f')
        return (digit | 0x20) - 'a' + 10;
    return -1;
}

bool sql_hash_parse(struct text text, struct sql_hash *out_hash)
{
    struct sql_hash hash;

    if (text.size != 2 * sizeof hash.bytes)
        return false;
    for (size_t i = 0; i < sizeof hash.bytes; i++) {
        int high = hex_digit(text.data[2 * i]), low = hex_digit(text.data[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        hash.bytes[i] = (unsigned char)(high << 4 | low);
    }
    *out_hash = hash;
    return true;
}
