/* What the engines' cycles share; see cycle.h. */
#include "collect/cycle.h"

#include <stdio.h>
#include <string.h>

#include "base/vector.h"
#include "plan/plan.h"

static void keep_detail(struct collect_cycle *cycle)
{
    snprintf(cycle->result->detail, sizeof cycle->result->detail, "%s%s%s", cycle->failure.code,
             cycle->failure.code[0] == '\0' ? "" : " ", cycle->failure.detail);
}

enum status collect_run(struct collect_cycle *cycle, const struct target_statement *statement,
                        const struct text *params, int param_count, struct target_rows *out_rows)
{
    enum status status =
        target_run(cycle->target, statement, params, param_count, cycle->arena, out_rows, &cycle->failure);

    if (status != STATUS_OK && cycle->failure.failure == TARGET_FAILURE_SHAPE) {
        collect_tell(cycle, COLLECT_STATE_WARNING, cycle->failure.problem, cycle->failure.remedy);
        keep_detail(cycle);
    }
    return status;
}

enum status collect_command(struct collect_cycle *cycle, const char *sql)
{
    const struct target_statement statement = {.sql = sql};
    struct target_rows none;

    return collect_run(cycle, &statement, NULL, 0, &none);
}

enum status collect_explain(struct collect_cycle *cycle, const char *sql, struct text *out_json)
{
    static const struct target_column columns[] = {{"plan", TARGET_TEXT, .max_bytes = PLAN_JSON_BYTES_MAX}};
    const struct target_statement statement = {.sql = sql,
                                               TARGET_COLUMNS(columns),
                                               .rows_min = 1,
                                               .rows_max = 1,
                                               .cost_max = PLAN_JSON_BYTES_MAX + TARGET_CELL_BYTES};
    struct target_rows rows;
    enum status status = collect_run(cycle, &statement, NULL, 0, &rows);

    if (status == STATUS_OK)
        *out_json = target_text(&rows, 0, 0);
    return status;
}

void collect_fail(struct collect_cycle *cycle)
{
    collect_tell(cycle, COLLECT_STATE_FAILED, cycle->failure.problem, cycle->failure.remedy);
    keep_detail(cycle);
}

void collect_warn(struct collect_cycle *cycle)
{
    collect_tell(cycle, COLLECT_STATE_WARNING, cycle->failure.problem, cycle->failure.remedy);
    keep_detail(cycle);
}

/* Copy, cut to `size` bytes with the NUL, and not within a character. */
static void copy_words(char *out, size_t size, const char *words)
{
    struct text kept = text_cut_utf8(text_of(words), size - 1);

    memcpy(out, kept.data, kept.size);
    out[kept.size] = '\0';
}

static void say(struct collect_result *result, const char *problem, const char *remedy)
{
    copy_words(result->problem, sizeof result->problem, problem);
    copy_words(result->remedy, sizeof result->remedy, remedy);
}

void collect_tell(struct collect_cycle *cycle, enum collect_state state, const char *problem, const char *remedy)
{
    struct collect_result *result = cycle->result;

    if (state <= result->state)
        return;
    result->state = state;
    say(result, problem, remedy);
}

void collect_hint(struct collect_cycle *cycle, const char *problem, const char *remedy)
{
    struct collect_result *result = cycle->result;

    if (result->state != COLLECT_STATE_OK || result->problem[0] != '\0')
        return;
    say(result, problem, remedy);
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
