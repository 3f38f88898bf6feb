/* The slow log as a file of MySQL 5.7 and later, and of MariaDB: headers that begin with #, `use`, SET timestamp, the
 * statement, which may have many lines, and a semicolon.
 *
 * MySQL's `# Time:` is the end, by the server's clock. MariaDB writes it once a second, in local time; there the start
 * is what SET timestamp says, which is the session's clock, and so whatever a client set it to. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "logs/record.h"
#include "sql/statement.h"

enum slow_state { SLOW_UNSET, SLOW_HEADER, SLOW_STATEMENT };

struct slow_log {
    enum slow_state state;
    struct buffer statement;
    bool is_cut;
    char user[256], host[256], schema[256];
    int64_t ended_at_us, timestamp_s; /* LOGS_TIME_UNKNOWN */
    double duration_ms, lock_ms;
    int64_t rows_examined, rows_returned, process;
    int64_t at; /* where the entry begins */
};

struct slow_log *slow_log_new(void)
{
    struct slow_log *log = calloc(1, sizeof *log);

    if (log == NULL)
        abort();
    buffer_init(&log->statement, LOGS_RECORD_BYTES_MAX);
    return log;
}

void slow_log_destroy(struct slow_log *log)
{
    if (log != NULL)
        buffer_free(&log->statement);
    free(log);
}

/* ---- headers ---- */

static void set_name(char out[256], struct text name)
{
    size_t size = name.size < 255 ? name.size : 255;

    if (size > 0)
        memcpy(out, name.data, size);
    out[size] = '\0';
}

static struct text name_of(const char *name)
{
    return name[0] == '\0' ? (struct text){NULL, 0} : text_of(name);
}

/* What follows a name within a header, up to a blank; data NULL: it is not there. */
static struct text value_of(struct text line, const char *name)
{
    const char *found = memmem(line.data, line.size, name, strlen(name)), *end = line.data + line.size;
    struct text value;

    if (found == NULL)
        return (struct text){NULL, 0};
    value.data = found + strlen(name);
    while (value.data < end && *value.data == ' ')
        value.data++;
    found = memchr(value.data, ' ', (size_t)(end - value.data));
    value.size = (size_t)((found == NULL ? end : found) - value.data);
    return value;
}

/* "0.030055" as milliseconds, rounded to what the log has. */
static double milliseconds_of(struct text value)
{
    double seconds = -1;

    return text_to_double(value, &seconds) && seconds >= 0 ? seconds * 1000 : -1;
}

static int64_t count_of(struct text value)
{
    int64_t count = -1;

    return text_to_int64(value, &count) && count >= 0 ? count : -1;
}

/* "root[root] @ localhost [10.0.0.1]  Id:     6" */
static void take_user(struct slow_log *log, struct text line)
{
    struct text rest = line, user = {NULL, 0}, host = {NULL, 0};
    const char *at = memmem(line.data, line.size, " @ ", 3);

    text_split(&rest, '[', &user);
    set_name(log->user, text_trim(user));
    if (at != NULL) {
        rest = (struct text){at + 3, (size_t)(line.data + line.size - at - 3)};
        text_split(&rest, '[', &host);
        host = text_trim(host);
        if (host.size == 0)
            text_split(&rest, ']', &host);
        set_name(log->host, host);
    }
    log->process = count_of(value_of(line, " Id:"));
}

static void take_times(struct slow_log *log, struct text line)
{
    log->duration_ms = milliseconds_of(value_of(line, "Query_time:"));
    log->lock_ms = milliseconds_of(value_of(line, "Lock_time:"));
    log->rows_returned = count_of(value_of(line, "Rows_sent:"));
    log->rows_examined = count_of(value_of(line, "Rows_examined:"));
}

static void take_thread(struct slow_log *log, struct text line)
{
    log->process = count_of(value_of(line, "Thread_id:"));
    if (memmem(line.data, line.size, "Schema:  ", 9) == NULL)
        set_name(log->schema, value_of(line, "Schema:"));
}

static void begin_entry(struct logs_reader *reader)
{
    struct slow_log *log = reader->slow_log;

    log->state = SLOW_HEADER;
    log->is_cut = false;
    log->at = reader->at;
    log->user[0] = log->host[0] = log->schema[0] = '\0';
    log->ended_at_us = log->timestamp_s = LOGS_TIME_UNKNOWN;
    log->duration_ms = log->lock_ms = -1;
    log->rows_examined = log->rows_returned = log->process = -1;
    buffer_clear(&log->statement);
}

/* A line of the header. False: the statement begins here. */
static bool take_header(struct logs_reader *reader, struct text line)
{
    struct slow_log *log = reader->slow_log;
    int64_t time_us;

    if (text_take_off(&line, TEXT("# User@Host: ")))
        take_user(log, line);
    else if (text_take_off(&line, TEXT("# Time: ")))
        log->ended_at_us = clock_parse(text_trim(line), true, &time_us) ? time_us : LOGS_TIME_UNKNOWN;
    else if (text_starts(line, TEXT("# Query_time: ")))
        take_times(log, line);
    else if (text_starts(line, TEXT("# Thread_id: ")))
        take_thread(log, line);
    else if (text_starts(line, TEXT("# explain: id")))
        reader->counts.plans_unread++;
    else if (text_starts(line, TEXT("# administrator command: ")))
        return false;
    else if (text_take_off(&line, TEXT("use ")) && text_ends(line, TEXT(";")))
        set_name(log->schema, (struct text){line.data + (line.data[0] == '`'),
                                            line.size - 1 - 2 * (size_t)(line.data[0] == '`' && line.size > 2)});
    else if (text_take_off(&line, TEXT("SET timestamp=")) && text_ends(line, TEXT(";")))
        log->timestamp_s = count_of((struct text){line.data, line.size - 1});
    else
        return text_starts(line, TEXT("#"));
    return true;
}

/* ---- entries ---- */

/* When the execution ended. A timestamp alone tells the start. */
static int64_t ended_at(const struct slow_log *log)
{
    if (log->ended_at_us != LOGS_TIME_UNKNOWN)
        return log->ended_at_us;
    if (log->timestamp_s < 0 || log->timestamp_s > CLOCK_LAST_US / CLOCK_SECOND_US / 2 || log->duration_ms > 1e11)
        return LOGS_TIME_UNKNOWN;
    return log->timestamp_s * CLOCK_SECOND_US + (int64_t)(log->duration_ms * 1000);
}

static void finish_entry(struct logs_reader *reader)
{
    struct slow_log *log = reader->slow_log;
    struct logs_event event = logs_event_of(LOGS_KIND_EXECUTION);
    enum slow_state state = log->state;

    log->state = SLOW_UNSET;
    if (state == SLOW_UNSET)
        return;
    reader->counts.entries++;
    event.statement = text_trim(buffer_text(&log->statement));
    if (text_ends(event.statement, TEXT(";")))
        event.statement.size--;
    if (log->duration_ms < 0 || event.statement.size == 0) {
        reader->counts.unreadable++;
        return;
    }
    if (text_starts(event.statement, TEXT("# administrator command: ")) || sql_is_protocol_command(event.statement)) {
        reader->counts.commands++;
        return;
    }
    event.at = log->at;
    event.ended_at_us = ended_at(log);
    event.duration_ms = log->duration_ms;
    event.lock_ms = log->lock_ms;
    event.rows_examined = log->rows_examined;
    event.rows_returned = log->rows_returned;
    event.process = log->process > 0 ? log->process : 0;
    event.user = name_of(log->user);
    event.host = name_of(log->host);
    event.database = name_of(log->schema);
    logs_tell(reader, &event);
}

/* A server writes its version and two lines more when it starts or rotates. */
static bool is_banner(struct text line)
{
    return text_ends(line, TEXT("started with:")) && memmem(line.data, line.size, ", Version: ", 11) != NULL;
}

static bool begins_entry(struct text line)
{
    return text_starts(line, TEXT("# Time: ")) || text_starts(line, TEXT("# User@Host: "));
}

static void append(struct logs_reader *reader, struct text line)
{
    struct slow_log *log = reader->slow_log;
    size_t room = log->statement.max_bytes - log->statement.size_bytes;

    if (line.size + 1 > room) {
        reader->counts.cut += log->is_cut ? 0 : 1;
        log->is_cut = true;
        line.size = room > 0 ? room - 1 : 0;
    }
    if (log->statement.size_bytes > 0 && room > 0)
        buffer_append_byte(&log->statement, '\n');
    buffer_append_text(&log->statement, line);
}

/* A statement ends with a semicolon at the end of a line; one that was cut has lost it. */
static bool has_ended(const struct slow_log *log)
{
    return log->is_cut || log->statement.size_bytes == 0 || text_ends(buffer_text(&log->statement), TEXT(";"));
}

static void take_line(struct logs_reader *reader, struct text line, bool is_cut)
{
    struct slow_log *log = reader->slow_log;

    if (line.size > 0 && line.data[line.size - 1] == '\r')
        line.size--;
    if (log->state == SLOW_STATEMENT && has_ended(log) && (begins_entry(line) || is_banner(line)))
        finish_entry(reader);
    if (log->state == SLOW_UNSET) {
        if (!begins_entry(line)) {
            reader->counts.foreign++;
            return;
        }
        begin_entry(reader);
    }
    if (log->state == SLOW_HEADER && take_header(reader, line))
        return;
    log->state = SLOW_STATEMENT;
    append(reader, line);
    log->is_cut = log->is_cut || is_cut;
}

static int64_t finish(struct logs_reader *reader, int64_t quiet, int64_t forgotten)
{
    struct slow_log *log = reader->slow_log;

    (void)forgotten;
    if (log->state != SLOW_UNSET && log->at < quiet)
        finish_entry(reader);
    return log->state == SLOW_UNSET ? INT64_MAX : log->at;
}

const struct logs_format_kind logs_slow = {.name = "slow", .take_line = take_line, .finish = finish};
