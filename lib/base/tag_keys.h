/* The keys of tags: which of the keys that an application writes into the comments of its statements are looked at.
 * Pure. */
#ifndef POTTO_BASE_TAG_KEYS_H
#define POTTO_BASE_TAG_KEYS_H

#include <stdbool.h>

#include "base/text.h"

enum { TAG_KEYS_MAX = 16, TAG_KEY_BYTES_MAX = 40 };

struct tag_keys {
    struct text keys[TAG_KEYS_MAX]; /* point into the list that was parsed */
    size_t count;
};

/* Letters, digits, _ . and -, beginning with a letter or _. */
bool tag_key_is_byte(char byte, bool is_first);
bool tag_key_is_valid(struct text key);

/* NULL, or what is wrong with a list of keys, separated by commas: the end of a sentence that begins with the name of
 * the setting. An empty list is sound. */
const char *tag_keys_check(const char *list);

/* The keys of a sound list, each once. NULL: none. */
struct tag_keys tag_keys_parse(const char *list);

#endif
