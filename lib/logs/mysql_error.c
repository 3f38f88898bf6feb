/* The error log of MySQL 5.7 and later, and of MariaDB: the deadlocks that innodb_print_all_deadlocks writes there.
 *
 * A deadlock is several entries, and lines without a beginning of their own after each of them. A transaction has its
 * number, its thread, its statement, which may have many lines, and the lock that it waits for. MariaDB also shows the
 * lock that is in the way, with the number of its transaction. MySQL writes the transactions in such an order that each
 * waits for the next one, and the last one for the first one; before 8.0.18 it writes two of them, however many there
 * are.
 *
 * The rows that are locked stand there as well, and are passed over. MariaDB writes local time without its zone:
 * it is UTC unless logs_options tell otherwise. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "logs/record.h"

enum {
    STATEMENT_BYTES_MAX = 16384, /* servers write 3000 */
    WAIT_BYTES_MAX = 1024,
    NAME_BYTES_MAX = 255,
    TEXTS_BYTES_MAX = LOGS_DEADLOCK_MAX * (STATEMENT_BYTES_MAX + WAIT_BYTES_MAX + 2 * NAME_BYTES_MAX),
    CLOCK_TEXT_BYTES = 19, /* "2026-11-28T16:40:01" */
    TIME_BYTES_MAX = 39,
};

/* What the lines at hand are about. */
enum part {
    PART_UNSET, /* no deadlock */
    PART_ASIDE,
    PART_TRANSACTION,
    PART_STATEMENT,
    PART_WAIT,
    PART_BEHIND, /* the lock that it waits for, as its holder has it */
};

struct piece {
    size_t at, size; /* in the log's texts */
};

struct party {
    int64_t transaction, behind; /* numbers of transactions; 0: not told */
    int64_t process;
    struct piece host, user, statement, wait;
};

struct error_log {
    enum part part;
    struct party parties[LOGS_DEADLOCK_MAX], *party; /* NULL: one more than are told */
    size_t party_count;
    struct buffer texts;
    int64_t at, noticed_at_us;
};

struct error_log *error_log_new(void)
{
    struct error_log *log = calloc(1, sizeof *log);

    if (log == NULL)
        abort();
    buffer_init(&log->texts, TEXTS_BYTES_MAX);
    return log;
}

void error_log_destroy(struct error_log *log)
{
    if (log != NULL)
        buffer_free(&log->texts);
    free(log);
}

/* ---- entries ---- */

static bool has_zone(struct text time)
{
    struct text rest = {time.data + CLOCK_TEXT_BYTES, time.size - CLOCK_TEXT_BYTES};

    return rest.size > 0 && (rest.data[rest.size - 1] == 'Z' || memchr(rest.data, '+', rest.size) != NULL ||
                             memchr(rest.data, '-', rest.size) != NULL);
}

/* "2026-11-28 16:40:01" of MariaDB, where the hour may have a blank for its zero, "2026-11-28T16:40:01.123456Z" and
 * "2026-11-28T18:40:01.123456+02:00" of MySQL. */
static bool take_time(struct text *line, const struct logs_options *options, int64_t *out_time_us)
{
    char copy[TIME_BYTES_MAX];
    size_t size = CLOCK_TEXT_BYTES;

    if (line->size <= CLOCK_TEXT_BYTES || line->data[4] != '-' || line->data[13] != ':' || line->data[16] != ':')
        return false;
    while (size < line->size && line->data[size] != ' ')
        size++;
    if (size > sizeof copy)
        return false;
    memcpy(copy, line->data, size);
    if (copy[11] == ' ')
        copy[11] = '0';
    if (!clock_parse((struct text){copy, size}, true, out_time_us))
        return false;
    if (!has_zone((struct text){copy, size}))
        *out_time_us -= options->utc_offset_s * CLOCK_SECOND_US;
    *line = (struct text){line->data + size, line->size - size};
    return true;
}

/* Take the beginning of an entry off a line: "2026-11-28 16:40:01 5 [Note] InnoDB: ", or
 * "2026-11-28T16:40:01.123456Z 5 [Note] [MY-012468] [InnoDB] ". False: it has none. */
static bool take_beginning(struct text *line, const struct logs_options *options, int64_t *out_time_us,
                           bool *out_is_error)
{
    struct text rest = *line;
    int words = 0;

    if (!take_time(&rest, options, out_time_us) || !text_take_off(&rest, TEXT(" ")) || logs_take_number(&rest) < 0)
        return false;
    *out_is_error = text_starts(rest, TEXT(" [ERROR]"));
    while (words < 3 && text_starts(rest, TEXT(" ["))) {
        const char *end = memchr(rest.data, ']', rest.size);

        if (end == NULL)
            return false;
        rest = (struct text){end + 1, (size_t)(rest.data + rest.size - end - 1)};
        words++;
    }
    if (words == 0)
        return false;
    rest = text_trim(rest);
    text_take_off(&rest, TEXT("InnoDB:"));
    *line = text_trim(rest);
    return true;
}

bool error_log_begins(struct text line)
{
    static const struct logs_options options = {.format = LOGS_FORMAT_ERROR};
    int64_t time_us;
    bool is_error;

    return take_beginning(&line, &options, &time_us, &is_error);
}

/* ---- transactions ---- */

/* Keep up to `max_bytes` of a text, behind what `piece` has already; a new piece begins where the texts end. */
static void append(struct error_log *log, struct text text, size_t max_bytes, struct piece *piece)
{
    size_t room = log->texts.max_bytes - log->texts.size_bytes;

    if (piece->size == 0)
        piece->at = log->texts.size_bytes;
    text.size = text.size < room ? text.size : room;
    text.size = text.size < max_bytes - piece->size ? text.size : max_bytes - piece->size;
    buffer_append_text(&log->texts, text);
    piece->size += text.size;
}

static struct text text_of_piece(const struct error_log *log, struct piece piece)
{
    return piece.size == 0 ? (struct text){NULL, 0} : (struct text){log->texts.data + piece.at, piece.size};
}

static bool is_address(struct text word)
{
    char copy[INET6_ADDRSTRLEN];
    unsigned char address[sizeof(struct in6_addr)];

    if (word.size == 0 || word.size >= sizeof copy)
        return false;
    memcpy(copy, word.data, word.size);
    copy[word.size] = '\0';
    return inet_pton(AF_INET, copy, address) == 1 || inet_pton(AF_INET6, copy, address) == 1;
}

/* "MariaDB thread id 5, OS thread handle 140, query id 33 localhost 127.0.0.1 root Updating": host, address or both,
 * user, and what it does. */
static bool take_thread(struct error_log *log, struct text line)
{
    static const char query[] = " query id ";
    const char *found = line.size == 0 ? NULL : memmem(line.data, line.size, query, sizeof query - 1);
    struct party *party = log->party;
    struct text host, word;

    text_take_off(&line, TEXT("MySQL "));
    text_take_off(&line, TEXT("MariaDB "));
    if (!text_take_off(&line, TEXT("thread id ")))
        return false;
    party->process = logs_take_number(&line);
    party->host = party->user = party->statement = (struct piece){0};
    if (found == NULL)
        return true;
    line = (struct text){found + sizeof query - 1, (size_t)(line.data + line.size - found) - (sizeof query - 1)};
    if (!text_split(&line, ' ', &word) || !text_split(&line, ' ', &host))
        return true;
    append(log, host, NAME_BYTES_MAX, &party->host);
    if (text_split(&line, ' ', &word) && is_address(word))
        text_split(&line, ' ', &word);
    append(log, word, NAME_BYTES_MAX, &party->user);
    return true;
}

static void take_transaction(struct error_log *log, struct text line)
{
    int64_t number;

    if (text_take_off(&line, TEXT("TRANSACTION "))) {
        number = logs_take_number(&line);
        log->party->transaction = number > 0 ? number : 0;
    } else if (take_thread(log, line)) {
        log->part = PART_STATEMENT;
    }
}

/* "RECORD LOCKS space id 6 page no 3 n bits 8 index PRIMARY of table `shop`.`item` trx id 30 lock_mode X waiting", or
 * "TABLE LOCK table `shop`.`item` trx id 30 lock mode AUTO-INC waiting". A name may look like what comes after it. */
static bool read_lock(struct text line, struct text *out_what, int64_t *out_transaction, struct text *out_mode)
{
    static const char index[] = " index ", transaction[] = " trx id ";
    const char *found, *last = NULL, *end = line.data + line.size;

    if (text_take_off(&line, TEXT("RECORD LOCKS"))) {
        found = line.size == 0 ? NULL : memmem(line.data, line.size, index, sizeof index - 1);
        if (found == NULL)
            return false;
        line = (struct text){found + 1, (size_t)(end - found - 1)};
    } else if (!text_take_off(&line, TEXT("TABLE LOCK "))) {
        return false;
    }
    for (found = line.data; found != NULL && found < end; found++)
        if ((found = memmem(found, (size_t)(end - found), transaction, sizeof transaction - 1)) == NULL)
            break;
        else
            last = found;
    if (last == NULL)
        return false;
    *out_what = (struct text){line.data, (size_t)(last - line.data)};
    line = (struct text){last + sizeof transaction - 1, (size_t)(end - last) - (sizeof transaction - 1)};
    *out_transaction = logs_take_number(&line);
    *out_mode = text_trim(line);
    if (text_ends(*out_mode, TEXT(" waiting")))
        out_mode->size -= strlen(" waiting");
    return true;
}

static void take_lock(struct error_log *log, struct text line)
{
    struct party *party = log->party;
    struct text what, mode;
    int64_t transaction;

    if (!read_lock(line, &what, &transaction, &mode))
        return;
    if (log->part == PART_BEHIND) {
        if (party->behind == 0 && transaction > 0 && transaction != party->transaction)
            party->behind = transaction;
    } else if (party->wait.size == 0) {
        append(log, mode, WAIT_BYTES_MAX, &party->wait);
        append(log, TEXT(" on "), WAIT_BYTES_MAX, &party->wait);
        append(log, what, WAIT_BYTES_MAX, &party->wait);
    }
}

static void take_part(struct error_log *log, struct text line)
{
    if (log->party == NULL)
        return;
    if (log->part == PART_TRANSACTION) {
        take_transaction(log, line);
    } else if (log->part == PART_STATEMENT) {
        if (log->party->statement.size > 0)
            append(log, TEXT("\n"), STATEMENT_BYTES_MAX, &log->party->statement);
        append(log, line, STATEMENT_BYTES_MAX, &log->party->statement);
    } else if (log->part != PART_ASIDE) {
        take_lock(log, line);
    }
}

/* ---- deadlocks ---- */

static void drop(struct logs_reader *reader)
{
    reader->counts.unreadable += reader->error_log->part != PART_UNSET;
    reader->error_log->part = PART_UNSET;
}

static void begin(struct logs_reader *reader, int64_t time_us)
{
    struct error_log *log = reader->error_log;

    drop(reader);
    log->part = PART_ASIDE;
    log->party = NULL;
    log->party_count = 0;
    log->at = reader->at;
    log->noticed_at_us = time_us;
    buffer_clear(&log->texts);
}

static void begin_party(struct error_log *log, int64_t number)
{
    log->part = PART_TRANSACTION;
    log->party = NULL;
    if (number != (int64_t)log->party_count + 1 || log->party_count == LOGS_DEADLOCK_MAX)
        return;
    log->party = &log->parties[log->party_count++];
    *log->party = (struct party){.process = 0};
}

/* 0: not told. */
static int64_t blocker_of(const struct error_log *log, size_t index)
{
    const struct party *party = &log->parties[index];

    if (log->party_count < 2 || party->wait.size == 0)
        return 0;
    if (party->behind == 0)
        return log->parties[(index + 1) % log->party_count].process;
    for (size_t i = 0; i < log->party_count; i++)
        if (log->parties[i].transaction == party->behind)
            return log->parties[i].process;
    return 0;
}

static void tell(struct logs_reader *reader, int64_t victim)
{
    struct error_log *log = reader->error_log;
    struct logs_deadlock_process processes[LOGS_DEADLOCK_MAX];
    struct logs_event event = logs_event_of(LOGS_KIND_DEADLOCK);

    for (size_t i = 0; i < log->party_count; i++) {
        const struct party *party = &log->parties[i];
        int64_t blocker = blocker_of(log, i);
        struct text statement = text_trim(text_of_piece(log, party->statement));

        processes[i] = (struct logs_deadlock_process){.process = party->process,
                                                      .blocked_by = blocker > 0 ? blocker : 0,
                                                      .waits_for = text_of_piece(log, party->wait),
                                                      .statement = statement};
        if ((int64_t)i + 1 != victim)
            continue;
        event.process = party->process > 0 ? party->process : 0;
        event.statement = statement;
        event.user = text_of_piece(log, party->user);
        event.host = text_of_piece(log, party->host);
    }
    event.at = log->at;
    event.ended_at_us = log->noticed_at_us;
    event.deadlock = processes;
    event.deadlock_count = log->party_count;
    log->part = PART_UNSET;
    logs_tell(reader, &event);
}

/* "*** (1) TRANSACTION:" and the like, by which the parts of a deadlock begin. */
static bool take_mark(struct logs_reader *reader, struct text line)
{
    struct error_log *log = reader->error_log;
    int64_t number = 0;

    if (!text_take_off(&line, TEXT("*** ")))
        return false;
    if (text_take_off(&line, TEXT("WE ROLL BACK TRANSACTION ("))) {
        tell(reader, logs_take_number(&line));
        return true;
    }
    if (text_take_off(&line, TEXT("(")) &&
        ((number = logs_take_number(&line)) < 0 || !text_take_off(&line, TEXT(") "))))
        return false;
    if (number > 0 && text_starts(line, TEXT("TRANSACTION:")))
        begin_party(log, number);
    else if (text_starts(line, TEXT("WAITING FOR THIS LOCK")))
        log->part = PART_WAIT;
    else if (text_starts(line, TEXT("CONFLICTING WITH:")))
        log->part = PART_BEHIND;
    else if (text_starts(line, TEXT("HOLDS THE LOCK")))
        log->part = PART_ASIDE;
    else
        return false;
    return true;
}

/* Entries of other threads may stand between those of a deadlock. */
static void take_entry(struct logs_reader *reader, struct text message, int64_t time_us)
{
    struct error_log *log = reader->error_log;

    reader->counts.entries++;
    if (text_starts(message, TEXT("Transactions deadlock detected"))) {
        begin(reader, time_us);
        return;
    }
    if (log->part == PART_UNSET || take_mark(reader, message))
        return;
    log->part = PART_ASIDE;
}

static void take_line(struct logs_reader *reader, struct text line, bool is_cut)
{
    struct error_log *log = reader->error_log;
    int64_t time_us;
    bool is_error = false;

    (void)is_cut;
    if (line.size > 0 && line.data[line.size - 1] == '\r')
        line.size--;
    if (reader->at - log->at > LOGS_WINDOW_BYTES)
        drop(reader);
    if (take_beginning(&line, &reader->options, &time_us, &is_error)) {
        reader->counts.errors += is_error;
        take_entry(reader, line, time_us);
    } else if (log->part == PART_UNSET) {
        reader->counts.foreign += text_trim(line).size > 0;
    } else if (!take_mark(reader, line)) {
        take_part(log, line);
    }
}

static int64_t finish(struct logs_reader *reader, int64_t quiet, int64_t forgotten)
{
    struct error_log *log = reader->error_log;

    (void)forgotten;
    if (log->at < quiet)
        drop(reader);
    return log->part == PART_UNSET ? INT64_MAX : log->at;
}

const struct logs_format_kind logs_error = {.name = "error", .take_line = take_line, .finish = finish};
