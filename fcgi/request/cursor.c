/* Cursors; see cursor.h. Layout: 4 bytes of the SHA-256 over the list's name and the bytes that follow, 1 byte version,
 * 1 byte count of numbers, 8 big-endian bytes for each number, then the text. */
#include "fcgi/request/cursor.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/digest.h"
#include "crypto/encode.h"

enum { CHECK_BYTES = 4, VERSION = 1, HEAD_BYTES = CHECK_BYTES + 2 };

static bool check_make(const char *list, struct text rest, struct arena *arena, unsigned char out_check[CHECK_BYTES]);
static bool parse(struct text value, const char *list, int number_count, struct arena *arena, struct cursor *out);

struct text cursor_write(const char *list, const struct cursor *cursor, struct arena *arena)
{
    size_t numbers_bytes = (size_t)cursor->number_count * sizeof(int64_t);
    size_t size = HEAD_BYTES + numbers_bytes + cursor->text.size;
    char *bytes = arena_zalloc(arena, size);

    assert(cursor->number_count <= CURSOR_NUMBERS_MAX && cursor->text.size <= CURSOR_TEXT_BYTES_MAX);
    bytes[CHECK_BYTES] = VERSION;
    bytes[CHECK_BYTES + 1] = (char)cursor->number_count;
    for (int i = 0; i < cursor->number_count; i++) {
        uint64_t wire = htobe64((uint64_t)cursor->numbers[i]);

        memcpy(bytes + HEAD_BYTES + (size_t)i * sizeof wire, &wire, sizeof wire);
    }
    if (cursor->text.size > 0)
        memcpy(bytes + HEAD_BYTES + numbers_bytes, cursor->text.data, cursor->text.size);
    check_make(list, (struct text){bytes + CHECK_BYTES, size - CHECK_BYTES}, arena, (unsigned char *)bytes);
    return crypto_base64url((struct text){bytes, size}, arena);
}

enum status cursor_read(const struct request *request, const char *list, int number_count, struct cursor *out_cursor,
                        bool *out_is_given, struct error *error)
{
    struct text value = request_query(request, "cursor");

    if (value.data != NULL && !parse(value, list, number_count, request->arena, out_cursor)) {
        error_set(error, STATUS_MALFORMED, "The cursor is not one that this list gave.");
        error_field(error, "cursor", "is not one that this list gave");
        return STATUS_MALFORMED;
    }
    *out_is_given = value.data != NULL;
    return STATUS_OK;
}

bool cursor_is_time(int64_t time_us)
{
    return time_us > -INT64_C(62135596800) * CLOCK_SECOND_US && time_us < INT64_C(253402300800) * CLOCK_SECOND_US;
}

static bool parse(struct text value, const char *list, int number_count, struct arena *arena, struct cursor *out)
{
    struct cursor cursor = {.number_count = number_count};
    size_t numbers_bytes = (size_t)number_count * sizeof(int64_t);
    unsigned char check[CHECK_BYTES];
    struct text bytes;

    if (value.size > (HEAD_BYTES + numbers_bytes + CURSOR_TEXT_BYTES_MAX) * 4 / 3 + 4 ||
        !crypto_base64url_decode(value, arena, &bytes) || bytes.size < HEAD_BYTES + numbers_bytes ||
        bytes.data[CHECK_BYTES] != VERSION || bytes.data[CHECK_BYTES + 1] != number_count ||
        !check_make(list, (struct text){bytes.data + CHECK_BYTES, bytes.size - CHECK_BYTES}, arena, check) ||
        memcmp(check, bytes.data, CHECK_BYTES) != 0)
        return false;
    for (int i = 0; i < number_count; i++) {
        uint64_t wire;

        memcpy(&wire, bytes.data + HEAD_BYTES + (size_t)i * sizeof wire, sizeof wire);
        cursor.numbers[i] = (int64_t)be64toh(wire);
    }
    cursor.text = (struct text){bytes.data + HEAD_BYTES + numbers_bytes, bytes.size - HEAD_BYTES - numbers_bytes};
    if (cursor.text.size > CURSOR_TEXT_BYTES_MAX || text_valid_utf8(cursor.text) != cursor.text.size)
        return false;
    *out = cursor;
    return true;
}

static bool check_make(const char *list, struct text rest, struct arena *arena, unsigned char out_check[CHECK_BYTES])
{
    unsigned char digest[CRYPTO_SHA256_BYTES];
    size_t list_bytes = strlen(list) + 1; /* with its NUL, as a separator */
    char *both = arena_alloc(arena, list_bytes + rest.size);

    memcpy(both, list, list_bytes);
    memcpy(both + list_bytes, rest.data, rest.size);
    if (crypto_sha256((struct text){both, list_bytes + rest.size}, digest, NULL) != STATUS_OK)
        return false;
    memcpy(out_check, digest, CHECK_BYTES);
    return true;
}
