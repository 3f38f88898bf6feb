/* A part of a log file of a monitored server: its executions as samples, and its deadlocks. The bytes are given, so
 * this opens no file and no session; what is in them is as hostile as a server's answer. */
#ifndef POTTO_COLLECT_LOGS_H
#define POTTO_COLLECT_LOGS_H

#include "facts/deadlock.h"
#include "logs/logs.h"

enum {
    COLLECT_LOG_BYTES_MAX = 2 * LOGS_WINDOW_BYTES + 1024 * 1024, /* of one part */
    COLLECT_LOG_HEAD_BYTES = 256,
};

struct log_input {
    struct text engine;   /* of the connection */
    struct text database; /* of PostgreSQL: executions in another one are left out; data NULL: all are taken */
    bool keeps_literals;
    double min_duration_ms;  /* shorter executions are counted and no samples */
    enum logs_format format; /* UNSET: as the head of the file looks */
    struct text prefix;      /* log_line_prefix; data NULL: the default */
    bool has_utc_offset;
    int64_t utc_offset_s, now_us;
    struct text head; /* the first bytes of the file, if format is UNSET */
    struct logs_place place;
    int64_t quiet;     /* what lies before this offset has been there for some seconds */
    bool is_last;      /* nothing will follow on the bytes: the file was rotated, and is not written any more */
    struct text bytes; /* of the file, from place.offset on; at most COLLECT_LOG_BYTES_MAX */
};

struct log_result {
    char problem[256];       /* why nothing was read; "": it was */
    enum logs_format format; /* as which it was read */
    struct logs_place place; /* where the next part begins: not before that of the input, nor beyond its bytes */
    bool has_more;           /* the answer was full before all bytes were read */
    /* Of what was new. */
    struct logs_counts counts;
    int64_t elsewhere;     /* executions in other databases */
    int64_t last_event_us; /* the newest time of an event; LOGS_TIME_UNKNOWN: none */
    struct log_facts facts;
};

/* Always fills *out_result. Texts live in `arena`, or in the input. */
void collect_log(const struct log_input *input, struct arena *arena, struct log_result *out_result);

#endif
