/* PostgreSQL's csvlog: a record of 23 to 26 fields, of which texts stand in quotes and may hold newlines.
 *
 * What is torn is recognized by a quote that is followed by neither a comma nor the record's end. Reading goes on with
 * the next line that begins with a time. No other line is taken for a record, so that a statement cannot fake one. */
#include <string.h>

#include "logs/logs_time.h"
#include "logs/record.h"

enum {
    FIELD_TIME,
    FIELD_USER,
    FIELD_DATABASE,
    FIELD_PROCESS,
    FIELD_HOST,
    FIELD_SEVERITY = 11,
    FIELD_MESSAGE = 13,
    FIELD_DETAIL,
    FIELD_CONTEXT = 18,
    FIELD_STATEMENT,
    FIELD_APPLICATION = 22,
    FIELDS_MIN,
    FIELDS_MAX = 32,     /* versions to come may have more */
    TIME_BYTES_MAX = 20, /* of a time without its fraction and its zone, and the newline before it */
};

enum record_state { RECORD_UNSET, RECORD_WHOLE, RECORD_OPEN, RECORD_BROKEN };

struct fields {
    struct text texts[FIELDS_MAX];
    bool is_quoted[FIELDS_MAX]; /* its text may hold doubled quotes */
    size_t count;
};

/* The end of a quoted field: the quote that is not doubled; NULL: it is not there. Sets whether some are. */
static const char *quote_end(const char *at, const char *end, bool *out_has_doubled)
{
    for (;;) {
        at = memchr(at, '"', (size_t)(end - at));
        if (at == NULL || at + 1 == end)
            return NULL; /* behind the quote there must be something */
        if (at[1] != '"')
            return at;
        *out_has_doubled = true;
        at += 2;
    }
}

/* Split a record, and move *at behind it. */
static enum record_state split_record(const char **at, const char *end, struct fields *fields)
{
    const char *begin = *at;

    fields->count = 0;
    for (;;) {
        bool has_doubled = false, is_quoted = begin < end && *begin == '"';
        const char *after = is_quoted ? quote_end(begin + 1, end, &has_doubled) : begin;

        while (!is_quoted && after < end && *after != ',' && *after != '\n')
            after++;
        if (after == NULL || after == end)
            return RECORD_OPEN;
        if (fields->count == FIELDS_MAX)
            return RECORD_BROKEN;
        fields->texts[fields->count] = (struct text){begin + is_quoted, (size_t)(after - begin - is_quoted)};
        fields->is_quoted[fields->count++] = has_doubled;
        after += is_quoted;
        if (after < end && *after == '\r')
            after++;
        if (after == end)
            return RECORD_OPEN;
        if (*after != ',' && *after != '\n')
            return RECORD_BROKEN;
        begin = after + 1;
        if (*after == '\n') {
            *at = begin;
            return fields->count >= FIELDS_MIN ? RECORD_WHOLE : RECORD_BROKEN;
        }
    }
}

/* A field's text, with doubled quotes undone. data NULL: empty. */
static struct text field_text(const struct fields *fields, size_t field, struct arena *arena)
{
    struct text text = fields->texts[field];
    char *copy;
    size_t size = 0;

    if (text.size == 0)
        return (struct text){NULL, 0};
    if (!fields->is_quoted[field])
        return text;
    copy = arena_alloc(arena, text.size);
    for (const char *at = text.data, *end = at + text.size; at < end;) {
        const char *quote = memchr(at, '"', (size_t)(end - at));
        size_t part = quote == NULL ? (size_t)(end - at) : (size_t)(quote + 1 - at);

        memcpy(copy + size, at, part);
        size += part;
        at += part + (quote != NULL);
    }
    return (struct text){copy, size};
}

static void take_record(struct logs_reader *reader, const struct fields *fields)
{
    struct arena *arena = reader->scratch;
    struct text host = field_text(fields, FIELD_HOST, arena);
    const char *port = host.size == 0 ? NULL : memrchr(host.data, ':', host.size);
    struct logs_record record = {.at = reader->at,
                                 .word = logs_word_of(fields->texts[FIELD_SEVERITY]),
                                 .time_text = fields->texts[FIELD_TIME],
                                 .time_us = LOGS_TIME_UNKNOWN,
                                 .user = field_text(fields, FIELD_USER, arena),
                                 .database = field_text(fields, FIELD_DATABASE, arena),
                                 .host = host,
                                 .application = field_text(fields, FIELD_APPLICATION, arena),
                                 .message = field_text(fields, FIELD_MESSAGE, arena),
                                 .detail = field_text(fields, FIELD_DETAIL, arena),
                                 .context = field_text(fields, FIELD_CONTEXT, arena),
                                 .statement = field_text(fields, FIELD_STATEMENT, arena)};

    if (port != NULL)
        record.host.size = (size_t)(port - host.data);
    if (!text_to_int64(fields->texts[FIELD_PROCESS], &record.process))
        record.process = 0;
    postgresql_log_take(reader->postgresql, &record);
    arena_reset(arena);
}

/* From within something broken to the next line that begins with a time. False: it has not come yet, and *at is a
 * newline that may stand before it. */
static bool pass_over(struct logs_reader *reader, const char **at, const char *end)
{
    const char *newline;

    while ((newline = memchr(*at, '\n', (size_t)(end - *at))) != NULL) {
        *at = newline;
        if (end - newline <= TIME_BYTES_MAX)
            return false;
        (*at)++;
        if (logs_time_size(*at, end) > 0) {
            reader->is_broken = false;
            return true;
        }
    }
    *at = end;
    return false;
}

static size_t read_records(struct logs_reader *reader, const char *begin, const char *end)
{
    const char *at = begin;
    struct fields fields;

    while (at < end) {
        enum record_state state;

        if (reader->is_broken && !pass_over(reader, &at, end))
            break;
        reader->at = logs_offset_of(reader, at);
        state = split_record(&at, end, &fields);
        if (state == RECORD_OPEN)
            break;
        if (state == RECORD_WHOLE) {
            take_record(reader, &fields);
            continue;
        }
        reader->counts.unreadable++;
        reader->is_broken = true;
    }
    return (size_t)(at - begin);
}

static void cut_record(struct logs_reader *reader, const char *begin, const char *end)
{
    reader->is_quoted = false;
    for (const char *at = begin; (at = memchr(at, '"', (size_t)(end - at))) != NULL; at++)
        reader->is_quoted = !reader->is_quoted;
}

/* The record ends at the first newline outside of quotes. */
static const char *skip_record(struct logs_reader *reader, const char *begin, const char *end)
{
    const char *at = begin;

    while (at < end) {
        if (reader->is_quoted) {
            at = memchr(at, '"', (size_t)(end - at));
            if (at == NULL)
                return end;
            reader->is_quoted = false;
        } else if (*at == '"') {
            reader->is_quoted = true;
        } else if (*at == '\n') {
            reader->is_skipping = false;
            return at + 1;
        }
        at++;
    }
    return end;
}

static int64_t finish(struct logs_reader *reader, int64_t quiet, int64_t forgotten)
{
    return postgresql_log_end(reader->postgresql, quiet, forgotten);
}

const struct logs_format_kind logs_csv = {
    .name = "csvlog", .read = read_records, .cut = cut_record, .skip = skip_record, .finish = finish};
