/* What all engines' cycles share; see collect.h. */
#include "collect/collect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/engine.h"
#include "collect/collect_internal.h"

enum { RESULT_BYTES_MAX = 64 * 1024 * 1024, CURSOR_BYTES_MAX = 256 * 1024 };

static void (*const collect_table[ENGINE_KIND_COUNT])(struct cycle *cycle) = {
    [ENGINE_POSTGRESQL] = collect_postgres,
    [ENGINE_MYSQL] = collect_mysql,
};

static void put_object(void *object)
{
    json_object_put(object);
}

static struct json_object *read_cursor(struct text cursor, struct arena *arena)
{
    struct json_object *object = NULL;

    if (cursor.size > 0 && cursor.size <= CURSOR_BYTES_MAX)
        object = json_tokener_parse(arena_string(arena, cursor.data, cursor.size));
    if (!json_object_is_type(object, json_type_object)) {
        json_object_put(object);
        object = json_object_new_object();
    }
    if (object == NULL)
        abort();
    arena_defer(arena, put_object, object);
    return object;
}

static void keep_cursor(struct cycle *cycle)
{
    size_t size;
    const char *said = json_object_to_json_string_length(cycle->cursor, JSON_C_TO_STRING_PLAIN, &size);

    if (said == NULL || size > CURSOR_BYTES_MAX)
        return;
    cycle->result->cursor = (struct text){arena_string(cycle->arena, said, size), size};
}

void collect_cycle(const struct collect_input *input, struct arena *arena, struct collect_result *out_result)
{
    struct cycle cycle = {.input = input, .result = out_result, .arena = arena};
    enum status status;

    memset(out_result, 0, sizeof *out_result);
    out_result->state = COLLECT_STATE_OK;
    cycle.cursor = read_cursor(input->cursor, arena);
    status = target_open(input->target, &cycle.target, &cycle.failure);
    if (status != STATUS_OK) {
        cycle_fail(&cycle);
        return;
    }
    out_result->server_version =
        text_to_utf8(text_of(arena_printf(arena, "%s", target_server_version(cycle.target))), arena);
    collect_table[engine_of(text_of(input->target->engine))->kind](&cycle); /* a target that was opened has one */
    out_result->spent_us = target_spent_us(cycle.target);
    out_result->statement_count = target_statement_count(cycle.target);
    target_close(cycle.target);
    /* A cycle that failed on its way has looked at some things and not at others: the next one starts where
     * this one did. Samples found before are kept, since they are told apart by what they are. */
    if (out_result->state != COLLECT_STATE_FAILED) {
        keep_cursor(&cycle);
        return;
    }
    out_result->has_baselines = false;
    out_result->growth_count = 0;
    out_result->has_more = false;
}

bool collect_is_own(struct text sql)
{
    static const struct text mark = {" /* potto */", 12};
    struct text rest = text_trim(sql);

    while (rest.size > 0 &&
           ((rest.data[0] >= 'A' && rest.data[0] <= 'Z') || (rest.data[0] >= 'a' && rest.data[0] <= 'z'))) {
        rest.data++;
        rest.size--;
    }
    return text_starts(rest, mark);
}

/* ---- for the engines ---- */

enum status cycle_run(struct cycle *cycle, const char *sql, const struct text *params, int param_count,
                      struct target_rows *out_rows)
{
    return target_run(cycle->target, sql, params, param_count, RESULT_BYTES_MAX, cycle->arena, out_rows,
                      &cycle->failure);
}

void cycle_fail(struct cycle *cycle)
{
    cycle_tell(cycle, COLLECT_STATE_FAILED, cycle->failure.problem, cycle->failure.remedy);
    snprintf(cycle->result->detail, sizeof cycle->result->detail, "%s%s%s", cycle->failure.code,
             cycle->failure.code[0] == '\0' ? "" : " ", cycle->failure.detail);
}

void cycle_tell(struct cycle *cycle, enum collect_state state, const char *problem, const char *remedy)
{
    struct collect_result *result = cycle->result;

    if (state <= result->state)
        return;
    result->state = state;
    snprintf(result->problem, sizeof result->problem, "%s", problem);
    snprintf(result->remedy, sizeof result->remedy, "%s", remedy);
}

void cycle_hint(struct cycle *cycle, const char *problem, const char *remedy)
{
    struct collect_result *result = cycle->result;

    if (result->state != COLLECT_STATE_OK || result->problem[0] != '\0')
        return;
    snprintf(result->problem, sizeof result->problem, "%s", problem);
    snprintf(result->remedy, sizeof result->remedy, "%s", remedy);
}

struct collect_sample *cycle_add_sample(struct cycle *cycle)
{
    struct collect_result *result = cycle->result;

    if (result->sample_count == cycle->sample_capacity) {
        size_t capacity = cycle->sample_capacity == 0 ? 64 : cycle->sample_capacity * 2;
        struct collect_sample *wider = arena_alloc_array(cycle->arena, capacity, sizeof *wider);

        if (result->sample_count > 0)
            memcpy(wider, result->samples, result->sample_count * sizeof *wider);
        result->samples = wider;
        cycle->sample_capacity = capacity;
    }
    return &result->samples[result->sample_count++];
}

int64_t cycle_cursor_int64(const struct cycle *cycle, const char *key)
{
    struct json_object *value = NULL;

    if (!json_object_object_get_ex(cycle->cursor, key, &value) || !json_object_is_type(value, json_type_int))
        return INT64_MIN;
    return json_object_get_int64(value);
}

void cycle_cursor_set(struct cycle *cycle, const char *key, int64_t value)
{
    if (value == INT64_MIN)
        json_object_object_del(cycle->cursor, key);
    else
        json_object_object_add(cycle->cursor, key, json_object_new_int64(value));
}
