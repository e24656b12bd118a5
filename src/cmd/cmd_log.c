/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/file.h"
#include "cmd/command.h"
#include "cmd/stored_report.h"
#include "cmd/trend.h"
#include "store/store.h"

static const Option since = {
    .name = "since",
    .type = OPTION_DURATION,
    .argument = "TIME",
    .fallback = "90d",
    .flag_only = true,
    .summary = "how far back",
};

static const Option one_target = {
    .name = "target",
    .letter = 't',
    .type = OPTION_TEXT,
    .argument = "NAME",
    .flag_only = true,
    .summary = "only this target",
};

static const Option as_json = {
    .name = "json",
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "as JSON",
};

static const Option as_csv = {
    .name = "csv",
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "as comma-separated values, with a line of headings",
};

static const Option *const options[] = {&since, &one_target, &as_json, &as_csv, NULL};

static void print_csv_text(FILE *out, const char *text, const char *end) {
    bool quote = strpbrk(text, ",\"\r\n") != NULL;
    fputs(quote ? "\"" : "", out);
    for (; *text != '\0'; text++)
        fprintf(out, *text == '"' ? "\"\"" : "%c", *text);
    fprintf(out, "%s%s", quote ? "\"" : "", end);
}

static const char *time_or_nothing(Arena *arena, Time when) {
    return when == TIME_NONE ? "" : time_text(arena, when);
}

static void print_csv(const CommandCall *call, const StoreRuns *runs) {
    Arena *arena = call->arena;
    FILE *out = call->out;
    fputs("run_id,target,started_at,finished_at,verdict,proof_level,backup_id,format,backup_taken_at,backup_size_bytes,"
          "total_rows,checks_passed,checks_failed,delivered,reason\r\n",
          out);
    LIST_EACH (const StoreRun, run, *runs) {
        print_csv_text(out, run->run_id, ",");
        print_csv_text(out, run->target, ",");
        fprintf(out, "%s,%s,%s,%d,", time_text(arena, run->started_at), time_text(arena, run->finished_at),
                run->verdict, run->proof_level);
        print_csv_text(out, text_safe(arena, run->backup_id), ",");
        fprintf(out, "%s,%s,%llu,%llu,%d,%d,%s,", run->format, time_or_nothing(arena, run->backup_taken_at),
                (unsigned long long)run->backup_size, (unsigned long long)run->total_rows, run->checks_passed,
                run->checks_failed, run->delivery_wanted ? run->delivered ? "yes" : "waiting" : "");
        print_csv_text(out, text_safe(arena, run->reason), "\r\n");
    }
}

static void print_json(const CommandCall *call, const StoreRuns *runs, Time from) {
    json_t *document = json_start(call->arena, json_object());
    json_put_string(document, "schema", "lifeboat.log/1");
    json_put_time(document, "since", from);
    json_t *list = json_put(document, "runs", json_array());
    LIST_EACH (const StoreRun, run, *runs) {
        json_t *entry = json_add(list, json_object());
        json_put_string(entry, "run_id", run->run_id);
        json_put_string(entry, "target", run->target);
        json_put_time(entry, "started_at", run->started_at);
        json_put_time(entry, "finished_at", run->finished_at);
        json_put_string(entry, "verdict", run->verdict);
        json_put_string(entry, "reason", run->reason);
        json_put_u64(entry, "proof_level", (uint64_t)run->proof_level);
        json_put_string(entry, "backup_id", run->backup_id);
        json_put_string(entry, "path", run->backup_path);
        json_put_string(entry, "format", run->format);
        json_put_time(entry, "backup_taken_at", run->backup_taken_at);
        json_put_u64(entry, "backup_size_bytes", run->backup_size);
        json_put_u64(entry, "total_rows", run->total_rows);
        json_put_u64(entry, "checks_passed", (uint64_t)run->checks_passed);
        json_put_u64(entry, "checks_failed", (uint64_t)run->checks_failed);
        if (run->delivery_wanted)
            json_put_bool(entry, "delivered", run->delivered);
    }
    fprintf(call->out, "%s\n", json_render(call->arena, document, false));
}

/* The first 13 characters of a run_id (UUID version 7) are its millisecond: enough to name it. */
static void print_run(const CommandCall *call, const StoreRun *run, bool several) {
    Arena *arena = call->arena;
    const char *time = time_text(arena, run->finished_at); /* 2026-11-23T05:00:00Z */
    const char *when = arena_printf(arena, "%.10s %.5s", time, time + 11);
    const char *id = arena_printf(arena, "%.13s", run->run_id);
    const char *size = run->backup_size == 0 ? "-" : file_size_text(arena, run->backup_size);
    const char *target = *run->target == '\0' ? "(no target)" : text_safe(arena, run->target);
    fprintf(call->out, "%s  %s  %s %-7s  level %d  %8s  %s%s%s\n",
            terminal_paint(arena, call->terminal, TERMINAL_DIM, id), when,
            terminal_mark(arena, call->terminal, trend_mark(run->verdict)), run->verdict, run->proof_level, size,
            several ? target : "", several ? "  " : "", text_safe(arena, run->backup_id));
}

static void print_text(const CommandCall *call, const StoreRuns *runs, Time from) {
    bool several = false;
    Trend trend = {.arena = call->arena, .terminal = call->terminal, .from = from, .until = time_now()};
    if (runs->count == 0) {
        fprintf(call->out, "No run since %s.\n\nNext: lifeboat verify PATH\n", time_text(call->arena, from));
        return;
    }
    LIST_EACH (const StoreRun, run, *runs) {
        several |= strcmp(run->target, runs->items[0].target) != 0;
    }
    trend_print(&trend, runs, call->out);
    fputc('\n', call->out);
    LIST_EACH (const StoreRun, run, *runs) {
        print_run(call, run, several);
    }
    fprintf(call->out, "\nNext: lifeboat log %.13s\n", runs->items[0].run_id);
}

static Err *show_one(const CommandCall *call, Store *store) {
    json_t *report = NULL;
    TRY(store_report(store, call->arena, call->operands[0], &report));
    if (settings_flag(call->settings, &as_csv))
        return err_new(call->arena, ERR_USAGE, "one report cannot be shown as CSV");
    if (settings_flag(call->settings, &as_json))
        fprintf(call->out, "%s\n", json_render(call->arena, report, false));
    else
        stored_report_print(call->arena, call->terminal, report, call->out);
    return NULL;
}

static Err *run(CommandCall *call) {
    Arena *arena = call->arena;
    Config *config = NULL;
    StoreSetup setup;
    Store *store = NULL;
    StoreRuns runs = {0};
    TRY(command_expect_operands(call, 0, 1));
    if (settings_flag(call->settings, &as_json) && settings_flag(call->settings, &as_csv))
        return err_new(arena, ERR_USAGE, "--json and --csv exclude each other");
    TRY(command_read_config(call, &config));
    TRY(store_setup_to_look(arena, config, &setup));
    TRY(store_open(arena, setup.directory, &store));
    if (call->operand_count == 1)
        return show_one(call, store);
    Time from = time_now() - settings_duration(call->settings, &since);
    TRY(store_runs(store, arena, settings_text(call->settings, &one_target), from, &runs));
    if (settings_flag(call->settings, &as_json))
        print_json(call, &runs, from);
    else if (settings_flag(call->settings, &as_csv))
        print_csv(call, &runs);
    else
        print_text(call, &runs, from);
    return NULL;
}

const Command cmd_log = {
    .name = "log",
    .group = COMMAND_GROUP_LOOK,
    .synopsis = "log [RUN]",
    .summary = "what earlier runs found, newest first, with the trend",
    .detail = "Without an argument: one line for each run of the last 90 days, and above them how every target fared "
              "over that "
              "time (the worst verdict of each stretch, and the size of the backups). With the first characters of a "
              "run's id: "
              "the whole report of that run as it was stored.",
    .examples = "$ lifeboat log --target production --since 30d\nA month of one target.\n$ lifeboat log "
                "019ab2c4-77\nOne report.\n"
                "$ lifeboat log --csv > runs.csv\nFor a spreadsheet.",
    .options = options,
    .run = run,
};
