/* Finding the agent's token; see agent_token.h. */
#include "wire/agent_token.h"

#include "base/arena.h"
#include "wire/json_read.h"

enum status wire_agent_token_find(struct text body, struct text *out_token, struct error *error)
{
    /* Names with escapes are decoded here; nobody sends such, so nearly always nothing is. */
    struct arena *names = arena_new(0);
    struct json_reader reader;
    struct text name, raw;
    enum status status = STATUS_UNAUTHENTICATED;

    json_reader_init(&reader, body, names);
    json_enter_object(&reader);
    while (json_next_member(&reader, &name)) {
        bool is_token = text_equal(name, TEXT("agent_token"));
        bool is_string = is_token && json_peek(&reader) == JSON_KIND_STRING;

        if (arena_used(names) != 0)
            arena_reset(names);
        if (!json_skip(&reader, &raw) || !is_token)
            continue;
        /* Tokens are plain ASCII: one with escapes is none of ours and stays as it is. */
        if (is_string) {
            *out_token = (struct text){raw.data + 1, raw.size - 2};
            status = STATUS_OK;
        }
        break;
    }
    if (json_has_problem(&reader))
        status = json_read_error(&reader, error);
    else if (status != STATUS_OK)
        error_set(error, status, "An agent token is needed: Authorization: Bearer agt_… or agent_token in the body.");
    arena_destroy(names);
    return status;
}

bool wire_agent_token(struct text body, struct text *out_token)
{
    return wire_agent_token_find(body, out_token, NULL) == STATUS_OK;
}
