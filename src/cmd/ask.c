/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/ask.h"

#include <errno.h>
#include <poll.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/interrupt.h"

enum { ASK_LONGEST = 8192 };

bool ask_possible(const CommandCall *call) {
    return call->terminal->interactive && isatty(STDIN_FILENO) == 1;
}

/* A line from standard input, byte by byte: what follows the line belongs to the next question. */
static Err *read_line(Arena *arena, Buf *line) {
    for (;;) {
        struct pollfd polled = {.fd = STDIN_FILENO, .events = POLLIN};
        char byte = 0;
        TRY(interrupt_check(arena));
        if (poll(&polled, 1, 100) <= 0)
            continue;
        ssize_t got = read(STDIN_FILENO, &byte, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return err_new(arena, ERR_INTERRUPTED, "the input ended");
        if (byte == '\n')
            return NULL;
        if (!buf_byte(line, byte))
            return err_new(arena, ERR_LIMIT, "this answer is too long");
    }
}

Err *ask_text(const CommandCall *call, const char *question, const char *proposal, const char **out) {
    fprintf(call->out, "%s%s: ", question, proposal[0] == '\0' ? "" : arena_printf(call->arena, " [%s]", proposal));
    fflush(call->out);
    Buf *line = buf_new(call->arena, ASK_LONGEST);
    TRY(read_line(call->arena, line));
    Text answer = text_trim(buf_view(line));
    *out = answer.length == 0 ? proposal : text_dup(call->arena, answer);
    return NULL;
}

Err *ask_secret(const CommandCall *call, const char *question, const char **out) {
    struct termios before, silent;
    bool known = tcgetattr(STDIN_FILENO, &before) == 0;
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    if (!known || tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) != 0)
        return err_errno(call->arena, errno, "the terminal cannot hide what is typed");
    Err *err = ask_text(call, question, "", out);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', call->out);
    return err;
}

Err *ask_yes(const CommandCall *call, const char *question, bool proposal, bool *out) {
    for (;;) {
        const char *answer = NULL;
        TRY(ask_text(call, question, proposal ? "Y/n" : "y/N", &answer));
        bool is_proposal = answer[0] != '\0' && answer[1] == '/';
        if (is_proposal || strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0 ||
            strcasecmp(answer, "n") == 0 || strcasecmp(answer, "no") == 0) {
            *out = is_proposal ? proposal : answer[0] == 'y' || answer[0] == 'Y';
            return NULL;
        }
        fputs("Please answer y or n.\n", call->out);
    }
}
