/* See difference.h. */
#include "facts/difference.h"

#include <math.h>

/* Welch's t from which two means differ. Few intervals know their own deviation badly, so they need more. */
#define T_MIN          3.0
#define T_MIN_INTERVAL 6.0 /* added, divided by the intervals of the side that has fewer */

static const char *const names[DIFFERENCE_COUNT] = {
    [DIFFERENCE_UNSET] = "unknown",
    [DIFFERENCE_NONE] = "none",
    [DIFFERENCE_SLOWER] = "slower",
    [DIFFERENCE_FASTER] = "faster",
};

const char *difference_name(enum difference difference)
{
    return names[difference < DIFFERENCE_COUNT ? difference : DIFFERENCE_UNSET];
}

enum difference difference_of(const struct difference_side *before, const struct difference_side *after)
{
    double fewer = (double)(before->intervals < after->intervals ? before->intervals : after->intervals);
    double ratio, apart, before_variance, after_variance, error;

    if (before->calls < DIFFERENCE_CALLS_MIN || after->calls < DIFFERENCE_CALLS_MIN || !(before->mean_ms > 0) ||
        !(after->mean_ms > 0) || fewer < DIFFERENCE_INTERVALS_MIN || !isfinite(before->log_mean - after->log_mean) ||
        !isfinite(before->log_deviation + after->log_deviation))
        return DIFFERENCE_UNSET;
    ratio = after->mean_ms / before->mean_ms;
    apart = fabs(after->log_mean - before->log_mean);
    before_variance = before->log_deviation * before->log_deviation;
    after_variance = after->log_deviation * after->log_deviation;
    error = sqrt(before_variance / (double)before->intervals + after_variance / (double)after->intervals);
    if (fmax(ratio, 1 / ratio) < DIFFERENCE_RATIO_MIN || (after->log_mean > before->log_mean) != (ratio > 1) ||
        apart < sqrt((before_variance + after_variance) / 2) || apart < error * (T_MIN + T_MIN_INTERVAL / fewer))
        return DIFFERENCE_NONE;
    return ratio > 1 ? DIFFERENCE_SLOWER : DIFFERENCE_FASTER;
}
