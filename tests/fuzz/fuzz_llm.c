/* Any bytes as the answer of a language model's server, and as a schema with a text after a NUL. The first byte chooses
 * which, and the code of the answer. */
#include "base/json_read.h"
#include "llm/kinds.h"
#include "tests/fuzz/fuzz.h"

enum { MEMORY_BYTES_A_BYTE = 512, MEMORY_BYTES_FREE = 64 * 1024, KINDS = 3 };

static const char own_schema[] =
    "{\"type\":\"object\",\"properties\":{\"tables\":{\"type\":\"array\",\"items\":{\"type\":\"string\",\"maxLength\":"
    "9},"
    "\"minItems\":1,\"maxItems\":3},\"kind\":{\"enum\":[\"select\",\"insert\"]},\"share\":{\"type\":[\"number\","
    "\"null\"]"
    ",\"minimum\":0,\"maximum\":1}},\"required\":[\"tables\",\"kind\"],\"additionalProperties\":false}";

static bool is_json_object(struct text json, struct arena *arena)
{
    struct json_reader reader;

    json_reader_init(&reader, json, arena);
    return json_peek(&reader) == JSON_KIND_OBJECT && json_skip(&reader, NULL) && json_finish(&reader);
}

static void check_answer(enum llm_kind kind, int code, struct text body, struct arena *arena)
{
    const struct llm llm = {.kind = kind, .model = TEXT("m"), .key = TEXT("secret-key")};
    const struct http_response response = {.code = code, .body = body, .attempts = 1};
    const struct llm_schema *schema = NULL;
    struct llm_answer answer = {.input_tokens = -1, .output_tokens = -1};
    char problem[LLM_SCHEMA_PROBLEM_BYTES];

    fuzz_check(llm_schema_read(text_of(own_schema), arena, &schema, NULL) == STATUS_OK, "the schema is one");
    llm_take_answer(&llm, &response, schema, arena, &answer);
    fuzz_check(answer.outcome != LLM_OUTCOME_UNSET, "an answer has an outcome");
    fuzz_check((answer.outcome == LLM_ANSWERED) == (answer.json.data != NULL), "an answer is JSON or none");
    fuzz_check((answer.outcome == LLM_ANSWERED) == (answer.problem[0] == '\0'), "what is no answer has a problem");
    fuzz_check(strstr(answer.detail, "secret-key") == NULL, "no detail holds the key");
    fuzz_check(fuzz_is_utf8(answer.said) && fuzz_is_utf8(text_of(answer.problem)), "texts are UTF-8");
    fuzz_check(answer.input_tokens >= -1 && answer.output_tokens >= -1, "counts are counts");
    if (answer.outcome != LLM_ANSWERED)
        return;
    fuzz_check(code == 200, "an answer has the code 200");
    fuzz_check(is_json_object(answer.json, arena), "an answer is an object");
    fuzz_check(llm_schema_holds(schema, answer.json, arena, problem), "an answer holds to the schema");
}

static void check_schema(struct text input, struct arena *arena)
{
    const char *nul = input.size == 0 ? NULL : memchr(input.data, '\0', input.size);
    const struct llm_schema *schema = NULL;
    struct error error = {0};
    char problem[LLM_SCHEMA_PROBLEM_BYTES];
    struct text json = {"", 0};

    if (nul != NULL) {
        json = (struct text){nul + 1, (size_t)(input.data + input.size - nul - 1)};
        input.size = (size_t)(nul - input.data);
    }
    if (llm_schema_read(input, arena, &schema, &error) != STATUS_OK) {
        fuzz_check(schema == NULL && error.message[0] != '\0', "a refusal has a message");
        return;
    }
    if (llm_schema_holds(schema, json, arena, problem))
        fuzz_check(problem[0] == '\0', "what holds has no problem");
    else
        fuzz_check(problem[0] != '\0' && strlen(problem) < sizeof problem, "what does not hold has a problem");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int codes[] = {200, 400, 401, 404, 429, 500, 529};
    struct text input = {(const char *)data, size};
    struct arena *arena = arena_new(0);
    unsigned first = fuzz_take_byte(&input);
    int code = codes[first / KINDS % (sizeof codes / sizeof codes[0])];

    if (first % KINDS == 0)
        check_schema(input, arena);
    else
        check_answer(first % KINDS == 1 ? LLM_KIND_OLLAMA : LLM_KIND_CLAUDE, code, input, arena);
    fuzz_check(arena_used(arena) <= MEMORY_BYTES_FREE + MEMORY_BYTES_A_BYTE * size,
               "memory stays in proportion to the input");
    arena_destroy(arena);
    return 0;
}
