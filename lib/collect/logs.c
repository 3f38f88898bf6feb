/* A part of a log file as facts; see logs.h. */
#include "collect/logs.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_storable.h"
#include "base/vector.h"
#include "collect/collect.h"
#include "facts/codec.h"
#include "plan/plan.h"

enum {
    /* Reading ends at the block of LOGS_BLOCK_BYTES in which one of these is reached. */
    SAMPLES_ENOUGH = 4000,
    DEADLOCKS_ENOUGH = 100,
    BYTES_ENOUGH = 12 * 1024 * 1024,
    /* And beyond these within the block a sample goes without its texts. */
    BYTES_MAX = 32 * 1024 * 1024,
    ENTRY_BYTES = 64, /* no entry of an execution is much shorter */
    /* What begins so much before bytes that are there, but are not read yet, is complete. */
    COMPLETE_BYTES = 1024 * 1024,
    FUTURE_MAX_S = 3600, /* as for agents: clocks differ */
};

struct reading {
    const struct log_input *input;
    struct statement_rules rules;
    enum plan_dialect plans;
    struct arena *arena, *scratch;
    struct log_result *result;
    size_t deadlock_capacity, statement_capacity, bytes;
};

static struct text kept(struct text text, size_t max_bytes, struct arena *arena)
{
    text = text.size == 0 ? text : text_cut_utf8(text_to_utf8(text, arena), max_bytes);
    return text.size == 0 ? (struct text){NULL, 0}
                          : (struct text){arena_string(arena, text.data, text.size), text.size};
}

static bool is_elsewhere(const struct log_input *input, struct text database)
{
    return input->database.size > 0 && database.size > 0 && text_equal(input->engine, TEXT("postgresql")) &&
           !text_equal(input->database, database);
}

/* ---- executions ---- */

/* Logs tell milliseconds or seconds. Executions of one statement that took equally long within one of them are not the
 * same, and without their literals only the time tells them apart; so it gets what differs in the file. */
static int64_t within_millisecond(const struct logs_event *event)
{
    return event->at / ENTRY_BYTES % 1000;
}

static void add_plan(struct reading *reading, struct text json, struct sample_fact *sample)
{
    struct plan plan;

    if (json.size > LOGS_PLAN_BYTES_MAX || !json_is_storable_object(json, reading->scratch) ||
        plan_read(reading->plans, json, reading->scratch, &plan, NULL) != STATUS_OK)
        return;
    sample->plan = kept(json, LOGS_PLAN_BYTES_MAX, reading->arena);
    memcpy(sample->plan_hash.bytes, plan.hash.bytes, sizeof sample->plan_hash.bytes);
    sample->has_plan_hash = true;
    reading->bytes += json.size;
}

static void take_execution(struct reading *reading, const struct logs_event *event)
{
    const struct log_input *input = reading->input;
    struct sample_facts *samples = &reading->result->facts.samples;
    struct arena *arena = reading->arena;
    struct sample_fact sample, *place;
    bool has_room = reading->bytes < BYTES_MAX && reading->rules.keeps_literals;

    if (is_elsewhere(input, event->database)) {
        reading->result->elsewhere++;
        return;
    }
    if (event->duration_ms < input->min_duration_ms || collect_is_own(event->statement) ||
        !logs_sample(event, input->now_us + FUTURE_MAX_S * CLOCK_SECOND_US, reading->scratch, &sample))
        return;
    place = vector_add(samples, FACTS_SAMPLES_MAX, arena);
    if (place == NULL)
        return;
    *place = (struct sample_fact){.captured_at_us = sample.captured_at_us + within_millisecond(event),
                                  .duration_ms = sample.duration_ms,
                                  .rows_examined = sample.rows_examined,
                                  .rows_returned = sample.rows_returned,
                                  .statement = statement_fingerprint(&reading->rules, sample.full_sql, arena),
                                  .user_host = kept(sample.user_host, LOGS_USER_HOST_BYTES_MAX, arena),
                                  .database_name = kept(sample.database_name, LOGS_NAME_BYTES_MAX, arena)};
    if (has_room)
        place->full_sql = kept(sample.full_sql, LOGS_SQL_BYTES_MAX, arena);
    if (has_room && sample.plan.data != NULL)
        add_plan(reading, sample.plan, place);
    reading->bytes += sample.full_sql.size + place->statement.text.size;
}

/* ---- deadlocks ---- */

/* The fingerprint of a process's statement. False: it is not known. */
static bool add_statement(struct reading *reading, struct text sql, struct sql_hash *out_hash)
{
    struct log_facts *facts = &reading->result->facts;
    struct arena *arena = reading->arena;
    struct sql_fingerprint fingerprint;

    sql = text_trim(kept(sql, LOGS_SQL_BYTES_MAX, reading->scratch));
    if (sql.size == 0)
        return false;
    fingerprint = statement_fingerprint(&reading->rules, sql, arena);
    *out_hash = fingerprint.hash;
    for (size_t i = 0; i < facts->statements.count; i++)
        if (sql_hash_equal(facts->statements.items[i].hash, fingerprint.hash))
            return true;
    if (fingerprint.text.size == 0 || facts->statements.count == DEADLOCK_STATEMENTS_MAX)
        return false;
    if (facts->statements.count == reading->statement_capacity)
        facts->statements.items =
            vector_grow(facts->statements.items, facts->statements.count, &reading->statement_capacity,
                        sizeof *facts->statements.items, DEADLOCK_STATEMENTS_MAX, arena);
    facts->statements.items[facts->statements.count++] = fingerprint;
    reading->bytes += fingerprint.text.size;
    return true;
}

/* The statement of the victim is there in full; of the others the server shows the beginning. */
static struct deadlock_process process_of(struct reading *reading, const struct logs_event *event,
                                          const struct logs_deadlock_process *seen)
{
    struct text sql = seen->process == event->process && event->statement.size > 0 ? event->statement : seen->statement;
    struct deadlock_process process = {.process = seen->process,
                                       .blocked_by = seen->blocked_by > 0 ? seen->blocked_by : 0,
                                       .wait = kept(seen->waits_for, DEADLOCK_WAIT_BYTES_MAX, reading->arena)};

    process.has_statement = add_statement(reading, sql, &process.hash);
    return process;
}

static void take_deadlock(struct reading *reading, const struct logs_event *event)
{
    struct log_facts *facts = &reading->result->facts;
    struct arena *arena = reading->arena;
    struct deadlock_fact deadlock = {.noticed_at_us = event->ended_at_us,
                                     .victim = event->process > 0 ? event->process : 0};

    if (is_elsewhere(reading->input, event->database) || event->ended_at_us < SAMPLE_CAPTURED_US_MIN ||
        event->ended_at_us > reading->input->now_us + FUTURE_MAX_S * CLOCK_SECOND_US)
        return;
    deadlock.processes = arena_alloc_array(arena, DEADLOCK_PROCESSES_MAX, sizeof *deadlock.processes);
    for (size_t i = 0; i < event->deadlock_count && i < DEADLOCK_PROCESSES_MAX; i++)
        if (event->deadlock[i].process > 0)
            deadlock.processes[deadlock.process_count++] = process_of(reading, event, &event->deadlock[i]);
    if (deadlock.process_count == 0 || facts->deadlock_count == DEADLOCKS_MAX)
        return;
    deadlock.user = kept(event->user, DEADLOCK_NAME_BYTES_MAX, arena);
    deadlock.database = kept(event->database, DEADLOCK_NAME_BYTES_MAX, arena);
    deadlock.application = kept(event->application, DEADLOCK_NAME_BYTES_MAX, arena);
    if (facts->deadlock_count == reading->deadlock_capacity)
        facts->deadlocks = vector_grow(facts->deadlocks, facts->deadlock_count, &reading->deadlock_capacity,
                                       sizeof *facts->deadlocks, DEADLOCKS_MAX, arena);
    facts->deadlocks[facts->deadlock_count++] = deadlock;
}

static void take_event(void *context, const struct logs_event *event)
{
    struct reading *reading = context;

    if (event->ended_at_us != LOGS_TIME_UNKNOWN && event->ended_at_us > reading->result->last_event_us &&
        event->ended_at_us <= reading->input->now_us + FUTURE_MAX_S * CLOCK_SECOND_US)
        reading->result->last_event_us = event->ended_at_us;
    if (event->kind == LOGS_KIND_EXECUTION)
        take_execution(reading, event);
    else if (event->kind == LOGS_KIND_DEADLOCK)
        take_deadlock(reading, event);
    arena_reset(reading->scratch);
}

/* ---- all ---- */

static bool has_enough(const struct reading *reading)
{
    const struct log_facts *facts = &reading->result->facts;

    return facts->samples.count >= SAMPLES_ENOUGH || facts->deadlock_count >= DEADLOCKS_ENOUGH ||
           reading->bytes >= BYTES_ENOUGH;
}

static void read_bytes(struct reading *reading, struct logs_reader *reader)
{
    const struct log_input *input = reading->input;
    struct log_result *result = reading->result;
    struct text rest = input->bytes;

    logs_reader_begin_at(reader, &input->place);
    while (rest.size > 0 && !has_enough(reading)) {
        struct text block = {rest.data, rest.size < LOGS_BLOCK_BYTES ? rest.size : LOGS_BLOCK_BYTES};

        logs_reader_feed(reader, block);
        rest = (struct text){rest.data + block.size, rest.size - block.size};
    }
    if (input->is_last && rest.size == 0) {
        int64_t end = input->place.offset + (int64_t)input->bytes.size;

        logs_reader_end(reader, true);
        result->place = (struct logs_place){.offset = end, .told = end};
    } else {
        int64_t end = input->place.offset + (int64_t)(input->bytes.size - rest.size);

        logs_reader_leave(reader, input->quiet > end ? end - COMPLETE_BYTES : input->quiet, &result->place);
    }
    result->has_more = rest.size > 0;
    result->counts = *logs_reader_counts(reader);
}

/* What nothing in the first line tells is the log that a server writes by itself. */
static enum logs_format guess(const struct log_input *input)
{
    enum logs_format format = logs_format_guess(input->head);

    return format == LOGS_FORMAT_STDERR && !text_equal(input->engine, TEXT("postgresql")) ? LOGS_FORMAT_ERROR : format;
}

void collect_log(const struct log_input *input, struct arena *arena, struct log_result *out_result)
{
    struct logs_options options = {.format = input->format,
                                   .prefix = input->prefix,
                                   .has_utc_offset = input->has_utc_offset,
                                   .utc_offset_s = input->utc_offset_s};
    struct reading reading = {.input = input,
                              .rules = {.engine = input->engine,
                                        .dialect = sql_dialect_of(input->engine),
                                        .keeps_literals = input->keeps_literals},
                              .plans = plan_dialect_of(input->engine),
                              .arena = arena,
                              .scratch = arena_new(0),
                              .result = out_result};
    struct logs_reader *reader;
    struct error error = {0};

    *out_result = (struct log_result){.place = input->place, .last_event_us = LOGS_TIME_UNKNOWN};
    out_result->facts.samples.provenance = SAMPLE_PROVENANCE_SLOW_LOG;
    if (options.format == LOGS_FORMAT_UNSET)
        options.format = guess(input);
    out_result->format = options.format;
    if (logs_reader_new(&options, take_event, &reading, &reader, &error) == STATUS_OK)
        read_bytes(&reading, reader);
    else
        snprintf(out_result->problem, sizeof out_result->problem, "%s", error.message);
    logs_reader_destroy(reader);
    arena_destroy(reading.scratch);
}
