/* POST /api/v1/metrics: reports of MongoDB nodes, from an agent or a member. */
#include "wire/metrics.h"

#include <xxhash.h>

#include "base/clock.h"
#include "facts/retention.h"
#include "fcgi/api/ingest_answer.h"
#include "fcgi/handlers.h"
#include "store/ingest/mongodb.h"

/* An agent's token names the connection, a member does. */
static enum status find_connection(const struct scope *scope, const struct metrics_message *message,
                                   int64_t *out_connection_id, struct error *error)
{
    int64_t own_id = scope_connection_id(scope);

    if (own_id != 0 && message->connection_id != 0 && message->connection_id != own_id)
        return error_field(error, "connection_id", "is not the connection of the agent token: leave it out");
    if (own_id == 0 && message->connection_id == 0)
        return error_field(error, "connection_id", "is missing: whose reports are these?");
    *out_connection_id = own_id != 0 ? own_id : message->connection_id;
    return STATUS_OK;
}

static enum status store_message(const struct request *request, const struct scope *scope,
                                 const struct metrics_message *message, struct ingest_outcome *out_outcome,
                                 struct error *error)
{
    struct mongodb_batch batch = {
        .reports = message->reports,
        .batch_id = message->batch_id,
        .body_digest = XXH3_64bits(message->data_json.data, message->data_json.size),
        .rejected = message->rejected,
    };
    const struct budgets budgets = BUDGETS_OF(*request->config);
    struct error refusal = {0};
    int64_t connection_id = 0;
    enum status status = find_connection(scope, message, &connection_id, error);

    if (status == STATUS_OK)
        status = store_mongodb_target(request->store, scope, connection_id, request->arena, &batch.target, error);
    if (status != STATUS_OK || message->reports.count == 0)
        return status;
    if (budget_check(request->store, batch.target.writer, &budgets, request->arena, &refusal) != STATUS_OK) {
        /* Nothing more is taken now. A batch that is stored already gets its answer. */
        status = store_mongodb_replay(request->store, &batch, request->arena, out_outcome, error);
        if (status != STATUS_OK || out_outcome->is_replay)
            return status;
        if (error != NULL)
            *error = refusal;
        return refusal.status;
    }
    status = store_mongodb_ingest(request->store, &batch, request->arena, out_outcome, error);
    if (status == STATUS_OK)
        budget_charge(request->store, batch.target.writer, &budgets, &out_outcome->spent, request->arena);
    return status;
}

enum status metrics_ingest(const struct request *request, const struct scope *scope, struct response *response,
                           struct error *error)
{
    int64_t now_us = clock_now_us();
    const struct metrics_times times = {
        .now_us = now_us, .kept_from_us = retention_from_us(request->config->retention_samples_days, now_us)};
    struct metrics_message message;
    struct ingest_outcome outcome = {0};
    struct ingest_answer answer;
    enum status status = metrics_message_read(request->body, &times, request->arena, &message, error);

    if (status == STATUS_OK)
        status = store_message(request, scope, &message, &outcome, error);
    if (status != STATUS_OK)
        return status;
    answer = (struct ingest_answer){
        .zoneless = message.zoneless,
        .accepted = outcome.accepted,
        .duplicates = outcome.duplicates,
        .rejected = message.rejected,
        .errors = message.errors,
        .warnings = message.warnings,
        .refusal = message.reports.count == 0 ? "Every report of the batch was refused." : NULL,
    };
    ingest_answer_write(request, &answer, response);
    return STATUS_OK;
}
