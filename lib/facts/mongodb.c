/* Names and bounds of a report's numbers; see mongodb.h. */
#include "facts/mongodb.h"

#include <math.h>

const struct mongodb_value_kind mongodb_value_kinds[MONGODB_VALUES] = {
    [MONGODB_CONNECTIONS_CURRENT] = {"connectionsCurrent", "connections_current", MONGODB_FOLD_MEAN, false,
                                     MONGODB_COUNT_MAX},
    [MONGODB_CONNECTIONS_AVAILABLE] = {"connectionsAvailable", "connections_available", MONGODB_FOLD_MEAN, false,
                                       MONGODB_COUNT_MAX},
    [MONGODB_OPS_INSERT] = {"opsInsert", "ops_insert", MONGODB_FOLD_SUM, false, MONGODB_COUNT_MAX},
    [MONGODB_OPS_QUERY] = {"opsQuery", "ops_query", MONGODB_FOLD_SUM, false, MONGODB_COUNT_MAX},
    [MONGODB_OPS_UPDATE] = {"opsUpdate", "ops_update", MONGODB_FOLD_SUM, false, MONGODB_COUNT_MAX},
    [MONGODB_OPS_DELETE] = {"opsDelete", "ops_delete", MONGODB_FOLD_SUM, false, MONGODB_COUNT_MAX},
    [MONGODB_OPS_COMMAND] = {"opsCommand", "ops_command", MONGODB_FOLD_SUM, false, MONGODB_COUNT_MAX},
    [MONGODB_REPL_LAG] = {"replLagSeconds", "repl_lag_seconds", MONGODB_FOLD_MEAN, true, MONGODB_SPAN_MAX},
    [MONGODB_DATA_SIZE] = {"dataSizeBytes", "data_size_bytes", MONGODB_FOLD_MAX, false, MONGODB_SIZE_MAX},
    [MONGODB_INDEX_SIZE] = {"indexSizeBytes", "index_size_bytes", MONGODB_FOLD_MAX, false, MONGODB_SIZE_MAX},
    [MONGODB_STORAGE_SIZE] = {"storageSizeBytes", "storage_size_bytes", MONGODB_FOLD_MAX, false, MONGODB_SIZE_MAX},
    [MONGODB_OPLOG_WINDOW] = {"oplogWindowHours", "oplog_window_hours", MONGODB_FOLD_MEAN, true, MONGODB_SPAN_MAX},
    [MONGODB_CACHE_USED] = {"wtCacheUsedBytes", "wt_cache_used_bytes", MONGODB_FOLD_MEAN, false, MONGODB_COUNT_MAX},
    [MONGODB_CACHE_MAX] = {"wtCacheMaxBytes", "wt_cache_max_bytes", MONGODB_FOLD_MEAN, false, MONGODB_COUNT_MAX},
};

static const struct {
    struct text name;
    enum mongodb_role role;
} roles[] = {
    {TEXT("primary"), MONGODB_ROLE_PRIMARY},
    {TEXT("secondary"), MONGODB_ROLE_SECONDARY},
    {TEXT("arbiter"), MONGODB_ROLE_ARBITER},
};

enum mongodb_role mongodb_role_of(struct text role)
{
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        if (text_equal_nocase(role, roles[i].name))
            return roles[i].role;
    return MONGODB_ROLE_UNSET;
}

int64_t mongodb_operations(const struct mongodb_report *report)
{
    int64_t total = -1;

    for (int i = 0; i < MONGODB_OPS_COUNT; i++) {
        int64_t value = report->values[MONGODB_OPS_FIRST + i];

        if (value >= 0)
            total = (total < 0 ? 0 : total) + value;
    }
    return total;
}

double mongodb_number(enum mongodb_value value, int64_t number)
{
    if (number < 0)
        return NAN;
    return mongodb_value_kinds[value].is_fraction ? (double)number / MONGODB_MILLIONTHS : (double)number;
}
