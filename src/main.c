/* SPDX-License-Identifier: PostgreSQL */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/log.h"
#include "base/time.h"
#include "cmd/command.h"
#include "cmd/exit_status.h"
#include "cmd/help.h"

/* A program started with a closed standard stream would open a backup as descriptor 1 and print into it. */
static void fill_standard_descriptors(void) {
    int opened = 0;
    do {
        opened = open("/dev/null", O_RDWR);
    } while (opened >= 0 && opened <= STDERR_FILENO);
    if (opened >= 0)
        close(opened);
}

static void print_error(Arena *arena, const Err *err) {
    Terminal terminal = terminal_look(stderr, false);
    fflush(stdout);
    fprintf(stderr, "%s %s\n", terminal_paint(arena, &terminal, TERMINAL_RED, "lifeboat:"), err->message);
    for (const Err *cause = err->cause; cause != NULL; cause = cause->cause)
        fprintf(stderr, "  because: %s\n", cause->message);
    const char *hint = err_first_hint(err);
    if (hint != NULL)
        fprintf(stderr, "  %s %s\n", terminal_paint(arena, &terminal, TERMINAL_BOLD, "hint:"), hint);
}

/* The command is the first argument that is neither a common option nor the value of one; -1 when there is none. */
static int find_name(Arena *arena, int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-')
            return i;
        for (size_t k = 0; command_options[k] != NULL; k++) {
            const char *flag = option_flag_text(arena, command_options[k]);
            size_t length = strcspn(flag, " ");
            if (command_options[k]->type != OPTION_FLAG && strlen(argv[i]) == length &&
                strncmp(flag, argv[i], length) == 0)
                i++;
        }
    }
    return -1;
}

static bool asks_for(int argc, char **argv, const char *flag, const char *letter) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], flag) == 0 || strcmp(argv[i], letter) == 0)
            return true;
    }
    return false;
}

static Err *start_log(Arena *arena, const Settings *settings) {
    static const struct {
        const char *name;
        int value;
    } levels[] = {{"debug", LOG_DEBUG}, {"info", LOG_INFO}, {"warning", LOG_WARNING}, {"error", LOG_ERROR}},
      formats[] = {{"auto", LOG_FORMAT_AUTO}, {"logfmt", LOG_FORMAT_LOGFMT}, {"json", LOG_FORMAT_JSON}};
    size_t level = 0, format = 0;
    while (strcmp(levels[level].name, settings_text(settings, settings_find(settings, "log_level"))) != 0)
        level++;
    while (strcmp(formats[format].name, settings_text(settings, settings_find(settings, "log_format"))) != 0)
        format++;
    log_start(stderr, (LogLevel)levels[level].value, (LogFormat)formats[format].value);
    const char *clock = getenv("LIFEBOAT_NOW");
    if (clock != NULL && !time_is_overridden())
        return err_new(arena, ERR_USAGE, "LIFEBOAT_NOW is set to %s, which is not an RFC 3339 time",
                       text_quote(arena, text_of(clock), 60));
    return NULL;
}

static Err *run_command(Arena *arena, const Command *command, int argc, char **argv, int *status) {
    Settings *settings = command_settings(arena, command);
    const char **operands = NULL;
    size_t count = 0;
    Err *err = settings_parse_arguments(settings, argc, argv, &operands, &count);
    if (err == NULL)
        err = start_log(arena, settings);
    if (err == NULL) {
        Terminal terminal = terminal_look(stdout, settings_flag(settings, &command_no_color));
        CommandCall call = {.arena = arena,
                            .settings = settings,
                            .operands = operands,
                            .operand_count = count,
                            .out = stdout,
                            .terminal = &terminal,
                            .status = status};
        err = command->run(&call);
    }
    if (err != NULL && err->kind == ERR_USAGE && err_first_hint(err) == NULL)
        err = err_hint(arena, err, "lifeboat help %s", command->name);
    return err;
}

static Err *dispatch(Arena *arena, int argc, char **argv, int *status) {
    int at = find_name(arena, argc, argv);
    bool help = asks_for(argc, argv, "--help", "-h");
    Terminal terminal = terminal_look(stdout, asks_for(argc, argv, "--no-color", "--no-color"));
    if (at < 0 && asks_for(argc, argv, "--version", "-V")) {
        printf("lifeboat %s\n", LIFEBOAT_VERSION);
        return NULL;
    }
    if (at < 0) {
        if (argc > 1 && !help)
            return err_hint(arena, err_new(arena, ERR_USAGE, "a command is missing"), "lifeboat help");
        help_overview(arena, stdout, &terminal);
        /* Nothing was asked, so nothing was shown: a script with an empty variable must not read success. */
        *status = help ? EXIT_STATUS_OK : EXIT_STATUS_USAGE;
        return NULL;
    }
    size_t words = 0;
    const Command *command = command_find_words((const char *const *)argv + at, (size_t)(argc - at), &words);
    if (command == NULL)
        return command_unknown(arena, argv[at]);
    if (help) {
        help_command(arena, stdout, &terminal, command);
        return NULL;
    }
    /* Common options may stand before the command. */
    int skip = 1 + (int)words;
    memmove(argv + skip, argv + 1, (size_t)(at - 1) * sizeof(char *));
    return run_command(arena, command, argc - skip, argv + skip, status);
}

/* False, with a message, when the result did not arrive. A reader that has seen enough (head) is no fault; a full disk
 * is. */
static bool finish_output(void) {
    errno = 0;
    bool written = fflush(stdout) == 0 && !ferror(stdout);
    struct pollfd reader = {.fd = STDOUT_FILENO, .events = POLLOUT};
    if (written || errno == EPIPE || (poll(&reader, 1, 0) == 1 && (reader.revents & POLLERR) != 0))
        return true;
    fprintf(stderr, "lifeboat: the result could not be written: %s\n", strerrordesc_np(errno == 0 ? EIO : errno));
    return false;
}

int main(int argc, char **argv) {
    fill_standard_descriptors();
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is an error to report, as a full disk is */
    interrupt_install();
    Arena *arena = arena_new();
    int status = EXIT_STATUS_OK;
    const Err *err = dispatch(arena, argc, argv, &status);
    if (err != NULL) {
        print_error(arena, err);
        status = exit_status_of(err);
    }
    if (!finish_output() && status != EXIT_STATUS_INTERRUPTED)
        status = EXIT_STATUS_UNKNOWN;
    arena_free(arena);
    return status;
}
