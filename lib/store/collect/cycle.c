/* What was known before a cycle and what it found; see cycle.h. */
#include "store/collect/cycle.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "store/collect/collect_internal.h"
#include "store/ingest/fingerprints.h"
#include "store/ingest/ingest.h"
#include "store/scope/statement.h"

enum { ATTEMPTS_MAX = 4, ROWS_AT_ONCE = 5000, GROWTH_PARTS_S = 300, GROWTH_MIN_S = 10 };

void lease_bind_connection(struct db_params *params, const struct lease *lease)
{
    params_int64(params, lease->organization_id);
    params_int64(params, lease->connection_id);
}

static struct statement_rules lease_rules(const struct lease *lease)
{
    return (struct statement_rules){
        .engine = lease->engine, .dialect = sql_dialect_of(lease->engine), .keeps_literals = lease->keeps_literals};
}

/* ---- before ---- */

/* A baseline that an older Potto wrote may have fewer counters. */
static struct sums read_totals(const PGresult *result, int row, struct arena *arena)
{
    struct sums totals = {.total_ms = row_double(result, row, COUNTER_BASELINE_LIST_TOTAL_MS),
                          .max_ms = row_is_null(result, row, COUNTER_BASELINE_LIST_MAX_MS)
                                        ? COUNTER_MAX_UNREAD_MS
                                        : row_double(result, row, COUNTER_BASELINE_LIST_MAX_MS)};
    size_t count;
    const int64_t *counters = row_int64_array(result, row, COUNTER_BASELINE_LIST_COUNTERS, arena, &count);

    for (size_t i = 0; i < SUMS_COUNTERS; i++)
        sums_set_counter(&totals, (int)i, i < count ? counters[i] : COUNTER_UNREAD);
    return totals;
}

static const struct measures *read_measures(const PGresult *result, int row, struct arena *arena)
{
    struct measures *measures;
    size_t count;
    const int64_t *entries = row_int64_array(result, row, COUNTER_BASELINE_LIST_MEASURES, arena, &count);

    if (count == 0)
        return NULL;
    measures = arena_alloc(arena, sizeof *measures);
    *measures = measures_unknown();
    for (size_t i = 0; i < count; i++)
        measures_unpack(measures, entries[i] >> MEASURE_AMOUNT_BITS, entries[i] & MEASURE_AMOUNT_MAX);
    return measures;
}

enum status store_baseline_list(struct store *store, const struct lease *lease, struct arena *arena,
                                struct baseline_list *out_list, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct counter_baseline *items;
    int64_t stored_at_us = INT64_MIN;
    PGresult *result;
    enum status status;

    lease_bind_connection(&params, lease);
    status = store_run(store, SQL(counter_baseline_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    items = arena_alloc_array(arena, (size_t)PQntuples(result), sizeof *items);
    for (int row = 0; row < PQntuples(result); row++) {
        int64_t at_us = row_time(result, row, COUNTER_BASELINE_LIST_SNAPSHOT_AT);

        items[row] = (struct counter_baseline){
            .key = row_text(result, row, COUNTER_BASELINE_LIST_COUNTER_KEY),
            .hash = row_hash(result, row, COUNTER_BASELINE_LIST_SQL_HASH),
            .totals = read_totals(result, row, arena),
            .measures = read_measures(result, row, arena),
        };
        stored_at_us = at_us > stored_at_us ? at_us : stored_at_us;
    }
    *out_list = (struct baseline_list){items, (size_t)PQntuples(result), stored_at_us};
    return STATUS_OK;
}

enum status store_plan_recent_list(struct store *store, const struct lease *lease, int pause_s, struct arena *arena,
                                   struct sql_hash **out_hashes, size_t *out_count, struct error *error)
{
    struct db_params params = {.arena = arena};
    struct sql_hash *hashes;
    PGresult *result;
    enum status status;

    lease_bind_connection(&params, lease);
    params_int32(&params, pause_s);
    status = store_run(store, SQL(plan_recent_list), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    hashes = arena_alloc_array(arena, (size_t)PQntuples(result), sizeof *hashes);
    for (int row = 0; row < PQntuples(result); row++)
        hashes[row] = row_hash(result, row, PLAN_RECENT_LIST_SQL_HASH);
    *out_hashes = hashes;
    *out_count = (size_t)PQntuples(result);
    return STATUS_OK;
}

/* ---- after ---- */

static enum status finish_lease(struct store *store, const struct lease *lease, const struct cycle_write *write,
                                const struct overhead_stage *stage, struct arena *arena, struct error *error)
{
    struct db_params params = {.arena = arena};

    lease_bind(&params, lease);
    params_bool(&params, write->has_more);
    params_string(&params, write->state);
    params_double(&params, write->duration_ms);
    params_int64(&params, (int64_t)write->facts.growth.count);
    params_text(&params, write->problem);
    params_text(&params, write->remedy);
    params_text(&params, write->server_version);
    params_json(&params, write->cursor);
    params_bool(&params, write->end == CYCLE_END_KILLED);
    params_string(&params, plan_refusal_name(write->facts.plans.off));
    params_int32(&params, stage->interval_factor);
    params_int32(&params, OVERHEAD_STRETCH_MAX_S);
    return lease_finish(store, SQL(cycle_finish), &params, arena, error);
}

enum status lease_write_statements(struct store *store, const struct lease *lease, const struct statement_list *list,
                                   struct arena *arena, struct budget_spent *spent, struct error *error)
{
    struct ingest_statement *statements = arena_alloc_array(arena, list->count, sizeof *statements);
    enum sql_dialect dialect = lease_rules(lease).dialect;

    for (size_t i = 0; i < list->count; i++)
        statements[i] = (struct ingest_statement){.fingerprint = &list->items[i], .dialect = dialect};
    ingest_statements_sort(statements, list->count);
    return ingest_fingerprints_write(store, lease->organization_id, statements, list->count, arena, spent, error);
}

static int compare_growth(const void *left_growth, const void *right_growth)
{
    const struct growth_fact *left = left_growth, *right = right_growth;
    int order = memcmp(&left->hash, &right->hash, sizeof left->hash);

    return order != 0 ? order : (left->at_us > right->at_us) - (left->at_us < right->at_us);
}

/* When the connection ran the statements. `growth` is sorted. */
static enum status write_sightings(struct store *store, const struct lease *lease, const struct growth_fact *growth,
                                   size_t growth_count, struct arena *arena, struct error *error)
{
    struct ingest_sightings seen = ingest_sightings_new(growth_count, arena);

    for (size_t i = 0; i < growth_count; i++) {
        if (seen.count == 0 || !sql_hash_equal(seen.hashes[seen.count - 1], growth[i].hash)) {
            seen.hashes[seen.count] = growth[i].hash;
            seen.first_us[seen.count++] = growth[i].at_us;
        }
        seen.last_us[seen.count - 1] = growth[i].at_us;
    }
    return ingest_sightings_write(store, lease->organization_id, lease->connection_id, &seen, arena, error);
}

/* Entries of many, one after the other. */
struct packed_measures {
    VECTOR(int64_t) entries;
    int64_t *first, *last; /* of each: where its entries begin and end, counted from 1; last < first: it has none */
    size_t count;
};

static struct packed_measures packed_new(size_t count, struct arena *arena)
{
    return (struct packed_measures){.first = arena_alloc_array(arena, count, sizeof(int64_t)),
                                    .last = arena_alloc_array(arena, count, sizeof(int64_t))};
}

static void packed_add(struct packed_measures *packed, const struct measures *measures, struct arena *arena)
{
    int64_t entries[MEASURE_END];
    size_t count = measures_pack(measures, entries);

    packed->first[packed->count] = (int64_t)packed->entries.count + 1;
    for (size_t i = 0; i < count; i++)
        *vector_push(&packed->entries, arena) = entries[i];
    packed->last[packed->count++] = (int64_t)packed->entries.count;
}

/* Three parameters. */
static void params_measures(struct db_params *params, const struct packed_measures *packed)
{
    params_int64_array(params, packed->entries.items, packed->entries.count);
    params_int64_array(params, packed->first, packed->count);
    params_int64_array(params, packed->last, packed->count);
}

static enum status write_growth(struct store *store, const struct lease *lease, const struct growth_facts *growth,
                                struct arena *arena, struct error *error)
{
    size_t count = growth->count;
    struct db_params params = {.arena = arena};
    struct growth_fact *sorted = arena_alloc_array(arena, count, sizeof *sorted);
    struct sql_hash *hashes = arena_alloc_array(arena, count, sizeof *hashes);
    int64_t *at_us = arena_alloc_array(arena, count, sizeof *at_us);
    int64_t *slow_calls = arena_alloc_array(arena, count, sizeof *slow_calls);
    double *totals_ms = arena_alloc_array(arena, count, sizeof *totals_ms);
    double *max_ms = arena_alloc_array(arena, count, sizeof *max_ms);
    struct packed_measures measures = packed_new(count, arena);
    enum status status;

    if (count == 0)
        return STATUS_OK;
    memcpy(sorted, growth->items, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_growth);
    for (size_t i = 0; i < count; i++) {
        hashes[i] = sorted[i].hash;
        at_us[i] = sorted[i].at_us;
        slow_calls[i] = sorted[i].sums.slow_calls;
        totals_ms[i] = sorted[i].sums.total_ms;
        max_ms[i] = sorted[i].sums.max_ms;
        packed_add(&measures, sorted[i].measures, arena);
    }
    lease_bind_connection(&params, lease);
    params_hash_array(&params, hashes, count);
    params_time_array(&params, at_us, count);
    params_int64_array(&params, slow_calls, count);
    params_double_array(&params, totals_ms, count);
    params_double_array(&params, max_ms, count);
    for (int counter = 0; counter < SUMS_COUNTERS; counter++) {
        int64_t *counts = arena_alloc_array(arena, count, sizeof *counts);

        for (size_t i = 0; i < count; i++)
            counts[i] = sums_counter(&sorted[i].sums, counter);
        params_int64_array(&params, counts, count);
    }
    params_measures(&params, &measures);
    status = store_run(store, SQL(cycle_deltas), &params, arena, NULL, error);
    return status == STATUS_OK ? write_sightings(store, lease, sorted, count, arena, error) : status;
}

static enum status write_some_baselines(struct store *store, const struct lease *lease,
                                        const struct counter_baseline *baselines, size_t count, struct arena *arena,
                                        struct error *error)
{
    struct db_params params = {.arena = arena};
    struct text *keys = arena_alloc_array(arena, count, sizeof *keys);
    struct sql_hash *hashes = arena_alloc_array(arena, count, sizeof *hashes);
    double *totals_ms = arena_alloc_array(arena, count, sizeof *totals_ms);
    double *max_ms = arena_alloc_array(arena, count, sizeof *max_ms);
    int64_t *counters = arena_alloc_array(arena, count * SUMS_COUNTERS, sizeof *counters); /* baseline by baseline */
    struct packed_measures measures = packed_new(count, arena);

    for (size_t i = 0; i < count; i++) {
        keys[i] = baselines[i].key;
        hashes[i] = baselines[i].hash;
        totals_ms[i] = baselines[i].totals.total_ms;
        max_ms[i] = baselines[i].totals.max_ms;
        packed_add(&measures, baselines[i].measures, arena);
        for (int counter = 0; counter < SUMS_COUNTERS; counter++)
            counters[i * SUMS_COUNTERS + (size_t)counter] = sums_counter(&baselines[i].totals, counter);
    }
    lease_bind_connection(&params, lease);
    params_text_array(&params, keys, count);
    params_hash_array(&params, hashes, count);
    params_double_array(&params, totals_ms, count);
    params_int64_array(&params, counters, count * SUMS_COUNTERS);
    params_int32(&params, SUMS_COUNTERS);
    params_double_array(&params, max_ms, count);
    params_measures(&params, &measures);
    return store_run(store, SQL(cycle_baselines), &params, arena, NULL, error);
}

static enum status write_baselines(struct store *store, const struct lease *lease,
                                   const struct baseline_changes *changes, struct arena *arena, struct error *error)
{
    const struct baseline_list *written = &changes->written;
    struct db_params params = {.arena = arena};
    enum status status = STATUS_OK;

    for (size_t from = 0; status == STATUS_OK && from < written->count; from += ROWS_AT_ONCE) {
        size_t left = written->count - from;

        status = write_some_baselines(store, lease, written->items + from, left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE,
                                      arena, error);
    }
    if (status != STATUS_OK || changes->gone_count == 0)
        return status;
    lease_bind_connection(&params, lease);
    params_text_array(&params, changes->gone_keys, changes->gone_count);
    return store_run(store, SQL(cycle_baselines_gone), &params, arena, NULL, error);
}

static enum status write_plans(struct store *store, const struct lease *lease, const struct plan_facts *plans,
                               struct arena *arena, struct error *error)
{
    size_t count = plans->count;
    struct db_params params = {.arena = arena};
    struct sql_hash *hashes = arena_alloc_array(arena, count, sizeof *hashes);
    struct sql_hash *plan_hashes = arena_alloc_array(arena, count, sizeof *plan_hashes);
    struct text *texts = arena_alloc_array(arena, count, sizeof *texts);
    struct text *provenances = arena_alloc_array(arena, count, sizeof *provenances);
    double *costs = arena_alloc_array(arena, count, sizeof *costs);

    if (count == 0)
        return STATUS_OK;
    for (size_t i = 0; i < count; i++) {
        hashes[i] = plans->items[i].hash;
        plan_hashes[i] = plans->items[i].plan_hash;
        texts[i] = plans->items[i].json;
        provenances[i] = text_of(plan_provenance_name(plans->items[i].provenance));
        costs[i] = plans->items[i].total_cost;
    }
    lease_bind_connection(&params, lease);
    params_hash_array(&params, hashes, count);
    params_hash_array(&params, plan_hashes, count);
    params_text_array(&params, texts, count);
    params_text_array(&params, provenances, count);
    params_double_array(&params, costs, count);
    return store_run(store, SQL(cycle_plans), &params, arena, NULL, error);
}

static enum status write_refusals(struct store *store, const struct lease *lease, const struct plan_facts *plans,
                                  struct arena *arena, struct error *error)
{
    size_t count = plans->refusal_count;
    struct db_params params = {.arena = arena};
    struct sql_hash *hashes = arena_alloc_array(arena, count, sizeof *hashes);
    struct text *reasons = arena_alloc_array(arena, count, sizeof *reasons);
    struct text *codes = arena_alloc_array(arena, count, sizeof *codes);

    if (count == 0)
        return STATUS_OK;
    for (size_t i = 0; i < count; i++) {
        hashes[i] = plans->refusals[i].hash;
        reasons[i] = text_of(plan_refusal_name(plans->refusals[i].refusal));
        codes[i] = text_of(plans->refusals[i].code);
    }
    lease_bind_connection(&params, lease);
    params_hash_array(&params, hashes, count);
    params_text_array(&params, reasons, count);
    params_text_array(&params, codes, count);
    return store_run(store, SQL(cycle_refusals), &params, arena, NULL, error);
}

static enum status is_told_by_log(struct store *store, const struct lease *lease, struct arena *arena,
                                  bool *out_is_told, struct error *error)
{
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    lease_bind_connection(&params, lease);
    status = store_run(store, SQL(log_wins), &params, arena, &result, error);
    if (status == STATUS_OK)
        *out_is_told = row_bool(result, 0, LOG_WINS_IS_TOLD);
    return status;
}

/* Samples that were stored before do not count as found. Where a log file tells of all executions, those that were seen
 * otherwise would count twice. */
static enum status write_samples(struct store *store, const struct lease *lease, const struct sample_facts *samples,
                                 struct arena *arena, struct budget_spent *spent, struct error *error)
{
    struct sample_batch batch = {.target = {.organization_id = lease->organization_id,
                                            .connection_id = lease->connection_id,
                                            .rules = lease_rules(lease),
                                            .host = lease->host},
                                 .samples = *samples,
                                 .expects_duplicates = true};
    struct db_params params = {.arena = arena};
    struct ingest_outcome outcome;
    bool is_told = false;
    enum status status;

    if (samples->count == 0)
        return STATUS_OK;
    status = is_told_by_log(store, lease, arena, &is_told, error);
    if (status != STATUS_OK || is_told)
        return status;
    status = store_ingest_within(store, &batch, arena, &outcome, error);
    if (status == STATUS_OK)
        *spent = outcome.spent;
    if (status != STATUS_OK || outcome.accepted == 0)
        return status;
    lease_bind_connection(&params, lease);
    params_int64(&params, outcome.accepted);
    status = store_run(store, SQL(cycle_found), &params, arena, NULL, error);
    return status == STATUS_OK ? write_growth(store, lease, &outcome.uncounted, arena, error) : status;
}

/* A growth row is folded into one rollup for five minutes, so it counts as the part of a row that its time is of them.
 */
static void add_growth_and_plans(const struct lease *lease, const struct facts *facts, struct budget_spent *spent)
{
    double pause_s = lease->pause_s < GROWTH_MIN_S ? GROWTH_MIN_S : lease->pause_s;
    double rows = (double)facts->growth.count * pause_s / GROWTH_PARTS_S + (double)facts->plans.count +
                  (double)facts->plans.refusal_count;

    spent->rows += rows;
    spent->bytes += rows * BUDGET_ROW_BYTES;
    for (size_t i = 0; i < facts->plans.count; i++)
        spent->bytes += (double)facts->plans.items[i].json.size;
}

enum status lease_charge(struct store *store, const struct lease *lease, const struct budget_spent *spent,
                         struct arena *arena, struct error *error)
{
    static const char then[] = "Until there is room again, nothing is collected.";
    const struct budgets *budgets = &lease->budgets;
    struct db_params params = {.arena = arena};

    if (!budget_is_spent(spent))
        return STATUS_OK;
    lease_bind_connection(&params, lease);
    budget_bind(&params, spent, budgets);
    params_string(&params, arena_printf(arena, "%s %s", budget_exceeded(&budgets->connection, false, arena), then));
    params_string(&params, arena_printf(arena, "%s %s", budget_exceeded(&budgets->organization, true, arena), then));
    return store_run(store, SQL(cycle_spend), &params, arena, NULL, error);
}

/* Of a failed run its cost alone. */
static enum status write_coverage(struct store *store, const struct lease *lease, const struct cycle_write *write,
                                  struct arena *arena, struct error *error)
{
    const struct coverage_fact *fact = &write->facts.coverage;
    struct db_params params = {.arena = arena};

    if (fact->basis == COVERAGE_BASIS_UNSET && write->cost_us == 0)
        return STATUS_OK;
    lease_bind_connection(&params, lease);
    params_string(&params, coverage_basis_name(fact->basis));
    params_int64(&params, fact->covered_us);
    params_int64(&params, fact->first_looks);
    params_double(&params, fact->server_ms);
    params_double(&params, fact->attributed_ms);
    params_int64(&params, fact->server_calls);
    params_int64(&params, fact->attributed_calls);
    params_double_array(&params, fact->gaps_ms, COVERAGE_GAP_COUNT);
    params_int64(&params, write->cost_us);
    params_int64(&params, fact->evictions);
    params_int64(&params, write->plan_cost_us);
    return store_run(store, SQL(cycle_coverage), &params, arena, NULL, error);
}

static enum status write_facts(struct store *store, const struct lease *lease, const struct facts *facts,
                               struct arena *arena, struct error *error)
{
    struct budget_spent spent = {0};
    enum status status = write_samples(store, lease, &facts->samples, arena, &spent, error);

    if (status == STATUS_OK)
        status = lease_write_statements(store, lease, &facts->statements, arena, &spent, error);
    if (status == STATUS_OK)
        status = write_growth(store, lease, &facts->growth, arena, error);
    if (status == STATUS_OK)
        status = write_baselines(store, lease, &facts->baselines, arena, error);
    if (status == STATUS_OK)
        status = write_plans(store, lease, &facts->plans, arena, error);
    if (status == STATUS_OK)
        status = write_refusals(store, lease, &facts->plans, arena, error);
    add_growth_and_plans(lease, facts, &spent);
    return status == STATUS_OK ? lease_charge(store, lease, &spent, arena, error) : status;
}

static enum status write_all(struct store *store, const struct lease *lease, const struct cycle_write *write,
                             struct arena *arena, struct error *error)
{
    const struct overhead_cost cost = {.cycles_us = (double)(write->cost_us - write->plan_cost_us),
                                       .plans_us = (double)write->plan_cost_us};
    const struct overhead_stage *stage = overhead_stage_of(0);
    enum status status = store_begin(store, error);

    /* Before the lease is given back, since it says when the next run is due. */
    if (status == STATUS_OK)
        status = lease_charge_overhead(store, lease, &cost, arena, &stage, error);
    if (status == STATUS_OK)
        status = finish_lease(store, lease, write, stage, arena, error);
    if (status == STATUS_OK)
        status = write_facts(store, lease, &write->facts, arena, error);
    if (status == STATUS_OK && !lease->is_store_full)
        status = write_coverage(store, lease, write, arena, error);
    if (status == STATUS_OK)
        status = store_commit(store, error);
    return status;
}

/* The store is full: the state alone. The cursor and the baselines stay, so a later run finds what this one found. */
static struct cycle_write without_facts(const struct cycle_write *write)
{
    struct cycle_write state = *write;

    state.facts = (struct facts){0};
    state.cursor = (struct text){NULL, 0};
    state.has_more = false;
    if (strcmp(state.state, "failed") == 0)
        return state;
    state.state = "warning";
    state.problem = TEXT("The store is full. Nothing of what this database does is stored until it has room again.");
    state.remedy = TEXT("An administrator can shorten how long data is kept, or raise POTTO_STORE_BYTES_MAX.");
    return state;
}

bool lease_may_try_again(struct store *store, int attempts)
{
    store_rollback(store);
    return attempts < ATTEMPTS_MAX && strncmp(store_sqlstate(store), "40", 2) == 0;
}

enum status store_cycle_write(struct store *store, const struct lease *lease, const struct cycle_write *write,
                              struct arena *arena, struct error *error)
{
    struct cycle_write state;

    if (lease->is_store_full) {
        state = without_facts(write);
        write = &state;
    }
    for (int attempts = 1;; attempts++) {
        enum status status = write_all(store, lease, write, arena, error);

        if (status == STATUS_OK || !lease_may_try_again(store, attempts))
            return status;
    }
}
