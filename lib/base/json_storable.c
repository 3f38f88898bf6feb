/* What the store takes as jsonb; see json_storable.h. */
#include "base/json_storable.h"

#include "base/json_read.h"

bool json_is_storable_object(struct text json, struct arena *arena)
{
    struct json_reader reader;

    json_reader_init(&reader, json, arena);
    return json_peek(&reader) == JSON_KIND_OBJECT && json_skip(&reader, NULL) && json_finish(&reader) &&
           !reader.has_nul && !reader.has_huge_number;
}
