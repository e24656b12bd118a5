/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/config.h"
#include "base/file.h"

static const Option max_age = {.name = "max_age", .type = OPTION_DURATION, .fallback = "24h"};
static const Option against = {.name = "against", .type = OPTION_SECRET};
static const Option folder = {.name = "folder", .type = OPTION_PATH};
static const Option quiet = {.name = "quiet", .type = OPTION_FLAG, .flag_only = true};
static const Option comment = {.name = "comment", .type = OPTION_TEXT, .config_only = true};
static const Option *const rows[] = {&max_age, &against, &folder, &quiet, &comment};

static Settings *fresh(Arena *arena) {
    Settings *settings = settings_new(arena);
    settings_declare(settings, rows, sizeof(rows) / sizeof(rows[0]));
    return settings;
}

/* Parses the bytes and applies [target t]. */
static Err *apply(Arena *arena, Text bytes, Settings *settings) {
    Config *config = NULL;
    TRY(config_parse(arena, bytes, "x.conf", &config));
    const ConfigSection *section = config_section(config, "target", "t");
    return section == NULL ? NULL : config_apply(arena, config, section, settings);
}

static void values_are_taken_as_they_stand(void **state) {
    static const struct {
        const char *line, *value;
    } cases[] = {
        {"comment = plain", "plain"},
        {"comment=a = b", "a = b"},
        {"comment = password ; with # signs", "password ; with # signs"},
        {"  comment = indented", "indented"},
        {"comment =", ""},
        {"comment: colon", "colon"},
        {"comment = ${LIFEBOAT_TEST}", "from outside"},
        {"comment = <${LIFEBOAT_TEST}>${LIFEBOAT_EMPTY}", "<from outside>"},
        {"comment = pa$$word$$", "pa$word$"},
        {"comment = $${LIFEBOAT_TEST}", "${LIFEBOAT_TEST}"},
        {"comment = größe", "größe"},
        {"comment = crlf\r", "crlf"},
    };
    setenv("LIFEBOAT_TEST", "from outside", 1);
    setenv("LIFEBOAT_EMPTY", "", 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        Settings *settings = fresh(arena);
        const char *file = arena_printf(arena, "# comment\n; comment\n\n[target t]\n%s\n", cases[i].line);
        const Err *err = apply(arena, text_of(file), settings);
        if (err != NULL)
            fail_msg("%s: %s", cases[i].line, err_text(arena, err));
        assert_string_equal(settings_text(settings, &comment), cases[i].value);
        assert_string_equal(settings_origin(settings, &comment), "x.conf:5");
        arena_free(arena);
    }
}

static void wrong_files_are_refused_by_line(void **state) {
    const struct {
        Text file;
        const char *message, *hint;
    } cases[] = {
        {TEXT("[target t]\nmax_aeg = 1h\n"), "x.conf:2: [target] has no setting \"max_aeg\"", "did you mean max_age?"},
        {TEXT("[target t]\nagainst_fil = x\n"), "x.conf:2: [target] has no setting", "did you mean against_file?"},
        {TEXT("[target t]\nquiet = yes\n"), "x.conf:2: [target] has no setting \"quiet\"", NULL},
        {TEXT("[target t]\nmax_age_file = x\n"), "has no setting \"max_age_file\"", NULL},
        {TEXT("[target t]\n\nmax_age = soon\n"), "x.conf:3: max_age: \"soon\"", NULL},
        {TEXT("[target t]\nmax_age = 1h\nmax_age = 2h\n"), "x.conf:3: max_age is already set in line 2", NULL},
        {TEXT("[target t]\n[notify n]\n[target t]\n"), "x.conf:3: this section already began in line 1", NULL},
        {TEXT("max_age = 1h\n"), "x.conf:1: a setting stands before the first section", "[target production]"},
        {TEXT("[target t]\nmax_age\n"), "x.conf:2: this is neither a section nor a setting", "key = value"},
        {TEXT("[target t\nmax_age = 1h\n"), "x.conf:1: a section is written", NULL},
        {TEXT("[]\n"), "x.conf:1: a section's name", NULL},
        {TEXT("[target a b]\n"), "x.conf:1: a section's name", NULL},
        {TEXT("[target \033]\n"), "x.conf:1: a section's name", NULL},
        {TEXT("[target t] max_age = 1h\n"), "x.conf:1: a section is written", NULL},
        {TEXT("[target t]\ncomment = ${LIFEBOAT_UNSET}\n"),
         "x.conf:2: the environment variable LIFEBOAT_UNSET is not set", NULL},
        {TEXT("[target t]\ncomment = ${}\n"), "x.conf:2: ${...} needs the name", NULL},
        {TEXT("[target t]\ncomment = ${A B}\n"), "x.conf:2: ${...} needs the name", NULL},
        {TEXT("[target t]\ncomment = ${A\n"), "x.conf:2: a dollar begins", "$$"},
        {TEXT("[target t]\ncomment = $HOME\n"), "x.conf:2: a dollar begins", "$$"},
        {TEXT("[target t]\ncomment = $\n"), "x.conf:2: a dollar begins", "$$"},
        {TEXT("[target t]\ncomment = a\0b\n"), "x.conf:2: a configuration file cannot contain a NUL", NULL},
    };
    unsetenv("LIFEBOAT_UNSET");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        const Err *err = apply(arena, cases[i].file, fresh(arena));
        if (err == NULL) {
            fail_msg("case %zu was accepted", i);
            return; /* the compiler cannot know that fail_msg does not come back */
        }
        assert_int_equal(err->kind, ERR_CONFIG);
        if (strstr(err->message, cases[i].message) == NULL)
            fail_msg("case %zu: %s", i, err->message);
        if (cases[i].hint != NULL)
            assert_non_null(strstr(err_first_hint(err), cases[i].hint));
        arena_free(arena);
    }
}

static void long_lines_are_whole_or_refused(void **state) {
    static const struct {
        int length;
        bool accepted;
    } cases[] = {{197, true}, {300, true}, {8000, true}, {8192 - 10, true}, {8193 - 10, false}, {100000, false}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        Settings *settings = fresh(arena);
        const char *file = arena_printf(arena, "[target t]\ncomment = %0*d\n", cases[i].length, 7);
        const Err *err = apply(arena, text_of(file), settings);
        assert_int_equal(err == NULL, cases[i].accepted);
        if (err == NULL)
            assert_int_equal(strlen(settings_text(settings, &comment)), cases[i].length);
        else
            assert_non_null(strstr(err->message, "too long"));
        arena_free(arena);
    }
}

static void sections_are_kept_even_when_empty(void **state) {
    Arena *arena = arena_new();
    Config *config = NULL;
    assert_null(config_parse(arena, TEXT("\xef\xbb\xbf[store]\n[ notify   slack ] # x\n[target t]\nmax_age=1h"),
                             "x.conf", &config));
    assert_int_equal(config->sections.count, 3);
    assert_non_null(config_section(config, "store", ""));
    assert_int_equal(config_section(config, "notify", "slack")->line, 2);
    assert_int_equal(config_section(config, "target", "t")->lines.count, 1);
    assert_null(config_section(config, "target", "u"));
    assert_null(config_parse(arena, (Text){0}, "x.conf", &config));
    assert_int_equal(config->sections.count, 0);
    arena_free(arena);
}

/* --- files --- */

static char *directory;

static const char *put(Arena *arena, const char *name, const char *bytes, mode_t mode) {
    const char *path = file_join(arena, directory, name);
    assert_null(file_write_atomic(arena, path, text_of(bytes), mode));
    return path;
}

static Err *read_and_apply(Arena *arena, const char *path, Settings *settings) {
    Config *config = NULL;
    TRY(config_read(arena, path, &config));
    return config_apply(arena, config, config_section(config, "target", "t"), settings);
}

static void secrets_in_shared_files_are_refused(void **state) {
    static const struct {
        mode_t mode, secret_mode;
        uid_t owner;
        const char *line;
        const char *refused; /* NULL: accepted */
    } cases[] = {
        {0600, 0600, 0, "against = hunter2", NULL},
        {0644, 0600, 0, "against = hunter2", "others can read this file"},
        {0640, 0600, 0, "against = hunter2", NULL},
        {0640, 0600, 65534, "against = hunter2", "others can read this file"},
        {0644, 0600, 0, "against = ${LIFEBOAT_TEST}", NULL},
        {0644, 0600, 0, "against_file = secret", NULL},
        {0644, 0400, 0, "against_file = secret", NULL},
        {0600, 0644, 0, "against_file = secret", "can be read by others"},
        {0600, 0604, 0, "against_file = secret", "can be read by others"},
        {0600, 0660, 65534, "against_file = secret", "can be read by others"},
        {0600, 0600, 0, "against_file = absent", "No such file"},
        {0600, 0600, 0, "against_file = .", "a directory"},
        {0600, 0600, 0, "against_file = empty", "is empty"},
        {0600, 0600, 0, "against_file = secret\nagainst = x", "cannot both be set"},
        {0600, 0600, 0, "against = x\nagainst_file = secret", "cannot both be set"},
    };
    setenv("LIFEBOAT_TEST", "from outside", 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        Settings *settings = fresh(arena);
        const char *path = put(arena, "x.conf", arena_printf(arena, "[target t]\n%s\n", cases[i].line), cases[i].mode);
        const char *secret = put(arena, "secret", "file's own\n", cases[i].secret_mode);
        put(arena, "empty", "\n", 0600);
        if (geteuid() == 0) {
            assert_int_equal(chown(path, cases[i].owner, (gid_t)-1), 0);
            assert_int_equal(chown(secret, cases[i].owner, (gid_t)-1), 0);
        } else if (cases[i].mode == 0640 || cases[i].secret_mode == 0660) {
            arena_free(arena);
            continue; /* the rule asks who root is */
        }
        const Err *err = read_and_apply(arena, path, settings);
        if ((err == NULL) != (cases[i].refused == NULL))
            fail_msg("case %zu: %s", i, err == NULL ? "accepted" : err_text(arena, err));
        if (err != NULL) {
            assert_int_equal(err->kind, ERR_CONFIG);
            if (strstr(err->message, cases[i].refused) == NULL)
                fail_msg("case %zu: %s", i, err->message);
            assert_null(strstr(err_text(arena, err), "hunter2"));
        } else if (strstr(cases[i].line, "_file") != NULL) {
            assert_string_equal(settings_text(settings, &against), "file's own");
        }
        arena_free(arena);
    }
}

/* Whoever may read the file may look, whatever its secrets are; but a wrong key stays wrong. */
static void looking_needs_no_secret(void **state) {
    static const struct {
        const char *line;
        bool accepted;
    } cases[] = {
        {"against = hunter2\nfolder = /b", true}, {"against_file = absent\nfolder = /b", true}, {"againts = x", false}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        Settings *settings = fresh(arena);
        Config *config = NULL;
        const char *path = put(arena, "x.conf", arena_printf(arena, "[target t]\n%s\n", cases[i].line), 0644);
        assert_null(config_read(arena, path, &config));
        Err *err = config_apply_to_look(arena, config, config_section(config, "target", "t"), settings);
        assert_true((err == NULL) == cases[i].accepted);
        assert_null(settings_text(settings, &against));
        if (cases[i].accepted)
            assert_string_equal(settings_text(settings, &folder), "/b");
        arena_free(arena);
    }
}

static void relative_paths_belong_to_the_file(void **state) {
    static const struct {
        const char *given, *expected; /* the expected one below `directory` when relative */
    } cases[] = {
        {"backups", "backups"}, {"./a/b", "./a/b"}, {"/var/backups", "/var/backups"}, {"~/b", "/lodge/someone/b"}};
    setenv("HOME", "/lodge/someone", 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        Settings *settings = fresh(arena);
        const char *path = put(arena, "x.conf", arena_printf(arena, "[target t]\nfolder = %s\n", cases[i].given), 0600);
        assert_null(read_and_apply(arena, path, settings));
        assert_string_equal(settings_text(settings, &folder), file_join(arena, directory, cases[i].expected));
        arena_free(arena);
    }
}

static void the_first_existing_file_is_found(void **state) {
    Arena *arena = arena_new();
    const char *path = NULL, *absent = file_join(arena, directory, "absent");
    setenv("HOME", absent, 1);
    setenv("XDG_CONFIG_HOME", absent, 1);
    unsetenv("LIFEBOAT_CONFIG");
    assert_null(config_find(arena, NULL, &path));
    assert_null(path);
    assert_null(file_make_directories(arena, file_join(arena, directory, "lifeboat"), 0700));
    const char *xdg = put(arena, "lifeboat/lifeboat.conf", "", 0600);
    setenv("XDG_CONFIG_HOME", directory, 1);
    assert_null(config_find(arena, NULL, &path));
    assert_string_equal(path, xdg);
    const char *named = put(arena, "named.conf", "", 0600);
    setenv("LIFEBOAT_CONFIG", named, 1);
    assert_null(config_find(arena, NULL, &path));
    assert_string_equal(path, named);
    const char *given = put(arena, "given.conf", "", 0600);
    assert_null(config_find(arena, given, &path));
    assert_string_equal(path, given);
    assert_int_equal(config_find(arena, absent, &path)->kind, ERR_CONFIG);
    setenv("LIFEBOAT_CONFIG", absent, 1);
    assert_int_equal(config_find(arena, NULL, &path)->kind, ERR_CONFIG);
    unsetenv("LIFEBOAT_CONFIG");
    Config *config = NULL;
    assert_int_equal(config_read(arena, directory, &config)->kind, ERR_CONFIG);
    assert_null(config_read(arena, NULL, &config));
    assert_int_equal(config->sections.count, 0);
    arena_free(arena);
}

static int enter(void **state) {
    static char path[] = "/tmp/lifeboat-config-XXXXXX";
    directory = mkdtemp(path);
    return directory == NULL;
}

static int leave(void **state) {
    Arena *arena = arena_new();
    const Err *err = file_remove_tree(arena, directory);
    arena_free(arena);
    return err != NULL;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_taken_as_they_stand),      cmocka_unit_test(wrong_files_are_refused_by_line),
        cmocka_unit_test(long_lines_are_whole_or_refused),     cmocka_unit_test(sections_are_kept_even_when_empty),
        cmocka_unit_test(secrets_in_shared_files_are_refused), cmocka_unit_test(looking_needs_no_secret),
        cmocka_unit_test(relative_paths_belong_to_the_file),   cmocka_unit_test(the_first_existing_file_is_found),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
