/* SPDX-License-Identifier: PostgreSQL */
#include "base/time.h"

#include <stdlib.h>
#include <time.h>

static bool overriding(Time *out) {
    const char *given = getenv("LIFEBOAT_NOW");
    return given != NULL && time_parse(text_of(given), out);
}

bool time_is_overridden(void) {
    Time ignored = 0;
    return overriding(&ignored);
}

Time time_now(void) {
    Time when = 0;
    return overriding(&when) ? when : time_real();
}

Time time_real(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (Time)now.tv_sec * TIME_SECOND + now.tv_nsec / 1000;
}

int64_t time_monotonic(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * TIME_SECOND + now.tv_nsec / 1000;
}

/* Days since 1970-01-01 of a proleptic Gregorian date, and back (Howard Hinnant, "chrono-compatible low-level date
 * algorithms"): exact for every year, no time zone involved. */
static int64_t days_from_civil(int64_t year, int month, int day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void civil_from_days(int64_t days, int64_t *year, int *month, int *day) {
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t of_era = days - era * 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * shifted + 2) / 5 + 1);
    *month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

static int days_in_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

bool time_from_fields(int year, int month, int day, int hour, int minute, int second, Time *out) {
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return false;
    int64_t seconds = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    *out = seconds * TIME_SECOND;
    return true;
}

const char *time_text(Arena *arena, Time when) {
    if (when == TIME_NONE)
        return "unknown";
    int64_t days = when / TIME_DAY - (when % TIME_DAY < 0);
    int64_t rest = when - days * TIME_DAY;
    int64_t year = 0;
    int month = 0, day = 0;
    civil_from_days(days, &year, &month, &day);
    int seconds = (int)(rest / TIME_SECOND), milliseconds = (int)(rest % TIME_SECOND / 1000);
    const char *front = arena_printf(arena, "%04lld-%02d-%02dT%02d:%02d:%02d", (long long)year, month, day,
                                     seconds / 3600, seconds / 60 % 60, seconds % 60);
    return milliseconds == 0 ? arena_printf(arena, "%sZ", front) : arena_printf(arena, "%s.%03dZ", front, milliseconds);
}

/* Exactly `digits` decimal digits at the front, taken off the text. */
static bool take_number(Text *text, size_t digits, int *out) {
    uint64_t value = 0;
    if (text->length < digits || !text_to_u64(text_slice(*text, 0, digits), &value))
        return false;
    *out = (int)value;
    *text = text_slice(*text, digits, text->length);
    return true;
}

static bool take_byte(Text *text, char byte) {
    if (text->length == 0 || text->at[0] != byte)
        return false;
    *text = text_slice(*text, 1, text->length);
    return true;
}

/* ".123456": microseconds; further digits are cut off. */
static bool take_fraction(Text *text, int64_t *microseconds) {
    *microseconds = 0;
    if (!take_byte(text, '.'))
        return true;
    int64_t unit = TIME_SECOND / 10;
    size_t digits = 0;
    while (text->length > 0 && text->at[0] >= '0' && text->at[0] <= '9') {
        *microseconds += (text->at[0] - '0') * unit;
        unit /= 10;
        digits++;
        *text = text_slice(*text, 1, text->length);
    }
    return digits > 0;
}

/* "Z", "UTC", "+02", "+02:00", "+0200", "-05:30:15" (PostgreSQL shows seconds for old zones); nothing means UTC. */
static bool take_zone(Text text, int64_t *seconds) {
    *seconds = 0;
    text = text_trim(text);
    if (text.length == 0 || text_is(text, "Z") || text_is(text, "z") || text_is(text, "UTC") || text_is(text, "GMT"))
        return true;
    int sign = take_byte(&text, '+') ? 1 : take_byte(&text, '-') ? -1 : 0;
    int hours = 0, minutes = 0, rest = 0;
    if (sign == 0 || !take_number(&text, 2, &hours))
        return false;
    if (text.length > 0 && (take_byte(&text, ':'), !take_number(&text, 2, &minutes)))
        return false;
    if (text.length > 0 && (!take_byte(&text, ':') || !take_number(&text, 2, &rest)))
        return false;
    *seconds = sign * (int64_t)(hours * 3600 + minutes * 60 + rest);
    return text.length == 0 && hours <= 23 && minutes <= 59 && rest <= 59;
}

bool time_parse(Text text, Time *out) {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    int64_t fraction = 0, zone = 0;
    text = text_trim(text);
    if (!take_number(&text, 4, &year) || !take_byte(&text, '-') || !take_number(&text, 2, &month) ||
        !take_byte(&text, '-') || !take_number(&text, 2, &day))
        return false;
    if (text.length > 0) {
        if (!take_byte(&text, 'T') && !take_byte(&text, 't') && !take_byte(&text, ' '))
            return false;
        if (!take_number(&text, 2, &hour) || !take_byte(&text, ':') || !take_number(&text, 2, &minute) ||
            !take_byte(&text, ':') || !take_number(&text, 2, &second))
            return false;
        if (!take_fraction(&text, &fraction) || !take_zone(text, &zone))
            return false;
    }
    Time when = 0;
    if (!time_from_fields(year, month, day, hour, minute, second, &when))
        return false;
    *out = when + fraction - zone * TIME_SECOND;
    return true;
}

static const char *two_units(Arena *arena, int64_t large, const char *large_name, int64_t small,
                             const char *small_name) {
    if (small == 0)
        return arena_printf(arena, "%lld %s", (long long)large, large_name);
    return arena_printf(arena, "%lld %s %lld %s", (long long)large, large_name, (long long)small, small_name);
}

const char *time_length_text(Arena *arena, int64_t length) {
    if (length < 0)
        return arena_printf(arena, "-%s", time_length_text(arena, length == INT64_MIN ? INT64_MAX : -length));
    if (length == 0)
        return "0 s";
    if (length < TIME_SECOND / 10)
        return arena_printf(arena, "%.*f ms", length < 10000 ? 1 : 0, (double)length / 1000);
    if (length < 10 * TIME_SECOND - TIME_SECOND / 20)
        return arena_printf(arena, "%.1f s", (double)length / TIME_SECOND);
    int64_t seconds = length / TIME_SECOND + (length % TIME_SECOND >= TIME_SECOND / 2);
    if (seconds < 60)
        return arena_printf(arena, "%lld s", (long long)seconds);
    if (seconds < 3600)
        return two_units(arena, seconds / 60, "min", seconds % 60, "s");
    int64_t minutes = seconds / 60;
    if (minutes < 48 * 60)
        return two_units(arena, minutes / 60, "h", minutes % 60, "min");
    int64_t hours = minutes / 60;
    return two_units(arena, hours / 24, "days", hours < 24 * 10 ? hours % 24 : 0, "h");
}

static int64_t unit_length(char unit) {
    switch (unit) {
    case 's':
        return TIME_SECOND;
    case 'm':
        return TIME_MINUTE;
    case 'h':
        return TIME_HOUR;
    case 'd':
        return TIME_DAY;
    case 'w':
        return 7 * TIME_DAY;
    default:
        return 0;
    }
}

bool time_length_parse(Text text, int64_t *out) {
    int64_t total = 0, smallest = INT64_MAX;
    if (text.length == 0)
        return false;
    while (text.length > 0) {
        size_t digits = 0;
        while (digits < text.length && text.at[digits] >= '0' && text.at[digits] <= '9')
            digits++;
        uint64_t number = 0;
        if (digits == text.length || !text_to_u64(text_slice(text, 0, digits), &number) || number > INT64_MAX)
            return false;
        int64_t unit = unit_length(text.at[digits]), part = 0;
        bool thousandths = text_starts(text_slice(text, digits, text.length), "ms");
        unit = thousandths ? TIME_SECOND / 1000 : unit;
        /* Units get smaller from left to right: "1h30m", never "30m1h" or "5m5m". */
        if (unit == 0 || unit >= smallest || __builtin_mul_overflow((int64_t)number, unit, &part) ||
            __builtin_add_overflow(total, part, &total))
            return false;
        smallest = unit;
        text = text_slice(text, digits + 1 + thousandths, text.length);
    }
    *out = total;
    return true;
}
