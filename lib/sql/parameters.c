/* Puts logged values in the place of $1; see parameters.h. */
#include "sql/parameters.h"

#include "base/buffer.h"
#include "sql/lexer.h"

enum { VALUES_MAX = 1000, SQL_BYTES_MAX = 8 * 1024 * 1024 };

/* "$12" as 12; 0: it is no parameter. */
static size_t number_of(struct text token)
{
    int64_t number = 0;

    if (token.size < 2 || token.size > 5 || token.data[0] != '$' ||
        !text_to_int64((struct text){token.data + 1, token.size - 1}, &number))
        return 0;
    return number > 0 && number <= VALUES_MAX ? (size_t)number : 0;
}

/* Take "'it''s'" or "NULL" off the beginning. False: it is neither. */
static bool take_value(struct text *rest, struct text *out_value)
{
    size_t at = 1;

    if (text_starts(*rest, TEXT("NULL"))) {
        *out_value = (struct text){rest->data, 4};
    } else if (text_starts(*rest, TEXT("'"))) {
        while (at < rest->size && (rest->data[at] != '\'' || (at + 1 < rest->size && rest->data[at + 1] == '\'')))
            at += rest->data[at] == '\'' ? 2 : 1;
        if (at >= rest->size)
            return false;
        *out_value = (struct text){rest->data, at + 1};
    } else {
        return false;
    }
    rest->data += out_value->size;
    rest->size -= out_value->size;
    return true;
}

/* Values by their number. Reading ends at what is not understood. */
static void read_values(struct text rest, struct text *values)
{
    while (rest.size > 0) {
        size_t digits = 1, number;
        struct text value;

        while (digits < rest.size && rest.data[digits] >= '0' && rest.data[digits] <= '9')
            digits++;
        number = number_of((struct text){rest.data, digits});
        rest.data += digits;
        rest.size -= digits;
        if (number == 0 || !text_take_off(&rest, TEXT(" = ")))
            return;
        if (!take_value(&rest, &value))
            return;
        if (!text_ends(value, TEXT("...'")))
            values[number - 1] = value;
        if (!text_take_off(&rest, TEXT(", ")))
            return;
    }
}

struct text sql_with_values(struct text sql, struct text parameters, struct arena *arena)
{
    struct text *values;
    const char *from = sql.data;
    struct sql_lexer lexer;
    struct sql_token token;
    struct buffer filled;

    if (parameters.size == 0 || sql.size == 0)
        return sql;
    values = arena_alloc_array(arena, VALUES_MAX, sizeof *values);
    read_values(parameters, values);
    buffer_init(&filled, SQL_BYTES_MAX);
    sql_lexer_init(&lexer, SQL_DIALECT_POSTGRESQL, sql);
    while ((token = sql_lexer_next(&lexer)).kind != TOKEN_END) {
        size_t number = token.kind == TOKEN_CONSTANT ? number_of(token.text) : 0;

        if (number == 0 || values[number - 1].data == NULL)
            continue;
        buffer_append(&filled, from, (size_t)(token.text.data - from));
        buffer_append_text(&filled, values[number - 1]);
        from = token.text.data + token.text.size;
    }
    if (from != sql.data) {
        buffer_append(&filled, from, (size_t)(sql.data + sql.size - from));
        if (!filled.has_failed)
            sql = (struct text){arena_copy(arena, filled.data, filled.size_bytes), filled.size_bytes};
    }
    buffer_free(&filled);
    return sql;
}
