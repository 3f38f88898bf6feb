/* Whose deltas are folded next. An organization's turn is bounded in deltas and, by what earlier turns took, in time;
 * see rollup.h. */
#include "store/rollup/isolate.h"

#include "store/scope/statement.h"

enum {
    CURRENT_S = 15 * 60,
    ROWS_MAX = 20000,
    ROWS_PAST_FIRST = 2000, /* what the past costs is not known yet; and fewer are seldom cheaper */
    ROWS_MIN = 100,
    SHARE_MIN = 1000, /* of an organization in a turn, so that few organizations share an expensive one */
};
#define TURN_US (3 * CLOCK_SECOND_US)

enum age { AGE_CURRENT, AGE_PAST, AGE_COUNT };

/* A connection that has deltas. */
struct waiting {
    int64_t organization_id, connection_id;
    int64_t deltas[AGE_COUNT]; /* counted to one more than a turn takes */
};
struct waiting_list {
    struct waiting *items; /* by organization and connection */
    size_t count;
    int64_t current_us; /* deltas of this time and later are current */
};

static enum status list_waiting(struct store *store, struct arena *arena, struct waiting_list *out_list,
                                struct error *error)
{
    struct db_params params = {.arena = arena};
    int64_t current_us = clock_now_us() - CURRENT_S * CLOCK_SECOND_US;
    struct waiting *items;
    PGresult *result;
    enum status status;

    params_time(&params, current_us);
    params_int32(&params, ROWS_MAX + 1);
    status = store_run(store, SQL(rollup_waiting_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    items = arena_alloc_array(arena, (size_t)PQntuples(result), sizeof *items);
    for (int row = 0; row < PQntuples(result); row++)
        items[row] = (struct waiting){
            .organization_id = row_int64(result, row, ROLLUP_WAITING_LIST_ORGANIZATION_ID),
            .connection_id = row_int64(result, row, ROLLUP_WAITING_LIST_DATABASE_CONNECTION_ID),
            .deltas = {row_int64(result, row, ROLLUP_WAITING_LIST_CURRENT_COUNT),
                       row_int64(result, row, ROLLUP_WAITING_LIST_PAST_COUNT)},
        };
    *out_list = (struct waiting_list){items, (size_t)PQntuples(result), current_us};
    return STATUS_OK;
}

static int rows_of(const struct rollup_turn *turn, enum age age)
{
    if (turn->rows_max > 0)
        return turn->rows_max;
    return age == AGE_CURRENT ? ROWS_MAX : ROWS_PAST_FIRST;
}

static size_t group_end(const struct waiting_list *list, size_t from)
{
    size_t to = from;

    while (to < list->count && list->items[to].organization_id == list->items[from].organization_id)
        to++;
    return to;
}

/* Add pieces of the organization whose connections are [from, to), up to `share`. Each turn begins with another of its
 * connections: multiples of the golden ratio reach all of them, however often others' turns lie between. Returns how
 * many deltas the pieces have. */
static int64_t add_pieces(struct rollup_pick *pick, const struct waiting_list *list, size_t from, size_t to,
                          enum age age, int64_t share, uint64_t turn_count)
{
    size_t count = to - from, first = (size_t)((turn_count * UINT64_C(0x9E3779B97F4A7C15)) >> 32) % count;
    int64_t total = 0;

    for (size_t i = 0; i < count && total < share; i++) {
        const struct waiting *waiting = &list->items[from + (first + i) % count];
        int64_t rows = waiting->deltas[age] < share - total ? waiting->deltas[age] : share - total;

        if (rows == 0)
            continue;
        pick->pieces[pick->count++] =
            (struct rollup_piece){waiting->organization_id, waiting->connection_id, .rows_max = rows};
        total += rows;
    }
    return total;
}

/* Of all that waits: how many deltas, and of how many organizations. */
static int64_t count_waiting(const struct waiting_list *list, enum age age, int64_t *out_organizations)
{
    int64_t total = 0;

    *out_organizations = 0;
    for (size_t from = 0, to; from < list->count; from = to) {
        int64_t deltas = 0;

        to = group_end(list, from);
        for (size_t i = from; i < to; i++)
            deltas += list->items[i].deltas[age];
        *out_organizations += deltas > 0;
        total += deltas;
    }
    return total;
}

/* The next turn's pieces. From the organization after the last one that had a turn, each organization gets its share
 * until the turn is full. *out_is_cut: more waits than these pieces. */
static struct rollup_pick pick_turn(struct rollup_turns *turns, enum age age, const struct waiting_list *list,
                                    struct arena *arena, bool *out_is_cut)
{
    struct rollup_turn *turn = age == AGE_CURRENT ? &turns->current : &turns->past;
    struct rollup_pick pick = {.pieces = arena_alloc_array(arena, list->count, sizeof *pick.pieces),
                               .from_us = age == AGE_CURRENT ? list->current_us : ROLLUP_FROM_US,
                               .to_us = age == AGE_CURRENT ? ROLLUP_TO_US : list->current_us};
    int64_t organizations, waiting = count_waiting(list, age, &organizations);
    int64_t rows = rows_of(turn, age), share, total = 0;
    size_t first = 0;

    *out_is_cut = false;
    if (organizations == 0)
        return pick;
    share = rows / organizations > SHARE_MIN ? rows / organizations : SHARE_MIN;
    while (first < list->count && list->items[first].organization_id <= turn->last_organization_id)
        first++;
    turns->count++;
    for (size_t seen = 0, from = first, to; seen < list->count && total < rows; seen += to - from, from = to) {
        int64_t added;

        from = from < list->count ? from : 0;
        to = group_end(list, from);
        added = add_pieces(&pick, list, from, to, age, share < rows - total ? share : rows - total, turns->count);
        total += added;
        if (added > 0)
            turn->last_organization_id = list->items[from].organization_id;
    }
    *out_is_cut = total < waiting;
    return pick;
}

/* What a turn may take next time, after one that took `took_us`. Returns false if it cannot be made smaller. */
static bool set_pace(struct rollup_turns *turns, enum age age, enum status status, int64_t took_us, bool was_cut)
{
    struct rollup_turn *turn = age == AGE_CURRENT ? &turns->current : &turns->past;
    int rows = rows_of(turn, age);

    if (status == STATUS_TIMEOUT)
        turn->rows_max = rows / 8 > ROWS_MIN ? rows / 8 : ROWS_MIN;
    else if (status == STATUS_OK && took_us > TURN_US && rows > ROWS_PAST_FIRST)
        turn->rows_max = rows / 2 > ROWS_PAST_FIRST ? rows / 2 : ROWS_PAST_FIRST;
    else if (status == STATUS_OK && took_us < TURN_US / 2 && was_cut)
        turn->rows_max = rows * 2 < ROWS_MAX ? rows * 2 : ROWS_MAX;
    return rows > ROWS_MIN;
}

static enum status take_turn(struct store *store, struct rollup_turns *turns, enum age age,
                             const struct waiting_list *list, bool is_stuck, struct arena *arena,
                             struct rollup_folded *folded, struct error *error)
{
    bool is_cut;
    struct rollup_pick pick = pick_turn(turns, age, list, arena, &is_cut);
    struct error failure = {0};
    int64_t deltas = 0, started_us = clock_monotonic_us();
    enum status status;

    /* The current turn comes in any case: segments become due as time passes. */
    if (pick.count == 0 && age == AGE_PAST)
        return STATUS_OK;
    status = rollup_fold_once(store, &pick, arena, &deltas, &failure);
    if (rollup_is_fault(status))
        return rollup_isolate(store, &pick, is_stuck, &failure, arena, folded, error);
    if (set_pace(turns, age, status, clock_monotonic_us() - started_us, is_cut) && status == STATUS_TIMEOUT) {
        folded->has_more = true;
        return STATUS_OK;
    }
    folded->deltas += deltas;
    folded->has_more = folded->has_more || (is_cut && deltas > 0);
    if (status != STATUS_OK && error != NULL)
        *error = failure;
    return status;
}

enum status store_rollup_fold(struct store *store, struct rollup_turns *turns, bool is_stuck, struct arena *arena,
                              struct rollup_folded *out_folded, struct error *error)
{
    struct waiting_list list;
    enum status status = list_waiting(store, arena, &list, error);

    *out_folded = (struct rollup_folded){.deltas = 0};
    for (enum age age = AGE_CURRENT; status == STATUS_OK && age < AGE_COUNT; age++)
        status = take_turn(store, turns, age, &list, is_stuck, arena, out_folded, error);
    return status;
}
