/* CSV; see csv.h. */
#include "fcgi/request/csv.h"

#include <inttypes.h>
#include <math.h>

#include "base/json_write.h"

static void begin_cell(struct csv_writer *csv)
{
    if (csv->has_cells)
        buffer_append_byte(csv->buffer, ',');
    csv->has_cells = true;
}

static bool looks_like_formula(struct text text)
{
    double number;

    return text.size > 0 && memchr("=+-@\t\r", text.data[0], 6) != NULL && !text_to_double(text, &number);
}

static bool needs_quotes(struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] == ',' || text.data[i] == '"' || text.data[i] == '\r' || text.data[i] == '\n')
            return true;
    return text.size > 0 && (text.data[0] == ' ' || text.data[text.size - 1] == ' ');
}

void csv_text(struct csv_writer *csv, struct text text)
{
    bool has_quotes = needs_quotes(text);

    begin_cell(csv);
    if (has_quotes)
        buffer_append_byte(csv->buffer, '"');
    if (looks_like_formula(text))
        buffer_append_byte(csv->buffer, '\'');
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"')
            buffer_append_byte(csv->buffer, '"');
        buffer_append_byte(csv->buffer, text.data[i]);
    }
    if (has_quotes)
        buffer_append_byte(csv->buffer, '"');
}

void csv_int64(struct csv_writer *csv, int64_t value)
{
    begin_cell(csv);
    buffer_printf(csv->buffer, "%" PRId64, value);
}

void csv_double(struct csv_writer *csv, double value)
{
    struct json_writer number; /* the shortest form that reads back */

    begin_cell(csv);
    json_writer_init(&number, csv->buffer);
    if (isfinite(value))
        json_double(&number, value);
}

void csv_end_row(struct csv_writer *csv)
{
    buffer_append(csv->buffer, "\r\n", 2);
    csv->has_cells = false;
}

void csv_header(struct csv_writer *csv, const char *const *names)
{
    for (; *names != NULL; names++)
        csv_text(csv, text_of(*names));
    csv_end_row(csv);
}

/* ---- Accept ---- */

/* The quality q of a media range, from its parameters: 1 if absent, 0 if it is not a number from 0 to 1. */
static double quality(struct text params)
{
    struct text param, name;
    double value;

    while (text_split(&params, ';', &param)) {
        param = text_trim(param);
        if (!text_split(&param, '=', &name) || !text_equal_nocase(text_trim(name), TEXT("q")))
            continue;
        return text_to_double(text_trim(param), &value) && value >= 0 && value <= 1 ? value : 0;
    }
    return 1;
}

/* Among ranges of one quality, a type that is named exactly ranks above a wildcard. */
static double rank(double q, bool is_exact)
{
    return q > 0 ? q + (is_exact ? 0.0001 : 0) : 0;
}

bool csv_is_wanted(struct text accept)
{
    double csv = 0, json = 0;
    struct text range;

    while (text_split(&accept, ',', &range)) {
        struct text params = range, type;
        double q;

        if (!text_split(&params, ';', &type))
            continue;
        type = text_trim(type);
        q = quality(params);
        if (text_equal_nocase(type, TEXT("text/csv")))
            csv = fmax(csv, rank(q, true));
        else if (text_equal_nocase(type, TEXT("text/*")))
            csv = fmax(csv, rank(q, false));
        else if (text_equal_nocase(type, TEXT("application/json")))
            json = fmax(json, rank(q, true));
        else if (text_equal_nocase(type, TEXT("application/*")) || text_equal_nocase(type, TEXT("*/*")))
            json = fmax(json, rank(q, false));
    }
    return csv > json;
}
