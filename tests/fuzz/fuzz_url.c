/* Any bytes as an encoded text, as pairs of a query string, and as a plain text to be encoded. */
#include "fcgi/request/url.h"
#include "tests/fuzz/fuzz.h"

enum { PAIRS_MAX = 8 };

static void check_decoded(struct text encoded, bool is_query, struct arena *arena)
{
    struct text plain, again;

    if (!url_decode(encoded, is_query, arena, &plain))
        return;
    fuzz_check(fuzz_is_utf8(plain), "decoded text is UTF-8 without NUL");
    fuzz_check(plain.size <= encoded.size, "decoding never makes longer");
    fuzz_check(url_decode(text_of(url_encode(plain, arena)), is_query, arena, &again) && text_equal(plain, again),
               "decoded text survives encoding and decoding");
}

static void check_encoded(struct text plain, struct arena *arena)
{
    struct text encoded = text_of(url_encode(plain, arena)), decoded;
    bool is_utf8 = fuzz_is_utf8(plain);

    fuzz_check(encoded.size <= 3 * plain.size, "encoding makes three bytes of one at most");
    for (size_t i = 0; i < encoded.size; i++)
        fuzz_check(strchr("%-._~/", encoded.data[i]) != NULL || (encoded.data[i] >= '0' && encoded.data[i] <= '9') ||
                       ((encoded.data[i] | 0x20) >= 'a' && (encoded.data[i] | 0x20) <= 'z'),
                   "encoded text has letters, digits and -._~/% alone");
    fuzz_check(url_decode(encoded, false, arena, &decoded) == is_utf8, "UTF-8 alone is decoded");
    fuzz_check(!is_utf8 || text_equal(decoded, plain), "encoded text decodes to the same text");
}

/* The same pairs, written again. */
static struct text join(const struct request_param *pairs, int count, struct arena *arena)
{
    char *joined = arena_string(arena, "", 0);

    for (int i = 0; i < count; i++)
        joined = arena_printf(arena, "%s%s%s=%s", joined, i > 0 ? "&" : "", url_encode(pairs[i].name, arena),
                              url_encode(pairs[i].value, arena));
    return text_of(joined);
}

static void check_pairs(struct text encoded, struct arena *arena)
{
    struct request_param pairs[PAIRS_MAX], again[PAIRS_MAX];
    struct error error = {0};
    int count = -1, again_count = -1;
    enum status status = url_pairs_read(encoded, "form", arena, pairs, PAIRS_MAX, &count, &error);

    if (status != STATUS_OK) {
        fuzz_check(status == STATUS_MALFORMED && error.message[0] != '\0' && count == -1, "a refusal has a message");
        return;
    }
    fuzz_check(count >= 0 && count <= PAIRS_MAX, "there are no more pairs than asked for");
    for (int i = 0; i < count; i++)
        fuzz_check(fuzz_is_utf8(pairs[i].name) && fuzz_is_utf8(pairs[i].value) && pairs[i].value.data != NULL,
                   "names and values are UTF-8");
    fuzz_check(url_pairs_read(join(pairs, count, arena), "form", arena, again, PAIRS_MAX, &again_count, &error) ==
                   STATUS_OK,
               "pairs written again are pairs");
    fuzz_check(count == again_count, "pairs written again are as many");
    for (int i = 0; i < count; i++)
        fuzz_check(text_equal(pairs[i].name, again[i].name) && text_equal(pairs[i].value, again[i].value),
                   "pairs written again are the same");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text input = {(const char *)data, size};
    struct arena *arena = arena_new(0);

    check_decoded(input, false, arena);
    check_decoded(input, true, arena);
    check_encoded(input, arena);
    check_pairs(input, arena);
    arena_destroy(arena);
    return 0;
}
