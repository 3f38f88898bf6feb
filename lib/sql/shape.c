/* The pass over the bytes; see shape.h. One loop reads a token, writes it and remembers only its kind and where its
 * word is, because the next token depends on nothing else. A window of 64 bytes finds words, numbers and short strings;
 * rare cases are in scan.c, fold.c and shape_context.c. The loop is compiled once for each dialect. */
#include "sql/shape.h"

#include "sql/fold.h"
#include "sql/shape_context.h"
#include "sql/window.h"

/* By the last token: is a blank written before a word, a constant or an operator? */
static const uint8_t blank_before_value[] = {
    [AFTER_START] = 0,         [AFTER_WORD] = 1, [AFTER_CONSTANT] = 1,  [AFTER_STRING] = 1,       [AFTER_OPERATOR] = 1,
    [AFTER_COMMA] = 1,         [AFTER_DOT] = 0,  [AFTER_OPEN] = 0,      [AFTER_OPEN_BRACKET] = 0, [AFTER_CLOSE] = 1,
    [AFTER_CLOSE_BRACKET] = 1, [AFTER_CAST] = 0, [AFTER_SEMICOLON] = 1, [AFTER_ROW] = 1,          [AFTER_ROW_COMMA] = 1,
};

/* The same before ( and [, but there is no blank after the name of a function or array. */
static const uint8_t blank_before_bracket[] = {
    [AFTER_CONSTANT] = 1, [AFTER_STRING] = 1,    [AFTER_OPERATOR] = 1,  [AFTER_COMMA] = 1, [AFTER_CLOSE] = 1,
    [AFTER_ROW] = 1,      [AFTER_ROW_COMMA] = 1, [AFTER_SEMICOLON] = 1, [AFTER_WORD] = 0,  [AFTER_CLOSE_BRACKET] = 0,
};

/* The whole pass. `dialect` is a constant in each of the two compiled copies. */
/* long: one loop over the bytes. Its state stays in registers, and the branch after one kind of token leads to the
 * next; in functions of their own the kinds would hand that state over with each token. */
static inline __attribute__((always_inline)) size_t shape_run(const enum sql_dialect dialect, struct text sql,
                                                              char *const out_text, char *const out_canonical,
                                                              bool *out_has_semicolon)
{
    enum { TAIL_BYTES = WINDOW_SLACK_BYTES };
    const bool is_mysql = dialect == SQL_DIALECT_MYSQL;
    const ptrdiff_t canonical = out_canonical - out_text;
    uint8_t tail[TAIL_BYTES + WINDOW_SLACK_BYTES];
    struct fold_frame frames[FOLD_DEPTH_MAX];
    struct cursor cursor = {out_text, canonical, out_text, 0};
    const uint8_t *base = (const uint8_t *)(sql.size == 0 ? "" : sql.data);
    const uint8_t *end = base + sql.size;
    const uint8_t *at, *to;
    struct window window;
    char *out = out_text;
    size_t depth = 0;
    unsigned offset, run, after = AFTER_START, frame_kind = FOLD_NONE;
    bool is_tail = false, is_executable = false, is_terminated = true;

#define PUT(byte)            (out[0] = out[canonical] = (char)(byte), out++)
#define PUT_BLANK(is_wanted) (out[0] = out[canonical] = ' ', out += (is_wanted))
#define PUT_VALUE_BLANK()    PUT_BLANK(blank_before_value[after])
#define IS_IN_LIST()         (frame_kind == FOLD_LIST || frame_kind == FOLD_ARRAY)
/* In a list, two constants without a comma between them count as one, as they do in fold_skip_constants. */
#define PUT_CONSTANT()                                                                                                 \
    do {                                                                                                               \
        if (__builtin_expect((after != AFTER_CONSTANT && after != AFTER_STRING) || !IS_IN_LIST(), 1)) {                \
            PUT_VALUE_BLANK();                                                                                         \
            PUT('?');                                                                                                  \
        }                                                                                                              \
    } while (0)
/* Continue at `target`. */
#define GO(target)                                                                                                     \
    do {                                                                                                               \
        to = (target);                                                                                                 \
        if (to - base < WINDOW_BYTES) {                                                                                \
            offset = (unsigned)(to - base);                                                                            \
            goto next;                                                                                                 \
        }                                                                                                              \
        base = to;                                                                                                     \
        goto refill;                                                                                                   \
    } while (0)

    frames[0].kind = FOLD_NONE; /* is_next_row may ask before any bracket opens */
refill:
    /* The last bytes are copied and padded with zeros, so that the code below never reads past the input. */
    if (!is_tail && end - base < TAIL_BYTES) {
        size_t left = (size_t)(end - base);

        memcpy(tail, base, left);
        memset(tail + left, 0, WINDOW_SLACK_BYTES);
        base = tail;
        end = tail + left;
        is_tail = true;
    }
    window = window_at(base);
    offset = 0;

next:
    if ((window.solid >> offset) == 0) {
        base += WINDOW_BYTES - 1;
        if (base >= end)
            goto finish;
        goto refill;
    }
    offset += (unsigned)__builtin_ctzll(window.solid >> offset);
    at = base + offset;
    switch (sql_class_of[*at]) {
    case CLASS_UNDERSCORE:
        if (is_mysql) { /* _utf8mb4 'text' */
            to = scan_introduced(at, end);
            if (to != NULL)
                GO(to);
        }
        goto word;
    case CLASS_HIGH:
        if (after == AFTER_START && memcmp(at, "\xEF\xBB\xBF", 3) == 0) /* byte order mark */
            GO(at + 3);
        goto word;
    case CLASS_WORD:
    word : {
        bytes16 bytes, lower;
        unsigned four;

        run = window_run(window.words, offset);
        if (offset + run >= WINDOW_BYTES) {
            if (offset != 0) {
                base = at;
                goto refill;
            }
            to = scan_dotted_word(dialect, at, end);
            PUT_VALUE_BLANK();
            out = write_long_word(dialect, &cursor, out, at, to);
            after = out[-1] == '.' ? AFTER_DOT : AFTER_WORD;
            cursor.word_size = 0;
            GO(to);
        }
        four = load4(at) | 0x20202020;
        if (__builtin_expect((four == FOUR('n', 'u', 'l', 'l') && run == 4) ||
                                 (four == FOUR('t', 'r', 'u', 'e') && run == 4) ||
                                 (four == FOUR('f', 'a', 'l', 's') && run == 5 && (at[4] | 0x20) == 'e'),
                             0)) {
            if (is_constant_word(dialect, after, &cursor, out, four == FOUR('n', 'u', 'l', 'l'))) {
                PUT_CONSTANT();
                after = AFTER_CONSTANT;
                offset += run;
                goto next;
            }
        }
        if (__builtin_expect(at[run] == '\'' || (is_mysql && at[run] == '"'), 0) &&
            is_string_prefix(dialect, at, run)) {
            if (is_mysql || (at[0] | 0x20) != 'e')
                GO(at + run);
            to = scan_quoted(at + run + 1, end, '\'', true, &is_terminated);
            goto string_until;
        }
        if (!is_mysql && __builtin_expect(at[run] == '&' && (at[run - 1] | 0x20) == 'u', 0)) {
            if (run == 1 && at[2] == '\'') /* U&'text' */
                GO(at + 2);
            if (run == 1 && at[2] == '"') {
                to = scan_quoted(at + 3, end, '"', false, &is_terminated);
                goto quoted_name;
            }
            if (run > 1 && at[run - 2] == '.' && at[run + 1] == '"') /* a.U&"name": the name is next */
                run--;
        }
        if (!is_mysql && __builtin_expect(four == FOUR('u', 'e', 's', 'c') && run == 7, 0) &&
            (after == AFTER_STRING || after == AFTER_CONSTANT)) {
            to = scan_blank(dialect, at + run, end, &is_terminated);
            if (to < end && *to == '\'') {
                after = AFTER_STRING; /* U&'text' UESCAPE '!' is one constant */
                GO(to);
            }
        }
        PUT_VALUE_BLANK();
        bytes = bytes16_load(at);
        bytes16_store(out, bytes);
        lower = bytes16_lower(bytes);
        cursor.word = out;
        cursor.word_size = after == AFTER_DOT ? 0 : run;
        if (run <= 16) {
            if (is_mysql && (after == AFTER_DOT || keyword_find(dialect, bytes16_first(lower, run)) == 0))
                lower = bytes;
            bytes16_store(out + canonical, lower);
        } else {
            bool is_lower = !is_mysql || (after != AFTER_DOT && run <= KEYWORD_LONG_BYTES_MAX &&
                                          keyword_find_text(dialect, (struct text){(const char *)at, run}) != 0);

            for (unsigned i = 0; i < run; i += 16) {
                bytes = bytes16_load(at + i);
                bytes16_store(out + i, bytes);
                bytes16_store(out + i + canonical, is_lower ? bytes16_lower(bytes) : bytes);
            }
        }
        if (is_mysql && after == AFTER_DOT)
            fold_system_variable(out, canonical, run);
        out += run;
        offset += run;
        after = AFTER_WORD;
        if (__builtin_expect(at[run - 1] == '.', 0)) {
            after = AFTER_DOT;
            /* Keep this a branch: it is predicted, so the next token need not wait for `after`. */
            __asm__ volatile("");
        }
        goto next;
    }
    case CLASS_DIGIT:
        run = window_run(window.numbers, offset);
        if (__builtin_expect(offset + run < WINDOW_BYTES && (window.words >> (offset + run) & 1) == 0, 1)) {
            offset += run;
            goto constant;
        }
        to = scan_number(dialect, at, end);
        if (to == NULL) {
            if (after == AFTER_DOT)
                after = AFTER_OPERATOR; /* writes a blank; else the dot would look like part of a number */
            goto word;
        }
    constant_until:
        PUT_CONSTANT();
        after = AFTER_CONSTANT;
        GO(to);
    constant:
        PUT_CONSTANT();
        after = AFTER_CONSTANT;
        goto next;
    case CLASS_DOUBLE_QUOTE:
        if (!is_mysql) {
        name:
            run = offset + 1 < WINDOW_BYTES ? window_run(window.words, offset + 1) : 0;
            if (offset + 1 + run >= WINDOW_BYTES && offset != 0) {
                base = at;
                goto refill;
            }
            if (((at[1 + run] == *at && at[2 + run] != *at) || at + 1 + run == end) &&
                is_plain_name(dialect, at + 1, run)) {
                PUT_VALUE_BLANK();
                cursor.word = out;
                cursor.word_size = after == AFTER_DOT ? 0 : run;
                for (unsigned i = 0; i < run; i += 16) {
                    bytes16 bytes = bytes16_load(at + 1 + i);

                    bytes16_store(out + i, bytes);
                    bytes16_store(out + i + canonical, bytes);
                }
                if (is_mysql && after == AFTER_DOT)
                    fold_system_variable(out, canonical, run);
                else if (is_mysql)
                    fold_keyword(out, canonical, run);
                out += run;
                after = AFTER_WORD;
                GO(at + run + 2);
            }
            to = scan_quoted(at + 1, end, *at, false, &is_terminated);
        quoted_name:
            PUT_VALUE_BLANK();
            cursor.word_size = 0;
            out = write_quoted_name(&cursor, out, at, to, is_terminated);
            after = AFTER_WORD;
            GO(to);
        }
        /* fall through */
    case CLASS_QUOTE: {
        bytes16 bytes = bytes16_load(at + 1);
        bytes16 stops = bytes16_equal(bytes, *at);
        uint32_t found;

        if (is_mysql)
            stops |= bytes16_equal(bytes, '\\');
        found = bytes16_mask(stops);
        if (found != 0) {
            to = at + 1 + __builtin_ctz(found);
            if (*to == *at && to[1] != *at) {
                to++;
                goto string_until;
            }
        }
        to = scan_quoted(at + 1, end, *at, is_mysql, &is_terminated);
    string_until:
        if (to > end)
            to = end;
        if (after != AFTER_STRING)
            PUT_CONSTANT();
        after = AFTER_STRING;
        GO(to);
    }
    case CLASS_BACKTICK:
        if (is_mysql)
            goto name;
        goto operator;
    case CLASS_COMMA:
        offset++;
        if (after == AFTER_ROW) {
            size_t columns = fold_constant_columns(&frames[depth], out_canonical);

            if (columns > 0) {
                to = fold_skip_rows(dialect, at, end, columns);
                if (to != at)
                    GO(to);
            }
            frames[depth].item_at = (size_t)(out - out_text);
            PUT(',');
            after = AFTER_ROW_COMMA;
            goto next;
        }
        if (IS_IN_LIST()) {
            struct fold_frame *frame = &frames[depth - 1];
            const char *item = out_text + frame->item_at;
            bool is_lone_constant = out[-1] == '?' && (out - item == 1 || (out - item == 3 && item[0] == ','));

            out = out_text + fold_item_end(frame, out_canonical, (size_t)(out - out_text));
            frame_kind = frame->kind;
            if (frame_kind == FOLD_NONE)
                goto comma;
            if (frame->shape_count == 0)
                goto next; /* no item before this comma */
            frame->item_at = (size_t)(out - out_text);
            if (is_lone_constant) {
                to = fold_skip_constants(dialect, at + 1, end);
                if (to < end && (*to == ')' || *to == ']'))
                    GO(to);
                PUT(',');
                after = AFTER_COMMA;
                GO(to);
            }
        }
    comma:
        PUT(',');
        after = AFTER_COMMA;
        goto next;
    case CLASS_OPEN: {
        unsigned kind = FOLD_NONE;
        bool is_blank = blank_before_bracket[after], is_extract = false;

        offset++;
        if (after == AFTER_WORD) {
            unsigned flags = word_flags(dialect, &cursor);

            if (flags != 0) {
                is_blank = (flags & KEYWORD_IS_CALL) == 0;
                is_extract = !is_mysql && (flags & KEYWORD_IS_EXTRACT) != 0;
                if ((flags & KEYWORD_IS_IN) != 0)
                    kind = FOLD_LIST;
                else if ((flags & (KEYWORD_IS_VALUES | KEYWORD_IS_VALUE)) != 0)
                    kind = FOLD_ROW;
                else if (is_mysql && (flags & KEYWORD_IS_ROW) != 0 && depth < FOLD_DEPTH_MAX &&
                         is_next_row(&frames[depth], &cursor))
                    after = AFTER_ROW_WORD;
            } else {
                is_blank = depth == 0 && is_into(&cursor, out);
                if (is_mysql && !is_blank)
                    fold_function_name(&cursor, out);
            }
        }
        PUT_BLANK(is_blank);
        if (depth < FOLD_DEPTH_MAX) {
            if (after == AFTER_ROW_COMMA || (is_mysql && after == AFTER_ROW_WORD && cursor.word[-2] == ',')) {
                kind = FOLD_ROW;
                frames[depth].kind = FOLD_ROW;
            } else if (is_mysql && after == AFTER_ROW_WORD) { /* ROW(…): the word is part of the row */
                kind = FOLD_ROW;
                fold_begin(&frames[depth], kind, (size_t)(cursor.word - out_text));
            } else {
                fold_begin(&frames[depth], kind, (size_t)(out - out_text) + (kind != FOLD_ROW));
            }
        } else {
            kind = FOLD_NONE;
        }
        frame_kind = kind;
        depth++;
        PUT('(');
        after = AFTER_OPEN;
        if (is_extract) { /* in EXTRACT(year FROM …) PostgreSQL counts the field as a constant */
            at = scan_blank(dialect, at + 1, end, &is_terminated);
            to = scan_word(at, end);
            if (to > at && is_from(scan_blank(dialect, to, end, &is_terminated), end))
                goto constant_until;
        }
        goto next;
    }
    case CLASS_OPEN_BRACKET: {
        unsigned kind = FOLD_BRACKET;

        offset++;
        if ((after == AFTER_WORD && (word_flags(dialect, &cursor) & KEYWORD_IS_ARRAY) != 0) ||
            ((after == AFTER_OPEN_BRACKET || after == AFTER_COMMA) && frame_kind == FOLD_ARRAY))
            kind = FOLD_ARRAY;
        PUT_BLANK(after == AFTER_OPERATOR || after == AFTER_COMMA || after == AFTER_SEMICOLON);
        if (depth < FOLD_DEPTH_MAX)
            fold_begin(&frames[depth], kind, (size_t)(out - out_text) + 1);
        else
            kind = FOLD_NONE;
        frame_kind = kind;
        depth++;
        PUT('[');
        after = AFTER_OPEN_BRACKET;
        goto next;
    }
    case CLASS_CLOSE:
    case CLASS_CLOSE_BRACKET: {
        bool is_row = frame_kind == FOLD_ROW;

        offset++;
        if (IS_IN_LIST())
            out = out_text + fold_item_end(&frames[depth - 1], out_canonical, (size_t)(out - out_text));
        PUT(*at);
        after = *at == ')' ? AFTER_CLOSE : AFTER_CLOSE_BRACKET;
        if (is_row) {
            out = out_text + fold_item_end(&frames[depth - 1], out_canonical, (size_t)(out - out_text));
            after = AFTER_ROW;
        }
        if (depth > 0)
            depth--;
        frame_kind = depth > 0 && depth <= FOLD_DEPTH_MAX ? frames[depth - 1].kind : FOLD_NONE;
        goto next;
    }
    case CLASS_DOT:
        if (sql_class_of[at[1]] == CLASS_DIGIT && !is_after_operand(dialect, after, &cursor)) {
            to = scan_number(dialect, at, end);
            goto constant_until;
        }
        if (is_mysql && at[1] == '.' && at[2] == '.') { /* performance_schema's digests write `...` for a list */
            to = at + 3;
            goto constant_until;
        }
        if (is_mysql && after == AFTER_WORD) /* the word is a name after all, and case matters in names */
            memcpy(cursor.word + canonical, cursor.word, cursor.word_size);
        offset++;
        PUT_BLANK(after == AFTER_DOT);
        PUT('.');
        after = AFTER_DOT;
        goto next;
    case CLASS_SEMICOLON:
        offset++;
        if (after != AFTER_START && after != AFTER_SEMICOLON) {
            if (IS_IN_LIST())
                out = out_text + fold_item_end(&frames[depth - 1], out_canonical, (size_t)(out - out_text));
            depth = 0; /* brackets that are still open stay open */
            frame_kind = FOLD_NONE;
            PUT(';');
            *out_has_semicolon = true;
            after = AFTER_SEMICOLON;
        }
        goto next;
    case CLASS_COLON:
        if (at[1] == ':') {
            PUT_BLANK(after == AFTER_OPERATOR);
            PUT(':');
            PUT(':');
            after = AFTER_CAST;
            GO(at + 2);
        }
        if (at[1] == '=') {
            to = at + 2;
            goto operator_until;
        }
        if (scan_is_word_byte(at[1]) && (frame_kind != FOLD_BRACKET ||
                                         (after != AFTER_OPEN_BRACKET && !is_after_operand(dialect, after, &cursor)))) {
            to = scan_word(at + 1, end);
            goto constant_until;
        }
        to = at + 1;
        goto operator_until;
    case CLASS_QUESTION:
        if (!is_mysql && (at[1] == '|' || at[1] == '&') && at[2] != at[1] &&
            is_after_operand(dialect, after, &cursor)) {
            to = at + 2;
            goto operator_until;
        }
        to = at + 1;
        goto constant_until;
    case CLASS_PERCENT:
        if ((at[1] == 's' && !scan_is_word_byte(at[2])) && !is_after_operand(dialect, after, &cursor)) {
            to = at + 2;
            goto constant_until;
        }
        if (at[1] == '(' && !is_after_operand(dialect, after, &cursor)) { /* %(name)s */
            to = scan_word(at + 2, end);
            if (end - to > 1 && to[0] == ')' && to[1] == 's') {
                to += 2;
                goto constant_until;
            }
        }
        goto operator;
    case CLASS_AT:
        if (is_mysql && at[1] == '@') { /* a system variable: @@session.sql_mode */
            PUT_VALUE_BLANK();
            PUT('@');
            PUT('@');
            after = AFTER_DOT;
            GO(at + 2);
        }
        if (!is_after_operand(dialect, after, &cursor)) {
            if (scan_is_word_byte(at[1])) {
                to = is_mysql ? scan_dotted_word(dialect, at + 1, end) : scan_word(at + 1, end);
                goto constant_until;
            }
            if (is_mysql && (at[1] == '\'' || at[1] == '"' || at[1] == '`')) {
                to = scan_quoted(at + 2, end, at[1], at[1] != '`', &is_terminated);
                goto constant_until;
            }
        }
        goto operator;
    case CLASS_DOLLAR:
        if (sql_class_of[at[1]] == CLASS_DIGIT) {
            for (to = at + 1; to < end && sql_class_of[*to] == CLASS_DIGIT;)
                to++;
            goto constant_until;
        }
        if (!is_mysql) {
            to = scan_dollar_quoted(at, end, &is_terminated);
            if (to != NULL)
                goto string_until;
            if (!is_after_operand(dialect, after, &cursor) && scan_is_word_byte(at[1])) {
                to = scan_word(at, end);
                goto constant_until;
            }
        }
        goto word;
    case CLASS_MINUS:
    case CLASS_SLASH:
    case CLASS_HASH: {
        const uint8_t *body = NULL;
        enum scan_comment comment = scan_comment_begins(dialect, at, end, &body);

        if (comment == SCAN_COMMENT_LINE)
            GO(scan_line_comment(body, end));
        if (comment == SCAN_COMMENT_BLOCK)
            GO(scan_block_comment(body, end, !is_mysql, &is_terminated));
        if (comment == SCAN_COMMENT_EXECUTABLE) {
            is_executable = true;
            GO(body);
        }
        if (*at == '-' && !is_after_operand(dialect, after, &cursor)) {
            to = scan_negative(dialect, at, end);
            if (to != NULL)
                goto constant_until;
        }
        goto operator;
    }
    case CLASS_OPERATOR:
        operator: if (is_mysql && is_executable && at[0] == '*' && at[1] == '/')
        {
            is_executable = false;
            GO(at + 2);
        }
        if (__builtin_expect(sql_class_of[at[1]] < CLASS_BACKTICK, 1) &&
            *at != '@') { /* an operator of one byte: the common case */
            PUT_VALUE_BLANK();
            PUT(*at);
            after = AFTER_OPERATOR;
            offset++;
            goto next;
        }
        to = scan_operator(dialect, at, end);
    operator_until:
        PUT_VALUE_BLANK();
        if (to - at == 2 && at[0] == '!' && at[1] == '=') {
            memcpy(out + canonical, "<>", 2);
            memcpy(out, "!=", 2);
            out += 2;
        } else {
            for (const uint8_t *byte = at; byte < to; byte++)
                PUT(*byte);
        }
        after = AFTER_OPERATOR;
        GO(to);
    case CLASS_OTHER:
        if (is_mysql && at[0] == '\\' && at[1] == 'N' && !scan_is_word_byte(at[2])) { /* \N is NULL */
            to = at + 2;
            goto constant_until;
        }
        PUT_VALUE_BLANK();
        PUT(*at);
        after = AFTER_OPERATOR;
        offset++;
        goto next;
    default: /* a control character past white space */
        offset++;
        goto next;
    }

finish:
    if (after == AFTER_SEMICOLON)
        out--;
    if (IS_IN_LIST()) /* the statement ends inside a list */
        out = out_text + fold_item_end(&frames[depth - 1], out_canonical, (size_t)(out - out_text));
    return (size_t)(out - out_text);
#undef PUT
#undef PUT_BLANK
#undef PUT_VALUE_BLANK
#undef GO
#undef IS_IN_LIST
#undef PUT_CONSTANT
}

static __attribute__((noinline)) size_t shape_postgresql(struct text sql, char *out_text, char *out_canonical,
                                                         bool *out_has_semicolon)
{
    return shape_run(SQL_DIALECT_POSTGRESQL, sql, out_text, out_canonical, out_has_semicolon);
}

static __attribute__((noinline)) size_t shape_mysql(struct text sql, char *out_text, char *out_canonical,
                                                    bool *out_has_semicolon)
{
    return shape_run(SQL_DIALECT_MYSQL, sql, out_text, out_canonical, out_has_semicolon);
}

size_t shape_write(enum sql_dialect dialect, struct text sql, char *out_text, char *out_canonical,
                   bool *out_has_semicolon)
{
    return dialect == SQL_DIALECT_MYSQL ? shape_mysql(sql, out_text, out_canonical, out_has_semicolon)
                                        : shape_postgresql(sql, out_text, out_canonical, out_has_semicolon);
}
