/* Making coloured spans; see sql_view.h. */
#include "fcgi/pages/sql_view.h"

#include "base/vector.h"

enum { WRAPPED_BYTES_MIN = 61 };

/* Keywords that start a line outside parentheses. */
static const struct {
    const char *words, *line_break;
} line_starts[] = {
    {"CROSS EXCEPT FOR FROM FULL GROUP HAVING INNER INTERSECT JOIN LEFT LIMIT NATURAL OFFSET ORDER RETURNING RIGHT SET "
     "STRAIGHT_JOIN UNION VALUES WHERE WINDOW",
     "\n"},
    {"AND OR", "\n  "},
};

/* A keyword after one of these words stays on its line: `BETWEEN ? AND ?`, `LEFT OUTER JOIN`. */
static const char line_keepers[] = "LEFT RIGHT FULL INNER CROSS NATURAL OUTER BETWEEN";

struct view_maker {
    VECTOR(struct sql_span) drawn;
    int depth;          /* of parentheses */
    struct text before; /* the previous keyword */
    size_t line_count;
    struct arena *arena;
};

static bool is_one_of(struct text word, const char *words)
{
    struct text left = text_of(words), one;

    while (text_split(&left, ' ', &one))
        if (text_equal_nocase(word, one))
            return true;
    return false;
}

static struct sql_span *last_drawn(struct view_maker *maker)
{
    return maker->drawn.count == 0 ? NULL : &maker->drawn.items[maker->drawn.count - 1];
}

static void draw(struct view_maker *maker, enum sql_span_kind kind, struct text text)
{
    struct sql_span *last = last_drawn(maker);

    if (kind == SQL_SPAN_BLANK || kind == SQL_SPAN_OPEN || kind == SQL_SPAN_CLOSE)
        kind = SQL_SPAN_UNSET;
    if (last != NULL && last->kind == kind && last->text.data + last->text.size == text.data)
        last->text.size += text.size;
    else
        *vector_push(&maker->drawn, maker->arena) = (struct sql_span){kind, text};
    for (size_t i = 0; i < text.size; i++)
        maker->line_count += text.data[i] == '\n';
}

/* Replace the blank before the keyword by a line break, if the keyword starts a line here. */
static void break_before(struct view_maker *maker, struct text keyword)
{
    struct sql_span *last = last_drawn(maker);

    if (maker->depth > 0 || last == NULL || last->kind != SQL_SPAN_UNSET ||
        last->text.data[last->text.size - 1] != ' ' || is_one_of(maker->before, line_keepers))
        return;
    for (size_t i = 0; i < sizeof line_starts / sizeof line_starts[0]; i++) {
        if (!is_one_of(keyword, line_starts[i].words))
            continue;
        last->text.size--;
        if (last->text.size == 0)
            maker->drawn.count--;
        draw(maker, SQL_SPAN_UNSET, text_of(line_starts[i].line_break));
    }
}

struct sql_view sql_view_make(enum sql_dialect dialect, struct text sql, bool is_wrapped, struct arena *arena)
{
    const struct sql_spans spans = sql_spans_make(dialect, sql, arena);
    struct view_maker maker = {.arena = arena, .line_count = 1};

    is_wrapped = is_wrapped && sql.size >= WRAPPED_BYTES_MIN && memchr(sql.data, '\n', sql.size) == NULL;
    for (size_t i = 0; i < spans.count; i++) {
        const struct sql_span *span = &spans.items[i];

        if (span->kind == SQL_SPAN_KEYWORD) {
            if (is_wrapped)
                break_before(&maker, span->text);
            maker.before = span->text;
        }
        maker.depth += span->kind == SQL_SPAN_OPEN;
        maker.depth -= span->kind == SQL_SPAN_CLOSE && maker.depth > 0;
        draw(&maker, span->kind, span->text);
    }
    return (struct sql_view){maker.drawn.items, maker.drawn.count, maker.line_count};
}
