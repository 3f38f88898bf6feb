/* URLs, taken apart by libcurl's own parser: what is looked at is what is asked. See exchange.h. */
#include <curl/curl.h>
#include <string.h>

#include "http/exchange.h"

/* A part of the URL as text in the arena; NULL: there is none. */
static const char *part_of(CURLU *parts, CURLUPart part, unsigned flags, struct arena *arena)
{
    char *text = NULL;
    const char *kept = NULL;

    if (curl_url_get(parts, part, &text, flags) == CURLUE_OK && text != NULL)
        kept = arena_string(arena, text, strlen(text));
    curl_free(text);
    return kept;
}

static const char *without_brackets(const char *host, struct arena *arena)
{
    size_t size = strlen(host);

    return size > 2 && host[0] == '[' && host[size - 1] == ']' ? arena_string(arena, host + 1, size - 2) : host;
}

static bool is_clean(struct text url)
{
    for (size_t i = 0; i < url.size; i++)
        if ((unsigned char)url.data[i] <= ' ' || url.data[i] == 0x7f)
            return false;
    return url.size > 0 && url.size <= HTTP_URL_BYTES_MAX;
}

static enum status read_parts(CURLU *parts, struct text url, struct arena *arena, struct http_place *place,
                              struct error *error)
{
    const char *scheme, *host, *port;

    if (!is_clean(url) || curl_url_set(parts, CURLUPART_URL, arena_string(arena, url.data, url.size), 0) != CURLUE_OK)
        return error_set(error, STATUS_INVALID, "This is no address of a server.");
    scheme = part_of(parts, CURLUPART_SCHEME, 0, arena);
    host = part_of(parts, CURLUPART_HOST, 0, arena);
    port = part_of(parts, CURLUPART_PORT, CURLU_DEFAULT_PORT, arena);
    if (scheme == NULL || host == NULL || port == NULL || (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0))
        return error_set(error, STATUS_INVALID, "An address of a server begins with http:// or https://.");
    place->origin = arena_printf(arena, "%s://%s:%s", scheme, host, port);
    place->host = without_brackets(host, arena);
    place->user = part_of(parts, CURLUPART_USER, CURLU_URLDECODE, arena);
    place->password = part_of(parts, CURLUPART_PASSWORD, CURLU_URLDECODE, arena);
    curl_url_set(parts, CURLUPART_USER, NULL, 0);
    curl_url_set(parts, CURLUPART_PASSWORD, NULL, 0);
    curl_url_set(parts, CURLUPART_FRAGMENT, NULL, 0);
    place->url = part_of(parts, CURLUPART_URL, 0, arena);
    return place->url != NULL ? STATUS_OK : error_set(error, STATUS_INVALID, "This is no address of a server.");
}

enum status http_place_read(struct text url, struct arena *arena, struct http_place *out_place, struct error *error)
{
    CURLU *parts = curl_url();
    struct http_place place = {0};
    enum status status =
        parts == NULL ? error_set(error, STATUS_INTERNAL, "no memory") : read_parts(parts, url, arena, &place, error);

    curl_url_cleanup(parts);
    if (status == STATUS_OK)
        *out_place = place;
    return status;
}
