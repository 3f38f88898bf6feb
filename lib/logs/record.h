/* Shared by the files of lib/logs: an entry of PostgreSQL's log, whichever of the three formats it had, and the reader.
 */
#ifndef POTTO_LOGS_RECORD_H
#define POTTO_LOGS_RECORD_H

#include "base/buffer.h"
#include "logs/logs.h"

/* The words before a message, and before what follows it on lines of their own. */
enum logs_word {
    LOGS_WORD_UNSET,
    LOGS_WORD_LOG,
    LOGS_WORD_ERROR, /* FATAL and PANIC too */
    LOGS_WORD_OTHER, /* NOTICE, WARNING, INFO, DEBUG1 to DEBUG5 */
    LOGS_WORD_DETAIL,
    LOGS_WORD_CONTEXT,
    LOGS_WORD_STATEMENT,
    LOGS_WORD_ASIDE, /* HINT, QUERY, LOCATION, BACKTRACE */
};

/* "LOG" as a word; LOGS_WORD_UNSET for any other text. */
enum logs_word logs_word_of(struct text word);

/* data NULL: not told. */
struct logs_record {
    enum logs_word word;   /* LOG, ERROR or OTHER */
    struct text time_text; /* data NULL: time_us tells */
    int64_t time_us;       /* LOGS_TIME_UNKNOWN */
    int64_t process;       /* 0: unknown */
    struct text user, database, host, application;
    struct text message, detail, context, statement;
    int64_t at; /* where in the log it begins */
};

struct postgresql_log;
struct postgresql_log *postgresql_log_new(struct logs_reader *reader);
void postgresql_log_destroy(struct postgresql_log *log);
/* An entry that is complete. */
void postgresql_log_take(struct postgresql_log *log, const struct logs_record *record);
/* Tell what waits for an entry that will not come: what began before `quiet`, and a statement only before `forgotten`.
 * Returns where the first thing begins that waits on; INT64_MAX: nothing does. */
int64_t postgresql_log_end(struct postgresql_log *log, int64_t quiet, int64_t forgotten);
/* An entry of this process is still coming, so that the next postgresql_log_end() tells nothing of it. */
void postgresql_log_keep(struct postgresql_log *log, int64_t process);

/* How a format is read: by lines, or by records of its own. */
struct logs_format_kind {
    const char *name;
    /* A line without its newline; `is_cut`: its beginning. NULL: it is read by records. */
    void (*take_line)(struct logs_reader *reader, struct text line, bool is_cut);
    /* Read complete records; returns how many bytes of them were read. What is left comes again, with more behind it.
     */
    size_t (*read)(struct logs_reader *reader, const char *begin, const char *end);
    /* `begin` to `end` is the beginning of a record of LOGS_LINE_BYTES_MAX and more, which is passed over. */
    void (*cut)(struct logs_reader *reader, const char *begin, const char *end);
    /* Where in further bytes the record ends that is passed over, which clears is_skipping; `end` if it does not. */
    const char *(*skip)(struct logs_reader *reader, const char *begin, const char *end);
    /* Take entries as complete that began before `quiet`. Returns where the first one begins that is not, and of
     * which the reader no longer has the bytes; INT64_MAX: none. */
    int64_t (*finish)(struct logs_reader *reader, int64_t quiet, int64_t forgotten);
};
extern const struct logs_format_kind logs_stderr, logs_csv, logs_json, logs_slow, logs_error;

struct logs_reader {
    const struct logs_format_kind *kind;
    struct logs_options options;
    logs_sink *sink;
    void *context;
    struct logs_counts counts;
    char *data; /* the bytes that are not read yet, and room for a block */
    size_t used;
    int64_t offset;                    /* of data[0] in the log */
    int64_t at;                        /* of the line or record at hand */
    int64_t told;                      /* events of lines before it are not told */
    bool is_skipping;                  /* the rest of a line or record */
    bool is_quoted;                    /* CSV: what is passed over is within quotes */
    bool is_broken;                    /* CSV: the next record is looked for */
    struct arena *scratch;             /* for one entry */
    struct postgresql_log *postgresql; /* NULL: not its log */
    struct stderr_log *stderr_log;
    struct slow_log *slow_log;
    struct error_log *error_log;
};

void logs_tell(struct logs_reader *reader, const struct logs_event *event);
static inline int64_t logs_offset_of(const struct logs_reader *reader, const char *at)
{
    return reader->offset + (at - reader->data);
}

struct stderr_log *stderr_log_new(struct text prefix, struct error *error);
void stderr_log_destroy(struct stderr_log *log);
struct slow_log *slow_log_new(void);
void slow_log_destroy(struct slow_log *log);
struct error_log *error_log_new(void);
void error_log_destroy(struct error_log *log);
/* Whether an entry of MySQL's or MariaDB's error log begins so. */
bool error_log_begins(struct text line);

/* Take digits off the beginning; -1: there are none, or it is no number of 64 bits. */
int64_t logs_take_number(struct text *text);

/* An event of which nothing is known. */
static inline struct logs_event logs_event_of(enum logs_kind kind)
{
    return (struct logs_event){.kind = kind,
                               .ended_at_us = LOGS_TIME_UNKNOWN,
                               .duration_ms = -1,
                               .lock_ms = -1,
                               .rows_examined = -1,
                               .rows_returned = -1,
                               .bytes = -1};
}

#endif
