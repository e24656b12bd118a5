/* SPDX-License-Identifier: PostgreSQL */
#include "pg/sql.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "pg/lexis.h"
#include "pg/token.h"
#include "pg/values.h"

/*
 * A state machine over bytes, so that a chunk may end anywhere: what a byte means depends on the state only, never on
 * bytes behind it. Each state has a function that takes as many bytes as it can.
 */
typedef enum State {
    NORMAL,        /* between tokens, or between statements when none has begun */
    WORD,          /* in an unquoted identifier */
    NUMBER,        /* behind a digit: letters belong to it */
    DASH,          /* behind one '-' */
    SLASH,         /* behind one '/' */
    DOLLAR,        /* behind '$' and perhaps some letters: a tag? */
    STRING,        /* 'x' without backslash escapes */
    ESCAPE_STRING, /* E'x', or 'x' when standard_conforming_strings is off */
    ESCAPED,       /* behind its backslash */
    ESCAPE_END,    /* behind its closing quote: another quote continues it */
    NAME,          /* "x" */
    DOLLAR_BODY,
    BLOCK_COMMENT,
    LINE_COMMENT, /* -- inside a statement */
    COMMENT_LINE, /* -- between statements: kept */
    COMMAND_LINE, /* backslash command: kept */
    COPY_LINE,    /* rest of the line of a COPY ... FROM stdin: kept */
    COPY_DATA,
    STATES,
} State;

enum { WORD_MAXIMUM = 24, TAG_MAXIMUM = 256 };

typedef enum FirstWord { FIRST_OTHER, FIRST_CREATE, FIRST_COPY, FIRST_SET } FirstWord;

struct Sql {
    SqlSink sink;
    State state;
    bool standard;     /* standard_conforming_strings */
    const char *chunk; /* what is being fed, and where it stands in the script */
    uint64_t base;

    /* the statement */
    bool begun;
    uint64_t start;
    Buf *kept;        /* its bytes from earlier chunks */
    const char *mark; /* its bytes from here on are in this chunk; NULL when none are kept */
    bool keeping;     /* its bytes; not the rows of an INSERT */
    bool dropped;     /* some bytes did not fit into `kept` */
    uint64_t parens;
    uint64_t words; /* before this one */
    FirstWord first;
    bool routine;    /* CREATE [OR REPLACE] FUNCTION or PROCEDURE: BEGIN ATOMIC may come */
    bool begin;      /* the last word was BEGIN */
    uint64_t blocks; /* open BEGIN ATOMIC and CASE */

    Values values;      /* of an INSERT */
    bool whole;         /* INSERTs are kept whole */
    size_t head_length; /* of one that is being kept */

    /* the token */
    char word[WORD_MAXIMUM]; /* lower case; what is longer is none that matters */
    size_t word_length;
    bool continues, newline; /* an escape string ended, and since then a newline stood: a quote continues it */
    char tag[TAG_MAXIMUM];
    size_t tag_length, matched;
    uint64_t depth; /* of block comments */
    char previous;

    Buf *line;
    uint64_t line_start;

    bool nul;
    uint64_t nul_offset;
};

static uint64_t offset_of(const Sql *sql, const char *at) {
    return sql->base + (uint64_t)(at - sql->chunk);
}

/* ---- keeping a statement's bytes ---- */

/* Appends what fits: the outcome must not depend on how the bytes were cut into chunks. */
static void keep(Sql *sql, const char *from, size_t length) {
    size_t room = SQL_STATEMENT_MAXIMUM - sql->kept->length;
    sql->dropped = sql->dropped || length > room;
    buf_append(sql->kept, from, length < room ? length : room);
}

static void save(Sql *sql, const char *upto) {
    if (sql->mark != NULL)
        keep(sql, sql->mark, (size_t)(upto - sql->mark));
    sql->mark = sql->mark == NULL ? NULL : upto;
}

static void begin(Sql *sql, const char *at) {
    sql->begun = sql->keeping = true;
    sql->start = offset_of(sql, at);
    sql->mark = at;
    buf_clear(sql->kept);
}

/* The statement began one byte ago, perhaps in an earlier chunk. */
static void begin_behind(Sql *sql, const char *at, char byte) {
    begin(sql, at);
    sql->start--;
    keep(sql, &byte, 1);
}

static void forget(Sql *sql) {
    sql->begun = false;
    sql->mark = NULL;
    sql->dropped = false;
    sql->parens = sql->words = sql->blocks = 0;
    sql->first = FIRST_OTHER;
    sql->routine = sql->begin = sql->continues = sql->newline = false;
    sql->values = (Values){0};
    sql->head_length = 0;
}

/* The statement up to here. Its text lies in the chunk when all of it does. */
static SqlStatement statement_to(Sql *sql, const char *at) {
    SqlStatement statement = {.offset = sql->start, .length = offset_of(sql, at) - sql->start};
    if (sql->kept->length == 0 && sql->mark != NULL) {
        statement.text = (Text){.at = sql->mark, .length = (size_t)(at - sql->mark)};
        statement.oversized = statement.text.length > SQL_STATEMENT_MAXIMUM;
        statement.text = text_slice(statement.text, 0, SQL_STATEMENT_MAXIMUM);
        return statement;
    }
    save(sql, at);
    statement.text = buf_view(sql->kept);
    statement.oversized = sql->dropped;
    return statement;
}

/* ---- what a statement says to the splitter ---- */

bool sql_copies_in(Text statement, bool standard_strings) {
    Tokens tokens = token_start(statement, standard_strings);
    if (!token_accept(&tokens, "copy") || token_accept_symbol(&tokens, '('))
        return false;
    uint64_t depth = 0;
    for (Token token = token_next(&tokens); token.kind != TOKEN_END; token = token_next(&tokens)) {
        depth += token_is_symbol(&token, '(') ? 1 : 0;
        depth -= token_is_symbol(&token, ')') && depth > 0 ? 1 : 0;
        if (depth == 0 && token_is(&token, "from"))
            return token_accept(&tokens, "stdin") || token_accept(&tokens, "stdout");
        if (depth == 0 && token_is(&token, "to"))
            return false;
    }
    return false;
}

/* SET [SESSION | LOCAL] standard_conforming_strings { = | TO } { on | off | 'off' | ... } */
static void apply_set(Sql *sql, Text statement) {
    Tokens tokens = token_start(statement, sql->standard);
    token_accept(&tokens, "set");
    if (!token_accept(&tokens, "session"))
        token_accept(&tokens, "local");
    if (!token_accept(&tokens, "standard_conforming_strings"))
        return;
    if (!token_accept(&tokens, "to"))
        token_accept_symbol(&tokens, '=');
    Token value = token_next(&tokens);
    Text word = value.kind == TOKEN_STRING ? text_slice(value.raw, 1, value.raw.length - 1) : value.raw;
    Token bare = {.kind = TOKEN_WORD, .raw = word};
    sql->standard =
        !(token_is(&bare, "off") || token_is(&bare, "false") || token_is(&bare, "no") || token_is(&bare, "0"));
}

static Err *end_insert(Sql *sql, const SqlStatement *head) {
    const Values *values = &sql->values;
    SqlInsert insert = {.head = *head,
                        .whole = sql->whole ? head->text : (Text){0},
                        .query = values->phase == VALUES_QUERY,
                        .counted = values_counted(values),
                        .rows = values->rows,
                        .narrowest = values->narrowest,
                        .widest = values->widest};
    if (sql->head_length > 0)
        insert.head.text = text_slice(head->text, 0, sql->head_length);
    return sql->sink.insert(sql->sink.context, &insert);
}

static Err *end_statement(Sql *sql, const char *at) {
    SqlStatement statement = statement_to(sql, at);
    if (sql->values.phase != VALUES_NONE) {
        TRY(end_insert(sql, &statement));
    } else {
        if (sql->first == FIRST_SET)
            apply_set(sql, statement.text);
        TRY(sql->sink.statement(sql->sink.context, &statement));
        if (sql->first == FIRST_COPY && sql_copies_in(statement.text, sql->standard)) {
            sql->state = COPY_LINE;
            buf_clear(sql->line);
        }
    }
    forget(sql);
    return NULL;
}

/* Called for every word of the script: the lengths are constants. */
static inline bool word_is(const Sql *sql, Text word) {
    return sql->word_length == word.length && memcmp(sql->word, word.at, word.length) == 0;
}

static void first_word(Sql *sql) {
    sql->first = word_is(sql, TEXT("create")) ? FIRST_CREATE
                 : word_is(sql, TEXT("copy")) ? FIRST_COPY
                 : word_is(sql, TEXT("set"))  ? FIRST_SET
                                              : FIRST_OTHER;
    if (word_is(sql, TEXT("insert")))
        sql->values = values_start();
}

/* Semicolons inside a BEGIN ATOMIC ... END body do not end CREATE FUNCTION. CASE ends with END too. */
static void routine_word(Sql *sql) {
    bool opening = sql->words == 1 || (sql->words == 3 && !sql->routine);
    if (opening && sql->first == FIRST_CREATE && (word_is(sql, TEXT("function")) || word_is(sql, TEXT("procedure"))))
        sql->routine = true;
    if (!sql->routine || sql->parens > 0)
        return;
    if (sql->blocks == 0)
        sql->blocks = sql->begin && word_is(sql, TEXT("atomic")) ? 1 : 0;
    else if (word_is(sql, TEXT("case")))
        sql->blocks++;
    else if (word_is(sql, TEXT("end")))
        sql->blocks--;
    sql->begin = word_is(sql, TEXT("begin"));
}

/* Behind VALUES: what was kept is the head, without that word, and the rows are not kept. */
static void start_rows(Sql *sql, const char *at) {
    save(sql, at);
    if (sql->whole) {
        sql->head_length = sql->dropped ? 0 : sql->kept->length - sql->word_length;
        return;
    }
    sql->mark = NULL;
    sql->keeping = false;
    if (sql->dropped)
        return;
    sql->kept->length -= sql->word_length;
    sql->kept->at[sql->kept->length] = '\0';
}

/* An unquoted word ends before `at`. */
static void end_word(Sql *sql, const char *at) {
    Text word = {.at = sql->word, .length = sql->word_length > WORD_MAXIMUM ? 0 : sql->word_length};
    if (sql->words == 0)
        first_word(sql);
    else if (sql->values.phase == VALUES_NONE)
        routine_word(sql);
    else if (values_word(&sql->values, word, sql->parens))
        start_rows(sql, at);
    sql->words++;
}

/* ---- tokens ---- */

/* A token begins that is neither a word nor a parenthesis or comma. */
static void token(Sql *sql, const char *at) {
    if (!sql->begun)
        begin(sql, at);
    sql->continues = false;
    values_token(&sql->values, sql->parens);
}

static void punctuation(Sql *sql, const char *at, LexisClass class) {
    if (!sql->begun)
        begin(sql, at);
    sql->continues = false;
    if (class == LEXIS_COMMA) {
        values_comma(&sql->values, sql->parens);
    } else if (class == LEXIS_OPEN) {
        values_open(&sql->values, sql->parens);
        sql->parens++;
    } else {
        values_close(&sql->values, sql->parens);
        sql->parens -= sql->parens > 0 ? 1 : 0;
    }
}

static void quote(Sql *sql, const char *at) {
    bool escapes = !sql->standard || (sql->continues && sql->newline);
    token(sql, at);
    sql->state = escapes ? ESCAPE_STRING : STRING;
}

static void letter(Sql *sql, const char *at) {
    if (!sql->begun)
        begin(sql, at);
    sql->continues = false;
    sql->word_length = 0;
    sql->state = WORD;
}

static void command(Sql *sql, const char *at) {
    save(sql, at);
    sql->mark = NULL;
    sql->line_start = offset_of(sql, at);
    buf_clear(sql->line);
    sql->state = COMMAND_LINE;
}

/* One byte that is neither white space nor a semicolon, in state NORMAL. The byte is taken unless the state is WORD or
 * COMMAND_LINE now. */
static void normal_byte(Sql *sql, const char *at, LexisClass class) {
    switch (class) {
    case LEXIS_LETTER:
        letter(sql, at);
        break;
    case LEXIS_DIGIT:
        token(sql, at);
        sql->state = NUMBER;
        break;
    case LEXIS_QUOTE:
        quote(sql, at);
        break;
    case LEXIS_NAME_QUOTE:
        token(sql, at);
        sql->state = NAME;
        break;
    case LEXIS_OPEN:
    case LEXIS_CLOSE:
    case LEXIS_COMMA:
        punctuation(sql, at, class);
        break;
    case LEXIS_MINUS:
        sql->state = DASH;
        break;
    case LEXIS_SLASH:
        sql->state = SLASH;
        break;
    case LEXIS_DOLLAR:
        token(sql, at);
        sql->tag_length = 0;
        sql->state = DOLLAR;
        break;
    case LEXIS_BACKSLASH:
        command(sql, at);
        break;
    default:
        token(sql, at);
        break;
    }
}

static Err *in_normal(Sql *sql, const char **at, const char *end) {
    const char *here = *at;
    while (here < end && sql->state == NORMAL) {
        LexisClass class = lexis_class(*here);
        if (class == LEXIS_NEWLINE) {
            sql->newline = true;
        } else if (class == LEXIS_SEMICOLON && sql->parens == 0 && sql->blocks == 0) {
            if (sql->begun)
                TRY(end_statement(sql, here));
        } else if (class != LEXIS_SPACE) {
            normal_byte(sql, here, class);
            if (sql->state == WORD || sql->state == COMMAND_LINE)
                break;
        }
        here++;
    }
    *at = here;
    return NULL;
}

static Err *in_word(Sql *sql, const char **at, const char *end) {
    const char *here = *at;
    for (; here < end; here++) {
        if (!lexis_in_word(*here))
            break;
        if (sql->word_length < WORD_MAXIMUM)
            sql->word[sql->word_length] = lexis_lower(*here);
        sql->word_length++;
    }
    *at = here;
    if (here == end)
        return NULL;
    sql->state = NORMAL;
    bool escapes = word_is(sql, TEXT("e"));
    if (*here == '\'' && (escapes || word_is(sql, TEXT("b")) || word_is(sql, TEXT("x")))) {
        token(sql, here);
        sql->state = escapes ? ESCAPE_STRING : STRING;
        (*at)++;
        return NULL;
    }
    end_word(sql, here);
    return NULL;
}

static Err *in_number(Sql *sql, const char **at, const char *end) {
    const char *here = *at;
    while (here < end && (lexis_class(*here) == LEXIS_DIGIT || lexis_class(*here) == LEXIS_LETTER || *here == '.'))
        here++;
    if (here < end)
        sql->state = NORMAL;
    *at = here;
    return NULL;
}

static Err *in_dash(Sql *sql, const char **at, const char *end) {
    (void)end;
    if (**at != '-') {
        if (!sql->begun)
            begin_behind(sql, *at, '-');
        token(sql, *at);
        sql->state = NORMAL;
        return NULL;
    }
    if (sql->begun) {
        sql->state = LINE_COMMENT;
    } else {
        sql->state = COMMENT_LINE;
        sql->line_start = offset_of(sql, *at) - 1;
        buf_clear(sql->line);
        buf_string(sql->line, "--");
    }
    (*at)++;
    return NULL;
}

static Err *in_slash(Sql *sql, const char **at, const char *end) {
    (void)end;
    if (**at == '*') {
        sql->state = BLOCK_COMMENT;
        sql->continues = false;
        sql->depth = 1;
        sql->previous = '\0';
        (*at)++;
        return NULL;
    }
    if (!sql->begun)
        begin_behind(sql, *at, '/');
    token(sql, *at);
    sql->state = NORMAL;
    return NULL;
}

/* Letters behind a '$' that turn out to be no tag are an ordinary word. */
static void no_tag(Sql *sql) {
    sql->state = sql->tag_length == 0 ? NORMAL : WORD;
    sql->word_length = sql->tag_length;
    for (size_t at = 0; at < sql->tag_length && at < WORD_MAXIMUM; at++)
        sql->word[at] = lexis_lower(sql->tag[at]);
}

static Err *in_dollar(Sql *sql, const char **at, const char *end) {
    for (; *at < end; (*at)++) {
        LexisClass class = lexis_class(**at);
        if (class == LEXIS_DOLLAR) {
            sql->state = DOLLAR_BODY;
            sql->matched = 0;
            (*at)++;
            return NULL;
        }
        bool in_tag = class == LEXIS_LETTER || (class == LEXIS_DIGIT && sql->tag_length > 0);
        if (!in_tag || sql->tag_length == TAG_MAXIMUM) {
            no_tag(sql);
            return NULL;
        }
        sql->tag[sql->tag_length++] = **at;
    }
    return NULL;
}

static Err *in_dollar_body(Sql *sql, const char **at, const char *end) {
    const char *here = *at;
    while (here < end) {
        if (sql->matched == 0) {
            const char *dollar = memchr(here, '$', (size_t)(end - here));
            here = dollar == NULL ? end : dollar + 1;
            sql->matched = dollar == NULL ? 0 : 1;
            continue;
        }
        char expected = sql->matched <= sql->tag_length ? sql->tag[sql->matched - 1] : '$';
        sql->matched = *here == expected ? sql->matched + 1 : *here == '$' ? 1 : 0;
        here++;
        if (sql->matched == sql->tag_length + 2) {
            sql->state = NORMAL;
            break;
        }
    }
    *at = here;
    return NULL;
}

/* Moves behind the next such byte; true when there was one. */
static bool skip_to(const char **at, const char *end, char byte) {
    const char *found = memchr(*at, byte, (size_t)(end - *at));
    *at = found == NULL ? end : found + 1;
    return found != NULL;
}

static Err *in_string(Sql *sql, const char **at, const char *end) {
    if (skip_to(at, end, '\''))
        sql->state = NORMAL;
    return NULL;
}

static Err *in_name(Sql *sql, const char **at, const char *end) {
    if (skip_to(at, end, '"'))
        sql->state = NORMAL;
    return NULL;
}

static Err *in_escape_string(Sql *sql, const char **at, const char *end) {
    const char *here = *at;
    while (here < end && *here != '\'' && *here != '\\')
        here++;
    if (here < end)
        sql->state = *here++ == '\'' ? ESCAPE_END : ESCAPED;
    *at = here;
    return NULL;
}

static Err *in_escaped(Sql *sql, const char **at, const char *end) {
    (void)end;
    (*at)++;
    sql->state = ESCAPE_STRING;
    return NULL;
}

static Err *in_escape_end(Sql *sql, const char **at, const char *end) {
    (void)end;
    if (**at == '\'') {
        (*at)++;
        sql->state = ESCAPE_STRING;
        return NULL;
    }
    sql->continues = true;
    sql->newline = false;
    sql->state = NORMAL;
    return NULL;
}

static Err *in_block_comment(Sql *sql, const char **at, const char *end) {
    const char *here = *at;
    while (here < end && sql->depth > 0) {
        char byte = *here++;
        bool opens = sql->previous == '/' && byte == '*', closes = sql->previous == '*' && byte == '/';
        sql->depth += opens ? 1 : 0;
        sql->depth -= closes ? 1 : 0;
        sql->previous = (char)(opens || closes ? '\0' : byte);
    }
    if (sql->depth == 0)
        sql->state = NORMAL;
    *at = here;
    return NULL;
}

static const char *line_end(const char *at, const char *end) {
    while (at < end && *at != '\n' && *at != '\r')
        at++;
    return at;
}

static Err *in_line_comment(Sql *sql, const char **at, const char *end) {
    *at = line_end(*at, end);
    if (*at < end)
        sql->state = NORMAL;
    return NULL;
}

/* Keeps what fits of a line. */
static void keep_line(Sql *sql, const char *from, const char *to) {
    size_t length = (size_t)(to - from), room = SQL_LINE_MAXIMUM - sql->line->length;
    buf_append(sql->line, from, length < room ? length : room);
}

static SqlStatement line_of(const Sql *sql, const char *at) {
    uint64_t length = offset_of(sql, at) - sql->line_start;
    return (SqlStatement){.text = buf_view(sql->line),
                          .oversized = length > SQL_LINE_MAXIMUM,
                          .length = length,
                          .offset = sql->line_start};
}

static Err *end_comment(Sql *sql, const char *at) {
    SqlStatement line = line_of(sql, at);
    sql->state = NORMAL;
    return sql->sink.comment(sql->sink.context, &line);
}

static Err *in_comment_line(Sql *sql, const char **at, const char *end) {
    const char *stop = line_end(*at, end);
    keep_line(sql, *at, stop);
    *at = stop;
    return stop < end ? end_comment(sql, stop) : NULL;
}

static Err *end_command(Sql *sql, const char *at) {
    SqlStatement line = line_of(sql, at);
    sql->state = NORMAL;
    return sql->sink.command(sql->sink.context, &line, sql->begun);
}

static Err *in_command_line(Sql *sql, const char **at, const char *end) {
    const char *stop = line_end(*at, end);
    keep_line(sql, *at, stop);
    *at = stop;
    if (stop == end)
        return NULL;
    sql->mark = sql->begun && sql->keeping ? stop : NULL;
    return end_command(sql, stop);
}

static Err *end_copy_line(Sql *sql, const char *at) {
    SqlStatement line = line_of(sql, at);
    sql->state = COPY_DATA;
    line.text = text_trim(line.text);
    return line.text.length == 0 ? NULL : sql->sink.command(sql->sink.context, &line, true);
}

static Err *in_copy_line(Sql *sql, const char **at, const char *end) {
    const char *newline = memchr(*at, '\n', (size_t)(end - *at));
    const char *stop = newline == NULL ? end : newline;
    if (sql->line->length == 0)
        sql->line_start = offset_of(sql, *at);
    keep_line(sql, *at, stop);
    *at = newline == NULL ? end : newline + 1;
    return newline == NULL ? NULL : end_copy_line(sql, stop);
}

static Err *in_copy_data(Sql *sql, const char **at, const char *end) {
    size_t length = (size_t)(end - *at), used = 0;
    bool ended = false;
    TRY(sql->sink.copy(sql->sink.context, (Text){.at = *at, .length = length}, &used, &ended));
    assert(ended ? used <= length : used == length);
    *at += used;
    if (ended)
        sql->state = NORMAL;
    return NULL;
}

typedef Err *(*Step)(Sql *sql, const char **at, const char *end);

static const Step steps[STATES] = {
    [NORMAL] = in_normal,
    [WORD] = in_word,
    [NUMBER] = in_number,
    [DASH] = in_dash,
    [SLASH] = in_slash,
    [DOLLAR] = in_dollar,
    [STRING] = in_string,
    [ESCAPE_STRING] = in_escape_string,
    [ESCAPED] = in_escaped,
    [ESCAPE_END] = in_escape_end,
    [NAME] = in_name,
    [DOLLAR_BODY] = in_dollar_body,
    [BLOCK_COMMENT] = in_block_comment,
    [LINE_COMMENT] = in_line_comment,
    [COMMENT_LINE] = in_comment_line,
    [COMMAND_LINE] = in_command_line,
    [COPY_LINE] = in_copy_line,
    [COPY_DATA] = in_copy_data,
};

/* ---- the whole ---- */

Sql *sql_new(Arena *arena, const SqlSink *sink) {
    Sql *sql = ARENA_NEW(arena, Sql);
    *sql = (Sql){.sink = *sink, .standard = true};
    sql->kept = buf_new(arena, SQL_STATEMENT_MAXIMUM);
    sql->line = buf_new(arena, SQL_LINE_MAXIMUM);
    return sql;
}

void sql_keep_inserts(Sql *sql) {
    sql->whole = true;
}

void sql_standard_strings(Sql *sql, bool on) {
    sql->standard = on;
}

/* Remembers the first NUL of bytes that are SQL. */
static void look_for_nul(Sql *sql, const char *from, const char *to) {
    const char *nul = sql->nul || from == to ? NULL : memchr(from, '\0', (size_t)(to - from));
    if (nul == NULL)
        return;
    sql->nul = true;
    sql->nul_offset = offset_of(sql, nul);
}

Err *sql_feed(Sql *sql, Text bytes) {
    if (bytes.length == 0)
        return NULL;
    const char *at = bytes.at, *end = bytes.at + bytes.length, *script = at;
    sql->chunk = at;
    sql->mark = sql->begun && sql->keeping && sql->state != COMMAND_LINE ? at : NULL;
    while (at < end) {
        const char *before = at;
        bool data = sql->state == COPY_DATA;
        if (data)
            look_for_nul(sql, script, before);
        TRY(steps[sql->state](sql, &at, end));
        if (data)
            script = at;
    }
    look_for_nul(sql, script, end);
    save(sql, end);
    sql->mark = NULL;
    sql->base += bytes.length;
    sql->chunk = NULL;
    return NULL;
}

static SqlOpen open_of(const Sql *sql) {
    switch (sql->state) {
    case STRING:
    case ESCAPE_STRING:
    case ESCAPED:
        return SQL_OPEN_STRING;
    case NAME:
        return SQL_OPEN_NAME;
    case DOLLAR_BODY:
        return SQL_OPEN_DOLLAR;
    case BLOCK_COMMENT:
        return SQL_OPEN_COMMENT;
    case COPY_LINE:
    case COPY_DATA:
        return SQL_OPEN_COPY;
    default:
        return sql->begun ? SQL_OPEN_STATEMENT : SQL_OPEN_NOTHING;
    }
}

Err *sql_finish(Sql *sql, SqlEnd *end) {
    char nothing = '\0';
    sql->chunk = &nothing;
    if ((sql->state == DASH || sql->state == SLASH) && !sql->begun)
        begin_behind(sql, &nothing, (char)(sql->state == DASH ? '-' : '/'));
    if (sql->state == WORD)
        end_word(sql, &nothing);
    if (sql->state == COMMENT_LINE)
        TRY(end_comment(sql, &nothing));
    if (sql->state == COMMAND_LINE)
        TRY(end_command(sql, &nothing));
    *end = (SqlEnd){.open = open_of(sql), .bytes = sql->base, .nul = sql->nul, .nul_offset = sql->nul_offset};
    if (sql->begun) {
        sql->mark = NULL;
        end->rows = sql->values.phase >= VALUES_BEFORE_ROW && sql->values.phase <= VALUES_TAIL;
        end->statement = (SqlStatement){.text = buf_view(sql->kept),
                                        .oversized = sql->dropped,
                                        .offset = sql->start,
                                        .length = sql->base - sql->start};
    }
    SqlSink sink = sql->sink;
    Buf *kept = sql->kept, *line = sql->line;
    bool whole = sql->whole;
    *sql = (Sql){.sink = sink, .standard = true, .kept = kept, .line = line, .whole = whole};
    return NULL;
}

const char *sql_open_text(SqlOpen open) {
    switch (open) {
    case SQL_OPEN_STATEMENT:
        return "inside a statement";
    case SQL_OPEN_STRING:
        return "inside a quoted string";
    case SQL_OPEN_NAME:
        return "inside a quoted name";
    case SQL_OPEN_DOLLAR:
        return "inside a dollar-quoted body";
    case SQL_OPEN_COMMENT:
        return "inside a comment";
    case SQL_OPEN_COPY:
        return "inside COPY data";
    case SQL_OPEN_NOTHING:
        break;
    }
    return "between statements";
}
