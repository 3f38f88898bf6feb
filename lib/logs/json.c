/* PostgreSQL's jsonlog: an object in each line. */
#include <string.h>

#include "base/json_read.h"
#include "logs/record.h"

/* Read a value of text into one of the record's. Values of another kind are passed over. */
static void read_text(struct json_reader *json, struct text *out_text)
{
    if (json_peek(json) == JSON_KIND_STRING)
        json_read_text(json, out_text);
    else
        json_skip(json, NULL);
}

static struct text *text_place(struct logs_record *record, struct text name)
{
    const struct {
        struct text name;
        struct text *place;
    } places[] = {
        {TEXT("message"), &record->message},     {TEXT("timestamp"), &record->time_text},
        {TEXT("user"), &record->user},           {TEXT("dbname"), &record->database},
        {TEXT("remote_host"), &record->host},    {TEXT("application_name"), &record->application},
        {TEXT("detail"), &record->detail},       {TEXT("context"), &record->context},
        {TEXT("statement"), &record->statement},
    };

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (text_equal(name, places[i].name))
            return places[i].place;
    return NULL;
}

static void read_member(struct json_reader *json, struct text name, struct logs_record *record)
{
    struct text *place = text_place(record, name), word = {NULL, 0};
    struct json_number number;

    if (place != NULL) {
        read_text(json, place);
    } else if (text_equal(name, TEXT("error_severity"))) {
        read_text(json, &word);
        record->word = logs_word_of(word);
    } else if (text_equal(name, TEXT("pid")) && json_peek(json) == JSON_KIND_NUMBER) {
        if (json_read_number(json, &number) && number.is_integer)
            record->process = number.integer;
    } else {
        json_skip(json, NULL);
    }
}

static void take_line(struct logs_reader *reader, struct text line, bool is_cut)
{
    struct logs_record record = {.at = reader->at, .time_us = LOGS_TIME_UNKNOWN};
    struct json_reader json;
    struct text name;

    if (is_cut)
        return;
    json_reader_init_lenient(&json, line, reader->scratch);
    if (json_enter_object(&json))
        while (json_next_member(&json, &name))
            read_member(&json, name, &record);
    if (json_finish(&json) && json.flaw == NULL && record.message.data != NULL)
        postgresql_log_take(reader->postgresql, &record);
    else if (text_trim(line).size > 0)
        reader->counts.unreadable++;
    arena_reset(reader->scratch);
}

static int64_t finish(struct logs_reader *reader, int64_t quiet, int64_t forgotten)
{
    return postgresql_log_end(reader->postgresql, quiet, forgotten);
}

const struct logs_format_kind logs_json = {.name = "jsonlog", .take_line = take_line, .finish = finish};
