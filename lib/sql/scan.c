/* The ends of tokens; see scan.h. */
#include "sql/scan.h"

#include "sql/bytes16.h"

#define W   CLASS_WORD
#define H   CLASS_HIGH
#define D   CLASS_DIGIT
#define O   CLASS_OPERATOR
#define X   CLASS_OTHER
#define H16 H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H

/* clang-format off */
const uint8_t sql_class_of[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 0x00 */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* 0x10 */
    0, O, CLASS_DOUBLE_QUOTE, CLASS_HASH, CLASS_DOLLAR, CLASS_PERCENT, O, CLASS_QUOTE, /* 0x20 */
    CLASS_OPEN, CLASS_CLOSE, O, O, CLASS_COMMA, CLASS_MINUS, CLASS_DOT, CLASS_SLASH,
    D, D, D, D, D, D, D, D, D, D, CLASS_COLON, CLASS_SEMICOLON, O, O, O, CLASS_QUESTION, /* 0x30 */
    CLASS_AT, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, /* 0x40 */
    W, W, W, W, W, W, W, W, W, W, W, CLASS_OPEN_BRACKET, X, CLASS_CLOSE_BRACKET, O, CLASS_UNDERSCORE, /* 0x50 */
    CLASS_BACKTICK, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, /* 0x60 */
    W, W, W, W, W, W, W, W, W, W, W, X, O, X, O, CLASS_SPACE, /* 0x70 */
    H16, H16, H16, H16, H16, H16, H16, H16,
};
/* clang-format on */

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

bool scan_is_word_byte(uint8_t byte)
{
    uint8_t class = sql_class_of[byte];

    return (class >= CLASS_WORD && class <= CLASS_DIGIT) || byte == '$';
}

static bool is_operator_byte(uint8_t byte)
{
    return sql_class_of[byte] >= CLASS_BACKTICK;
}

static const uint8_t *scan_space(const uint8_t *at, const uint8_t *end)
{
    while (at < end && sql_class_of[*at] == CLASS_SPACE)
        at++;
    return at;
}

const uint8_t *scan_word(const uint8_t *at, const uint8_t *end)
{
    while (at < end && scan_is_word_byte(*at))
        at++;
    return at;
}

/* The first byte that is `one` or `other`; `end` if there is none. */
static const uint8_t *find_either(const uint8_t *at, const uint8_t *end, uint8_t one, uint8_t other)
{
    for (; end - at >= 16; at += 16) {
        bytes16 bytes = bytes16_load(at);
        uint32_t found = bytes16_mask(bytes16_equal(bytes, one) | bytes16_equal(bytes, other));

        if (found != 0)
            return at + __builtin_ctz(found);
    }
    while (at < end && *at != one && *at != other)
        at++;
    return at;
}

const uint8_t *scan_quoted(const uint8_t *at, const uint8_t *end, uint8_t quote, bool has_backslashes,
                           bool *out_is_terminated)
{
    uint8_t other = has_backslashes ? '\\' : quote;

    for (;;) {
        at = find_either(at, end, quote, other);
        if (at == end)
            break;
        if (*at != quote) {
            at += end - at > 1 ? 2 : 1;
            continue;
        }
        at++;
        if (at == end || *at != quote) {
            *out_is_terminated = true;
            return at;
        }
        at++;
    }
    *out_is_terminated = false;
    return end;
}

const uint8_t *scan_line_comment(const uint8_t *at, const uint8_t *end)
{
    return find_either(at, end, '\n', '\r');
}

const uint8_t *scan_block_comment(const uint8_t *at, const uint8_t *end, bool is_nested, bool *out_is_terminated)
{
    size_t depth = 1;

    while ((at = find_either(at, end, '*', is_nested ? '/' : '*')) < end) {
        uint8_t byte = *at++;

        if (at == end)
            break;
        if (byte == '*' && *at == '/') {
            at++;
            if (--depth == 0) {
                *out_is_terminated = true;
                return at;
            }
        } else if (byte == '/' && *at == '*') {
            at++;
            depth++;
        }
    }
    *out_is_terminated = false;
    return end;
}

const uint8_t *scan_dollar_quoted(const uint8_t *at, const uint8_t *end, bool *out_is_terminated)
{
    const uint8_t *tag = at++;
    size_t tag_size;

    if (at < end && is_digit(*at))
        return NULL;
    while (at < end && *at != '$' && scan_is_word_byte(*at))
        at++;
    if (at == end || *at != '$')
        return NULL;
    tag_size = (size_t)(++at - tag);
    while ((at = find_either(at, end, '$', '$')) < end && (size_t)(end - at) >= tag_size) {
        if (memcmp(at, tag, tag_size) == 0) {
            *out_is_terminated = true;
            return at + tag_size;
        }
        at++;
    }
    *out_is_terminated = false;
    return end;
}

static const uint8_t *scan_digits(const uint8_t *at, const uint8_t *end)
{
    while (at < end && (is_digit(*at) || (*at == '_' && end - at > 1 && is_digit(at[1]))))
        at++;
    return at;
}

static bool is_hex(uint8_t byte)
{
    return is_digit(byte) || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f');
}

static const uint8_t *scan_based_number(const uint8_t *at, const uint8_t *end)
{
    uint8_t base = end - at > 2 && at[0] == '0' ? at[1] | 0x20 : 0;

    if ((base != 'x' && base != 'b' && base != 'o') || !(base == 'x' ? is_hex(at[2]) : is_digit(at[2])))
        return NULL;
    at += 2;
    while (at < end && (*at == '_' || (base == 'x' ? is_hex(*at) : is_digit(*at))))
        at++;
    return at;
}

const uint8_t *scan_number(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end)
{
    const uint8_t *after = scan_based_number(at, end);

    if (after == NULL) {
        after = scan_digits(at, end);
        while (after < end && *after == '.')
            after = scan_digits(after + 1, end);
        if (after < end && (*after | 0x20) == 'e') {
            const uint8_t *exponent = after + 1;

            if (end - exponent > 1 && (*exponent == '+' || *exponent == '-'))
                exponent++;
            if (exponent < end && is_digit(*exponent))
                after = scan_digits(exponent, end);
        }
    }
    if (dialect == SQL_DIALECT_MYSQL && is_digit(*at) && after < end && scan_is_word_byte(*after))
        return NULL;
    return after;
}

static size_t mysql_operator_size(const uint8_t *at, size_t left)
{
    static const char long_operators[][4] = {"<=>", "->>", "<=", ">=", "<>", "!=", ":=", "->", "&&", "||", "<<", ">>"};

    for (size_t i = 0; i < sizeof long_operators / sizeof long_operators[0]; i++) {
        size_t size = strlen(long_operators[i]);

        if (size <= left && memcmp(at, long_operators[i], size) == 0)
            return size;
    }
    return 1;
}

/* PostgreSQL's rule: an operator takes all operator bytes up to a comment. A + or - at its end belongs to it only if it
 * has one of ~ ! @ # % ^ & | `, else to the next token. A question mark is part of ?|, ?& and @? only. */
static size_t postgresql_operator_size(const uint8_t *at, size_t left)
{
    size_t size = 0;
    bool may_end_in_sign = false;

    if (at[0] == '?')
        return left > 1 && (at[1] == '|' || at[1] == '&') ? 2 : 1;
    for (; size < left && is_operator_byte(at[size]); size++) {
        if (size + 1 < left && ((at[size] == '-' && at[size + 1] == '-') || (at[size] == '/' && at[size + 1] == '*')))
            break;
        if (size > 0 && at[size - 1] == '=' && (at[size] == '%' || at[size] == '@'))
            break; /* =%s and =@p, as drivers write placeholders */
        if (strchr("~!@#%^&|`", at[size]) != NULL)
            may_end_in_sign = true;
    }
    if (size == 1 && at[0] == '@' && left > 1 && at[1] == '?')
        return 2; /* jsonb @? jsonpath */
    while (size > 1 && !may_end_in_sign && (at[size - 1] == '+' || at[size - 1] == '-'))
        size--;
    return size == 0 ? 1 : size;
}

const uint8_t *scan_operator(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end)
{
    size_t left = (size_t)(end - at);

    return at + (dialect == SQL_DIALECT_MYSQL ? mysql_operator_size(at, left) : postgresql_operator_size(at, left));
}

enum scan_comment scan_comment_begins(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end,
                                      const uint8_t **out_body)
{
    bool is_mysql = dialect == SQL_DIALECT_MYSQL;

    if (at == end)
        return SCAN_COMMENT_NONE;
    if (*at == '#' && is_mysql) {
        *out_body = at + 1;
        return SCAN_COMMENT_LINE;
    }
    if (end - at < 2)
        return SCAN_COMMENT_NONE;
    *out_body = at + 2;
    if (at[0] == '-' && at[1] == '-' && (!is_mysql || end - at == 2 || sql_class_of[at[2]] == CLASS_SPACE))
        return SCAN_COMMENT_LINE;
    if (at[0] != '/' || at[1] != '*')
        return SCAN_COMMENT_NONE;
    at += 2;
    if (!is_mysql || at == end || (*at != '!' && !(*at == 'M' && end - at > 1 && at[1] == '!')))
        return SCAN_COMMENT_BLOCK;
    at += *at == 'M' ? 2 : 1;
    for (int digits = 0; digits < 6 && at < end && is_digit(*at); digits++)
        at++;
    *out_body = at;
    return SCAN_COMMENT_EXECUTABLE;
}

const uint8_t *scan_blank(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end, bool *out_is_terminated)
{
    for (;;) {
        const uint8_t *body = NULL;

        at = scan_space(at, end);
        switch (scan_comment_begins(dialect, at, end, &body)) {
        case SCAN_COMMENT_LINE:
            at = scan_line_comment(body, end);
            break;
        case SCAN_COMMENT_BLOCK:
            at = scan_block_comment(body, end, dialect == SQL_DIALECT_POSTGRESQL, out_is_terminated);
            break;
        default:
            return at;
        }
    }
}
