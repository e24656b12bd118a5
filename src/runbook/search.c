/* SPDX-License-Identifier: PostgreSQL */
#include "runbook/search.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { SEARCH_MAXIMUM = 1 << 20, SEARCH_SHORTEST = 8, SEARCH_MESSAGE = 1000 };

typedef LIST(Text) Pieces;

static bool is_word_byte(char byte) {
    return isalnum((unsigned char)byte) || byte == '_' || (unsigned char)byte >= 128;
}

/* --- messages --- */

/* Lower case, white space as one blank: what is compared. */
static const char *plain(Arena *arena, const char *text) {
    Buf *out = buf_new(arena, SEARCH_MAXIMUM);
    bool blank = true;
    for (; *text != '\0'; text++) {
        bool space = isspace((unsigned char)*text);
        if (space && blank)
            continue;
        buf_byte(out, space ? ' ' : (char)tolower((unsigned char)*text));
        blank = space;
    }
    return out->at;
}

/* Length of the varying piece at the front: a quoted name, a number, <name>, {{name}}, "..." or its one sign; 0: none.
 */
static size_t varying(const char *at, char before) {
    if (*at == '"' && strchr(at + 1, '"') != NULL)
        return (size_t)(strchr(at + 1, '"') - at) + 1;
    if (*at == '<' && strchr(at, '>') != NULL && strcspn(at, " ") > strcspn(at, ">"))
        return (size_t)(strchr(at, '>') - at) + 1;
    if (strncmp(at, "{{", 2) == 0 && strstr(at, "}}") != NULL)
        return (size_t)(strstr(at, "}}") - at) + 2;
    if (strncmp(at, "...", 3) == 0 || strncmp(at, "\xe2\x80\xa6", 3) == 0)
        return 3;
    if (isdigit((unsigned char)*at) && !is_word_byte(before))
        return strspn(at, "0123456789abcdef./:-");
    return 0;
}

/* What stands between the varying pieces. */
static void split(Arena *arena, const char *message, Pieces *out) {
    const char *from = message, *at = message;
    while (*at != '\0') {
        size_t length = varying(at, at == message ? ' ' : at[-1]);
        if (length == 0) {
            at++;
            continue;
        }
        Text piece = text_trim((Text){from, (size_t)(at - from)});
        if (piece.length > 0)
            *LIST_PUSH(arena, *out) = piece;
        at += length;
        from = at;
    }
    Text last = text_trim(text_of(from));
    if (last.length > 0)
        *LIST_PUSH(arena, *out) = last;
}

static size_t total_length(const Pieces *pieces) {
    size_t total = 0;
    LIST_EACH (const Text, piece, *pieces) {
        total += piece->length;
    }
    return total;
}

static bool in_order(const Pieces *pieces, const char *text) {
    const char *at = text, *end = text + strlen(text);
    LIST_EACH (const Text, piece, *pieces) {
        at = memmem(at, (size_t)(end - at), piece->at, piece->length);
        if (at == NULL)
            return false;
        at += piece->length;
    }
    return true;
}

bool search_message_in(Arena *arena, const char *message, const char *text) {
    Pieces pieces = {0};
    split(arena, plain(arena, message), &pieces);
    return total_length(&pieces) >= SEARCH_SHORTEST && in_order(&pieces, plain(arena, text));
}

/* The longest message of the issue that stands in the query, or that the query is a piece of; the score is how long. */
static double match_messages(Arena *arena, const Issue *issue, const char *query, SearchHit *hit) {
    double best = 0;
    Pieces asked = {0};
    split(arena, query, &asked);
    size_t asked_length = total_length(&asked);
    LIST_EACH (const char *const, message, issue->error_texts) {
        Pieces pieces = {0};
        const char *compared = plain(arena, *message);
        split(arena, compared, &pieces);
        size_t length = total_length(&pieces);
        bool stands = length >= SEARCH_SHORTEST && in_order(&pieces, query);
        bool piece = asked_length >= SEARCH_SHORTEST && strchr(query, ' ') != NULL && in_order(&asked, compared);
        /* the same names and numbers, too: closer than the same words */
        double score = stands ? (double)length : piece ? (double)asked_length / 2 : 0;
        score += score > 0 && strstr(query, compared) != NULL ? 0.5 : 0;
        if (score > best) {
            best = score;
            hit->message = *message;
        }
    }
    return best;
}

/* --- words --- */

/* How often a word counts, by where it stands. */
static double weight_of(const Issue *issue, const char *title, const char *markdown, const char *word) {
    double weight = 0;
    if (strstr(title, word) != NULL)
        weight = 20;
    LIST_EACH (const char *const, text, issue->error_texts) {
        if (weight < 10 && strcasestr(*text, word) != NULL)
            weight = 10;
    }
    LIST_EACH (const char *const, text, issue->symptoms) {
        if (weight < 6 && strcasestr(*text, word) != NULL)
            weight = 6;
    }
    return weight > 0 ? weight : strstr(markdown, word) != NULL ? 1 : 0;
}

/* "deadlocks" finds "deadlock" as well. */
static const char *stem(Arena *arena, Text word) {
    if (word.length > 4 && word.at[word.length - 1] == 's' && word.at[word.length - 2] != 's')
        word.length--;
    return text_dup(arena, word);
}

typedef struct Searched {
    const char *title;    /* id, title and section, in lower case */
    const char *markdown; /* all of it */
    double *weights;      /* by word */
} Searched;

static void find_words(Arena *arena, const char *query, IssueNames *out) {
    for (const char *at = query; *at != '\0';) {
        size_t length = 0;
        while (at[length] != '\0' && is_word_byte(at[length]))
            length++;
        if (length >= 2)
            *LIST_PUSH(arena, *out) = stem(arena, (Text){at, length});
        at += length == 0 ? 1 : length;
    }
}

/* A word that stands in few issues says more than one that stands in all. */
static void score_words(Arena *arena, const Runbook *runbook, const char *query, SearchHit *hits) {
    IssueNames words = {0};
    size_t count = runbook->issues.count;
    Searched *searched = ARENA_ARRAY(arena, Searched, count + 1);
    find_words(arena, query, &words);
    for (size_t i = 0; i < count; i++) {
        const Issue *issue = runbook->issues.items[i];
        searched[i].title = plain(arena, arena_printf(arena, "%s %s %s", issue->id, issue->title, issue->section));
        searched[i].markdown = plain(arena, issue->markdown);
        searched[i].weights = ARENA_ARRAY(arena, double, words.count + 1);
    }
    for (size_t w = 0; w < words.count; w++) {
        size_t found = 0;
        for (size_t i = 0; i < count; i++) {
            searched[i].weights[w] =
                weight_of(runbook->issues.items[i], searched[i].title, searched[i].markdown, words.items[w]);
            found += searched[i].weights[w] > 0;
        }
        for (size_t i = 0; i < count && found > 0; i++)
            hits[i].score += searched[i].weights[w] * log(1 + (double)count / (double)found) / (double)words.count;
    }
}

static int by_score(const void *left, const void *right) {
    const SearchHit *a = left, *b = right;
    if (a->score != b->score)
        return a->score < b->score ? 1 : -1;
    if (a->issue->severity != b->issue->severity)
        return a->issue->severity < b->issue->severity ? -1 : 1;
    return strcmp(a->issue->id, b->issue->id);
}

void search_runbook(Arena *arena, const Runbook *runbook, const char *query, SearchHits *out) {
    const char *compared = plain(arena, query);
    size_t count = runbook->issues.count;
    SearchHit *hits = ARENA_ARRAY(arena, SearchHit, count + 1);
    for (size_t i = 0; i < count; i++) {
        hits[i].issue = runbook->issues.items[i];
        double message = match_messages(arena, hits[i].issue, compared, &hits[i]);
        hits[i].score = message > 0 ? SEARCH_MESSAGE + 10 * message : 0;
    }
    score_words(arena, runbook, compared, hits);
    qsort(hits, count, sizeof(SearchHit), by_score);
    for (size_t i = 0; i < count && hits[i].score > 0; i++)
        *LIST_PUSH(arena, *out) = hits[i];
}
