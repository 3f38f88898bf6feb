/* See ingest_answer.h. */
#include "fcgi/api/ingest_answer.h"

#include <inttypes.h>

/* What the sender should know although nothing is wrong. */
static void write_notes(struct json_writer *json, const struct ingest_answer *answer, struct arena *arena)
{
    if (answer->old_note == NULL && answer->zoneless == 0)
        return;
    json_key(json, "notes");
    json_array_begin(json);
    if (answer->old_note != NULL)
        json_text(json, text_of(answer->old_note));
    if (answer->zoneless > 0)
        json_text(json, text_of(arena_printf(arena, "%" PRId64 " %s read as UTC, since there was no zone.",
                                             answer->zoneless, answer->zoneless == 1 ? "time was" : "times were")));
    json_array_end(json);
}

static void write_errors(struct json_writer *json, const char *name, const struct wire_item_errors *errors)
{
    json_key(json, name);
    json_array_begin(json);
    for (size_t i = 0; i < errors->count; i++) {
        json_object_begin(json);
        json_member_int64(json, "index", errors->items[i].index);
        json_member_string(json, "field", errors->items[i].field);
        json_member_string(json, "message", errors->items[i].message);
        json_object_end(json);
    }
    json_array_end(json);
}

void ingest_answer_write(const struct request *request, const struct ingest_answer *answer, struct response *response)
{
    struct json_writer *json;

    if (answer->refusal != NULL) {
        json = response_problem_begin(response, STATUS_INVALID, answer->refusal, request->id);
    } else {
        json = response_json(response, 200);
        json_object_begin(json);
    }
    json_member_int64(json, "accepted", answer->accepted);
    json_member_int64(json, "duplicates", answer->duplicates);
    json_member_int64(json, "rejected", answer->rejected);
    write_errors(json, "errors", &answer->errors);
    if (answer->warnings.count > 0)
        write_errors(json, "warnings", &answer->warnings);
    write_notes(json, answer, request->arena);
    json_object_end(json);
}
