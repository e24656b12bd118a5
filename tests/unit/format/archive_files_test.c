/* SPDX-License-Identifier: PostgreSQL */
#include "reading.h"

#include <stdio.h>

/* A fixture directory, copied file by file, so that it can be damaged. */
static const char *copy_directory(Arena *arena, const char *name) {
    const char *from = fixture(arena, name), *to = scratch_directory(arena);
    char **names;
    size_t count;
    assert_null(file_list(arena, from, &names, &count));
    for (size_t i = 0; i < count; i++) {
        Buf *bytes;
        assert_null(file_read_all(arena, file_join(arena, from, names[i]), (size_t)64 << 20, &bytes));
        write_bytes(arena, to, names[i], buf_view(bytes));
    }
    return to;
}

static Text file_bytes(Arena *arena, const char *directory, const char *name) {
    Buf *bytes;
    assert_null(file_read_all(arena, file_join(arena, directory, name), (size_t)64 << 20, &bytes));
    return buf_view(bytes);
}

/* public.appointments of the fixtures of 17. */
#define APPOINTMENTS "3561.dat"

static void lose_file(Arena *arena, const char *directory) {
    unlink(file_join(arena, directory, APPOINTMENTS ".gz"));
}

static void lose_object(Arena *arena, const char *directory) {
    unlink(file_join(arena, directory, "blob_70001.dat.gz"));
}

static void lose_object_list(Arena *arena, const char *directory) {
    unlink(file_join(arena, directory, "blobs_3579.toc"));
}

static void add_file(Arena *arena, const char *directory) {
    write_bytes(arena, directory, "notes.txt", TEXT("what is this?"));
}

static void add_directory(Arena *arena, const char *directory) {
    assert_int_equal(mkdir(file_join(arena, directory, "sub"), 0700), 0);
}

static void add_second_variant(Arena *arena, const char *directory) {
    write_bytes(arena, directory, APPOINTMENTS ".zst", file_bytes(arena, directory, APPOINTMENTS ".gz"));
}

static void empty_file(Arena *arena, const char *directory) {
    write_bytes(arena, directory, APPOINTMENTS ".gz", (Text){0});
}

static void empty_object(Arena *arena, const char *directory) {
    write_bytes(arena, directory, "blob_70001.dat.gz", (Text){0});
}

static void cut_file(Arena *arena, const char *directory) {
    Text bytes = file_bytes(arena, directory, APPOINTMENTS ".gz");
    write_bytes(arena, directory, APPOINTMENTS ".gz", text_slice(bytes, 0, bytes.length - 1));
}

static void flip_file(Arena *arena, const char *directory) {
    Text bytes = file_bytes(arena, directory, APPOINTMENTS ".gz");
    char *copy = text_dup(arena, bytes);
    copy[bytes.length / 2] ^= 1;
    write_bytes(arena, directory, APPOINTMENTS ".gz", (Text){copy, bytes.length});
}

static void append_to_file(Arena *arena, const char *directory) {
    Buf *buf = buf_new(arena, 1 << 20);
    buf_text(buf, file_bytes(arena, directory, APPOINTMENTS ".gz"));
    buf_string(buf, "x");
    write_bytes(arena, directory, APPOINTMENTS ".gz", buf_view(buf));
}

static void make_it_a_fifo(Arena *arena, const char *directory) {
    lose_file(arena, directory);
    assert_int_equal(mkfifo(file_join(arena, directory, APPOINTMENTS ".gz"), 0600), 0);
}

static void make_it_a_dangling_link(Arena *arena, const char *directory) {
    lose_file(arena, directory);
    assert_int_equal(symlink("nowhere", file_join(arena, directory, APPOINTMENTS ".gz")), 0);
}

static void swap_files(Arena *arena, const char *directory) {
    const char *one = file_join(arena, directory, APPOINTMENTS ".gz"),
               *two = file_join(arena, directory, "3555.dat.gz"), *other = file_join(arena, directory, "x");
    assert_int_equal(rename(one, other) + rename(two, one) + rename(other, two), 0);
}

static void append_to_toc(Arena *arena, const char *directory) {
    Buf *buf = buf_new(arena, 1 << 20);
    buf_text(buf, file_bytes(arena, directory, "toc.dat"));
    buf_string(buf, "x");
    write_bytes(arena, directory, "toc.dat", buf_view(buf));
}

static void damage_object_list(Arena *arena, const char *directory) {
    write_bytes(arena, directory, "blobs_3579.toc", TEXT("70001 blob_70001.dat\n70002blob_70002.dat\n"));
}

static void escape_by_object_list(Arena *arena, const char *directory) {
    write_bytes(arena, directory, "blobs_3579.toc", TEXT("70001 ../../../../../etc/passwd\n70002 blob_70002.dat\n"));
}

static void name_one_object_twice(Arena *arena, const char *directory) {
    write_bytes(arena, directory, "blobs_3579.toc", TEXT("70001 blob_70001.dat\n70002 blob_70001.dat\n"));
}

static void finds_every_damage_of_a_directory(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*damage)(Arena *arena, const char *directory);
        BackupDefectKind kind;
        const char *words;
        bool uncounted; /* appointments */
    } cases[] = {
        {"a file lost", lose_file, BACKUP_DEFECT_MISSING, "public.appointments", true},
        {"a large object lost", lose_object, BACKUP_DEFECT_MISSING, "large object 70001", false},
        {"the list of large objects lost", lose_object_list, BACKUP_DEFECT_MISSING, "blobs_3579.toc", false},
        {"a file too many", add_file, BACKUP_DEFECT_UNEXPECTED, "notes.txt", false},
        {"a directory", add_directory, BACKUP_DEFECT_UNEXPECTED, "sub", false},
        {"the same twice", add_second_variant, BACKUP_DEFECT_UNEXPECTED, APPOINTMENTS ".zst", false},
        {"a file emptied", empty_file, BACKUP_DEFECT_TRUNCATED, "public.appointments", true},
        {"a large object emptied", empty_object, BACKUP_DEFECT_TRUNCATED, "large object 70001", false},
        {"a file cut", cut_file, BACKUP_DEFECT_TRUNCATED, "public.appointments", true},
        {"a bit flipped", flip_file, BACKUP_DEFECT_DECODE, "public.appointments", true},
        {"a byte appended", append_to_file, BACKUP_DEFECT_TRUNCATED, "public.appointments", true},
        {"a FIFO", make_it_a_fifo, BACKUP_DEFECT_UNEXPECTED, "no regular file", true},
        {"a dangling link", make_it_a_dangling_link, BACKUP_DEFECT_UNEXPECTED, "no regular file", true},
        {"files swapped", swap_files, BACKUP_DEFECT_COPY, "public.appointments", false},
        {"toc.dat longer", append_to_toc, BACKUP_DEFECT_UNEXPECTED, "toc.dat", false},
        {"a damaged list", damage_object_list, BACKUP_DEFECT_HEADER, "a line of", false},
        {"a list that leads outside", escape_by_object_list, BACKUP_DEFECT_MISSING, "large object 70001", false},
        {"an object named twice", name_one_object_twice, BACKUP_DEFECT_UNEXPECTED, "second entry", false},
    };
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        Arena *arena = arena_new();
        const char *directory = copy_directory(arena, "pg17/directory");
        Reading control = read_backup(arena, directory, 2);
        assert_whole(&control);
        cases[c].damage(arena, directory);
        Reading reading = read_backup(arena, directory, 2);
        if (reading.err != NULL || find_defect(reading.backup, cases[c].kind, cases[c].words) == NULL)
            fail_msg("%s: %s", cases[c].name, defects_text(arena, &reading));
        const InventoryTable *table = inventory_find_table(reading.backup->inventory, "", "public", "appointments");
        assert_int_equal(table->count == INVENTORY_UNKNOWN, cases[c].uncounted);
        arena_free(arena);
    }
}

static void needs_its_table_of_contents(void **state) {
    (void)state;
    Arena *arena = arena_new();
    const char *directory = copy_directory(arena, "pg17/directory");
    Backup *backup;
    Text toc = file_bytes(arena, directory, "toc.dat");
    write_bytes(arena, directory, "toc.dat", text_slice(toc, 0, toc.length - 1));
    Err *err = backup_open(arena, directory, &backup);
    assert_non_null(err);
    assert_true(err_is(err, ERR_DATA));
    unlink(file_join(arena, directory, "toc.dat"));
    bool recognised = true;
    assert_null(backup_recognise(arena, directory, &recognised));
    assert_false(recognised);
    arena_free(arena);
}

/* Tar: where a member's header is. */
static size_t member_at(Text tar, const char *name) {
    for (size_t at = 0; at + 512 <= tar.length; at += 512) {
        if (strcmp(tar.at + at, name) == 0)
            return at;
    }
    fail_msg("no member %s", name);
    return 0;
}

static size_t member_length(Text tar, size_t at) {
    size_t size = (size_t)strtoull(tar.at + at + 124, NULL, 8);
    return 512 + (size + 511) / 512 * 512;
}

static Text without(Arena *arena, Text bytes, size_t from, size_t length) {
    Buf *buf = buf_new(arena, 1 << 24);
    buf_append(buf, bytes.at, from);
    buf_append(buf, bytes.at + from + length, bytes.length - from - length);
    return buf_view(buf);
}

static Text with(Arena *arena, Text bytes, size_t at, Text more) {
    Buf *buf = buf_new(arena, 1 << 24);
    buf_append(buf, bytes.at, at);
    buf_text(buf, more);
    buf_append(buf, bytes.at + at, bytes.length - at);
    return buf_view(buf);
}

static Text tar_lose(Arena *arena, Text tar) {
    size_t at = member_at(tar, APPOINTMENTS);
    return without(arena, tar, at, member_length(tar, at));
}

static Text tar_double(Arena *arena, Text tar) {
    size_t at = member_at(tar, APPOINTMENTS);
    return with(arena, tar, at, (Text){tar.at + at, member_length(tar, at)});
}

static Text tar_reorder(Arena *arena, Text tar) {
    size_t at = member_at(tar, APPOINTMENTS), length = member_length(tar, at);
    Text member = {text_dup(arena, (Text){tar.at + at, length}), length};
    return with(arena, without(arena, tar, at, length), member_at(tar, "3570.dat"), member);
}

static Text tar_flip(Arena *arena, Text tar, size_t at) {
    char *copy = text_dup(arena, tar);
    copy[at] ^= 1;
    return (Text){copy, tar.length};
}

static Text tar_flip_name(Arena *arena, Text tar) {
    return tar_flip(arena, tar, member_at(tar, APPOINTMENTS));
}

static Text tar_flip_size(Arena *arena, Text tar) {
    return tar_flip(arena, tar, member_at(tar, APPOINTMENTS) + 130);
}

static Text tar_flip_sum(Arena *arena, Text tar) {
    return tar_flip(arena, tar, member_at(tar, APPOINTMENTS) + 150);
}

static Text tar_flip_padding(Arena *arena, Text tar) {
    size_t at = member_at(tar, APPOINTMENTS);
    return tar_flip(arena, tar, at + member_length(tar, at) - 1);
}

static Text tar_cut_end(Arena *arena, Text tar) {
    return text_slice(tar, 0, tar.length - 512);
}

static Text tar_cut_both_ends(Arena *arena, Text tar) {
    return text_slice(tar, 0, tar.length - 1024);
}

static Text tar_cut_member(Arena *arena, Text tar) {
    return text_slice(tar, 0, member_at(tar, APPOINTMENTS) + 700);
}

static Text tar_cut_header(Arena *arena, Text tar) {
    return text_slice(tar, 0, member_at(tar, APPOINTMENTS) + 100);
}

static Text tar_append(Arena *arena, Text tar) {
    return with(arena, tar, tar.length, TEXT("x"));
}

static Text tar_append_blocks(Arena *arena, Text tar) {
    return with(arena, tar, tar.length, (Text){arena_alloc(arena, 9000), 9000});
}

static Text as_it_is(Arena *arena, Text tar) {
    return tar;
}

static void finds_every_damage_of_a_tar_file(void **state) {
    (void)state;
    static const struct {
        const char *name;
        Text (*damage)(Arena *arena, Text tar);
        BackupDefectKind kind;
        const char *words; /* NULL: nothing is wrong */
    } cases[] = {
        {"control", as_it_is, 0, NULL},
        {"empty blocks at the end, as GNU tar writes them", tar_append_blocks, 0, NULL},
        {"a member lost", tar_lose, BACKUP_DEFECT_MISSING, "public.appointments"},
        {"a member twice", tar_double, BACKUP_DEFECT_UNEXPECTED, "second file"},
        {"members out of order", tar_reorder, BACKUP_DEFECT_HEADER, "too early"},
        {"a name flipped", tar_flip_name, BACKUP_DEFECT_DECODE, "header is damaged"},
        {"a size flipped", tar_flip_size, BACKUP_DEFECT_DECODE, "header is damaged"},
        {"a checksum flipped", tar_flip_sum, BACKUP_DEFECT_DECODE, "header is damaged"},
        {"padding flipped", tar_flip_padding, BACKUP_DEFECT_UNEXPECTED, "padding"},
        {"one closing block", tar_cut_end, BACKUP_DEFECT_TRUNCATED, "closing"},
        {"no closing block", tar_cut_both_ends, BACKUP_DEFECT_TRUNCATED, "closing"},
        {"cut in a member", tar_cut_member, BACKUP_DEFECT_TRUNCATED, "public.appointments"},
        {"cut in a header", tar_cut_header, BACKUP_DEFECT_TRUNCATED, "closing"},
        {"bytes appended", tar_append, BACKUP_DEFECT_UNEXPECTED, "after the end"},
    };
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        Arena *arena = arena_new();
        Text tar = fixture_bytes(arena, "pg17/archive.tar");
        const char *path = write_bytes(arena, scratch_directory(arena), "damaged.tar", cases[c].damage(arena, tar));
        Reading reading = read_backup(arena, path, 2);
        if (cases[c].words == NULL)
            assert_whole(&reading);
        else if (reading.err != NULL || find_defect(reading.backup, cases[c].kind, cases[c].words) == NULL)
            fail_msg("%s: %s", cases[c].name, defects_text(arena, &reading));
        arena_free(arena);
    }
}

static void finds_every_cut_of_a_tar_file(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Text tar = fixture_bytes(arena, "pg17/archive.tar");
    const char *directory = scratch_directory(arena);
    for (size_t length = 0; length < tar.length; length += 4999) {
        Arena *work = arena_child(arena);
        const char *path = write_bytes(work, directory, "cut.tar", text_slice(tar, 0, length));
        Reading reading = read_backup(work, path, 2);
        if (reading.err != NULL ? !err_is(reading.err, ERR_DATA) : reading.backup->defects.count == 0)
            fail_msg("cut to %zu bytes: %s", length, defects_text(work, &reading));
        arena_free(work);
    }
    arena_free(arena);
}

/* The first member's header has a clock in UTC, so the zone of the dumping host is known. */
static void a_tar_file_knows_its_time_zone(void **state) {
    (void)state;
    static const struct {
        int64_t begun; /* by the header of toc.dat, in seconds after the local time */
        const char *taken;
    } cases[] = {
        {0, "2026-11-23T07:06:56Z"},
        {7200 + 31, "2026-11-23T09:06:56Z"},            /* two hours west */
        {-5 * 3600 - 1800 + 2, "2026-11-23T01:36:56Z"}, /* five and a half hours east */
        {90 * 3600, "2026-11-23T07:06:56Z"},            /* no zone explains that */
    };
    Arena *arena = arena_new();
    Text tar = fixture_bytes(arena, "pg17/archive.tar");
    const char *directory = scratch_directory(arena);
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        Time local;
        assert_true(time_parse(TEXT("2026-11-23T07:06:56Z"), &local));
        char *copy = text_dup(arena, tar), octal[16];
        snprintf(octal, sizeof(octal), "%011llo ", (unsigned long long)(local / TIME_SECOND + cases[c].begun));
        memcpy(copy + 136, octal, 12);
        memset(copy + 148, ' ', 8);
        unsigned sum = 0;
        for (size_t i = 0; i < 512; i++)
            sum += (unsigned char)copy[i];
        snprintf(octal, sizeof(octal), "%07o ", sum);
        memcpy(copy + 148, octal, 8);
        Backup *backup;
        assert_null(backup_open(arena, write_bytes(arena, directory, "x.tar", (Text){copy, tar.length}), &backup));
        assert_string_equal(time_text(arena, backup->taken_at), cases[c].taken);
    }
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_every_damage_of_a_directory), cmocka_unit_test(needs_its_table_of_contents),
        cmocka_unit_test(finds_every_damage_of_a_tar_file),  cmocka_unit_test(finds_every_cut_of_a_tar_file),
        cmocka_unit_test(a_tar_file_knows_its_time_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
