/* Log files of database servers, read as what happened in them: executions with their durations, parameters and plans,
 * deadlocks, waits for locks, canceled statements, temporary files. Bytes come in pieces of any size; events go out by
 * a callback. Nothing is allocated for a line, and memory is bounded whatever the bytes are.
 *
 * Understood: PostgreSQL's stderr (with any log_line_prefix), csvlog and jsonlog, in English; auto_explain's plans as
 * text and JSON; of MySQL 5.7 and later and of MariaDB the slow-log files, and deadlocks in the error log. A statement
 * may hold bytes that look like the next entry of its log. CSV and JSON tell these apart. In the others only what the
 * server would have written is taken for an entry: whoever can write such a statement can have the same entry written
 * by running another. */
#ifndef POTTO_LOGS_LOGS_H
#define POTTO_LOGS_LOGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "facts/sample.h"
#include "facts/statement.h"

enum {
    LOGS_BLOCK_BYTES = 256 * 1024,     /* how much to read at once */
    LOGS_LINE_BYTES_MAX = 1024 * 1024, /* of a longer line the rest is passed over; a longer CSV record as a whole */
    LOGS_RECORD_BYTES_MAX = 2097152,   /* of a longer entry of many lines the rest is passed over */
    LOGS_PREFIX_BYTES_MAX = 1024,      /* of log_line_prefix */
    LOGS_DEADLOCK_MAX = 16,            /* processes of a deadlock that are told */
    LOGS_SQL_BYTES_MAX = 1024 * 1024,  /* of a sample's text; as in an agent's batch */
    LOGS_PLAN_BYTES_MAX = 256 * 1024,  /* of a sample's plan; likewise */
    LOGS_NAME_BYTES_MAX = 128,         /* of a sample's database; likewise */
    LOGS_USER_HOST_BYTES_MAX = 255,    /* of a sample's user and host; likewise */
};

#define LOGS_TIME_UNKNOWN INT64_MIN

enum logs_format {
    LOGS_FORMAT_UNSET,
    LOGS_FORMAT_STDERR,
    LOGS_FORMAT_CSV,
    LOGS_FORMAT_JSON,
    LOGS_FORMAT_SLOW,  /* MySQL's and MariaDB's */
    LOGS_FORMAT_ERROR, /* likewise */
    LOGS_FORMAT_COUNT
};

/* "stderr", "csvlog", "jsonlog", "slow", "error". */
enum logs_format logs_format_of(struct text name); /* LOGS_FORMAT_UNSET for any other name */
/* By the first bytes of a log; LOGS_FORMAT_STDERR where they say nothing. */
enum logs_format logs_format_guess(struct text beginning);

enum logs_kind {
    LOGS_KIND_UNSET,
    LOGS_KIND_EXECUTION,
    LOGS_KIND_DEADLOCK,       /* its processes; `statement` is that of the one which was canceled */
    LOGS_KIND_LOCK_WAIT,      /* somebody waits for longer than deadlock_timeout: `wait` and its duration so far */
    LOGS_KIND_CANCEL,         /* `message` tells why */
    LOGS_KIND_TEMPORARY_FILE, /* of so many `bytes` */
    LOGS_KIND_COUNT
};
const char *logs_kind_name(enum logs_kind kind); /* "execution", …; static */

struct logs_deadlock_process {
    int64_t process, blocked_by;
    struct text waits_for; /* "ShareLock on transaction 773" */
    struct text statement; /* data NULL: not told */
};

/* Texts are as in the log, of any bytes, and valid during the callback alone. data NULL: unknown. */
struct logs_event {
    enum logs_kind kind;
    int64_t at;                           /* where in the log its entry begins */
    int64_t ended_at_us;                  /* when it ended or was noticed; LOGS_TIME_UNKNOWN */
    int64_t process;                      /* process or connection id; 0: unknown */
    double duration_ms;                   /* of an execution or a wait; < 0: unknown */
    double lock_ms;                       /* MySQL's Lock_time; < 0: unknown */
    int64_t rows_examined, rows_returned; /* -1: unknown */
    int64_t bytes;                        /* -1: unknown */
    struct text statement;                /* as the server got it: with $1 for parameters */
    struct text parameters;               /* "$1 = '42', $2 = NULL" */
    struct text user, host, database, application;
    struct text plan;     /* an object of JSON that lib/plan reads, with what was measured */
    struct text message;  /* the server's words */
    struct text wait;     /* "ShareLock on transaction 773" */
    struct text blockers; /* "6331, 6332": process ids that hold the lock */
    const struct logs_deadlock_process *deadlock;
    size_t deadlock_count;
};

/* What was read, and what of it could not be. */
struct logs_counts {
    int64_t bytes, entries; /* entries: messages of the server, each with all its lines */
    int64_t events[LOGS_KIND_COUNT];
    int64_t plans;        /* of executions */
    int64_t phases;       /* durations of parse and bind, which are no executions */
    int64_t unpaired;     /* durations whose statement is not in the log */
    int64_t commands;     /* of MySQL's protocol, which are no statements */
    int64_t errors;       /* messages of ERROR, FATAL and PANIC */
    int64_t foreign;      /* lines that are no part of an entry */
    int64_t unreadable;   /* entries that could not be understood: torn, not CSV, not JSON */
    int64_t cut;          /* entries, or lines, that were too long */
    int64_t plans_unread; /* plans as XML or YAML, MariaDB's tables, plans that are too large */
    int64_t timeless;     /* executions and deadlocks whose time is not known, or in a zone that is not known */
};

struct logs_options {
    enum logs_format format; /* not UNSET */
    struct text prefix;      /* of stderr: the server's log_line_prefix; data NULL: PostgreSQL's default, "%m [%p] " */
    bool has_utc_offset;     /* for times in a zone whose name says nothing, or several things */
    int64_t utc_offset_s;    /* 0 if !has_utc_offset: MariaDB's error log names no zone at all */
};

/* How far a log is read, for a reader that goes on with it later: in another process, or after a restart. */
struct logs_place {
    int64_t offset; /* of the first byte that such a reader needs: what began there may still wait for its end */
    int64_t told;   /* what had been told when this many bytes were read is not told again; >= offset */
    int mode;       /* how the middle of a long line or record is passed over; 0: one begins at `offset` */
};
enum { LOGS_MODE_COUNT = 8, LOGS_MODE_NEXT_LINE = 1, LOGS_MODE_BROKEN = 4 };
/* Of what waits for its end, nothing is remembered that began so many bytes ago: a reader that goes on reads as much
 * again. */
enum { LOGS_WINDOW_BYTES = 4 * 1024 * 1024 };

struct logs_reader;
typedef void logs_sink(void *context, const struct logs_event *event);

/* Errors: STATUS_INVALID (the prefix). *out_reader is then NULL. */
enum status logs_reader_new(const struct logs_options *options, logs_sink *sink, void *context,
                            struct logs_reader **out_reader, struct error *error);
void logs_reader_destroy(struct logs_reader *reader); /* NULL is fine */

/* Room for the next LOGS_BLOCK_BYTES of the log; once `size_bytes` of them are filled, logs_reader_take reads them. */
char *logs_reader_room(struct logs_reader *reader);
void logs_reader_take(struct logs_reader *reader, size_t size_bytes);
/* The same for bytes that lie elsewhere. */
void logs_reader_feed(struct logs_reader *reader, struct text bytes);
/* The log ends here. A last line without its end is read too if it `is_complete`, and otherwise counts as unreadable.
 */
void logs_reader_end(struct logs_reader *reader, bool is_complete);

/* Go on at a place of this log: the next byte is the one at place->offset. Before the first byte. */
void logs_reader_begin_at(struct logs_reader *reader, const struct logs_place *place);
/* No more bytes for now. What began before `quiet`, an offset, and seems complete is told: the server has had time to
 * write more of it. *out_place is where another reader goes on; this one must not be used any more. */
void logs_reader_leave(struct logs_reader *reader, int64_t quiet, struct logs_place *out_place);

const struct logs_counts *logs_reader_counts(const struct logs_reader *reader);
void logs_counts_add(struct logs_counts *sum, const struct logs_counts *counts);

/* An execution as a sample, whose `statement` is not set yet: its texts are UTF-8 and have their bounds, values stand
 * for parameters, and literals are there whatever the rules of a connection are. False: its time is not known, or no
 * database can have run this. `captured_max_us`: a start after this time is none. Memory: `arena`. */
bool logs_sample(const struct logs_event *event, int64_t captured_max_us, struct arena *arena,
                 struct sample_fact *out_sample);

#endif
