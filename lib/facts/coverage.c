/* See coverage.h. */
#include "facts/coverage.h"

#include <math.h>

static const char *const basis_names[COVERAGE_BASIS_COUNT] = {[COVERAGE_BASIS_UNSET] = "unknown",
                                                              [COVERAGE_BASIS_UNKNOWN] = "unknown",
                                                              [COVERAGE_BASIS_ACTIVE_TIME] = "active_time",
                                                              [COVERAGE_BASIS_STATEMENTS] = "statements",
                                                              [COVERAGE_BASIS_CALLS] = "calls"};

const char *coverage_basis_name(enum coverage_basis basis)
{
    return basis_names[basis < COVERAGE_BASIS_COUNT ? basis : COVERAGE_BASIS_UNKNOWN];
}

enum coverage_basis coverage_basis_of(struct text name)
{
    for (int basis = COVERAGE_BASIS_ACTIVE_TIME; basis < COVERAGE_BASIS_COUNT; basis++)
        if (text_equal(name, text_of(basis_names[basis])))
            return (enum coverage_basis)basis;
    return COVERAGE_BASIS_UNKNOWN;
}

const char *coverage_gap_name(enum coverage_gap gap)
{
#define GAP_NAME(NAME, name) #name,
    static const char *const names[COVERAGE_GAP_COUNT] = {COVERAGE_GAPS(GAP_NAME)};
#undef GAP_NAME

    return names[gap];
}

bool coverage_gap_may_fall(enum coverage_gap gap)
{
    return gap == COVERAGE_RUNNING || gap == COVERAGE_TEXT_MISSING || gap == COVERAGE_BEYOND_BOUND;
}

bool coverage_is_possible(const struct coverage_fact *fact)
{
    bool is_possible = fact->server_ms <= COVERAGE_MAX && fact->attributed_ms <= COVERAGE_MAX &&
                       (double)fact->server_calls <= COVERAGE_MAX && (double)fact->attributed_calls <= COVERAGE_MAX &&
                       (double)fact->evictions <= COVERAGE_MAX;

    for (int gap = 0; gap < COVERAGE_GAP_COUNT; gap++)
        is_possible = is_possible && fabs(fact->gaps_ms[gap]) <= COVERAGE_MAX;
    return is_possible;
}

double coverage_known_ms(const struct coverage_fact *fact)
{
    double ms = fact->attributed_ms;

    for (int gap = 0; gap < COVERAGE_GAP_COUNT; gap++)
        ms += fact->gaps_ms[gap];
    return ms;
}

double coverage_counted_ms(const struct coverage_fact *fact)
{
    static const enum coverage_gap counted[] = {COVERAGE_OWN, COVERAGE_NO_RIGHT, COVERAGE_TEXT_MISSING,
                                                COVERAGE_BEYOND_BOUND};
    double ms = fact->attributed_ms;

    for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++)
        ms += fact->gaps_ms[counted[i]];
    return fmax(ms, 0);
}

double coverage_counted_share(const struct coverage_fact *fact)
{
    double counted_ms = coverage_counted_ms(fact);

    if (fact->basis != COVERAGE_BASIS_ACTIVE_TIME && fact->basis != COVERAGE_BASIS_STATEMENTS)
        return -1;
    return counted_ms > 0 ? fmin(fact->attributed_ms / counted_ms, 1) : -1;
}

double coverage_unknown_ms(const struct coverage_fact *fact)
{
    return fmax(fact->server_ms - coverage_known_ms(fact), 0);
}

double coverage_share(const struct coverage_fact *fact)
{
    if (fact->basis == COVERAGE_BASIS_CALLS && fact->server_calls > 0)
        return fmin((double)fact->attributed_calls / (double)fact->server_calls, 1);
    if (fact->basis != COVERAGE_BASIS_ACTIVE_TIME && fact->basis != COVERAGE_BASIS_STATEMENTS)
        return -1;
    return fact->server_ms > 0 ? fmin(fact->attributed_ms / fact->server_ms, 1) : -1;
}
