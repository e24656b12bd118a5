/* SPDX-License-Identifier: PostgreSQL */
#include "reading.h"

#include "format/script_guess.h"

static void tells_scripts_from_prose(void **state) {
    (void)state;
    static const struct {
        const char *head;
        bool script;
    } rows[] = {
        {"--\n-- PostgreSQL database dump\n--\n", true},
        {"--\r\n-- PostgreSQL database dump\r\n--\r\n", true},
        {"\xEF\xBB\xBF--\n-- PostgreSQL database cluster dump\n--\n", true},
        {"\n\n\\restrict abc\n", true},
        {"\\connect app\n", true},
        {"-- my own dump\nSET statement_timeout = 0;\n", true},
        {"SET session_replication_role = replica;\n", true},
        {"SET SESSION AUTHORIZATION 'x';", true},
        {"SET \"pgaudit\".\"log\" TO 'all';", true},
        {"SELECT pg_catalog.set_config('search_path', '', false);", true},
        {"create table x (a int);", true},
        {"CREATE OR REPLACE FUNCTION f() ...", true},
        {"CREATE ROLE \"anon\";", true},
        {"ALTER ROLE \"anon\" SET \"statement_timeout\" TO '3s';", true},
        {"COPY public.t (a, b) FROM stdin;\n1\t2\n", true},
        {"INSERT INTO \"t\" VALUES (1);", true},
        {"BEGIN;\n", true},
        {"DROP TABLE IF EXISTS x;", true},
        {"GRANT", false},
        {"", false},
        {"Set the table and wait.", false},
        {"Select your language", false},
        {"SELECT a book from the shelf", false},
        {"Create a new account to go on", false},
        {"Copy this text to your friends", false},
        {"Insert coin", false},
        {"Begin at the beginning", false},
        {"Comment: nothing", false},
        {"Dear Sir or Madam,\n", false},
        {"# a shell script\nset -e\n", false},
        {"#!/bin/sh\npg_dump app\n", false},
        {"id,name\n1,x\n", false},
        {"-- just\n-- comments\n", false},
        {"\\documentclass{article}\n", false},
        {"{\"a\": 1}", false},
    };
    for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++)
        if (script_guess(text_of(rows[at].head)) != rows[at].script)
            fail_msg("%s", rows[at].head);
    assert_false(script_guess((Text){"SET\0 a = 1;", 11}));
    assert_true(script_guess((Text){"--\n-- PostgreSQL database dump\n--\n\0", 36}));
}

static void says_what_strangers_are(void **state) {
    (void)state;
    const struct {
        Text bytes;
        ErrKind kind;
        const char *words;
    } rows[] = {
        {TEXT("pg_dump: error: connection to server failed\n"), ERR_DATA, "error message of pg_dump"},
        {TEXT("<!DOCTYPE html><html>"), ERR_DATA, "HTML"},
        {TEXT("<?xml version=\"1.0\"?><Error><Code>AccessDenied"), ERR_DATA, "XML"},
        {TEXT("{\"message\":\"Unauthorized\"}"), ERR_DATA, "JSON"},
        {TEXT("\xFF\xFE-\0-\0"), ERR_DATA, "UTF-16"},
        {TEXT("-- MySQL dump 10.13\nCREATE TABLE `x` (a int);\n"), ERR_DATA, "MySQL"},
        {TEXT("-----BEGIN PGP MESSAGE-----\n"), ERR_UNSUPPORTED, "encrypted"},
        {TEXT("age-encryption.org/v1\n"), ERR_UNSUPPORTED, "encrypted"},
        {TEXT("BZh91AY&SY"), ERR_UNSUPPORTED, "bzip2"},
        {TEXT("PK\x03\x04xxxx"), ERR_UNSUPPORTED, "ZIP"},
        {TEXT("just some text\n"), ERR_DATA, "no PostgreSQL backup that lifeboat knows"},
    };
    Arena *arena = arena_new();
    const char *directory = scratch_directory(arena);
    for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
        Backup *backup;
        const char *path = write_bytes(arena, directory, "x.sql", rows[at].bytes);
        Err *err = backup_open(arena, path, &backup);
        if (err == NULL || err->kind != rows[at].kind || strstr(err_text(arena, err), rows[at].words) == NULL)
            fail_msg("%s: %s", rows[at].words, err == NULL ? "opened" : err_text(arena, err));
        bool recognised = true;
        assert_null(backup_recognise(arena, path, &recognised));
        assert_false(recognised);
    }
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(tells_scripts_from_prose),
                                       cmocka_unit_test(says_what_strangers_are)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
