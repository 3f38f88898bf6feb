/* Bytes of a log as complete lines or records, whatever the format; see logs.h. */
#include <stdlib.h>
#include <string.h>

#include "logs/record.h"

static const struct logs_format_kind *const kinds[LOGS_FORMAT_COUNT] = {
    [LOGS_FORMAT_STDERR] = &logs_stderr, [LOGS_FORMAT_CSV] = &logs_csv,     [LOGS_FORMAT_JSON] = &logs_json,
    [LOGS_FORMAT_SLOW] = &logs_slow,     [LOGS_FORMAT_ERROR] = &logs_error,
};

static const char *const kind_names[LOGS_KIND_COUNT] = {
    [LOGS_KIND_UNSET] = "unknown",     [LOGS_KIND_EXECUTION] = "execution",
    [LOGS_KIND_DEADLOCK] = "deadlock", [LOGS_KIND_LOCK_WAIT] = "lock_wait",
    [LOGS_KIND_CANCEL] = "cancel",     [LOGS_KIND_TEMPORARY_FILE] = "temporary_file",
};

const char *logs_kind_name(enum logs_kind kind)
{
    return kind_names[kind < LOGS_KIND_COUNT ? kind : LOGS_KIND_UNSET];
}

enum logs_format logs_format_of(struct text name)
{
    for (enum logs_format format = LOGS_FORMAT_UNSET + 1; format < LOGS_FORMAT_COUNT; format++)
        if (text_equal(name, text_of(kinds[format]->name)))
            return format;
    return LOGS_FORMAT_UNSET;
}

enum { MODE_QUOTED = 2 }; /* beside LOGS_MODE_… */

static bool has_part(struct text text, const char *part)
{
    return memmem(text.data, text.size, part, strlen(part)) != NULL;
}

enum logs_format logs_format_guess(struct text beginning)
{
    struct text line = {NULL, 0};

    if (!text_split(&beginning, '\n', &line) || line.size == 0)
        return LOGS_FORMAT_STDERR;
    if (text_starts(line, TEXT("{\"")))
        return LOGS_FORMAT_JSON;
    if (text_starts(line, TEXT("# Time: ")) || text_starts(line, TEXT("# User@Host: ")) ||
        (has_part(line, ", Version: ") && has_part(line, "started with:")))
        return LOGS_FORMAT_SLOW;
    if (error_log_begins(line))
        return LOGS_FORMAT_ERROR;
    /* "2026-11-28 09:56:37.854 UTC,,,5886,,6b0aa555.16fe,1,": from the zone on there is no blank. */
    if (line.size > 24 && line.data[4] == '-' && line.data[23] == ' ') {
        const char *comma = memchr(line.data + 24, ',', line.size - 24);
        const char *blank = memchr(line.data + 24, ' ', line.size - 24);

        if (comma != NULL && comma - line.data < 32 && (blank == NULL || comma < blank))
            return LOGS_FORMAT_CSV;
    }
    return LOGS_FORMAT_STDERR;
}

static enum status open_format(struct logs_reader *reader, struct error *error)
{
    if (reader->options.format == LOGS_FORMAT_SLOW)
        reader->slow_log = slow_log_new();
    else if (reader->options.format == LOGS_FORMAT_ERROR)
        reader->error_log = error_log_new();
    else
        reader->postgresql = postgresql_log_new(reader);
    if (reader->options.format == LOGS_FORMAT_STDERR) {
        reader->stderr_log = stderr_log_new(reader->options.prefix, error);
        if (reader->stderr_log == NULL)
            return STATUS_INVALID;
    }
    return STATUS_OK;
}

enum status logs_reader_new(const struct logs_options *options, logs_sink *sink, void *context,
                            struct logs_reader **out_reader, struct error *error)
{
    struct logs_reader *reader = calloc(1, sizeof *reader);

    *out_reader = NULL;
    if (reader == NULL)
        abort();
    *reader = (struct logs_reader){.kind = kinds[options->format],
                                   .options = *options,
                                   .sink = sink,
                                   .context = context,
                                   .data = malloc(LOGS_LINE_BYTES_MAX + LOGS_BLOCK_BYTES),
                                   .scratch = arena_new(0)};
    if (reader->data == NULL)
        abort();
    if (open_format(reader, error) != STATUS_OK) {
        logs_reader_destroy(reader);
        return STATUS_INVALID;
    }
    *out_reader = reader;
    return STATUS_OK;
}

void logs_reader_destroy(struct logs_reader *reader)
{
    if (reader == NULL)
        return;
    postgresql_log_destroy(reader->postgresql);
    stderr_log_destroy(reader->stderr_log);
    slow_log_destroy(reader->slow_log);
    error_log_destroy(reader->error_log);
    arena_destroy(reader->scratch);
    free(reader->data);
    free(reader);
}

const struct logs_counts *logs_reader_counts(const struct logs_reader *reader)
{
    return &reader->counts;
}

void logs_tell(struct logs_reader *reader, const struct logs_event *event)
{
    if (reader->at < reader->told)
        return;
    reader->counts.events[event->kind]++;
    reader->counts.plans += event->plan.data != NULL;
    reader->counts.timeless += (event->kind == LOGS_KIND_EXECUTION || event->kind == LOGS_KIND_DEADLOCK) &&
                               event->ended_at_us == LOGS_TIME_UNKNOWN;
    reader->sink(reader->context, event);
}

int64_t logs_take_number(struct text *text)
{
    size_t size = 0;
    int64_t number = 0;

    while (size < text->size && text->data[size] >= '0' && text->data[size] <= '9')
        size++;
    if (!text_to_int64((struct text){text->data, size}, &number))
        return -1;
    text->data += size;
    text->size -= size;
    return number;
}

static size_t read_lines(struct logs_reader *reader, const char *begin, const char *end)
{
    const char *at = begin, *newline;

    while (at < end && (newline = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        reader->at = logs_offset_of(reader, at);
        reader->kind->take_line(reader, (struct text){at, (size_t)(newline - at)}, false);
        at = newline + 1;
    }
    return (size_t)(at - begin);
}

static const char *skip_line(struct logs_reader *reader, const char *begin, const char *end)
{
    const char *newline = memchr(begin, '\n', (size_t)(end - begin));

    reader->is_skipping = newline == NULL;
    return newline == NULL ? end : newline + 1;
}

char *logs_reader_room(struct logs_reader *reader)
{
    return reader->data + reader->used;
}

void logs_reader_take(struct logs_reader *reader, size_t size_bytes)
{
    const struct logs_format_kind *kind = reader->kind;
    bool by_line = kind->take_line != NULL;
    const char *at = reader->data, *end;

    reader->counts.bytes += (int64_t)size_bytes;
    reader->used += size_bytes;
    end = at + reader->used;
    if (reader->is_skipping)
        at = (by_line ? skip_line : kind->skip)(reader, at, end);
    if (!reader->is_skipping)
        at += (by_line ? read_lines : kind->read)(reader, at, end);
    if (end - at >= LOGS_LINE_BYTES_MAX) {
        reader->counts.cut++;
        reader->is_skipping = true;
        reader->at = logs_offset_of(reader, at);
        if (by_line)
            kind->take_line(reader, (struct text){at, (size_t)(end - at)}, true);
        else
            kind->cut(reader, at, end);
        at = end;
    }
    reader->used = (size_t)(end - at);
    reader->offset += at - reader->data;
    if (at > reader->data)
        memmove(reader->data, at, reader->used);
}

static void feed(struct logs_reader *reader, struct text bytes)
{
    while (bytes.size > 0) {
        size_t size = bytes.size < LOGS_BLOCK_BYTES ? bytes.size : LOGS_BLOCK_BYTES;

        memcpy(logs_reader_room(reader), bytes.data, size);
        logs_reader_take(reader, size);
        bytes.data += size;
        bytes.size -= size;
    }
}

void logs_reader_feed(struct logs_reader *reader, struct text bytes)
{
    int64_t again = reader->told - reader->offset - (int64_t)reader->used;
    size_t size = again <= 0 ? 0 : (size_t)again < bytes.size ? (size_t)again : bytes.size;

    feed(reader, (struct text){bytes.data, size});
    /* What was read once more was counted then. */
    if (size > 0)
        reader->counts = (struct logs_counts){0};
    feed(reader, (struct text){bytes.data + size, bytes.size - size});
}

void logs_reader_end(struct logs_reader *reader, bool is_complete)
{
    if (is_complete && reader->used > 0) {
        *logs_reader_room(reader) = '\n';
        logs_reader_take(reader, 1);
        reader->counts.bytes--;
    }
    reader->counts.unreadable += reader->used > 0;
    reader->at = reader->offset + (int64_t)reader->used; /* what waits has not been told */
    reader->used = 0;
    reader->is_skipping = false;
    reader->kind->finish(reader, INT64_MAX, INT64_MAX);
}

/* ---- places ---- */

void logs_reader_begin_at(struct logs_reader *reader, const struct logs_place *place)
{
    reader->offset = place->offset;
    reader->told = place->told;
    reader->is_skipping = (place->mode & LOGS_MODE_NEXT_LINE) != 0;
    reader->is_quoted = (place->mode & MODE_QUOTED) != 0;
    reader->is_broken = (place->mode & LOGS_MODE_BROKEN) != 0;
}

void logs_reader_leave(struct logs_reader *reader, int64_t quiet, struct logs_place *out_place)
{
    int64_t end = reader->offset, forgotten = end - LOGS_WINDOW_BYTES, waiting;

    reader->at = end;
    waiting = reader->kind->finish(reader, quiet > forgotten ? quiet : forgotten, forgotten);
    *out_place = (struct logs_place){.offset = end, .told = end > reader->told ? end : reader->told};
    if (waiting < end)
        out_place->offset = waiting;
    else
        out_place->mode = (reader->is_skipping ? LOGS_MODE_NEXT_LINE : 0) | (reader->is_quoted ? MODE_QUOTED : 0) |
                          (reader->is_broken ? LOGS_MODE_BROKEN : 0);
}

void logs_counts_add(struct logs_counts *sum, const struct logs_counts *counts)
{
    int64_t *to = (int64_t *)sum;
    const int64_t *from = (const int64_t *)counts;

    for (size_t i = 0; i < sizeof *sum / sizeof *to; i++)
        to[i] += from[i];
}
