/* Any bytes as SQL of both dialects. The first byte chooses the dialect. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/sql_properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena;
    const char *broken;

    if (size == 0)
        return 0;
    arena = arena_new(0);
    broken = sql_property_broken(data[0] & 1 ? SQL_DIALECT_MYSQL : SQL_DIALECT_POSTGRESQL,
                                 (struct text){(const char *)data + 1, size - 1}, arena);
    fuzz_check(broken == NULL, broken);
    arena_destroy(arena);
    return 0;
}
