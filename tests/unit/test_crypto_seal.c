/* lib/crypto: digests, encodings and sealed values, by published vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/digest.h"
#include "crypto/encode.h"
#include "crypto/seal.h"
#include "tests/unit/arena_fixture.h"

static struct text bytes_of(const char *hex)
{
    struct text bytes;

    assert_true(crypto_hex_decode(text_of(hex), arena, &bytes));
    return bytes;
}

static void assert_bytes(const void *actual, const char *hex)
{
    struct text wanted = bytes_of(hex);

    assert_memory_equal(actual, wanted.data, wanted.size);
}

static struct text repeated(char byte, size_t count)
{
    char *bytes = arena_alloc(arena, count);

    memset(bytes, byte, count);
    return (struct text){bytes, count};
}

static void sha256_answers_as_in_fips_180(void **state)
{
    unsigned char digest[CRYPTO_SHA256_BYTES];

    (void)state;
    assert_int_equal(crypto_sha256(TEXT(""), digest, NULL), STATUS_OK);
    assert_bytes(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_int_equal(crypto_sha256(TEXT("abc"), digest, NULL), STATUS_OK);
    assert_bytes(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void hmac_answers_as_in_rfc_4231(void **state)
{
    const struct {
        struct text key, data;
        const char *mac;
    } cases[] = {
        {repeated(0x0b, 20), TEXT("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {TEXT("Jefe"), TEXT("what do ya want for nothing?"),
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {repeated((char)0xaa, 20), repeated((char)0xdd, 50),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {repeated((char)0xaa, 131), TEXT("Test Using Larger Than Block-Size Key - Hash Key First"),
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned char mac[CRYPTO_SHA256_BYTES];

        assert_int_equal(crypto_hmac_sha256(cases[i].key, cases[i].data, mac, NULL), STATUS_OK);
        assert_bytes(mac, cases[i].mac);
    }
}

/* Test cases 13 to 16 of the GCM specification that SP 800-38D refers to. */
static const struct {
    const char *key, *nonce, *additional, *plain, *cipher, *tag;
} gcm_cases[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "", "",
     "530f8afbc74536b9a963b4f1c4cb738b"},
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "",
     "00000000000000000000000000000000", "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
     "b094dac5d93471bdec1a502270e3cc6c"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
     "76fc6ece0f4e1768cddf8853bb2d551b"},
};

static void gcm_answers_as_the_specification(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof gcm_cases / sizeof gcm_cases[0]; i++) {
        const unsigned char *key = (const unsigned char *)bytes_of(gcm_cases[i].key).data;
        const unsigned char *nonce = (const unsigned char *)bytes_of(gcm_cases[i].nonce).data;
        const struct text additional = bytes_of(gcm_cases[i].additional), plain = bytes_of(gcm_cases[i].plain);
        unsigned char cipher[64], opened[64], tag[CRYPTO_TAG_BYTES];

        assert_int_equal(crypto_gcm_encrypt(key, nonce, additional, plain, cipher, tag, NULL), STATUS_OK);
        assert_bytes(cipher, gcm_cases[i].cipher);
        assert_bytes(tag, gcm_cases[i].tag);
        assert_int_equal(
            crypto_gcm_decrypt(key, nonce, additional, (struct text){(char *)cipher, plain.size}, tag, opened, NULL),
            STATUS_OK);
        assert_memory_equal(opened, plain.data, plain.size);
    }
}

static void gcm_that_does_not_fit_leaves_nothing_readable(void **state)
{
    const unsigned char *key = (const unsigned char *)bytes_of(gcm_cases[3].key).data;
    const unsigned char *nonce = (const unsigned char *)bytes_of(gcm_cases[3].nonce).data;
    const struct text cipher = bytes_of(gcm_cases[3].cipher);
    const unsigned char *tag = (const unsigned char *)bytes_of(gcm_cases[3].tag).data;
    unsigned char opened[64], zeros[64] = {0};

    (void)state;
    memset(opened, 0x55, sizeof opened);
    assert_int_equal(crypto_gcm_decrypt(key, nonce, TEXT("other additional data"), cipher, tag, opened, NULL),
                     STATUS_INVALID);
    assert_memory_equal(opened, zeros, cipher.size);
}

static struct crypto_key key_of(const char *hex)
{
    struct crypto_key key;

    assert_int_equal(crypto_key_make(bytes_of(hex), &key, NULL), STATUS_OK);
    return key;
}

static const struct text PLACE = {"table/7/42/column", 17};
static const char KEY[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

static void sealed_value_opens_to_what_it_was(void **state)
{
    const struct crypto_key key = key_of(KEY);
    const struct text values[] = {TEXT(""), TEXT("p"), TEXT("pass\0word"), repeated('x', 100000)};

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct text sealed, again, opened;

        assert_int_equal(crypto_seal(&key, PLACE, values[i], arena, &sealed, NULL), STATUS_OK);
        assert_int_equal(crypto_seal(&key, PLACE, values[i], arena, &again, NULL), STATUS_OK);
        assert_int_equal(sealed.size, values[i].size + 1 + 4 + 12 + 16);
        assert_int_equal(sealed.data[0], 2);
        /* The key id: the first bytes of the key's SHA-256. */
        assert_bytes(sealed.data + 1, "630dcd29");
        assert_false(text_equal(sealed, again)); /* another nonce */
        assert_int_equal(crypto_open(&key, PLACE, sealed, arena, &opened, NULL), STATUS_OK);
        assert_true(text_equal(opened, values[i]));
    }
}

static void every_changed_bit_and_every_cut_is_noticed(void **state)
{
    const struct crypto_key key = key_of(KEY);
    struct text sealed, opened = TEXT("untouched");
    char *copy;

    (void)state;
    assert_int_equal(crypto_seal(&key, PLACE, TEXT("secret"), arena, &sealed, NULL), STATUS_OK);
    copy = arena_copy(arena, sealed.data, sealed.size);
    for (size_t bit = 0; bit < sealed.size * 8; bit++) {
        copy[bit / 8] = (char)(copy[bit / 8] ^ (1 << bit % 8));
        assert_int_equal(crypto_open(&key, PLACE, (struct text){copy, sealed.size}, arena, &opened, NULL),
                         STATUS_INVALID);
        copy[bit / 8] = (char)(copy[bit / 8] ^ (1 << bit % 8));
    }
    for (size_t size = 0; size < sealed.size; size++) {
        /* A copy of exactly this size, so that the sanitizer sees a read past its end. */
        struct text cut = {arena_copy(arena, sealed.data, size), size};

        assert_int_equal(crypto_open(&key, PLACE, cut, arena, &opened, NULL), STATUS_INVALID);
    }
    assert_true(text_equal(opened, TEXT("untouched")));
}

static void another_place_does_not_open(void **state)
{
    const struct text others[] = {TEXT("table/7/42/columns"), TEXT("table/7/42/colum"), TEXT("table/7/43/column"),
                                  repeated('x', CRYPTO_SEAL_PLACE_BYTES_MAX)};
    const struct crypto_key key = key_of(KEY);
    struct text sealed, opened;

    (void)state;
    assert_int_equal(crypto_seal(&key, PLACE, TEXT("secret"), arena, &sealed, NULL), STATUS_OK);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(crypto_open(&key, others[i], sealed, arena, &opened, NULL), STATUS_INVALID);
    assert_int_equal(crypto_open_unplaced(&key, sealed, arena, &opened, NULL), STATUS_INVALID);
}

static void place_is_needed_and_bounded(void **state)
{
    const struct crypto_key key = key_of(KEY);
    const struct text wrong[] = {{NULL, 0}, repeated('x', CRYPTO_SEAL_PLACE_BYTES_MAX + 1)};
    struct text sealed, other;

    (void)state;
    assert_int_equal(crypto_seal(&key, PLACE, TEXT("secret"), arena, &sealed, NULL), STATUS_OK);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(crypto_seal(&key, wrong[i], TEXT("secret"), arena, &other, NULL), STATUS_INTERNAL);
        assert_int_equal(crypto_open(&key, wrong[i], sealed, arena, &other, NULL), STATUS_INTERNAL);
    }
}

/* Sealed by the version before places: AES-256-GCM over version and key id alone. */
static void value_of_version_1_opens_for_the_migration_alone(void **state)
{
    const struct crypto_key key = key_of(KEY);
    const struct text old = bytes_of("01630dcd29cafebabefacedbaddecaf888f9c6c354cf0e762500b875aafd5a78b1fd31faed5aa7");
    struct text opened;
    char *renamed = arena_copy(arena, old.data, old.size);

    (void)state;
    assert_int_equal(crypto_open(&key, PLACE, old, arena, &opened, NULL), STATUS_INVALID);
    assert_int_equal(crypto_open_unplaced(&key, old, arena, &opened, NULL), STATUS_OK);
    assert_true(text_equal(opened, TEXT("secret")));
    renamed[0] = CRYPTO_SEAL_VERSION;
    assert_int_equal(crypto_open(&key, PLACE, (struct text){renamed, old.size}, arena, &opened, NULL), STATUS_INVALID);
}

static void another_key_does_not_open(void **state)
{
    const struct crypto_key key = key_of(KEY);
    const struct crypto_key other = key_of("ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    struct crypto_key pretender = other;
    struct text sealed, opened;

    (void)state;
    assert_int_equal(crypto_seal(&key, PLACE, TEXT("secret"), arena, &sealed, NULL), STATUS_OK);
    assert_int_equal(crypto_open(&other, PLACE, sealed, arena, &opened, NULL), STATUS_INVALID);
    memcpy(pretender.id, key.id, sizeof key.id); /* another key with the same id */
    assert_int_equal(crypto_open(&pretender, PLACE, sealed, arena, &opened, NULL), STATUS_INVALID);
}

static void key_of_another_size_and_too_large_secret_are_refused(void **state)
{
    const struct crypto_key key = key_of(KEY);
    struct crypto_key made;
    struct text sealed;

    (void)state;
    assert_int_equal(crypto_key_make(repeated('k', 31), &made, NULL), STATUS_INVALID);
    assert_int_equal(crypto_key_make(repeated('k', 33), &made, NULL), STATUS_INVALID);
    assert_int_equal(crypto_seal(&key, PLACE, repeated('x', CRYPTO_SEAL_PLAIN_BYTES_MAX + 1), arena, &sealed, NULL),
                     STATUS_TOO_LARGE);
}

static void base64url_answers_as_in_rfc_4648_without_padding(void **state)
{
    static const struct {
        struct text bytes;
        const char *encoded;
    } cases[] = {{TEXT(""), ""},
                 {TEXT("f"), "Zg"},
                 {TEXT("fo"), "Zm8"},
                 {TEXT("foo"), "Zm9v"},
                 {TEXT("foob"), "Zm9vYg"},
                 {TEXT("fooba"), "Zm9vYmE"},
                 {TEXT("foobar"), "Zm9vYmFy"},
                 {TEXT("\xfb\xff\xfe"), "-__-"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text decoded;

        assert_string_equal(crypto_base64url(cases[i].bytes, arena).data, cases[i].encoded);
        assert_true(crypto_base64url_decode(text_of(cases[i].encoded), arena, &decoded));
        assert_true(text_equal(decoded, cases[i].bytes));
    }
    assert_string_equal(crypto_base64(TEXT("\xfb\xff\xfe"), arena).data, "+//+");
}

static void encodings_refuse_what_is_not_theirs(void **state)
{
    static const struct text not_base64url[] = {TEXT("Z"),    TEXT("Zg=="), TEXT("Zm9v\n"), TEXT("Z g"),
                                                TEXT("+//+"), TEXT("Zh"),   TEXT("Zm9"),    TEXT("Zm\0v")};
    static const struct text not_hex[] = {TEXT("0"), TEXT("0g"), TEXT("0x"), TEXT(" 0"), TEXT("0\0")};
    struct text decoded;

    (void)state;
    for (size_t i = 0; i < sizeof not_base64url / sizeof not_base64url[0]; i++)
        assert_false(crypto_base64url_decode(not_base64url[i], arena, &decoded));
    for (size_t i = 0; i < sizeof not_hex / sizeof not_hex[0]; i++)
        assert_false(crypto_hex_decode(not_hex[i], arena, &decoded));
    assert_true(crypto_hex_decode(TEXT("00fFaB"), arena, &decoded));
    assert_string_equal(crypto_hex(decoded, arena).data, "00ffab");
}

static void equality_looks_at_every_byte_and_the_size(void **state)
{
    (void)state;
    assert_true(crypto_equal(TEXT("abc"), TEXT("abc")));
    assert_true(crypto_equal(TEXT(""), (struct text){NULL, 0}));
    assert_false(crypto_equal(TEXT("abc"), TEXT("abd")));
    assert_false(crypto_equal(TEXT("abc"), TEXT("ab")));
    assert_false(crypto_equal(TEXT("a\0c"), TEXT("a\0d")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_answers_as_in_fips_180),
        cmocka_unit_test(hmac_answers_as_in_rfc_4231),
        cmocka_unit_test(gcm_answers_as_the_specification),
        cmocka_unit_test(gcm_that_does_not_fit_leaves_nothing_readable),
        cmocka_unit_test(sealed_value_opens_to_what_it_was),
        cmocka_unit_test(every_changed_bit_and_every_cut_is_noticed),
        cmocka_unit_test(another_place_does_not_open),
        cmocka_unit_test(place_is_needed_and_bounded),
        cmocka_unit_test(value_of_version_1_opens_for_the_migration_alone),
        cmocka_unit_test(another_key_does_not_open),
        cmocka_unit_test(key_of_another_size_and_too_large_secret_are_refused),
        cmocka_unit_test(base64url_answers_as_in_rfc_4648_without_padding),
        cmocka_unit_test(encodings_refuse_what_is_not_theirs),
        cmocka_unit_test(equality_looks_at_every_byte_and_the_size),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
