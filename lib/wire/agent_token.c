/* Finding the agent's token; see agent_token.h. */
#include "wire/agent_token.h"

#include "base/arena.h"
#include "base/json_read.h"

static enum status no_token(struct error *error)
{
    return error_set(error, STATUS_UNAUTHENTICATED,
                     "Send the agent token as agent_token in the body, or as Authorization: Bearer.");
}

enum status wire_agent_token_find(struct text body, struct text *out_token, struct error *error)
{
    /* Holds member names that have escapes. Nobody sends such, so it is nearly always empty. */
    struct arena *names;
    struct json_reader reader;
    struct text name, raw, token = {0};
    enum status status = STATUS_OK;

    if (text_trim(body).size == 0)
        return no_token(error);
    names = arena_new(0);
    json_reader_init_lenient(&reader, body, names); /* as the message will be read */
    json_enter_object(&reader);
    while (token.data == NULL && json_next_member(&reader, &name)) {
        bool is_token = text_equal(name, TEXT("agent_token"));
        bool is_string = json_peek(&reader) == JSON_KIND_STRING;

        if (arena_used(names) != 0)
            arena_reset(names);
        if (!json_skip(&reader, &raw) || !is_token)
            continue;
        if (!is_string)
            break;
        /* Our tokens are plain ASCII. One with escapes is not ours, so it need not be decoded. */
        token = (struct text){raw.data + 1, raw.size - 2};
    }
    if (json_has_problem(&reader))
        status = json_read_error(&reader, error);
    else if (token.data == NULL)
        status = no_token(error);
    else
        *out_token = token;
    arena_destroy(names);
    return status;
}
