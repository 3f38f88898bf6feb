/* The value of JWT_SECRET and of ENCRYPTION_KEY: one key, or several with commas between them.
 *
 *     list: entry *("," entry)      entry: [name ":"] hexadecimal ["@" seconds]
 *
 * Every key of a list opens and verifies. Of those whose time has come (seconds since 1970; none: always) the
 * first one seals and signs. So a key that is put in front with a time to come can be read by every process before the
 * first of them uses it. */
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
    int64_t from_s; /* seals and signs from then on; 0: always did */
};

struct key_list {
    struct key_entry entries[KEY_LIST_MAX];
    size_t count; /* 1 to KEY_LIST_MAX */
};

/* `setting` names the variable in errors, which hold nothing of its value. Refused: keys outside
 * [bytes_min, bytes_max], two of one name, and lists with a time on every key (there was none to begin with). */
enum status key_list_parse(const char *setting, struct text value, size_t bytes_min, size_t bytes_max,
                           struct key_list *out_list, struct error *error);

/* The same in writing. */
void key_list_format(const struct key_list *list, struct buffer *out);

/* The entry that seals and signs at `now_s`. */
const struct key_entry *key_list_current(const struct key_list *list, int64_t now_s);

/* A random key of `bytes` in front, used from `from_s` on. STATUS_CONFLICT: KEY_LIST_MAX keys are there already. */
enum status key_list_put_new(struct key_list *list, size_t bytes, int64_t from_s, struct error *error);
/* Leave only the entry that is current at `now_s`, without a time. */
void key_list_retire(struct key_list *list, int64_t now_s);

void key_list_wipe(struct key_list *list);

#endif
