/* Both dialects over whatever libFuzzer thinks of. The first byte chooses the dialect. Run:
 *   cmake -G Ninja -B build-fuzz -DCMAKE_C_COMPILER=clang -DPOTTO_FUZZ=ON && ninja -C build-fuzz fuzz_sql
 *   build-fuzz/tests/fuzz/fuzz_sql -max_total_time=300 -max_len=2000 -dict=tests/fuzz/sql.dict */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/sql_properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena;
    const char *broken;

    if (size == 0)
        return 0;
    arena = arena_new(0);
    broken = sql_property_broken(data[0] & 1 ? SQL_DIALECT_MYSQL : SQL_DIALECT_POSTGRESQL,
                                 (struct text){(const char *)data + 1, size - 1}, arena);
    if (broken != NULL) {
        fprintf(stderr, "%s\n", broken);
        abort();
    }
    arena_destroy(arena);
    return 0;
}
