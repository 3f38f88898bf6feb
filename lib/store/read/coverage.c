/* Reading coverage; see coverage.h. */
#include "store/read/coverage.h"

#include "base/clock.h"
#include "store/scope/statement.h"

enum { BUCKET_S = 300 };

_Static_assert(COVERAGE_STEPS_RESET_MS - COVERAGE_STEPS_RUNNING_MS == COVERAGE_GAP_COUNT - 1,
               "the causes, in their order");

static int32_t step_of(const struct period *period)
{
    int64_t buckets = (period->to_us - period->from_us) / CLOCK_SECOND_US / BUCKET_S;
    int64_t together = (buckets + COVERAGE_STEPS_MAX - 1) / COVERAGE_STEPS_MAX;

    return (int32_t)(BUCKET_S * (together < 1 ? 1 : together));
}

static void read_step(const PGresult *result, int row, struct coverage_step *out_step)
{
    struct coverage_step step = {.at_us = row_time(result, row, COVERAGE_STEPS_STEP_AT),
                                 .fact = {.basis = coverage_basis_of(row_text(result, row, COVERAGE_STEPS_BASIS)),
                                          .covered_us = row_int64(result, row, COVERAGE_STEPS_COVERED_US),
                                          .first_looks = row_int64(result, row, COVERAGE_STEPS_FIRST_LOOKS),
                                          .server_ms = row_double(result, row, COVERAGE_STEPS_SERVER_MS),
                                          .attributed_ms = row_double(result, row, COVERAGE_STEPS_ATTRIBUTED_MS),
                                          .server_calls = row_int64(result, row, COVERAGE_STEPS_SERVER_CALLS),
                                          .attributed_calls = row_int64(result, row, COVERAGE_STEPS_ATTRIBUTED_CALLS),
                                          .evictions = row_int64(result, row, COVERAGE_STEPS_EVICTIONS)},
                                 .look_count = row_int64(result, row, COVERAGE_STEPS_LOOKS),
                                 .look_cost_us = row_int64(result, row, COVERAGE_STEPS_LOOK_COST_US),
                                 .session_cost_us = row_int64(result, row, COVERAGE_STEPS_SESSION_COST_US),
                                 .looked_s = row_int64(result, row, COVERAGE_STEPS_LOOKED_S)};

    for (int gap = 0; gap < COVERAGE_GAP_COUNT; gap++)
        step.fact.gaps_ms[gap] = row_double(result, row, COVERAGE_STEPS_RUNNING_MS + gap);
    *out_step = step;
}

static void add(struct coverage_step *total, const struct coverage_step *step)
{
    if (step->fact.basis != COVERAGE_BASIS_UNKNOWN)
        total->fact.basis = step->fact.basis;
    total->fact.covered_us += step->fact.covered_us;
    total->fact.first_looks += step->fact.first_looks;
    total->fact.server_ms += step->fact.server_ms;
    total->fact.attributed_ms += step->fact.attributed_ms;
    total->fact.server_calls += step->fact.server_calls;
    total->fact.attributed_calls += step->fact.attributed_calls;
    total->fact.evictions += step->fact.evictions;
    for (int gap = 0; gap < COVERAGE_GAP_COUNT; gap++)
        total->fact.gaps_ms[gap] += step->fact.gaps_ms[gap];
    total->look_count += step->look_count;
    total->look_cost_us += step->look_cost_us;
    total->session_cost_us += step->session_cost_us;
    total->looked_s += step->looked_s;
}

enum status store_coverage_report(struct store *store, const struct scope *scope, const struct period *period,
                                  struct arena *arena, struct coverage_report *out_report, struct error *error)
{
    struct coverage_report report = {.step_s = step_of(period), .total = {.fact = {.basis = COVERAGE_BASIS_UNKNOWN}}};
    struct db_params params = {.arena = arena};
    PGresult *result;
    enum status status;

    params_time(&params, period->from_us);
    params_time(&params, period->to_us);
    params_int32(&params, report.step_s);
    status = store_read(store, scope, SQL(coverage_steps), &params, arena, &result, error);
    if (status != STATUS_OK)
        return status;
    report.steps = arena_alloc_array(arena, (size_t)PQntuples(result), sizeof *report.steps);
    for (; report.step_count < (size_t)PQntuples(result); report.step_count++) {
        read_step(result, (int)report.step_count, &report.steps[report.step_count]);
        add(&report.total, &report.steps[report.step_count]);
    }
    *out_report = report;
    return STATUS_OK;
}

double store_coverage_cost_share(const struct coverage_step *step)
{
    double cost_us = (double)(step->look_cost_us + step->session_cost_us);

    return step->looked_s <= 0 ? -1 : cost_us / ((double)step->looked_s * CLOCK_SECOND_US);
}
