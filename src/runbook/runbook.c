/* SPDX-License-Identifier: PostgreSQL */
#include "runbook/runbook.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

enum { RUNBOOK_FILE_MAXIMUM = 2 << 20 };

const Option runbook_option_directory = {
    .name = "runbook",
    .type = OPTION_PATH,
    .argument = "DIR",
    .summary = "use this runbook in place of the built-in one",
    .detail = "A directory with parameters.conf and SECTION/ID.md, as docs/runbook-format.md describes it.",
};

const Option runbook_option_additional = {
    .name = "add_runbook",
    .type = OPTION_LIST,
    .argument = "DIR",
    .summary = "lay these directories over the runbook: issues of your own site",
    .detail = "A file with the name of a built-in one replaces it, another one adds an issue; parameters.conf adds "
              "parameters and changes defaults. Comma-separated.",
};

const Option runbook_option_plan = {
    .name = "plan",
    .type = OPTION_PATH,
    .argument = "DIR",
    .summary = "use this disaster recovery plan in place of the built-in one",
    .detail = "A directory with chapters (1-overview.md, ...) and scenarios (scenario-*.md).",
};

const Option *const runbook_options[] = {
    &runbook_option_directory,
    &runbook_option_additional,
    &runbook_option_plan,
    NULL,
};

/* Files by their name below the root, the last of a name wins. */
typedef struct Found {
    const char *name; /* "database/deadlocks.md" */
    const char *text; /* NULL: `err` says why */
    size_t length;
    const Err *err;
    const char *shown; /* as problems name it */
} Found;

typedef struct Loader {
    Arena *arena;
    Runbook *runbook;
    LIST(Found) files;
    size_t read; /* files, replaced ones too */
} Loader;

static void add_file(Loader *loader, Found file) {
    bool additive = strcmp(file.name, "parameters.conf") == 0 || strcmp(file.name, "tested.tsv") == 0;
    LIST_EACH (Found, there, loader->files) {
        if (!additive && strcmp(there->name, file.name) == 0) {
            *there = file;
            return;
        }
    }
    *LIST_PUSH(loader->arena, loader->files) = file;
}

static void add_built_in(Loader *loader) {
    for (const RunbookFile *file = runbook_files; file->path != NULL; file++) {
        if (text_starts(text_of(file->path), "runbook/"))
            add_file(loader, (Found){.name = file->path + strlen("runbook/"),
                                     .text = file->text,
                                     .length = strlen(file->text),
                                     .shown = file->path});
    }
}

static void add_path(Loader *loader, const char *directory, const char *name) {
    Buf *bytes = NULL;
    const char *path = file_join(loader->arena, directory, name);
    Found file = {.name = name, .shown = path};
    file.err = file_read_all(loader->arena, path, RUNBOOK_FILE_MAXIMUM, &bytes);
    if (file.err == NULL) {
        file.text = bytes->at;
        file.length = bytes->length;
    }
    add_file(loader, file);
    loader->read++;
}

static bool is_directory(Arena *arena, const char *path) {
    FileInfo info = {0};
    return file_info(arena, path, &info) == NULL && info.kind == FILE_DIRECTORY;
}

static Err *add_section(Loader *loader, const char *directory, const char *section) {
    char **names = NULL;
    size_t count = 0;
    TRY(file_list(loader->arena, file_join(loader->arena, directory, section), &names, &count));
    for (size_t i = 0; i < count; i++) {
        if (text_ends(text_of(names[i]), ".md") && names[i][0] != '.')
            add_path(loader, directory, file_join(loader->arena, section, names[i]));
    }
    return NULL;
}

static Err *add_directory(Loader *loader, const char *directory) {
    char **names = NULL;
    size_t count = 0, before = loader->read;
    Err *err = file_list(loader->arena, directory, &names, &count);
    if (err != NULL)
        return err_hint(loader->arena, err_wrap(loader->arena, err, "the runbook cannot be read"),
                        "--runbook and [runbook] runbook name a directory with parameters.conf and SECTION/ID.md");
    for (size_t i = 0; i < count; i++) {
        const char *path = file_join(loader->arena, directory, names[i]);
        if (names[i][0] == '.')
            continue;
        if (strcmp(names[i], "parameters.conf") == 0 || strcmp(names[i], "tested.tsv") == 0)
            add_path(loader, directory, names[i]);
        else if (is_directory(loader->arena, path))
            TRY(add_section(loader, directory, names[i]));
    }
    if (loader->read == before)
        return err_hint(
            loader->arena,
            err_new(loader->arena, ERR_NOT_FOUND, "there is no runbook in %s", text_safe(loader->arena, directory)),
            "it holds parameters.conf and SECTION/ID.md, as docs/runbook-format.md describes");
    return NULL;
}

static void problem(Loader *loader, const char *file, const char *message, const char *hint) {
    *LIST_PUSH(loader->arena, loader->runbook->problems) =
        (IssueProblem){.file = text_safe(loader->arena, file), .message = message, .hint = hint};
}

static Issue *parse(Loader *loader, const Found *file, IssueForm form) {
    Issue *issue = NULL;
    const Err *err = file->err;
    if (err == NULL)
        err = issue_parse(loader->arena, (Text){file->text, file->length}, file->shown, form, &issue);
    return err == NULL ? issue : issue_unreadable(loader->arena, file->shown, err);
}

static void read_tested(Loader *loader, const Found *file) {
    for (Text rest = {file->text, file->length}; rest.length > 0;) {
        Text line = text_cut(rest, '\n', &rest), columns = line, cells[4];
        for (int i = 0; i < 4; i++)
            cells[i] = text_trim(text_cut(columns, '\t', &columns));
        if (cells[0].length == 0 || cells[0].at[0] == '#' || text_is(cells[0], "id"))
            continue;
        Arena *arena = loader->arena;
        *LIST_PUSH(arena, loader->runbook->tested) =
            (RunbookTested){text_safe(arena, text_dup(arena, cells[0])), text_safe(arena, text_dup(arena, cells[1])),
                            text_safe(arena, text_dup(arena, cells[2])), text_safe(arena, text_dup(arena, cells[3]))};
    }
}

static Err *read_other(Loader *loader, const Found *file) {
    if (file->err != NULL)
        problem(loader, file->shown, err_text(loader->arena, file->err), err_first_hint(file->err));
    else if (strcmp(file->name, "tested.tsv") == 0)
        read_tested(loader, file);
    else
        return parameter_read(loader->arena, (Text){file->text, file->length}, file->shown,
                              &loader->runbook->parameters, &loader->runbook->problems);
    return NULL;
}

static int by_id(const void *left, const void *right) {
    const Issue *const *a = left, *const *b = right;
    return strcmp((*a)->id, (*b)->id);
}

static void read_section(Loader *loader, const char *name) {
    Runbook *runbook = loader->runbook;
    RunbookSection section = {.name = name, .title = issue_section_title(name), .first = runbook->issues.count};
    LIST_EACH (Found, file, loader->files) {
        const char *slash = strchr(file->name, '/');
        if (slash == NULL || !text_is((Text){file->name, (size_t)(slash - file->name)}, name))
            continue;
        if (strcmp(slash + 1, "index.md") == 0)
            section.index = parse(loader, file, ISSUE_OF_TEXT);
        else
            *LIST_PUSH(loader->arena, runbook->issues) = parse(loader, file, ISSUE_OF_RUNBOOK);
    }
    section.count = runbook->issues.count - section.first;
    if (section.count > 0)
        qsort(runbook->issues.items + section.first, section.count, sizeof(Issue *), by_id);
    *LIST_PUSH(loader->arena, runbook->sections) = section;
}

/* The later one could never be found: an id stands for one issue. */
static void look_for_twins(Loader *loader) {
    LIST_EACH (Issue *, issue, loader->runbook->issues) {
        for (Issue **other = loader->runbook->issues.items; other < issue; other++) {
            if (strcmp((*other)->id, (*issue)->id) == 0)
                issue_problem(loader->arena, *issue, 0,
                              arena_printf(loader->arena, "the id %s is taken by %s", (*issue)->id, (*other)->file),
                              "an id is unique over all sections");
        }
    }
}

static void look_for_strangers(Loader *loader) {
    LIST_EACH (Found, file, loader->files) {
        const char *slash = strchr(file->name, '/');
        *LIST_PUSH(loader->arena, loader->runbook->files) = file->name;
        if (slash == NULL ||
            issue_section_title(arena_strndup(loader->arena, file->name, (size_t)(slash - file->name))) != NULL)
            continue;
        problem(loader, file->shown, "this folder is no section, the file is not read",
                "the ten sections stand in docs/runbook-format.md");
    }
}

Err *runbook_load(Arena *arena, const RunbookPlaces *places, Runbook **out) {
    Loader loader = {.arena = arena, .runbook = ARENA_NEW(arena, Runbook)};
    loader.runbook->origin = places->directory == NULL ? "built in" : text_safe(arena, places->directory);
    if (places->directory == NULL)
        add_built_in(&loader);
    else
        TRY(add_directory(&loader, places->directory));
    for (size_t i = 0; i < places->additional_count; i++) {
        TRY(add_directory(&loader, places->additional[i]));
        loader.runbook->origin =
            arena_printf(arena, "%s and %s", loader.runbook->origin, text_safe(arena, places->additional[i]));
    }
    LIST_EACH (Found, file, loader.files) {
        if (strchr(file->name, '/') == NULL)
            TRY(read_other(&loader, file));
    }
    for (size_t i = 0; issue_sections[i] != NULL; i++)
        read_section(&loader, issue_sections[i]);
    look_for_twins(&loader);
    look_for_strangers(&loader);
    *out = loader.runbook;
    return NULL;
}

const Issue *runbook_find(const Runbook *runbook, const char *id) {
    LIST_EACH (Issue *const, issue, runbook->issues) {
        if (strcmp((*issue)->id, id) == 0)
            return *issue;
    }
    return NULL;
}

Err *runbook_get(Arena *arena, const Runbook *runbook, const char *id, const Issue **out) {
    LIST(const char *) ids = {0};
    *out = runbook_find(runbook, id);
    if (*out != NULL)
        return NULL;
    LIST_EACH (Issue *const, issue, runbook->issues) {
        *LIST_PUSH(arena, ids) = (*issue)->id;
    }
    const char *close = text_suggest(id, ids.items, ids.count);
    Err *err = err_new(arena, ERR_USAGE, "the runbook has no issue %s", text_quote(arena, text_of(id), 80));
    return close == NULL ? err_hint(arena, err, "\"lifeboat runbook search WORDS\" finds issues by what is seen")
                         : err_hint(arena, err, "did you mean %s?", close);
}

const RunbookTested *runbook_tested(const Runbook *runbook, const char *id) {
    const RunbookTested *newest = NULL;
    LIST_EACH (const RunbookTested, tested, runbook->tested) {
        if (strcmp(tested->id, id) == 0 && (newest == NULL || strcmp(tested->date, newest->date) >= 0))
            newest = tested;
    }
    return newest;
}

const Issue *runbook_of_finding(const Runbook *runbook, const char *finding) {
    const Issue *best = NULL;
    LIST_EACH (Issue *const, issue, runbook->issues) {
        LIST_EACH (const char *, name, (*issue)->findings) {
            if (strcmp(*name, finding) == 0 && (best == NULL || (*issue)->severity < best->severity))
                best = *issue;
        }
    }
    return best;
}
