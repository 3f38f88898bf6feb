/* PostgreSQL's stderr: lines with a prefix begin an entry or a part of one (DETAIL, STATEMENT), lines with a tab
 * continue it. Entries of several processes may be interleaved: each process has a place of its own, until its next
 * entry begins. */
#include <stdlib.h>
#include <string.h>

#include "logs/logs_time.h"
#include "logs/prefix.h"

enum { PLACES = 16, KEPT_BYTES_MAX = 256 * 1024 };

struct span {
    size_t begin, end;
};

enum { PART_MESSAGE, PART_DETAIL, PART_CONTEXT, PART_STATEMENT, PART_ASIDE, PART_COUNT };
enum { NAME_USER, NAME_DATABASE, NAME_HOST, NAME_APPLICATION, NAME_TIME, NAME_COUNT };

/* An entry whose lines are still coming. */
struct place {
    bool is_used, is_cut;
    int64_t at, last_at; /* where in the log it begins, and its last line so far */
    uint64_t begun;      /* in the order of beginnings */
    enum logs_word word;
    int64_t process, time_us;
    struct buffer bytes;
    struct span names[NAME_COUNT], parts[PART_COUNT];
    int part; /* the one that further lines belong to */
};

struct stderr_log {
    struct prefix prefix;
    char setting[LOGS_PREFIX_BYTES_MAX + 1];
    struct place places[PLACES];
    struct place *last; /* that of the line before; NULL: none */
    uint64_t begun;
};

struct stderr_log *stderr_log_new(struct text prefix, struct error *error)
{
    struct stderr_log *log = calloc(1, sizeof *log);

    if (log == NULL)
        abort();
    for (size_t i = 0; i < PLACES; i++)
        buffer_init(&log->places[i].bytes, LOGS_RECORD_BYTES_MAX);
    if (prefix.data == NULL)
        prefix = TEXT("%m [%p] ");
    if (prefix.size <= LOGS_PREFIX_BYTES_MAX) {
        if (prefix.size > 0)
            memcpy(log->setting, prefix.data, prefix.size);
        prefix.data = log->setting;
    }
    if (prefix_read(prefix, &log->prefix, error) == STATUS_OK)
        return log;
    stderr_log_destroy(log);
    return NULL;
}

void stderr_log_destroy(struct stderr_log *log)
{
    if (log == NULL)
        return;
    for (size_t i = 0; i < PLACES; i++)
        buffer_free(&log->places[i].bytes);
    free(log);
}

/* ---- places ---- */

static struct text text_at(const struct place *place, struct span span)
{
    return span.end > span.begin ? (struct text){place->bytes.data + span.begin, span.end - span.begin}
                                 : (struct text){NULL, 0};
}

/* Hand an entry on. */
static void finish_place(struct logs_reader *reader, struct place *place)
{
    struct logs_record record = {.at = place->at,
                                 .word = place->word,
                                 .time_text = text_at(place, place->names[NAME_TIME]),
                                 .time_us = place->time_us,
                                 .process = place->process,
                                 .user = text_at(place, place->names[NAME_USER]),
                                 .database = text_at(place, place->names[NAME_DATABASE]),
                                 .host = text_at(place, place->names[NAME_HOST]),
                                 .application = text_at(place, place->names[NAME_APPLICATION]),
                                 .message = text_at(place, place->parts[PART_MESSAGE]),
                                 .detail = text_at(place, place->parts[PART_DETAIL]),
                                 .context = text_at(place, place->parts[PART_CONTEXT]),
                                 .statement = text_at(place, place->parts[PART_STATEMENT])};

    postgresql_log_take(reader->postgresql, &record);
    place->is_used = false;
    if (place->bytes.capacity_bytes > KEPT_BYTES_MAX) {
        buffer_free(&place->bytes);
        buffer_init(&place->bytes, LOGS_RECORD_BYTES_MAX);
    }
}

static struct place *find_place(struct stderr_log *log, int64_t process)
{
    if (log->last != NULL && log->last->is_used && log->last->process == process)
        return log->last;
    for (size_t i = 0; i < PLACES; i++)
        if (log->places[i].is_used && log->places[i].process == process)
            return &log->places[i];
    return NULL;
}

/* A place for a new entry: that of its process, a free one, or the oldest, whose entry is then taken as complete. */
static struct place *new_place(struct logs_reader *reader, int64_t process)
{
    struct stderr_log *log = reader->stderr_log;
    struct place *place = find_place(log, process);

    for (size_t i = 0; place == NULL && i < PLACES; i++)
        if (!log->places[i].is_used)
            place = &log->places[i];
    if (place == NULL) {
        place = &log->places[0];
        for (size_t i = 1; i < PLACES; i++)
            if (log->places[i].begun < place->begun)
                place = &log->places[i];
    }
    if (place->is_used)
        finish_place(reader, place);
    return place;
}

/* Append to the part at hand, or begin it. A part that does not fit is cut. */
static void append(struct logs_reader *reader, struct place *place, struct text text)
{
    size_t room = place->bytes.max_bytes - place->bytes.size_bytes;

    if (text.size > room) {
        reader->counts.cut += place->is_cut ? 0 : 1;
        place->is_cut = true;
        text.size = room;
    }
    buffer_append_text(&place->bytes, text);
    place->parts[place->part].end = place->bytes.size_bytes;
    place->last_at = reader->at;
}

static void begin_part(struct logs_reader *reader, struct place *place, int part, struct text text)
{
    place->part = part;
    place->parts[part] = (struct span){place->bytes.size_bytes, place->bytes.size_bytes};
    append(reader, place, text);
}

static struct span span_of(struct text line, struct text part)
{
    if (part.data == NULL)
        return (struct span){0, 0};
    return (struct span){(size_t)(part.data - line.data), (size_t)(part.data - line.data) + part.size};
}

/* ---- lines ---- */

static void begin_entry(struct logs_reader *reader, struct text line, const struct logs_record *record, size_t message)
{
    struct stderr_log *log = reader->stderr_log;
    struct place *place = new_place(reader, record->process);
    struct buffer bytes = place->bytes;

    *place = (struct place){.is_used = true,
                            .at = reader->at,
                            .last_at = reader->at,
                            .begun = ++log->begun,
                            .word = record->word,
                            .process = record->process,
                            .time_us = record->time_us,
                            .bytes = bytes,
                            .names = {[NAME_USER] = span_of(line, record->user),
                                      [NAME_DATABASE] = span_of(line, record->database),
                                      [NAME_HOST] = span_of(line, record->host),
                                      [NAME_APPLICATION] = span_of(line, record->application),
                                      [NAME_TIME] = span_of(line, record->time_text)}};
    buffer_clear(&place->bytes);
    buffer_append(&place->bytes, line.data, message);
    begin_part(reader, place, PART_MESSAGE, (struct text){line.data + message, line.size - message});
    log->last = place;
}

static int part_of(enum logs_word word)
{
    return word == LOGS_WORD_DETAIL      ? PART_DETAIL
           : word == LOGS_WORD_CONTEXT   ? PART_CONTEXT
           : word == LOGS_WORD_STATEMENT ? PART_STATEMENT
                                         : PART_ASIDE;
}

static void take_line(struct logs_reader *reader, struct text line, bool is_cut)
{
    struct stderr_log *log = reader->stderr_log;
    struct logs_record record;
    enum logs_word word = LOGS_WORD_UNSET;
    size_t message = 0;
    struct place *place = log->last;

    (void)is_cut; /* its beginning is worth having */
    if (line.size > 0 && line.data[line.size - 1] == '\r')
        line.size--;
    if (line.size > 0 && line.data[0] != '\t' && prefix_match(&log->prefix, line, &record, &word, &message)) {
        if (word < LOGS_WORD_DETAIL) {
            record.word = word;
            begin_entry(reader, line, &record, message);
            return;
        }
        place = find_place(log, record.process);
        if (place != NULL)
            begin_part(reader, place, part_of(word), (struct text){line.data + message, line.size - message});
        else
            reader->counts.foreign++;
        log->last = place;
        return;
    }
    /* A statement's empty lines have no tab in versions before 14. */
    if (place == NULL || (line.size > 0 && line.data[0] != '\t')) {
        reader->counts.foreign++;
        return;
    }
    append(reader, place, TEXT("\n"));
    append(reader, place, (struct text){line.data + (line.size > 0), line.size - (line.size > 0)});
}

/* In the order in which the entries began. */
static int64_t finish(struct logs_reader *reader, int64_t quiet, int64_t forgotten)
{
    struct stderr_log *log = reader->stderr_log;
    int64_t waiting = INT64_MAX, behind;

    for (;;) {
        struct place *first = NULL;

        for (size_t i = 0; i < PLACES; i++)
            if (log->places[i].is_used && log->places[i].last_at < quiet &&
                (first == NULL || log->places[i].begun < first->begun))
                first = &log->places[i];
        if (first == NULL)
            break;
        finish_place(reader, first);
    }
    for (size_t i = 0; i < PLACES; i++) {
        if (!log->places[i].is_used)
            continue;
        waiting = log->places[i].at < waiting ? log->places[i].at : waiting;
        postgresql_log_keep(reader->postgresql, log->places[i].process);
    }
    log->last = NULL;
    behind = postgresql_log_end(reader->postgresql, quiet, forgotten);
    return behind < waiting ? behind : waiting;
}

const struct logs_format_kind logs_stderr = {.name = "stderr", .take_line = take_line, .finish = finish};
