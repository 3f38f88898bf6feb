/* Any bytes as a body of POST /api/v1/metrics. */
#include "base/clock.h"
#include "tests/fuzz/fuzz.h"
#include "wire/metrics.h"

static const int64_t now_us = INT64_C(1900000000) * CLOCK_SECOND_US;
static const int64_t kept_from_us = INT64_C(1890000000) * CLOCK_SECOND_US;

static void check_report(const struct mongodb_report *report)
{
    fuzz_check(report->node_id.size > 0 && report->node_id.size <= MONGODB_NODE_BYTES_MAX, "a node has a name");
    fuzz_check(report->role.size <= MONGODB_ROLE_BYTES_MAX, "a role has its bound");
    fuzz_check(fuzz_is_utf8(report->node_id) && fuzz_is_utf8(report->role), "a text is UTF-8");
    fuzz_check(report->time_us >= kept_from_us && report->time_us <= now_us + 3600 * CLOCK_SECOND_US,
               "a time lies in its range");
    for (int value = 0; value < MONGODB_VALUES; value++)
        fuzz_check(report->values[value] >= -1 && report->values[value] <= mongodb_value_kinds[value].maximum,
                   "a number lies in its range");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct metrics_times times = {.now_us = now_us, .kept_from_us = kept_from_us};
    struct arena *arena = arena_new(0);
    struct metrics_message message;
    struct error error = {0};

    if (metrics_message_read((struct text){(const char *)data, size}, &times, arena, &message, &error) == STATUS_OK) {
        fuzz_check(message.reports.count + (size_t)message.rejected <= METRICS_REPORTS_MAX, "a batch has its bound");
        fuzz_check(message.reports.count + (size_t)message.rejected > 0, "a batch has a report");
        fuzz_check(message.errors.count <= WIRE_ERRORS_MAX && (int64_t)message.errors.count <= message.rejected,
                   "errors have their bound");
        fuzz_check(message.data_json.size > 0, "a batch has bytes to make its digest of");
        for (size_t i = 0; i < message.reports.count; i++)
            check_report(&message.reports.items[i]);
    } else {
        fuzz_check(error.status != STATUS_OK, "a refusal has a reason");
    }
    arena_destroy(arena);
    return 0;
}
