/* SPDX-License-Identifier: PostgreSQL */
#include "pg/banner.h"

#include <string.h>

static bool cut_prefix(Text *text, const char *prefix) {
    if (!text_starts(*text, prefix))
        return false;
    *text = text_slice(*text, strlen(prefix), text->length);
    return true;
}

/* Last place of the words in the text, or its length. */
static size_t find_last(Text text, const char *words) {
    size_t length = strlen(words);
    for (size_t at = text.length; at-- > 0;)
        if (text.length - at >= length && memcmp(text.at + at, words, length) == 0)
            return at;
    return text.length;
}

/* "contacts; Type: TABLE DATA; Schema: public; Owner: app; Tablespace: x": a name may hold any of these words, so they
 * are looked for from the end. */
static Banner read_data(Text rest) {
    static const char type[] = "; Type: TABLE DATA; Schema: ";
    size_t at = find_last(rest, type);
    if (at == rest.length)
        return (Banner){.kind = BANNER_NONE};
    Text schema = text_slice(rest, at + strlen(type), rest.length);
    return (Banner){.kind = BANNER_DATA,
                    .value = text_slice(rest, 0, at),
                    .schema = text_slice(schema, 0, find_last(schema, "; Owner: "))};
}

Banner banner_read(Text line) {
    static const struct {
        const char *words;
        BannerKind kind;
    } whole[] = {
        {"PostgreSQL database dump", BANNER_DUMP_BEGINS},
        {"PostgreSQL database dump complete", BANNER_DUMP_ENDS},
        {"PostgreSQL database cluster dump", BANNER_CLUSTER_BEGINS},
        {"PostgreSQL database cluster dump complete", BANNER_CLUSTER_ENDS},
    };
    static const struct {
        const char *words;
        BannerKind kind;
    } valued[] = {
        {"Dumped from database version ", BANNER_SERVER_VERSION},
        {"Dumped by pg_dump version ", BANNER_DUMP_VERSION},
        {"Started on ", BANNER_STARTED},
    };
    Text rest = text_trim(line);
    if (!cut_prefix(&rest, "-- "))
        return (Banner){.kind = BANNER_NONE};
    for (size_t at = 0; at < sizeof(whole) / sizeof(whole[0]); at++)
        if (text_is(rest, whole[at].words))
            return (Banner){.kind = whole[at].kind};
    for (size_t at = 0; at < sizeof(valued) / sizeof(valued[0]); at++)
        if (cut_prefix(&rest, valued[at].words))
            return (Banner){.kind = valued[at].kind, .value = rest};
    if (cut_prefix(&rest, "Data for Name: "))
        return read_data(rest);
    return (Banner){.kind = BANNER_NONE};
}

/* Abbreviations that stand for one zone only, in hours east of UTC. */
static bool zone_hours(Text zone, int *hours) {
    static const struct {
        const char *name;
        int hours;
    } zones[] = {
        {"UTC", 0},   {"GMT", 0},  {"WET", 0},  {"WEST", 1}, {"CET", 1},   {"CEST", 2},  {"EET", 2},   {"EEST", 3},
        {"MSK", 3},   {"EST", -5}, {"EDT", -4}, {"CDT", -5}, {"MDT", -6},  {"PST", -8},  {"PDT", -7},  {"AKST", -9},
        {"HST", -10}, {"JST", 9},  {"KST", 9},  {"SAST", 2}, {"NZST", 12}, {"NZDT", 13}, {"AEST", 10}, {"AEDT", 11},
    };
    for (size_t at = 0; at < sizeof(zones) / sizeof(zones[0]); at++) {
        if (text_is(zone, zones[at].name)) {
            *hours = zones[at].hours;
            return true;
        }
    }
    return false;
}

/* "+03", "-0330": what zones without an abbreviation are called. Minutes east of UTC. */
static bool zone_number(Text zone, int *minutes) {
    uint64_t number;
    bool sign = zone.length > 0 && (zone.at[0] == '+' || zone.at[0] == '-');
    if (!sign || (zone.length != 3 && zone.length != 5) || !text_to_u64(text_slice(zone, 1, zone.length), &number))
        return false;
    uint64_t hours = zone.length == 3 ? number : number / 100, rest = zone.length == 3 ? 0 : number % 100;
    if (hours > 14 || rest > 59)
        return false;
    *minutes = (int)(hours * 60 + rest) * (zone.at[0] == '-' ? -1 : 1);
    return true;
}

bool banner_time(Text value, Time *out, bool *zoned) {
    static const size_t length = sizeof("2026-11-23 05:00:00") - 1;
    Text zone = text_trim(text_slice(value, length, value.length));
    int hours = 0, minutes = 0;
    *zoned = zone_hours(zone, &hours) || zone_number(zone, &minutes);
    char moment[32];
    if (value.length < length)
        return false;
    memcpy(moment, value.at, length);
    memcpy(moment + length, "+00", 4);
    if (!time_parse((Text){moment, length + 3}, out))
        return false;
    *out -= hours * TIME_HOUR + minutes * TIME_MINUTE;
    return true;
}
