/* Adds up the events of log files by statement; see logs_summary.h. */
#include "cli/logs_summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"

enum {
    STATEMENTS_MAX = 20000, /* executions of further statements are added to one row */
    SHOWN_MAX = 20,
    SHOWN_BYTES_MAX = 100,
};

struct row {
    struct sql_hash hash;
    struct text fingerprint;
    int64_t calls;
    double total_ms, max_ms;
};

struct logs_summary {
    enum sql_dialect dialect;
    struct arena *arena, *scratch;
    struct map map;
    struct row *rows;
    size_t count;
    struct row others;
    int64_t from_us, to_us; /* of executions; from after to: none */
    double waited_ms;
    int64_t temporary_bytes;
};

struct logs_summary *logs_summary_new(enum sql_dialect dialect)
{
    struct arena *arena = arena_new(0);
    struct logs_summary *summary = arena_zalloc(arena, sizeof *summary);

    *summary = (struct logs_summary){.dialect = dialect,
                                     .arena = arena,
                                     .scratch = arena_new(0),
                                     .map = map_new(STATEMENTS_MAX, arena),
                                     .rows = arena_alloc_array(arena, STATEMENTS_MAX, sizeof(struct row)),
                                     .from_us = INT64_MAX,
                                     .to_us = INT64_MIN};
    return summary;
}

void logs_summary_destroy(struct logs_summary *summary)
{
    arena_destroy(summary->scratch);
    arena_destroy(summary->arena);
}

struct sought {
    const struct row *rows;
    struct sql_hash hash;
};

static bool is_row(const void *context, uint32_t index)
{
    const struct sought *sought = context;

    return sql_hash_equal(sought->rows[index].hash, sought->hash);
}

static struct row *find_row(struct logs_summary *summary, struct sql_fingerprint fingerprint)
{
    struct sought sought = {summary->rows, fingerprint.hash};
    uint64_t hash;
    uint32_t index;

    if (summary->count == STATEMENTS_MAX)
        return &summary->others;
    memcpy(&hash, fingerprint.hash.bytes, sizeof hash);
    index = map_add(&summary->map, hash, is_row, &sought, (uint32_t)summary->count);
    if (index == summary->count) {
        summary->count++;
        summary->rows[index].hash = fingerprint.hash;
        summary->rows[index].fingerprint = (struct text){
            arena_copy(summary->arena, fingerprint.text.data, fingerprint.text.size), fingerprint.text.size};
    }
    return &summary->rows[index];
}

void logs_summary_take(struct logs_summary *summary, const struct logs_event *event)
{
    struct row *row;

    if (event->kind == LOGS_KIND_LOCK_WAIT && event->duration_ms > 0)
        summary->waited_ms += event->duration_ms;
    if (event->kind == LOGS_KIND_TEMPORARY_FILE && event->bytes > 0)
        summary->temporary_bytes += event->bytes;
    if (event->kind != LOGS_KIND_EXECUTION)
        return;
    row = find_row(summary, sql_fingerprint(summary->dialect, event->statement, summary->scratch));
    arena_reset(summary->scratch);
    row->calls++;
    row->total_ms += event->duration_ms;
    row->max_ms = event->duration_ms > row->max_ms ? event->duration_ms : row->max_ms;
    if (event->ended_at_us == LOGS_TIME_UNKNOWN)
        return;
    summary->from_us = event->ended_at_us < summary->from_us ? event->ended_at_us : summary->from_us;
    summary->to_us = event->ended_at_us > summary->to_us ? event->ended_at_us : summary->to_us;
}

static int by_time(const void *left, const void *right)
{
    const struct row *const *a = left, *const *b = right;

    return (*a)->total_ms < (*b)->total_ms ? 1 : (*a)->total_ms > (*b)->total_ms ? -1 : 0;
}

/* Those that took the most time first. */
static const struct row **sorted(const struct logs_summary *summary, size_t *out_count)
{
    const struct row **rows = arena_alloc_array(summary->scratch, summary->count + 1, sizeof *rows);

    for (size_t i = 0; i < summary->count; i++)
        rows[i] = &summary->rows[i];
    qsort(rows, summary->count, sizeof *rows, by_time);
    *out_count = summary->count < SHOWN_MAX ? summary->count : SHOWN_MAX;
    return rows;
}

/* ---- JSON ---- */

static const struct {
    const char *name;
    size_t offset;
} count_names[] = {
    {"bytes", offsetof(struct logs_counts, bytes)},
    {"entries", offsetof(struct logs_counts, entries)},
    {"plans", offsetof(struct logs_counts, plans)},
    {"parses_and_binds", offsetof(struct logs_counts, phases)},
    {"errors", offsetof(struct logs_counts, errors)},
    {"protocol_commands", offsetof(struct logs_counts, commands)},
    {"durations_without_statement", offsetof(struct logs_counts, unpaired)},
    {"executions_without_time", offsetof(struct logs_counts, timeless)},
    {"plans_not_read", offsetof(struct logs_counts, plans_unread)},
    {"entries_not_read", offsetof(struct logs_counts, unreadable)},
    {"lines_of_no_entry", offsetof(struct logs_counts, foreign)},
    {"entries_cut", offsetof(struct logs_counts, cut)},
};

static int64_t count_at(const struct logs_counts *counts, size_t index)
{
    return *(const int64_t *)((const char *)counts + count_names[index].offset);
}

static void time_member(struct json_writer *json, const char *key, int64_t time_us)
{
    json_key(json, key);
    json_time(json, time_us == INT64_MAX ? INT64_MIN : time_us);
}

void logs_summary_write(const struct logs_summary *summary, const struct logs_counts *counts, struct json_writer *json)
{
    char hash[SQL_HASH_HEX_BYTES];
    size_t count;
    const struct row **rows = sorted(summary, &count);

    for (size_t i = 0; i < sizeof count_names / sizeof count_names[0]; i++)
        json_member_int64(json, count_names[i].name, count_at(counts, i));
    for (enum logs_kind kind = LOGS_KIND_UNSET + 1; kind < LOGS_KIND_COUNT; kind++) {
        char name[40];

        snprintf(name, sizeof name, "%ss", logs_kind_name(kind));
        json_member_int64(json, name, counts->events[kind]);
    }
    time_member(json, "from", summary->from_us);
    time_member(json, "to", summary->to_us);
    json_member_double(json, "waited_ms", summary->waited_ms);
    json_member_int64(json, "temporary_bytes", summary->temporary_bytes);
    json_member_int64(json, "statements", (int64_t)summary->count);
    json_key(json, "top");
    json_array_begin(json);
    for (size_t i = 0; i < count; i++) {
        json_object_begin(json);
        json_member_string(json, "hash", sql_hash_format(rows[i]->hash, hash));
        json_member_int64(json, "calls", rows[i]->calls);
        json_member_double(json, "total_ms", rows[i]->total_ms);
        json_member_double(json, "max_ms", rows[i]->max_ms);
        json_member_text(json, "fingerprint", rows[i]->fingerprint);
        json_object_end(json);
    }
    json_array_end(json);
}

static void number_member(struct json_writer *json, const char *key, double number)
{
    if (number >= 0)
        json_member_double(json, key, number);
}

static void text_member(struct json_writer *json, const char *key, struct text text)
{
    if (text.data != NULL)
        json_member_text(json, key, text);
}

static void write_deadlock(const struct logs_event *event, struct json_writer *json)
{
    json_key(json, "processes");
    json_array_begin(json);
    for (size_t i = 0; i < event->deadlock_count; i++) {
        const struct logs_deadlock_process *process = &event->deadlock[i];

        json_object_begin(json);
        json_member_int64(json, "process", process->process);
        text_member(json, "waits_for", process->waits_for);
        json_member_id_or_null(json, "blocked_by", process->blocked_by);
        text_member(json, "statement", process->statement);
        json_object_end(json);
    }
    json_array_end(json);
}

void logs_event_write(const struct logs_event *event, struct json_writer *json)
{
    json_object_begin(json);
    json_member_string(json, "kind", logs_kind_name(event->kind));
    time_member(json, "ended_at", event->ended_at_us);
    json_member_id_or_null(json, "process", event->process);
    number_member(json, "duration_ms", event->duration_ms);
    number_member(json, "lock_ms", event->lock_ms);
    number_member(json, "rows_examined", (double)event->rows_examined);
    number_member(json, "rows_returned", (double)event->rows_returned);
    number_member(json, "bytes", (double)event->bytes);
    text_member(json, "statement", event->statement);
    text_member(json, "parameters", event->parameters);
    text_member(json, "user", event->user);
    text_member(json, "host", event->host);
    text_member(json, "database", event->database);
    text_member(json, "application", event->application);
    text_member(json, "message", event->message);
    text_member(json, "wait", event->wait);
    text_member(json, "blockers", event->blockers);
    if (event->plan.data != NULL) {
        json_key(json, "plan");
        json_raw(json, event->plan);
    }
    if (event->deadlock_count > 0)
        write_deadlock(event, json);
    json_object_end(json);
}

/* ---- for people ---- */

void logs_summary_print(const struct logs_summary *summary, const struct logs_counts *counts)
{
    size_t count;
    const struct row **rows = sorted(summary, &count);

    for (enum logs_kind kind = LOGS_KIND_UNSET + 1; kind < LOGS_KIND_COUNT; kind++)
        if (counts->events[kind] > 0)
            printf("%12" PRId64 " %ss\n", counts->events[kind], logs_kind_name(kind));
    for (size_t i = 0; i < sizeof count_names / sizeof count_names[0]; i++)
        if (count_at(counts, i) > 0)
            printf("%12" PRId64 " %s\n", count_at(counts, i), count_names[i].name);
    if (count > 0)
        printf("\n%10s %14s %12s  statement\n", "calls", "total ms", "longest ms");
    for (size_t i = 0; i < count; i++) {
        struct text shown = text_cut_utf8(rows[i]->fingerprint, SHOWN_BYTES_MAX);

        printf("%10" PRId64 " %14.1f %12.1f  %.*s%s\n", rows[i]->calls, rows[i]->total_ms, rows[i]->max_ms,
               (int)shown.size, shown.data, shown.size < rows[i]->fingerprint.size ? "…" : "");
    }
    if (summary->others.calls > 0)
        printf("%10" PRId64 " %14.1f %12.1f  (others)\n", summary->others.calls, summary->others.total_ms,
               summary->others.max_ms);
}
