/* An execution in a log as a sample; see logs.h. */
#include "logs/logs.h"

#include "sql/parameters.h"

static struct text bounded(struct text text, size_t max_bytes, struct arena *arena)
{
    return text.size == 0 ? (struct text){NULL, 0} : text_cut_utf8(text_to_utf8(text, arena), max_bytes);
}

static struct text user_host_of(const struct logs_event *event, struct arena *arena)
{
    struct text user = bounded(event->user, LOGS_USER_HOST_BYTES_MAX, arena);
    struct text host = bounded(event->host, LOGS_USER_HOST_BYTES_MAX, arena);

    if (user.size == 0 || host.size == 0)
        return user;
    return bounded(text_of(arena_printf(arena, "%.*s@%.*s", (int)user.size, user.data, (int)host.size, host.data)),
                   LOGS_USER_HOST_BYTES_MAX, arena);
}

/* -1, unknown, for more than the statement took. */
static int64_t lock_us(const struct logs_event *event)
{
    return event->lock_ms >= 0 && event->lock_ms <= event->duration_ms ? (int64_t)(event->lock_ms * 1000) : -1;
}

bool logs_sample(const struct logs_event *event, int64_t captured_max_us, struct arena *arena,
                 struct sample_fact *out_sample)
{
    struct text statement = text_trim(event->statement);

    *out_sample = (struct sample_fact){.duration_ms = event->duration_ms,
                                       .rows_examined = event->rows_examined,
                                       .rows_returned = event->rows_returned,
                                       .lock_us = lock_us(event)};
    if (event->kind != LOGS_KIND_EXECUTION || event->ended_at_us == LOGS_TIME_UNKNOWN || statement.size == 0 ||
        !(event->duration_ms >= 0 && event->duration_ms <= SAMPLE_DURATION_MS_MAX) ||
        event->ended_at_us < SAMPLE_CAPTURED_US_MIN)
        return false;
    out_sample->captured_at_us = event->ended_at_us - (int64_t)(event->duration_ms * 1000);
    out_sample->full_sql = bounded(sql_with_values(statement, event->parameters, arena), LOGS_SQL_BYTES_MAX, arena);
    out_sample->user_host = user_host_of(event, arena);
    out_sample->database_name = bounded(event->database, LOGS_NAME_BYTES_MAX, arena);
    if (event->plan.size > 0 && event->plan.size <= LOGS_PLAN_BYTES_MAX)
        out_sample->plan = event->plan;
    return sample_is_possible(out_sample, captured_max_us);
}
