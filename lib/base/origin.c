/* Lists of web origins; see origin.h. */
#include "base/origin.h"

enum { ORIGINS_BYTES_MAX = 8192 };

static bool is_origin(struct text entry)
{
    static const char host_bytes[] = "abcdefghijklmnopqrstuvwxyz0123456789.-_:[]";
    bool is_https = text_starts(entry, TEXT("https://"));
    size_t scheme_size = is_https ? TEXT("https://").size : TEXT("http://").size;

    if (!is_https && !text_starts(entry, TEXT("http://")))
        return false;
    for (size_t i = scheme_size; i < entry.size; i++)
        if (memchr(host_bytes, entry.data[i], sizeof host_bytes - 1) == NULL)
            return false;
    return entry.size > scheme_size && !text_ends(entry, is_https ? TEXT(":443") : TEXT(":80"));
}

const char *origins_check(const char *list)
{
    struct text rest = text_of(list), entry;

    if (rest.size > ORIGINS_BYTES_MAX)
        return "is longer than 8192 bytes";
    if (text_equal(text_trim(rest), TEXT("*")))
        return NULL;
    while (text_split(&rest, ',', &entry))
        if (!is_origin(text_trim(entry)))
            return "must be * alone, or origins separated by commas, as https://app.example.com: in lower case, "
                   "without a path, and without port 80 or 443";
    return NULL;
}

struct text origins_find(const char *list, struct text origin)
{
    struct text rest = text_of(list), entry;

    while (origin.size > 0 && text_split(&rest, ',', &entry)) {
        entry = text_trim(entry);
        if (text_equal(entry, TEXT("*")) || text_equal(entry, origin))
            return entry;
    }
    return (struct text){NULL, 0};
}
