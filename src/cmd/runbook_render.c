/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/runbook_render.h"

#include "base/file.h"

const Option runbook_render_out = {
    .name = "out",
    .letter = 'o',
    .type = OPTION_PATH,
    .argument = "FILE",
    .flag_only = true,
    .summary = "write to this file, whole or not at all",
};

Err *runbook_render_put(const CommandCall *call, const char *text) {
    const char *path = settings_text(call->settings, &runbook_render_out);
    if (path != NULL)
        return file_write_atomic(call->arena, path, text_of(text), 0644);
    fputs(text, call->out);
    return NULL;
}
