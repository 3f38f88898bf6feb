/* Addresses of older clients; see path_alias.h. */
#include "fcgi/request/path_alias.h"

static const struct {
    struct text prefix, path; /* whole segments */
} alias_table[] = {
    {{"/api/connections", 16}, {"/api/v1/database-connections", 28}},
    {{"/api/monitoring", 15}, {"/api/v1/monitoring", 18}},
    {{"/api/dashboard", 14}, {"/api/v1/dashboard", 17}},
    {{"/api/optimizer", 14}, {"/api/v1/optimizer", 17}},
};

struct text path_unalias(struct text raw_path, struct arena *arena)
{
    for (size_t i = 0; i < sizeof alias_table / sizeof alias_table[0]; i++) {
        struct text prefix = alias_table[i].prefix, path = alias_table[i].path;
        size_t rest_size = raw_path.size - prefix.size;
        char *whole;

        if (!text_starts(raw_path, prefix) || (rest_size > 0 && raw_path.data[prefix.size] != '/'))
            continue;
        whole = arena_alloc(arena, path.size + rest_size);
        memcpy(whole, path.data, path.size);
        memcpy(whole + path.size, raw_path.data + prefix.size, rest_size);
        return (struct text){whole, path.size + rest_size};
    }
    return raw_path;
}
