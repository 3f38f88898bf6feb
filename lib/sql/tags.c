/* Tags out of comments; see tags.h. */
#include "sql/tags.h"

#include "sql/lexer.h"

/* The values of one comment, or of all so far, by key; data NULL: none. */
struct found {
    struct text values[TAG_KEYS_MAX];
};

static struct text skip(struct text text, size_t bytes)
{
    return (struct text){text.data + bytes, text.size - bytes};
}

static struct text skip_space(struct text text)
{
    while (text.size > 0 && sql_class_of[(uint8_t)text.data[0]] == CLASS_SPACE)
        text = skip(text, 1);
    return text;
}

/* What is shown: decoded, without what a page or a terminal could take for a command, and short. data NULL: nothing. */
static struct text value_of(struct text raw, bool is_encoded, struct arena *arena)
{
    char *decoded;
    size_t size = 0;
    struct text value;

    raw = text_trim(raw);
    decoded = arena_alloc(arena, raw.size + 1);
    for (size_t i = 0; i < raw.size && size <= (size_t)SQL_TAG_VALUE_BYTES_MAX * 4; i++) {
        char byte = raw.data[i];

        if (is_encoded && byte == '%' && i + 2 < raw.size && text_hex_digit(raw.data[i + 1]) >= 0 &&
            text_hex_digit(raw.data[i + 2]) >= 0) {
            byte = (char)(text_hex_digit(raw.data[i + 1]) * 16 + text_hex_digit(raw.data[i + 2]));
            i += 2;
        } else if (is_encoded && byte == '\\' && i + 1 < raw.size) {
            byte = raw.data[++i];
        }
        if ((uint8_t)byte < 0x20 || byte == 0x7f)
            return (struct text){NULL, 0};
        decoded[size++] = byte;
    }
    value = text_cut_utf8(text_to_utf8((struct text){decoded, size}, arena), SQL_TAG_VALUE_BYTES_MAX);
    return value.size == 0 ? (struct text){NULL, 0} : value;
}

static void keep(struct found *found, const struct tag_keys *keys, struct text key, struct text raw, bool is_encoded,
                 struct arena *arena)
{
    for (size_t i = 0; i < keys->count; i++)
        if (text_equal(keys->keys[i], key) && found->values[i].data == NULL)
            found->values[i] = value_of(raw, is_encoded, arena);
}

/* The value at the beginning of *rest, and *rest after it. */
static bool take_value(struct text *rest, struct text *out_raw, bool *out_is_encoded)
{
    size_t size = 0;

    *out_is_encoded = rest->size > 0 && rest->data[0] == '\'';
    if (*out_is_encoded) {
        *rest = skip(*rest, 1);
        while (size < rest->size && rest->data[size] != '\'')
            size += rest->data[size] == '\\' && size + 1 < rest->size ? 2 : 1;
        if (size >= rest->size)
            return false;
        *out_raw = (struct text){rest->data, size};
        *rest = skip_space(skip(*rest, size + 1));
        return true;
    }
    while (size < rest->size && rest->data[size] != ',')
        size++;
    *out_raw = (struct text){rest->data, size};
    *rest = skip(*rest, size);
    return true;
}

/* False: the comment is prose. */
static bool read_comment(struct text body, const struct tag_keys *keys, struct arena *arena, struct found *found)
{
    struct text rest = skip_space(body);

    for (;;) {
        struct text key, raw;
        size_t size = 0;
        bool is_encoded;

        while (size < rest.size && tag_key_is_byte(rest.data[size], size == 0))
            size++;
        key = (struct text){rest.data, size};
        rest = skip_space(skip(rest, size));
        if (size == 0 || rest.size == 0 || (rest.data[0] != '=' && rest.data[0] != ':'))
            return false;
        rest = skip_space(skip(rest, 1));
        if (!take_value(&rest, &raw, &is_encoded))
            return false;
        keep(found, keys, key, raw, is_encoded, arena);
        if (rest.size == 0)
            return true;
        if (rest.data[0] != ',')
            return false;
        rest = skip_space(skip(rest, 1));
    }
}

static void add_comment(struct text body, const struct tag_keys *keys, struct arena *arena, struct found *all)
{
    struct found found = {0};

    if (!read_comment(body, keys, arena, &found))
        return;
    for (size_t i = 0; i < keys->count; i++)
        if (all->values[i].data == NULL)
            all->values[i] = found.values[i];
}

/* The comments of a stretch between two tokens. */
static void read_blank(enum sql_dialect dialect, const uint8_t *at, const uint8_t *end, const struct tag_keys *keys,
                       struct arena *arena, struct found *all)
{
    while (at < end) {
        const uint8_t *body, *after;
        bool is_terminated = true;

        switch (scan_comment_begins(dialect, at, end, &body)) {
        case SCAN_COMMENT_LINE:
            at = scan_line_comment(body, end);
            break;
        case SCAN_COMMENT_BLOCK:
            after = scan_block_comment(body, end, dialect == SQL_DIALECT_POSTGRESQL, &is_terminated);
            if (is_terminated)
                add_comment((struct text){(const char *)body, (size_t)(after - body) - 2}, keys, arena, all);
            at = after;
            break;
        case SCAN_COMMENT_EXECUTABLE:
            at = body;
            break;
        case SCAN_COMMENT_NONE:
            at++;
            break;
        }
    }
}

size_t sql_tags_find(enum sql_dialect dialect, struct text sql, const struct tag_keys *keys, struct arena *arena,
                     struct sql_tag tags[SQL_TAGS_MAX])
{
    struct found all = {0};
    struct sql_lexer lexer;
    struct sql_token token;
    size_t count = 0;

    if (keys->count == 0 || sql.size == 0 || memmem(sql.data, sql.size, "/*", 2) == NULL)
        return 0;
    sql_lexer_init(&lexer, dialect, sql);
    do {
        const uint8_t *from = lexer.at;

        token = sql_lexer_next(&lexer);
        read_blank(dialect, from, (const uint8_t *)token.text.data, keys, arena, &all);
    } while (token.kind != TOKEN_END);
    for (size_t i = 0; i < keys->count && count < SQL_TAGS_MAX; i++)
        if (all.values[i].data != NULL)
            tags[count++] = (struct sql_tag){i, all.values[i]};
    return count;
}
