/* Lists of keys as text; see key_list.h. */
#include "auth/key_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/encode.h"

enum { NAME_DIGEST_BYTES = 4, SECONDS_DIGITS_MAX = 12 };

static enum status entry_parse(const char *setting, struct text text, size_t bytes_min, size_t bytes_max,
                               struct arena *arena, struct key_entry *out, struct error *error);
static enum status name_from_digest(struct key_entry *entry, struct error *error);

enum status key_list_parse(const char *setting, struct text value, size_t bytes_min, size_t bytes_max,
                           struct key_list *out_list, struct error *error)
{
    struct arena *arena = arena_new(0);
    struct key_list list = {.count = 0};
    bool has_present = false;
    struct text piece;
    enum status status = STATUS_OK;

    if (value.size == 0)
        status = error_field(error, setting, "is not set");
    while (status == STATUS_OK && text_split(&value, ',', &piece)) {
        if (list.count == KEY_LIST_MAX) {
            status = error_field(error, setting, "has more than %d keys", KEY_LIST_MAX);
            break;
        }
        status = entry_parse(setting, text_trim(piece), bytes_min, bytes_max, arena, &list.entries[list.count], error);
        for (size_t i = 0; status == STATUS_OK && i < list.count; i++)
            if (strcmp(list.entries[i].name, list.entries[list.count].name) == 0)
                status = error_field(error, setting, "has two keys of one name");
        has_present |= list.entries[list.count].from_s == 0;
        list.count++;
    }
    if (status == STATUS_OK && !has_present)
        status = error_field(error, setting, "has a time on every key: one must do until the first of them");
    if (status == STATUS_OK)
        *out_list = list;
    key_list_wipe(&list);
    arena_destroy(arena);
    return status;
}

void key_list_format(const struct key_list *list, struct buffer *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < list->count; i++) {
        const struct key_entry *entry = &list->entries[i];

        if (i > 0)
            buffer_append_byte(out, ',');
        if (entry->has_given_name)
            buffer_printf(out, "%s:", entry->name);
        for (size_t k = 0; k < entry->secret_bytes; k++) {
            buffer_append_byte(out, digits[entry->secret[k] >> 4]);
            buffer_append_byte(out, digits[entry->secret[k] & 15]);
        }
        if (entry->from_s != 0)
            buffer_printf(out, "@%" PRId64, entry->from_s);
    }
}

const struct key_entry *key_list_current(const struct key_list *list, int64_t now_s)
{
    size_t i = 0;

    while (i + 1 < list->count && list->entries[i].from_s > now_s)
        i++;
    return &list->entries[i];
}

enum status key_list_put_new(struct key_list *list, size_t bytes, int64_t from_s, struct error *error)
{
    struct key_entry entry = {.secret_bytes = bytes, .from_s = from_s};
    enum status status;

    if (list->count == KEY_LIST_MAX)
        return error_set(error, STATUS_CONFLICT, "There are %d keys already; retire the old ones first.", KEY_LIST_MAX);
    status = crypto_random(entry.secret, bytes, error);
    if (status == STATUS_OK)
        status = name_from_digest(&entry, error);
    if (status != STATUS_OK)
        return status;
    memmove(list->entries + 1, list->entries, list->count * sizeof list->entries[0]);
    list->entries[0] = entry;
    list->count++;
    crypto_wipe(&entry, sizeof entry);
    return STATUS_OK;
}

void key_list_retire(struct key_list *list, int64_t now_s)
{
    struct key_entry kept = *key_list_current(list, now_s);

    key_list_wipe(list);
    kept.from_s = 0;
    list->entries[0] = kept;
    list->count = 1;
    crypto_wipe(&kept, sizeof kept);
}

void key_list_wipe(struct key_list *list)
{
    crypto_wipe(list, sizeof *list);
}

static bool is_name(struct text name)
{
    if (name.size == 0 || name.size > KEY_NAME_BYTES_MAX)
        return false;
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
              c == '.'))
            return false;
    }
    return true;
}

static bool take_name(struct text *text, struct key_entry *out)
{
    struct text rest = *text, name;

    if (memchr(text->data, ':', text->size) == NULL)
        return true;
    text_split(&rest, ':', &name);
    if (!is_name(name))
        return false;
    memcpy(out->name, name.data, name.size);
    out->has_given_name = true;
    *text = rest;
    return true;
}

static bool take_time(struct text *text, struct key_entry *out)
{
    struct text rest = *text;

    if (memchr(text->data, '@', text->size) == NULL)
        return true;
    text_split(&rest, '@', text);
    return rest.size <= SECONDS_DIGITS_MAX && text_to_int64(rest, &out->from_s) && out->from_s > 0;
}

static enum status entry_parse(const char *setting, struct text text, size_t bytes_min, size_t bytes_max,
                               struct arena *arena, struct key_entry *out, struct error *error)
{
    struct text secret = {NULL, 0};
    bool is_ok = text.size > 0 && take_name(&text, out) && text.size > 0 && take_time(&text, out) &&
                 crypto_hex_decode(text, arena, &secret) && secret.size >= bytes_min && secret.size <= bytes_max &&
                 secret.size <= sizeof out->secret;

    if (is_ok) {
        memcpy(out->secret, secret.data, secret.size);
        out->secret_bytes = secret.size;
    }
    if (secret.data != NULL)
        crypto_wipe((void *)(uintptr_t)secret.data, secret.size);
    if (!is_ok && bytes_min == bytes_max)
        return error_field(error, setting, "must be %zu bytes in hexadecimal, or several such keys: KEY,KEY,…",
                           bytes_min);
    if (!is_ok)
        return error_field(error, setting, "must be %zu to %zu bytes in hexadecimal, or several such keys: KEY,KEY,…",
                           bytes_min, bytes_max);
    return out->has_given_name ? STATUS_OK : name_from_digest(out, error);
}

static enum status name_from_digest(struct key_entry *entry, struct error *error)
{
    unsigned char digest[CRYPTO_SHA256_BYTES];
    enum status status = crypto_sha256((struct text){(char *)entry->secret, entry->secret_bytes}, digest, error);

    for (int i = 0; status == STATUS_OK && i < NAME_DIGEST_BYTES; i++)
        snprintf(entry->name + 2 * (size_t)i, 3, "%02x", digest[i]);
    return status;
}
