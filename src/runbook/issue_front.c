/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "runbook/issue_parts.h"

/*
 * The front matter: lines "key: value" between two lines of three dashes.
 */
typedef struct Entry {
    const char *key;
    bool optional;
    IssueForm form; /* in issues or in scenarios */
    bool both;
} Entry;

static const Entry entries[] = {
    {"id", .both = true},
    {"title", .both = true},
    {"section", .form = ISSUE_OF_RUNBOOK},
    {"severity", .both = true},
    {"owner", .form = ISSUE_OF_RUNBOOK},
    {"findings", .form = ISSUE_OF_RUNBOOK},
    {"danger", .form = ISSUE_OF_RUNBOOK},
    {"needs", .form = ISSUE_OF_RUNBOOK},
    {"resolve_needs", .form = ISSUE_OF_RUNBOOK, .optional = true},
    {"decide", .form = ISSUE_OF_RUNBOOK, .optional = true},
    {"consequences", .form = ISSUE_OF_RUNBOOK},
    {"look_alikes", .form = ISSUE_OF_RUNBOOK},
    {"not_tested", .form = ISSUE_OF_RUNBOOK, .optional = true},
    {"rto", .form = ISSUE_OF_SCENARIO},
    {"rpo", .form = ISSUE_OF_SCENARIO},
    {"cells", .form = ISSUE_OF_SCENARIO},
};
enum { ENTRY_COUNT = sizeof(entries) / sizeof(entries[0]) };

static const char *const severities[] = {"critical", "high", "medium", "low", NULL};
static const char *const dangers[] = {"none", "mild", "moderate", "severe", NULL};
static const char *const owners[] = {"database", "application", "platform", "security", NULL};
static const char *const decisions[] = {"any", "all", NULL};

static bool allowed(const IssueReader *reader, const Entry *entry) {
    return entry->both || entry->form == reader->form;
}

static void complain(IssueReader *reader, int line, const char *message, const char *hint) {
    issue_problem(reader->arena, reader->issue, line, message, hint);
}

static const char *quoted(IssueReader *reader, Text text) {
    return text_quote(reader->arena, text, 60);
}

static int choose(IssueReader *reader, int line, const char *key, Text value, const char *const *words) {
    const char *all = "";
    for (int i = 0; words[i] != NULL; i++) {
        if (text_is(value, words[i]))
            return i;
        all = arena_printf(reader->arena, "%s%s%s", all, i == 0 ? "" : ", ", words[i]);
    }
    complain(reader, line, arena_printf(reader->arena, "%s is %s", key, quoted(reader, value)),
             arena_printf(reader->arena, "one of %s", all));
    return 0;
}

static void split(IssueReader *reader, int line, const char *key, Text value, IssueNames *out) {
    while (value.length > 0) {
        Text item = text_trim(text_cut(value, ',', &value));
        if (item.length == 0) {
            complain(reader, line, arena_printf(reader->arena, "%s has an empty item", key), "remove the comma");
            return;
        }
        LIST_EACH (const char *, there, *out) {
            if (text_is(item, *there))
                complain(reader, line, arena_printf(reader->arena, "%s names %s twice", key, quoted(reader, item)),
                         "remove one");
        }
        *LIST_PUSH(reader->arena, *out) = text_dup(reader->arena, item);
    }
}

static void set_list(IssueReader *reader, int line, const char *key, Text value) {
    Issue *issue = reader->issue;
    struct {
        const char *key;
        IssueNames *list;
    } lists[] = {
        {"findings", &issue->findings},           {"needs", &issue->needs},
        {"resolve_needs", &issue->resolve_needs}, {"consequences", &issue->consequences},
        {"look_alikes", &issue->look_alikes},     {"cells", &issue->cells},
    };
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        if (strcmp(lists[i].key, key) == 0)
            split(reader, line, key, value, lists[i].list);
    }
}

static bool is_id(Text id) {
    for (size_t i = 0; i < id.length; i++) {
        char byte = id.at[i];
        bool word = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
        if (!word && (byte != '-' || i == 0 || id.at[i - 1] == '-'))
            return false;
    }
    return id.length > 0 && id.at[id.length - 1] != '-';
}

/* The name that the file or folder has, against the one in the front matter. */
static void agree(IssueReader *reader, int line, const char *key, Text value, const char *place) {
    const Issue *issue = reader->issue;
    const char *outside = strcmp(key, "id") == 0 ? issue->id : issue->section;
    if (strcmp(key, "id") == 0 && !is_id(value))
        complain(reader, line, arena_printf(reader->arena, "the id is %s", quoted(reader, value)),
                 "lower-case words joined by dashes");
    else if (!text_is(value, outside) && outside[0] != '\0')
        complain(reader, line,
                 arena_printf(reader->arena, "the %s is %s, but the %s is called %s", key, quoted(reader, value), place,
                              quoted(reader, text_of(outside))),
                 "make them the same");
}

static void set(IssueReader *reader, int line, const char *key, Text value) {
    Issue *issue = reader->issue;
    const char *text = text_dup(reader->arena, value);
    if (strcmp(key, "id") == 0) {
        if (reader->form == ISSUE_OF_RUNBOOK)
            agree(reader, line, key, value, "file");
        if (is_id(value))
            issue->id = text;
    } else if (strcmp(key, "section") == 0) {
        agree(reader, line, key, value, "folder");
        issue->section = text;
        if (issue_section_title(text) == NULL)
            complain(reader, line, arena_printf(reader->arena, "there is no section %s", quoted(reader, value)),
                     "the ten sections stand in docs/runbook-format.md");
    } else if (strcmp(key, "title") == 0) {
        issue->title = text;
    } else if (strcmp(key, "severity") == 0) {
        issue->severity = (IssueSeverity)choose(reader, line, key, value, severities);
    } else if (strcmp(key, "danger") == 0) {
        issue->danger = (IssueDanger)choose(reader, line, key, value, dangers);
    } else if (strcmp(key, "owner") == 0) {
        issue->owner = owners[choose(reader, line, key, value, owners)];
    } else if (strcmp(key, "decide") == 0) {
        issue->decide_all = choose(reader, line, key, value, decisions) == 1;
    } else if (strcmp(key, "not_tested") == 0) {
        issue->not_tested = text;
    } else if (strcmp(key, "rto") == 0) {
        issue->rto = text;
    } else if (strcmp(key, "rpo") == 0) {
        issue->rpo = text;
    } else {
        set_list(reader, line, key, value);
    }
}

static bool must_not_be_empty(const char *key) {
    static const char *const keys[] = {"id", "title", "section", "not_tested", "rto", "rpo"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strcmp(keys[i], key) == 0)
            return true;
    }
    return false;
}

static void unknown_key(IssueReader *reader, int line, Text key) {
    LIST(const char *) known = {0};
    for (size_t i = 0; i < ENTRY_COUNT; i++) {
        if (allowed(reader, &entries[i]))
            *LIST_PUSH(reader->arena, known) = entries[i].key;
    }
    const char *close = text_suggest(text_dup(reader->arena, key), known.items, known.count);
    complain(reader, line, arena_printf(reader->arena, "the front matter has no key %s", quoted(reader, key)),
             close == NULL ? "the keys stand in docs/runbook-format.md"
                           : arena_printf(reader->arena, "did you mean %s?", close));
}

static void read_line(IssueReader *reader, int number, Text line, int *seen) {
    if (text_find(line, ':') < 0) {
        complain(reader, number,
                 arena_printf(reader->arena, "the front matter line %s has no colon", quoted(reader, line)),
                 "key: value");
        return;
    }
    Text value;
    Text key = text_trim(text_cut(line, ':', &value));
    value = text_trim(value);
    size_t at = 0;
    while (at < ENTRY_COUNT && !(text_is(key, entries[at].key) && allowed(reader, &entries[at])))
        at++;
    if (at == ENTRY_COUNT) {
        unknown_key(reader, number, key);
        return;
    }
    if (seen[at] != 0) {
        complain(reader, number, arena_printf(reader->arena, "%s stands a second time", entries[at].key),
                 arena_printf(reader->arena, "the first is in line %d", seen[at]));
        return;
    }
    seen[at] = number;
    if (value.length == 0 && must_not_be_empty(entries[at].key))
        complain(reader, number, arena_printf(reader->arena, "%s is empty", entries[at].key), "write its value");
    else
        set(reader, number, entries[at].key, value);
}

void issue_front(IssueReader *reader, Text bytes, Text *markdown) {
    int seen[ENTRY_COUNT] = {0}, number = 1;
    bool closed = false;
    Text rest = bytes;
    if (!text_is(text_cut(rest, '\n', &rest), "---")) {
        complain(reader, 1, "there is no front matter", "the file begins with ---, lines \"key: value\" and ---");
        *markdown = bytes;
        return;
    }
    while (rest.length > 0 && !closed) {
        Text line = text_cut(rest, '\n', &rest);
        number++;
        closed = text_is(line, "---");
        if (!closed)
            read_line(reader, number, line, seen);
    }
    *markdown = rest;
    if (!closed)
        complain(reader, 1, "the front matter is not closed", "a line of three dashes ends it");
    for (size_t i = 0; i < ENTRY_COUNT; i++) {
        if (seen[i] == 0 && allowed(reader, &entries[i]) && !entries[i].optional)
            complain(reader, 1, arena_printf(reader->arena, "the front matter has no %s", entries[i].key),
                     "every key is written, even when it is empty");
    }
}
