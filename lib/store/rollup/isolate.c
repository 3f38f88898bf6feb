/* The fold of all connections at once, and the search for those that make it fail; see rollup.h. The search halves the
 * connections until one fails alone, so one in a thousand is found with about twenty folds, most of them small. */
#include <string.h>

#include "store/rollup/fold.h"
#include "store/scope/statement.h"

enum { RANGES_MAX = 64, REASON_BYTES_MAX = 300 }; /* as many ranges as halvings of any number of connections */

struct isolation {
    struct store *store;
    struct arena *arena; /* of the result */
    struct arena *scratch;
    int max;
    bool is_stuck;
    int64_t folded;
    struct rollup_aside *connections;
    int64_t *ids; /* of the connections */
    size_t count;
    struct rollup_aside *faulty; /* those that fail alone */
    size_t faulty_count;
};

/* What is tried with some of the connections. */
typedef enum status isolation_try(struct isolation *isolation, const int64_t *ids, size_t count, struct error *error);

/* The numbers' fault or a program's, and not that the store is away, busy or slow. */
static bool is_fault(enum status status)
{
    return status == STATUS_INVALID || status == STATUS_INTERNAL || status == STATUS_CONFLICT;
}

static enum status try_fold(struct isolation *isolation, const int64_t *ids, size_t count, struct error *error)
{
    enum status status = STATUS_OK;
    int64_t deltas = isolation->max;

    while (status == STATUS_OK && deltas == isolation->max) {
        status = rollup_fold_once(isolation->store, isolation->max, ids, count, isolation->scratch, &deltas, error);
        if (status == STATUS_OK)
            isolation->folded += deltas;
        arena_reset(isolation->scratch);
    }
    return status;
}

static enum status try_segments(struct isolation *isolation, const int64_t *ids, size_t count, struct error *error)
{
    enum status status = rollup_segments_try(isolation->store, ids, count, isolation->scratch, error);

    arena_reset(isolation->scratch);
    return status;
}

/* Whether anything is wrong for which no connection's deltas are to blame: fold those of nobody. */
static enum status try_nobody(struct isolation *isolation, struct error *error)
{
    static const int64_t nobody = 0;

    return try_fold(isolation, &nobody, 1, error);
}

/* The first line of what PostgreSQL said. */
static struct text reason_of(const struct error *error, struct arena *arena)
{
    const char *said = error->detail[0] != '\0' ? error->detail : error->message;
    struct text line = text_cut_utf8((struct text){said, strcspn(said, "\n")}, REASON_BYTES_MAX);

    return text_to_utf8((struct text){arena_string(arena, line.data, line.size), line.size}, arena);
}

static enum status search(struct isolation *isolation, isolation_try *try, struct error *error)
{
    struct {
        size_t from, to;
    } ranges[RANGES_MAX] = {{0, isolation->count}};
    size_t depth = isolation->count > 0 ? 1 : 0;

    isolation->faulty_count = 0;
    isolation->faulty = arena_alloc_array(isolation->arena, isolation->count, sizeof *isolation->faulty);
    while (depth > 0) {
        size_t from = ranges[--depth].from, to = ranges[depth].to, middle = from + (to - from) / 2;
        struct error failure = {0};
        enum status status = try(isolation, isolation->ids + from, to - from, &failure);

        if (status == STATUS_OK)
            continue;
        if (!is_fault(status)) {
            if (error != NULL)
                *error = failure;
            return status;
        }
        if (to - from == 1) {
            struct rollup_aside *found = &isolation->faulty[isolation->faulty_count++];

            *found = isolation->connections[from];
            found->reason = reason_of(&failure, isolation->arena);
            continue;
        }
        ranges[depth].from = middle;
        ranges[depth++].to = to;
        ranges[depth].from = from;
        ranges[depth++].to = middle;
    }
    return STATUS_OK;
}

static enum status list_connections(struct isolation *isolation, const struct db_sql *sql, struct error *error)
{
    PGresult *result;
    enum status status = store_run(isolation->store, sql, NULL, isolation->arena, &result, error);

    if (status != STATUS_OK)
        return status;
    isolation->count = (size_t)PQntuples(result);
    isolation->connections = arena_alloc_array(isolation->arena, isolation->count, sizeof *isolation->connections);
    isolation->ids = arena_alloc_array(isolation->arena, isolation->count, sizeof *isolation->ids);
    for (size_t i = 0; i < isolation->count; i++) {
        isolation->ids[i] = row_int64(result, (int)i, ROLLUP_WAITING_LIST_DATABASE_CONNECTION_ID);
        isolation->connections[i] = (struct rollup_aside){
            .organization_id = row_int64(result, (int)i, ROLLUP_WAITING_LIST_ORGANIZATION_ID),
            .connection_id = isolation->ids[i],
        };
    }
    return STATUS_OK;
}

/* If all connections fail, something else may be to blame. */
static bool is_blame_certain(const struct isolation *isolation)
{
    return isolation->faulty_count < isolation->count || (isolation->is_stuck && isolation->count == 1);
}

static enum status set_faulty_aside(struct isolation *isolation, bool holds_segments, struct rollup_folded *out_folded,
                                    struct error *error)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < isolation->faulty_count && status == STATUS_OK; i++) {
        isolation->faulty[i].holds_segments = holds_segments;
        status = rollup_set_aside(isolation->store, &isolation->faulty[i], isolation->arena, error);
    }
    if (status == STATUS_OK && isolation->faulty_count > 0) {
        out_folded->aside = isolation->faulty;
        out_folded->aside_count = isolation->faulty_count;
    }
    return status;
}

/* What is rolled up already cannot be made into segments. `failure` is what happened. */
static enum status isolate_segments(struct isolation *isolation, const struct error *failure,
                                    struct rollup_folded *out_folded, struct error *error)
{
    static const int64_t nobody = 0;
    struct error ignored = {0};
    enum status status = list_connections(isolation, SQL(rollup_connections_list), error);

    if (status == STATUS_OK && try_segments(isolation, &nobody, 1, &ignored) == STATUS_OK)
        status = search(isolation, try_segments, error);
    if (status != STATUS_OK)
        return status;
    if (isolation->faulty_count > 0 && is_blame_certain(isolation))
        return set_faulty_aside(isolation, true, out_folded, error);
    if (error != NULL)
        *error = *failure;
    return failure->status;
}

static enum status isolate(struct isolation *isolation, const struct error *failure, struct rollup_folded *out_folded,
                           struct error *error)
{
    struct error general = {0};
    enum status status = try_nobody(isolation, &general);

    if (is_fault(status))
        return isolate_segments(isolation, &general, out_folded, error);
    if (status == STATUS_OK)
        status = list_connections(isolation, SQL(rollup_waiting_list), error);
    if (status == STATUS_OK)
        status = search(isolation, try_fold, error);
    if (status == STATUS_OK && isolation->faulty_count > 0 && !is_blame_certain(isolation)) {
        if (error != NULL)
            *error = *failure;
        return failure->status;
    }
    /* Time has passed: segments of what was rolled up before may have become due, and those may be what fails. */
    if (status == STATUS_OK && isolation->faulty_count > 0)
        status = try_nobody(isolation, error);
    return status == STATUS_OK ? set_faulty_aside(isolation, false, out_folded, error) : status;
}

enum status store_rollup_fold(struct store *store, int max, bool is_stuck, struct arena *arena,
                              struct rollup_folded *out_folded, struct error *error)
{
    struct isolation isolation = {.store = store, .arena = arena, .max = max, .is_stuck = is_stuck};
    struct error failure = {0};
    enum status status;

    *out_folded = (struct rollup_folded){.deltas = 0};
    status = rollup_fold_once(store, max, NULL, 0, arena, &out_folded->deltas, &failure);
    if (status == STATUS_OK)
        return STATUS_OK;
    if (!is_fault(status)) {
        if (error != NULL)
            *error = failure;
        return status;
    }
    isolation.scratch = arena_new(0);
    status = isolate(&isolation, &failure, out_folded, error);
    out_folded->deltas = isolation.folded;
    arena_destroy(isolation.scratch);
    return status;
}
