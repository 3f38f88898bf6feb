/* Watches the store's schema; see schema_watch.h. */
#include "fcgi/request/schema_watch.h"

#include "base/clock.h"
#include "base/log.h"

const struct store_schema *schema_watch(struct store *store, struct arena *arena, int fresh_ms)
{
    static struct store_schema known;
    static int64_t asked_at_us;
    static bool is_told;

    if (asked_at_us != 0 && clock_monotonic_us() - asked_at_us < fresh_ms * INT64_C(1000))
        return &known;
    store_schema_read(store, arena, &known, NULL);
    asked_at_us = clock_monotonic_us();
    if (known.state == STORE_SCHEMA_UNSET)
        return &known;
    if (known.problem != NULL && !is_told)
        log_write(LOG_WARN, "schema_differs", "the store has migration %d, this program %d: %s", known.version,
                  known.expected, known.problem);
    if (known.problem == NULL && is_told)
        log_write(LOG_INFO, "schema_agrees", "store and program have migration %d", known.version);
    is_told = known.problem != NULL;
    return &known;
}
