/* Times in PostgreSQL's logs: date, clock, and the zone's abbreviation or offset; see logs_time.h. */
#include "logs/logs_time.h"

#include <string.h>

#include "base/clock.h"

enum { CLOCK_TEXT_BYTES = 19, ZONE_BYTES_MAX = 8 }; /* "2026-11-28 09:56:37" */

/* Abbreviations of zones that mean one thing. CST, IST and PST do not: America and Asia use them. */
static const struct {
    const char *name;
    int32_t offset_s;
} zones[] = {
    {"UTC", 0},          {"GMT", 0},          {"WET", 0},          {"WEST", 3600},      {"BST", 3600},
    {"CET", 3600},       {"CEST", 2 * 3600},  {"EET", 2 * 3600},   {"EEST", 3 * 3600},  {"MSK", 3 * 3600},
    {"EST", -5 * 3600},  {"EDT", -4 * 3600},  {"CDT", -5 * 3600},  {"MST", -7 * 3600},  {"MDT", -6 * 3600},
    {"PDT", -7 * 3600},  {"AKST", -9 * 3600}, {"AKDT", -8 * 3600}, {"HST", -10 * 3600}, {"JST", 9 * 3600},
    {"AEST", 10 * 3600}, {"AEDT", 11 * 3600}, {"NZST", 12 * 3600}, {"NZDT", 13 * 3600}, {"SAST", 2 * 3600},
    {"WIB", 7 * 3600},   {"PKT", 5 * 3600},   {"KST", 9 * 3600},   {"HKT", 8 * 3600},   {"AWST", 8 * 3600},
};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_letter(char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

static bool has_shape(const char *at, const char *shape)
{
    for (; *shape != '\0'; at++, shape++)
        if (*shape == '0' ? !is_digit(*at) : *at != *shape)
            return false;
    return true;
}

/* The zone's end: letters, or an offset: +01, -0330, +05:45. */
static const char *zone_end(const char *at, const char *end)
{
    const char *begin = at;

    while (at < end && is_letter(*at))
        at++;
    if (at > begin || at == end || (*at != '+' && *at != '-'))
        return at;
    at++;
    while (at < end && at - begin < 5 && is_digit(*at))
        at++;
    if (at - begin == 3 && end - at >= 3 && has_shape(at, ":00") && (at[2] == '0' || at[2] == '5'))
        at += 3;
    return at;
}

size_t logs_time_size(const char *at, const char *end)
{
    const char *begin = at;

    if (end - at < CLOCK_TEXT_BYTES || !has_shape(at, "0000-00-00 00:00:00"))
        return 0;
    at += CLOCK_TEXT_BYTES;
    if (at < end && *at == '.')
        for (at++; at < end && is_digit(*at); at++)
            continue;
    if (at < end && *at == ' ' && at + 1 < end && zone_end(at + 1, end) > at + 1)
        at = zone_end(at + 1, end);
    return (size_t)(at - begin);
}

static int64_t two_digits(const char *at)
{
    return (at[0] - '0') * 10 + at[1] - '0';
}

static bool zone_offset(struct text zone, const struct logs_options *options, int64_t *out_offset_s)
{
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++)
        if (text_equal(zone, text_of(zones[i].name))) {
            *out_offset_s = zones[i].offset_s;
            return true;
        }
    if (zone.size >= 3 && (zone.data[0] == '+' || zone.data[0] == '-')) {
        int64_t minutes = zone.size >= 5 ? two_digits(zone.data + zone.size - 2) : 0;

        *out_offset_s = (two_digits(zone.data + 1) * 60 + minutes) * (zone.data[0] == '-' ? -60 : 60);
        return true;
    }
    *out_offset_s = options->utc_offset_s;
    return options->has_utc_offset;
}

int64_t logs_time_read(struct text text, const struct logs_options *options)
{
    const char *at = text.data, *end = at + text.size, *zone;
    int64_t offset_s, time_us;

    if (text.size == 0 || logs_time_size(at, end) != text.size)
        return LOGS_TIME_UNKNOWN;
    zone = memchr(at + CLOCK_TEXT_BYTES, ' ', text.size - CLOCK_TEXT_BYTES);
    zone = zone == NULL ? end : zone;
    if (!clock_parse((struct text){at, (size_t)(zone - at)}, true, &time_us))
        return LOGS_TIME_UNKNOWN;
    zone += zone < end;
    if (end - zone > ZONE_BYTES_MAX || !zone_offset((struct text){zone, (size_t)(end - zone)}, options, &offset_s))
        return LOGS_TIME_UNKNOWN;
    return time_us - offset_s * CLOCK_SECOND_US;
}
