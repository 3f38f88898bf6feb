/* Any bytes as a table of texts: a CSV reader gets the same texts back, and no text is a formula to a spreadsheet.
 * The first byte chooses. The rest is texts separated by NUL in rows that end with \1, or the value of Accept. */
#include "fcgi/request/csv.h"
#include "tests/fuzz/fuzz.h"

enum { CELLS_MAX = 64 };

struct table {
    struct text cells[CELLS_MAX];
    bool is_row_end[CELLS_MAX];
    size_t count;
};

static void split(struct text input, struct table *out)
{
    size_t begin = 0;

    out->count = 0;
    for (size_t i = 0; i < input.size && out->count < CELLS_MAX; i++) {
        if (input.data[i] != '\0' && input.data[i] != '\1')
            continue;
        out->is_row_end[out->count] = input.data[i] == '\1';
        out->cells[out->count++] = (struct text){input.data + begin, i - begin};
        begin = i + 1;
    }
    if (out->count > 0)
        out->is_row_end[out->count - 1] = true;
}

static void write_table(const struct table *table, struct buffer *out)
{
    struct csv_writer csv = {.buffer = out};

    for (size_t i = 0; i < table->count; i++) {
        csv_text(&csv, table->cells[i]);
        if (table->is_row_end[i])
            csv_end_row(&csv);
    }
}

/* Read one cell by RFC 4180 and write it unquoted to `out`. Returns the first byte after it. */
static const char *read_cell(const char *at, const char *end, struct buffer *out)
{
    if (at == end || *at != '"') {
        while (at != end && *at != ',' && *at != '\r' && *at != '\n') {
            fuzz_check(*at != '"', "a quote stands in quotes alone");
            buffer_append_byte(out, *at++);
        }
        return at;
    }
    for (at++;; at++) {
        fuzz_check(at != end, "quotes are closed");
        if (*at == '"' && (++at == end || *at != '"'))
            return at;
        buffer_append_byte(out, *at);
    }
}

/* Would a spreadsheet calculate the text? */
static bool is_formula(struct text text)
{
    double number;

    return text.size > 0 && strchr("=+-@\t\r", text.data[0]) != NULL && !text_to_double(text, &number);
}

static void check_cell(struct text read, struct text written)
{
    fuzz_check(!is_formula(read), "no cell is a formula");
    if (read.size == written.size + 1) {
        fuzz_check(read.data[0] == '\'' && is_formula(written), "formulas alone get an apostrophe");
        read = (struct text){read.data + 1, written.size};
    }
    fuzz_check(text_equal(read, written), "a cell is read back as it was");
}

static void check_table(struct text input)
{
    struct table table;
    struct buffer out, cell;
    const char *at, *end;

    split(input, &table);
    buffer_init(&out, 2 * input.size + 5 * (size_t)CELLS_MAX);
    write_table(&table, &out);
    fuzz_check(!out.has_failed, "output stays in proportion to the input");
    if (table.count == 0)
        return;
    at = out.data;
    end = out.data + out.size_bytes;
    for (size_t i = 0; i < table.count; i++) {
        buffer_init(&cell, input.size + 1);
        at = read_cell(at, end, &cell);
        check_cell(buffer_text(&cell), table.cells[i]);
        buffer_free(&cell);
        if (table.is_row_end[i]) {
            fuzz_check(end - at >= 2 && memcmp(at, "\r\n", 2) == 0, "rows end with CRLF");
            at += 2;
        } else {
            fuzz_check(at != end && *at == ',', "cells have a comma between them");
            at++;
        }
    }
    fuzz_check(at == end, "nothing is written beside the cells");
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text input = {(const char *)data, size};

    if (fuzz_take_byte(&input) % 2 == 0)
        check_table(input);
    else
        csv_is_wanted(input);
    return 0;
}
