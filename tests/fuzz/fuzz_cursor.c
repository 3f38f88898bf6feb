/* Cursors: any bytes, any bytes with a correct check, and cursors that cursor_write makes.
 * The first byte chooses which, and how many numbers they have; the rest is the cursor or its bytes after the check. */
#include "crypto/digest.h"
#include "crypto/encode.h"
#include "fcgi/request/cursor.h"
#include "tests/fuzz/fuzz.h"

static const char LIST[] = "slow-queries:-duration", OTHER_LIST[] = "audit";

enum { CHECK_BYTES = 4 };

static enum status read_cursor(struct text value, const char *list, int number_count, struct arena *arena,
                               struct cursor *out)
{
    struct request request = {.arena = arena, .query = {{TEXT("cursor"), value}}, .query_count = 1};
    struct error error = {0};
    bool is_given = false;
    enum status status = cursor_read(&request, list, number_count, out, &is_given, &error);

    fuzz_check(status == STATUS_OK ? is_given : status == STATUS_MALFORMED && error.field_count == 1,
               "a cursor is taken, or refused as malformed");
    return status;
}

/* Put the check that cursor_write would make before the bytes. */
static struct text with_check(struct text rest, struct arena *arena)
{
    char *both = arena_alloc(arena, sizeof LIST + rest.size), *bytes = arena_alloc(arena, CHECK_BYTES + rest.size);
    unsigned char digest[CRYPTO_SHA256_BYTES];

    memcpy(both, LIST, sizeof LIST);
    if (rest.size > 0) {
        memcpy(both + sizeof LIST, rest.data, rest.size);
        memcpy(bytes + CHECK_BYTES, rest.data, rest.size);
    }
    fuzz_check(crypto_sha256((struct text){both, sizeof LIST + rest.size}, digest, NULL) == STATUS_OK, "SHA-256 works");
    memcpy(bytes, digest, CHECK_BYTES);
    return crypto_base64url((struct text){bytes, CHECK_BYTES + rest.size}, arena);
}

/* If the cursor is accepted, cursor_write must write the same one. */
static void check_read(struct text value, int number_count, struct arena *arena)
{
    struct cursor cursor, other;

    if (read_cursor(value, LIST, number_count, arena, &cursor) != STATUS_OK)
        return;
    fuzz_check(cursor.number_count == number_count, "there are as many numbers as asked for");
    fuzz_check(cursor.text.size <= CURSOR_TEXT_BYTES_MAX, "the text has its bound");
    fuzz_check(fuzz_is_utf8(cursor.text), "the text is UTF-8");
    fuzz_check(text_equal(cursor_write(LIST, &cursor, arena), value), "a position has one cursor");
    fuzz_check(read_cursor(value, OTHER_LIST, number_count, arena, &other) != STATUS_OK, "a cursor is of one list");
    for (int count = 0; count <= CURSOR_NUMBERS_MAX; count++)
        fuzz_check(count == number_count || read_cursor(value, LIST, count, arena, &other) != STATUS_OK,
                   "a cursor has one count of numbers");
}

static void check_written(struct text bytes, int number_count, struct arena *arena)
{
    struct cursor cursor = {.number_count = number_count}, read = {0};
    struct text value;

    for (int i = 0; i < number_count && bytes.size >= sizeof cursor.numbers[i]; i++) {
        memcpy(&cursor.numbers[i], bytes.data, sizeof cursor.numbers[i]);
        bytes = (struct text){bytes.data + sizeof cursor.numbers[i], bytes.size - sizeof cursor.numbers[i]};
    }
    cursor.text = text_cut_utf8((struct text){bytes.data, text_valid_utf8(bytes)}, CURSOR_TEXT_BYTES_MAX);
    value = cursor_write(LIST, &cursor, arena);
    fuzz_check(read_cursor(value, LIST, number_count, arena, &read) == STATUS_OK, "a written cursor is read");
    fuzz_check(memcmp(read.numbers, cursor.numbers, sizeof read.numbers) == 0 && text_equal(read.text, cursor.text),
               "a written cursor is read as it was");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text input = {(const char *)data, size};
    struct arena *arena = arena_new(0);
    unsigned choice = fuzz_take_byte(&input);
    int number_count = (int)(choice / 3 % (CURSOR_NUMBERS_MAX + 1));

    switch (choice % 3) {
    case 0:
        check_read(input, number_count, arena);
        break;
    case 1:
        check_read(with_check(input, arena), number_count, arena);
        break;
    default:
        check_written(input, number_count, arena);
    }
    arena_destroy(arena);
    return 0;
}
