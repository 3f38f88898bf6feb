/* lib/target/opening.h: how much work a server may ask for before it lets the client in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "target/opening.h"

#define BYTES(literal) (const unsigned char *)(literal), sizeof(literal) - 1

#define TLS_REQUEST "\0\0\0\x08\x04\xd2\x16\x2f"
#define STARTUP     "\0\0\0\x11\0\3\0\0user\0me\0\0"
#define MECHANISMS  "R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0"

static size_t challenge(unsigned char out[128], const char *words)
{
    size_t size = strlen(words);

    memcpy(out, MECHANISMS, sizeof MECHANISMS - 1);
    out += sizeof MECHANISMS - 1;
    memcpy(out, "R\0\0\0\0\0\0\0\x0b", 9);
    out[4] = (unsigned char)(size + 8);
    memcpy(out + 9, words, size);
    return sizeof MECHANISMS - 1 + 9 + size;
}

/* Whether all of it may be read, in pieces of `piece` bytes. */
static bool is_read(struct opening *opening, const unsigned char *said, size_t size, size_t piece)
{
    for (size_t at = 0; at < size; at += piece)
        if (!opening_note_received(opening, said + at, size - at < piece ? size - at : piece))
            return false;
    return true;
}

static void rounds_are_bounded_however_the_message_is_split(void **state)
{
    static const struct {
        const char *words;
        bool is_bounded;
    } cases[] = {{"r=nonce,s=c2FsdA==,i=4096", true},       {"r=nonce,s=c2FsdA==,i=1000000", true},
                 {"r=nonce,s=c2FsdA==,i=1000001", false},   {"r=nonce,s=c2FsdA==,i=2147483647", false},
                 {"r=nonce,s=c2FsdA==,i=+1000001", false},  {"r=nonce,s=c2FsdA==,i= 2147483647", false},
                 {"r=ni=2000000,s=c2FsdA==,i=4096", true},  {"r=nonce,s=c2FsdA==", true},
                 {"r=nonce,s=c2FsdA==,i=4096,i=9e9", false}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t piece = 1; piece < 80; piece += 3) {
            struct opening opening = {.state = OPENING_UNSET};
            unsigned char said[128];
            size_t size = challenge(said, cases[i].words);

            opening_note_sent(&opening, BYTES(TLS_REQUEST));
            assert_true(opening_note_received(&opening, BYTES("N")));
            opening_note_sent(&opening, BYTES(STARTUP));
            if (is_read(&opening, said, size, piece) != cases[i].is_bounded)
                fail_msg("%s in pieces of %zu", cases[i].words, piece);
        }
}

static void what_is_no_message_is_left_to_the_library(void **state)
{
    static const unsigned char noise[4096] = {'R', 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 11};
    struct opening opening = {.state = OPENING_UNSET};
    unsigned char said[128];
    size_t size = challenge(said, "r=n,s=s,i=2000000");

    (void)state;
    assert_true(is_read(&opening, said, size, size)); /* nothing was sent, so this is not PostgreSQL */
    opening_note_sent(&opening, BYTES(STARTUP));
    assert_true(is_read(&opening, noise, sizeof noise, 7));
    assert_true(is_read(&opening, said, size, size));
    opening_note_sent(&opening, BYTES(STARTUP)); /* the library connects again */
    assert_false(is_read(&opening, said, size, size));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounds_are_bounded_however_the_message_is_split),
        cmocka_unit_test(what_is_no_message_is_left_to_the_library),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
