/* Any bytes as an agent's message: the quick search for the token finds the same one as reading the whole message. */
#include "base/json_read.h"
#include "tests/fuzz/fuzz.h"
#include "wire/agent_token.h"

struct expected {
    bool is_object, is_text;
    struct text token; /* the first member of that name, without its quotes */
};

/* Find the token by reading the whole message. */
static struct expected read_whole(struct text body, struct arena *arena)
{
    struct expected expected = {0};
    struct json_reader reader;
    struct text name, raw;
    bool is_found = false;

    json_reader_init_lenient(&reader, body, arena);
    json_enter_object(&reader);
    while (json_next_member(&reader, &name)) {
        bool is_token = text_equal(name, TEXT("agent_token")) && !is_found;
        bool is_text = json_peek(&reader) == JSON_KIND_STRING;

        if (!json_skip(&reader, &raw) || !is_token)
            continue;
        is_found = true;
        expected.is_text = is_text;
        expected.token = is_text ? (struct text){raw.data + 1, raw.size - 2} : (struct text){NULL, 0};
    }
    expected.is_object = !json_has_problem(&reader);
    return expected;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(0);
    struct text body = {(const char *)data, size}, token = {NULL, 0};
    struct error error = {0};
    struct expected expected = read_whole(body, arena);
    enum status status = wire_agent_token_find(body, &token, &error);

    if (status == STATUS_OK) {
        fuzz_check(token.data > body.data && token.data + token.size < body.data + body.size,
                   "the token lies in the body, between quotes");
        fuzz_check(expected.is_text && token.data == expected.token.data && token.size == expected.token.size,
                   "the token is that of the first member of its name");
    } else {
        fuzz_check(token.data == NULL && error.message[0] != '\0', "a refusal has a message");
        fuzz_check(!expected.is_object || status == STATUS_UNAUTHENTICATED, "an object is never malformed");
        fuzz_check(!expected.is_text, "a token that is there is found");
    }
    arena_destroy(arena);
    return 0;
}
