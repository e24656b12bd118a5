/* SPDX-License-Identifier: PostgreSQL */
#include "runbook/probe_log.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "base/json.h"
#include "base/process.h"
#include "runbook/log_line.h"

enum { LOG_LAST = 3, LOG_TOP = 5, LOG_GROUPS = 50000, LOG_NAME = 80, LOG_JOURNAL = 24 << 20, LOG_MATCHED = 64 << 10 };

/* Clocks of other machines may be ahead by so much. */
#define AHEAD TIME_MINUTE
#define JOURNAL_PATIENCE (20 * TIME_SECOND)

static const char journal[] = "journal:";

/* --- reading the block --- */

static Err *parse_group(Arena *arena, Text value, ProbeLog *out) {
    Text rest = {0}, word = text_cut(value, ' ', &rest);
    rest = text_trim(rest);
    if (text_is(word, "json"))
        return condition_json_path(arena, rest, &out->group);
    if (!text_is(word, "text") || rest.length < 2 || rest.at[0] != '/' || rest.at[rest.length - 1] != '/')
        return err_new(arena, ERR_DATA, "group: takes json PATH or text /regular expression/");
    TRY(condition_regex(arena, text_dup(arena, text_slice(rest, 1, rest.length - 1)), &out->group_pattern));
    if (out->group_pattern->re_nsub == 0)
        return err_new(arena, ERR_DATA, "group: text needs parentheses around what is the group's name");
    return NULL;
}

static Err *parse_line(Arena *arena, Text key, Text value, ProbeLog *out) {
    if (text_is(key, "match"))
        return condition_parse(arena, value, CONDITION_IN_MATCH, LIST_PUSH(arena, out->match));
    if (text_is(key, "of"))
        return condition_parse(arena, value, CONDITION_IN_MATCH, LIST_PUSH(arena, out->of));
    if (text_is(key, "present"))
        return condition_parse(arena, value, CONDITION_IN_LOG, LIST_PUSH(arena, out->present));
    if (text_is(key, "window"))
        return condition_length_parse(arena, value, &out->window);
    if (text_is(key, "group"))
        return parse_group(arena, value, out);
    if (!text_is(key, "file"))
        return err_new(arena, ERR_DATA, "a log block has no line %s", text_quote(arena, key, 60));
    out->file = text_dup(arena, value);
    return NULL;
}

Err *probe_log_parse(Arena *arena, Text body, ProbeLog *out) {
    Text key = {0}, value = {0};
    *out = (ProbeLog){.window = {.type = CONDITION_NOTHING}};
    while (probe_next_line(&body, &key, &value)) {
        if (value.at == NULL)
            return err_new(arena, ERR_DATA, "a line of a log block is \"key: value\", not %s",
                           text_quote(arena, key, 60));
        TRY(parse_line(arena, key, value, out));
    }
    if (out->file == NULL)
        return err_new(arena, ERR_DATA, "a log block needs a line \"file: PATH\" or \"file: journal:UNIT\"");
    if (out->window.type == CONDITION_NOTHING)
        return err_new(arena, ERR_DATA, "a log block needs a line \"window: DURATION\"");
    if (out->present.count == 0)
        return err_new(arena, ERR_DATA, "a log block needs a line \"present: CONDITION\"");
    return NULL;
}

/* --- counting --- */

typedef struct Group {
    const char *name;
    uint64_t count;
} Group;

typedef struct Count {
    Arena *arena; /* of what is kept */
    const ProbeLog *log;
    Time now, from; /* the window */
    bool all;       /* the age is asked: lines before the window count for it */
    uint64_t lines, count, total, future, too_long, untimed;
    Time when, oldest, newest; /* of the last line with a time, of the first one, of the newest that matches */
    json_t *groups;            /* name to number */
    const char *last[LOG_LAST];
    Group top[LOG_TOP];
} Count;

static bool one_holds(Arena *arena, const Conditions *line, const LogLine *of) {
    const Condition *condition = &line->items[0];
    if (condition->subject == CONDITION_JSON)
        return of->document != NULL && condition_json(arena, condition, of->document, NULL) == CONDITION_TRUE;
    return condition_compare_text(text_slice(of->text, 0, LOG_MATCHED), condition->op, &condition->value) ==
           CONDITION_TRUE;
}

static bool all_hold(Arena *arena, const Conditions *conditions, size_t count, const LogLine *line) {
    bool hold = !line->too_long;
    for (size_t i = 0; i < count && hold; i++)
        hold = one_holds(arena, &conditions[i], line);
    return hold;
}

static const char *group_of(Arena *arena, const ProbeLog *log, const LogLine *line) {
    Text name = TEXT("?");
    if (log->group_pattern != NULL) {
        regmatch_t found[2] = {{.rm_so = 0, .rm_eo = (regoff_t)text_slice(line->text, 0, LOG_MATCHED).length}};
        if (regexec(log->group_pattern, line->text.at, 2, found, REG_STARTEND) == 0 && found[1].rm_so >= 0)
            name = text_slice(line->text, (size_t)found[1].rm_so, (size_t)found[1].rm_eo);
    } else {
        ConditionFound found = {0};
        condition_json_find(arena, line->document, &log->group, &found);
        if (found.count > 0)
            name = text_of(condition_json_text(arena, found.items[0]));
    }
    return text_safe(arena, text_dup(arena, text_slice(name, 0, LOG_NAME)));
}

static void count_group(Arena *arena, Count *count, const LogLine *line) {
    const char *name = group_of(arena, count->log, line);
    json_t *number = json_object_get(count->groups, name);
    if (number != NULL)
        json_integer_set(number, json_integer_value(number) + 1);
    else if (json_object_size(count->groups) < LOG_GROUPS)
        json_object_set_new(count->groups, name, json_integer(1));
}

static void keep_line(Count *count, const LogLine *line) {
    memmove(count->last, count->last + 1, sizeof(count->last) - sizeof(count->last[0]));
    count->last[LOG_LAST - 1] = text_dup(count->arena, text_slice(line->text, 0, PROBE_LINE));
}

static void count_line(Arena *arena, const LogLine *line, void *context) {
    Count *count = context;
    const ProbeLog *log = count->log;
    count->lines++;
    count->when = line->when != TIME_NONE ? line->when : count->when;
    if (count->oldest == TIME_NONE)
        count->oldest = count->when;
    bool timed = count->when != TIME_NONE, ahead = timed && count->when > count->now + AHEAD;
    bool within = timed && count->when >= count->from && !ahead;
    if (timed && !within && !ahead && !count->all)
        return;
    if (within && log->of.count > 0 && all_hold(arena, log->of.items, log->of.count, line))
        count->total++;
    count->too_long += line->too_long && (within || !timed);
    if (!all_hold(arena, log->match.items, log->match.count, line))
        return;
    count->untimed += !timed;
    count->future += ahead;
    if (timed && (count->newest == TIME_NONE || count->when > count->newest))
        count->newest = count->when;
    if (!within)
        return;
    count->count++;
    keep_line(count, line);
    if (log->group.count > 0 || log->group_pattern != NULL)
        count_group(arena, count, line);
}

static void find_top(Count *count) {
    const char *name;
    json_t *number;
    json_object_foreach(count->groups, name, number) {
        Group group = {.name = name, .count = (uint64_t)json_integer_value(number)};
        for (size_t i = 0; i < LOG_TOP; i++)
            if (group.count > count->top[i].count) {
                Group lower = count->top[i];
                count->top[i] = group;
                group = lower;
            }
    }
}

/* --- answering --- */

/* What is known only to be at least so large: more may stand in what was not read. */
static ConditionAnswer at_least(double bound, const Condition *condition) {
    ConditionAnswer answer = condition_compare_number(bound, condition->op, &condition->value);
    double right = condition->value.number;
    switch (condition->op) {
    case CONDITION_GT:
    case CONDITION_GE:
        return answer == CONDITION_TRUE ? answer : CONDITION_UNKNOWN;
    case CONDITION_LT:
    case CONDITION_LE:
        return answer == CONDITION_FALSE ? answer : CONDITION_UNKNOWN;
    case CONDITION_EQ:
        return bound > right ? CONDITION_FALSE : CONDITION_UNKNOWN;
    default:
        return bound > right ? CONDITION_TRUE : CONDITION_UNKNOWN;
    }
}

typedef struct Facts {
    const Count *count;
    const ParameterValues *values;
    bool whole;   /* everything in the window was read */
    bool endless; /* and before it, everything there is */
} Facts;

static ConditionAnswer holds(const Facts *facts, const Condition *condition) {
    const Count *count = facts->count;
    double number = 0;
    switch (condition->subject) {
    case CONDITION_COUNT:
        number = (double)count->count;
        break;
    case CONDITION_GROUP:
        number = (double)count->top[0].count;
        break;
    case CONDITION_GROUPS:
        number = (double)json_object_size(count->groups);
        break;
    case CONDITION_RATIO: /* of what was read: a sample of the window */
        number = count->total == 0 ? 0 : (double)count->count / (double)count->total;
        return condition_compare_number(number, condition->op, &condition->value);
    default:
        if (count->newest != TIME_NONE)
            return condition_compare_number((double)(count->now - count->newest) / (double)TIME_SECOND, condition->op,
                                            &condition->value);
        if (facts->endless)
            return condition_compare_number(INFINITY, condition->op, &condition->value);
        number = count->oldest == TIME_NONE ? 0 : (double)(count->now - count->oldest) / (double)TIME_SECOND;
        return at_least(number, condition);
    }
    return facts->whole ? condition_compare_number(number, condition->op, &condition->value)
                        : at_least(number, condition);
}

static ConditionAnswer decide(Arena *arena, const Facts *facts, ProbeAnswer *out) {
    ConditionAnswer any = CONDITION_FALSE;
    LIST_EACH (const Conditions, line, facts->count->log->present) {
        ConditionAnswer all = CONDITION_TRUE;
        LIST_EACH (const Condition, condition, *line) {
            all = condition_and(all, holds(facts, condition));
        }
        any = condition_or(any, all);
        if (all == CONDITION_TRUE)
            probe_say(arena, out,
                      text_of(arena_printf(arena, "holds: %s", probe_shown(arena, facts->values, line->written))));
    }
    return any;
}

static const char *plural(Arena *arena, uint64_t count, const char *noun) {
    return arena_printf(arena, "%llu %s%s", (unsigned long long)count, noun, count == 1 ? "" : "s");
}

static void say_counts(Arena *arena, const Count *count, ProbeAnswer *out) {
    Buf *line = buf_new(arena, 1024);
    buf_printf(line, "%s in %s", plural(arena, count->count, count->log->match.count > 0 ? "matching line" : "line"),
               time_length_text(arena, count->now - count->from));
    if (count->log->of.count > 0)
        buf_printf(line, ", %.3g %% of %llu",
                   count->total == 0 ? 0.0 : 100.0 * (double)count->count / (double)count->total,
                   (unsigned long long)count->total);
    if (count->newest != TIME_NONE)
        buf_printf(line, "; the newest %s ago", time_length_text(arena, count->now - count->newest));
    probe_say(arena, out, buf_view(line));
    buf_clear(line);
    for (size_t i = 0; i < LOG_TOP && count->top[i].count > 0; i++)
        buf_printf(line, "%s%s: %llu", i == 0 ? "" : ", ", count->top[i].name, (unsigned long long)count->top[i].count);
    if (line->length > 0)
        probe_say(arena, out, buf_view(line));
}

static void say_lines(Arena *arena, const Count *count, ProbeAnswer *out) {
    for (size_t i = 0; i < LOG_LAST; i++)
        if (count->last[i] != NULL)
            probe_say(arena, out, text_of(count->last[i]));
}

/* Why an answer other than present cannot be believed; NULL when it can. */
static const char *doubt(Arena *arena, const Facts *facts, const char *source) {
    const Count *count = facts->count;
    const char *shown = text_safe(arena, source);
    if (!facts->whole)
        return arena_printf(arena, "the window of %s begins before the last %d MiB of %s",
                            time_length_text(arena, count->now - count->from), LOG_LINE_LIMIT >> 20, shown);
    if (count->lines > 0 && count->oldest == TIME_NONE)
        return arena_printf(arena, "no line of %s begins with a time that can be read", shown);
    if (count->future > 0)
        return arena_printf(arena, "%s of %s in the future: is the time zone of the log known here? (UTC is always)",
                            plural(arena, count->future, "matching line"), shown);
    if (count->too_long > 0)
        return arena_printf(arena, "%s of %s longer than 1 MiB and could not be looked at",
                            plural(arena, count->too_long, "line"), shown);
    return NULL;
}

/* --- where the lines come from --- */

static bool asks_age(const ProbeLog *log, double *longest) {
    bool asked = false;
    LIST_EACH (const Conditions, line, log->present)
        LIST_EACH (const Condition, condition, *line)
            if (condition->subject == CONDITION_AGE) {
                asked = true;
                *longest = condition->value.number > *longest ? condition->value.number : *longest;
            }
    return asked;
}

static Err *run_journalctl(Arena *arena, const char *unit, const char *since, Buf **out) {
    const char *const arguments[] = {"journalctl", "--quiet", "--no-pager", "-o",
                                     "json",       "-u",      unit,         since == NULL ? "-n1" : "--since",
                                     since,        NULL};
    ProcessResult result = {0};
    TRY(process_must(
        arena, &(ProcessRequest){.arguments = arguments, .deadline = JOURNAL_PATIENCE, .keep = LOG_JOURNAL}, &result));
    *out = result.output;
    return NULL;
}

/* An empty answer is believed only of a unit that has written at all: a mistyped one, or a journal that this user may
 * not read, is empty too. */
static Err *read_journal(Arena *arena, const char *unit, double seconds, LogLineFile *file, bool *whole) {
    Buf *bytes = NULL, *any = NULL;
    Count *count = file->context;
    Time since = count->now - (Time)(seconds * (double)TIME_SECOND);
    if (unit[0] == '\0' || unit[0] == '-')
        return err_new(arena, ERR_DATA, "journal: needs the name of a unit");
    TRY(run_journalctl(arena, unit, arena_printf(arena, "@%lld", (long long)(since / TIME_SECOND)), &bytes));
    *whole = bytes->length < LOG_JOURNAL;
    Text text = buf_view(bytes);
    if (!*whole)
        text_cut(text, '\n', &text);
    if (text.length == 0) {
        TRY(run_journalctl(arena, unit, NULL, &any));
        if (any->length == 0)
            return err_new(
                arena, ERR_NOT_FOUND,
                "the journal holds nothing of the unit %s (or this user may not read it: add it to the group "
                "systemd-journal)",
                text_safe(arena, unit));
    }
    log_line_each(text, file);
    return NULL;
}

static bool is_journal(const char *source) {
    return strncmp(source, journal, sizeof(journal) - 1) == 0;
}

/* What was in front of what was read is older than the window, or there is nothing. */
static void note_reach(Facts *facts, bool complete) {
    const Count *count = facts->count;
    facts->endless = complete;
    facts->whole = complete || (count->oldest != TIME_NONE && count->oldest <= count->from);
}

static Err *read_source(Arena *arena, const char *source, Count *count, Facts *facts) {
    double longest = (double)(count->now - count->from) / (double)TIME_SECOND;
    bool complete = false;
    count->all = asks_age(count->log, &longest);
    LogLineFile file = {
        .path = source, .since = count->all ? TIME_NONE : count->from, .on_line = count_line, .context = count};
    if (is_journal(source)) /* read for longer than any age that is asked */
        TRY(read_journal(arena, source + sizeof(journal) - 1, longest + 60, &file, &complete));
    else
        TRY(log_line_file(arena, &file, &complete));
    note_reach(facts, complete);
    return NULL;
}

static Err *bind(Arena *arena, ProbeLog *log, const ProbeContext *context) {
    TRY(condition_bind_value(arena, &log->window, context->values, context->now));
    if (log->window.type != CONDITION_NUMBER || !(log->window.number > 0) || log->window.number > 1e10)
        return err_new(arena, ERR_DATA, "window: is no length of time");
    LIST_EACH (Conditions, line, log->match) {
        TRY(condition_bind(arena, line, context->values, context->now));
    }
    LIST_EACH (Conditions, line, log->of) {
        TRY(condition_bind(arena, line, context->values, context->now));
    }
    LIST_EACH (Conditions, line, log->present) {
        TRY(condition_bind(arena, line, context->values, context->now));
    }
    return NULL;
}

/* A block made ready: read, bound to its values, with a count that has not begun. */
typedef struct Ready {
    ProbeLog log;
    const char *source;
    Count count;
} Ready;

static Err *make_ready(Arena *arena, const ProbeContext *context, const IssueBlock *block, Ready *out) {
    TRY(probe_log_parse(arena, (Text){block->body, block->length}, &out->log));
    TRY(bind(arena, &out->log, context));
    TRY(probe_fill(arena, context->values, out->log.file, PROBE_IN_PATH, &out->source));
    out->count = (Count){.arena = arena,
                         .log = &out->log,
                         .now = context->now,
                         .from = context->now - (Time)(out->log.window.number * (double)TIME_SECOND),
                         .when = TIME_NONE,
                         .oldest = TIME_NONE,
                         .newest = TIME_NONE,
                         .groups = json_start(arena, json_object())};
    return NULL;
}

static Err *answer(Arena *arena, const Facts *facts, const char *source, ProbeAnswer *out) {
    say_counts(arena, facts->count, out);
    ConditionAnswer said = decide(arena, facts, out);
    say_lines(arena, facts->count, out);
    out->outcome = said == CONDITION_TRUE ? PROBE_PRESENT : PROBE_ABSENT;
    const char *why = said == CONDITION_TRUE ? NULL : doubt(arena, facts, source);
    if (why != NULL)
        return err_new(arena, ERR_DATA, "%s", why);
    return said == CONDITION_UNKNOWN
               ? err_new(arena, ERR_DATA, "%s does not reach back far enough", text_safe(arena, source))
               : NULL;
}

/* --- files that several blocks ask --- */

typedef struct SharedBlock {
    const IssueBlock *block;
    Ready *ready;
} SharedBlock;

typedef struct SharedFile {
    pthread_mutex_t lock;
    const char *path;
    LIST(SharedBlock) blocks;
    bool read, complete;
    const Err *err;
} SharedFile;

struct ProbeLogShared {
    LIST(SharedFile *) files;
};

static void close_shared(void *what) {
    ProbeLogShared *shared = what;
    LIST_EACH (SharedFile *, file, shared->files) {
        pthread_mutex_destroy(&(*file)->lock);
    }
}

static SharedFile *file_of(Arena *arena, ProbeLogShared *shared, const char *path) {
    LIST_EACH (SharedFile *, file, shared->files) {
        if (strcmp((*file)->path, path) == 0)
            return *file;
    }
    SharedFile *made = ARENA_NEW(arena, SharedFile);
    made->path = path;
    pthread_mutex_init(&made->lock, NULL);
    *LIST_PUSH(arena, shared->files) = made;
    return made;
}

static void share_block(Arena *arena, const ProbeContext *context, const IssueBlock *block, ProbeLogShared *shared) {
    double ignored = 0;
    Ready *ready = ARENA_NEW(arena, Ready);
    if (make_ready(arena, context, block, ready) != NULL || is_journal(ready->source))
        return;
    ready->count.all = asks_age(&ready->log, &ignored);
    *LIST_PUSH(arena, file_of(arena, shared, ready->source)->blocks) = (SharedBlock){.block = block, .ready = ready};
}

ProbeLogShared *probe_log_share(Arena *arena, const ProbeContext *context, const Issue *const *issues, size_t count) {
    ProbeLogShared *shared = ARENA_NEW(arena, ProbeLogShared);
    for (size_t i = 0; i < count; i++)
        LIST_EACH (const IssueBlock, block, issues[i]->blocks) {
            if (!issues[i]->broken && block->kind == ISSUE_LOG && block->role == ISSUE_PROBE)
                share_block(arena, context, block, shared);
        }
    arena_defer(arena, close_shared, shared);
    return shared;
}

static SharedFile *find_shared(const ProbeContext *context, const IssueBlock *block, SharedBlock **out) {
    if (context->logs == NULL)
        return NULL;
    LIST_EACH (SharedFile *, file, context->logs->files) {
        for (size_t i = 0; i < (*file)->blocks.count && (*file)->blocks.count > 1; i++)
            if ((*file)->blocks.items[i].block == block) {
                *out = &(*file)->blocks.items[i];
                return *file;
            }
    }
    return NULL;
}

static void count_for_all(Arena *arena, const LogLine *line, void *context) {
    const SharedFile *file = context;
    for (size_t i = 0; i < file->blocks.count; i++)
        count_line(arena, line, &file->blocks.items[i].ready->count);
}

static void read_shared(Arena *arena, SharedFile *file) {
    LogLineFile lines = {.path = file->path, .since = INT64_MAX, .on_line = count_for_all, .context = file};
    for (size_t i = 0; i < file->blocks.count; i++) {
        Ready *ready = file->blocks.items[i].ready;
        ready->count.arena = arena;
        Time from = ready->count.all ? TIME_NONE : ready->count.from;
        lines.since = from < lines.since ? from : lines.since; /* TIME_NONE is the least */
    }
    file->err = log_line_file(arena, &lines, &file->complete);
    file->read = true;
}

static Err *ask_shared(Arena *arena, const ProbeContext *context, SharedFile *file, const SharedBlock *mine,
                       ProbeAnswer *out) {
    pthread_mutex_lock(&file->lock);
    if (!file->read)
        read_shared(arena, file);
    pthread_mutex_unlock(&file->lock);
    if (file->err != NULL)
        return err_copy(arena, file->err);
    Facts facts = {.count = &mine->ready->count, .values = context->values};
    note_reach(&facts, file->complete);
    find_top(&mine->ready->count);
    return answer(arena, &facts, file->path, out);
}

Err *probe_log(Arena *arena, const ProbeContext *context, const IssueBlock *block, ProbeAnswer *out) {
    SharedBlock *mine = NULL;
    SharedFile *file = find_shared(context, block, &mine);
    if (file != NULL)
        return ask_shared(arena, context, file, mine, out);
    Ready ready;
    TRY(make_ready(arena, context, block, &ready));
    Facts facts = {.count = &ready.count, .values = context->values};
    TRY(read_source(arena, ready.source, &ready.count, &facts));
    find_top(&ready.count);
    return answer(arena, &facts, ready.source, out);
}
