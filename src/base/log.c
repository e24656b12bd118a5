/* SPDX-License-Identifier: PostgreSQL */
#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"

/* A value longer than this is cut: a log line is not a place for a file. */
enum { LOG_LONGEST = 4096 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    FILE *stream; /* NULL: standard error */
    LogLevel level;
    bool json;
    char run_id[64];
} logger = {.level = LOG_WARNING};

static const char *const level_names[] = {"debug", "info", "warning", "error"};

void log_start(FILE *stream, LogLevel level, LogFormat format) {
    pthread_mutex_lock(&lock);
    logger.stream = stream;
    logger.level = level;
    logger.json = format == LOG_FORMAT_JSON || (format == LOG_FORMAT_AUTO && !isatty(fileno(stream)));
    pthread_mutex_unlock(&lock);
}

void log_run_id(const char *run_id) {
    pthread_mutex_lock(&lock);
    snprintf(logger.run_id, sizeof(logger.run_id), "%s", run_id == NULL ? "" : run_id);
    pthread_mutex_unlock(&lock);
}

static const char *stamp(Arena *scratch) {
    /* The real clock, also when a rehearsal overrides time_now: a log says when things happened. */
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    const char *text = time_text(scratch, (Time)now.tv_sec * TIME_SECOND);
    return arena_printf(scratch, "%.19s.%03ldZ", text, now.tv_nsec / 1000000);
}

static const char *logfmt_value(Arena *scratch, const char *value) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:+@%,";
    Text text = text_of(value);
    if (text.length > 0 && text.length <= LOG_LONGEST && strspn(value, plain) == text.length)
        return value;
    return text_quote(scratch, text, LOG_LONGEST);
}

static void render_logfmt(Arena *scratch, Buf *line, LogLevel level, const char *message, va_list fields) {
    buf_printf(line, "time=%s level=%s msg=%s", stamp(scratch), level_names[level], logfmt_value(scratch, message));
    if (logger.run_id[0] != '\0')
        buf_printf(line, " run_id=%s", logfmt_value(scratch, logger.run_id));
    for (const char *name = va_arg(fields, const char *); name != NULL; name = va_arg(fields, const char *)) {
        const char *value = va_arg(fields, const char *);
        buf_printf(line, " %s=%s", name, logfmt_value(scratch, value == NULL ? "" : value));
    }
}

static void render_json(Arena *scratch, Buf *line, LogLevel level, const char *message, va_list fields) {
    json_t *object = json_start(scratch, json_object());
    json_put_string(object, "time", stamp(scratch));
    json_put_string(object, "level", level_names[level]);
    json_put_string(object, "message", message);
    if (logger.run_id[0] != '\0')
        json_put_string(object, "run_id", logger.run_id);
    for (const char *name = va_arg(fields, const char *); name != NULL; name = va_arg(fields, const char *)) {
        Text value = text_of(va_arg(fields, const char *));
        json_put_text(object, name, text_slice(value, 0, LOG_LONGEST));
    }
    buf_string(line, json_render(scratch, object, true));
}

static void log_line(LogLevel level, const char *message, va_list fields) {
    pthread_mutex_lock(&lock);
    if (level >= logger.level) {
        Arena *scratch = arena_new();
        Buf *line = buf_new(scratch, 1 << 20);
        if (logger.json)
            render_json(scratch, line, level, message, fields);
        else
            render_logfmt(scratch, line, level, message, fields);
        buf_byte(line, '\n');
        FILE *stream = logger.stream == NULL ? stderr : logger.stream;
        fwrite(line->at, 1, line->length, stream);
        fflush(stream);
        arena_free(scratch);
    }
    pthread_mutex_unlock(&lock);
}

void log_debug(const char *message, ...) {
    va_list fields;
    va_start(fields, message);
    log_line(LOG_DEBUG, message, fields);
    va_end(fields);
}

void log_info(const char *message, ...) {
    va_list fields;
    va_start(fields, message);
    log_line(LOG_INFO, message, fields);
    va_end(fields);
}

void log_warning(const char *message, ...) {
    va_list fields;
    va_start(fields, message);
    log_line(LOG_WARNING, message, fields);
    va_end(fields);
}

void log_error(const char *message, ...) {
    va_list fields;
    va_start(fields, message);
    log_line(LOG_ERROR, message, fields);
    va_end(fields);
}
