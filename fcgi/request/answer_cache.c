/* The cache of answers; see answer_cache.h. It holds about a hundred entries, so a linear search of an array is
 * enough. */
#include "fcgi/request/answer_cache.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/clock.h"
#include "fcgi/request/csv.h"
#include "store/read/period.h"

struct entry {
    uint64_t key_hash;
    uint64_t used_at; /* tick of the last use; 0: the entry is free */
    uint64_t etag;
    const char *content_type;
    char *data; /* key, headers, body; one allocation */
    size_t key_bytes, headers_bytes, body_bytes;
};

struct answer_cache {
    size_t max_bytes, used_bytes;
    uint64_t tick;
    struct entry entries[ANSWER_CACHE_ENTRIES];
};

struct answer_cache *answer_cache_new(size_t max_bytes)
{
    struct answer_cache *cache = calloc(1, sizeof *cache);

    if (cache == NULL)
        abort();
    cache->max_bytes = max_bytes;
    return cache;
}

static void forget(struct answer_cache *cache, struct entry *entry)
{
    cache->used_bytes -= entry->key_bytes + entry->headers_bytes + entry->body_bytes;
    free(entry->data);
    *entry = (struct entry){0};
}

void answer_cache_destroy(struct answer_cache *cache)
{
    if (cache == NULL)
        return;
    for (size_t i = 0; i < ANSWER_CACHE_ENTRIES; i++)
        if (cache->entries[i].used_at != 0)
            forget(cache, &cache->entries[i]);
    free(cache);
}

/* ---- keys ---- */

struct key_head {
    uint64_t route_index;
    int64_t organization_id, user_id, connection_id, role, data_version, now_bucket, is_csv_wanted;
    uint64_t scope_digest;
};

static char *put_text(char *at, struct text text)
{
    memcpy(at, &text.size, sizeof text.size);
    at += sizeof text.size;
    if (text.size > 0)
        memcpy(at, text.data, text.size);
    return at + text.size;
}

struct text answer_cache_key(const struct request *request, size_t route_index, const struct scope *scope)
{
    struct key_head head = {
        .route_index = route_index,
        .organization_id = scope_organization_id(scope),
        .user_id = scope_user_id(scope),
        .connection_id = scope_connection_id(scope),
        .role = scope_role(scope),
        .data_version = scope_data_version(scope),
        /* Periods are rounded outwards to the finest resolution of the rollups, so "the last 24 hours" is the same
         * period throughout these five minutes. */
        .now_bucket = request->received_at_us / (PERIOD_RESOLUTION_MIN_S * CLOCK_SECOND_US),
        .is_csv_wanted = csv_is_wanted(request->accept),
        .scope_digest = scope_digest(scope),
    };
    struct request_param sorted[REQUEST_QUERY_MAX];
    size_t size = sizeof head;
    char *key, *at;

    /* A stable insertion sort: the first of two parameters with the same name counts, so their order must not
     * change. */
    for (int i = 0; i < request->query_count; i++) {
        int k = i;

        for (; k > 0 && text_compare(sorted[k - 1].name, request->query[i].name) > 0; k--)
            sorted[k] = sorted[k - 1];
        sorted[k] = request->query[i];
        size += request->query[i].name.size + request->query[i].value.size + 2 * sizeof(size_t);
    }
    for (int i = 0; i < request->path_param_count; i++)
        size += request->path_params[i].value.size + sizeof(size_t);
    key = arena_alloc(request->arena, size);
    memcpy(key, &head, sizeof head);
    at = key + sizeof head;
    for (int i = 0; i < request->path_param_count; i++)
        at = put_text(at, request->path_params[i].value);
    for (int i = 0; i < request->query_count; i++)
        at = put_text(put_text(at, sorted[i].name), sorted[i].value);
    return (struct text){key, size};
}

/* ---- entries ---- */

static struct entry *find(struct answer_cache *cache, struct text key, uint64_t key_hash)
{
    for (size_t i = 0; i < ANSWER_CACHE_ENTRIES; i++) {
        struct entry *entry = &cache->entries[i];

        if (entry->used_at != 0 && entry->key_hash == key_hash && entry->key_bytes == key.size &&
            memcmp(entry->data, key.data, key.size) == 0)
            return entry;
    }
    return NULL;
}

static struct answer answer_of(const struct entry *entry)
{
    const char *headers = entry->data + entry->key_bytes;

    return (struct answer){.content_type = entry->content_type,
                           .headers = {headers, entry->headers_bytes},
                           .body = {headers + entry->headers_bytes, entry->body_bytes},
                           .etag = entry->etag};
}

bool answer_cache_find(struct answer_cache *cache, struct text key, struct answer *out_answer)
{
    struct entry *entry = find(cache, key, XXH3_64bits(key.data, key.size));

    if (entry == NULL)
        return false;
    entry->used_at = ++cache->tick;
    *out_answer = answer_of(entry);
    return true;
}

/* Return a free entry with room for `more_bytes`. The least recently used entries are removed for it. */
static struct entry *make_room(struct answer_cache *cache, size_t more_bytes)
{
    for (;;) {
        struct entry *oldest = &cache->entries[0], *free_entry = NULL;

        for (size_t i = 0; i < ANSWER_CACHE_ENTRIES; i++) {
            struct entry *entry = &cache->entries[i];

            if (entry->used_at == 0)
                free_entry = entry;
            else if (oldest->used_at == 0 || entry->used_at < oldest->used_at)
                oldest = entry;
        }
        if (free_entry != NULL && cache->used_bytes + more_bytes <= cache->max_bytes)
            return free_entry;
        forget(cache, oldest);
    }
}

uint64_t answer_cache_put(struct answer_cache *cache, struct text key, const struct answer *answer)
{
    const struct text body = answer->body, headers = answer->headers;
    uint64_t key_hash = XXH3_64bits(key.data, key.size), etag = XXH3_64bits(body.data, body.size);
    size_t bytes = key.size + headers.size + body.size;
    struct entry *entry = find(cache, key, key_hash);
    char *data;

    if (entry != NULL)
        forget(cache, entry);
    data = bytes > cache->max_bytes / 8 ? NULL : malloc(bytes);
    if (data == NULL)
        return etag;
    entry = make_room(cache, bytes);
    memcpy(data, key.data, key.size);
    if (headers.size > 0)
        memcpy(data + key.size, headers.data, headers.size);
    memcpy(data + key.size + headers.size, body.data, body.size);
    *entry = (struct entry){.key_hash = key_hash,
                            .used_at = ++cache->tick,
                            .etag = etag,
                            .content_type = answer->content_type,
                            .data = data,
                            .key_bytes = key.size,
                            .headers_bytes = headers.size,
                            .body_bytes = body.size};
    cache->used_bytes += bytes;
    return etag;
}
