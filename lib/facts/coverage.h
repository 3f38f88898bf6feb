/* How much of the time that a server's statements took is attributed to statements, and why the rest is not. Pure. */
#ifndef POTTO_FACTS_COVERAGE_H
#define POTTO_FACTS_COVERAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* What the whole is. Names are those of connection_coverage.basis. */
enum coverage_basis {
    COVERAGE_BASIS_UNSET,       /* nothing is said */
    COVERAGE_BASIS_UNKNOWN,     /* a first look, or the server does not tell */
    COVERAGE_BASIS_ACTIVE_TIME, /* the time in which sessions were at work, by the server's own clock */
    COVERAGE_BASIS_STATEMENTS,  /* the time that the server counts for statements: what it does not count is unknown */
    COVERAGE_BASIS_CALLS,       /* only how many statements there were */
    COVERAGE_BASIS_COUNT
};
const char *coverage_basis_name(enum coverage_basis basis); /* "unknown", "active_time", …; "unknown" for any other */
enum coverage_basis coverage_basis_of(struct text name);    /* COVERAGE_BASIS_UNKNOWN: none has that name */

/* Causes of time that no statement has: X(NAME, name). Columns of connection_coverage have their order. What is left
 * after them is unknown. */
#define COVERAGE_GAPS(X)                                                                                               \
    X(RUNNING, running)           /* of statements that have not ended; below 0 when more of them ended */             \
    X(OWN, own)                   /* of Potto's own statements */                                                      \
    X(EVICTED, evicted)           /* the server forgot the statement for lack of room; an estimate */                  \
    X(NO_RIGHT, no_right)         /* of other users, whose statements may not be read */                               \
    X(TEXT_MISSING, text_missing) /* the server cannot give its text; below 0 when more of it got one, late */         \
    X(BEYOND_BOUND, beyond_bound) /* new, and more text than one cycle reads; below 0 likewise */                      \
    X(NOT_COUNTED, not_counted)   /* the server's settings: it counts no statements */                                 \
    X(RESET, reset)               /* somebody reset the statistics */

#define COVERAGE_GAP_NAME(NAME, name) COVERAGE_##NAME,
enum coverage_gap { COVERAGE_GAPS(COVERAGE_GAP_NAME) COVERAGE_GAP_COUNT };
#undef COVERAGE_GAP_NAME
const char *coverage_gap_name(enum coverage_gap gap);
/* Whether it can be below 0: time that was such a gap before turned out to be of statements. */
bool coverage_gap_may_fall(enum coverage_gap gap);

/* Of the time since the last look, or of several looks added up. */
struct coverage_fact {
    enum coverage_basis basis;
    int64_t covered_us;  /* since the last look */
    int64_t first_looks; /* with nothing to compare to */
    double server_ms;    /* of all statements; 0 where `basis` does not tell */
    double attributed_ms;
    int64_t server_calls, attributed_calls; /* the same of executions; server_calls 0: not known */
    double gaps_ms[COVERAGE_GAP_COUNT];
    int64_t evictions; /* how often the server made room */
};

/* No server has more, in milliseconds or calls. */
#define COVERAGE_MAX 1e15
bool coverage_is_possible(const struct coverage_fact *fact);

double coverage_known_ms(const struct coverage_fact *fact); /* that statements and causes have */
/* What the server itself counts for statements: those that are kept, and those that are not for Potto's reasons. */
double coverage_counted_ms(const struct coverage_fact *fact);
/* Of that, how much Potto attributes: from 0 to 1; below 0: unknown. */
double coverage_counted_share(const struct coverage_fact *fact);
/* Time that neither statements nor causes have; 0 or more. */
double coverage_unknown_ms(const struct coverage_fact *fact);
/* From 0 to 1; below 0: unknown. By calls where that is all that is known. */
double coverage_share(const struct coverage_fact *fact);

#endif
