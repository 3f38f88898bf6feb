/* Statement, parameters and plan of auto_explain's text and JSON; see auto_explain.h. */
#include "logs/auto_explain.h"

#include <math.h>
#include <string.h>

#include "base/json_read.h"
#include "facts/sample.h"

static int64_t rows_of(struct json_number rows, struct json_number loops)
{
    double product = rows.value * loops.value;

    return product >= 0 && product <= (double)SAMPLE_ROWS_MAX ? (int64_t)round(product) : -1;
}

/* Read the root's rows out of the plan, which was found to be JSON. */
static int64_t read_rows(struct text plan, struct arena *arena)
{
    struct json_number rows = {.value = -1}, loops = {.value = 1};
    struct json_reader json;
    struct text name;

    json_reader_init_lenient(&json, plan, arena);
    if (json_enter_object(&json))
        while (json_next_member(&json, &name)) {
            bool is_rows = text_equal(name, TEXT("Actual Rows"));

            if (is_rows || text_equal(name, TEXT("Actual Loops")))
                json_read_number(&json, is_rows ? &rows : &loops);
            else
                json_skip(&json, NULL);
        }
    return json_has_problem(&json) ? -1 : rows_of(rows, loops);
}

/* {"Plan": …} on one line. A newline of JSON is never within a string. */
static struct text wrap_plan(struct text plan, struct arena *arena)
{
    char *copy = arena_alloc(arena, plan.size + 16), *to = copy + 8;
    const char *at = plan.data, *end = at + plan.size;

    memcpy(copy, "{\"Plan\":", 8);
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)((newline == NULL ? end : newline) - at);

        memcpy(to, at, size);
        to += size;
        for (at += size; at < end && (*at == '\n' || *at == ' ');)
            at++;
    }
    *to++ = '}';
    return (struct text){copy, (size_t)(to - copy)};
}

static enum status read_json(struct text text, struct arena *arena, struct auto_explain *out_explain)
{
    struct text plan = {NULL, 0}, name;
    struct json_reader json;

    json_reader_init_lenient(&json, text, arena);
    if (json_enter_object(&json))
        while (json_next_member(&json, &name)) {
            if (text_equal(name, TEXT("Query Text")) && json_peek(&json) == JSON_KIND_STRING)
                json_read_text(&json, &out_explain->statement);
            else if (text_equal(name, TEXT("Query Parameters")) && json_peek(&json) == JSON_KIND_STRING)
                json_read_text(&json, &out_explain->parameters);
            else if (text_equal(name, TEXT("Plan")) && json_peek(&json) == JSON_KIND_OBJECT)
                json_skip(&json, &plan);
            else
                json_skip(&json, NULL);
        }
    if (!json_finish(&json))
        return STATUS_INVALID;
    /* What PostgreSQL's jsonb does not hold stays out. */
    if (plan.data == NULL || plan.size > LOGS_PLAN_BYTES_MAX - 16 || json.flaw != NULL || json.has_nul ||
        json.has_no_character || json.has_huge_number)
        return out_explain->statement.data == NULL ? STATUS_INVALID : STATUS_OK;
    out_explain->plan = wrap_plan(plan, arena);
    out_explain->rows = read_rows(plan, arena);
    return STATUS_OK;
}

/* Where the first line begins that is a plan's node; NULL: nowhere. */
static const char *find_plan(struct text text)
{
    const char *at = text.data, *end = at + text.size;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t size = newline == NULL ? (size_t)(end - at) : (size_t)(newline - at);

        if (memmem(at, size, "  (cost=", 8) != NULL || memmem(at, size, "  (actual ", 10) != NULL)
            return at;
        at = newline == NULL ? end : newline + 1;
    }
    return NULL;
}

static void take_parameters(struct text *statement, struct text *out_parameters)
{
    const char *found = memmem(statement->data, statement->size, "\nQuery Parameters: ", 19);

    if (found == NULL)
        return;
    *out_parameters = text_trim((struct text){found + 19, (size_t)(statement->data + statement->size - found - 19)});
    statement->size = (size_t)(found - statement->data);
}

enum status auto_explain_read(struct text text, struct arena *arena, struct auto_explain *out_explain)
{
    const char *plan;

    *out_explain = (struct auto_explain){.rows = -1};
    text = text_trim(text);
    if (text_starts(text, TEXT("{")))
        return read_json(text, arena, out_explain);
    if (!text_take_off(&text, TEXT("Query Text: ")))
        return STATUS_INVALID;
    plan = find_plan(text);
    if (plan == NULL)
        return STATUS_INVALID; /* YAML, whose statement is in quotes of its own */
    out_explain->statement = text_trim((struct text){text.data, (size_t)(plan - text.data)});
    take_parameters(&out_explain->statement, &out_explain->parameters);
    out_explain->plan =
        plan_text_to_json((struct text){plan, (size_t)(text.data + text.size - plan)}, arena, &out_explain->rows);
    return STATUS_OK;
}
