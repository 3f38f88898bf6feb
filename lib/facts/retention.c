/* The day before which nothing is kept; see retention.h. */
#include "facts/retention.h"

#include "base/clock.h"

#define DAY_US (86400 * CLOCK_SECOND_US)

int64_t retention_from_us(int64_t kept_days, int64_t now_us)
{
    return kept_days == 0 ? INT64_MIN : now_us / DAY_US * DAY_US - kept_days * DAY_US;
}
