/* Formatting; see format.h. Units are tables; the first row whose limit is above the value applies. */
#include "fcgi/pages/format.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#define NBSP "\xc2\xa0"
#define DASH "\xe2\x80\x93"

struct unit {
    double limit;      /* this unit applies to values below it */
    double divisor;    /* one of this unit, in base units */
    double whole_from; /* values of at least this (in this unit) have no decimals */
    const char *suffix;
};

/* Limits lie half a step below the round number, so 999.6 ms becomes "1.0 s" and not "1000 ms". */
static const struct unit duration_units[] = {
    {0.9995, 0.001, 10, NBSP "\xc2\xb5s"}, {999.5, 1, 10, NBSP "ms"},         {119950, 1000, 100, NBSP "s"},
    {7197000, 60000, 100, NBSP "min"},     {172.8e6, 3600000, 100, NBSP "h"}, {INFINITY, 86400000, 100, NBSP "d"},
};

static const struct unit count_units[] = {
    {999.5, 1, 0, ""},
    {9999.5, 1, 0, ""},
    {999500, 1e3, 100, NBSP "k"},
    {999.5e6, 1e6, 100, NBSP "M"},
    {999.5e9, 1e9, 100, NBSP "G"},
    {INFINITY, 1e12, 100, NBSP "T"},
};

static const struct unit byte_units[] = {
    {999.5, 1, 0, NBSP "B"},        {999500, 1e3, 100, NBSP "kB"},    {999.5e6, 1e6, 100, NBSP "MB"},
    {999.5e9, 1e9, 100, NBSP "GB"}, {INFINITY, 1e12, 100, NBSP "TB"},
};

static char *format_unit(const struct unit *units, double value, char out[FORMAT_BYTES])
{
    double scaled;

    while (fabs(value) >= units->limit)
        units++;
    scaled = value / units->divisor;
    snprintf(out, FORMAT_BYTES, "%.*f%s", fabs(scaled) >= units->whole_from - 0.05 ? 0 : 1, scaled, units->suffix);
    return out;
}

static char *format_nothing(char out[FORMAT_BYTES])
{
    snprintf(out, FORMAT_BYTES, "%s", DASH);
    return out;
}

char *format_duration(double duration_ms, char out[FORMAT_BYTES])
{
    if (!isfinite(duration_ms) || duration_ms < 0)
        return format_nothing(out);
    if (duration_ms == 0) {
        snprintf(out, FORMAT_BYTES, "0" NBSP "ms");
        return out;
    }
    return format_unit(duration_units, duration_ms, out);
}

char *format_count(double count, char out[FORMAT_BYTES])
{
    int thousands;

    if (!isfinite(count))
        return format_nothing(out);
    if (count < 999.5 || count >= 9999.5)
        return format_unit(count_units, count, out);
    thousands = (int)lround(count);
    snprintf(out, FORMAT_BYTES, "%d,%03d", thousands / 1000, thousands % 1000);
    return out;
}

char *format_bytes(double bytes, char out[FORMAT_BYTES])
{
    return isfinite(bytes) ? format_unit(byte_units, bytes, out) : format_nothing(out);
}

char *format_rate(double per_second, char out[FORMAT_BYTES])
{
    char count[FORMAT_BYTES];

    if (!isfinite(per_second) || per_second < 0)
        return format_nothing(out);
    if (per_second >= 99.95)
        snprintf(out, FORMAT_BYTES, "%.30s/s", format_count(per_second, count));
    else if (per_second == 0)
        snprintf(out, FORMAT_BYTES, "0/s");
    else if (per_second >= 0.0995)
        snprintf(out, FORMAT_BYTES, "%.*f/s", per_second < 0.995 ? 2 : per_second < 9.95 ? 1 : 0, per_second);
    else if (per_second >= 0.000995)
        snprintf(out, FORMAT_BYTES, "%.3f/s", per_second);
    else
        snprintf(out, FORMAT_BYTES, "%.1f/h", fmax(per_second * 3600, 0.1));
    return out;
}

char *format_rate_mark(double per_second, double top_per_second, char out[FORMAT_BYTES])
{
    if (top_per_second >= 0.00399) /* a quarter of it shows in thousandths */
        return format_rate(per_second, out);
    if (top_per_second >= 1.0 / 3600)
        snprintf(out, FORMAT_BYTES, "%.3g/h", per_second * 3600);
    else
        snprintf(out, FORMAT_BYTES, "%.3g/d", per_second * 86400);
    return out;
}

char *format_mean(double count, char out[FORMAT_BYTES])
{
    if (!isfinite(count) || count < 0)
        return format_nothing(out);
    if (count >= 9.95 || count == 0)
        return format_count(count, out);
    if (count < 0.00995)
        snprintf(out, FORMAT_BYTES, "<" NBSP "0.01");
    else
        snprintf(out, FORMAT_BYTES, "%.*f", count < 0.995 ? 2 : 1, count);
    return out;
}

char *format_mean_mark(double count, double top, char out[FORMAT_BYTES])
{
    if (top >= 999.5)
        return format_count(count, out);
    snprintf(out, FORMAT_BYTES, "%.3g", count);
    return out;
}

char *format_share(double share, char out[FORMAT_BYTES])
{
    double percent = share * 100;

    if (!isfinite(share) || share < 0)
        return format_nothing(out);
    if (percent > 0 && percent < 0.05)
        snprintf(out, FORMAT_BYTES, "<" NBSP "0.1" NBSP "%%");
    else
        snprintf(out, FORMAT_BYTES, "%.*f" NBSP "%%", percent == 0 || percent >= 9.95 ? 0 : 1, percent);
    return out;
}

char *format_change(double before, double now, char out[FORMAT_BYTES])
{
    double ratio = now / before;
    double percent = (ratio - 1) * 100;

    if (!isfinite(ratio) || before <= 0)
        out[0] = '\0';
    else if (ratio >= 2)
        snprintf(out, FORMAT_BYTES, "\xc3\x97" NBSP "%.*f", ratio < 9.95 ? 1 : 0, ratio);
    else if (fabs(percent) < 0.5)
        snprintf(out, FORMAT_BYTES,
                 "\xc2\xb1"
                 "0" NBSP "%%");
    else
        snprintf(out, FORMAT_BYTES, "%s%.0f" NBSP "%%", percent < 0 ? "\xe2\x88\x92" : "+", fabs(percent));
    return out;
}

char *format_span(int64_t span_s, char out[FORMAT_BYTES])
{
    if (span_s < 120)
        snprintf(out, FORMAT_BYTES, "%lld" NBSP "s", (long long)span_s);
    else if (span_s < 2 * 3600 && span_s % 3600 != 0)
        snprintf(out, FORMAT_BYTES, "%lld" NBSP "min", (long long)span_s / 60);
    else if (span_s < 2 * 86400)
        snprintf(out, FORMAT_BYTES, "%lld" NBSP "h", (long long)span_s / 3600);
    else
        snprintf(out, FORMAT_BYTES, "%lld" NBSP "d", (long long)span_s / 86400);
    return out;
}

char *format_ago(int64_t time_us, int64_t now_us, char out[FORMAT_BYTES])
{
    char span[FORMAT_BYTES];
    int64_t ago_s;

    if (time_us == INT64_MIN) {
        snprintf(out, FORMAT_BYTES, "never");
        return out;
    }
    ago_s = (now_us - time_us) / CLOCK_SECOND_US;
    if (ago_s < 5)
        snprintf(out, FORMAT_BYTES, "just now");
    else if (ago_s >= 3600 && ago_s < 7200)
        snprintf(out, FORMAT_BYTES, "1" NBSP "h ago");
    else
        snprintf(out, FORMAT_BYTES, "%.30s ago", format_span(ago_s, span));
    return out;
}

/* A dash stands for a time that gmtime_r does not take. The store holds no such times. */
static char *format_calendar(int64_t time_us, const char *pattern, char out[FORMAT_BYTES])
{
    int64_t seconds = time_us / CLOCK_SECOND_US - (time_us % CLOCK_SECOND_US < 0);
    time_t time = (time_t)seconds;
    struct tm parts;

    if (time_us == INT64_MIN || gmtime_r(&time, &parts) == NULL || strftime(out, FORMAT_BYTES, pattern, &parts) == 0)
        return format_nothing(out);
    return out;
}

char *format_time(int64_t time_us, int64_t now_us, char out[FORMAT_BYTES])
{
    const int64_t near_us = INT64_C(180) * 86400 * CLOCK_SECOND_US;
    bool is_near = time_us > now_us - near_us && time_us < now_us + near_us;

    return format_calendar(time_us, is_near ? "%-d %b %H:%M" : "%-d %b %Y %H:%M", out);
}

char *format_time_exact(int64_t time_us, char out[FORMAT_BYTES])
{
    return format_calendar(time_us, "%Y-%m-%d %H:%M:%S UTC", out);
}

char *format_time_input(int64_t time_us, char out[FORMAT_BYTES])
{
    return format_calendar(time_us, "%Y-%m-%dT%H:%M", out);
}

char *format_time_mark(int64_t time_us, int64_t step_us, char out[FORMAT_BYTES])
{
    return format_calendar(time_us, step_us < INT64_C(86400) * CLOCK_SECOND_US ? "%H:%M" : "%-d %b", out);
}
