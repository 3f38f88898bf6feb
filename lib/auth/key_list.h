/* The value of JWT_SECRET and of ENCRYPTION_KEY: one key, or several separated by commas.
 *
 *     list: entry *("," entry)      entry: [name ":"] hexadecimal ["@" seconds]
 *
 * Every key of a list opens and verifies. One of them seals and signs: the first whose time has come. The time is in
 * seconds since 1970; a key without one can be used at once. A new key is put in front with a time in the future, so
 * that every process has read it before the first process uses it. */
#ifndef POTTO_AUTH_KEY_LIST_H
#define POTTO_AUTH_KEY_LIST_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"

enum { KEY_LIST_MAX = 8, KEY_NAME_BYTES_MAX = 32, KEY_SECRET_BYTES_MAX = 512 };

struct key_entry {
    char name[KEY_NAME_BYTES_MAX + 1]; /* as given, or the first 4 bytes of the key's SHA-256 in hexadecimal */
    bool has_given_name;
    unsigned char secret[KEY_SECRET_BYTES_MAX];
    size_t secret_bytes;
    int64_t from_s; /* it may seal and sign from then on; 0: at once */
};

struct key_list {
    struct key_entry entries[KEY_LIST_MAX];
    size_t count; /* 1 to KEY_LIST_MAX */
};

/* `setting` is the variable's name, for errors, which never hold a part of its value. STATUS_INVALID: a key is shorter
 * than bytes_min or longer than bytes_max, two keys have one name, or every key has a time. */
enum status key_list_parse(const char *setting, struct text value, size_t bytes_min, size_t bytes_max,
                           struct key_list *out_list, struct error *error);

/* The list as text, which key_list_parse reads. */
void key_list_format(const struct key_list *list, struct buffer *out);

/* The entry that seals and signs at `now_s`. */
const struct key_entry *key_list_current(const struct key_list *list, int64_t now_s);

/* Put a random key of `bytes` in front, to be used from `from_s` on. STATUS_CONFLICT: the list has KEY_LIST_MAX keys
 * already. */
enum status key_list_put_new(struct key_list *list, size_t bytes, int64_t from_s, struct error *error);
/* Keep only the entry that is current at `now_s`, and take its time away. */
void key_list_retire(struct key_list *list, int64_t now_s);

void key_list_wipe(struct key_list *list);

#endif
