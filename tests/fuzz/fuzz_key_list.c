/* Any bytes as the value of JWT_SECRET and of ENCRYPTION_KEY: a list that is accepted is the same after writing and
 * reading it again. The first byte chooses the limits of a key's size. */
#include "auth/key_list.h"
#include "tests/fuzz/fuzz.h"

enum { WRITTEN_BYTES_MAX = KEY_LIST_MAX * (2 * KEY_SECRET_BYTES_MAX + KEY_NAME_BYTES_MAX + 32) };

static bool is_same(const struct key_entry *one, const struct key_entry *other)
{
    return strcmp(one->name, other->name) == 0 && one->has_given_name == other->has_given_name &&
           one->secret_bytes == other->secret_bytes && memcmp(one->secret, other->secret, one->secret_bytes) == 0 &&
           one->from_s == other->from_s;
}

static void check_entries(const struct key_list *list, size_t bytes_min, size_t bytes_max)
{
    bool has_present = false;

    fuzz_check(list->count >= 1 && list->count <= KEY_LIST_MAX, "a list has one to eight keys");
    for (size_t i = 0; i < list->count; i++) {
        const struct key_entry *entry = &list->entries[i];

        fuzz_check(entry->secret_bytes >= bytes_min && entry->secret_bytes <= bytes_max,
                   "keys have the size asked for");
        fuzz_check(entry->name[0] != '\0' && strlen(entry->name) <= KEY_NAME_BYTES_MAX, "every key has a name");
        fuzz_check(entry->from_s >= 0, "no key is from before 1970");
        has_present |= entry->from_s == 0;
        for (size_t k = 0; k < i; k++)
            fuzz_check(strcmp(entry->name, list->entries[k].name) != 0, "names are different");
    }
    fuzz_check(has_present, "one key has no time");
}

static void check_current(const struct key_list *list)
{
    static const int64_t times_s[] = {0, 1, 1767225600, INT64_C(999999999999)};

    for (size_t i = 0; i < sizeof times_s / sizeof times_s[0]; i++) {
        const struct key_entry *current = key_list_current(list, times_s[i]);

        fuzz_check(current >= list->entries && current < list->entries + list->count, "the current key is of the list");
        fuzz_check(current->from_s <= times_s[i], "the current key's time has come");
        for (const struct key_entry *earlier = list->entries; earlier < current; earlier++)
            fuzz_check(earlier->from_s > times_s[i], "no key before the current one has come");
    }
}

static void check_list(struct text value, size_t bytes_min, size_t bytes_max)
{
    static struct key_list list, again; /* static, because each key takes half a kilobyte */
    struct error error = {0};
    struct buffer written;

    if (key_list_parse("JWT_SECRET", value, bytes_min, bytes_max, &list, &error) != STATUS_OK) {
        fuzz_check(error.status == STATUS_INVALID && error.field_count > 0, "a refusal has a message");
        return;
    }
    check_entries(&list, bytes_min, bytes_max);
    check_current(&list);
    buffer_init(&written, WRITTEN_BYTES_MAX);
    key_list_format(&list, &written);
    fuzz_check(key_list_parse("JWT_SECRET", buffer_text(&written), bytes_min, bytes_max, &again, &error) == STATUS_OK,
               "a list that was written is read");
    fuzz_check(list.count == again.count, "a list that was written has as many keys");
    for (size_t i = 0; i < list.count; i++)
        fuzz_check(is_same(&list.entries[i], &again.entries[i]), "a key that was written is the same");
    buffer_free(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text input = {(const char *)data, size};

    switch (fuzz_take_byte(&input) % 3) {
    case 0:
        check_list(input, 32, KEY_SECRET_BYTES_MAX);
        break;
    case 1:
        check_list(input, 32, 32);
        break;
    default:
        check_list(input, 1, KEY_SECRET_BYTES_MAX);
    }
    return 0;
}
