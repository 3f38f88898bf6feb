/* Entries of PostgreSQL's log as events. A few entries belong together, and are found by their process: a plan of
 * auto_explain and the duration of the same execution, a statement of log_statement and the duration without one. */
#include <stdlib.h>
#include <string.h>

#include "logs/auto_explain.h"
#include "logs/logs_time.h"
#include "logs/record.h"

enum {
    SESSIONS = 256,
    SESSION_BYTES_MAX = LOGS_RECORD_BYTES_MAX * 2,
    KEPT_BYTES_MAX = 64 * 1024 * 1024, /* of all sessions */
    SPARE_BYTES_MAX = 64 * 1024,       /* a larger buffer is given back */
};

/* What a process said last that something may follow on. */
struct session {
    int64_t process; /* 0: none */
    int64_t at;      /* where in the log it said it */
    bool has_plan;   /* an event waits for its duration; its texts are in `bytes` */
    struct logs_event event;
    bool has_statement; /* log_statement's, in `bytes` */
    bool is_kept;       /* for one postgresql_log_end() */
    struct buffer bytes;
};

struct postgresql_log {
    struct logs_reader *reader;
    struct arena *arena; /* for one entry */
    size_t kept_bytes;
    struct session sessions[SESSIONS];
    const struct logs_record *record; /* the one at hand */
};

struct postgresql_log *postgresql_log_new(struct logs_reader *reader)
{
    struct postgresql_log *log = calloc(1, sizeof *log);

    if (log == NULL)
        abort();
    log->reader = reader;
    log->arena = arena_new(0);
    for (size_t i = 0; i < SESSIONS; i++)
        buffer_init(&log->sessions[i].bytes, SESSION_BYTES_MAX);
    return log;
}

void postgresql_log_destroy(struct postgresql_log *log)
{
    if (log == NULL)
        return;
    for (size_t i = 0; i < SESSIONS; i++)
        buffer_free(&log->sessions[i].bytes);
    arena_destroy(log->arena);
    free(log);
}

/* ---- sessions ---- */

/* Forget what the process said; a plan without a duration is an execution of its own. */
static void forget(struct postgresql_log *log, struct session *session)
{
    if (session->has_plan)
        logs_tell(log->reader, &session->event);
    session->has_plan = session->has_statement = false;
    log->kept_bytes -= session->bytes.size_bytes;
    buffer_clear(&session->bytes);
    if (session->bytes.capacity_bytes > SPARE_BYTES_MAX) {
        buffer_free(&session->bytes);
        buffer_init(&session->bytes, SESSION_BYTES_MAX);
    }
}

static struct session *session_of(struct postgresql_log *log, int64_t process)
{
    struct session *session = &log->sessions[(uint64_t)process % SESSIONS];

    if (session->process != process) {
        forget(log, session);
        session->process = process;
    }
    return session;
}

/* Copy texts to the session, which has none. False: they are too long. */
static bool keep(struct postgresql_log *log, struct session *session, struct text *const *texts, size_t count)
{
    size_t size = 0;
    char *at;

    for (size_t i = 0; i < count; i++)
        size += texts[i]->size;
    if (size > KEPT_BYTES_MAX - log->kept_bytes || !buffer_reserve(&session->bytes, size))
        return false;
    at = session->bytes.data;
    for (size_t i = 0; i < count; i++) {
        if (texts[i]->size > 0)
            memcpy(at, texts[i]->data, texts[i]->size);
        texts[i]->data = texts[i]->data == NULL ? NULL : at;
        at += texts[i]->size;
    }
    session->bytes.size_bytes = size;
    log->kept_bytes += size;
    return true;
}

/* ---- messages ---- */

/* "1846.260" at the beginning, which is taken off; < 0: it is none. */
static double take_milliseconds(struct text *text)
{
    double whole = 0, unit = 1;
    size_t at = 0;

    for (; at < text->size && at < 16 && text->data[at] >= '0' && text->data[at] <= '9'; at++)
        whole = whole * 10 + (text->data[at] - '0');
    if (at == 0)
        return -1;
    if (at < text->size && text->data[at] == '.')
        for (at++; at < text->size && at < 24 && text->data[at] >= '0' && text->data[at] <= '9'; at++) {
            whole = whole * 10 + (text->data[at] - '0');
            unit *= 10;
        }
    text->data += at;
    text->size -= at;
    return whole / unit;
}

static struct logs_event event_of(struct postgresql_log *log, enum logs_kind kind)
{
    const struct logs_record *record = log->record;
    struct logs_event event = logs_event_of(kind);

    event.ended_at_us =
        record->time_text.data != NULL ? logs_time_read(record->time_text, &log->reader->options) : record->time_us;
    event.at = record->at;
    event.process = record->process;
    event.user = record->user;
    event.database = record->database;
    event.host = record->host;
    event.application = record->application;
    event.message = record->message;
    event.statement = record->statement;
    return event;
}

/* The parameters in a DETAIL. */
static struct text parameters_of(struct text detail)
{
    if (text_take_off(&detail, TEXT("parameters: ")) || text_take_off(&detail, TEXT("Parameters: ")))
        return detail;
    return (struct text){NULL, 0};
}

/* What follows "execute NAME: ". */
static bool take_name(struct text *text)
{
    const char *colon = text->size == 0 ? NULL : memmem(text->data, text->size, ": ", 2);

    if (colon == NULL)
        return false;
    text->size -= (size_t)(colon + 2 - text->data);
    text->data = colon + 2;
    return true;
}

/* An execution whose plan waits: both are one. Otherwise the plan was one of its own, of a statement in a function. */
static void tell_execution(struct postgresql_log *log, struct logs_event *event)
{
    struct session *session = session_of(log, event->process);

    if (session->has_plan && text_equal(session->event.statement, event->statement)) {
        event->plan = session->event.plan;
        event->rows_returned = session->event.rows_returned;
        if (event->parameters.data == NULL)
            event->parameters = session->event.parameters;
        session->has_plan = false;
        logs_tell(log->reader, event);
        forget(log, session);
        return;
    }
    forget(log, session);
    logs_tell(log->reader, event);
}

static void take_plan(struct postgresql_log *log, struct text text, double duration_ms)
{
    struct session *session = session_of(log, log->record->process);
    struct logs_event event = event_of(log, LOGS_KIND_EXECUTION);
    struct auto_explain explain;
    struct text *const texts[] = {&event.statement, &event.parameters, &event.plan,        &event.user,
                                  &event.database,  &event.host,       &event.application, &event.message};

    forget(log, session);
    if (auto_explain_read(text, log->arena, &explain) != STATUS_OK) {
        log->reader->counts.plans_unread++;
        return;
    }
    log->reader->counts.plans_unread += explain.plan.data == NULL;
    event.duration_ms = duration_ms;
    event.statement = explain.statement;
    event.parameters = explain.parameters;
    event.plan = explain.plan;
    event.rows_returned = explain.rows;
    event.message = (struct text){NULL, 0};
    if (keep(log, session, texts, sizeof texts / sizeof texts[0])) {
        session->event = event;
        session->has_plan = true;
        session->at = log->record->at;
    } else {
        logs_tell(log->reader, &event);
    }
}

/* A duration without a statement: log_statement told it before. */
static void take_bare_duration(struct postgresql_log *log, double duration_ms)
{
    struct session *session = session_of(log, log->record->process);
    struct logs_event event;

    if (!session->has_statement) {
        log->reader->counts.unpaired++;
        return;
    }
    event = event_of(log, LOGS_KIND_EXECUTION);
    event.duration_ms = duration_ms;
    event.statement = session->event.statement;
    event.parameters = session->event.parameters;
    logs_tell(log->reader, &event);
    forget(log, session);
}

static bool take_duration(struct postgresql_log *log, struct text text)
{
    double duration_ms;
    struct logs_event event;

    if (!text_take_off(&text, TEXT("duration: ")))
        return false;
    duration_ms = take_milliseconds(&text);
    if (duration_ms < 0 || !text_take_off(&text, TEXT(" ms")))
        return false;
    if (text.size == 0) {
        take_bare_duration(log, duration_ms);
        return true;
    }
    if (text_take_off(&text, TEXT("  plan:\n"))) {
        take_plan(log, text, duration_ms);
        return true;
    }
    if (text_take_off(&text, TEXT("  parse ")) || text_take_off(&text, TEXT("  bind "))) {
        log->reader->counts.phases++;
        return true;
    }
    if (!text_take_off(&text, TEXT("  statement: ")) && !(text_take_off(&text, TEXT("  execute ")) && take_name(&text)))
        return false;
    event = event_of(log, LOGS_KIND_EXECUTION);
    event.duration_ms = duration_ms;
    event.statement = text;
    event.parameters = parameters_of(log->record->detail);
    event.message = (struct text){NULL, 0};
    tell_execution(log, &event);
    return true;
}

/* A statement of log_statement, whose duration may follow. */
static bool take_statement(struct postgresql_log *log, struct text text)
{
    struct session *session;
    struct logs_event event = {.parameters = parameters_of(log->record->detail)};
    struct text *const texts[] = {&event.statement, &event.parameters};

    if (!text_take_off(&text, TEXT("statement: ")) && !(text_take_off(&text, TEXT("execute ")) && take_name(&text)))
        return false;
    session = session_of(log, log->record->process);
    forget(log, session);
    event.statement = text;
    if (log->record->process != 0 && keep(log, session, texts, 2)) {
        session->event = event;
        session->has_statement = true;
        session->at = log->record->at;
    }
    return true;
}

/* "process 6321 still waiting for ShareLock on transaction 773 after 103.601 ms" */
static bool take_lock_wait(struct postgresql_log *log, struct text text)
{
    static const char holders[] = "holding the lock: ";
    struct logs_event event = event_of(log, LOGS_KIND_LOCK_WAIT);
    struct text detail = log->record->detail;
    const char *after, *held;
    int64_t process;

    if (!text_take_off(&text, TEXT("process ")) || (process = logs_take_number(&text)) < 0 ||
        !text_take_off(&text, TEXT(" still waiting for ")))
        return false;
    after = text.size == 0 ? NULL : memmem(text.data, text.size, " after ", 7);
    if (after == NULL)
        return false;
    event.process = process;
    event.wait = (struct text){text.data, (size_t)(after - text.data)};
    text = (struct text){after + 7, (size_t)(text.data + text.size - after - 7)};
    event.duration_ms = take_milliseconds(&text);
    held = detail.size == 0 ? NULL : memmem(detail.data, detail.size, holders, sizeof holders - 1);
    if (held != NULL) {
        event.blockers =
            (struct text){held + sizeof holders - 1, (size_t)(detail.data + detail.size - held) - (sizeof holders - 1)};
        held = event.blockers.size == 0 ? NULL : memchr(event.blockers.data, '.', event.blockers.size);
        event.blockers.size = held == NULL ? event.blockers.size : (size_t)(held - event.blockers.data);
    }
    logs_tell(log->reader, &event);
    return true;
}

static struct logs_deadlock_process *find_process(struct logs_deadlock_process *processes, size_t *count,
                                                  int64_t process)
{
    for (size_t i = 0; i < *count; i++)
        if (processes[i].process == process)
            return &processes[i];
    if (*count == LOGS_DEADLOCK_MAX)
        return NULL;
    processes[*count] = (struct logs_deadlock_process){.process = process};
    return &processes[(*count)++];
}

/* A line of a deadlock's DETAIL: "Process 1 waits for L; blocked by process 2." or "Process 1: statement", which
 * further lines may continue. Returns the process whose statement it begins. */
static struct logs_deadlock_process *take_deadlock_line(struct text line, struct logs_deadlock_process *processes,
                                                        size_t *count, struct logs_deadlock_process *continued)
{
    static const char blocked[] = "; blocked by process ";
    struct logs_deadlock_process *place;
    struct text rest = line;
    int64_t process = -1;

    if (text_take_off(&rest, TEXT("Process ")))
        process = logs_take_number(&rest);
    if (process >= 0 && text_take_off(&rest, TEXT(" waits for "))) {
        const char *found = rest.size == 0 ? NULL : memmem(rest.data, rest.size, blocked, sizeof blocked - 1);

        place = find_process(processes, count, process);
        if (found == NULL || place == NULL)
            return NULL;
        place->waits_for = (struct text){rest.data, (size_t)(found - rest.data)};
        rest.size -= (size_t)(found + sizeof blocked - 1 - rest.data);
        rest.data = found + sizeof blocked - 1;
        place->blocked_by = logs_take_number(&rest);
        return NULL;
    }
    if (process >= 0 && text_take_off(&rest, TEXT(": "))) {
        place = find_process(processes, count, process);
        if (place != NULL)
            place->statement = rest;
        return place;
    }
    if (continued != NULL)
        continued->statement.size = (size_t)(line.data + line.size - continued->statement.data);
    return continued;
}

static bool take_deadlock(struct postgresql_log *log)
{
    struct logs_deadlock_process processes[LOGS_DEADLOCK_MAX], *continued = NULL;
    struct logs_event event = event_of(log, LOGS_KIND_DEADLOCK);
    struct text detail = log->record->detail, line;

    if (!text_starts(log->record->message, TEXT("deadlock detected")))
        return false;
    while (text_split(&detail, '\n', &line))
        continued = take_deadlock_line(line, processes, &event.deadlock_count, continued);
    event.deadlock = processes;
    logs_tell(log->reader, &event);
    return true;
}

static bool take_temporary_file(struct postgresql_log *log, struct text text)
{
    struct logs_event event;
    const char *size;

    if (!text_take_off(&text, TEXT("temporary file: path ")))
        return false;
    size = text.size == 0 ? NULL : memmem(text.data, text.size, ", size ", 7);
    if (size == NULL)
        return false;
    text = (struct text){size + 7, (size_t)(text.data + text.size - size - 7)};
    event = event_of(log, LOGS_KIND_TEMPORARY_FILE);
    event.bytes = logs_take_number(&text);
    logs_tell(log->reader, &event);
    return true;
}

static bool take_cancel(struct postgresql_log *log)
{
    struct logs_event event;

    if (!text_starts(log->record->message, TEXT("canceling statement due to ")))
        return false;
    event = event_of(log, LOGS_KIND_CANCEL);
    logs_tell(log->reader, &event);
    return true;
}

void postgresql_log_take(struct postgresql_log *log, const struct logs_record *record)
{
    struct text message = record->message;

    log->record = record;
    log->reader->counts.entries++;
    log->reader->counts.errors += record->word == LOGS_WORD_ERROR;
    if (message.size == 0)
        return;
    switch (message.data[0]) {
    case 'd':
        if (!take_duration(log, message))
            take_deadlock(log);
        break;
    case 's':
    case 'e':
        take_statement(log, message);
        break;
    case 'p':
        take_lock_wait(log, message);
        break;
    case 't':
        take_temporary_file(log, message);
        break;
    case 'c':
        take_cancel(log);
        break;
    default:
        break;
    }
    arena_reset(log->arena);
}

void postgresql_log_keep(struct postgresql_log *log, int64_t process)
{
    struct session *session = &log->sessions[(uint64_t)process % SESSIONS];

    session->is_kept = session->process == process;
}

int64_t postgresql_log_end(struct postgresql_log *log, int64_t quiet, int64_t forgotten)
{
    int64_t waiting = INT64_MAX;

    for (size_t i = 0; i < SESSIONS; i++) {
        struct session *session = &log->sessions[i];

        if (session->at < (session->has_plan ? quiet : forgotten) && !session->is_kept)
            forget(log, session);
        session->is_kept = false;
        if ((session->has_plan || session->has_statement) && session->at < waiting)
            waiting = session->at;
    }
    return waiting;
}
