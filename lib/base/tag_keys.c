/* The keys of tags; see tag_keys.h. */
#include "base/tag_keys.h"

bool tag_key_is_byte(char byte, bool is_first)
{
    bool is_letter = ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || byte == '_';

    return is_letter || (!is_first && ((byte >= '0' && byte <= '9') || byte == '.' || byte == '-'));
}

bool tag_key_is_valid(struct text key)
{
    if (key.size == 0 || key.size > TAG_KEY_BYTES_MAX)
        return false;
    for (size_t i = 0; i < key.size; i++)
        if (!tag_key_is_byte(key.data[i], i == 0))
            return false;
    return true;
}

const char *tag_keys_check(const char *list)
{
    struct text rest = text_of(list), entry;
    size_t count = 0;

    if (text_trim(rest).size == 0)
        return NULL;
    while (text_split(&rest, ',', &entry)) {
        if (!tag_key_is_valid(text_trim(entry)))
            return "must be names of at most 40 letters, digits, _ . and -, separated by commas";
        if (++count > TAG_KEYS_MAX)
            return "has more than 16 names";
    }
    return NULL;
}

struct tag_keys tag_keys_parse(const char *list)
{
    struct text rest = text_of(list), entry;
    struct tag_keys keys = {.count = 0};

    while (keys.count < TAG_KEYS_MAX && text_split(&rest, ',', &entry)) {
        bool is_known = false;

        entry = text_trim(entry);
        for (size_t i = 0; i < keys.count; i++)
            is_known = is_known || text_equal(keys.keys[i], entry);
        if (tag_key_is_valid(entry) && !is_known)
            keys.keys[keys.count++] = entry;
    }
    return keys;
}
