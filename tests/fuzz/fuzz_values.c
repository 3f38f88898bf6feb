/* Any bytes as one value: a number, a time, base64, hexadecimal, a network address, UTF-8. */
#include <inttypes.h>
#include <math.h>

#include "auth/throttle.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "crypto/encode.h"
#include "tests/fuzz/fuzz.h"

static void check_numbers(struct text text)
{
    char written[32];
    int64_t number, again;
    double real, real_again;
    struct json_writer writer;
    struct buffer out;

    if (text_to_int64(text, &number)) {
        snprintf(written, sizeof written, "%" PRId64, number);
        fuzz_check(text_to_int64(text_of(written), &again) && again == number, "a whole number is read as written");
        fuzz_check(text_to_double(text, &real) && real == (double)number, "a whole number is a number");
    }
    if (!text_to_double(text, &real))
        return;
    fuzz_check(isfinite(real), "a number is finite");
    buffer_init(&out, 64);
    json_writer_init(&writer, &out);
    json_double(&writer, real);
    fuzz_check(text_to_double(buffer_text(&out), &real_again) && real_again == real, "a number is read as written");
    buffer_free(&out);
}

static void check_time(struct text text)
{
    char written[CLOCK_RFC3339_BYTES], written_again[CLOCK_RFC3339_BYTES];
    int64_t time_us, again;

    if (!clock_parse(text, true, &time_us)) {
        fuzz_check(!clock_parse(text, false, &time_us), "no time is taken with an offset alone");
        return;
    }
    clock_format(time_us, written);
    fuzz_check(clock_parse(text_of(written), false, &again) && again == time_us, "a time is read as written");
    fuzz_check(strcmp(clock_format(again, written_again), written) == 0, "a time has one form");
}

static void check_encodings(struct text text, struct arena *arena)
{
    struct text bytes, again;

    if (crypto_base64url_decode(text, arena, &bytes))
        fuzz_check(text_equal(crypto_base64url(bytes, arena), text), "base64 has one form");
    if (crypto_base64_decode(text, arena, &bytes))
        fuzz_check(text_equal(crypto_base64(bytes, arena), text), "base64 has one form");
    if (crypto_hex_decode(text, arena, &bytes))
        fuzz_check(text_equal_nocase(crypto_hex(bytes, arena), text), "hexadecimal has one form");
    fuzz_check(crypto_base64url_decode(crypto_base64url(text, arena), arena, &again) && text_equal(again, text),
               "encoded bytes decode to the same bytes");
    fuzz_check(crypto_hex_decode(crypto_hex(text, arena), arena, &again) && text_equal(again, text),
               "encoded bytes decode to the same bytes");
}

static void check_utf8(struct text text, struct arena *arena)
{
    struct text clean = text_to_utf8(text, arena), cut;

    fuzz_check(fuzz_is_utf8(clean) && clean.size <= 3 * text.size, "cleaned text is UTF-8");
    fuzz_check(!fuzz_is_utf8(text) || text_equal(clean, text), "UTF-8 stays as it is");
    for (size_t max = 0; max <= clean.size && max < 64; max++) {
        cut = text_cut_utf8(clean, max);
        fuzz_check(cut.size <= max && cut.size + 4 > max && fuzz_is_utf8(cut), "cut text stays UTF-8");
    }
    cut = text_trim(text);
    fuzz_check(text_equal(text_trim(cut), cut), "trimming twice is trimming once");
}

static void check_network(struct text text, struct arena *arena)
{
    struct text network = throttle_network(text, arena);

    fuzz_check(network.size <= 64, "a network's name has a bound");
    fuzz_check(network.size != 3 || text.size == 3 || memchr(text.data, '.', text.size) != NULL ||
                   memchr(text.data, ':', text.size) != NULL,
               "three bytes are the network of an address");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text input = {(const char *)data, size};
    struct arena *arena = arena_new(0);

    check_numbers(input);
    check_time(input);
    check_encodings(input, arena);
    check_utf8(input, arena);
    check_network(input, arena);
    arena_destroy(arena);
    return 0;
}
