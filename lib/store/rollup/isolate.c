/* The search halves the connections until one fails alone, so one in a thousand is found with about twenty folds, most
 * of them small; see isolate.h. */
#include "store/rollup/isolate.h"

#include <string.h>

enum { RANGES_MAX = 64, REASON_BYTES_MAX = 300 }; /* as many ranges as halvings of any number of connections */

struct isolation {
    struct store *store;
    struct arena *arena; /* of the result */
    struct arena *scratch;
    struct rollup_pick pick; /* what is searched */
    bool is_stuck;
    int64_t folded;
    struct rollup_aside *faulty; /* those that fail alone */
    size_t faulty_count;
};

/* What is tried with some of the connections. */
typedef enum status isolation_try(struct isolation *isolation, struct rollup_piece *pieces, size_t count,
                                  struct error *error);

bool rollup_is_fault(enum status status)
{
    return status == STATUS_INVALID || status == STATUS_INTERNAL || status == STATUS_CONFLICT;
}

static enum status try_fold(struct isolation *isolation, struct rollup_piece *pieces, size_t count, struct error *error)
{
    const struct rollup_pick pick = {pieces, count, isolation->pick.from_us, isolation->pick.to_us};
    int64_t deltas = 0;
    enum status status = rollup_fold_once(isolation->store, &pick, isolation->scratch, &deltas, error);

    isolation->folded += deltas;
    arena_reset(isolation->scratch);
    return status;
}

static enum status try_reports(struct isolation *isolation, struct rollup_piece *pieces, size_t count,
                               struct error *error)
{
    int64_t deltas = 0;
    enum status status = rollup_fold_reports(isolation->store, pieces, count, isolation->scratch, &deltas, error);

    isolation->folded += deltas;
    arena_reset(isolation->scratch);
    return status;
}

static enum status try_segments(struct isolation *isolation, struct rollup_piece *pieces, size_t count,
                                struct error *error)
{
    enum status status = rollup_segments_try(isolation->store, pieces, count, isolation->scratch, error);

    arena_reset(isolation->scratch);
    return status;
}

/* Whether anything is wrong for which no connection's deltas are to blame: fold those of nobody. */
static enum status try_nobody(struct isolation *isolation, struct error *error)
{
    return try_fold(isolation, NULL, 0, error);
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
    } ranges[RANGES_MAX] = {{0, isolation->pick.count}};
    size_t depth = isolation->pick.count > 0 ? 1 : 0;

    isolation->faulty_count = 0;
    isolation->faulty = arena_alloc_array(isolation->arena, isolation->pick.count, sizeof *isolation->faulty);
    while (depth > 0) {
        size_t from = ranges[--depth].from, to = ranges[depth].to, middle = from + (to - from) / 2;
        struct error failure = {0};
        enum status status = try(isolation, isolation->pick.pieces + from, to - from, &failure);

        if (status == STATUS_OK)
            continue;
        if (!rollup_is_fault(status)) {
            if (error != NULL)
                *error = failure;
            return status;
        }
        if (to - from == 1) {
            isolation->faulty[isolation->faulty_count++] =
                (struct rollup_aside){.organization_id = isolation->pick.pieces[from].organization_id,
                                      .connection_id = isolation->pick.pieces[from].connection_id,
                                      .reason = reason_of(&failure, isolation->arena)};
            continue;
        }
        ranges[depth].from = middle;
        ranges[depth++].to = to;
        ranges[depth].from = from;
        ranges[depth++].to = middle;
    }
    return STATUS_OK;
}

/* Search all connections whose segments are made. */
static enum status list_connections(struct isolation *isolation, struct error *error)
{
    PGresult *result;
    enum status status =
        store_run(isolation->store, SQL(rollup_connections_list), NULL, isolation->arena, &result, error);

    if (status != STATUS_OK)
        return status;
    isolation->pick.count = (size_t)PQntuples(result);
    isolation->pick.pieces = arena_alloc_array(isolation->arena, isolation->pick.count, sizeof *isolation->pick.pieces);
    for (size_t i = 0; i < isolation->pick.count; i++)
        isolation->pick.pieces[i] = (struct rollup_piece){
            .organization_id = row_int64(result, (int)i, ROLLUP_CONNECTIONS_LIST_ORGANIZATION_ID),
            .connection_id = row_int64(result, (int)i, ROLLUP_CONNECTIONS_LIST_DATABASE_CONNECTION_ID)};
    return STATUS_OK;
}

/* If all connections fail, something else may be to blame. */
static bool is_blame_certain(const struct isolation *isolation)
{
    return isolation->faulty_count < isolation->pick.count || (isolation->is_stuck && isolation->pick.count == 1);
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

/* It is not known whom to blame for `failure`. */
static enum status blame_nobody(const struct error *failure, struct error *error)
{
    if (error != NULL)
        *error = *failure;
    return failure->status;
}

/* What is rolled up already cannot be made into segments. `failure` is what happened. */
static enum status isolate_segments(struct isolation *isolation, const struct error *failure,
                                    struct rollup_folded *out_folded, struct error *error)
{
    struct error ignored = {0};
    enum status status = list_connections(isolation, error);

    if (status == STATUS_OK && try_segments(isolation, NULL, 0, &ignored) == STATUS_OK)
        status = search(isolation, try_segments, error);
    if (status != STATUS_OK)
        return status;
    if (isolation->faulty_count > 0 && is_blame_certain(isolation))
        return set_faulty_aside(isolation, true, out_folded, error);
    return blame_nobody(failure, error);
}

static enum status isolate(struct isolation *isolation, const struct error *failure, struct rollup_folded *out_folded,
                           struct error *error)
{
    struct error general = {0};
    enum status status = try_nobody(isolation, &general);

    if (rollup_is_fault(status))
        return isolate_segments(isolation, &general, out_folded, error);
    if (status == STATUS_OK)
        status = search(isolation, try_fold, error);
    if (status == STATUS_OK && isolation->faulty_count > 0 && !is_blame_certain(isolation))
        return blame_nobody(failure, error);
    /* Time has passed: segments of what was rolled up before may have become due, and those may be what fails. */
    if (status == STATUS_OK && isolation->faulty_count > 0)
        status = try_nobody(isolation, error);
    return status == STATUS_OK ? set_faulty_aside(isolation, false, out_folded, error) : status;
}

enum status rollup_isolate(struct store *store, const struct rollup_pick *pick, bool is_stuck,
                           const struct error *failure, struct arena *arena, struct rollup_folded *out_folded,
                           struct error *error)
{
    struct isolation isolation = {
        .store = store, .arena = arena, .scratch = arena_new(0), .pick = *pick, .is_stuck = is_stuck};
    enum status status = isolate(&isolation, failure, out_folded, error);

    out_folded->deltas += isolation.folded;
    arena_destroy(isolation.scratch);
    return status;
}

enum status rollup_isolate_reports(struct store *store, const struct rollup_pick *pick, bool is_stuck,
                                   const struct error *failure, struct arena *arena, struct rollup_folded *out_folded,
                                   struct error *error)
{
    struct isolation isolation = {
        .store = store, .arena = arena, .scratch = arena_new(0), .pick = *pick, .is_stuck = is_stuck};
    enum status status = search(&isolation, try_reports, error);

    if (status == STATUS_OK && isolation.faulty_count > 0 && !is_blame_certain(&isolation))
        status = blame_nobody(failure, error);
    else if (status == STATUS_OK)
        status = set_faulty_aside(&isolation, false, out_folded, error);
    out_folded->deltas += isolation.folded;
    arena_destroy(isolation.scratch);
    return status;
}
