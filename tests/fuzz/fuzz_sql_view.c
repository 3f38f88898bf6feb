/* Any bytes as SQL, highlighted and broken into lines: the spans hold every byte. The first byte sets the dialect. */
#include "fcgi/pages/sql_view.h"
#include "tests/fuzz/fuzz.h"

static void check_view(enum sql_dialect dialect, struct text sql, bool is_wrapped, struct arena *arena)
{
    struct sql_view view = sql_view_make(dialect, sql, is_wrapped, arena);
    struct text joined = {arena_alloc(arena, 3 * sql.size + 1), 0};
    size_t lines = 1, at = 0;

    for (size_t i = 0; i < view.count; i++) {
        struct text text = view.spans[i].text;

        fuzz_check(text.size > 0 && joined.size + text.size <= 3 * sql.size, "a span holds something of the text");
        memcpy((char *)(uintptr_t)joined.data + joined.size, text.data, text.size);
        joined.size += text.size;
    }
    for (size_t i = 0; i < joined.size; i++) {
        lines += joined.data[i] == '\n';
        if (at < sql.size && joined.data[i] == sql.data[at]) {
            at++;
            continue;
        }
        fuzz_check(is_wrapped && joined.data[i] == '\n' && at < sql.size && sql.data[at] == ' ',
                   "line breaks alone replace blanks");
        at++;
        while (i + 2 < joined.size && joined.data[i + 1] == ' ' && (at == sql.size || sql.data[at] != ' '))
            i++; /* the indentation */
    }
    fuzz_check(at == sql.size, "the spans hold every byte");
    fuzz_check(view.line_count == lines, "lines are counted");
    fuzz_check(arena_used(arena) <= 256 * (sql.size + 64), "memory stays in proportion to the text");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text input = {(const char *)data, size};
    struct arena *arena = arena_new(0);
    unsigned choice = fuzz_take_byte(&input);

    check_view((enum sql_dialect)(choice / 2 % 3), input, choice % 2 == 1, arena);
    arena_destroy(arena);
    return 0;
}
