/* Reading the corpus. */
#include <json-c/json.h>
#include <zlib.h>

#include "base/vector.h"
#include "tests/plans/corpus.h"

enum { CORPUS_BYTES_MAX = 32 * 1024 * 1024, PLANS_MAX = 2000 };

static struct text member(const struct json_object *object, const char *key, struct arena *arena)
{
    struct json_object *value = NULL;
    const char *string;
    size_t size;

    if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, json_type_string))
        return (struct text){NULL, 0};
    string = json_object_get_string(value);
    size = (size_t)json_object_get_string_len(value);
    return (struct text){arena_string(arena, string, size), size};
}

static struct text unpacked(const char *path, struct arena *arena)
{
    char *data = arena_alloc(arena, CORPUS_BYTES_MAX);
    gzFile file = gzopen(path, "rb");
    int size;

    if (file == NULL) {
        fprintf(stderr, "%s cannot be opened\n", path);
        return (struct text){NULL, 0};
    }
    size = gzread(file, data, CORPUS_BYTES_MAX);
    gzclose(file);
    return (struct text){data, size < 0 ? 0 : (size_t)size};
}

bool corpus_read(const char *path, struct arena *arena, struct corpus *out_corpus)
{
    VECTOR(struct corpus_plan) items = {0};
    struct text rest = unpacked(path, arena), line;

    while (text_split(&rest, '\n', &line)) {
        struct json_object *object;
        struct corpus_plan *item;

        if (line.size == 0)
            continue;
        object = json_tokener_parse(arena_string(arena, line.data, line.size));
        item = vector_add(&items, PLANS_MAX, arena);
        if (object == NULL || item == NULL) {
            fprintf(stderr, "%s: line %zu is no plan\n", path, items.count);
            json_object_put(object);
            return false;
        }
        *item = (struct corpus_plan){.id = member(object, "id", arena),
                                     .group = member(object, "group", arena),
                                     .engine = member(object, "engine", arena),
                                     .mode = member(object, "mode", arena),
                                     .label = member(object, "label", arena),
                                     .table = member(object, "table", arena),
                                     .done = member(object, "done", arena),
                                     .statement = member(object, "statement", arena),
                                     .plan = member(object, "plan", arena)};
        json_object_put(object);
    }
    out_corpus->items = items.items;
    out_corpus->count = items.count;
    return items.count > 0;
}
