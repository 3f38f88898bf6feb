/* How long facts are kept, in days. */
#ifndef POTTO_FACTS_RETENTION_H
#define POTTO_FACTS_RETENTION_H

#include <stdint.h>

/* Days; 0: for ever. */
struct retention {
    int64_t samples_days, legacy_days;      /* slow_queries_raw; legacy: what came from the predecessors */
    int64_t fine_days, hour_days, day_days; /* rollups of 5 minutes, hours and days */
    int64_t plans_days, batches_days, audit_days;
    int64_t audit_lines; /* of one organization; 0: no limit */
};
/* Out of a program's settings (base/config.h, which libraries leave alone). */
#define RETENTION_OF(config)                                                                                           \
    ((struct retention){.samples_days = (config).retention_samples_days,                                               \
                        .legacy_days = (config).retention_legacy_days,                                                 \
                        .fine_days = (config).retention_5m_days,                                                       \
                        .hour_days = (config).retention_1h_days,                                                       \
                        .day_days = (config).retention_1d_days,                                                        \
                        .plans_days = (config).retention_plans_days,                                                   \
                        .batches_days = (config).retention_batches_days,                                               \
                        .audit_days = (config).retention_audit_days,                                                   \
                        .audit_lines = (config).audit_lines_max})

/* Midnight (UTC) before which nothing is kept; INT64_MIN: for ever. */
int64_t retention_from_us(int64_t kept_days, int64_t now_us);

#endif
