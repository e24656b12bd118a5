/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_BASE_LOG_H
#define LIFEBOAT_BASE_LOG_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Log: what the program does, for operators, on standard error; results go to standard output and are not logged.
 * logfmt when the stream is a terminal, one JSON object a line otherwise (LogFormat overrides). Each line has time
 * (RFC 3339 UTC, ms), level and message; fields are name/value pairs ended by NULL. Values are escaped: bytes from
 * outside cannot forge lines. Never pass a secret.
 *
 *     log_info("backup read", "path", path, "seconds", seconds_text, NULL);
 *
 * Thread-safe. Before log_start, level is LOG_WARNING and the stream stderr.
 */
typedef enum LogLevel { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR } LogLevel;
typedef enum LogFormat { LOG_FORMAT_AUTO, LOG_FORMAT_LOGFMT, LOG_FORMAT_JSON } LogFormat;

void log_start(FILE *stream, LogLevel level, LogFormat format);
/* Added to every later line; the string is copied. */
void log_run_id(const char *run_id);
void log_debug(const char *message, ...) __attribute__((sentinel));
void log_info(const char *message, ...) __attribute__((sentinel));
void log_warning(const char *message, ...) __attribute__((sentinel));
void log_error(const char *message, ...) __attribute__((sentinel));

#endif
