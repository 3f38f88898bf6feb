/* Clocks and RFC 3339; see clock.h. Days by Howard Hinnant's civil-day algorithms. */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t read_clock_us(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * CLOCK_SECOND_US + now.tv_nsec / 1000;
}

int64_t clock_now_us(void)
{
    return read_clock_us(CLOCK_REALTIME);
}

int64_t clock_monotonic_us(void)
{
    return read_clock_us(CLOCK_MONOTONIC);
}

int64_t clock_backoff_ms(int failure_count, int64_t min_ms, int64_t max_ms)
{
    int64_t wait_ms = min_ms;

    while (--failure_count > 0 && wait_ms < max_ms)
        wait_ms *= 2;
    return wait_ms < max_ms ? wait_ms : max_ms;
}

static int64_t days_from_civil(int64_t year, unsigned month, unsigned day)
{
    int64_t era;
    unsigned year_of_era, day_of_year, day_of_era;

    year -= month <= 2;
    era = (year >= 0 ? year : year - 399) / 400;
    year_of_era = (unsigned)(year - era * 400);
    day_of_year = (153 * (month + (month > 2 ? -3u : 9u)) + 2) / 5 + day - 1;
    day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + (int64_t)day_of_era - 719468;
}

static void civil_from_days(int64_t days, int64_t *out_year, unsigned *out_month, unsigned *out_day)
{
    int64_t era, year;
    unsigned day_of_era, year_of_era, day_of_year, month_part;

    days += 719468;
    era = (days >= 0 ? days : days - 146096) / 146097;
    day_of_era = (unsigned)(days - era * 146097);
    year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    year = (int64_t)year_of_era + era * 400;
    day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    month_part = (5 * day_of_year + 2) / 153;
    *out_day = day_of_year - (153 * month_part + 2) / 5 + 1;
    *out_month = month_part < 10 ? month_part + 3 : month_part - 9;
    *out_year = year + (*out_month <= 2);
}

static unsigned days_in_month(unsigned year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && is_leap ? 29 : days[month - 1];
}

/* Read `count` digits and move *at past them. False, and *at stays, if they are not all digits. */
static bool take_digits(const char **at, const char *end, unsigned count, unsigned *out_value)
{
    unsigned value = 0;

    if ((size_t)(end - *at) < count)
        return false;
    for (unsigned i = 0; i < count; i++) {
        unsigned digit = (unsigned)((*at)[i] - '0');

        if (digit > 9)
            return false;
        value = value * 10 + digit;
    }
    *at += count;
    *out_value = value;
    return true;
}

static bool take_byte(const char **at, const char *end, char byte)
{
    if (*at == end || **at != byte)
        return false;
    (*at)++;
    return true;
}

static bool take_offset(const char **at, const char *end, int64_t *out_offset_s)
{
    unsigned hours, minutes;
    bool is_west;

    if (take_byte(at, end, 'Z') || take_byte(at, end, 'z')) {
        *out_offset_s = 0;
        return true;
    }
    is_west = *at != end && **at == '-';
    if (!take_byte(at, end, '+') && !take_byte(at, end, '-'))
        return false;
    if (!take_digits(at, end, 2, &hours) || !take_byte(at, end, ':') || !take_digits(at, end, 2, &minutes))
        return false;
    if (hours > 23 || minutes > 59)
        return false;
    *out_offset_s = (is_west ? -1 : 1) * (int64_t)(hours * 3600 + minutes * 60);
    return true;
}

bool clock_parse(struct text text, bool is_offset_optional, int64_t *out_time_us)
{
    const char *at = text.data;
    const char *end = text.data + text.size;
    unsigned year, month, day, hour, minute, second, micros = 0;
    int64_t offset_s = 0, time_s;

    if (text.size == 0)
        return false;
    if (!take_digits(&at, end, 4, &year) || !take_byte(&at, end, '-') || !take_digits(&at, end, 2, &month) ||
        !take_byte(&at, end, '-') || !take_digits(&at, end, 2, &day))
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    if (!take_byte(&at, end, 'T') && !take_byte(&at, end, 't') && !take_byte(&at, end, ' '))
        return false;
    if (!take_digits(&at, end, 2, &hour) || !take_byte(&at, end, ':') || !take_digits(&at, end, 2, &minute) ||
        !take_byte(&at, end, ':') || !take_digits(&at, end, 2, &second))
        return false;
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    if (take_byte(&at, end, '.')) {
        unsigned scale = 100000, digits = 0;

        for (; at != end && *at >= '0' && *at <= '9'; at++, digits++) {
            micros += (unsigned)(*at - '0') * scale;
            scale /= 10;
        }
        if (digits == 0)
            return false;
    }
    if (at == end ? !is_offset_optional : !take_offset(&at, end, &offset_s))
        return false;
    if (at != end)
        return false;
    time_s = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset_s;
    /* An offset must not lead out of the years 1 to 9999. */
    if (time_s < CLOCK_FIRST_US / CLOCK_SECOND_US || time_s > CLOCK_LAST_US / CLOCK_SECOND_US)
        return false;
    *out_time_us = time_s * CLOCK_SECOND_US + micros;
    return true;
}

int64_t clock_floor(int64_t time_us, int64_t step_us)
{
    int64_t past_us = (time_us - CLOCK_POSTGRES_EPOCH_US) % step_us;

    return time_us - (past_us < 0 ? past_us + step_us : past_us);
}

char *clock_format(int64_t time_us, char out[CLOCK_RFC3339_BYTES])
{
    int64_t seconds = time_us / CLOCK_SECOND_US;
    int64_t micros = time_us % CLOCK_SECOND_US;
    int64_t days, year;
    unsigned month, day, rest;
    int used;

    if (micros < 0) {
        micros += CLOCK_SECOND_US;
        seconds--;
    }
    days = seconds / 86400 - (seconds % 86400 < 0);
    rest = (unsigned)(seconds - days * 86400);
    civil_from_days(days, &year, &month, &day);
    used = snprintf(out, CLOCK_RFC3339_BYTES, "%04d-%02u-%02uT%02u:%02u:%02u", (int)year, month, day, rest / 3600,
                    rest / 60 % 60, rest % 60);
    if (micros != 0)
        used += snprintf(out + used, CLOCK_RFC3339_BYTES - (size_t)used, ".%06u", (unsigned)micros);
    snprintf(out + used, CLOCK_RFC3339_BYTES - (size_t)used, "Z");
    return out;
}
