/* What clients write around a plan, taken off:
 *
 *     psql     a heading, a line below it, "(12 rows)", and "+" or a sign of its own at the end of lines that go on
 *     mysql    borders of "|", or "EXPLAIN: " after a row of stars; \n where the line was not broken
 *     pgAdmin  a pair of quotes around each line */
#include <string.h>

#include "base/buffer.h"
#include "plan/plan_internal.h"

static bool is_made_of(struct text line, const char *bytes)
{
    for (size_t i = 0; i < line.size; i++)
        if (line.data[i] == '\0' || strchr(bytes, line.data[i]) == NULL)
            return false;
    return true;
}

/* Borders: ----+----, ********, ────, ╌╌╌. */
static bool is_border(struct text line)
{
    return line.size >= 2 && (is_made_of(line, "-+=") || is_made_of(line, "\xe2\x94\x80\x81\x82\xbc\xa4\x8c\x90\xac"));
}

/* "(12 rows)", "1 row in set (0.00 sec)", "1 row in set, 1 warning (0.01 sec)", "*** 1. row ***" */
static bool is_count(struct text line)
{
    bool has_row = memmem(line.data, line.size, " row", 4) != NULL;

    if (!has_row || line.size > 120)
        return false;
    return (line.data[0] == '(' && text_ends(line, TEXT(")"))) || line.data[0] == '*' ||
           memmem(line.data, line.size, " in set", 7) != NULL;
}

static bool is_heading(struct text line)
{
    static const char *const headings[] = {"QUERY PLAN", "EXPLAIN",    "ANALYZE",
                                           "Query Plan", "QUERY_PLAN", "\"QUERY PLAN\""};

    for (size_t i = 0; i < sizeof headings / sizeof headings[0]; i++)
        if (text_equal(line, text_of(headings[i])))
            return true;
    return false;
}

static struct text trim_end(struct text line)
{
    while (line.size > 0 &&
           (line.data[line.size - 1] == ' ' || line.data[line.size - 1] == '\r' || line.data[line.size - 1] == '\t'))
        line.size--;
    return line;
}

/* Bars at both ends, one byte or psql's "│". A plan's own lines begin with no bar. */
static struct text without_bars(struct text line)
{
    struct text trimmed = text_trim(line);

    if (text_take_off(&trimmed, TEXT("|")) || text_take_off(&trimmed, TEXT("\xe2\x94\x82"))) {
        line = trimmed;
        text_take_off(&line, TEXT(" "));
        line = trim_end(line);
        if (text_ends(line, TEXT("|")))
            line.size -= 1;
        else if (text_ends(line, TEXT("\xe2\x94\x82")))
            line.size -= 3;
    }
    return trim_end(line);
}

/* psql's marks of a line that goes on. */
static struct text without_mark(struct text line)
{
    static const char *const marks[] = {"+", "\xe2\x86\xb5", "\xc2\xa4"};

    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (line.size > 0 && text_ends(line, text_of(marks[i]))) {
            line.size -= strlen(marks[i]);
            break;
        }
    return trim_end(line);
}

static void append_line(struct buffer *out, struct text line)
{
    struct text trimmed;

    line = without_mark(without_bars(line));
    trimmed = text_trim(line);
    if (trimmed.size == 0 || is_border(trimmed) || is_count(trimmed) || is_heading(trimmed))
        return;
    if (out->size_bytes == 0) { /* mysql's \G */
        if (text_take_off(&trimmed, TEXT("EXPLAIN: ")) || text_take_off(&trimmed, TEXT("ANALYZE: ")))
            line = trimmed;
        if (trimmed.data[0] == '{' || trimmed.data[0] == '[')
            line = trimmed;
    }
    buffer_append_text(out, line);
    buffer_append_byte(out, '\n');
}

/* mysql -e writes a row in one line, with \n for each line break. */
static void break_lines(struct buffer *text)
{
    size_t to = 0;

    for (size_t from = 0; from < text->size_bytes; from++) {
        char byte = text->data[from];

        if (byte == '\\' && from + 1 < text->size_bytes &&
            (text->data[from + 1] == 'n' || text->data[from + 1] == '\\')) {
            from++;
            byte = text->data[from] == 'n' ? '\n' : '\\';
        }
        text->data[to++] = byte;
    }
    text->size_bytes = to;
}

/* pgAdmin's quotes: in text only, where each line has them. */
static void unquote_lines(struct buffer *text)
{
    struct text rest = buffer_text(text), line;
    size_t to = 0;

    while (text_split(&rest, '\n', &line)) {
        if (line.size > 1 && line.data[0] == '"' && line.data[line.size - 1] == '"') {
            line.data++;
            line.size -= 2;
        }
        memmove(text->data + to, line.data, line.size);
        to += line.size;
        if (rest.data != NULL)
            text->data[to++] = '\n';
    }
    text->size_bytes = to;
}

struct text plan_paste_clean(struct text pasted, struct arena *arena)
{
    struct text line, clean = {"", 0};
    struct buffer out;

    buffer_init(&out, 2 * PLAN_JSON_BYTES_MAX);
    while (text_split(&pasted, '\n', &line))
        append_line(&out, line);
    if (out.size_bytes > 0) {
        struct text all = buffer_text(&out);

        if (text_starts(all, TEXT("{\\n")) || text_starts(all, TEXT("[\\n")) || text_starts(all, TEXT("->")))
            break_lines(&out);
        if (out.data[0] == '"')
            unquote_lines(&out);
        clean = (struct text){arena_string(arena, out.data, out.size_bytes), out.size_bytes};
    }
    buffer_free(&out);
    return clean;
}
