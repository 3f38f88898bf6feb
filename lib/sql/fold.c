/* Folding lists; see fold.h. */
#include "sql/fold.h"

#include "sql/bytes16.h"

static bool begins_query(const char *item, size_t size)
{
    return (size >= 7 && memcmp(item, "select ", 7) == 0) || (size >= 5 && memcmp(item, "with ", 5) == 0) ||
           (size >= 6 && memcmp(item, "table ", 6) == 0);
}

size_t fold_item_end(struct fold_frame *frame, const char *canonical, size_t end)
{
    size_t at = frame->item_at;
    size_t size;

    if (at < end && canonical[at] == ',')
        at++;
    if (at < end && canonical[at] == ' ')
        at++;
    if (at >= end)
        return frame->item_at < end ? frame->item_at : end;
    size = end - at;
    if (frame->shape_count == 0 && frame->kind == FOLD_LIST && begins_query(canonical + at, size)) {
        frame->kind = FOLD_NONE; /* the commas belong to the subquery */
        return end;
    }
    for (uint32_t i = 0; i < frame->shape_count; i++)
        if (frame->shapes[i].size_bytes == size && memcmp(canonical + frame->shapes[i].at, canonical + at, size) == 0)
            return frame->item_at;
    if (frame->shape_count == FOLD_SHAPES_MAX)
        return frame->item_at;
    frame->shapes[frame->shape_count].at = at;
    frame->shapes[frame->shape_count].size_bytes = size;
    frame->shape_count++;
    return end;
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* Skip white space, digits, commas and question marks: no comment or string begins with one of these. */
static const uint8_t *skip_plain(const uint8_t *at, const uint8_t *end)
{
    for (; end - at >= 16; at += 16) {
        bytes16 bytes = bytes16_load(at);
        bytes16 plain = bytes16_between(bytes, '0', '9') | bytes16_equal(bytes, ',') | bytes16_between(bytes, 0, ' ') |
                        bytes16_equal(bytes, '?');
        uint32_t other = ~bytes16_mask(plain) & 0xFFFF;

        if (other != 0)
            return at + __builtin_ctz(other);
    }
    while (at < end && (is_digit(*at) || *at == ',' || *at <= ' ' || *at == '?'))
        at++;
    return at;
}

const uint8_t *fold_skip_constants(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end)
{
    const uint8_t *item = at;    /* start of the current item */
    const uint8_t *checked = at; /* no comma between `item` and here */

    for (;;) {
        bool is_terminated = true;
        const uint8_t *comma;

        at = skip_plain(at, end);
        comma = memrchr(checked, ',', (size_t)(at - checked));
        if (comma != NULL)
            item = comma + 1;
        if (at == end)
            return item;
        if (*at == ')' || *at == ']')
            return at;
        if (*at == '\'' || (*at == '"' && dialect == SQL_DIALECT_MYSQL))
            at = scan_quoted(at + 1, end, *at, dialect == SQL_DIALECT_MYSQL, &is_terminated);
        else if (end - at > 1 && is_digit(at[1]) && (*at == '.' || (*at == '$' && !is_digit(at[-1]))))
            at++;
        else
            return item;
        if (!is_terminated)
            return item;
        checked = at;
    }
}

enum { COLUMNS_MAX = 512 }; /* a bound for time: the columns are counted again after each row that is not skipped */

size_t fold_constant_columns(const struct fold_frame *frame, const char *canonical)
{
    const char *row = canonical + frame->shapes[0].at;
    size_t size = frame->shape_count == 0 ? 0 : frame->shapes[0].size_bytes;

    if (size < 3 || size % 3 != 0 || size > 3 * COLUMNS_MAX) /* "(?" and ")", with ", ?" for each further column */
        return 0;
    for (size_t i = 0; i + 3 < size; i += 3)
        if (memcmp(row + i + 1, "?, ", 3) != 0)
            return 0;
    return row[size - 2] == '?' ? size / 3 : 0;
}

/* Bytes that skip_constant reads without checking against `end`. */
enum { ROW_SLACK_BYTES = 40 };

/* Skips at most 9 blanks, because ROW_SLACK_BYTES must hold them too. */
static inline const uint8_t *skip_blanks(const uint8_t *at)
{
    at += *at == ' ';
    for (int left = 8; __builtin_expect((*at == ' ' || *at == '\n') && left > 0, 0); left--)
        at++;
    return at;
}

/* The first byte after the number, string, NULL, TRUE or FALSE at `at`; NULL if something else is there. */
static inline const uint8_t *skip_constant(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end)
{
    bytes16 bytes;
    uint32_t found;
    bool is_terminated;

    if (*at == '\'') {
        bytes = bytes16_load(at + 1);
        found = bytes16_mask(bytes16_equal(bytes, '\'') | bytes16_equal(bytes, '\\'));
        if (found != 0 && at[1 + __builtin_ctz(found)] == '\'' && at[2 + __builtin_ctz(found)] != '\'')
            return at + 2 + __builtin_ctz(found);
        return scan_quoted(at + 1, end, '\'', dialect == SQL_DIALECT_MYSQL, &is_terminated);
    }
    if (is_digit(*at)) {
        bytes = bytes16_load(at);
        found = bytes16_mask(bytes16_between(bytes, '0', '9') | bytes16_equal(bytes, '.')) + 1;
        at += __builtin_ctz(found);
        return found == 0x10000 ? NULL : at; /* the caller checks that a comma or a parenthesis follows */
    }
    bytes = bytes16_load(at) | bytes16_all(0x20);
    if (memcmp(&bytes, "null", 4) == 0 || memcmp(&bytes, "true", 4) == 0)
        return at + 4;
    return memcmp(&bytes, "false", 5) == 0 ? at + 5 : NULL;
}

const uint8_t *fold_skip_rows(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end, size_t columns)
{
    for (const uint8_t *after = at;; at = after) {
        if (end - after < ROW_SLACK_BYTES)
            return at;
        after = skip_blanks(after);
        if (*after != ',')
            return at;
        after = skip_blanks(after + 1);
        if (*after != '(')
            return at;
        after++;
        for (size_t left = columns; left > 0; left--) {
            if (end - after < ROW_SLACK_BYTES)
                return at;
            after = skip_constant(dialect, skip_blanks(after), end);
            if (after == NULL || end - after < ROW_SLACK_BYTES)
                return at;
            after = skip_blanks(after);
            if (*after++ != (left == 1 ? ')' : ','))
                return at;
        }
    }
}
