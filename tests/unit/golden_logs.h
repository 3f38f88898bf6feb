/* Log files of real servers, recorded in tests/unit/golden/logs. */
#ifndef POTTO_TESTS_UNIT_GOLDEN_LOGS_H
#define POTTO_TESTS_UNIT_GOLDEN_LOGS_H

#include "base/text.h"
#include "tests/unit/arena_fixture.h"

static struct text golden(const char *name)
{
    FILE *file = fopen(arena_printf(arena, POTTO_PROJECT_DIR "/tests/unit/golden/logs/%s", name), "re");
    char *data = arena_alloc(arena, 1024 * 1024);
    size_t size;

    assert_non_null(file);
    size = fread(data, 1, 1024 * 1024, file);
    fclose(file);
    return (struct text){data, size};
}

#endif
