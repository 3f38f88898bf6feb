/* The fingerprint: the shape of a statement, as valid UTF-8, and its hash. */
#define XXH_INLINE_ALL /* most statements are short: a call would cost as much as hashing */
#include <xxhash.h>

#include <stdlib.h>

#include "sql/bytes16.h"
#include "sql/names.h"
#include "sql/shape.h"
#include "sql/statement_kind.h"

enum { ON_STACK_BYTES = 4096 }; /* statements up to this size are shaped without an allocation */

/* May read up to 15 bytes past the end; SHAPE_ROOM_BYTES includes them. */
static bool is_ascii(const char *text, size_t size)
{
    bytes16 all = {0};
    size_t at = 0;

    for (; at + 16 <= size; at += 16)
        all |= bytes16_load(text + at);
    all |= bytes16_first(bytes16_load(text + at), (unsigned)(size - at));
    return bytes16_mask(all) == 0;
}

static struct sql_hash hash_of(struct text canonical)
{
    XXH128_canonical_t bytes;
    struct sql_hash hash;

    XXH128_canonicalFromHash(&bytes, XXH3_128bits(canonical.data, canonical.size));
    memcpy(hash.bytes, bytes.digest, sizeof hash.bytes);
    return hash;
}

static struct sql_fingerprint fingerprint_finish(enum sql_dialect dialect, struct text text, struct text canonical,
                                                 struct arena *arena)
{
    struct sql_fingerprint fingerprint;

    if (text.size == 0)
        text = canonical = TEXT("(empty)");
    else if (!is_ascii(text.data, text.size) && text_valid_utf8(text) != text.size)
        /* Two different invalid bytes both become U+FFFD, so two items of a list may now be equal: shape the text again
         * from its valid form. */
        return sql_fingerprint(dialect, text_to_utf8(text, arena), arena);
    fingerprint.kind = statement_kind(dialect, canonical);
    fingerprint.hash = hash_of(canonical);
    fingerprint.text = (struct text){arena_copy(arena, text.data, text.size), text.size};
    return fingerprint;
}

/* `scratch` has 2 * `room` bytes. */
static struct sql_fingerprint fingerprint_in(enum sql_dialect dialect, struct text sql, size_t room, char *scratch,
                                             struct arena *arena)
{
    bool has_semicolon = false;
    size_t size = shape_write(dialect, sql, scratch, scratch + room, &has_semicolon);

    has_semicolon = has_semicolon && memchr(scratch + room, ';', size) != NULL; /* one at the end is gone */
    if (has_semicolon || names_may_be_values(scratch + room))
        size = names_fold(dialect, has_semicolon, scratch, scratch + room, size);
    return fingerprint_finish(dialect, (struct text){scratch, size}, (struct text){scratch + room, size}, arena);
}

struct sql_fingerprint sql_fingerprint(enum sql_dialect dialect, struct text sql, struct arena *arena)
{
    struct sql_fingerprint fingerprint;
    size_t room = SHAPE_ROOM_BYTES(sql.size);
    char *text;

    if (sql.size <= ON_STACK_BYTES) {
        char on_stack[2 * SHAPE_ROOM_BYTES(ON_STACK_BYTES)];

        return fingerprint_in(dialect, sql, room, on_stack, arena);
    }
    /* Memory that is never touched costs nothing; the arena keeps only the shape that is left after folding. */
    text = malloc(2 * room);
    if (text == NULL) /* the arena reports it and aborts if no memory is left */
        return fingerprint_in(dialect, sql, room, arena_alloc(arena, 2 * room), arena);
    fingerprint = fingerprint_in(dialect, sql, room, text, arena);
    free(text);
    return fingerprint;
}
