/* SPDX-License-Identifier: PostgreSQL */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "runbook/binding.h"
#include "runbook/log_line.h"
#include "runbook/probe_http.h"
#include "runbook/probe_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void on_line(Arena *arena, const LogLine *line, void *context) {
    size_t *lines = context;
    (*lines)++;
    if (line->too_long || line->text.length > 65536)
        __builtin_trap();
}

/* Blocks of a runbook, then replies and log lines asked with the conditions that could be read. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    Arena *arena = arena_new();
    /* As in a Buf, a NUL stands behind it: regexec of the sanitizers looks for one. */
    Text whole = {arena_strndup(arena, (const char *)bytes, size), size}, reply = {0},
         block = text_cut(whole, '\f', &reply);
    ProbeHttp http;
    ProbeLog log;
    Binding binding;
    Conditions conditions = {0};
    size_t lines = 0;
    LogLineFile file = {.on_line = on_line, .context = &lines, .since = TIME_NONE};
    ConditionReply answer = {.answered = true, .status = 200, .body = reply, .headers = reply};
    answer.document = condition_json_read(arena, reply);
    if (memchr(block.at, '\0', block.length) == NULL) {
        Err *ignored = binding_make(arena, ISSUE_SQL, block, &binding);
        ignored = binding_make(arena, ISSUE_SH, block, &binding);
        ignored = probe_log_parse(arena, block, &log);
        (void)ignored;
        if (probe_http_parse(arena, block, &http) == NULL)
            LIST_EACH (Conditions, line, http.present) {
                condition_http_line(arena, line, &answer, buf_new(arena, 4096));
            }
        if (condition_parse(arena, block, CONDITION_IN_HTTP, &conditions) == NULL)
            condition_http_line(arena, &conditions, &answer, NULL);
    }
    log_line_each(reply, &file);
    arena_free(arena);
    return 0;
}
