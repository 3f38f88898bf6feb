/* A cycle from its beginning to its end; see collect.h. */
#include "collect/collect.h"

#include <stdlib.h>
#include <string.h>

#include "collect/cycle.h"
#include "collect/engine.h"
#include "collect/explain.h"

enum { CURSOR_BYTES_MAX = 256 * 1024 };

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

static void keep_cursor(struct collect_cycle *cycle)
{
    size_t size;
    const char *said = json_object_to_json_string_length(cycle->cursor, JSON_C_TO_STRING_PLAIN, &size);

    if (said == NULL || size > CURSOR_BYTES_MAX)
        return;
    cycle->result->cursor = (struct text){arena_string(cycle->arena, said, size), size};
}

/* The plan that the cycle made for a sample's fingerprint is the sample's plan too. */
static void link_plans(const struct plan_facts *plans, struct sample_facts *samples)
{
    for (size_t i = 0; i < samples->count; i++)
        for (size_t j = 0; j < plans->count; j++) {
            struct sample_fact *sample = &samples->items[i];

            if (!sql_hash_equal(plans->items[j].hash, sample->statement.hash))
                continue;
            sample->has_plan_hash = true;
            sample->plan_hash = plans->items[j].plan_hash;
        }
}

/* A cycle that failed on its way has seen some things and not others, so the next one starts where it did. Its samples
 * are kept: the store recognizes an execution that comes twice. */
static void drop_half(struct collect_result *result)
{
    result->facts.growth.count = 0;
    result->facts.baselines = (struct baseline_changes){.gone_count = 0};
    result->facts.coverage = (struct coverage_fact){.basis = COVERAGE_BASIS_UNSET};
    result->has_more = false;
}

void collect_cycle(const struct collect_input *input, struct arena *arena, struct collect_result *out_result)
{
    struct text name = text_of(input->target->engine);
    struct collect_cycle cycle = {
        .input = input,
        .rules = {.engine = name, .dialect = sql_dialect_of(name), .keeps_literals = input->keeps_literals},
        .result = out_result,
        .arena = arena};

    memset(out_result, 0, sizeof *out_result);
    out_result->state = COLLECT_STATE_OK;
    cycle.cursor = read_cursor(input->cursor, arena);
    if (target_open(input->target, &cycle.target, &cycle.failure) != STATUS_OK) {
        collect_fail(&cycle);
        return;
    }
    out_result->server_version =
        text_to_utf8(text_of(arena_printf(arena, "%s", target_server_version(cycle.target))), arena);
    collect_engine_of(input->target->engine)->collect(&cycle);
    out_result->spent_us = target_spent_us(cycle.target);
    out_result->cost_us = target_cost_us(cycle.target);
    out_result->plan_cost_us = explain_cost_us(&cycle);
    if (out_result->plan_cost_us > out_result->cost_us)
        out_result->plan_cost_us = out_result->cost_us;
    out_result->statement_count = target_statement_count(cycle.target);
    target_close(cycle.target);
    link_plans(&out_result->facts.plans, &out_result->facts.samples);
    if (out_result->state == COLLECT_STATE_FAILED)
        drop_half(out_result);
    else
        keep_cursor(&cycle);
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
