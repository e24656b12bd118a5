/* SPDX-License-Identifier: PostgreSQL */
#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "cmd/command.h"
#include "cmd/exit_status.h"
#include "cmd/side.h"

static const Option counts_only = {
    .name = "counts_only",
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "compare row counts and structure, not the content of the rows",
    .detail = "A live database then only counts: no row crosses the network.",
};

static const Option as_json = {
    .name = "json",
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "as JSON (schema lifeboat.diff/1)",
};

static const Option *const options[] = {
    &counts_only, &side_jobs, &side_estimate_above, &side_statement_timeout, &side_lock_timeout, &as_json, NULL};

/* Everything about one comparison. */
typedef struct Diff {
    CommandCall *call;
    Side left, right;
    InventoryDifferences differences;
    size_t different, untold; /* differences found; things that could not be compared */
    bool damaged;             /* a backup had defects: what it holds is not all known */
} Diff;

static const char *const kind_names[] = {
    [INVENTORY_ONLY_LEFT] = "only-a", [INVENTORY_ONLY_RIGHT] = "only-b",         [INVENTORY_ROWS] = "rows",
    [INVENTORY_DIGEST] = "content",   [INVENTORY_COLUMNS] = "columns",           [INVENTORY_SEQUENCE] = "sequence",
    [INVENTORY_VERSION] = "version",  [INVENTORY_NOT_COMPARED] = "not-compared",
};

static Err *read_sides(Diff *diff) {
    Arena *arena = diff->call->arena;
    const Settings *settings = diff->call->settings;
    TRY(side_open(arena, diff->call->operands[0], &diff->left));
    TRY(side_open(arena, diff->call->operands[1], &diff->right));
    SideReading reading = side_reading(settings);
    reading.digests = !settings_flag(settings, &counts_only);
    reading.other = &diff->right;
    TRY(side_read(arena, &diff->left, &reading));
    reading.other = &diff->left;
    return side_read(arena, &diff->right, &reading);
}

/* Damage that was seen while reading outweighs what was found equal: something may be missing on both sides. */
static bool is_damaged(const Side *side) {
    return side->kind == SIDE_BACKUP && (side->backup->defects.count > 0 || !side->backup->read_whole);
}

/* Content that one side cannot give, though content was asked for: not a difference, and not sameness either. */
static void add_uncompared_content(Diff *diff) {
    Arena *arena = diff->call->arena;
    if (settings_flag(diff->call->settings, &counts_only))
        return;
    size_t count = 0;
    const char *example = "";
    LIST_EACH (const InventoryTable, left, diff->left.inventory->tables) {
        const InventoryTable *right =
            inventory_find_table(diff->right.inventory, left->database, left->schema, left->name);
        bool could = right != NULL && left->count != INVENTORY_UNKNOWN && right->count != INVENTORY_UNKNOWN;
        /* With a reason given it stands in the list already. */
        bool told = left->undigested_why != NULL || (right != NULL && right->undigested_why != NULL);
        if (could && !told && left->kind == 'r' && left->rows > 0 && left->digested != right->digested && count++ == 0)
            example = inventory_table_text(arena, left);
    }
    if (count == 0)
        return;
    InventoryDifference *item = LIST_PUSH(arena, diff->differences);
    *item = (InventoryDifference){.kind = INVENTORY_NOT_COMPARED,
                                  .what = "CONTENT",
                                  .name = arena_printf(arena, "%zu tables, such as %s", count, example),
                                  .schema = "",
                                  .left = "",
                                  .right = "",
                                  .why = "one side has no digests of them"};
}

/* A backup's digests come with reading it, a saved inventory may hold some: asked not to look is asked not to look. */
static void forget_content(Inventory *inventory) {
    inventory->large_objects_digested = false;
    LIST_EACH (InventoryTable, table, inventory->tables) {
        table->digested = false;
        table->undigested_why = NULL;
    }
}

static void compare(Diff *diff) {
    if (settings_flag(diff->call->settings, &counts_only)) {
        forget_content(diff->left.inventory);
        forget_content(diff->right.inventory);
    }
    inventory_compare(diff->call->arena, diff->left.inventory, diff->right.inventory, &diff->differences);
    add_uncompared_content(diff);
    LIST_EACH (const InventoryDifference, difference, diff->differences) {
        diff->different += difference->kind != INVENTORY_NOT_COMPARED;
        diff->untold += difference->kind == INVENTORY_NOT_COMPARED;
    }
    diff->damaged = is_damaged(&diff->left) || is_damaged(&diff->right);
}

static int status_of(const Diff *diff) {
    if (diff->different > 0)
        return EXIT_STATUS_FAIL;
    return diff->untold > 0 || diff->damaged ? EXIT_STATUS_UNKNOWN : EXIT_STATUS_OK;
}

/* ---- for people ---- */

static const char *plural(Arena *arena, size_t count, const char *one, const char *more) {
    return count == 1 ? arena_printf(arena, "one %s", one) : arena_printf(arena, "%zu %s", count, more);
}

static const char *sentence(const Diff *diff) {
    Arena *arena = diff->call->arena;
    const char *untold = plural(arena, diff->untold, "thing", "things");
    if (diff->different > 0 && diff->untold > 0)
        return arena_printf(arena, "%s; %s could not be compared.",
                            plural(arena, diff->different, "difference", "differences"), untold);
    if (diff->different > 0)
        return arena_printf(arena, "%s.", plural(arena, diff->different, "difference", "differences"));
    if (diff->damaged)
        return "No difference was found, but damaged bytes could not be compared.";
    if (diff->untold > 0)
        return arena_printf(arena, "No difference was found, but %s could not be compared.", untold);
    return settings_flag(diff->call->settings, &counts_only) ? "The same structure and the same row counts."
                                                             : "The same structure and the same content.";
}

static const char *rows_change(Arena *arena, const InventoryDifference *difference) {
    const InventoryTable *left = difference->left_table, *right = difference->right_table;
    if (left == NULL || right == NULL)
        return "";
    bool more = right->rows > left->rows;
    return arena_printf(arena, " (%s%" PRIu64 ")", more ? "+" : "-",
                        more ? right->rows - left->rows : left->rows - right->rows);
}

static const char *detail(Arena *arena, const InventoryDifference *difference) {
    switch (difference->kind) {
    case INVENTORY_ONLY_LEFT:
    case INVENTORY_ONLY_RIGHT:
        return NULL;
    case INVENTORY_ROWS:
        return arena_printf(arena, "%s -> %s%s", difference->left, difference->right, rows_change(arena, difference));
    case INVENTORY_DIGEST:
        return "as many rows, but not the same";
    case INVENTORY_COLUMNS:
        return arena_printf(arena, "%s%s%s%s%s", difference->left[0] == '\0' ? "" : "only in A: ", difference->left,
                            difference->left[0] == '\0' || difference->right[0] == '\0' ? "" : "; ",
                            difference->right[0] == '\0' ? "" : "only in B: ", difference->right);
    case INVENTORY_SEQUENCE:
    case INVENTORY_VERSION:
        return arena_printf(arena, "%s -> %s", difference->left, difference->right);
    case INVENTORY_NOT_COMPARED:
        return difference->why;
    }
    return NULL;
}

/* "IN CAPITALS" as pg_dump has it, in letters that people read. */
static const char *small(Arena *arena, const char *what) {
    char *text = arena_strdup(arena, what);
    for (char *at = text; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return text;
}

static const struct Heading {
    InventoryDifferenceKind kind;
    TerminalMark mark;
    const char *text;
} headings[] = {
    {INVENTORY_ONLY_LEFT, TERMINAL_BAD, "Only in A"},
    {INVENTORY_ONLY_RIGHT, TERMINAL_BAD, "Only in B"},
    {INVENTORY_ROWS, TERMINAL_BAD, "Number of rows (A -> B)"},
    {INVENTORY_DIGEST, TERMINAL_BAD, "Content"},
    {INVENTORY_COLUMNS, TERMINAL_BAD, "Columns"},
    {INVENTORY_SEQUENCE, TERMINAL_BAD, "Values of sequences (A -> B)"},
    {INVENTORY_VERSION, TERMINAL_BAD, "Versions (A -> B)"},
    {INVENTORY_NOT_COMPARED, TERMINAL_UNKNOWN, "Could not be compared"},
};

static void print_group(const Diff *diff, const struct Heading *heading) {
    const CommandCall *call = diff->call;
    bool any = false;
    LIST_EACH (const InventoryDifference, difference, diff->differences) {
        if (difference->kind != heading->kind)
            continue;
        if (!any)
            fprintf(call->out, "\n%s %s\n", terminal_mark(call->arena, call->terminal, heading->mark),
                    terminal_paint(call->arena, call->terminal, TERMINAL_BOLD, heading->text));
        any = true;
        const char *name = arena_printf(call->arena, "%s %s", small(call->arena, difference->what), difference->name);
        const char *more = detail(call->arena, difference);
        if (more == NULL)
            fprintf(call->out, "  %s\n", name);
        else
            terminal_entry(call->out, name, more, 40, call->terminal->width);
    }
}

static void print_text(const Diff *diff) {
    const CommandCall *call = diff->call;
    TerminalMark mark = diff->different > 0                 ? TERMINAL_BAD
                        : diff->untold > 0 || diff->damaged ? TERMINAL_UNKNOWN
                                                            : TERMINAL_GOOD;
    fprintf(call->out, "%s %s\n", terminal_mark(call->arena, call->terminal, mark),
            terminal_paint(call->arena, call->terminal, TERMINAL_BOLD, sentence(diff)));
    fprintf(call->out, "  A: %s\n  B: %s\n", diff->left.label, diff->right.label);
    for (size_t at = 0; at < sizeof(headings) / sizeof(headings[0]); at++)
        print_group(diff, &headings[at]);
    const Side *const sides[] = {&diff->left, &diff->right};
    for (size_t at = 0; at < 2; at++) {
        if (!is_damaged(sides[at]))
            continue;
        fprintf(call->out, "\n%s %s is damaged: lifeboat verify says more\n",
                terminal_mark(call->arena, call->terminal, TERMINAL_UNKNOWN), at == 0 ? "A" : "B");
        side_print_defects(call->arena, sides[at], 5, call->out);
    }
}

/* ---- for programs ---- */

static void put_side(json_t *document, const char *key, const Side *side) {
    static const char *const kinds[] = {[SIDE_BACKUP] = "backup", [SIDE_LIVE] = "live", [SIDE_SAVED] = "saved"};
    json_t *object = json_put(document, key, json_object());
    json_put_string(object, "kind", kinds[side->kind]);
    json_put_string(object, "label", side->label);
    json_put_time(object, "taken_at", side->inventory->taken_at);
    json_put_u64(object, "tables", side->inventory->tables.count);
    json_put_u64(object, "total_rows", inventory_total_rows(side->inventory));
    json_put_bool(object, "damaged", is_damaged(side));
}

static void print_json(const Diff *diff) {
    static const char *const results[] = {
        [EXIT_STATUS_OK] = "same", [EXIT_STATUS_FAIL] = "different", [EXIT_STATUS_UNKNOWN] = "unknown"};
    json_t *document = json_start(diff->call->arena, json_object());
    json_put_string(document, "schema", "lifeboat.diff/1");
    json_put_string(document, "result", results[status_of(diff)]);
    json_put_string(document, "message", sentence(diff));
    put_side(document, "a", &diff->left);
    put_side(document, "b", &diff->right);
    json_t *array = json_put(document, "differences", json_array());
    LIST_EACH (const InventoryDifference, difference, diff->differences) {
        json_t *object = json_add(array, json_object());
        json_put_string(object, "kind", kind_names[difference->kind]);
        json_put_string(object, "what", difference->what);
        json_put_string(object, "name", difference->name);
        json_put_string(object, "a", difference->left);
        json_put_string(object, "b", difference->right);
        json_put_string(object, "why", difference->why);
    }
    fprintf(diff->call->out, "%s\n", json_render(diff->call->arena, document, false));
}

static Err *run(CommandCall *call) {
    TRY(command_expect_operands(call, 2, 2));
    Diff diff = {.call = call};
    TRY(read_sides(&diff));
    compare(&diff);
    if (settings_flag(call->settings, &as_json))
        print_json(&diff);
    else
        print_text(&diff);
    *call->status = status_of(&diff);
    return NULL;
}

const Command cmd_diff = {
    .name = "diff",
    .group = COMMAND_GROUP_LOOK,
    .synopsis = "diff A B",
    .summary = "compare two backups, live databases or saved inventories",
    .detail =
        "Each of A and B is a backup (any dump), a running database (a connection string: postgresql://... or "
        "\"host=... dbname=...\"; \"service=NAME\" keeps the password out of sight), or a saved inventory "
        "(what lifeboat inspect --json or verify --json wrote).\n\n"
        "Compared are tables with the number and the content of their rows, columns, indexes, constraints, policies, "
        "triggers, views, functions, types, schemas, sequences with their values, extensions, and large objects. "
        "A live database is read in one read-only snapshot. Roles, rights and comments are not compared.\n\n"
        "The exit status is 0 when both are the same, 1 when they differ, 2 when no difference was found but something "
        "could not be compared.",
    .examples = "$ lifeboat diff app.dump service=production\nIs everything in the dump that is in the database now?\n"
                "$ lifeboat diff monday.dump tuesday.dump\nWhat changed between two backups?\n"
                "$ lifeboat diff --counts-only app.dump service=production\nWithout reading every row of the database.",
    .options = options,
    .run = run,
};
