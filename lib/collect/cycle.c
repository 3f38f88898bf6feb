/* What the engines' cycles share; see cycle.h. */
#include "collect/cycle.h"

#include <stdio.h>
#include <string.h>

#include "base/vector.h"

enum { RESULT_BYTES_MAX = 64 * 1024 * 1024 };

enum status collect_run(struct collect_cycle *cycle, const char *sql, const struct text *params, int param_count,
                        struct target_rows *out_rows)
{
    return target_run(cycle->target, sql, params, param_count, RESULT_BYTES_MAX, cycle->arena, out_rows,
                      &cycle->failure);
}

void collect_fail(struct collect_cycle *cycle)
{
    collect_tell(cycle, COLLECT_STATE_FAILED, cycle->failure.problem, cycle->failure.remedy);
    snprintf(cycle->result->detail, sizeof cycle->result->detail, "%s%s%s", cycle->failure.code,
             cycle->failure.code[0] == '\0' ? "" : " ", cycle->failure.detail);
}

void collect_tell(struct collect_cycle *cycle, enum collect_state state, const char *problem, const char *remedy)
{
    struct collect_result *result = cycle->result;

    if (state <= result->state)
        return;
    result->state = state;
    snprintf(result->problem, sizeof result->problem, "%s", problem);
    snprintf(result->remedy, sizeof result->remedy, "%s", remedy);
}

void collect_hint(struct collect_cycle *cycle, const char *problem, const char *remedy)
{
    struct collect_result *result = cycle->result;

    if (result->state != COLLECT_STATE_OK || result->problem[0] != '\0')
        return;
    snprintf(result->problem, sizeof result->problem, "%s", problem);
    snprintf(result->remedy, sizeof result->remedy, "%s", remedy);
}

struct sample_fact *collect_add_sample(struct collect_cycle *cycle)
{
    struct sample_facts *samples = &cycle->result->facts.samples;

    return vector_push(samples, cycle->arena);
}

int64_t collect_cursor_get(const struct collect_cycle *cycle, const char *key)
{
    struct json_object *value = NULL;

    if (!json_object_object_get_ex(cycle->cursor, key, &value) || !json_object_is_type(value, json_type_int))
        return INT64_MIN;
    return json_object_get_int64(value);
}

void collect_cursor_set(struct collect_cycle *cycle, const char *key, int64_t value)
{
    if (value == INT64_MIN)
        json_object_object_del(cycle->cursor, key);
    else
        json_object_object_add(cycle->cursor, key, json_object_new_int64(value));
}
